r"""Quantile estimator: how far the outer quantiles lie, in units of the inner ones."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from escapetime.stable.estimators.result import TailIndex, numbers

_PROBABILITIES = np.array([0.05, 0.25, 0.75, 0.95])
_LEAST = 0.2


def mcculloch(data: Any) -> TailIndex:
    r"""Estimate index and scale from :math:`(q_{.95}-q_{.05})/(q_{.75}-q_{.25})`.

    Parameters
    ----------
    data : array_like, shape (n,)
        In any order, about any center.

    Returns
    -------
    TailIndex
        Between 0.2 and 2; a ratio smaller than the Gaussian one gives 2. The standard error is that of sample
        quantiles of the fitted law.

    Notes
    -----
    It sees the central 90 % and no tail at all: data of other laws get the index that their shoulders resemble.

    References
    ----------
    McCulloch 1986 (``mcculloch1986``), for symmetric laws; the table is computed here.

    Examples
    --------
    Quantiles of the Cauchy law.

    >>> x = np.tan(np.pi * ((np.arange(40_000) + 0.5) / 40_000 - 0.5))
    >>> fit = mcculloch(x)
    >>> round(fit.alpha, 3), round(fit.scale, 3)
    (1.0, 1.0)
    """
    from scipy.optimize import brentq

    from escapetime.stable.density import pdf
    from escapetime.stable.quantiles import isf

    x = numbers(data, 20, "quantile estimator")
    low, inner_low, inner_high, high = np.quantile(x, _PROBABILITIES)
    outer, inner = high - low, inner_high - inner_low
    wanted = math.log(outer / inner) if inner > 0 else math.inf
    ratio = _table()
    if wanted <= ratio(2.0):
        alpha = 2.0
    elif wanted >= ratio(_LEAST):
        alpha = _LEAST
    else:
        alpha = float(brentq(lambda a: ratio(a) - wanted, _LEAST, 2.0, xtol=1e-9))
    name = "McCulloch, quantiles at 5, 25, 75, 95 %"
    if inner <= 0:
        return TailIndex(alpha, math.nan, x.size, name)
    fitted = np.array([-1.0, -1.0, 1.0, 1.0]) * isf([0.05, 0.25, 0.25, 0.05], alpha)
    # sample quantiles are jointly normal: covariance p (1 - q) / (f(p) f(q) n) for p <= q
    p = np.minimum.outer(_PROBABILITIES, _PROBABILITIES) - np.outer(_PROBABILITIES, _PROBABILITIES)
    weights = np.array([-1.0, 0.0, 0.0, 1.0]) / (fitted[3] - fitted[0])
    weights -= np.array([0.0, -1.0, 1.0, 0.0]) / (fitted[2] - fitted[1])
    weights /= pdf(fitted, alpha)
    slope = float(ratio.deriv()(alpha))
    stderr = math.sqrt(weights @ p @ weights / x.size) / abs(slope)
    return TailIndex(alpha, stderr, x.size, name, float(inner / (fitted[2] - fitted[1])))


@lru_cache(maxsize=1)
def _table() -> Any:
    # log of q.95 / q.75 as a function of alpha; a polynomial in alpha of this degree errs by less than 1e-6
    from numpy.polynomial import Chebyshev

    from escapetime.stable.quantiles import isf

    def ratio(alphas: Any) -> Any:
        both = np.array([isf([0.05, 0.25], a) for a in alphas])
        return np.log(both[:, 0] / both[:, 1])

    return Chebyshev.interpolate(ratio, 24, domain=(_LEAST, 2.0))
