"""Committor on a grid: where the process goes next, and how often it goes there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from escapetime.domains import Domain
from escapetime.errors import InvalidInput
from escapetime.exact.backward import Generator
from escapetime.exact.grid import Array, Grid
from escapetime.exact.linear import Solver
from escapetime.processes.base import Diffusion


@dataclass(frozen=True, eq=False)
class Committor:
    """Probability to reach one set before another.

    Attributes
    ----------
    points : numpy.ndarray
        The nodes, shape ``(n, d)``.
    values : numpy.ndarray
        Probability to reach the target before the source from each node, shape ``(n,)``.
    frequency : float
        Mean number of transitions from source to target per unit of time, in a stationary run that goes back and forth:
        one over the sum of the mean times there and back.
    grid : Grid
        Where the nodes lie.
    """

    points: Array
    values: Array
    frequency: float
    grid: Grid


def committor(process: Diffusion, grid: Grid, source: Domain, target: Domain) -> Committor:
    r"""Solve :math:`L q = 0` with ``q = 0`` in the source and ``q = 1`` in the target.

    Parameters
    ----------
    process : Diffusion
        In any convention; its Ito form must have a diagonal diffusion matrix. No detailed balance is needed.
    grid : Grid
        With its origin in or near the source; the walls of its box reflect.
    source, target : Domain
        Apart from each other, each holding nodes of the grid. Their boundaries are seen to the nearest node.

    Returns
    -------
    Committor
        First order in the spacing at the boundaries of the sets, second elsewhere.

    Raises
    ------
    InvalidInput
        If the sets overlap on the grid, or one of them holds no node.
    RouteNotApplicable
        If the diffusion matrix is not diagonal, or a coordinate has no noise.

    Notes
    -----
    E and Vanden-Eijnden 2010 (``e2010``) for the frequency,
    :math:`\sum_{i \in A} \pi_i \sum_j L_{ij} q_j` with the stationary law :math:`\pi`.

    Examples
    --------
    Brownian motion in an interval:

    >>> from escapetime import Interval, landscapes, langevin
    >>> process, grid = langevin(landscapes.flat(), temperature=0.5), Grid((0.5,), (0.25,), ((0, 1),))
    >>> committor(process, grid, Interval(-1, 0.1), Interval(0.9, 2)).values
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """  # noqa: DOC502 - raised by what it calls
    generator = Generator(process, grid)
    points = generator.points
    inside = [np.asarray(region.contains(points), dtype=bool) for region in (source, target)]
    if np.any(inside[0] & inside[1]) or not all(np.any(i) for i in inside):
        raise InvalidInput(
            "Expected a source and a target that do not overlap and hold nodes of the grid, got "
            f"{[int(np.sum(i)) for i in inside]} nodes, {int(np.sum(inside[0] & inside[1]))} of them in both."
        )
    matrix: Any = generator.matrix
    rows = matrix.tocsr()
    free = np.flatnonzero(~(inside[0] | inside[1]))
    values = inside[1].astype(float)
    values[free] = Solver(-rows[free][:, free], grid.dimension)(rows[free] @ values)
    weight = generator.stationary_density() * float(np.prod(grid.spacing))
    starts = np.flatnonzero(inside[0])
    return Committor(points, values, float(weight[starts] @ (rows[starts] @ values)), grid)
