"""Position and velocity: the mean escape time of a process with inertia, from its backward equation in phase space."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.exact.phase_space.elements import Elements
from escapetime.exact.phase_space.space import PhaseSpace
from escapetime.exact.phase_space.span import Span
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes.chain import Chain
from escapetime.processes.underdamped import Underdamped

__all__ = ["Elements", "PhaseSpace", "Span", "escape_time", "limit_of"]

TOLERANCE = 1e-4  # relative error at which refinement ends
FIRST, MOST = 12, {True: 384, False: 96}  # modes; with constant noise the matrix is half as large
CELLS = 2.5  # elements for each root of a mode: a mode bends the faster, the higher it is, in position and velocity
STEEP = 4.0  # exponents that an element spans at most, on average
STEADY, SLOWEST = 0.9, 0.75  # of the ratios of the changes by successive refinements
UNTRUSTED = 0.05  # relative error beyond which no number is returned
ROUNDING, TRUNCATION = 1e-6, 1e-8


def escape_time(
    problem: EscapeProblem, *, velocity: float | str = "rest", cells: int | None = None, modes: int | None = None,
    box: Any = None, breakpoints: Sequence[float] = (),
) -> EscapeTime:  # fmt: skip
    r"""Return the mean escape time of a process with inertia in one dimension.

    Parameters
    ----------
    problem : EscapeProblem
        With an :class:`~escapetime.processes.underdamped.Underdamped` process, or a chain whose ``limit`` is one (heavy
        ball): then the answer is that of the limit. The noise may depend on the position.
    velocity : float or str
        At the start: ``"rest"``, a number, or ``"thermal"``, drawn from the normal law with the variance
        :math:`D / (\gamma M^2)` there.
    cells : int, optional
        Elements of degree 8 in the position on the finest grid, at least 8. Default: enough for the modes.
    modes : int, optional
        Even Hermite functions in the velocity on the finest of four nested grids, at least 12. Default: doubled until
        the answer stays, up to 384, or 96 where the noise varies.
    box : pair of float, optional
        Where to stop in an unbounded domain; by default where the exponent :math:`\int \gamma M U'/D` is 20 above the
        pass.
    breakpoints : sequence of float
        Where the force or the noise bends or jumps.

    Returns
    -------
    EscapeTime
        Extrapolated from the last four grids where their changes fall as a power of the modes. ``stderr`` is the
        estimated numerical error: what the last refinement changed, and what the extrapolation added. ``details`` holds
        ``exit`` (probability of leaving by the ``lower`` and the ``upper`` end), ``std`` (of the escape time),
        ``log_mean``, ``means`` (on each grid), ``cells``, ``modes``, ``span`` (the ends), and ``rounding`` (relative).

    Raises
    ------
    RouteNotApplicable
        If the process has no inertia or more than one dimension, or the noise vanishes somewhere.
    InvalidInput
        If an option is unfit, or the loss does not hold the process.
    NumericalFailure
        If the answer is not resolved: friction or noise are too low.

    Notes
    -----
    A path leaves where it crosses an end, which it does with an outward velocity. The error falls exponentially with
    the modes where the exit lies in the next well, and with their power 3/2 where it lies at the saddle. Well below a
    second for frictions of the order of the frequency at the saddle; a hundredth of it takes some seconds and keeps two
    digits. Kramers 1940 (``kramers1940``).

    Examples
    --------
    For large friction times are those of the overdamped process, times the friction:

    >>> from escapetime import EscapeProblem, Interval, landscapes, underdamped_langevin
    >>> process = underdamped_langevin(landscapes.flat(), temperature=0.5, friction=1000.0)
    >>> time = escape_time(EscapeProblem(process, 0.0, Interval(-1, 1)), velocity="thermal")
    >>> round(time.mean / 1000, 2)
    1.0
    """  # noqa: DOC502 (helpers raise them)
    process = limit_of(problem)
    (start,), speed = problem.start, _speed(velocity)
    span = Span.of(problem, process, box)
    grids = [
        (Elements.between(span.low, span.high, count, breakpoints, span.exits), size)
        for count, size in _levels(cells, modes, MOST[process.constant_diffusion], math.ceil(span.range / STEEP))
    ]
    found: list[_Answer] = []
    for elements, size in grids:
        found.append(_Answer.on(PhaseSpace(span, start, elements, size), start, speed))
        gain, error = _extrapolation([math.log(answer.mean) for answer in found])
        if modes is None and error < TOLERANCE:
            break
    last = found[-1]
    if not (error < UNTRUSTED and last.rounding < ROUNDING):
        raise NumericalFailure(
            f"The phase space of {last.cells} cells and {last.modes} modes does not resolve the escape: its mean time, "
            f"{last.mean:.4g} or {last.mean * process.friction:.3g} / friction, has an estimated relative error of "
            f"{max(error, last.rounding):.1g}. For low friction raise modes, for low noise raise cells; or use "
            "escapetime.simulate."
        )
    mean = last.mean * math.exp(gain)
    return EscapeTime(
        mean=mean,
        stderr=mean * (error + last.rounding + TRUNCATION),
        method="phase_space",
        source=("kramers1940",),
        time_unit=process.time_unit,
        details={
            "exit": last.exit,
            "std": last.std * math.exp(gain),
            "log_mean": math.log(mean),
            "means": tuple(answer.mean for answer in found),
            "cells": last.cells,
            "modes": last.modes,
            "span": (span.low, span.high),
            "rounding": last.rounding,
        },
    )


def limit_of(problem: EscapeProblem) -> Underdamped:
    """Return the process with inertia that a problem is about: its process, or the limit of its chain.

    Parameters
    ----------
    problem : EscapeProblem
        In one dimension.

    Returns
    -------
    Underdamped
        The process.

    Raises
    ------
    RouteNotApplicable
        If there is none, or in more dimensions.
    """
    process = problem.process.limit if isinstance(problem.process, Chain) else problem.process
    if not isinstance(process, Underdamped) or process.dimension != 1:
        raise RouteNotApplicable(
            "The phase-space method answers processes with inertia in one dimension (underdamped_langevin, Underdamped "
            f"and the limit of heavy_ball), not {problem.process}; use escapetime.simulate.escape_time."
        )
    return process


@dataclass(frozen=True)
class _Answer:
    """What one grid says."""

    mean: float
    std: float
    exit: dict[str, float]
    rounding: float
    cells: int
    modes: int

    @classmethod
    def on(cls, space: PhaseSpace, start: float, speed: float | None) -> _Answer:
        cells, modes = space.system.elements.count, space.system.modes.count
        mean = space.exit_time(start, velocity=speed)
        if not 0 < mean < math.inf:
            raise NumericalFailure(
                f"{cells} cells and {modes} modes give the mean time {mean:.3g}: they do not resolve the phase space. "
                "Raise both."
            )
        exits = {name: space.exit_probability(name, start, velocity=speed) for name in space.system.span.exits}
        std = space.standard_deviation(start, velocity=speed)
        return cls(mean, std, exits, space.flux_error, cells, modes)


def _extrapolation(logs: list[float]) -> tuple[float, float]:
    """Return what further refinements would add where changes fall as a power, and the estimated error of that."""
    if len(logs) < 3:
        return 0.0, math.inf
    changes = [b - a for a, b in pairwise(logs[-4:])]
    ratios = [b / a if a else 0.0 for a, b in pairwise(changes)]
    # an exponential convergence has falling ratios, and little to add
    steady = len(ratios) > 1 and 0 < ratios[-2] * STEADY < ratios[-1]
    gain = changes[-1] / (1 / min(ratios[-1], SLOWEST) - 1) if steady else 0.0
    return gain, abs(gain) + abs(changes[-1])


def _levels(cells: int | None, modes: int | None, most: int, least: int) -> list[tuple[int, int]]:
    for name, value, low in (("cells", cells, 8), ("modes", modes, FIRST)):
        if value is not None and not (isinstance(value, int) and value >= low):
            raise InvalidInput(f"Expected {name} as an integer of at least {low}, got {value!r}.")
    last = modes or most
    sizes = [max(3, last // 8), last // 4, last // 2, last]
    if modes is None:
        sizes = [FIRST * 2**k for k in range(int(math.log2(most / FIRST)) + 1)]
    if cells is None:
        return [(max(least, math.ceil(CELLS * math.sqrt(size))), size) for size in sizes]
    return [(max(4, round(cells * math.sqrt(size / last))), size) for size in sizes]


def _speed(velocity: float | str) -> float | None:
    if velocity in ("rest", "thermal"):
        return None if velocity == "thermal" else 0.0
    try:
        speed = float(velocity)
    except (TypeError, ValueError):
        speed = math.nan
    if not math.isfinite(speed):
        raise InvalidInput(f"Expected velocity as a number, 'rest' or 'thermal', got {velocity!r}.")
    return speed
