r"""Quantiles of the symmetric stable law, down to probabilities of 1e-300.

Newton's method on :mod:`escapetime.stable.density`, in logarithms, where the tail and the center are straight lines.
A quantile is as good as its probability: the relative error is that of the probability (or of its distance to 1/2)
divided by alpha, about 1e-13.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.stable._checks import Floats, positive, stability
from escapetime.stable.density import LEAST, WHY, halves


def isf(p: ArrayLike, alpha: float, *, scale: float = 1.0) -> Any:
    r"""Value that is exceeded with probability p.

    Parameters
    ----------
    p : array_like
        Probabilities in [0, 1].
    alpha : float
        Stability index, 0.1 to 2.
    scale : float
        Scale :math:`\sigma > 0`.

    Returns
    -------
    numpy.ndarray or float
        In the unit of the scale; infinite at 0 and 1. With full relative accuracy for small p.

    Examples
    --------
    >>> round(float(isf(0.25, 1.0)), 12), float(isf(1e-9, 1.5)) > 1e5
    (1.0, True)
    """
    return _quantile(p, alpha, scale, 1.0)


def ppf(p: ArrayLike, alpha: float, *, scale: float = 1.0) -> Any:
    r"""Quantile: the value that is not exceeded with probability p.

    Parameters
    ----------
    p : array_like
        Probabilities in [0, 1].
    alpha : float
        Stability index, 0.1 to 2.
    scale : float
        Scale :math:`\sigma > 0`.

    Returns
    -------
    numpy.ndarray or float
        In the unit of the scale; infinite at 0 and 1.

    Examples
    --------
    >>> round(float(ppf(0.75, 1.0)), 12), float(ppf(0.5, 1.3))
    (1.0, 0.0)
    """
    return _quantile(p, alpha, scale, -1.0)


def _quantile(p: ArrayLike, alpha: float, scale: float, sign: float) -> Any:
    index, unit = stability(alpha, LEAST, WHY), positive(scale, "the scale")
    given = np.asarray(p, dtype=np.float64)
    if not ((given >= 0) & (given <= 1)).all():
        raise InvalidInput("Expected probabilities in [0, 1], got one outside or nan.")
    small = np.minimum(given, 1.0 - given).ravel()
    with np.errstate(under="ignore"):
        x = _invert(index, small).reshape(given.shape)
    return (unit * sign * np.where(given <= 0.5, x, -x) + 0.0)[()]


def _invert(alpha: float, p: Floats) -> Floats:
    # Newton's method with bisection to fall back on, for P(X > x) = p <= 1/2
    from scipy.special import erfcinv

    if alpha == 2.0:
        return 2 * erfcinv(2 * p)
    if alpha == 1.0:
        with np.errstate(divide="ignore"):
            return np.where(p > 0.25, np.tan(np.pi * (0.5 - p)), 1 / np.tan(np.pi * p))
    x = np.where(p > 0, 0.0, np.inf)
    todo = np.flatnonzero((p > 0) & (p < 0.5))
    if not todo.size:
        return x
    p = p[todo]
    low, high = np.full_like(p, -745.0), np.full_like(p, 709.0)  # of log x
    y = np.log(np.where(p > 0.25, (0.5 - p) / halves(alpha, np.zeros(1))[2], 1.0))
    for _ in range(200):
        beyond, within, density = halves(alpha, np.exp(y))
        # in log-log both ends are straight lines: the tail a power law, the center proportional to x
        inside = p > 0.25
        error = np.where(inside, np.log((0.5 - p) / within), np.log(np.maximum(beyond, 1e-320) / p))
        slope = np.exp(y) * density / np.where(inside, within, np.maximum(beyond, 1e-320))
        low, high = np.where(error > 0, y, low), np.where(error < 0, y, high)
        with np.errstate(divide="ignore", over="ignore"):
            step = np.clip(error / slope, -40.0, 40.0)
        found = (np.abs(error) <= 4e-16) | (np.abs(step) <= 2e-16 * np.maximum(1.0, np.abs(y)))
        if (found | (high - low <= 4e-16 * np.abs(y))).all():
            x[todo] = np.where(y < 708.99, np.exp(y), np.inf)
            return x
        inside_bracket = (y + step > low) & (y + step < high)
        y = np.where(found, y, np.where(inside_bracket, y + step, (low + high) / 2))
    raise NumericalFailure(
        f"No quantile found for alpha = {alpha:g}: Newton's method did not end. Report this as a bug."
    )
