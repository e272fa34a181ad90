from pathlib import Path

import pytest

from tools.fingerprint import digest, files


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "lib" / "__pycache__").mkdir(parents=True)
    (tmp_path / "lib" / "a.py").write_text("a")
    (tmp_path / "lib" / "__pycache__" / "a.pyc").write_text("bytecode")
    return tmp_path


def test_folders_are_read_whole_but_for_bytecode(tree: Path) -> None:
    assert [f.name for f in files(["lib"], tree)] == ["a.py"]


def test_content_name_and_words_all_count(tree: Path) -> None:
    seen = {digest(["lib"], root=tree), digest(["lib"], "scale 10", root=tree)}
    (tree / "lib" / "a.py").write_text("b")
    seen.add(digest(["lib"], root=tree))
    (tree / "lib" / "a.py").rename(tree / "lib" / "b.py")
    seen.add(digest(["lib"], root=tree))
    assert len(seen) == 4
