"""Each chapter as a notebook to download: executed, figures included, with a first cell that fetches the library.

The publishing workflow puts the same files on the branch `notebooks`, from where Colab opens them: a notebook cannot
find out which repository it came from, so the build, which can, writes the address into that first cell.
"""

from pathlib import Path
from typing import Any

import nbformat

from booksite.repository import Repository

BRANCH = "notebooks"
SETUP = """\
# Outside the book's own environment (on Colab, say) the library has to be fetched first.
import importlib.util

if importlib.util.find_spec("escapetime") is None:
    %pip install --quiet "escapetime[all] @ git+{url}@{branch}\""""


def with_setup(notebook: Any, repository: Repository | None) -> Any:
    """The notebook, led by the cell that installs the library where it is missing."""
    if repository is not None:
        source = SETUP.format(url=repository.url, branch=repository.branch)
        notebook.cells.insert(0, nbformat.v4.new_code_cell(source, id="setup"))
    return notebook


def offer(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Tell the theme, which reads this key, that the page has a notebook."""
    if pagename in app.env.metadata and "kernelspec" in app.env.metadata[pagename]:
        context["ipynb_source"] = f"{pagename}.ipynb"


def write(app: Any, failure: Exception | None) -> None:
    """Write the notebooks of all chapters beside the sources that the pages offer."""
    if failure is not None or app.builder.format != "html":
        return
    for page, metadata in app.env.metadata.items():
        executed = Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"
        if "kernelspec" not in metadata or not executed.exists():
            continue
        target = Path(app.outdir) / "_sources" / f"{page}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(with_setup(nbformat.read(executed, 4), app.config.booksite_repository), target)


def connect(app: Any) -> None:
    app.connect("html-page-context", offer, priority=400)
    app.connect("build-finished", write)
