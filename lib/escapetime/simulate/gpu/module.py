"""Generated modules as files, which Triton wants to read, in the cache of all generated modules."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import sys
from types import ModuleType

from escapetime.simulate.kernels.cache import _written


@functools.cache
def load(source: str) -> ModuleType:
    """Return the module with this source; Triton itself keeps what it compiles, by all that it depends on.

    Parameters
    ----------
    source : str
        Python source whose functions are decorated with ``triton.jit``.

    Returns
    -------
    types.ModuleType
        Imported once for each source.
    """
    name = f"escapetime_triton_{hashlib.sha256(source.encode()).hexdigest()[:24]}"
    spec = importlib.util.spec_from_file_location(name, _written(source, f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
