"""Only pages with an interactive figure load plotly.js, and they load it from the site itself."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from escapetime import plots

ROOT = Path(__file__).resolve().parents[2]
CONF = """
extensions = ["myst_nb", "booksite"]
html_theme = "sphinx_book_theme"
html_theme_options = {}
html_context = {"default_mode": "auto"}
html_static_path = ["static"]
html_css_files = ["book.css"]
nb_execution_mode = "off"
"""


def figure() -> plots.Interactive:
    settings = {f"k = {k}": [{"x": [0.0, 1.0], "y": [0.0, float(k)]}] for k in (1, 2)}
    shape = {"xaxis_range": [0, 1], "yaxis_range": [0, 2]}
    return plots.slides(settings, label="slope", name="fig-slopes", alt="A line.", layout=shape)


def build(folder: Path) -> Path:
    """Two pages, one with a figure to play with."""
    (folder / "conf.py").write_text(CONF)
    (folder / "static").mkdir()
    shutil.copy(ROOT / "book" / "_static" / "book.css", folder / "static")
    output = f'<div class="cell_output"><div class="output text_html">{figure().html()}</div></div>'
    raw = f"````{{raw}} html\n{output}\n````\n"
    (folder / "index.md").write_text(f"# With a figure\n\n{raw}\n```{{toctree}}\nother\n```\n")
    (folder / "other.md").write_text("# Without\n\nNothing to play with.\n")
    html = folder / "_build" / "html"
    command = [sys.executable, "-W", "ignore", "-m", "sphinx", "-Q", "-b", "html", str(folder), str(html)]
    subprocess.run(command, env={"PATH": "", "PYTHONPATH": str(ROOT / "_ext")}, check=True)
    return html


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("book"))


def scripts(page: Path) -> list[str]:
    found = [
        str(tag["src"]).split("?")[0] for tag in BeautifulSoup(page.read_text(), "html.parser").select("script[src]")
    ]
    return [src for src in found if "plotly" in src or "interactive" in src]


def test_a_page_with_a_figure_loads_the_scripts_from_the_site(html: Path) -> None:
    assert scripts(html / "index.html") == ["_static/plotly.min.js", "_static/interactive.js"]
    assert all((html / src).stat().st_size > 1000 for src in scripts(html / "index.html"))


def test_other_pages_do_without(html: Path) -> None:
    assert scripts(html / "other.html") == []
