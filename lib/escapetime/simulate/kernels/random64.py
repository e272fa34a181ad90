"""The reference's random numbers in lanes: xoshiro256++ and Box and Muller's formula in float64."""

from __future__ import annotations

import math

import numpy as np

from escapetime.simulate.kernels.flags import primitive
from escapetime.simulate.kernels.intrinsics import bits64 as bits
from escapetime.simulate.kernels.intrinsics import value64 as value
from escapetime.simulate.kernels.primitives64 import MAGIC, W, log_normal, rotate, sin_cos_reduced


@primitive
def next_word(
    s0: np.uint64, s1: np.uint64, s2: np.uint64, s3: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64, np.uint64]:
    """One step of xoshiro256++ (Blackman and Vigna 2021): the word, and the new state."""
    word = _rotate_left(s0 + s3, 23) + s0
    shifted = s1 << W(17)
    s2 = s2 ^ s0
    s3 = s3 ^ s1
    s1 = s1 ^ s2
    s0 = s0 ^ s3
    return word, s0, s1, s2 ^ shifted, _rotate_left(s3, 45)


@primitive
def draw(
    s0: np.uint64, s1: np.uint64, s2: np.uint64, s3: np.uint64
) -> tuple[float, float, np.uint64, np.uint64, np.uint64, np.uint64]:
    """The next two standard normals of a stream, and its new state."""
    u, a0, a1, a2, a3 = next_word(s0, s1, s2, s3)
    v, b0, b1, b2, b3 = next_word(a0, a1, a2, a3)
    c, s = normal_pair(u, v)
    return c, s, b0, b1, b2, b3


@primitive
def normal_pair(first: np.uint64, second: np.uint64) -> tuple[float, float]:
    """Two independent standard normals from two random words."""
    radius = math.sqrt(-2.0 * log_normal(_uniform(first)))
    turn = _uniform(second)
    shifted = 4.0 * turn + MAGIC
    s, c = sin_cos_reduced((turn - 0.25 * (shifted - MAGIC)) * (2.0 * math.pi))
    s, c = rotate(s, c, bits(shifted))
    return radius * c, radius * s


@primitive
def _uniform(word: np.uint64) -> float:
    """The upper 52 bits ``k`` of a word as ``(2 k + 1) / 2**53``."""
    return value((word >> W(12)) | W(0x3FF << 52)) - (1.0 - 2.0**-53)


@primitive
def _rotate_left(x: np.uint64, count: int) -> np.uint64:
    return (x << W(count)) | (x >> W(64 - count))
