"""The sources of the book: each reference notebook follows from its chapter, and the rules of writing are kept."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools import chapters, reference

ROOT = chapters.ROOT
CHAPTERS = chapters.chapters()
names = pytest.mark.parametrize("path", chapters.pages(), ids=lambda p: p.stem)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_the_reference_notebook_follows_from_the_chapter(path: Path) -> None:
    assert not reference.stale(path), "run `make record`"


def test_no_reference_notebook_is_without_a_chapter() -> None:
    assert {p.with_suffix("") for p in (ROOT / "book").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts} == {
        p.with_suffix("") for p in CHAPTERS
    }


@names
def test_writing_rules(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\\(re)?newcommand|\\def\\", text), "a TeX macro of its own fails in notebooks"
    assert not re.search(r"^:label: .*[:_ ]", text, re.M), "labels have hyphens"
    assert not re.search(r"\{prf:proof\}.*\n:class: dropdown", text), "a proof that folds goes into {dropdown}"


def test_control_one_changed_digit_fails_and_nothing_else(tmp_path: Path) -> None:
    """Replay a chapter against its own reference, and against one with a single digit of one output changed."""
    source = next(p for p in CHAPTERS if _printed(p))
    notebook = nbformat.read(source.with_suffix(".ipynb"), 4)
    nbformat.write(notebook, tmp_path / "kept.ipynb")
    output = _printed_output(notebook)
    output.text = re.sub(r"\d", lambda digit: str((int(digit[0]) + 1) % 10), output.text, count=1)
    nbformat.write(notebook, tmp_path / "changed.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "-p", "tools.replay"]
    done = subprocess.run(
        [*command, "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "NBVAL_REPLAY": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.findall(r"^FAILED .*?(\w+)\.ipynb", done.stdout, re.M) == ["changed"], done.stdout
    assert re.search(r"\b1 failed, \d+ passed", done.stdout), done.stdout


def _printed(path: Path) -> bool:
    target = path.with_suffix(".ipynb")
    return target.exists() and _printed_output(nbformat.read(target, 4)) is not None


def _printed_output(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    outputs = (output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs)
    return next((o for o in outputs if o.output_type == "stream" and re.search(r"\d", o.text)), None)
