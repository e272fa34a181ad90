"""One hash of a set of files and of the interpreter that reads them."""

import hashlib
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def files(patterns: Iterable[str], root: Path = ROOT) -> Iterator[Path]:
    """The files that the patterns name, folders included with all they hold, bytecode left out."""
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file() and "__pycache__" not in file.parts:
                    yield file


def digest(patterns: Iterable[str], *extra: str, root: Path = ROOT) -> str:
    """Hash of names and contents of the files, of the words in `extra`, and of the Python and torch at work.

    torch is named here because it is the one package that requirements.lock does not pin.
    """
    parts = [sys.version, metadata.version("torch"), *extra]
    h = hashlib.sha256("\0".join(parts).encode())
    for file in files(patterns, root):
        h.update(b"\0" + str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return h.hexdigest()
