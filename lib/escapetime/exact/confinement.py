"""A finite box for a grid in an unbounded domain: as far out as a thermal process ever goes before it escapes."""

from __future__ import annotations

import math

import numpy as np

from escapetime.critical_points import Bounds
from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.exact.grid import Array
from escapetime.problem import EscapeProblem

HEIGHT = 16.0  # walls above the pass, in units of the temperature: exp(-16) is 1e-7
NODES = {1: 1025, 2: 97, 3: 33}  # for finding the pass, along each axis
ATTEMPTS = 16  # each raises the level by half as much again


def computational_box(problem: EscapeProblem, box: Bounds | None = None) -> Bounds:
    """Return the box in which to solve an escape problem, with walls that may reflect without being noticed.

    Parameters
    ----------
    problem : EscapeProblem
        In one to three dimensions.
    box : tuple of pairs, optional
        The caller's own box; it is cut down to the bounds of the domain.

    Returns
    -------
    tuple of pairs
        ``((lo, hi), ...)``. Where a side is not a bound of the domain, the loss there is at least 16 temperatures above
        the pass over which the process leaves, so that what lies beyond changes its escape by about 1e-7.

    Raises
    ------
    InvalidInput
        If the box is unfit, or none is given and the loss does not confine the process, or no exit is found.
    RouteNotApplicable
        If none is given, the domain is unbounded and the process not thermal.
    """
    bounds = problem.domain.bounds
    if box is not None:
        return _checked(problem, box)
    process = problem.diffusion
    if all(math.isfinite(end) for pair in bounds for end in pair) and process.temperature is None:
        return bounds
    if process.temperature is None or process.landscape is None:
        raise RouteNotApplicable(
            f"{problem.domain} is unbounded and the process is not in thermal equilibrium, so that the grid does not "
            "know how far it strays: give box=((lo, hi), ...) and enlarge it until the answer stays, or use "
            "escapetime.simulate."
        )
    start, margin = np.array(problem.start), HEIGHT * process.temperature
    level, step = float(process.landscape.value(start)) + margin, margin
    for _ in range(ATTEMPTS):
        try:
            found = process.landscape.confining_box(start, level, bounds)
        except NumericalFailure as error:
            raise InvalidInput(f"{error} (option box)") from error
        height = _pass(problem, found)
        if height + margin <= level:
            return found
        step *= 1.5
        level = height + margin if math.isfinite(height) else level + step
    raise InvalidInput(
        f"No exit of {problem.domain} was found around {list(problem.start)}: give box=((lo, hi), ...) and cells."
    )


def _checked(problem: EscapeProblem, box: Bounds) -> Bounds:
    start, pairs = np.array(problem.start), _as_pairs(box)
    if pairs.shape != (len(start), 2) or not np.all((pairs[:, 0] < start) & (start < pairs[:, 1])):
        raise InvalidInput(
            f"Expected box as {len(start)} finite pair(s) (lo, hi) around the start {start.tolist()}, got {box!r}."
        )
    bounds = np.array(problem.domain.bounds)
    lower, upper = np.maximum(pairs[:, 0], bounds[:, 0]), np.minimum(pairs[:, 1], bounds[:, 1])
    return tuple(zip(lower.tolist(), upper.tolist(), strict=True))


def _as_pairs(box: Bounds) -> Array:
    try:
        pairs = np.array(box, dtype=float)
    except (TypeError, ValueError):
        return np.empty(0)
    return pairs if np.isfinite(pairs).all() else np.empty(0)


def _pass(problem: EscapeProblem, box: Bounds) -> float:
    """Return how high a path from the start to an exit has to climb at least, on a coarse grid; inf if none is seen."""
    axes = [np.linspace(lo, hi, NODES[problem.process.dimension]) for lo, hi in box]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    inside = problem.domain.contains(points)
    with np.errstate(all="ignore"):
        loss = np.where(inside, problem.process.landscape.value(points), -np.inf)  # type: ignore[union-attr]
    start = np.unravel_index(np.argmin(np.sum((points - np.array(problem.start)) ** 2, axis=-1)), inside.shape)
    # a start closer to an exit than the coarse grid can tell climbs to its own height at least
    return max(_minimax(loss, start, ~inside), float(problem.process.landscape.value(np.array(problem.start))))  # type: ignore[union-attr]


def _minimax(height: Array, start: tuple[np.intp, ...], goal: np.ndarray) -> float:
    """Flood from ``start``, lowest node first, until a goal is reached; return the highest node on the way."""
    import heapq

    strides = [int(np.prod(height.shape[axis + 1 :])) for axis in range(height.ndim)]
    flat, done, position = height.ravel(), goal.ravel(), int(np.ravel_multi_index(start, height.shape))
    seen, queue, highest = np.zeros(flat.shape, dtype=bool), [(float(flat[position]), position)], -math.inf
    seen[position] = True
    while queue:
        level, position = heapq.heappop(queue)
        highest = max(highest, level)
        if done[position]:
            return highest
        for stride, length in zip(strides, height.shape, strict=True):
            index = position // stride % length
            for neighbor, exists in ((position - stride, index > 0), (position + stride, index < length - 1)):
                if exists and not seen[neighbor]:
                    seen[neighbor] = True
                    heapq.heappush(queue, (float(flat[neighbor]), neighbor))
    return math.inf
