"""Run a command, unless it has already passed on exactly these files.

Usage: python -m tools.unchanged NAME FILE_OR_PATTERN ... -- COMMAND ...
"""

import shlex
import subprocess
import sys
import time
from pathlib import Path

from tools.fingerprint import ROOT, digest

STAMPS = ROOT / "_build" / ".passed"


def run(name: str, patterns: list[str], command: list[str], root: Path = ROOT, stamps: Path = STAMPS) -> int:
    """The exit status of the command, or 0 without running it when nothing has changed since it passed."""
    stamp = stamps / name
    now = digest(patterns, *command, root=root)
    if stamp.exists() and stamp.read_text() == now:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(stamp.stat().st_mtime))
        print(f"{name}: passed on {when}, and nothing that it depends on has changed since (delete {stamp} to repeat)")
        return 0
    stamp.unlink(missing_ok=True)
    print(shlex.join(command), flush=True)
    status = subprocess.run(command, check=False).returncode
    if status == 0:
        stamps.mkdir(parents=True, exist_ok=True)
        stamp.write_text(now)
    return status


def main() -> int:
    name, *rest = sys.argv[1:]
    bar = rest.index("--")
    return run(name, rest[:bar], rest[bar + 1 :])


if __name__ == "__main__":
    sys.exit(main())
