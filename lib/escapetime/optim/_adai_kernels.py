"""The two passes of Adai over the memory of a tensor, compiled for the CPU.

An argument that is None takes its branch out of what is compiled.
"""

from __future__ import annotations

import math
from typing import Any

import numba
from numpy.typing import NDArray

Flat = NDArray[Any]

# A sum may be split over the lanes of a vector. What is not a number is kept.
FLAGS = {"fastmath": {"contract", "nsz", "reassoc"}, "error_model": "numpy", "nogil": True, "cache": True}


@numba.njit(**FLAGS)
def second_moments(v: Flat, g: Flat, p: Flat, beta2: float, sign: float, decay: float | None) -> float:
    """Update ``v`` and return its sum."""
    real = v.dtype.type
    kept, taken, sign = real(beta2), real(1.0 - beta2), real(sign)
    total = 0.0
    for i in range(len(v)):
        gradient = sign * g[i]
        if decay is not None:
            gradient += real(decay) * p[i]
        new = kept * v[i] + taken * (gradient * gradient)
        v[i] = new
        total += new
    return total


@numba.njit(**FLAGS)
def averages(
    p: Flat, m: Flat, q: Flat, g: Flat, v: Flat, factor: float, lift: float, eps: float, size: float, shrink: float,
    sign: float, decay: float | None, half: bool | None, dampening: float | None,
) -> None:  # fmt: skip
    """Update the average ``m``, its weight ``q`` and the parameter; roots make a dampening of a half a fast one."""
    real = v.dtype.type
    one, factor, lift, eps = real(1.0), real(factor), real(lift), real(eps)
    size, shrink, sign = real(size), real(shrink), real(sign)
    for i in range(len(v)):
        gradient = sign * g[i]
        if decay is not None:
            gradient += real(decay) * p[i]
        w = factor * v[i] + lift
        if half is not None:
            w = math.sqrt(w)
        if dampening is not None:
            w = w ** real(1.0 / (3.0 - 2.0 * dampening))
        w = one if w > one else w
        w = eps if w < eps else w
        gain = w
        if half is not None:
            gain = math.sqrt(w)
        if dampening is not None:
            gain = w ** real(dampening)
        weight = q[i] + w * (one - q[i])
        average = m[i] - w * m[i] + gain * gradient
        q[i] = weight
        m[i] = average
        p[i] = shrink * p[i] - size * average / weight
