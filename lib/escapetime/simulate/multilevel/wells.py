"""The well that paths start in, and whether others lie on their way."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from escapetime.critical_points import descend
from escapetime.errors import NumericalFailure
from escapetime.problem import EscapeProblem

APART = 1e-2  # minima nearer to each other, relative to where they are, are one
FLAT = 1e-6  # a curvature below this, relative to the largest, is none: paths do not rest there more than elsewhere


def bottom(problem: EscapeProblem) -> NDArray[np.float64]:
    """Return the minimum below the start, or the start where there is none, shape ``(d,)``."""
    start = np.array(problem.start)
    found = _below(problem, start)
    return start if found is None else found


def another(problem: EscapeProblem, points: Iterable[NDArray[np.float64]]) -> NDArray[np.float64] | None:
    """Return a minimum inside the domain below one of these points, if it is not that below the start."""
    first = bottom(problem)
    for point in points:
        found = _below(problem, point)
        if found is None or np.linalg.norm(found - first) <= APART * (1 + np.linalg.norm(first)):
            continue
        curvature = np.linalg.eigvalsh(problem.process.landscape.hess(found))  # type: ignore[union-attr]
        if curvature[0] > FLAT * max(curvature[-1], 1.0):
            return found
    return None


def _below(problem: EscapeProblem, point: NDArray[np.float64]) -> NDArray[np.float64] | None:
    landscape = problem.process.landscape
    if landscape is None:
        return None
    try:
        found = descend(landscape, point, problem.domain.bounds)
    except NumericalFailure:  # a flat valley: there is no single lowest point
        return None
    return found if found is not None and problem.domain.contains(found) else None
