import os
from pathlib import Path

import pytest

from tools.pages import unwritten


@pytest.fixture
def book(tmp_path: Path) -> Path:
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/intro.md\nchapters:\n- file: book/one.md\n")
    for name in ("intro", "one"):
        for file, text in ((f"book/{name}.md", "source"), (f"html/book/{name}.html", "page" * 500)):
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return tmp_path


def names(book: Path) -> list[str]:
    return [p.name for p in unwritten(book, book / "html")]


def test_a_whole_build_passes(book: Path) -> None:
    assert names(book) == []


def test_a_missing_an_empty_and_a_stale_page_are_found(book: Path) -> None:
    page = book / "html/book/one.html"
    os.utime(page, (0, 0))
    assert names(book) == ["one.md"]
    page.write_text("")
    assert names(book) == ["one.md"]
    page.unlink()
    assert names(book) == ["one.md"]
