"""Random numbers of the fast mode on a card: the streams of :mod:`escapetime.simulate.kernels.random32`, bit by bit.

xoshiro128++ needs no 64-bit integers, and two words make two normals: 31 bits of the first the radius, 23 and two signs
of the second the angle. The polynomials are those of the CPU engine, so that both simulate the same paths.
"""

from __future__ import annotations

import math

import triton
import triton.language as tl

_UNIT = 2 * math.log(2) / 2**23
_SCALE = math.sqrt(_UNIT / 2)  # the normals are scaled back
# of -2 log(1 + x) / x
L0, L1, L2 = tl.constexpr(-2.000002 / _UNIT), tl.constexpr(1.0000223 / _UNIT), tl.constexpr(-0.66629016 / _UNIT)
L3, L4 = tl.constexpr(0.49819487 / _UNIT), tl.constexpr(-0.40992627 / _UNIT)
L5, L6 = tl.constexpr(0.3733574 / _UNIT), tl.constexpr(-0.23792408 / _UNIT)
# of the cosine of pi x / 2, in x**2, and of its sine over x
C0, C1 = tl.constexpr(0.99999997 * _SCALE), tl.constexpr(-1.233697 * _SCALE)
C2, C3 = tl.constexpr(0.25359864 * _SCALE), tl.constexpr(-0.020408353 * _SCALE)
S0, S1, S2 = tl.constexpr(1.5707887 * _SCALE), tl.constexpr(-0.6457155 * _SCALE), tl.constexpr(0.07767768 * _SCALE)


@triton.jit
def next_word(s0: tl.tensor, s1: tl.tensor, s2: tl.tensor, s3: tl.tensor) -> tl.tuple:
    """One step of xoshiro128++ (Blackman and Vigna 2021): the word, and the new state."""
    total = s0 + s3
    word = ((total << 7) | (total >> 25)) + s0
    shifted = s1 << 9
    s2 = s2 ^ s0
    s3 = s3 ^ s1
    s1 = s1 ^ s2
    s0 = s0 ^ s3
    return word, s0, s1, s2 ^ shifted, (s3 << 11) | (s3 >> 21)


@triton.jit
def draw(s0: tl.tensor, s1: tl.tensor, s2: tl.tensor, s3: tl.tensor) -> tl.tuple:
    """The next two standard normals of a stream, and its new state."""
    u, s0, s1, s2, s3 = next_word(s0, s1, s2, s3)
    v, s0, s1, s2, s3 = next_word(s0, s1, s2, s3)
    c, s = normal_pair(u, v)
    return c, s, s0, s1, s2, s3


@triton.jit
def normal_pair(first: tl.tensor, second: tl.tensor) -> tl.tuple:
    """Two independent standard normals from two random words."""
    # -2 log u for u = (k + 1/2) / 2**31, in units of what one in the exponent's field of a float is worth
    word = ((first >> 1).to(tl.int32, bitcast=True).to(tl.float32) + 0.5).to(tl.uint32, bitcast=True)
    shift = (word - 0x3F3504F3) & 0xFF800000
    f = (word - shift).to(tl.float32, bitcast=True) - 1.0
    p = L4 + f * (L5 + f * L6)
    p = L0 + f * (L1 + f * (L2 + f * (L3 + f * p)))
    radius = tl.sqrt((0x0F800000 - shift).to(tl.int32, bitcast=True).to(tl.float32) + f * p)
    # sine and cosine of a quarter turn, from -1/2 to 1/2 about its middle; the sign bits choose the quarter
    t = ((second & 0x7FFFFF) | 0x3F800000).to(tl.float32, bitcast=True) - 1.5
    z = t * t
    c = C0 + z * (C1 + z * (C2 + z * C3))
    s = t * (S0 + z * (S1 + z * S2))
    cosine = (radius * (c - s)).to(tl.uint32, bitcast=True) ^ (second & 0x80000000)
    sine = (radius * (c + s)).to(tl.uint32, bitcast=True) ^ ((second << 1) & 0x80000000)
    return cosine.to(tl.float32, bitcast=True), sine.to(tl.float32, bitcast=True)
