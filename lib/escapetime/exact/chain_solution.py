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
        solver = Elimination(rows.inside, rows.absorbed)
        names = list(rows.faces)
        right = np.column_stack([np.ones(len(rows.cut)), rows.cut, *(rows.faces[name] for name in names)])
        nodes = solver.solve(right)
        (point,) = np.concatenate([[[1.0]], here.cut[:, None], *here.faces.values()], axis=1) + here.inside @ nodes
        steps, values = float(point[0]), nodes[:, 0]
        if not moments:
            return cls(steps, float(point[1]), values)
        # the variance is the sum, over the steps, of the variance of what a single step leads to
        spread = solver.solve(_one_step_variance(rows.inside, rows.absorbed, values))
        variance = _one_step_variance(here.inside, here.absorbed, values) + here.inside @ spread
        exit_ = {name: float(point[2 + 2 * k]) for k, name in enumerate(names)}
        excess = {name: float(point[3 + 2 * k]) for k, name in enumerate(names)}
        overshoot = {name: excess[name] / exit_[name] if exit_[name] > 0 else math.nan for name in names}
        return cls(steps, float(point[1]), values, math.sqrt(variance[0]), exit_, overshoot)


def _one_step_variance(inside: Array, absorbed: Array, values: Array) -> Array:
    after = inside @ values
    return np.array(
        [row @ (values - m) ** 2 + gone * m * m for row, gone, m in zip(inside, absorbed, after, strict=True)]
    )


def resolved(step: ChainStep, edges: Array, exits: tuple[bool, bool], order: int, max_nodes: int) -> Collocation:
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
    max_nodes : int
        Nodes that are allowed.

    Returns
    -------
    Collocation
        The panels.

    Raises
    ------
    NumericalFailure
        If that takes more nodes than allowed.
    """
    while True:
        grid = Collocation(step, edges, exits, order)
        rows = grid.rows(grid.nodes)
        rough = grid.tail(Elimination(rows.inside, rows.absorbed).solve(np.ones(len(rows.cut)))) > RESOLVED
        if not rough.any():
            return grid
        edges = np.sort(np.concatenate([edges, (edges[:-1][rough] + edges[1:][rough]) / 2]))
        if (len(edges) - 1) * order > max_nodes:
            raise NumericalFailure(
                f"The mean time is not resolved by {max_nodes} nodes, near {edges[:-1][np.argmin(np.diff(edges))]:.6g} "
                f"it bends too often: name jumps of the update as breakpoints, raise max_nodes, or {SIMULATE}."
            )
