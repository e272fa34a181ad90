"""Elementary functions made of others, the same way in either precision."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from escapetime.simulate.kernels.flags import primitive
from escapetime.simulate.kernels.intrinsics import select


def compose(
    real: type, with_sign: Any, log: Any, exp: Any, expm1: Any, sin_cos: Any, atan: Any, large: float
) -> tuple[Callable[..., Any], ...]:
    """Return compiled functions.

    Parameters
    ----------
    real : type
        numpy's type of the arguments.
    with_sign, log, exp, expm1, sin_cos, atan : callable
        Compiled, in this precision.
    large : float
        Where ``exp`` is about to overflow.

    Returns
    -------
    tuple of callable
        sqrt, absolute, sin, cos, tan, asin, acos, sinh, cosh, tanh, sign, maximum, minimum, nearer, positive, power.
    """
    zero, half, one = real(0.0), real(0.5), real(1.0)
    edge, far = real(large), real(22.0)

    @primitive
    def sqrt(x):  # type: ignore[no-untyped-def]
        return real(math.sqrt(x))

    @primitive
    def absolute(x):  # type: ignore[no-untyped-def]
        return with_sign(x, x)

    @primitive
    def sin(x):  # type: ignore[no-untyped-def]
        return sin_cos(x)[0]

    @primitive
    def cos(x):  # type: ignore[no-untyped-def]
        return sin_cos(x)[1]

    @primitive
    def tan(x):  # type: ignore[no-untyped-def]
        s, c = sin_cos(x)
        return s / c

    @primitive
    def asin(x):  # type: ignore[no-untyped-def]
        return atan(x / sqrt((one - x) * (one + x)))

    @primitive
    def acos(x):  # type: ignore[no-untyped-def]
        y = atan(sqrt((one - x) / (one + x)))
        return y + y

    @primitive
    def sinh(x):  # type: ignore[no-untyped-def]
        a = with_sign(x, x)
        e = expm1(select(a < edge, a, edge))
        root = exp(half * a)  # exp overflows before sinh does
        return with_sign(select(a < edge, half * (e + e / (e + one)), root * (half * root)), x)

    @primitive
    def cosh(x):  # type: ignore[no-untyped-def]
        root = exp(half * with_sign(x, x))
        return (half * root) * root + half / root / root

    @primitive
    def tanh(x):  # type: ignore[no-untyped-def]
        a = with_sign(x, x)
        e = expm1(select(a < far, a + a, far + far))
        return select(x == x, with_sign(e / (e + one + one), x), x)

    @primitive
    def sign(x):  # type: ignore[no-untyped-def]
        return select(with_sign(x, x) > zero, with_sign(one, x), x)

    @primitive
    def maximum(x, y):  # type: ignore[no-untyped-def]
        return select(x > y, x, select(x == x, y, x))

    @primitive
    def minimum(x, y):  # type: ignore[no-untyped-def]
        return select(x < y, x, select(x == x, y, x))

    @primitive
    def nearer(x, y):  # type: ignore[no-untyped-def]
        return select(x < y, x, y)

    @primitive
    def positive(x):  # type: ignore[no-untyped-def]
        return select(x > zero, x, zero)

    @primitive
    def power(x, y):  # type: ignore[no-untyped-def]
        return exp(y * log(x))

    return sqrt, absolute, sin, cos, tan, asin, acos, sinh, cosh, tanh, sign, maximum, minimum, nearer, positive, power
