"""The law of a process that has not left yet, for ever after: its density, and the rate at which it goes on leaving."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from escapetime.domains import Domain
from escapetime.errors import NumericalFailure
from escapetime.exact.backward import Generator
from escapetime.exact.grid import Array, Grid
from escapetime.exact.linear import Solver
from escapetime.processes.base import Diffusion

ITERATIONS, CONVERGED = 500, 1e-12


@dataclass(frozen=True, eq=False)
class QuasiStationary:
    """A quasi-stationary law.

    Attributes
    ----------
    points : numpy.ndarray
        The nodes, shape ``(n, d)``.
    density : numpy.ndarray
        Per unit of volume at the nodes, shape ``(n,)``; at an absorbing face it vanishes.
    rate : float
        Per unit of time: from this law the escape time is exponential with this rate, exactly.
    exits : dict
        Probability to leave by each face; independent of the time of leaving.
    grid : Grid
        Where the nodes lie.
    """

    points: Array
    density: Array
    rate: float
    exits: dict[str, float]
    grid: Grid


def quasi_stationary(process: Diffusion, grid: Grid, domain: Domain) -> QuasiStationary:
    r"""Find the law that keeps its shape while the process leaves: :math:`L^\top \nu = -\lambda\,\nu`.

    Parameters
    ----------
    process : Diffusion
        In any convention; its Ito form must have a diagonal diffusion matrix. No detailed balance is needed.
    grid : Grid
        With its origin in the domain; the walls of its box reflect.
    domain : Domain
        What is left.

    Returns
    -------
    QuasiStationary
        Second order in the spacing. The rate keeps its digits however small it is.

    Raises
    ------
    RouteNotApplicable
        If the diffusion matrix is not diagonal, or a coordinate has no noise.
    NumericalFailure
        If the iteration does not converge: two wells of the domain are left equally slowly.

    Notes
    -----
    Inverse iteration. A sum of positive terms, the flow through the exits, gives the rate. Collet, Martinez and San
    Martin 2013 (``collet2013``), chapters 2 and 7.

    Examples
    --------
    Brownian motion in an interval: a cosine, and :math:`\pi^2/8`.

    >>> from escapetime import Interval, landscapes, langevin
    >>> process, grid = langevin(landscapes.flat(), temperature=0.5), Grid((0.0,), (1 / 64,), ((-1, 1),))
    >>> law = quasi_stationary(process, grid, Interval(-1, 1))
    >>> round(law.rate * 8 / np.pi**2, 3), round(float(law.density.max() * 4 / np.pi), 3)
    (1.0, 1.0)
    """  # noqa: DOC502 - raised by what it calls
    generator = Generator(process, grid, domain)
    generator.occupation()  # refuses a generator without exits
    solve = Solver(-generator.matrix, grid.dimension)
    law = np.ones(len(generator.points)) / len(generator.points)
    for _ in range(ITERATIONS):
        later = np.abs(solve(law, transposed=True))
        later /= np.sum(later)
        change = float(np.sum(np.abs(later - law)))
        law = later
        if change <= CONVERGED:
            break
    else:
        raise NumericalFailure(
            f"The quasi-stationary law still changes by {change:.1g} after {ITERATIONS} iterations: the domain has two "
            "parts that are left about equally slowly. Make it smaller."
        )
    flows = {name: float(law @ rate) for name, rate in generator.walk.absorption.items()}
    rate = sum(flows.values())
    exits = {name: flow / rate for name, flow in flows.items()}
    return QuasiStationary(generator.points, law / float(np.prod(grid.spacing)), rate, exits, grid)
