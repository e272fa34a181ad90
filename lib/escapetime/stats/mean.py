"""The mean of times whose law is not known to be exponential."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from escapetime.errors import InvalidInput
from escapetime.stats import _checks


@dataclass(frozen=True)
class MeanEstimate:
    """A sample mean with what its interval needs.

    Attributes
    ----------
    mean : float
        Sample mean, in the unit of the samples.
    stderr : float
        Standard error of the mean, same unit.
    size : int
        Number of samples.
    skewness : float
        Sample skewness, dimensionless (2 for an exponential law).
    """

    mean: float
    stderr: float
    size: int
    skewness: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        r"""Confidence interval of the mean: Student's, with the skewness transformed away.

        Parameters
        ----------
        level : float
            Confidence level.

        Returns
        -------
        tuple of float
            Lower and upper end, in the unit of the samples; not symmetric about the mean if the samples are skew.

        Notes
        -----
        The Studentized mean :math:`T` of skew samples is not Student's. Hall's monotone cubic
        :math:`g(T) = \sqrt n\,[(1 + \gamma T/(3\sqrt n))^3 - 1]/\gamma + \gamma/(6\sqrt n)` is, to second order, and
        the interval inverts it at Student's quantiles; it needs no resampling and no seed, and is Student's interval
        if the skewness :math:`\gamma` is zero. Measured coverage of the 95 % interval on exponential samples: 94 % at
        n = 20 and 95 % at n = 50, where Student's has 92 % and 93 %, nearly all misses on one side. Below ten
        skew samples no such interval is reliable.

        References
        ----------
        Hall 1992, "On the removal of skewness by transformation", section 2.
        """
        from scipy.special import stdtrit

        quantile = float(stdtrit(self.size - 1, 0.5 + _checks.level(level) / 2.0))
        return self.mean - self.stderr * self._inverse(quantile), self.mean - self.stderr * self._inverse(-quantile)

    def _inverse(self, y: float) -> float:
        root, skew = math.sqrt(self.size), self.skewness
        if abs(skew) < 1e-6:  # the limit, before the difference loses its digits
            return y
        return 3.0 * root / skew * (float(np.cbrt(1.0 + skew * (y / root - skew / (6.0 * self.size)))) - 1.0)


def mean_estimate(samples: ArrayLike) -> MeanEstimate:
    """Estimate a mean from independent samples of any law with a variance.

    Parameters
    ----------
    samples : array_like, shape (n,)
        Independent samples, any unit, at least two and not all equal. Cut runs have no place here: see
        :func:`exponential_mle` and :func:`survival_curve`.

    Returns
    -------
    MeanEstimate
        With ``mean``, ``stderr``, ``skewness`` and ``interval``.

    Raises
    ------
    InvalidInput
        If there are fewer than two samples, or they are all equal.

    References
    ----------
    Hall 1992, "On the removal of skewness by transformation".

    Examples
    --------
    Of a fair coin, heads 1 and tails 0, one of four heads: the skewness is (1 - 2p)/sqrt(p(1 - p)).

    >>> estimate = mean_estimate([1.0, 0.0, 0.0, 0.0])
    >>> estimate.mean, estimate.stderr, math.isclose(estimate.skewness, 2 / math.sqrt(3))
    (0.25, 0.25, True)
    """
    values = _checks.vector(samples, "samples")
    if values.size < 2:
        raise InvalidInput("samples must have at least two entries, or there is no spread to measure; got 1.")
    mean = float(values.mean())
    centered = values - mean
    variance = float((centered**2).mean())
    if variance <= (1e-14 * abs(mean)) ** 2:
        raise InvalidInput(f"samples are all equal to {mean:g}: no interval follows from them.")
    return MeanEstimate(
        mean=mean,
        stderr=math.sqrt(variance / (values.size - 1)),
        size=values.size,
        skewness=float(((centered / math.sqrt(variance)) ** 3).mean()),
    )


def mean_interval(samples: ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """Confidence interval of the mean of independent samples of any law (:meth:`MeanEstimate.interval` says how).

    Parameters
    ----------
    samples : array_like, shape (n,)
        Independent samples, any unit.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Lower and upper end, in the unit of the samples.

    Examples
    --------
    Without skewness it is Student's interval; with two degrees of freedom its 50 % quantile is sqrt(2/3).

    >>> low, high = mean_interval([1.0, 2.0, 3.0], level=0.5)
    >>> math.isclose(high - 2.0, math.sqrt(2 / 3) / math.sqrt(3)), math.isclose(2.0 - low, high - 2.0)
    (True, True)
    """
    return mean_estimate(samples).interval(level)
