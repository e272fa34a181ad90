r"""Empirical characteristic function: the slope of its double logarithm."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from escapetime.errors import InvalidInput
from escapetime.stable.estimators.result import TailIndex, from_influence, numbers

_GRID = np.linspace(0.1, 1.0, 10)


def characteristic(data: Any, *, grid: ArrayLike = _GRID) -> TailIndex:
    r"""Estimate index and scale by a line through :math:`\log(-\log|\hat\varphi(t)|)` against :math:`\log t`.

    Parameters
    ----------
    data : array_like, shape (n,)
        In any order, about any center: the modulus does not see it.
    grid : array_like
        Values of t, in units of one over half of the distance between the quartiles.

    Returns
    -------
    TailIndex
        The slope, which may exceed 2 by chance; its standard error is the sandwich estimate, valid for any law.

    Raises
    ------
    InvalidInput
        If more than half of the numbers are equal, or the grid is not positive.

    Notes
    -----
    The slope is that of the law at those t: data of other laws get an index that depends on the grid.

    References
    ----------
    Koutrouvelis 1980 (``koutrouvelis1980``); the fixed grid is that of Kogon and Williams 1998.

    Examples
    --------
    Quantiles of the Cauchy law with scale 3.

    >>> x = 3 * np.tan(np.pi * ((np.arange(40_000) + 0.5) / 40_000 - 0.5))
    >>> fit = characteristic(x)
    >>> round(fit.alpha, 2), round(fit.scale, 2)
    (1.0, 3.0)
    """
    x = numbers(data, 20, "characteristic function")
    t = np.asarray(grid, dtype=np.float64)
    if t.ndim != 1 or t.size < 2 or not (t > 0).all():
        raise InvalidInput(f"Expected at least two positive values of t, got {t.tolist()}.")
    low, center, high = np.quantile(x, (0.25, 0.5, 0.75))
    unit = float(high - low) / 2
    if not unit > 0:
        raise InvalidInput("Expected quartiles that differ: half of the numbers are equal; leave out dead coordinates.")
    z = (x - center) / unit
    log_t = np.log(t)
    weights = log_t - log_t.mean()
    weights /= weights @ weights
    heights, influence = np.empty(t.size), np.zeros(x.size)
    for k in range(t.size):
        cosine, sine = np.cos(t[k] * z), np.sin(t[k] * z)
        c, s = float(cosine.mean()), float(sine.mean())
        modulus = math.hypot(c, s)
        if not 0 < modulus < 1:
            raise InvalidInput("Expected a characteristic function between 0 and 1: these numbers lie on a lattice.")
        heights[k] = math.log(-math.log(modulus))
        influence += weights[k] / (modulus**2 * math.log(modulus)) * (c * cosine + s * sine)
    alpha = float(weights @ heights)
    scale = unit * math.exp(float(heights.mean() - alpha * log_t.mean()) / alpha) if alpha > 0 else math.nan
    return from_influence(alpha, influence, f"characteristic function, {t.size} values of t", x.size, scale)
