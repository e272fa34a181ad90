"""Pages with an interactive figure load plotly.js, from this site; all other pages do without its megabytes."""

import importlib.util
import shutil
from pathlib import Path
from typing import Any

MARK = 'class="et-interactive"'
PLOTLY, PLAYER = "plotly.min.js", "interactive.js"


def load(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Ask for the scripts where a figure needs them."""
    if MARK in context.get("body", ""):
        for script in (PLOTLY, PLAYER):
            app.add_js_file(script, loading_method="defer")


def bring(app: Any, failure: Exception | None) -> None:
    """Copy the scripts into the site: plotly.js comes with the Python package."""
    if failure is not None or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    shutil.copyfile(Path(__file__).with_name(PLAYER), static / PLAYER)
    found = importlib.util.find_spec("plotly")
    if found and found.origin:
        shutil.copyfile(Path(found.origin).parent / "package_data" / PLOTLY, static / PLOTLY)


def connect(app: Any) -> None:
    app.connect("html-page-context", load)
    app.connect("build-finished", bring)
