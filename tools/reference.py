"""The reference notebooks: book/NAME.ipynb, made from book/NAME.md and its last execution, never by hand.

Usage: python -m tools.reference record [NAME ...]   rewrite them
       python -m tools.reference check               fail when one does not follow from its source

Picture bytes are left out: they differ from one machine to the next, and nbval does not compare them.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import jupytext
import nbformat

from tools.chapters import chapters, executed
from tools.fingerprint import ROOT

LEFT_OUT = {"image/png", "image/jpeg", "application/vnd.jupyter.widget-view+json"}


def reference(path: Path) -> str:
    """The text of the reference notebook: the chapter, its outputs, and nothing that changes by itself."""
    run = executed(path)
    if run is None:
        sys.exit(f"{path.name} has not been executed: run `make record`")
    notebook = jupytext.read(path)
    code = iter([cell for cell in run.cells if cell.cell_type == "code"])
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"c{number:03d}"
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = _outputs(next(code), cell)
    notebook.metadata = nbformat.from_dict(
        {"jupytext": {"formats": "ipynb,md:myst"}, "kernelspec": dict(notebook.metadata.kernelspec)}
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return nbformat.writes(notebook) + "\n"


def _outputs(source: Any, cell: Any) -> tuple[int | None, list[Any]]:
    """What to store of one executed cell."""
    if source.source.strip() != cell.source.strip():
        raise AssertionError(f"the cache holds another cell in place of\n{cell.source}")
    if "nbval-ignore-output" in cell.metadata.get("tags", []):
        return source.execution_count, []
    for output in source.outputs:
        for mime in LEFT_OUT & set(output.get("data", {})):
            del output["data"][mime]
        if output.output_type == "error":
            output["traceback"] = []
    return source.execution_count, source.outputs


def record(names: list[str] | None = None) -> int:
    """Write the reference notebooks that differ from what the last execution gives."""
    if os.environ.get("ESCAPETIME_SCALE", "1") != "1":
        sys.exit("the reference outputs are those of ESCAPETIME_SCALE=1: record without setting it")
    for path in chapters(names):
        target, text = path.with_suffix(".ipynb"), reference(path)
        if not target.exists() or target.read_text() != text:
            target.write_text(text)
            print("wrote", target.relative_to(ROOT))
    return 0


def stale(path: Path) -> bool:
    """Whether the reference notebook of a chapter is missing or does not hold the chapter's cells."""
    target = path.with_suffix(".ipynb")
    return not target.exists() or _cells(jupytext.read(path)) != _cells(nbformat.read(target, 4))


def _cells(notebook: Any) -> list[tuple[str, str, Any]]:
    return [(c.cell_type, c.source.strip(), c.cell_type == "code" and c.metadata) for c in notebook.cells]


def check() -> int:
    """Name every reference notebook that does not follow from its source; return how many there are."""
    bad = [path for path in chapters() if stale(path)]
    for path in bad:
        print(f"{path.stem}.ipynb does not follow from {path.name}: run `make record`")
    return len(bad)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["record", "check"])
    parser.add_argument("names", nargs="*", metavar="NAME")
    args = parser.parse_args()
    return bool(record(args.names) if args.verb == "record" else check())


if __name__ == "__main__":
    sys.exit(main())
