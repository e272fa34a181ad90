r"""Hill's estimator: the mean excess of the logarithm in the tail."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from escapetime.errors import InvalidInput
from escapetime.stable._checks import stability
from escapetime.stable.estimators.result import TailIndex, numbers


def hill(data: Any, *, fraction: float = 0.01) -> TailIndex:
    r"""Estimate the exponent of the tail of ``|X|`` from the largest values.

    Parameters
    ----------
    data : array_like, shape (n,)
        In any order.
    fraction : float
        Share of the data that is taken for the tail; at least ten numbers are.

    Returns
    -------
    TailIndex
        Standard error ``alpha / sqrt(k)``.

    Raises
    ------
    InvalidInput
        If the fraction is not between 0 and 1.

    Notes
    -----
    It is right where the tail is a power law, and a stable law with alpha above 1.5 is not one until far out: see
    :func:`hill_index`.

    References
    ----------
    Hill 1975 (``hill1975``).

    Examples
    --------
    Quantiles of Pareto's law with exponent 3.

    >>> x = (np.arange(1, 100_001) / 100_000) ** (-1 / 3)
    >>> round(hill(x, fraction=0.1).alpha, 2)
    3.0
    """
    x = np.abs(numbers(data, 20, "Hill estimator"))
    if not 0 < fraction < 1:
        raise InvalidInput(f"Expected the fraction in the tail between 0 and 1, got {fraction}.")
    k = min(max(10, int(fraction * x.size)), x.size - 1)
    largest = np.sort(np.partition(x, x.size - k - 1)[x.size - k - 1 :])
    if largest[0] <= 0:
        raise InvalidInput("Expected a tail of numbers other than zero: take a smaller fraction.")
    excess = float(np.log(largest[1:] / largest[0]).mean())
    alpha = 1 / excess if excess > 0 else math.inf
    return TailIndex(alpha, alpha / math.sqrt(k), x.size, f"Hill, the largest {k} of {x.size}")


def hill_index(alpha: float, fraction: float) -> float:
    r"""What Hill's estimator tends to on stable data of any size, for this share of the data in the tail.

    :math:`P(|X|>q) \big/ \int_q^\infty P(|X|>x)\,dx/x` with q the quantile that cuts off the share. It tends to alpha
    as the share does to zero, slowly when alpha is close to 2: the difference is the estimator's bias.

    Parameters
    ----------
    alpha : float
        Stability index, 0.1 to 2.
    fraction : float
        Share, between 0 and 1.

    Returns
    -------
    float
        The limit.

    Examples
    --------
    >>> round(hill_index(1.8, 0.05), 2), round(hill_index(1.8, 1e-6), 2)
    (2.66, 1.8)
    """
    from scipy.integrate import quad

    from escapetime.stable.density import sf
    from escapetime.stable.quantiles import isf

    a = stability(alpha)
    start = math.log(float(isf(fraction / 2, a)))
    # beyond, the tail is a power law; for a Gaussian there is nothing
    far = start + 60 / a if a < 2 else start + 6
    y = np.linspace(start, far, 41)
    pieces = [quad(lambda v: float(sf(math.exp(v), a)), p, q, epsrel=1e-10)[0] for p, q in pairwise(y)]
    return fraction / 2 / math.fsum(pieces)
