"""Uniform tensor grids with a node at a given point."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from escapetime.critical_points import Bounds
from escapetime.errors import InvalidInput

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """A uniform tensor grid, made of the points ``origin + k * spacing`` that lie in a box.

    Parameters
    ----------
    origin : tuple of float
        A point that is a node, shape ``(d,)``.
    spacing : tuple of float
        Distance between neighbors along each axis.
    box : tuple of pairs
        ``((lo, hi), ...)``, finite, around the origin.

    Raises
    ------
    InvalidInput
        If the box is not finite, does not hold the origin, or has fewer than 4 nodes along an axis.
    """

    origin: tuple[float, ...]
    spacing: tuple[float, ...]
    box: Bounds

    def __post_init__(self) -> None:
        if not all(-math.inf < lo <= o <= hi < math.inf for o, (lo, hi) in zip(self.origin, self.box, strict=True)):
            raise InvalidInput(f"Expected a finite box around {list(self.origin)}, got {self.box}.")
        if min(self.shape) < 4:
            nodes = " x ".join(map(str, self.shape))
            raise InvalidInput(f"A grid of {nodes} nodes is too coarse: raise cells to 16 or more.")

    @classmethod
    def through(cls, origin: Sequence[float], box: Bounds, cells: Sequence[int], exits: Bounds | None = None) -> Grid:
        """Make a grid with a node at ``origin`` and, along each axis, another one at an end of the domain.

        Parameters
        ----------
        origin : sequence of float
            Shape ``(d,)``.
        box : tuple of pairs
            What the grid covers.
        cells : sequence of int
            Cells along each axis; up to a quarter more or fewer are used to put nodes where they are wanted.
        exits : tuple of pairs, optional
            Bounds of the domain, ``Domain.bounds``. The upper one is a grid plane if it is finite, else the lower one.

        Returns
        -------
        Grid
            The grid.
        """
        spacing = []
        for o, (lo, hi), n, ends in zip(origin, box, cells, exits or box, strict=True):
            length = (hi - lo) / n
            arms = [abs(end - o) for end in ends[::-1] if math.isfinite(end) and abs(end - o) >= 2 * length]
            spacing.append(arms[0] / round(arms[0] / length) if arms else length)
        return cls(tuple(map(float, origin)), tuple(spacing), box)

    def halved(self) -> Grid:
        """Return the grid of half the spacing, which holds this one's nodes."""
        return replace(self, spacing=tuple(h / 2 for h in self.spacing))

    @property
    def ranges(self) -> tuple[range, ...]:
        """Indices ``k`` of the nodes along each axis."""
        return tuple(
            range(-math.floor((o - lo) / h + 1e-9), math.floor((hi - o) / h + 1e-9) + 1)
            for o, h, (lo, hi) in zip(self.origin, self.spacing, self.box, strict=True)
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of nodes along each axis."""
        return tuple(map(len, self.ranges))

    @property
    def dimension(self) -> int:
        """Number of axes ``d``."""
        return len(self.origin)

    @property
    def points(self) -> Array:
        """All nodes, shape ``(prod(shape), d)``, the last axis fastest."""
        axes = [o + h * np.array(k) for o, h, k in zip(self.origin, self.spacing, self.ranges, strict=True)]
        return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, self.dimension)
