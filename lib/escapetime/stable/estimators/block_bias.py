r"""What the block estimator says about data that are not stable, or not independent: its biases as formulas.

With m the block length, the estimator tends to :math:`\log m / (E\log|S_m| - E\log|X|)`, where :math:`S_m` is the sum
of a block. The functions evaluate that. None of these laws has a heavy tail, and each looks as if it had one.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from escapetime.errors import InvalidInput
from escapetime.stable._checks import stability
from escapetime.stable.constants import EULER


def gaussian_mixture_index(spread: float, block: int) -> float:
    r"""Limit for Gaussian numbers with different scales, shuffled: :math:`1/(\frac12+\tau^2/\log m)`.

    The scales are log-normal, and blocks so long that their sums are Gaussian: the larger the spread, the longer.

    Parameters
    ----------
    spread : float
        Standard deviation of the logarithm of the scales, :math:`\tau`.
    block : int
        Numbers in a block.

    Returns
    -------
    float
        Below 2 for every spread but zero.

    Examples
    --------
    >>> round(gaussian_mixture_index(1.0, 100), 3), gaussian_mixture_index(0.0, 100)
    (1.394, 2.0)
    """
    return 1 / (0.5 + spread**2 / math.log(_length(block)))


def gaussian_correlated_index(correlation: float, block: int) -> float:
    r"""Limit for Gaussian numbers, each pair in a block with the same correlation.

    :math:`1/(\frac12+\frac12\log(1+(m-1)\rho)/\log m)`.

    Parameters
    ----------
    correlation : float
        Of two numbers in a block, :math:`\rho > -1/(m-1)`.
    block : int
        Numbers in a block.

    Returns
    -------
    float
        2 without correlation, 1 with perfect correlation, more than 2 if it is negative.

    Raises
    ------
    InvalidInput
        If no numbers have that correlation.

    Examples
    --------
    >>> round(gaussian_correlated_index(0.05, 100), 3), gaussian_correlated_index(1.0, 100)
    (1.442, 1.0)
    """
    m = _length(block)
    growth = 1 + (m - 1) * correlation
    if not 0 < growth <= m * (1 + 1e-12):
        raise InvalidInput(f"Expected a correlation in (-1/{m - 1}, 1] for blocks of {m}, got {correlation:g}.")
    return 1 / (0.5 + 0.5 * math.log(growth) / math.log(m))


def gaussian_shifted_index(mean: float, block: int) -> float:
    r"""Limit for independent Gaussian numbers whose mean is not zero; it tends to 1 with the block's length.

    Parameters
    ----------
    mean : float
        In units of the standard deviation.
    block : int
        Numbers in a block.

    Returns
    -------
    float
        2 without a mean; down to 1, or a little below where the mean is that of few standard deviations.

    Examples
    --------
    >>> round(gaussian_shifted_index(0.3, 100), 2), round(gaussian_shifted_index(0.0, 100), 12)
    (1.17, 2.0)
    """
    m = _length(block)
    growth = 0.5 * math.log(m) + _log_normal_mean(mean * math.sqrt(m)) - _log_normal_mean(mean)
    return math.log(m) / growth


def filtered_index(weights: ArrayLike, alpha: float, block: int) -> float:
    r"""Limit for stable numbers passed through a linear filter, block by block along time.

    :math:`X_k = \sum_j a_j\,\xi_{k-j}` is stable with the same alpha; sums of m neighbors are stable with the scale of
    the filter's running sums.

    Parameters
    ----------
    weights : array_like, shape (l,)
        The filter a; for an exponential moving average ``(1 - beta) * beta**j``.
    alpha : float
        Stability index of the numbers.
    block : int
        Numbers in a block.

    Returns
    -------
    float
        The limit: alpha for a filter of length one, towards 1 for one longer than the block.

    Examples
    --------
    >>> round(filtered_index(0.1 * 0.9 ** np.arange(200), 1.5, 100), 2)
    1.14
    >>> filtered_index([1.0], 1.5, 100)
    1.5
    """
    a, index, m = np.asarray(weights, dtype=np.float64), stability(alpha), _length(block)
    sums = np.convolve(a, np.ones(m))
    growth = math.log(float((np.abs(sums) ** index).sum()) / float((np.abs(a) ** index).sum())) / index
    return round(math.log(m) / growth, 14)


def _log_normal_mean(shift: float) -> float:
    # E log|Z + shift|: log of a chi-square number, whose degrees of freedom are 1 + 2 (a Poisson number)
    from scipy.special import digamma, gammaln

    half = shift * shift / 2
    if half > 500:  # the expansion's next term is below 1e-9
        return math.log(abs(shift)) - 1 / (2 * shift**2) - 3 / (4 * shift**4) - 5 / (2 * shift**6)
    if half == 0:
        return -(EULER + math.log(2)) / 2
    j = np.arange(int(half + 12 * math.sqrt(half) + 40))
    weight = np.exp(j * math.log(half) - half - gammaln(j + 1))
    return 0.5 * (math.log(2) + float(weight @ digamma(0.5 + j)))


def _length(block: int) -> int:
    if block < 2:
        raise InvalidInput(f"Expected blocks of at least 2 numbers, got {block}.")
    return int(block)
