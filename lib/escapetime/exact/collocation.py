r"""The step of a chain as a matrix: expectations of functions that are known at the nodes of panels.

Between the nodes a function is the polynomial through its values in each panel, so that an expectation after one step
is a weighted sum of them. Where a panel is small against the noise, the weights are those of Gauss-Legendre times the
density (Nystroem's method). Where it is not, or where the density bends inside it, the polynomial is integrated against
the density piece by piece (product integration), and convergence keeps its order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.polynomial import legendre

from escapetime.exact.chain_step import ChainStep
from escapetime.exact.panels import Array

WIDEST = 2.5  # panel, in units of the noise, up to which Gauss-Legendre times the density is accurate to rounding
PIECE = 20  # nodes in a piece of product integration, at most one unit of the noise wide
CHUNK = 10_000  # pieces at a time


@cache
def _rule(order: int) -> tuple[Array, Array, Array]:
    """Return nodes and weights on (-1, 1), and the matrix from values at the nodes to Legendre coefficients."""
    nodes, weights = legendre.leggauss(order)
    return nodes, weights, (np.arange(order)[:, None] + 0.5) * legendre.legvander(nodes, order - 1).T * weights


@dataclass(frozen=True)
class Rows:
    """What one step makes of functions on the nodes, from each of ``m`` points.

    Attributes
    ----------
    inside : numpy.ndarray
        Weights of the values at the nodes, shape ``(m, n)``.
    faces : dict
        For each exit, the probability of stepping beyond it and the mean excess, shape ``(m, 2)``.
    cut : numpy.ndarray
        Probability of stepping beyond an end that is none, where the function is continued by its last value; ``(m,)``.
    """

    inside: Array
    faces: dict[str, Array]
    cut: Array

    @property
    def absorbed(self) -> Array:
        """Probability of leaving in this step, shape ``(m,)``."""
        return np.sum([face[:, 0] for face in self.faces.values()], axis=0)


@dataclass(frozen=True, eq=False)
class Collocation:
    """Panels on the line for one step of a chain.

    Parameters
    ----------
    step : ChainStep
        The step.
    edges : numpy.ndarray
        Ends of the panels, increasing, shape ``(p + 1,)``.
    exits : tuple of bool
        Whether the first and the last edge are exits.
    order : int
        Nodes in a panel.
    """

    step: ChainStep
    edges: Array
    exits: tuple[bool, bool]
    order: int = 16

    @property
    def nodes(self) -> Array:
        """Where functions are known, shape ``(n,)``, ascending."""
        half = np.diff(self.edges) / 2
        return ((self.edges[:-1] + half)[:, None] + half[:, None] * _rule(self.order)[0]).ravel()

    def rows(self, points: Array) -> Rows:
        """Return the step from points of shape ``(m,)``.

        Parameters
        ----------
        points : numpy.ndarray
            Inside the panels, shape ``(m,)``.

        Returns
        -------
        Rows
            Weights, and what leaves.
        """
        mean, spread = self.step.at(points)
        spread = np.maximum(spread, np.finfo(float).tiny ** 0.5)
        law, m, order = self.step.law, len(points), self.order
        weights = np.diff(self.edges)[:, None] / 2 * _rule(order)[1]
        with np.errstate(over="ignore", under="ignore"):
            inside = law.density((self.nodes - mean[:, None]) / spread[:, None]) / spread[:, None] * weights.ravel()
            bounds = (self.edges - mean[:, None]) / spread[:, None]
            low, high = bounds[:, :-1], bounds[:, 1:]
            apart = (high - low > WIDEST) & (low < law.reach[1]) & (high > law.reach[0])
            for kink in law.kinks:
                apart |= (low < kink) & (kink < high)
            row, panel = np.nonzero(apart)
            blocks = inside.reshape(m, -1, order)
            blocks[row, panel] = self._product(low[row, panel], high[row, panel])
            below = np.stack([law.lower_tail(bounds[:, 0]), spread * law.lower_excess(bounds[:, 0])], axis=1)
            above = np.stack([law.tail(bounds[:, -1]), spread * law.excess(bounds[:, -1])], axis=1)
        faces, cut = {}, np.zeros(m)
        for name, face, column, is_exit in (("lower", below, 0, self.exits[0]), ("upper", above, -1, self.exits[1])):
            if is_exit:
                faces[name] = face
            else:
                inside[:, column] += face[:, 0]
                cut += face[:, 0]
        return Rows(inside, faces, cut)

    def tail(self, values: Array) -> Array:
        """Return the last Legendre coefficients of node values, relative to the largest, for each panel."""
        size = np.abs(values.reshape(-1, self.order) @ _rule(self.order)[2].T)
        return np.max(size[:, -3:], axis=1) / np.max(size, axis=1)

    def _product(self, low: Array, high: Array) -> Array:
        """Integrate the polynomials of panels against the density, from ``low`` to ``high``; shape ``(k, order)``."""
        law = self.step.law
        cuts = [np.clip(c, low, high) for c in (law.reach[0], *law.kinks, law.reach[1])]
        begin, end = np.concatenate(cuts[:-1]), np.concatenate(cuts[1:])
        which = np.tile(np.arange(len(low)), len(cuts) - 1)
        count = np.ceil(end - begin).astype(int)
        which, first, length = np.repeat(which, count), np.repeat(begin, count), np.repeat((end - begin), count)
        of = np.repeat(count, count)
        number = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
        result = np.zeros((len(low), self.order))
        nodes, weights, _ = _rule(PIECE)
        coefficients = _rule(self.order)[2]
        for at in range(0, len(of), CHUNK):
            part = slice(at, at + CHUNK)
            width, owner = (length[part] / of[part])[:, None], which[part]
            z = first[part][:, None] + width * (number[part][:, None] + (1 + nodes) / 2)
            size = (high - low)[owner, None]
            local = np.clip(2 * (z - low[owner, None]) / size - 1, -1, 1)
            mass = law.density(z) * weights * width / 2
            moments = np.einsum("kq,kqj->kj", mass, legendre.legvander(local, self.order - 1))
            np.add.at(result, owner, moments @ coefficients)
        return result
