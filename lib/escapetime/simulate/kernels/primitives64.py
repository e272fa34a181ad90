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
from escapetime.simulate.kernels.polynomial import polynomial

R, W = np.float64, np.uint64
MAGIC = 6755399441055744.0  # 1.5 * 2**52
_EXPONENT, _SIGN = W(52), W(1 << 63)
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10  # the first ends in 21 zero bits

_LOG = polynomial(  # (log((1 + s) / (1 - s)) / s - 2) / s**2, in s**2
    R, 0.6666666666666734, 0.399999999994147, 0.28571428742384863, 0.22222198573361712, 0.18183564321943566,
    0.15314050538096868, 0.14795950964478577
)  # fmt: skip
_EXP = polynomial(  # (exp(x) - 1 - x) / x**2
    R, 0.5000000000000012, 0.166666666666667, 0.04166666666651555, 0.008333333333307168, 0.0013888888946979878,
    0.00019841269917463108, 2.4801489981699944e-05, 2.755721623480747e-06, 2.7631265495188833e-07,
    2.5117879895752547e-08
)  # fmt: skip
_SIN = polynomial(  # (sin(x) / x - 1) / x**2, in x**2
    R, -0.16666666666666632, 0.008333333333322425, -0.0001984126982981704, 2.7557313695227446e-06,
    -2.5050758650624664e-08, 1.5896827664800381e-10
)  # fmt: skip
_COS = polynomial(  # (cos(x) - 1 + x**2 / 2) / x**4, in x**2
    R, 0.04166666666660228, -0.00138888888782766, 2.480158097250948e-05, -2.7555567261813747e-07,
    2.0647745236693393e-09
)  # fmt: skip
_ATAN = polynomial(  # (atan(x) / x - 1) / x**2, in x**2
    R, -0.3333333333333022, 0.19999999999104628, -0.142857141965252, 0.11111106703524272, -0.09090783528135703,
    0.07690083349680073, -0.06641246209939734, 0.05693164615637433, -0.04360824839595269, 0.02128013510139252
)  # fmt: skip
_ERF = polynomial(  # erf(x) / x, in x**2
    R, 1.1283791670955126, -0.3761263890318352, 0.11283791670944185, -0.026866170643111375, 0.00522397760611762,
    -0.0008548325929271576, 0.00012055293575585293, -1.492471227639966e-05, 1.644713125315939e-06,
    -1.6206311317613116e-07, 1.3710969859773255e-08, -7.77944891324782e-10
)  # fmt: skip
_ERFC = polynomial(  # exp(x**2) erfc(x), in 2 / (2 + x)
    R, 1.4447752034456941e-07, 0.2820891924091769, 0.2821953055589088, 0.24572497651288777, 0.1846885739896992,
    0.03776200647419736, 0.18429950728736422, -0.6439791502615324, 1.3339227497683541, -2.46180481248829,
    3.2156165164624233, -2.7277424881407835, 1.4542494215194932, -0.44878661504066525, 0.06176535582083842
)  # fmt: skip


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
    r = z * _LOG(z)
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
    return r + r * r * _EXP(r), value((bits(shifted) << _EXPONENT) + W(0x3FE << 52))


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
    s, c = r + r * z * _SIN(z), 1.0 - z * (0.5 - z * _COS(z))
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


@primitive
def atan(x: float) -> float:
    """``atan(x)``, by reduction to ``|x| < tan(pi/8)`` with a single division."""
    a = with_sign(x, x)
    middle, large = a > 0.41421356237309503, a > 2.414213562373095
    above = select(large, -1.0, select(middle, a - 1.0, a))
    t = above / select(large, a, select(middle, a + 1.0, 1.0))
    z = t * t
    y = t + t * z * _ATAN(z)
    base = select(large, 1.5707963267948966, select(middle, 0.7853981633974483, 0.0))
    return with_sign(base + y, x)


@primitive
def erf(x: float) -> float:
    """The error function."""
    a = with_sign(x, x)
    b = select(a > 1.0, select(a < 6.0, a, 6.0), 1.0)
    t = 2.0 / (2.0 + b)
    tail = exp_negative(-b * b) * _ERFC(t)
    z = select(a > 1.0, 1.0, x * x)
    near = a * _ERF(z)
    return select(x == x, with_sign(select(a > 1.0, 1.0 - tail, near), x), x)


sqrt, absolute, sin, cos, tan, asin, acos, sinh, cosh, tanh, sign, maximum, minimum, nearer, positive, power = compose(
    R, with_sign, log, exp, expm1, sin_cos, atan, large=709.0
)
