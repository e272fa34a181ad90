r"""Log-cumulants: the spread of the logarithm."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from escapetime.stable.constants import log_moments
from escapetime.stable.estimators.result import TailIndex, from_influence, numbers


def log_cumulant(data: Any) -> TailIndex:
    r"""Estimate index and scale from the variance of the logarithm, :math:`\frac{\pi^2}6(\alpha^{-2}+\frac12)`.

    Parameters
    ----------
    data : array_like, shape (n,)
        In any order, centered, without zeros.

    Returns
    -------
    TailIndex
        Infinite if the variance is smaller than that of every symmetric stable law.

    Notes
    -----
    Numbers close to zero weigh as much as large ones: what is sparse or has different scales looks heavy-tailed.

    References
    ----------
    Nikias and Shao 1995 (``nikias1995``).

    Examples
    --------
    Quantiles of the Cauchy law.

    >>> x = np.tan(np.pi * ((np.arange(40_000) + 0.5) / 40_000 - 0.5))
    >>> round(log_cumulant(x).alpha, 2)
    1.0
    """
    x = numbers(data, 20, "log-cumulant estimator", no_zeros=True)
    logs = np.log(np.abs(x))
    square = (logs - logs.mean()) ** 2
    inverse_square = 6 / math.pi**2 * float(square.mean()) - 0.5
    alpha = inverse_square**-0.5 if inverse_square > 0 else math.inf
    stable = math.isfinite(alpha)
    scale = math.exp(float(logs.mean()) - log_moments(min(alpha, 2.0))[0]) if stable else math.nan
    influence = -3 / math.pi**2 * alpha**3 * square if stable else square
    return from_influence(alpha, influence, "variance of the logarithm", x.size, scale)
