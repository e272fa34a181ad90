"""Grow a box until the loss is high on all its faces, so that what lies outside cannot matter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from escapetime.critical_points import Bounds
from escapetime.errors import NumericalFailure

if TYPE_CHECKING:
    from escapetime.landscape import Landscape

FIRST = 0.01  # half-width of the first box, in units of the coordinate
GROWTH = 1.2  # factor by which a weak side moves away from the start
STEPS = 100  # the last box is 1.2**100 = 8e7 times as wide as the first


def find_confining_box(
    landscape: Landscape,
    start: Sequence[float] | np.ndarray,
    level: float,
    limits: Sequence[Sequence[float]] | None = None,
) -> Bounds:
    """Return a box around ``start`` with the loss above ``level`` on its faces; see :meth:`Landscape.confining_box`."""
    d = landscape.dimension
    center = np.asarray(start, dtype=float)
    low, high = np.array(((-np.inf, np.inf),) * d if limits is None else limits, dtype=float).T
    lower, upper = np.maximum(center - FIRST, low), np.minimum(center + FIRST, high)
    for _ in range(STEPS):
        open_sides = [(i, 0) for i in range(d) if lower[i] > low[i]] + [(i, 1) for i in range(d) if upper[i] < high[i]]
        weak = [(i, side) for i, side in open_sides if _lowest(landscape, lower, upper, i, side) < level]
        if not weak:
            return tuple(zip(lower.tolist(), upper.tolist(), strict=True))
        for i, side in weak:
            if side:
                upper[i] = min(center[i] + GROWTH * (upper[i] - center[i]), high[i])
            else:
                lower[i] = max(center[i] - GROWTH * (center[i] - lower[i]), low[i])
    i, side = weak[0]
    raise NumericalFailure(
        f"The landscape {landscape.name} does not rise to {level:.6g} towards "
        f"{'+' if side else '-'}{landscape.variables[i]} (looked as far as {(upper if side else lower)[i]:.3g}): "
        "bound the domain on that side, or give a box."
    )


def _lowest(landscape: Landscape, lower: np.ndarray, upper: np.ndarray, axis: int, side: int) -> float:
    """Return the lowest loss on a grid over one face of the box."""
    grids = [np.linspace(a, b, 33 if landscape.dimension < 4 else 5) for a, b in zip(lower, upper, strict=True)]
    grids[axis] = np.array([(upper if side else lower)[axis]])
    points = np.stack(np.meshgrid(*grids, indexing="ij"), axis=-1)
    return float(np.min(landscape.value(points)))
