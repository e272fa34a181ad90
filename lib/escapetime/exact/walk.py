"""The walk on a grid that stands for a diffusion: its nodes, its jump rates, and where it is absorbed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from escapetime.domains import Domain
from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.exact.arms import Arms
from escapetime.exact.grid import Array, Grid
from escapetime.exact.rates import jump_rates
from escapetime.processes.base import Diffusion


@dataclass(frozen=True, eq=False)
class Walk:
    """A continuous-time random walk on the nodes of a grid.

    Attributes
    ----------
    points : numpy.ndarray
        The nodes in the part of the domain that is connected with the grid's origin, shape ``(n, d)``.
    origin : int
        Index of the grid's origin.
    rates : scipy.sparse array
        Jump rates from node (row) to node (column), shape ``(n, n)``, CSR, zero diagonal.
    absorption : dict
        For each face of the domain, the rate of absorption there from each node, shape ``(n,)``. Empty without domain.
    """

    points: Array
    origin: int
    rates: Any
    absorption: dict[str, Array]

    @classmethod
    def of(cls, process: Diffusion, grid: Grid, domain: Domain | None) -> Walk:
        """Assemble the walk of an Ito process with diagonal diffusion matrix.

        Parameters
        ----------
        process : Diffusion
            In the Ito convention.
        grid : Grid
            Where. The walls of its box reflect, half a cell beyond the outermost nodes.
        domain : Domain, optional
            Its faces absorb, at their exact positions between the nodes.

        Returns
        -------
        Walk
            The walk.

        Raises
        ------
        InvalidInput
            If dimensions disagree, the origin is not inside the domain, or a coefficient is unfit.
        RouteNotApplicable
            If the diffusion matrix is not diagonal, or a coordinate has no noise.
        NumericalFailure
            If the grid does not see any exit of the domain.
        """  # noqa: DOC502 (helpers raise them)
        from scipy import sparse
        from scipy.sparse.csgraph import connected_components

        dimensions = (process.dimension, grid.dimension, (domain or process).dimension)
        if len(set(dimensions)) > 1:
            raise InvalidInput(f"Expected process, grid and domain of one dimension, got {dimensions}.")
        if domain is not None and not bool(domain.contains(np.array(grid.origin))):
            raise InvalidInput(f"The grid's origin {list(grid.origin)} is not inside {domain}.")
        arms = Arms.of(grid, domain)
        rates = jump_rates(process, arms)
        rows, linked = np.broadcast_to(np.arange(len(arms.points))[:, None, None], rates.shape), arms.neighbor >= 0
        size = (len(arms.points),) * 2
        jumps = sparse.coo_array((rates[linked], (rows[linked], arms.neighbor[linked])), shape=size).tocsr()
        start = int(np.argmin(np.sum((arms.points - np.array(grid.origin)) ** 2, axis=1)))
        component = connected_components(jumps, directed=False)[1]
        part = np.flatnonzero(component == component[start])
        absorption: dict[str, Array] = {}
        for i, face in enumerate(() if domain is None else domain.faces(process.variables)):
            rate = np.sum(np.where(arms.face == i, rates, 0.0), axis=(1, 2))[part]
            absorption[face.name] = absorption.get(face.name, 0.0) + rate
        if absorption and not any(np.any(rate > 0) for rate in absorption.values()):
            raise NumericalFailure(
                f"The grid in the box {grid.box} sees no exit of {domain}: enlarge the box, or raise cells if the exit "
                "is small."
            )
        return cls(arms.points[part], int(np.searchsorted(part, start)), jumps[part][:, part], absorption)

    @property
    def absorbed(self) -> Array:
        """Rate of absorption by any face from each node, shape ``(n,)``."""
        return np.sum(list(self.absorption.values()), axis=0) if self.absorption else np.zeros(len(self.points))

    @property
    def leaving(self) -> Array:
        """Rate of leaving each node, by a jump or by absorption, shape ``(n,)``."""
        return self.rates.sum(axis=1) + self.absorbed
