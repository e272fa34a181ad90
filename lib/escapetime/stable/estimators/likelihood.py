r"""Maximum likelihood: index and scale for data that are stable."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from escapetime.stable._checks import Floats
from escapetime.stable.estimators.result import TailIndex, numbers

_LEAST = 0.15
_SPACING = 0.04  # of the table of log densities


def likelihood(data: Any) -> TailIndex:
    r"""Estimate index and scale by maximum likelihood.

    Parameters
    ----------
    data : array_like, shape (n,)
        Independent, centered, in any order.

    Returns
    -------
    TailIndex
        Between 0.15 and 2. Its interval is where the profile of the likelihood is high enough (Wilks); that also holds
        close to 2, where the standard error does not and is nan.

    Notes
    -----
    Log densities are interpolated, with errors below 1e-6 (at ``alpha = 1.9999`` up to 1e-5). For data that are not
    stable the estimate is the stable law closest in relative entropy, a matter of the bulk as much as of the tail.

    References
    ----------
    DuMouchel 1973 (``dumouchel1973``).

    Examples
    --------
    Quantiles of the Cauchy law.

    >>> x = np.tan(np.pi * ((np.arange(4000) + 0.5) / 4000 - 0.5))
    >>> fit = likelihood(x)
    >>> round(fit.alpha, 2), round(fit.scale, 2)
    (1.0, 1.0)
    """
    from scipy.optimize import minimize_scalar

    x = np.abs(numbers(data, 20, "likelihood"))
    middle = math.log(float(np.median(x)) or float(x.mean()))

    @lru_cache(maxsize=256)
    def profile(alpha: float) -> tuple[float, float]:
        # the largest log-likelihood at this index, and the log-scale where it is
        table = _log_density(alpha) if alpha < 2 else None
        cost = lambda s: -float(_values(table, alpha, x * math.exp(-s)).sum()) + x.size * s  # noqa: E731
        best = minimize_scalar(cost, bounds=(middle - 3, middle + 3), method="bounded", options={"xatol": 1e-6})
        return -float(best.fun), float(best.x)

    best = minimize_scalar(
        lambda a: -profile(float(a))[0], bounds=(_LEAST, 2.0), method="bounded", options={"xatol": 1e-5}
    )
    alpha = 2.0 if profile(2.0)[0] >= -best.fun else float(best.x)
    top, log_scale = profile(alpha)
    step = 0.02
    stderr = math.nan
    if _LEAST + step < alpha < 2 - step:
        curvature = (profile(alpha + step)[0] + profile(alpha - step)[0] - 2 * top) / step**2
        stderr = 1 / math.sqrt(-curvature) if curvature < 0 else math.nan

    def ends(share: float) -> tuple[float, float]:
        from scipy.optimize import brentq
        from scipy.special import chdtri

        allowed = float(chdtri(1, 1 - share)) / 2
        drop = lambda a: top - profile(float(a))[0] - allowed  # noqa: E731
        low = float(brentq(drop, _LEAST, alpha, xtol=1e-4)) if drop(_LEAST) > 0 else _LEAST
        return low, float(brentq(drop, alpha, 2.0, xtol=1e-4)) if alpha < 2 and drop(2.0) > 0 else 2.0

    return TailIndex(alpha, stderr, x.size, "maximum likelihood", math.exp(log_scale), profile=ends)


@lru_cache(maxsize=64)
def _log_density(alpha: float) -> Any:
    # of the density as a function of asinh(x / width); even in x, so that the slope at zero vanishes
    from scipy.interpolate import CubicSpline

    from escapetime.stable.density import pdf

    width = _width(alpha)
    bulk, end = math.asinh(40.0 / width), math.asinh(_farthest(alpha) / width)
    # dense up to where, for alpha close to 2, the Gaussian bulk turns into the tail within a few tenths
    dense = np.arange(0.0, bulk, _SPACING / (4 if alpha > 1 else 1))
    w = np.concatenate((dense, np.linspace(bulk, end, int((end - bulk) / _SPACING))))
    return CubicSpline(w, np.log(pdf(np.sinh(w) * width, alpha)), bc_type=((1, 0.0), "not-a-knot"))


def _width(alpha: float) -> float:
    # where the first two terms of the series at the center are alike; tiny for small alpha, whose density is a spike
    return math.exp((math.log(2) + math.lgamma(1 / alpha) - math.lgamma(3 / alpha)) / 2)


def _farthest(alpha: float) -> float:
    # beyond, the density is a power law to nine digits
    return 1e9 ** max(1.0, 1 / alpha)


def _values(table: Any, alpha: float, x: Floats) -> Floats:
    if alpha == 2:
        return -x * x / 4 - 0.5 * math.log(4 * math.pi)
    end = _farthest(alpha)
    inside = table(np.arcsinh(np.minimum(x, end) / _width(alpha)))
    return inside - (1 + alpha) * np.log(np.maximum(x, end) / end)
