"""The survival function of escape times by Kaplan and Meier, with pointwise intervals."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from escapetime.stats import _checks
from escapetime.stats._checks import Floats


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """A right-continuous step function: the fraction of runs that have not escaped by each time.

    Attributes
    ----------
    times : ndarray, shape (m,)
        Distinct times at which escapes were seen, ascending, in the unit of the data.
    survival : ndarray, shape (m,)
        Estimated probability of surviving beyond each of ``times``, dimensionless.
    at_risk : ndarray, shape (m,)
        Number of runs still followed just before each of ``times``.
    events : ndarray, shape (m,)
        Number of escapes at each of ``times``.
    end : float
        The longest time any run was followed: beyond it the curve is unknown unless it has reached zero.
    """

    times: Floats
    survival: Floats
    at_risk: Floats
    events: Floats
    end: float

    def at(self, time: ArrayLike) -> Floats:
        """Evaluate the curve.

        Parameters
        ----------
        time : array_like, shape (...)
            Times, in the unit of the data.

        Returns
        -------
        ndarray, shape (...)
            Survival probabilities, 1 before the first escape, NaN where the data say nothing.
        """
        query = np.asarray(time, dtype=np.float64)
        value = np.concatenate(([1.0], self.survival))[np.searchsorted(self.times, query, side="right")]
        unknown = (query > self.end) & (value > 0.0)
        return np.where(unknown | np.isnan(query), np.nan, value)

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        r"""Pointwise confidence interval at each of ``times``, log-log transformed so that it stays within [0, 1].

        Parameters
        ----------
        level : float
            Confidence level at each single time (not of the whole curve).

        Returns
        -------
        tuple of ndarray, each of shape (m,)
            Lower and upper ends. Where the curve is zero the lower end is zero and the upper end is carried over from
            the step before, since the true curve cannot rise.

        Notes
        -----
        :math:`S^{\exp(\pm z \sigma/\ln S)}` with Greenwood's variance :math:`\sigma^2 = \sum d/(n(n-d))` of
        :math:`\ln S`. Asymptotic; a few runs at risk are enough, the last steps of a curve are not covered well.

        References
        ----------
        Greenwood 1926; Kalbfleisch and Prentice 1980, section 1.3.
        """
        from scipy.special import ndtri

        quantile = float(ndtri(0.5 + _checks.level(level) / 2.0))
        lower, upper = np.zeros_like(self.survival), np.ones_like(self.survival)
        alive = self.survival > 0.0
        n, d = self.at_risk[alive], self.events[alive]
        spread = quantile * np.sqrt(np.cumsum(d / (n * (n - d)))) / -np.log(self.survival[alive])
        lower[alive] = self.survival[alive] ** np.exp(spread)
        upper[alive] = self.survival[alive] ** np.exp(-spread)
        upper[~alive] = upper[alive][-1] if alive.any() else 1.0
        return lower, upper

    def median(self) -> float:
        """Time by which half of the runs have escaped.

        Returns
        -------
        float
            First time at which the curve is at most one half, in the unit of the data; infinite if it never is.
        """
        half = np.flatnonzero(self.survival <= 0.5 + 1e-12)
        return float(self.times[half[0]]) if half.size else math.inf


def survival_curve(times: ArrayLike, observed: ArrayLike | None = None) -> SurvivalCurve:
    """Estimate the survival function of escape times, cut runs included.

    Parameters
    ----------
    times : array_like, shape (n,)
        Time of escape, or the time at which the run was cut; any unit, not negative.
    observed : array_like of bool, shape (n,), optional
        True where the escape was seen, False where the run was cut. All seen by default.

    Returns
    -------
    SurvivalCurve
        With ``at``, ``interval`` and ``median``.

    Notes
    -----
    Valid for any law of the times, as long as the cut does not depend on the path. A run cut at the very time of
    another's escape counts as at risk there. Without cut runs the curve is one minus the empirical distribution.
    Raises :class:`escapetime.errors.InvalidInput` on negative, empty, NaN or ill-shaped input.

    References
    ----------
    Kaplan and Meier 1958.

    Examples
    --------
    >>> curve = survival_curve([1.0, 2.0, 2.0, 3.0], [True, True, False, True])
    >>> curve.times.tolist(), curve.survival.tolist(), curve.median()
    ([1.0, 2.0, 3.0], [0.75, 0.5, 0.0], 2.0)
    """
    duration, seen = _checks.lifetimes(times, observed)
    exits, counts = np.unique(duration[seen], return_counts=True)
    at_risk = duration.size - np.searchsorted(np.sort(duration), exits, side="left")
    return SurvivalCurve(
        times=exits,
        survival=np.cumprod(1.0 - counts / at_risk, dtype=np.float64),
        at_risk=at_risk.astype(np.float64),
        events=counts.astype(np.float64),
        end=float(duration.max()),
    )
