"""Philox4x32-10 in compiled code: the words that belong to a path (see :mod:`escapetime.simulate.streams`)."""

from __future__ import annotations

import numpy as np
from numba import njit

from escapetime.simulate.kernels.intrinsics import small_code

_W = np.uint64
_LOW, _HALF = _W(0xFFFFFFFF), _W(32)
scalar = njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)


@scalar
def path_block(seed: np.uint64, path: np.uint64, block: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return the two 64-bit words of a path's block; all arguments are uint64."""
    small_code()
    c0, c1, c2, c3 = path & _LOW, path >> _HALF, block, _W(0)
    k0, k1 = seed & _LOW, seed >> _HALF
    for _ in range(10):
        p0, p1 = _W(0xD2511F53) * c0, _W(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (p1 >> _HALF) ^ c1 ^ k0, p1 & _LOW, (p0 >> _HALF) ^ c3 ^ k1, p0 & _LOW
        k0, k1 = (k0 + _W(0x9E3779B9)) & _LOW, (k1 + _W(0xBB67AE85)) & _LOW
    return c0 | (c1 << _HALF), c2 | (c3 << _HALF)


@scalar
def first_blocks(seed: np.uint64, path: np.uint64) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64, np.uint64]:
    """Return the words of blocks 0 and 1 and the first of block 2, worked out side by side: a third of the waiting."""
    small_code()
    a0, a1, a2, a3 = path & _LOW, path >> _HALF, _W(0), _W(0)
    b0, b1, b2, b3 = a0, a1, _W(1), _W(0)
    c0, c1, c2, c3 = a0, a1, _W(2), _W(0)
    k0, k1 = seed & _LOW, seed >> _HALF
    for _ in range(10):
        p0, p1 = _W(0xD2511F53) * a0, _W(0xCD9E8D57) * a2
        q0, q1 = _W(0xD2511F53) * b0, _W(0xCD9E8D57) * b2
        r0, r1 = _W(0xD2511F53) * c0, _W(0xCD9E8D57) * c2
        a0, a1, a2, a3 = (p1 >> _HALF) ^ a1 ^ k0, p1 & _LOW, (p0 >> _HALF) ^ a3 ^ k1, p0 & _LOW
        b0, b1, b2, b3 = (q1 >> _HALF) ^ b1 ^ k0, q1 & _LOW, (q0 >> _HALF) ^ b3 ^ k1, q0 & _LOW
        c0, c1, c2, c3 = (r1 >> _HALF) ^ c1 ^ k0, r1 & _LOW, (r0 >> _HALF) ^ c3 ^ k1, r0 & _LOW
        k0, k1 = (k0 + _W(0x9E3779B9)) & _LOW, (k1 + _W(0xBB67AE85)) & _LOW
    return a0 | (a1 << _HALF), a2 | (a3 << _HALF), b0 | (b1 << _HALF), b2 | (b3 << _HALF), c0 | (c1 << _HALF)


@scalar
def uniform(word: np.uint64) -> float:
    """Return the uniform in (0, 1) that a word means."""
    return (np.float64(word >> _W(12)) + 0.5) * 2.0**-52
