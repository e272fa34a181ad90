"""Elementary functions of interval arrays, rounded outward.

Numpy's float64 elementary functions are not correctly rounded. Its own accuracy tests allow them errors of up to 4
units in the last place (most are below 1); every bound here is moved outward by 8.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from escapetime.symbolic.intervals.arithmetic import (
    Interval,
    Partial,
    magnitude,
    multiply,
    round_down,
    round_up,
)

_ULPS = 8.0
_SUBNORMAL = 4e-323  # as many units in the last place, where that is a fixed number
_TURN = 2 * np.pi


def increasing(
    function: Callable[[np.ndarray], np.ndarray], least: float = -np.inf, most: float = np.inf
) -> Callable[[Interval], Interval]:
    """Return the interval version of an increasing function with values in ``[least, most]``."""

    def enclose(a: Interval) -> Interval:
        lower, upper = function(a[0]), function(a[1])
        lower, upper = round_down(lower, _ULPS, _SUBNORMAL), round_up(upper, _ULPS, _SUBNORMAL)
        return np.maximum(lower, least), np.minimum(upper, most)

    return enclose


def _erf(x: np.ndarray) -> np.ndarray:
    from scipy.special import erf

    return erf(x)


exp = increasing(np.exp, least=0.0)
sinh = increasing(np.sinh)
tanh = increasing(np.tanh, -1.0, 1.0)
atan = increasing(np.arctan)
asinh = increasing(np.arcsinh)
erf = increasing(_erf, -1.0, 1.0)
_log = increasing(np.log)
_arcsin = increasing(np.arcsin)
_arccosh = increasing(np.arccosh, least=0.0)
_arctanh = increasing(np.arctanh)


def cosh(a: Interval) -> Interval:
    """Return ``cosh(a)``."""
    lower, upper = magnitude(a)
    return np.maximum(round_down(np.cosh(lower), _ULPS), 1.0), round_up(np.cosh(upper), _ULPS)


def log(a: Interval) -> Partial:
    """Return ``log(a)``, undefined where ``a`` reaches zero or below."""
    lower, upper = _log((np.maximum(a[0], 0.0), np.maximum(a[1], 0.0)))
    nowhere = a[1] <= 0
    return np.where(a[0] <= 0, -np.inf, lower), np.where(nowhere, np.inf, upper), a[0] <= 0


def sqrt(a: Interval) -> Partial:
    """Return ``sqrt(a)`` (correctly rounded by IEEE 754), undefined where ``a`` reaches below zero."""
    lower, upper = np.sqrt(np.maximum(a[0], 0.0)), np.sqrt(np.maximum(a[1], 0.0))
    return np.maximum(round_down(lower), 0.0), np.where(a[1] < 0, np.inf, round_up(upper)), a[0] < 0


def positive_power(a: Interval, exponent: Interval) -> Partial:
    """Return ``a**exponent`` for a real constant exponent, undefined below zero, and at zero if it is negative."""
    lower, upper, nonpositive = log(a)
    low, high = exp(multiply((lower, upper), exponent))
    return low, high, (a[0] < 0) if exponent[0] > 0 else nonpositive


def _reaches(a: Interval, phase: float) -> np.ndarray:
    # whether phase + 2 pi k lies in the interval; widened, because saying yes too often only loosens the bound
    slack = 1e-9 + 1e-12 * np.maximum(np.abs(a[0]), np.abs(a[1]))
    return np.floor((a[1] + slack - phase) / _TURN) >= np.ceil((a[0] - slack - phase) / _TURN)


def _wave(function: Callable[[np.ndarray], np.ndarray], crest: float) -> Callable[[Interval], Interval]:
    def enclose(a: Interval) -> Interval:
        lost = ~((a[0] > -1e8) & (a[1] < 1e8))  # beyond, the argument's own digits no longer fix the phase well
        inside = np.where(lost, 0.0, a[0]), np.where(lost, _TURN, a[1])
        one, two = function(inside[0]), function(inside[1])
        # near its zeros the sine's error is bounded in units of its argument's last place
        slack = 4e-16 + 4e-16 * np.maximum(np.abs(inside[0]), np.abs(inside[1]))
        upper = np.minimum(np.maximum(one, two) + slack, 1.0)
        lower = np.maximum(np.minimum(one, two) - slack, -1.0)
        return np.where(_reaches(inside, crest + np.pi), -1.0, lower), np.where(_reaches(inside, crest), 1.0, upper)

    return enclose


sin = _wave(np.sin, np.pi / 2)
cos = _wave(np.cos, 0.0)


def tan(a: Interval) -> Partial:
    """Return ``tan(a)``, undefined where ``a`` contains a pole."""
    width = a[1] - a[0]
    pole = ~(width < np.pi) | _reaches(a, np.pi / 2) | _reaches(a, -np.pi / 2) | ~(np.abs(a[0]) < 1e8)
    inside = np.where(pole, 0.0, a[0]), np.where(pole, 0.0, a[1])
    slack = 4e-16 * (1 + np.maximum(np.abs(inside[0]), np.abs(inside[1])))
    low, high = np.tan(inside[0]), np.tan(inside[1])
    # an error of the argument is multiplied by the slope 1 + tan**2
    low, high = round_down(low - slack * (1 + low * low), _ULPS), round_up(high + slack * (1 + high * high), _ULPS)
    return np.where(pole, -np.inf, low), np.where(pole, np.inf, high), pole


def _within(
    enclose: Callable[[Interval], Interval], least: float, most: float, closed: bool
) -> Callable[[Interval], Partial]:
    def restricted(a: Interval) -> Partial:
        outside = (a[0] < least) | (a[1] > most) if closed else (a[0] <= least) | (a[1] >= most)
        lower, upper = enclose((np.clip(a[0], least, most), np.clip(a[1], least, most)))
        return lower, upper, outside

    return restricted


asin = _within(_arcsin, -1.0, 1.0, closed=True)
acosh = _within(_arccosh, 1.0, np.inf, closed=True)
atanh = _within(_arctanh, -1.0, 1.0, closed=False)


def acos(a: Interval) -> Partial:
    """Return ``acos(a)``, undefined where ``a`` leaves ``[-1, 1]``."""
    low, high = np.clip(a[0], -1.0, 1.0), np.clip(a[1], -1.0, 1.0)
    return (
        np.maximum(round_down(np.arccos(high), _ULPS), 0.0),
        round_up(np.arccos(low), _ULPS),
        (a[0] < -1) | (a[1] > 1),
    )


def erfc(a: Interval) -> Interval:
    """Return ``erfc(a)``, relatively accurate in its tail."""
    from scipy.special import erfc as complementary

    # in the tail, exp(-x**2) magnifies the rounding of x**2; underneath the normal range few digits are left
    slack = [_ULPS + 4.0 * np.clip(bound, 0.0, 40.0) ** 2 for bound in a]
    lower = round_down(complementary(a[1]), slack[1], absolute=1e-307)
    upper = round_up(complementary(a[0]), slack[0], absolute=1e-307)
    return np.maximum(lower, 0.0), np.minimum(upper, 2.0)


def maximum(a: Interval, b: Interval) -> Interval:
    """Return ``max(a, b)``, exactly."""
    return np.maximum(a[0], b[0]), np.maximum(a[1], b[1])


def minimum(a: Interval, b: Interval) -> Interval:
    """Return ``min(a, b)``, exactly."""
    return np.minimum(a[0], b[0]), np.minimum(a[1], b[1])


def sign(a: Interval) -> Partial:
    """Return ``sign(a)``; flagged where ``a`` contains zero, because there it jumps."""
    return np.sign(a[0]), np.sign(a[1]), (a[0] <= 0) & (a[1] >= 0)


def heaviside(a: Interval, *_: Interval) -> Partial:
    """Return the unit step, flagged where ``a`` contains zero."""
    return np.where(a[0] > 0, 1.0, 0.0), np.where(a[1] >= 0, 1.0, 0.0), (a[0] <= 0) & (a[1] >= 0)


def dirac(a: Interval, *_: Interval) -> Partial:
    """Return the delta function or a derivative of it: zero off its support, unbounded and flagged on it."""
    vanishes = (a[0] <= 0) & (a[1] >= 0)
    return np.where(vanishes, -np.inf, 0.0), np.where(vanishes, np.inf, 0.0), vanishes
