"""Sums, products, quotients and powers of intervals, on arrays of intervals, rounded outward.

An interval array is a pair ``(lower, upper)`` of float64 arrays. Every result contains every value that the exact
operation takes on the operands: round-to-nearest is off by at most half a unit in the last place, and each bound is
moved outward by at least one.
"""

from __future__ import annotations

import numpy as np

Interval = tuple[np.ndarray, np.ndarray]
Partial = tuple[np.ndarray, np.ndarray, np.ndarray]  # the third: where the operation may be undefined

_EPS = 2.0**-52
_LARGEST = float(np.finfo(float).max)
_SMALLEST = 5e-324


def round_down(value: np.ndarray, ulps: float | np.ndarray = 1.0, absolute: float = _SMALLEST) -> np.ndarray:
    """Return floats ``ulps`` units in the last place below ``value``; ``inf`` becomes the largest float."""
    value = np.minimum(value, _LARGEST)
    # |v| 2**-52 is at least one ulp of v, so that the rounded difference is at most the float below v
    return value - (np.abs(value) * (ulps * _EPS) + absolute)


def round_up(value: np.ndarray, ulps: float | np.ndarray = 1.0, absolute: float = _SMALLEST) -> np.ndarray:
    """Return floats ``ulps`` units in the last place above ``value``; see :func:`round_down`."""
    value = np.maximum(value, -_LARGEST)
    return value + (np.abs(value) * (ulps * _EPS) + absolute)


def add(a: Interval, b: Interval) -> Interval:
    """Return ``a + b``."""
    # sums below the normal range are exact, so zero needs no absolute margin: x**2 + y**2 stays >= 0
    return round_down(a[0] + b[0], absolute=0.0), round_up(a[1] + b[1], absolute=0.0)


def negate(a: Interval) -> Interval:
    """Return ``-a``, exactly."""
    return -a[1], -a[0]


def multiply(a: Interval, b: Interval) -> Interval:
    """Return ``a * b``; an infinite bound times zero is zero, because a bound is never attained at infinity."""
    corners = a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]
    # fmin and fmax skip the nan of 0 * inf; the zero that it stands for is among the other corners, unless all are nan
    lower = np.fmin(np.fmin(corners[0], corners[1]), np.fmin(corners[2], corners[3]))
    upper = np.fmax(np.fmax(corners[0], corners[1]), np.fmax(corners[2], corners[3]))
    lower, upper = _without_nan(lower), _without_nan(upper)
    return _keep_sign(round_down(lower), lower, (a[0] >= 0) & (b[0] >= 0)), round_up(upper)


def _without_nan(value: np.ndarray) -> np.ndarray:
    unknown = value != value
    return np.where(unknown, 0.0, value) if unknown.any() else value


def _keep_sign(rounded: np.ndarray, exact: np.ndarray, nonnegative: np.ndarray) -> np.ndarray:
    # a product of factors >= 0 is >= 0 even where rounding moved its lower bound from 0 to the first negative number
    return np.maximum(rounded, 0.0, where=nonnegative, out=rounded) if (exact == 0).any() else rounded


def scale(a: Interval, factor: Interval) -> Interval:
    """Return ``factor * a`` for a ``factor`` that does not contain zero: two products instead of four."""
    if factor[0] > 0:
        lower = np.where(a[0] >= 0, a[0] * factor[0], a[0] * factor[1])
        upper = np.where(a[1] >= 0, a[1] * factor[1], a[1] * factor[0])
        return _keep_sign(round_down(lower), lower, a[0] >= 0), round_up(upper)
    return negate(scale(a, (-factor[1], -factor[0])))


def reciprocal(a: Interval) -> Partial:
    """Return ``1 / a``, undefined where ``a`` contains zero."""
    lower, upper = a
    vanishes = (lower <= 0) & (upper >= 0)
    low = np.where(vanishes & (lower < 0), -np.inf, 1.0 / upper)
    high = np.where(vanishes & (upper > 0), np.inf, 1.0 / lower)
    nothing = (lower == 0) & (upper == 0)
    low, high = np.where(nothing, -np.inf, low), np.where(nothing, np.inf, high)
    low, high = round_down(low), round_up(high)
    return np.where(lower > 0, np.maximum(low, 0.0), low), np.where(upper < 0, np.minimum(high, 0.0), high), vanishes


def magnitude(a: Interval) -> Interval:
    """Return ``|a|``, exactly."""
    lower = np.maximum(np.maximum(a[0], -a[1]), 0.0)
    return lower, np.maximum(np.abs(a[0]), np.abs(a[1]))


def _nonnegative_power(base: Interval, n: int) -> Interval:
    lower, upper = base
    result: Interval | None = None
    while True:
        if n & 1:
            result = (lower, upper) if result is None else _nonnegative_product(result, (lower, upper))
        n >>= 1
        if not n:
            assert result is not None
            return result
        lower, upper = _nonnegative_product((lower, upper), (lower, upper))


def _nonnegative_product(a: Interval, b: Interval) -> Interval:
    # 0 * inf cannot occur between two lower or two upper bounds, since an upper bound of 0 has a lower bound of 0
    upper = a[1] * b[1]
    return np.maximum(round_down(a[0] * b[0]), 0.0), round_up(np.where(np.isnan(upper), 0.0, upper))


def power(a: Interval, n: int) -> Interval:
    """Return ``a**n`` for an integer ``n >= 1``, tight for even powers: ``[-1, 1]**2 = [0, 1]``.

    Parameters
    ----------
    a : pair of numpy.ndarray
        Lower and upper bounds.
    n : int
        At least 1.

    Returns
    -------
    pair of numpy.ndarray
        Bounds of the power.

    Examples
    --------
    >>> lower, upper = power((np.array([-1.0]), np.array([2.0])), 2)
    >>> lower, upper.round(12)
    (array([0.]), array([4.]))
    """
    if n % 2 == 0:
        return _nonnegative_power(magnitude(a), n)
    lower, upper = (
        _nonnegative_power((np.abs(a[0]), np.abs(a[0])), n),
        _nonnegative_power((np.abs(a[1]), np.abs(a[1])), n),
    )
    return np.where(a[0] >= 0, lower[0], -lower[1]), np.where(a[1] >= 0, upper[1], -upper[0])
