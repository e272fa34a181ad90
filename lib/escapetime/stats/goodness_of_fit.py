"""Is a set of escape times exponential? Anderson-Darling with the mean estimated, complete or cut at one time."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from escapetime.errors import InvalidInput
from escapetime.stats import _checks
from escapetime.stats._checks import Floats

MIN_EVENTS = 20
_NODES = 48  # costs less than 2 % of a p-value of 1e-5, and is too small for LAPACK to start threads


@dataclass(frozen=True)
class GoodnessOfFit:
    """The outcome of a test of fit.

    Attributes
    ----------
    statistic : float
        The test statistic, dimensionless; large means a bad fit.
    p_value : float
        Probability of a statistic at least this large if the law is right.
    size : int
        Number of runs, cut runs included.
    events : int
        Number of escapes seen.
    method : str
        What was computed, in words.
    """

    statistic: float
    p_value: float
    size: int
    events: int
    method: str


def exponentiality(times: ArrayLike, observed: ArrayLike | None = None, *, after: float = 0.0) -> GoodnessOfFit:
    r"""Test whether escape times are exponential with an unknown mean.

    The statistic is Anderson and Darling's, :math:`A^2 = n\int_0^{p} (F_n - u)^2/(u(1-u))\,du`, after
    :math:`u = 1 - e^{-t/\hat\tau}`, taken up to the censoring time. It weighs both ends, so that an initial
    transient and a second, slower time scale both show.

    Parameters
    ----------
    times : array_like, shape (n,)
        Time of escape, or the time at which the run was cut; any unit, positive where an escape was seen.
    observed : array_like of bool, shape (n,), optional
        True where the escape was seen. All runs that were cut must have been cut at one common time.
    after : float
        Start the clock here (see :func:`exponential_mle`), in the unit of the times.

    Returns
    -------
    GoodnessOfFit
        With ``statistic`` and ``p_value``.

    Raises
    ------
    InvalidInput
        If fewer than 20 escapes were seen, if the runs were cut at different times, or if an escape took no time.

    Notes
    -----
    The p-value is that of the limit law, a weighted sum of chi-squares whose weights are the eigenvalues of the
    empirical process with estimated mean; no random numbers are drawn. It is slightly conservative: from 20 escapes
    on, complete or cut, false alarms were counted at 0.89 to 0.98 of a nominal 5 % and 0.7 to 0.95 of a nominal 1 %.
    Times known only to a step ``dt`` look non-exponential once ``dt`` is no longer small against ``mean / sqrt(n)``.

    References
    ----------
    Anderson and Darling 1954; Stephens 1974, case of an unknown scale; Pettitt and Stephens 1976, censored samples.

    Examples
    --------
    The quantiles of the exponential law fit it better than chance would; equally spaced times do not fit.

    >>> rank = (np.arange(200) + 0.5) / 200
    >>> exponentiality(-np.log1p(-rank)).p_value > 0.99, exponentiality(rank).p_value < 1e-6
    (True, True)
    """
    duration, seen = _checks.lifetimes(times, observed, after)
    size, events = duration.size, int(seen.sum())
    if events < MIN_EVENTS:
        raise InvalidInput(
            f"exponentiality needs at least {MIN_EVENTS} escapes; got {events} in {size} runs. Run more or longer."
        )
    exits = np.sort(duration[seen])
    if exits[0] <= 0.0:
        raise InvalidInput("exponentiality needs positive escape times; got one of 0. Was a start on the boundary?")
    cut = _common_cut(duration[~seen], exits[-1])
    mean = float(duration.sum()) / events
    fraction = -math.expm1(-cut / mean)
    statistic = _anderson_darling(exits / mean, size, fraction)
    scheme = "complete sample" if events == size else "cut at one time"
    return GoodnessOfFit(
        statistic=statistic,
        p_value=_upper_tail(statistic, _null_weights(fraction)),
        size=size,
        events=events,
        method=f"Anderson-Darling, exponential law with estimated mean, {scheme}, limit law",
    )


def _common_cut(cuts: Floats, last_exit: float) -> float:
    # Return the one censoring time (infinite if nothing was cut).
    if not cuts.size:
        return math.inf
    first, last = float(cuts.min()), float(cuts.max())
    # the same number of steps times dt may round differently
    if last - first > 1e-9 * last or last_exit > last * (1 + 1e-9):
        raise InvalidInput(
            f"exponentiality handles runs cut at one common time; here cuts lie in [{first:g}, {last:g}] and the last "
            f"escape is at {last_exit:g}. Cut all at the first: np.minimum(times, {first:g}) with "
            f"observed & (times <= {first:g})."
        )
    return last


def _anderson_darling(exits: Floats, size: int, fraction: float) -> float:
    # Integrate the squared distance of the empirical from the fitted distribution, cell by cell in closed form.
    log_survival = -np.concatenate(([0.0], exits))
    u = -np.expm1(log_survival)
    below = np.arange(exits.size + 1) / size  # the empirical distribution on each cell
    above = 1.0 - below
    # antiderivative of (k - u)^2 / (u (1 - u)) is k^2 ln u - (1 - k)^2 ln(1 - u) - u
    left = -(above**2) * log_survival - u
    left[1:] += below[1:] ** 2 * np.log(u[1:])
    right = below**2 * np.log(np.append(u[1:], fraction)) - np.append(u[1:], fraction)
    right[:-1] -= above[:-1] ** 2 * log_survival[1:]
    if fraction < 1.0:
        right[-1] -= above[-1] ** 2 * math.log1p(-fraction)
    return float(size * (right - left).sum())


@lru_cache(maxsize=8)
def _null_weights(fraction: float) -> Floats:
    # Return the weights of the limit law: eigenvalues of the weighted covariance on (0, fraction), by Nystrom.
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    u = fraction * (node + 1.0) / 2.0
    score = (1.0 - u) * np.log1p(-u)  # derivative of the distribution by the mean; its information is `fraction`
    covariance = np.minimum.outer(u, u) - np.outer(u, u) - np.outer(score, score) / fraction
    root = np.sqrt(weight * fraction / 2.0 / (u * (1.0 - u)))
    weights = np.linalg.eigvalsh(root[:, None] * covariance * root)[::-1]
    return weights[weights > 1e-12 * weights[0]]


def _upper_tail(value: float, weights: Floats) -> float:
    # P(sum of weights * chi-square(1) > value) by the saddlepoint approximation of Lugannani and Rice.
    from scipy.optimize import brentq
    from scipy.special import ndtr

    center = float(weights.sum())
    if abs(value / center - 1.0) < 1e-3:  # removable singularity at the mean
        value = center * (1.0 + 1e-3)
    lower, upper = -1.0 / weights[0], 0.5 / weights[0]

    def slope(t: float) -> float:
        return float((weights / (1.0 - 2.0 * t * weights)).sum()) - value

    while slope(lower) > 0.0:
        lower *= 4.0
    t = brentq(slope, lower, upper * (1.0 - 1e-13))
    cumulant = -0.5 * float(np.log1p(-2.0 * t * weights).sum())
    curvature = float((2.0 * weights**2 / (1.0 - 2.0 * t * weights) ** 2).sum())
    w = math.copysign(math.sqrt(2.0 * (t * value - cumulant)), t)
    tail = float(ndtr(-(w + math.log(t * math.sqrt(curvature) / w) / w)))
    return min(max(tail, 0.0), 1.0)
