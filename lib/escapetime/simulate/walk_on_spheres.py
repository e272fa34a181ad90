r"""Isotropic stable motion without drift leaves a domain ball by ball, with no time step.

From the center of a ball of radius ``r`` it leaves the ball at the distance :math:`r/\sqrt B`, where ``B`` has the Beta
law with parameters :math:`\alpha/2` and :math:`1-\alpha/2`, in a uniform direction (Blumenthal, Getoor and Ray 1961).
The walk draws this point exactly, from the largest ball that fits, until it is outside the domain; a jump may lead
there from anywhere. The clock adds the *mean* time that each ball takes: what comes out is the mean exit time and the
place of the exit, without a bias, and not the law of the time.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from escapetime.domains import Ball, Box, Domain, Ellipsoid, Exterior, Interval
from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes.levy import LevyDriven
from escapetime.stable.constants import driftless_factor, tail_constant
from escapetime.stats import mean_estimate

Array = NDArray[np.float64]
BALLS = 10_000
EDGE = 1e-13  # of the size of the numbers: closer to the boundary rounding decides, and the walk has left


def escape_time(problem: EscapeProblem, *, paths: int = 10_000, seed: int = 0, max_balls: int = BALLS) -> EscapeTime:
    r"""Estimate the mean exit time of isotropic stable motion without drift, free of discretization.

    Parameters
    ----------
    problem : EscapeProblem
        A :class:`~escapetime.processes.levy.LevyDriven` process of index below 2 without drift, isotropic or in one
        dimension, in a ball, an ellipsoid, or an interval or box with two finite ends in some coordinate.
    paths : int
        Number of walks.
    seed : int
        Of numpy's default generator.
    max_balls : int
        A walk may take so many balls; it takes few, unless the index is close to 2.

    Returns
    -------
    EscapeTime
        ``details`` holds ``faces`` (walks that ended next to each face), ``points`` (where they landed, shape
        ``(paths, d)``) and ``balls`` (how many a walk took on average).

    Raises
    ------
    RouteNotApplicable
        If there is a drift, or the process or the domain is another.
    InvalidInput
        If a number is not positive.
    NumericalFailure
        If a walk did not end.

    Notes
    -----
    Kyprianou, Osojnik and Shardlow 2018 (``kyprianou2018``); the mean time in a ball is Getoor's (``getoor1961``).
    The standard error is smaller than that of simulated times, because the clock carries their means: it is zero in
    a ball from its center.

    Examples
    --------
    >>> from escapetime import Ball, landscapes, levy
    >>> free = levy(landscapes.flat(2), alpha=1.5, kind="isotropic")
    >>> escape_time(EscapeProblem(free, (0.0, 0.0), Ball((0.0, 0.0), 1.0)), paths=10).details["balls"]
    1.0
    """  # noqa: DOC502 - raised by what it calls
    process, domain = problem.process, problem.domain
    scale, radius = _scale(process), _inner_radius(domain)
    if min(paths, max_balls) < 1:
        raise InvalidInput(f"Expected positive numbers of paths and balls, got {paths!r} and {max_balls!r}.")
    assert isinstance(process, LevyDriven)
    alpha, d = process.alpha, process.dimension
    unit = driftless_factor(alpha) / (tail_constant(alpha, d) * scale**alpha)  # mean time from a ball of radius one
    random = np.random.default_rng(seed)
    x, times, balls = np.tile(np.array(problem.start), (paths, 1)), np.zeros(paths), np.zeros(paths)
    inside, r = np.arange(paths), radius(x)
    edge = EDGE * (r[0] + float(np.linalg.norm(problem.start)))
    for _ in range(max_balls):
        way = random.standard_normal((len(inside), d))
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        far = r / np.sqrt(random.beta(alpha / 2, 1 - alpha / 2, size=len(inside)))
        times[inside] += unit * r**alpha
        balls[inside] += 1
        x[inside] += far[:, None] * way
        r = radius(x[inside])
        still = (r > edge) & domain.contains(x[inside])
        inside, r = inside[still], r[still]
        if not inside.size:
            break
    else:
        raise NumericalFailure(
            f"After {max_balls} balls {len(inside)} of {paths} walks were still inside: raise max_balls."
        )
    estimate = mean_estimate(times) if np.ptp(times) > 0 else None  # one ball is enough in a ball, from its center
    names = [face.name for face in domain.faces(process.variables)]
    face = np.argmin(domain.distance(x), axis=-1)
    return EscapeTime(
        mean=float(times.mean()), stderr=estimate.stderr if estimate else 0.0, method="walk on spheres",
        source=("kyprianou2018", "getoor1961"), time_unit=process.time_unit, paths=paths, censored=0, seed=seed,
        details={
            "faces": {name: int(np.sum(face == i)) for i, name in enumerate(names)},
            "points": x,
            "balls": float(balls.mean()),
        },
        interval_at=estimate.interval if estimate else None,
    )  # fmt: skip


def _scale(process: object) -> float:
    """The one number in the mixing matrix of isotropic noise."""
    if isinstance(process, LevyDriven) and process.alpha < 2 and not any(process.drift):
        if process.dimension == 1:
            return float(process.noise_power ** (1 / process.alpha))
        matrix = np.array(process.mixing.tolist(), dtype=float)
        size = math.hypot(*matrix[0])
        if process.kind == "isotropic" and np.allclose(matrix @ matrix.T, size**2 * np.eye(len(matrix)), rtol=1e-12):
            return size
    raise RouteNotApplicable(
        f"Walks on spheres need isotropic stable noise of index below 2 and no drift, got {process}; use "
        "escapetime.simulate, or theory.getoor1961 for a ball and any stable noise."
    )


def _inner_radius(domain: Domain) -> Callable[[Array], Array]:
    """Radius of a ball around each point that is inside the domain; the largest, but for ellipsoids."""
    if isinstance(domain, Ellipsoid):
        return lambda x: (1 - np.linalg.norm((x - domain.center) / domain.axes, axis=-1)) * domain.axes.min()
    bounded = any(math.isfinite(lo) and math.isfinite(hi) for lo, hi in domain.bounds)
    if isinstance(domain, Interval | Box | Ball) and not isinstance(domain, Exterior) and bounded:
        return lambda x: np.min(domain.distance(x), axis=-1)
    raise RouteNotApplicable(
        f"Walks on spheres know balls, ellipsoids, and intervals or boxes that are bounded in some coordinate (else "
        f"the mean may be infinite), got {domain}; use escapetime.simulate."
    )
