"""Elementary functions in float64 that LLVM can vectorise over lanes: no branch, no table, no library call.

Polynomials are minimax in relative error, found by Remez exchange. What each function costs in accuracy is measured by
the tests against mpmath. Rounding to the nearest integer is done by adding and subtracting 1.5 * 2**52, which leaves
the integer in the low bits as well; the compiler must therefore not reassociate sums (see :mod:`.flags`).
"""

from __future__ import annotations

import math

import numpy as np

from escapetime.simulate.kernels.composed import compose
from escapetime.simulate.kernels.flags import primitive
from escapetime.simulate.kernels.intrinsics import bits64 as bits
from escapetime.simulate.kernels.intrinsics import select
from escapetime.simulate.kernels.intrinsics import value64 as value

R, W = np.float64, np.uint64
MAGIC = 6755399441055744.0  # 1.5 * 2**52
_EXPONENT, _SIGN = W(52), W(1 << 63)
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10  # the first ends in 21 zero bits


@primitive
def with_sign(x: float, sign: float) -> float:
    """``x`` with its sign flipped where the number ``sign`` is negative."""
    return value(bits(x) ^ (bits(sign) & _SIGN))


@primitive
def log_normal(x: float) -> float:
    """``log(x)`` for finite normal x > 0; at most one unit in the last place off."""
    word = bits(x)
    shift = (word - W(0x3FE6A09E667F3BCD)) & W(0xFFF0000000000000)  # exponent of x / sqrt(1/2)
    f = value(word - shift) - 1.0  # in [sqrt(1/2) - 1, sqrt(2) - 1), exact
    # the exponent as a float: its 12 bits are put behind 2**52, which needs no conversion between integer and float
    e = value(((shift ^ _SIGN) >> _EXPONENT) | W(0x4330000000000000)) - 4503599627372544.0
    s = f / (2.0 + f)
    z = s * s
    r = z * (0.6666666666666734 + z * (0.399999999994147 + z * (0.28571428742384863 + z * (0.22222198573361712
        + z * (0.18183564321943566 + z * (0.15314050538096868 + z * 0.14795950964478577))))))  # fmt: skip
    return e * _LN2_HIGH + (f - (s * (f - r) - e * _LN2_LOW))


@primitive
def log(x: float) -> float:
    """``log(x)`` for every x: -inf at 0, nan below it."""
    small = x < 2.2250738585072014e-308  # subnormal numbers are brought into the normal range
    y = log_normal(select(small, x * 18014398509481984.0, x)) - select(small, 37.42994775023705, 0.0)
    y = select(x == 0.0, -math.inf, select(x < math.inf, y, x))
    return select(x >= 0.0, y, math.nan)


@primitive
def _exp_parts(x: float) -> tuple[float, float]:
    """``x = n log 2 + r`` as ``exp(r) - 1`` and the power ``2**(n - 1)``."""
    shifted = x * 1.4426950408889634 + MAGIC
    n = shifted - MAGIC
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    tail = 0.5000000000000012 + r * (0.166666666666667 + r * (0.04166666666651555 + r * (0.008333333333307168
        + r * (0.0013888888946979878 + r * (0.00019841269917463108 + r * (2.4801489981699944e-05 + r * (
        2.755721623480747e-06 + r * (2.7631265495188833e-07 + r * 2.5117879895752547e-08))))))))  # fmt: skip
    return r + r * r * tail, value((bits(shifted) << _EXPONENT) + W(0x3FE << 52))


@primitive
def exp_negative(x: float) -> float:
    """``exp(x)`` for x <= 0; zero below -708."""
    inside = x > -708.0
    small, half_power = _exp_parts(select(inside, x, -708.0))
    return select(inside, (half_power + half_power * small) * 2.0, 0.0)


@primitive
def exp(x: float) -> float:
    """``exp(x)``; results below 2.2e-308 are zero."""
    small, half_power = _exp_parts(select(x > -708.0, select(x < 709.8, x, 709.8), -708.0))
    y = select(x > -708.0, (half_power + half_power * small) * 2.0, 0.0)
    y = select(x < 709.782712893384, y, math.inf)
    return select(x == x, y, x)


@primitive
def expm1(x: float) -> float:
    """``exp(x) - 1`` with all its digits near zero."""
    small, half_power = _exp_parts(select(x > -40.0, select(x < 709.8, x, 709.8), -40.0))
    y = ((half_power - 0.5) + half_power * small) * 2.0
    y = select(x < 709.782712893384, y, math.inf)
    return select(x == x, y, x)


@primitive
def sin_cos_reduced(r: float) -> tuple[float, float]:
    """Sine and cosine on [-pi/4, pi/4]."""
    z = r * r
    s = r + r * z * (-0.16666666666666632 + z * (0.008333333333322425 + z * (-0.0001984126982981704 + z * (
        2.7557313695227446e-06 + z * (-2.5050758650624664e-08 + z * 1.5896827664800381e-10)))))  # fmt: skip
    c = 1.0 - z * (0.5 - z * (0.04166666666660228 + z * (-0.00138888888782766 + z * (2.480158097250948e-05
        + z * (-2.7555567261813747e-07 + z * 2.0647745236693393e-09)))))  # fmt: skip
    return s, c


@primitive
def rotate(s: float, c: float, quadrant: np.uint64) -> tuple[float, float]:
    """Sine and cosine of an angle that many quarter turns further on; the quadrant is the low two bits of a word."""
    odd = (quadrant & W(1)) != W(0)
    flip_s, flip_c = (quadrant & W(2)) << W(62), ((quadrant + W(1)) & W(2)) << W(62)
    return value(bits(select(odd, c, s)) ^ flip_s), value(bits(select(odd, s, c)) ^ flip_c)


@primitive
def sin_cos(x: float) -> tuple[float, float]:
    """Sine and cosine, accurate for ``|x|`` up to 1e5."""
    shifted = x * 0.6366197723675814 + MAGIC
    n = shifted - MAGIC
    # pi/2 in three parts of 33 bits, so that the first two products are exact
    r = ((x - n * 1.5707963267341256) - n * 6.077100506303966e-11) - n * 2.0222662487959506e-21
    s, c = sin_cos_reduced(r)
    return rotate(s, c, bits(shifted))


sqrt, absolute, sin, cos, tan, sinh, cosh, tanh, sign, maximum, minimum, nearer, positive, power = compose(
    R, with_sign, log, exp, expm1, sin_cos, large=709.0
)
