from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.tools.test_chapters import HEADER
from tools import reference

SOURCE = (
    HEADER + 'print("seen")\n```\n\n```{code-cell} ipython3\n:tags: [nbval-ignore-output]\n\nprint("unseen")\n```\n'
)


@pytest.fixture
def chapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A chapter whose execution gave a line of text and a picture in each cell."""

    def executed(path: Path, notebook: Any = None) -> Any:
        run = reference.jupytext.read(path)
        for cell in run.cells:
            if cell.cell_type == "code":
                cell.outputs = [
                    nbformat.v4.new_output("stream", text="printed\n"),
                    nbformat.v4.new_output("display_data", {"text/plain": "<Figure>", "image/png": "AAAA"}),
                ]
        return run

    monkeypatch.setattr(reference, "executed", executed)
    monkeypatch.setattr(reference, "ROOT", tmp_path)
    monkeypatch.setattr(reference, "chapters", lambda names=None: [tmp_path / "one.md"])
    monkeypatch.delenv("ESCAPETIME_SCALE", raising=False)
    (tmp_path / "one.md").write_text(SOURCE)
    return tmp_path / "one.md"


def test_a_reference_holds_the_text_and_no_picture(chapter: Path) -> None:
    notebook = nbformat.reads(reference.reference(chapter), 4)
    nbformat.validate(notebook)
    seen, unseen = (cell for cell in notebook.cells if cell.cell_type == "code")
    assert seen.outputs[0].text == "printed\n"
    assert dict(seen.outputs[1].data) == {"text/plain": "<Figure>"}
    assert unseen.outputs == []


def test_recording_twice_writes_once(chapter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reference.record()
    reference.record()
    assert capsys.readouterr().out.count("wrote one.ipynb") == 1


def test_control_an_edited_source_makes_its_reference_stale(chapter: Path) -> None:
    assert reference.stale(chapter)
    reference.record()
    assert not reference.stale(chapter)
    chapter.write_text(SOURCE.replace("unseen", "changed"))
    assert reference.stale(chapter)


def test_another_scale_is_not_recorded(chapter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCAPETIME_SCALE", "10")
    with pytest.raises(SystemExit, match="record without setting it"):
        reference.record()
