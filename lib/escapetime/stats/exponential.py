"""The mean of an exponential law from runs of which some were cut before they escaped."""

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from escapetime.stats import _checks


@dataclass(frozen=True)
class ExponentialFit:
    r"""The maximum-likelihood exponential law of a set of escape times.

    Attributes
    ----------
    mean : float
        Estimated mean, ``total / events``, in the unit of the times; infinite if nothing escaped.
    events : int
        Number of escapes seen, :math:`d`.
    censored : int
        Number of runs cut before they escaped.
    total : float
        Total time at risk, :math:`S`: the sum of all times, of escapes and of cut runs alike.
    after : float
        Times count from here (see :func:`exponential_mle`), in the unit of the times.
    """

    mean: float
    events: int
    censored: int
    total: float
    after: float = 0.0

    @property
    def stderr(self) -> float:
        """Asymptotic standard error of the mean, ``mean / sqrt(events)``; infinite if nothing escaped."""
        return self.mean / math.sqrt(self.events) if self.events else math.inf

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        r"""Chi-square confidence interval of the mean.

        Parameters
        ----------
        level : float
            Confidence level, ``1 - a``.

        Returns
        -------
        tuple of float
            Lower and upper end, in the unit of the times. With :math:`k = d` if no run was cut and :math:`k = d + 1`
            otherwise, they are :math:`2S/\chi^2_{1-a/2,\,2k}` and :math:`2S/\chi^2_{a/2,\,2d}`.

        Notes
        -----
        *Exact* when every run was followed to its escape, because :math:`2S/\tau` then has the
        :math:`\chi^2_{2n}` law. *Conservative* when runs are cut at one fixed time (type-I censoring): the count of
        escapes is discrete, and each end misses with probability at most :math:`a/2` (exact if every cut run is
        replaced by a fresh one; without replacement checked for 1 to 60 runs cut at 0.02 to 8 means). With
        ``events == 0`` the interval is a one-sided bound: the upper end is infinite and the lower end
        :math:`S/\ln(2/a)`.

        References
        ----------
        Epstein and Sobel 1953 (complete samples); Cox 1953 (counts in a fixed time).

        Examples
        --------
        One run of length 1: the ends are ``-1/ln(a/2)`` and ``-1/ln(1 - a/2)``.

        >>> low, high = exponential_mle([1.0]).interval(0.9)
        >>> round(-1 / low, 12) == round(math.log(0.05), 12), round(-1 / high, 12) == round(math.log(0.95), 12)
        (True, True)
        """
        from scipy.special import gammainccinv, gammaincinv

        tail = (1.0 - _checks.level(level)) / 2.0
        shape = self.events + (1 if self.censored else 0)
        lower = self.total / float(gammainccinv(shape, tail))
        upper = self.total / float(gammaincinv(self.events, tail)) if self.events else math.inf
        return lower, upper


def exponential_mle(times: ArrayLike, observed: ArrayLike | None = None, *, after: float = 0.0) -> ExponentialFit:
    r"""Fit an exponential law to escape times, cut runs included: total time at risk over number of escapes.

    Parameters
    ----------
    times : array_like, shape (n,)
        Time of escape, or the time at which the run was cut; any unit, not negative.
    observed : array_like of bool, shape (n,), optional
        True where the escape was seen, False where the run was cut. All seen by default.
    after : float
        Start the clock here, same unit: runs over by then are dropped and the rest are measured from it. An
        exponential law has no memory, so this removes the initial transient of a start that is not
        quasi-stationary at the price of the dropped runs. A few relaxation times are enough.

    Returns
    -------
    ExponentialFit
        With ``mean``, ``stderr``, ``events``, ``censored``, ``total`` and ``interval``.

    Notes
    -----
    Valid when the times are exponential (:func:`exponentiality` tests it) and the cut does not depend on the path.
    With half of the runs cut, counting them as escapes halves the mean, and leaving them out takes away 69 % of it.
    The mean is that of the exponential *beyond* ``after``, not ``after`` plus it.
    Raises :class:`escapetime.errors.InvalidInput` on negative, empty, NaN or ill-shaped input.

    References
    ----------
    Epstein and Sobel 1953; Cox 1953.

    Examples
    --------
    >>> fit = exponential_mle([1.0, 2.0, 3.0, 3.0], [True, True, False, False])
    >>> fit.mean, fit.events, fit.censored
    (4.5, 2, 2)
    >>> exponential_mle([3.0], [False]).interval()[1]
    inf
    """
    duration, seen = _checks.lifetimes(times, observed, after)
    total, events = float(duration.sum()), int(seen.sum())
    return ExponentialFit(
        mean=total / events if events else math.inf,
        events=events,
        censored=int(seen.size - events),
        total=total,
        after=float(after),
    )
