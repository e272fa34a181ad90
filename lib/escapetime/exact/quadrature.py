r"""One dimension: the mean escape time as a double integral of positive terms, to about ten digits.

The mean solves :math:`D T'' + b T' = -1` (Ito) with :math:`T = 0` at the exits. Its Green's function is a product of
scale integrals, so that no two large numbers are ever subtracted, whatever the barrier.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from escapetime.domains import Domain
from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.exact.interval import interval_around
from escapetime.exact.panels import Array, log_of
from escapetime.exact.reach import scale_and_speed
from escapetime.exact.scale_speed import ScaleSpeed
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes.base import Diffusion

LARGEST = 1e300


def escape_time(problem: EscapeProblem, *, breakpoints: Sequence[float] = ()) -> EscapeTime:
    r"""Return the exact mean escape time of a one-dimensional diffusion.

    Parameters
    ----------
    problem : EscapeProblem
        One-dimensional, with a :class:`Diffusion` in any convention; the diffusion may depend on the position.
    breakpoints : sequence of float
        Where a coefficient jumps, or where the drift has features much narrower than 1/600 of the domain. Jumps are
        found without help; this makes it faster.

    Returns
    -------
    EscapeTime
        ``stderr`` is the estimated numerical error. ``details`` holds ``std`` (standard deviation of the escape time),
        ``exit`` (probability of leaving by the ``lower`` and the ``upper`` end), ``log_mean`` and ``panels``.

    Raises
    ------
    RouteNotApplicable
        If the problem is not one-dimensional.
    InvalidInput
        If the diffusion vanishes in the domain, or the mean is infinite because nothing brings the process back from an
        infinite end.
    NumericalFailure
        If the mean exceeds 1e300; the message gives its logarithm.

    Notes
    -----
    Relative error below 1e-9 (about 1e-13 for moderate barriers); rounding grows like ``2e-16`` times the barrier in
    units of ``D``. Karlin and Taylor 1981, section 15.3; Gardiner 2009, section 5.5.

    Examples
    --------
    Brownian motion leaves (-1, 1) from 0 after a mean time 1 / (2 D), with variance 1 / (6 D**2):

    >>> from escapetime import EscapeProblem, Interval, landscapes, langevin
    >>> T = escape_time(EscapeProblem(langevin(landscapes.flat(), temperature=0.5), 0.0, Interval(-1, 1)))
    >>> round(T.mean, 12), round(T.details["std"] ** 2, 12), round(T.details["exit"]["upper"], 12)
    (1.0, 0.666666666667, 0.5)
    """  # noqa: DOC502 (helpers raise them)
    points = np.array(problem.start)
    density = _density(problem.diffusion, points, problem.domain, breakpoints)
    coarse, fine = _Moments.of(density, points), _Moments.of(density.halved(), points)
    log_mean = float(fine.log_mean[0])
    if log_mean > math.log(LARGEST):
        raise NumericalFailure(
            f"The mean escape time is exp({log_mean:.10g}), beyond the range of a float: use its logarithm, "
            "or a higher temperature."
        )
    mean, rounding = math.exp(log_mean), 4 * np.finfo(float).eps * (1 + np.ptp(density.log_scale))
    return EscapeTime(
        mean=mean,
        stderr=mean * float(abs(fine.log_mean[0] - coarse.log_mean[0]) + rounding),
        method="quadrature",
        source=("gardiner2009",),
        time_unit=problem.process.time_unit,
        details={
            "std": math.exp(float(fine.log_variance[0]) / 2),
            "exit": {name: math.exp(float(p[0])) for name, p in fine.log_exit.items()},
            "log_mean": log_mean,
            "panels": len(density.panels.half),
        },
    )


def mean_exit_time(
    process: Diffusion, points: ArrayLike, domain: Domain, *, breakpoints: Sequence[float] = ()
) -> Array:
    """Return the mean escape time as a function of the start: a curve to draw.

    Parameters
    ----------
    process : Diffusion
        One-dimensional.
    points : array_like
        Starts, any shape, inside the domain or on its boundary.
    domain : Domain
        One-dimensional; what is to be left.
    breakpoints : sequence of float
        As for :func:`escape_time`.

    Returns
    -------
    numpy.ndarray
        Mean escape times, the shape of ``points``; ``inf`` beyond the range of a float.

    Raises
    ------
    RouteNotApplicable
        If the process is not one-dimensional.
    InvalidInput
        If a point is outside the domain, or as for :func:`escape_time`.
    NumericalFailure
        As for :func:`escape_time`.

    Examples
    --------
    >>> from escapetime import Interval, landscapes, langevin
    >>> mean_exit_time(langevin(landscapes.flat(), temperature=0.5), [-1.0, 0.0, 0.5], Interval(-1, 1)).round(12)
    array([0.  , 1.  , 0.75])
    """  # noqa: DOC502 (helpers raise them)
    where = np.asarray(points, dtype=float)
    if where.size == 0 or not np.isfinite(where).all():
        raise InvalidInput(f"Expected one or more finite starting points, got {points!r}.")
    density = _density(process, where.ravel(), domain, breakpoints).halved()
    with np.errstate(over="ignore"):
        return np.exp(_Moments.of(density, where.ravel()).log_mean).reshape(where.shape)


def _density(process: Diffusion, points: Array, domain: Domain, breakpoints: Sequence[float]) -> ScaleSpeed:
    if process.dimension != 1:
        raise RouteNotApplicable(
            f"Quadrature answers one-dimensional problems, this one has {process.dimension} dimensions; use "
            "escapetime.exact.generator (2 or 3 dimensions) or escapetime.simulate."
        )
    ends = interval_around(domain, float(points[0]))
    outside = points[(points < ends[0]) | (points > ends[1])]
    if len(outside):
        raise InvalidInput(
            f"The point {outside[0]:g} is not in {domain}, or not in the part of it from {ends[0]:g} to {ends[1]:g}."
        )
    try:
        cuts = np.asarray(breakpoints, dtype=float)
    except (TypeError, ValueError):
        cuts = np.array(np.nan)
    if cuts.ndim != 1:
        raise InvalidInput(f"Expected breakpoints as a sequence of numbers, got {breakpoints!r}.")
    return scale_and_speed(process, ends, points, cuts)


@dataclass(frozen=True)
class _Moments:
    """Logarithms of mean and variance of the escape time and of the exit probabilities, from each point."""

    log_mean: Array
    log_variance: Array
    log_exit: dict[str, Array]

    @classmethod
    def of(cls, density: ScaleSpeed, points: Array) -> _Moments:
        panels, scale, speed = density.panels, density.log_scale, density.log_speed
        lower, upper = density.absorbing
        # probability of leaving by the other end first, times the total: 1 where there is no exit on this side
        left, left_edges = panels.log_running(scale) if lower else (0 * scale, 0 * panels.edges)
        right, right_edges = panels.log_running(scale, from_upper=True) if upper else (0 * scale, 0 * panels.edges)
        total = float(left_edges[-1]) if lower and upper else 0.0

        def solve(log_source: Array) -> tuple[Array, Array, Array, Array]:
            """Apply the Green's function of ``-(D d^2 + b d)``: at nodes, at edges, and its two parts at nodes."""
            below, below_edges = panels.log_running(left + speed + log_source)
            above, above_edges = panels.log_running(right + speed + log_source, from_upper=True)
            nodes = np.logaddexp(right + below, left + above) - total
            return nodes, np.logaddexp(right_edges + below_edges, left_edges + above_edges) - total, below, above

        _, mean, below, above = solve(np.zeros_like(scale))
        # T' = s' (integral above - integral below) / total, where the end on the other side is an exit
        falling, rising = (below if upper else -np.inf + below), (above if lower else -np.inf + above)
        steepest = np.maximum(falling, rising)
        log_slope = scale - total + steepest + log_of(np.abs(np.exp(rising - steepest) - np.exp(falling - steepest)))
        variance = solve(math.log(2) + density.log_diffusion + 2 * log_slope)[1]
        at = np.searchsorted(panels.edges, points)
        exits = {"lower": (right_edges - total)[at], "upper": (left_edges - total)[at]}
        used = {"lower": lower, "upper": upper}
        return cls(mean[at], variance[at], {name: value for name, value in exits.items() if used[name]})
