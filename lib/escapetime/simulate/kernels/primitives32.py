"""Elementary functions in float32 that LLVM can vectorise over lanes: see :mod:`.primitives64`, with fewer terms."""

from __future__ import annotations

import math

import numpy as np

from escapetime.simulate.kernels.composed import compose
from escapetime.simulate.kernels.flags import primitive
from escapetime.simulate.kernels.intrinsics import bits32 as bits
from escapetime.simulate.kernels.intrinsics import select
from escapetime.simulate.kernels.intrinsics import value32 as value
from escapetime.simulate.kernels.polynomial import polynomial

R, W = np.float32, np.uint32  # numba widens sums of small types, hence the many casts
_MAGIC = R(12582912.0)  # 1.5 * 2**23
_EXPONENT, _SIGN = W(23), W(1 << 31)
_LN2_HIGH, _LN2_LOW = R(0.693115234375), R(3.1946184945309415e-05)  # the first ends in 12 zero bits
_INF, _NAN = R(math.inf), R(math.nan)

_LOG = polynomial(  # (log(1 + x) - x + x**2 / 2) / x**3
    R, 0.3333391, -0.25001338, 0.19963062, -0.16577567, 0.14914775, -0.14267607, 0.08700561
)  # fmt: skip
_EXP = polynomial(  # (exp(x) - 1 - x) / x**2
    R, 0.5, 0.1666652, 0.041666206, 0.008368882, 0.0013950578
)  # fmt: skip
_SIN = polynomial(  # (sin(x) / x - 1) / x**2, in x**2
    R, -0.16666655, 0.008332178, -0.000195173
)  # fmt: skip
_COS = polynomial(  # (cos(x) - 1 + x**2 / 2) / x**4, in x**2
    R, 0.041666646, -0.0013887368, 2.4438465e-05
)  # fmt: skip
_ATAN = polynomial(  # (atan(x) / x - 1) / x**2, in x**2
    R, -0.33333316, 0.1999849, -0.1424385, 0.10596006, -0.06083464
)  # fmt: skip
_ERF = polynomial(  # erf(x) / x, in x**2
    R, 1.1283791, -0.37612626, 0.112835854, -0.026853811, 0.0051883273, -0.0008010189, 7.853844e-05
)  # fmt: skip
_ERFC = polynomial(  # exp(x**2) erfc(x), in 2 / (2 + x)
    R, 0.00016745494, 0.27939475, 0.29958844, 0.19023481, 0.2632748, 0.05955713, -0.09353071
)  # fmt: skip


@primitive
def with_sign(x: float, sign: float) -> float:
    """``x`` with its sign flipped where the number ``sign`` is negative."""
    return value(W(bits(x) ^ W(bits(sign) & _SIGN)))


@primitive
def log(x: float) -> float:
    """``log(x)`` for every x: -inf at 0, nan below it."""
    small = x < R(1.1754944e-38)  # subnormal numbers are brought into the normal range
    word = bits(select(small, x * R(16777216.0), x))
    shift = W(W(word - W(0x3F3504F3)) & W(0xFF800000))  # exponent of x / sqrt(1/2)
    f = value(W(word - shift)) - R(1)
    e = R(np.int32(shift)) * R(2.0**-23) - select(small, R(24), R(0))
    z = f * f
    y = e * _LN2_HIGH + (f - (R(0.5) * z - (f * z * _LOG(f) + e * _LN2_LOW)))
    y = select(x == R(0), -_INF, select(x < _INF, y, x))
    return select(x >= R(0), y, _NAN)


@primitive
def _exp_parts(x: np.float32) -> tuple[np.float32, np.float32]:
    """``x = n log 2 + r`` as ``exp(r) - 1`` and the power ``2**(n - 1)``."""
    shifted = x * R(1.442695) + _MAGIC
    n = shifted - _MAGIC
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    return r + r * r * _EXP(r), value(W(W(bits(shifted) << _EXPONENT) + W(0x7E << 23)))


@primitive
def exp_negative(x: float) -> float:
    """``exp(x)`` for x <= 0; zero below -87."""
    inside = x > R(-87)
    small, half_power = _exp_parts(select(inside, x, R(-87)))
    return select(inside, (half_power + half_power * small) * R(2), R(0))


@primitive
def exp(x: float) -> float:
    """``exp(x)``; results below 1.6e-38 are zero."""
    small, half_power = _exp_parts(select(x > R(-87), select(x < R(88.8), x, R(88.8)), R(-87)))
    y = select(x > R(-87), (half_power + half_power * small) * R(2), R(0))
    y = select(x < R(88.72284), y, _INF)
    return select(x == x, y, x)


@primitive
def expm1(x: float) -> float:
    """``exp(x) - 1`` with all its digits near zero."""
    small, half_power = _exp_parts(select(x > R(-20), select(x < R(88.8), x, R(88.8)), R(-20)))
    y = ((half_power - R(0.5)) + half_power * small) * R(2)
    y = select(x < R(88.72284), y, _INF)
    return select(x == x, y, x)


@primitive
def sin_cos(x: float) -> tuple[float, float]:
    """Sine and cosine, accurate for ``|x|`` up to 5e3."""
    shifted = x * R(0.63661975) + _MAGIC
    n, quadrant = shifted - _MAGIC, bits(shifted)
    # pi/2 in three parts of 12 bits, so that the first two products are exact
    r = ((x - n * R(1.5703125)) - n * R(0.0004837512969970703)) - n * R(7.549789954891882e-08)
    z = r * r
    s, c = r + r * z * _SIN(z), R(1) - z * (R(0.5) - z * _COS(z))
    odd = W(quadrant & W(1)) != W(0)
    flip_s, flip_c = W(W(quadrant & W(2)) << W(30)), W(W(W(quadrant + W(1)) & W(2)) << W(30))
    return value(W(bits(select(odd, c, s)) ^ flip_s)), value(W(bits(select(odd, s, c)) ^ flip_c))


@primitive
def atan(x: float) -> float:
    """``atan(x)``, by reduction to ``|x| < tan(pi/8)`` with a single division."""
    a = with_sign(x, x)
    middle, large = a > R(0.41421356237309503), a > R(2.414213562373095)
    above = select(large, R(-1.0), select(middle, a - R(1.0), a))
    t = above / select(large, a, select(middle, a + R(1.0), R(1.0)))
    z = t * t
    y = t + t * z * _ATAN(z)
    base = select(large, R(1.5707963267948966), select(middle, R(0.7853981633974483), R(0.0)))
    return with_sign(base + y, x)


@primitive
def erf(x: float) -> float:
    """The error function."""
    a = with_sign(x, x)
    b = select(a > R(1.0), select(a < R(6.0), a, R(6.0)), R(1.0))
    t = R(2.0) / (R(2.0) + b)
    tail = exp_negative(-b * b) * _ERFC(t)
    z = select(a > R(1.0), R(1.0), x * x)
    near = a * _ERF(z)
    return select(x == x, with_sign(select(a > R(1.0), R(1.0) - tail, near), x), x)


sqrt, absolute, sin, cos, tan, asin, acos, sinh, cosh, tanh, sign, maximum, minimum, nearer, positive, power = compose(
    R, with_sign, log, exp, expm1, sin_cos, atan, large=88.0
)
