"""The reference's random numbers on a card: xoshiro256++ and Box and Muller's formula in float64.

Streams are those of :mod:`escapetime.simulate.streams`. The elementary functions are polynomials, because those of the
device have branches for arguments that do not occur here.
"""

from __future__ import annotations

import triton
import triton.language as tl

TWO_PI = tl.constexpr(6.283185307179586)
TO_OPEN = tl.constexpr(1.0 - 2.0**-53)


@triton.jit
def next_word(s0: tl.tensor, s1: tl.tensor, s2: tl.tensor, s3: tl.tensor) -> tl.tuple:
    """One step of xoshiro256++ (Blackman and Vigna 2021): the word, and the new state."""
    total = s0 + s3
    word = ((total << 23) | (total >> 41)) + s0
    shifted = s1 << 17
    s2 = s2 ^ s0
    s3 = s3 ^ s1
    s1 = s1 ^ s2
    s0 = s0 ^ s3
    return word, s0, s1, s2 ^ shifted, (s3 << 45) | (s3 >> 19)


@triton.jit
def draw(s0: tl.tensor, s1: tl.tensor, s2: tl.tensor, s3: tl.tensor) -> tl.tuple:
    """The next two standard normals of a stream, and its new state."""
    u, s0, s1, s2, s3 = next_word(s0, s1, s2, s3)
    v, s0, s1, s2, s3 = next_word(s0, s1, s2, s3)
    radius = tl.sqrt(-2.0 * log_normal(uniform(u)))
    turn = uniform(v)
    s, c = sin_cos_turn(turn)
    return radius * c, radius * s, s0, s1, s2, s3


@triton.jit
def uniform(word: tl.tensor) -> tl.tensor:
    """The upper 52 bits ``k`` of a word as ``(2 k + 1) / 2**53``."""
    return ((word >> 12) | 0x3FF0000000000000).to(tl.float64, bitcast=True) - TO_OPEN


@triton.jit
def log_normal(x: tl.tensor) -> tl.tensor:
    """``log(x)`` for finite normal x > 0; one unit in the last place."""
    word = x.to(tl.uint64, bitcast=True)
    shift = (word - 0x3FE6A09E667F3BCD) & 0xFFF0000000000000  # exponent of x / sqrt(1/2)
    f = (word - shift).to(tl.float64, bitcast=True) - 1.0  # in [sqrt(1/2) - 1, sqrt(2) - 1), exact
    e = (shift.to(tl.int64, bitcast=True) >> 52).to(tl.int32).to(tl.float64)
    s = f / (2.0 + f)
    z = s * s
    p = 0.18183564321943566 + z * (0.15314050538096868 + z * 0.14795950964478577)
    p = 0.28571428742384863 + z * (0.22222198573361712 + z * p)
    p = 0.6666666666666734 + z * (0.399999999994147 + z * p)
    return e * 0.6931471803691238 + (f - (s * (f - z * p) - e * 1.9082149292705877e-10))


@triton.jit
def sin_cos_turn(turn: tl.tensor) -> tl.tuple:
    """Sine and cosine of so many turns, from 0 to 1."""
    quarter = (4.0 * turn + 0.5).to(tl.int32)
    r = (turn - 0.25 * quarter.to(tl.float64)) * TWO_PI
    z = r * r
    p = 2.7557313695227446e-06 + z * (-2.5050758650624664e-08 + z * 1.5896827664800381e-10)
    p = -0.16666666666666632 + z * (0.008333333333322425 + z * (-0.0001984126982981704 + z * p))
    s = r + r * z * p
    q = 2.480158097250948e-05 + z * (-2.7555567261813747e-07 + z * 2.0647745236693393e-09)
    q = 0.04166666666660228 + z * (-0.00138888888782766 + z * q)
    c = 1.0 - z * (0.5 - z * q)
    odd = (quarter & 1) != 0
    sine, cosine = tl.where(odd, c, s), tl.where(odd, s, c)
    return tl.where((quarter & 2) != 0, -sine, sine), tl.where(((quarter + 1) & 2) != 0, -cosine, cosine)
