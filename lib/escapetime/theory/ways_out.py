"""The geometry that every small-noise formula needs: the well a path starts in, and the saddles it leaves over."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from escapetime.critical_points import Bounds, CriticalPoint, descend
from escapetime.errors import RouteNotApplicable
from escapetime.problem import EscapeProblem

ELSEWHERE = "use exact.escape_time (1 to 3 dimensions) or simulate.escape_time"
FAR = 3.0  # in thermal widths of the barrier: Phi(3) = 0.9987, and what is left is less than the law's own error


@dataclass(frozen=True, eq=False)
class WayOut:
    """A saddle on the way out, and how far behind it the domain ends.

    Attributes
    ----------
    saddle : CriticalPoint
        Of index 1.
    clearance : float
        Distance from the saddle to the boundary along the unstable direction, in thermal widths ``sqrt(D / |lambda|)``;
        0 when the saddle lies on the boundary, infinite when the boundary is far.
    """

    saddle: CriticalPoint
    clearance: float


def find(problem: EscapeProblem) -> tuple[CriticalPoint, list[WayOut]]:
    """Return the minimum of the starting well and every saddle that leads from it out of the domain.

    Parameters
    ----------
    problem : EscapeProblem
        With a landscape.

    Returns
    -------
    tuple
        The minimum, and the ways out.

    Raises
    ------
    RouteNotApplicable
        If the start is not in a well of the domain, if other wells of the domain lie on the way, or if the lowest point
        of the boundary is not a saddle.
    """
    landscape, temperature = problem.process.landscape, float(problem.diffusion.temperature or 0.0)
    assert landscape is not None
    if not any(landscape.gradient):
        raise RouteNotApplicable(f"A flat landscape has no barrier, so no small-noise formula applies: {ELSEWHERE}.")
    start = np.array(problem.start)
    bottom = _bottom(problem)
    height = float(landscape.value(bottom)) + 40 * temperature
    for _ in range(12):
        box = _search_box(problem, bottom, height)
        exits = [t for t in landscape.transitions(box) if np.linalg.norm(t.minimum.point - bottom) < 1e-5 * _size(box)]
        if exits and height > max(t.saddle.value for t in exits) + 20 * temperature:
            break
        height += 40 * temperature + (height - float(landscape.value(bottom)))
    else:
        raise RouteNotApplicable(f"No saddle leads out of the well at {_at(bottom)}: {ELSEWHERE}.")
    minimum = exits[0].minimum
    for t in exits:
        if t.target is not None and bool(problem.domain.contains(t.target.point)):
            raise RouteNotApplicable(
                f"The domain holds a second well at {_at(t.target.point)} behind the saddle at {_at(t.saddle.point)}: "
                f"a formula for one well does not cover returns. End the domain between them, or {ELSEWHERE}."
            )
    ways = [WayOut(t.saddle, _clearance(problem, minimum, t.saddle, temperature)) for t in exits]
    ways = [w for w in ways if w.clearance > -1.0]
    if not ways:
        raise RouteNotApplicable(
            f"The domain ends before any saddle, started from {_at(start)}: the exit is over a slope; {ELSEWHERE}."
        )
    _refuse_lower_boundary(problem, minimum, min(w.saddle.value for w in ways), box)
    return minimum, ways


def _bottom(problem: EscapeProblem) -> np.ndarray:
    landscape = problem.process.landscape
    assert landscape is not None
    everywhere = tuple((s - 1e6, s + 1e6) for s in problem.start)
    bottom = descend(landscape, np.array(problem.start), everywhere)
    if bottom is None or not bool(problem.domain.contains(bottom)):
        raise RouteNotApplicable(
            f"From the start {_at(np.array(problem.start))} the gradient flow leaves {problem.domain}: "
            f"there is no well to escape from; {ELSEWHERE}."
        )
    return bottom


def _search_box(problem: EscapeProblem, bottom: np.ndarray, height: float) -> Bounds:
    """Return a box that reaches a little beyond the domain, so that a saddle on the boundary is inside."""
    landscape = problem.process.landscape
    assert landscape is not None
    limits = [
        (b - 1.25 * (b - lo) if math.isfinite(lo) else lo, b + 1.25 * (hi - b) if math.isfinite(hi) else hi)
        for b, (lo, hi) in zip(bottom, problem.domain.bounds, strict=True)
    ]
    return landscape.confining_box(bottom, height, limits)


def _clearance(problem: EscapeProblem, minimum: CriticalPoint, saddle: CriticalPoint, temperature: float) -> float:
    """Follow the unstable direction outwards to the boundary, and insist that it is met squarely where it matters."""
    direction = saddle.eigenvectors[:, 0]
    if direction @ (saddle.point - minimum.point) < 0:
        direction = -direction
    width = math.sqrt(temperature / abs(saddle.eigenvalues[0]))
    offsets = np.linspace(-FAR, FAR, 481) * width
    gap = np.min(problem.domain.distance(saddle.point + offsets[:, None] * direction), axis=-1)
    outside = np.flatnonzero(gap <= 1e-9 * max(1.0, width))
    if len(outside) == 0:
        return math.inf
    first = int(outside[0])
    offset = offsets[first]
    if first > 0 and gap[first - 1] > 0:
        offset = offsets[first - 1] + (offsets[first] - offsets[first - 1]) * gap[first - 1] / (
            gap[first - 1] - gap[first]
        )
    crossing = saddle.point + offset * direction
    slopes = [_normal(problem, crossing, direction * s) for s in (1.0, -1.0)]
    if min(slopes) < 0.99 and problem.process.dimension > 1:
        raise RouteNotApplicable(
            f"The boundary passes the saddle at {_at(saddle.point)} at an angle to its unstable direction; "
            f"the exit time then depends on the angle. Put the boundary further behind the saddle, or {ELSEWHERE}."
        )
    return float(offset / width)


def _normal(problem: EscapeProblem, point: np.ndarray, direction: np.ndarray) -> float:
    """Return how squarely the boundary faces ``direction``: 1 when it is perpendicular to it."""
    h = 1e-6 * max(1.0, float(np.linalg.norm(point)))
    before, after = (np.min(problem.domain.distance(point + s * h * direction), axis=-1) for s in (-1, 1))
    return abs(float(after - before)) / (2 * h)


def _refuse_lower_boundary(problem: EscapeProblem, minimum: CriticalPoint, pass_height: float, box: Bounds) -> None:
    """Flood the well up to just below the pass: the water must not reach the boundary (on a grid, up to 3-d)."""
    from scipy.ndimage import binary_dilation, label

    landscape, d = problem.process.landscape, problem.process.dimension
    assert landscape is not None
    if d > 3:
        return
    axes = [np.linspace(lo, hi, {1: 4001, 2: 301, 3: 61}[d]) for lo, hi in box]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    water = landscape.value(points) < pass_height - 0.03 * (pass_height - minimum.value)
    inside = problem.domain.contains(points)
    pools, _ = label(water)
    spot = tuple(int(np.argmin(np.abs(a - c))) for a, c in zip(axes, minimum.point, strict=True))
    if bool(np.any(binary_dilation(pools == pools[spot]) & ~inside)):
        raise RouteNotApplicable(
            f"The boundary of {problem.domain} is lower than the pass at height {pass_height:.6g}: "
            f"paths leave over its slope, not over a saddle. Move the boundary to or behind the saddle, or {ELSEWHERE}."
        )


def _size(box: Bounds) -> float:
    return max(hi - lo for lo, hi in box)


def _at(point: np.ndarray) -> str:
    return "(" + ", ".join(f"{c:.6g}" for c in np.asarray(point) + 0.0) + ")"
