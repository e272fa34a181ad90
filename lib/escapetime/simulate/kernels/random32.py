"""Random numbers of the fast mode: xoshiro128++ and Box and Muller's formula in float32.

A pair of normals takes two words of 32 bits: 31 of the first make the radius, so that no normal is beyond 6.66 standard
deviations (one in 4e10 would be); 23 and two signs of the second make the angle. The polynomials leave the variance
within 1e-6 of one.
"""

from __future__ import annotations

import math

import numpy as np

from escapetime.simulate.kernels.flags import primitive
from escapetime.simulate.kernels.intrinsics import bits32 as bits
from escapetime.simulate.kernels.intrinsics import value32 as value
from escapetime.simulate.kernels.polynomial import polynomial
from escapetime.simulate.kernels.primitives32 import R, W

# -2 log u is computed in units of what one in the exponent's field of a float is worth, and the normals are scaled back
_UNIT = 2 * math.log(2) / 2**23
_SCALE = math.sqrt(_UNIT / 2)
_LOG = polynomial(  # -2 log(1 + x) / x
    R, *(c / _UNIT for c in (-2.000002, 1.0000223, -0.66629016, 0.49819487, -0.40992627, 0.3733574, -0.23792408))
)
_COS = polynomial(R, *(_SCALE * c for c in (0.99999997, -1.233697, 0.25359864, -0.020408353)))  # of pi x / 2, in x**2
_SIN = polynomial(R, *(_SCALE * c for c in (1.5707887, -0.6457155, 0.07767768)))  # of pi x / 2, over x, in x**2


@primitive
def next_word(
    s0: np.uint32, s1: np.uint32, s2: np.uint32, s3: np.uint32
) -> tuple[np.uint32, np.uint32, np.uint32, np.uint32, np.uint32]:
    """One step of xoshiro128++ (Blackman and Vigna 2021): the word, and the new state."""
    word = W(_rotate_left(W(s0 + s3), 7) + s0)
    shifted = W(s1 << W(9))
    s2 = W(s2 ^ s0)
    s3 = W(s3 ^ s1)
    s1 = W(s1 ^ s2)
    s0 = W(s0 ^ s3)
    return word, s0, s1, W(s2 ^ shifted), _rotate_left(s3, 11)


@primitive
def draw(
    s0: np.uint32, s1: np.uint32, s2: np.uint32, s3: np.uint32
) -> tuple[float, float, np.uint32, np.uint32, np.uint32, np.uint32]:
    """The next two standard normals of a stream, and its new state."""
    u, a0, a1, a2, a3 = next_word(s0, s1, s2, s3)
    v, b0, b1, b2, b3 = next_word(a0, a1, a2, a3)
    c, s = normal_pair(u, v)
    return c, s, b0, b1, b2, b3


@primitive
def normal_pair(first: np.uint32, second: np.uint32) -> tuple[float, float]:
    """Two independent standard normals from two random words."""
    # -2 log u for u = (k + 1/2) / 2**31
    word = bits(R(np.int32(first >> W(1))) + R(0.5))
    shift = W(W(word - W(0x3F3504F3)) & W(0xFF800000))
    f = value(W(word - shift)) - R(1)
    radius = R(math.sqrt(R(np.int32(W(W(31 << 23) - shift))) + f * _LOG(f)))
    # sine and cosine of a quarter turn, from -1/2 to 1/2 about its middle; the sign bits choose the quarter
    t = value(W(W(second & W(0x7FFFFF)) | W(0x3F800000))) - R(1.5)
    z = t * t
    c, s = _COS(z), t * _SIN(z)
    c, s = radius * (c - s), radius * (c + s)
    sign = W(0x80000000)
    return value(W(bits(c) ^ W(second & sign))), value(W(bits(s) ^ W(W(second << W(1)) & sign)))


@primitive
def _rotate_left(x: np.uint32, count: int) -> np.uint32:
    return W(W(x << W(count)) | W(x >> W(32 - count)))
