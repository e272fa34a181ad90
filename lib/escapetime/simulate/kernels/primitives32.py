"""Elementary functions in float32 that LLVM can vectorise over lanes: see :mod:`.primitives64`, with fewer terms."""

from __future__ import annotations

import math

import numpy as np

from escapetime.simulate.kernels.composed import compose
from escapetime.simulate.kernels.flags import primitive
from escapetime.simulate.kernels.intrinsics import bits32 as bits
from escapetime.simulate.kernels.intrinsics import select
from escapetime.simulate.kernels.intrinsics import value32 as value

R, W = np.float32, np.uint32  # numba widens sums of small types, hence the many casts
_MAGIC = R(12582912.0)  # 1.5 * 2**23
_EXPONENT, _SIGN = W(23), W(1 << 31)
_LN2_HIGH, _LN2_LOW = R(0.693115234375), R(3.1946184945309415e-05)  # the first ends in 12 zero bits
_INF, _NAN = R(math.inf), R(math.nan)


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
    tail = R(0.3333391) + f * (R(-0.25001338) + f * (R(0.19963062) + f * (R(-0.16577567) + f * (R(0.14914775)
        + f * (R(-0.14267607) + f * R(0.08700561))))))  # fmt: skip
    y = e * _LN2_HIGH + (f - (R(0.5) * z - (f * z * tail + e * _LN2_LOW)))
    y = select(x == R(0), -_INF, select(x < _INF, y, x))
    return select(x >= R(0), y, _NAN)


@primitive
def _exp_parts(x: np.float32) -> tuple[np.float32, np.float32]:
    """``x = n log 2 + r`` as ``exp(r) - 1`` and the power ``2**(n - 1)``."""
    shifted = x * R(1.442695) + _MAGIC
    n = shifted - _MAGIC
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    tail = R(0.5) + r * (R(0.1666652) + r * (R(0.041666206) + r * (R(0.008368882) + r * R(0.0013950578))))
    return r + r * r * tail, value(W(W(bits(shifted) << _EXPONENT) + W(0x7E << 23)))


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
    s = r + r * z * (R(-0.16666655) + z * (R(0.008332178) + z * R(-0.000195173)))
    c = R(1) - z * (R(0.5) - z * (R(0.041666646) + z * (R(-0.0013887368) + z * R(2.4438465e-05))))
    odd = W(quadrant & W(1)) != W(0)
    flip_s, flip_c = W(W(quadrant & W(2)) << W(30)), W(W(W(quadrant + W(1)) & W(2)) << W(30))
    return value(W(bits(select(odd, c, s)) ^ flip_s)), value(W(bits(select(odd, s, c)) ^ flip_c))


sqrt, absolute, sin, cos, tan, sinh, cosh, tanh, sign, maximum, minimum, nearer, positive, power = compose(
    R, with_sign, log, exp, expm1, sin_cos, large=88.0
)
