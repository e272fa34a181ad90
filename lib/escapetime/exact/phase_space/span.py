"""Where a process with inertia lives before it escapes, and how high it has to climb: one position, in exponents."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.exact.interval import interval_around
from escapetime.exact.panels import Array
from escapetime.problem import EscapeProblem
from escapetime.processes.underdamped import Underdamped

HEIGHT = 20.0  # of a wall above the pass, in exponents: exp(-20) is 2e-9
LARGEST = 500.0
REACH, SAMPLES = 1e3, 20001
ATTEMPTS = 40  # each doubles the distance searched


@dataclass(frozen=True)
class Span:
    r"""The interval on which an escape problem is solved.

    Attributes
    ----------
    process : Underdamped
        In one dimension.
    low, high : float
        Its ends.
    exits : tuple of str
        Names of the ends that absorb, ``"lower"`` and ``"upper"``; the others are walls that reflect.
    """

    process: Underdamped
    low: float
    high: float
    exits: tuple[str, ...]

    @classmethod
    def of(cls, problem: EscapeProblem, process: Underdamped, box: Any = None) -> Span:
        """Return the part of the domain around the start, cut where it is unbounded.

        Parameters
        ----------
        problem : EscapeProblem
            The start and the domain.
        process : Underdamped
            What moves.
        box : pair of float, optional
            Where to cut; by default where the exponent is 20 above the pass.

        Returns
        -------
        Span
            The interval.

        Raises
        ------
        InvalidInput
            If the box is unfit, or the loss does not confine the process.
        NumericalFailure
            If the exponent exceeds the range of a float.
        """  # noqa: DOC502 (helpers raise it)
        found = cls._of(problem, process, box)
        if found.range > LARGEST:
            raise NumericalFailure(
                f"The exponent of the escape spans {found.range:.4g}, more than a float can weigh ({LARGEST:g}): take "
                "more noise, or escapetime.theory for the asymptotic law."
            )
        return found

    @classmethod
    def _of(cls, problem: EscapeProblem, process: Underdamped, box: Any) -> Span:
        (start,) = problem.start
        ends = interval_around(problem.domain, start)
        exits = tuple(name for name, end in zip(("lower", "upper"), ends, strict=True) if math.isfinite(end))
        if box is not None:
            return cls(process, *_cut(ends, box, start), exits)
        if len(exits) == 2:
            return cls(process, *ends, exits)
        outward = -1 if math.isinf(ends[0]) else 1
        exit_end = ends[1] if outward < 0 else ends[0]
        low, high = sorted((exit_end, _wall(process, start, exit_end, outward)))
        return cls(process, low, high, exits)

    @property
    def range(self) -> float:
        """How much the exponent varies."""
        return float(np.ptp(self.exponent(np.linspace(self.low, self.high, SAMPLES))))

    @cached_property
    def exponent(self) -> Any:
        r"""The function :math:`\int \gamma M U' / D`, zero at the start of the interval: an array in, an array out."""
        return exponent(self.process, self.low, self.high)


def exponent(process: Underdamped, low: float, high: float) -> Any:
    r"""Return :math:`\int_{low}^x \gamma M\,U'/D` as a function on an interval.

    Parameters
    ----------
    process : Underdamped
        In one dimension.
    low, high : float
        The interval.

    Returns
    -------
    callable
        From an array of positions to an array.

    Raises
    ------
    RouteNotApplicable
        If the noise vanishes somewhere.
    """  # noqa: DOC502 (a helper raises it)
    from scipy.interpolate import CubicHermiteSpline

    x = np.linspace(low, high, SAMPLES)
    slope = _slope(process, x)
    middle = _slope(process, (x[1:] + x[:-1]) / 2)
    steps = np.diff(x) * (slope[1:] + slope[:-1] + 4 * middle) / 6
    return CubicHermiteSpline(x, np.concatenate([[0.0], np.cumsum(steps)]), slope)


def _slope(process: Underdamped, x: Array) -> Array:
    noise = process.diffusion_at(x[:, None])[:, 0, 0]
    if not (noise > 0).all():
        raise RouteNotApplicable(
            f"The phase-space method needs noise everywhere, but D is {noise.min():.3g} near {x[noise.argmin()]:.4g}: "
            "use escapetime.simulate.escape_time."
        )
    return process.friction * process.mass * process.landscape.grad(x[:, None])[:, 0] / noise


def _wall(process: Underdamped, start: float, exit_end: float, outward: int) -> float:
    """Go outward from the start until the exponent is high above the pass between the start and the exit."""
    toward = exponent(process, *sorted((start, exit_end)))
    way = toward(np.linspace(start, exit_end, SAMPLES)) - toward(start)
    top, distance = float(way.max()), abs(exit_end - start)
    for _ in range(ATTEMPTS):
        x = np.linspace(start, start + outward * distance, SAMPLES)
        with np.errstate(all="ignore"):
            out = exponent(process, *sorted((start, float(x[-1]))))
            rise = out(x) - out(start)
        found = np.flatnonzero(rise >= top + HEIGHT)
        if len(found):
            return float(x[found[0]])
        if distance > REACH * (1 + abs(start)):
            break
        distance *= 1.5
    raise InvalidInput(
        "The loss does not rise high enough beyond the start to hold the process: give box=(lo, hi), outside of which "
        "it never comes before it escapes."
    )


def _cut(ends: tuple[float, float], box: Any, start: float) -> tuple[float, float]:
    try:
        low, high = (float(v) for v in (box[0] if np.ndim(box) == 2 else box))
    except (TypeError, ValueError):
        low = high = math.nan
    if not (math.isfinite(high - low) and low < start < high):
        raise InvalidInput(f"Expected box as a finite pair (lo, hi) around the start {start:g}, got {box!r}.")
    return max(low, ends[0]), min(high, ends[1])
