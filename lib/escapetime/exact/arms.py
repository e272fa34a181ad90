"""How the boundary of a domain cuts the edges of a grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from escapetime.domains import Domain
from escapetime.exact.grid import Array, Grid

ON_BOUNDARY = 1e-10  # of a cell: a node this close to a face counts as outside
BISECTIONS = 50


@dataclass(frozen=True)
class Arms:
    """What lies next to each node of a grid inside a domain, in the directions ``-`` and ``+`` of each axis.

    Attributes
    ----------
    points : numpy.ndarray
        The ``n`` nodes inside, shape ``(n, d)``.
    length : numpy.ndarray
        Distance to the neighbor or, where a face comes first, to the face; shape ``(n, d, 2)``.
    neighbor : numpy.ndarray of int
        Index of the neighbor, -1 where there is none; shape ``(n, d, 2)``.
    face : numpy.ndarray of int
        Index of the face that cuts the edge, -1 where none does; shape ``(n, d, 2)``. An arm with neither neighbor nor
        face ends at the box, which reflects.
    """

    points: Array
    length: Array
    neighbor: NDArray[np.int64]
    face: NDArray[np.int64]

    @classmethod
    def of(cls, grid: Grid, domain: Domain | None) -> Arms:
        """Find the arms of all nodes of the grid inside the domain (None: everywhere).

        Parameters
        ----------
        grid : Grid
            The grid.
        domain : Domain, optional
            Of the same dimension.

        Returns
        -------
        Arms
            The nodes and their arms.
        """
        everywhere = grid.points
        margin = ON_BOUNDARY * min(grid.spacing)

        def distance(x: Array) -> Array:
            return np.full((len(x), 1), np.inf) if domain is None else domain.distance(x) - margin

        inside = np.all(distance(everywhere) > 0, axis=1)
        points, size = everywhere[inside], int(np.sum(inside))
        index = np.full(len(inside), -1)
        index[inside] = np.arange(size)
        index = np.pad(index.reshape(grid.shape), 1, constant_values=-1)
        where = np.stack(np.nonzero(inside.reshape(grid.shape)), axis=-1) + 1
        length = np.broadcast_to(np.array(grid.spacing)[:, None], (size, grid.dimension, 2)).copy()
        neighbor, face = np.full(length.shape, -1), np.full(length.shape, -1)
        for axis, h in enumerate(grid.spacing):
            for side in (0, 1):
                step = np.eye(grid.dimension, dtype=int)[axis] * (2 * side - 1)
                neighbor[:, axis, side] = index[tuple((where + step).T)]
                alone = np.flatnonzero(neighbor[:, axis, side] < 0)
                cut = alone[np.any(distance(points[alone] + h * step) <= 0, axis=1)]
                low, high = np.zeros(len(cut)), np.full(len(cut), h)
                for _ in range(BISECTIONS if len(cut) else 0):
                    middle = (low + high) / 2
                    still = np.all(distance(points[cut] + middle[:, None] * step) > 0, axis=1)
                    low, high = np.where(still, middle, low), np.where(still, high, middle)
                length[cut, axis, side] = high
                face[cut, axis, side] = np.argmin(distance(points[cut] + high[:, None] * step), axis=1)
        return cls(points, length, neighbor, face)
