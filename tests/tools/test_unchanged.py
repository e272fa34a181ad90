import sys
from pathlib import Path

from tools.unchanged import run


def test_a_passed_command_is_not_repeated_until_its_files_change(tmp_path: Path) -> None:
    (tmp_path / "input.txt").write_text("1")
    log = tmp_path / "log"
    command = [sys.executable, "-c", f"open({str(log)!r}, 'a').write('x')"]

    def once() -> int:
        return run("job", ["input.txt"], command, root=tmp_path, stamps=tmp_path / "stamps")

    assert (once(), once(), log.read_text()) == (0, 0, "x")
    (tmp_path / "input.txt").write_text("2")
    assert (once(), log.read_text()) == (0, "xx")


def test_a_failure_is_never_remembered_as_passed(tmp_path: Path) -> None:
    status = [run("job", [], [sys.executable, "-c", "exit(3)"], root=tmp_path, stamps=tmp_path) for _ in range(2)]
    assert status == [3, 3]
