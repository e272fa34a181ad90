import gc
import warnings
from pathlib import Path

import pytest

from tools import chapters

HEADER = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# A chapter

```{code-cell} ipython3
"""


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(chapters, "CACHE", tmp_path / "cache")
    (tmp_path / "book").mkdir()
    nested = "parts:\n- chapters:\n  - file: book/good.md\n    sections:\n    - file: book/bad.md\n"
    (tmp_path / "_toc.yml").write_text(f"format: jb-book\nroot: book/plain.md\n{nested}")
    (tmp_path / "_config.yml").write_text("execute: {timeout: 60}\n")
    (tmp_path / "book/plain.md").write_text("# No code\n")
    (tmp_path / "book/good.md").write_text(HEADER + "print(6 * 7)\n```\n")
    (tmp_path / "book/bad.md").write_text(HEADER + "numerator = 1\nnumerator / 0\n```\n")
    return tmp_path


def test_chapters_are_the_pages_with_a_kernel_in_reading_order(book: Path) -> None:
    assert [p.stem for p in chapters.chapters(root=book)] == ["good", "bad"]
    assert [p.stem for p in chapters.chapters(["bad"], root=book)] == ["bad"]


def test_an_unknown_chapter_is_refused_with_the_known_ones(book: Path) -> None:
    with pytest.raises(SystemExit, match=r"no chapter worse; there are good, bad"):
        chapters.chapters(["worse"], root=book)


def test_a_page_that_does_not_exist_is_named(book: Path) -> None:
    (book / "book/good.md").unlink()
    with pytest.raises(SystemExit, match=r"names book/good\.md, which does not exist"):
        chapters.chapters(root=book)


def test_a_chapter_runs_once_and_a_failing_one_shows_its_cell(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert chapters.execute(2, root=book) == 1
    said = capsys.readouterr().out
    assert "executed book/good.md" in said
    assert "FAILED book/bad.md" in said
    assert "numerator / 0" in said
    assert "ZeroDivisionError: division by zero" in said
    assert chapters.executed(book / "book/good.md").cells[-1].outputs[0].text == "42\n"

    # what passed is reused; what failed is not
    assert chapters.execute(2, root=book) == 1
    assert "chapters: 0 executed, 1 from the cache, 1 failed" in capsys.readouterr().out

    # the event loops that nbclient leaves to its threads are no fault of a later test
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


@pytest.mark.parametrize("change", ["scale", "library"])
def test_the_cache_forgets_when_what_it_depends_on_changes(
    book: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    chapters.open_cache()
    (chapters.CACHE / "kept").touch()
    chapters.open_cache()
    assert (chapters.CACHE / "kept").exists()
    if change == "scale":
        monkeypatch.setenv("ESCAPETIME_SCALE", "10")
    else:
        monkeypatch.setattr(chapters, "INPUTS", ["requirements.in"])
    chapters.open_cache()
    assert not (chapters.CACHE / "kept").exists()
