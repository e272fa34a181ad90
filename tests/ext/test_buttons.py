"""The buttons of a built page: a book of one chapter, rendered as if it belonged to another repository."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from booksite.buttons import theme_options
from booksite.repository import Repository

ROOT = Path(__file__).resolve().parents[2]
CONF = """
extensions = ["myst_nb", "booksite"]
html_theme = "sphinx_book_theme"
html_theme_options = {}
nb_execution_mode = "off"
"""
CHAPTER = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {name: python3, display_name: Python 3}
---

# A chapter

```{code-cell} ipython3
6 * 7
```
"""


def build(folder: Path, **environ: str) -> Path:
    """The HTML of the one-chapter book; GitHub's own variables are taken away first."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
    (folder / "conf.py").write_text(CONF)
    (folder / "index.md").write_text(CHAPTER)
    html = folder / "_build" / "html"
    command = [sys.executable, "-W", "ignore", "-m", "sphinx", "-Q", "-b", "html", str(folder), str(html)]
    subprocess.run(command, env={**clean, "PYTHONPATH": str(ROOT / "_ext"), **environ}, check=True)
    return html


def links(html: Path) -> set[str]:
    soup = BeautifulSoup((html / "index.html").read_text(), "html.parser")
    return {str(a["href"]) for a in soup.select(".header-article-items a[href]")}


def test_the_links_of_a_fork_lead_to_the_fork(tmp_path: Path) -> None:
    html = build(tmp_path, GITHUB_REPOSITORY="someone/fork", GITHUB_REF="refs/heads/main")
    found = links(html)
    assert "https://github.com/someone/fork" in found
    assert "https://github.com/someone/fork/edit/main/index.md" in found
    assert "https://mybinder.org/v2/gh/someone/fork/main?urlpath=lab/tree/index.md" in found
    assert "https://colab.research.google.com/github/someone/fork/blob/notebooks/index.ipynb" in found
    assert "_sources/index.ipynb" in found

    notebook = nbformat.read(html / "_sources/index.ipynb", 4)
    nbformat.validate(notebook)
    assert "git+https://github.com/someone/fork@main" in notebook.cells[0].source
    assert notebook.cells[-1].source == "6 * 7"


def test_a_book_of_no_repository_has_the_download_and_no_link_out(tmp_path: Path) -> None:
    html = build(tmp_path)
    assert {link for link in links(html) if link.startswith("http")} == set()
    assert "_sources/index.ipynb" in links(html)
    assert nbformat.read(html / "_sources/index.ipynb", 4).cells[-1].source == "6 * 7"


@pytest.mark.parametrize(("provider", "colab"), [("github", True), ("gitlab", False)])
def test_colab_is_offered_where_it_works(provider: str, colab: bool) -> None:
    options = theme_options(Repository(f"https://{provider}.com/someone/fork", provider, "main"))
    assert ("colab_url" in options["launch_buttons"]) is colab
