"""Finite elements of high order on an interval: values and slopes at Gauss points from values at the nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.polynomial import legendre

from escapetime.exact.panels import Array

ORDER = 8  # polynomial degree in an element
SHRINK, GRADED = 0.25, 4  # of the elements at an exit
GAUSS = ORDER + 2  # points of its rule: integrands are polynomials times a smooth weight


@dataclass(frozen=True)
class Elements:
    """Continuous functions that are polynomials of degree 8 between the edges, as values at Gauss-Lobatto nodes.

    Parameters
    ----------
    edges : numpy.ndarray
        Increasing, shape ``(elements + 1,)``.

    Examples
    --------
    The slope of a cubic, and its integral:

    >>> e = Elements(np.linspace(0, 1, 3))
    >>> bool(np.allclose(e.slopes @ e.nodes**3, 3 * e.points**2))
    True
    >>> round(float(e.weights @ (e.values @ e.nodes**3)), 12)
    0.25
    """

    edges: Array

    @classmethod
    def between(
        cls, low: float, high: float, count: int, cuts: Sequence[float] = (), exits: Sequence[str] = ()
    ) -> Elements:
        """Return ``count`` elements of nearly equal lengths with edges at the cuts, and shorter ones towards exits."""
        # at an exit the answer has a singular point between the velocities that leave and those that come in
        ends = np.unique([low, *(c for c in cuts if low < c < high), high])
        shares = np.maximum(1, np.round(np.diff(ends) / (high - low) * count)).astype(int)
        parts = [np.linspace(a, b, n + 1)[:-1] for a, b, n in zip(ends[:-1], ends[1:], shares, strict=True)]
        edges = np.concatenate([*parts, [high]])
        near = SHRINK ** np.arange(1.0, GRADED + 1)
        first = low + near * (edges[1] - low) if "lower" in exits else []
        last = high - near * (high - edges[-2]) if "upper" in exits else []
        return cls(np.sort(np.concatenate([edges, first, last])))

    @property
    def count(self) -> int:
        """Number of elements."""
        return len(self.edges) - 1

    @cached_property
    def nodes(self) -> Array:
        """The nodes, ``8 * elements + 1`` of them, increasing."""
        inner = self.edges[:-1, None] + np.diff(self.edges)[:, None] * (_LOBATTO[:-1] + 1) / 2
        return np.append(inner.ravel(), self.edges[-1])

    @cached_property
    def points(self) -> Array:
        """The Gauss points, ``10 * elements`` of them."""
        return (self.edges[:-1, None] + np.diff(self.edges)[:, None] * (_GAUSS[0] + 1) / 2).ravel()

    @cached_property
    def weights(self) -> Array:
        """Weights of the integral at the Gauss points."""
        return (np.diff(self.edges)[:, None] * _GAUSS[1] / 2).ravel()

    @cached_property
    def values(self) -> Any:
        """Sparse matrix from values at the nodes to values at the Gauss points."""
        return self._matrix(np.broadcast_to(_VALUES, (self.count, *_VALUES.shape)))

    @cached_property
    def slopes(self) -> Any:
        """Sparse matrix from values at the nodes to first derivatives at the Gauss points."""
        return self._matrix(_SLOPES * (2 / np.diff(self.edges))[:, None, None])

    def at(self, x: float) -> tuple[Array, Array]:
        """Return the rows that give the value at ``x``: from values at the nodes, and from values at Gauss points."""
        e = int(np.clip(np.searchsorted(self.edges, x, side="right") - 1, 0, self.count - 1))
        place = np.array([2 * (x - self.edges[e]) / (self.edges[e + 1] - self.edges[e]) - 1])
        from_nodes, from_points = np.zeros(len(self.nodes)), np.zeros(len(self.points))
        from_nodes[ORDER * e : ORDER * (e + 1) + 1] = _interpolation(_LOBATTO, place)[0]
        from_points[GAUSS * e : GAUSS * (e + 1)] = _interpolation(_GAUSS[0], place)[0]
        return from_nodes, from_points

    def _matrix(self, blocks: Array) -> Any:
        from scipy import sparse

        rows = np.repeat(np.arange(self.count * GAUSS), ORDER + 1)
        columns = (np.arange(self.count) * ORDER)[:, None, None] + np.arange(ORDER + 1) + np.zeros((1, GAUSS, 1), int)
        shape = (self.count * GAUSS, self.count * ORDER + 1)
        return sparse.csr_array((blocks.ravel(), (rows, columns.ravel())), shape=shape)


def _interpolation(nodes: Array, points: Array) -> Array:
    degree = len(nodes) - 1
    return np.asarray(np.linalg.solve(legendre.legvander(nodes, degree).T, legendre.legvander(points, degree).T).T)


def _derivative(nodes: Array, points: Array) -> Array:
    degree = len(nodes) - 1
    slopes = np.stack([legendre.legval(points, legendre.legder(row)) for row in np.eye(degree + 1)], axis=1)
    return np.asarray(np.linalg.solve(legendre.legvander(nodes, degree).T, slopes.T).T)


_LOBATTO = np.concatenate([[-1.0], np.sort(legendre.legroots(legendre.legder([0] * ORDER + [1]))), [1.0]])
_GAUSS = legendre.leggauss(GAUSS)
_VALUES, _SLOPES = _interpolation(_LOBATTO, _GAUSS[0]), _derivative(_LOBATTO, _GAUSS[0])
