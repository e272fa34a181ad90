"""Mean, variance, exits and overshoot of a chain on given panels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from escapetime.errors import NumericalFailure
from escapetime.exact.chain_step import SIMULATE, ChainStep
from escapetime.exact.collocation import Collocation
from escapetime.exact.elimination import Elimination
from escapetime.exact.panels import Array

RESOLVED = 1e-8  # last Legendre coefficients in a panel, relative to the largest; expectations are far more accurate


@dataclass(frozen=True)
class Solution:
    """What is known of the escape from one point.

    Attributes
    ----------
    steps : float
        Mean number of steps.
    beyond : float
        Expected number of visits beyond an end that is no exit.
    values : numpy.ndarray
        Mean number of steps from each node, shape ``(n,)``.
    std : float
        Standard deviation of the number of steps.
    exit, overshoot : dict
        For each exit its probability, and the mean distance beyond it where the chain lands.
    """

    steps: float
    beyond: float
    values: Array
    std: float = math.nan
    exit: dict[str, float] | None = None
    overshoot: dict[str, float] | None = None

    @classmethod
    def of(cls, grid: Collocation, start: float, *, moments: bool = False) -> Solution:
        """Solve on panels; with ``moments``, for everything.

        Parameters
        ----------
        grid : Collocation
            The panels.
        start : float
            Where the chain starts.
        moments : bool
            Whether to find the deviation, exits and overshoot as well.

        Returns
        -------
        Solution
            The solution.
        """
        rows, here = grid.rows(grid.nodes), grid.rows(np.array([start]))
        # last of all the states around the attractor: what is eliminated before them flows back there, and the weights
        # of product integration that are negative stay small in each sum
        order = np.argsort(np.abs(grid.nodes - grid.step.settled(start)))
        solver = Elimination(rows.inside[np.ix_(order, order)], rows.absorbed[order])
        names = list(rows.faces)
        right = np.column_stack([np.ones(len(rows.cut)), rows.cut, *(rows.faces[name] for name in names)])
        nodes = np.empty_like(right)
        nodes[order] = solver.solve(right[order])
        (point,) = np.concatenate([[[1.0]], here.cut[:, None], *here.faces.values()], axis=1) + here.inside @ nodes
        steps, values = float(point[0]), nodes[:, 0]
        if not moments:
            return cls(steps, float(point[1]), values)
        # second moments solve the same equation with 2 u - 1 in place of 1; in units of the mean, lest they overflow
        second = (2 * steps - 1) / steps + here.inside[:, order] @ solver.solve((2 * values[order] - 1) / steps)
        deviation = steps * math.sqrt(max(float(second[0]) / steps - 1, 0.0))
        exit_ = {name: float(point[2 + 2 * k]) for k, name in enumerate(names)}
        excess = {name: float(point[3 + 2 * k]) for k, name in enumerate(names)}
        overshoot = {name: excess[name] / exit_[name] if exit_[name] > 0 else math.nan for name in names}
        return cls(steps, float(point[1]), values, deviation, exit_, overshoot)


def resolved(
    step: ChainStep, edges: Array, exits: tuple[bool, bool], order: int, start: float, max_nodes: int
) -> tuple[Collocation, Solution]:
    """Bisect panels until the mean time is a polynomial in each.

    Parameters
    ----------
    step : ChainStep
        The step.
    edges : numpy.ndarray
        Ends of the panels to begin with, shape ``(p + 1,)``.
    exits : tuple of bool
        Whether the first and the last edge are exits.
    order : int
        Nodes in a panel.
    start : float
        Where the chain starts.
    max_nodes : int
        Nodes that are allowed.

    Returns
    -------
    tuple of Collocation and Solution
        The panels, and all that is known on them.

    Raises
    ------
    NumericalFailure
        If that takes more nodes than allowed.
    """
    while True:
        grid = Collocation(step, edges, exits, order)
        found = Solution.of(grid, start, moments=True)
        rough = grid.tail(found.values) > RESOLVED
        if not rough.any():
            return grid, found
        edges = np.sort(np.concatenate([edges, (edges[:-1][rough] + edges[1:][rough]) / 2]))
        if (len(edges) - 1) * order > max_nodes:
            raise NumericalFailure(
                f"The mean time is not resolved by {max_nodes} nodes, near {edges[:-1][np.argmin(np.diff(edges))]:.6g} "
                f"it bends too often: name jumps of the update as breakpoints, raise max_nodes, or {SIMULATE}."
            )
