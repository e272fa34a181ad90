"""Generated modules on disk, named by what they are made from, so that numba's own cache serves later processes."""

from __future__ import annotations

import functools
import gc
import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType


def directory() -> Path:
    """Return where generated modules are kept: ``ESCAPETIME_CACHE``, else the user's cache directory."""
    named = os.environ.get("ESCAPETIME_CACHE")
    if named:
        return Path(named)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return base / "escapetime"


def load(source: str) -> ModuleType:
    """Return the module with this source, from this process, else from the cache, else compiled.

    Parameters
    ----------
    source : str
        Python source whose functions are compiled with ``cache=True``.

    Returns
    -------
    types.ModuleType
        Imported once for each source.
    """
    return _load(source)


@functools.cache
def _load(source: str) -> ModuleType:
    name = f"escapetime_kernel_{_digest(source)}"
    path = _written(source, f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # numba pickles functions by the name of their module
    with _no_garbage_collection():
        spec.loader.exec_module(module)
    return module


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Compiling makes millions of small objects; looking through them for cycles takes a tenth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _digest(source: str) -> str:
    """Hash the source, and what its functions call: numba itself notices a change of the one file only."""
    import numba

    parts = [source.encode(), numba.__version__.encode()]
    parts += [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:24]


def _written(source: str, filename: str) -> Path:
    """Write the file unless it is there; whoever sees it sees all of it."""
    try:
        return _place(source, directory() / filename)
    except OSError:  # a read-only home: compiled code then lasts as long as the process
        return _place(source, _scratch() / filename)


def _place(source: str, path: Path) -> Path:
    if path.exists():
        return path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(source)
    os.utime(temporary, (0, 0))  # numba's index holds the age: two processes that both write agree on it
    os.replace(temporary, path)
    return path


@functools.cache
def _scratch() -> Path:
    return Path(tempfile.mkdtemp(prefix="escapetime-"))
