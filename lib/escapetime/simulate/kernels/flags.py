"""How the functions that run in lanes are compiled."""

from __future__ import annotations

from numba import njit

# multiplications and additions may be fused, and the sign of zero be lost: nothing that a test for nan would notice
FLAGS = {"fastmath": {"contract", "nsz"}, "error_model": "numpy", "nogil": True}
# inlined into what calls them and never called from Python, which halves the time to compile
primitive = njit(**FLAGS, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
