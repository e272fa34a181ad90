"""The backward generator of a diffusion on a grid, and the questions that it answers."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from escapetime.domains import Domain
from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.exact.grid import Array, Grid
from escapetime.exact.linear import Solver
from escapetime.exact.walk import Walk
from escapetime.processes.base import Diffusion


class Generator:
    r"""The generator :math:`L = D_{kk} \partial_k^2 + b_k \partial_k` (Ito) on a grid: one object, many questions.

    Parameters
    ----------
    process : Diffusion
        In any convention; its Ito form must have a diagonal diffusion matrix.
    grid : Grid
        Where. The walls of its box reflect, half a cell beyond the outermost nodes.
    domain : Domain, optional
        What is to be left: its faces absorb, at their exact positions between the nodes. None: no exit.

    Attributes
    ----------
    walk : Walk
        Nodes, jump rates and absorption rates.
    grid : Grid
        As given.

    Raises
    ------
    RouteNotApplicable
        If the diffusion matrix is not diagonal, or a coordinate has no noise.
    InvalidInput
        If dimensions disagree, the grid's origin is not inside the domain, or a coefficient is unfit.
    NumericalFailure
        If the grid does not see any exit of the domain.

    Notes
    -----
    Second order in the spacing, for the mean exit time and the exit probabilities, with curved faces too.

    Everything is put together from excursions away from the grid's origin, whose matrix stays well conditioned however
    rare the exit is; without that, rounding would end the method at mean times of about ``1e9`` jumps. So the origin
    should lie in the well that is to be left.

    Examples
    --------
    >>> from escapetime import Interval, landscapes, langevin
    >>> brownian = langevin(landscapes.flat(), temperature=0.5)
    >>> generator = Generator(brownian, Grid((0.0,), (0.25,), ((-1, 1),)), Interval(-1, 1))
    >>> generator.mean_exit_time().round(6)
    array([0.4375, 0.75  , 0.9375, 1.    , 0.9375, 0.75  , 0.4375])
    """

    def __init__(self, process: Diffusion, grid: Grid, domain: Domain | None = None) -> None:
        self.grid, self.walk = grid, Walk.of(process.to_ito(), grid, domain)

    @property
    def points(self) -> Array:
        """The nodes, shape ``(n, d)``, in the order of every answer."""
        return self.walk.points

    @cached_property
    def matrix(self) -> Any:
        """``L`` as a sparse matrix, shape ``(n, n)``, CSC, per unit of time; rows sum to minus the absorption rate."""
        from scipy import sparse

        return (self.walk.rates - sparse.diags_array(self.walk.leaving)).tocsc()

    def mean_exit_time(self) -> Array:
        """Return the mean exit time from every node, shape ``(n,)``."""
        self._require_exit()
        return self._solve(np.ones(len(self.points)))

    def exit_probability(self, face: str) -> Array:
        """Return the probability that the process leaves through a face.

        Parameters
        ----------
        face : str
            Name of a face of the domain.

        Returns
        -------
        numpy.ndarray
            From every node, shape ``(n,)``.

        Raises
        ------
        InvalidInput
            If the domain has no such face.
        """
        if face not in self.walk.absorption:
            raise InvalidInput(f"Expected a face among {', '.join(self.walk.absorption) or '(none)'}, got {face!r}.")
        return self._solve(self.walk.absorption[face])

    def occupation(self) -> Array:
        """Return the mean time spent at each node before exit, from the grid's origin; shape ``(n,)``."""
        self._require_exit()
        return self._visits / self._escape_rate

    def stationary_density(self) -> Array:
        """Return the stationary density at the nodes, normalized over the box; shape ``(n,)``.

        Returns
        -------
        numpy.ndarray
            Per unit of volume. In thermal equilibrium it is proportional to ``exp(-U / T)`` to rounding.

        Raises
        ------
        InvalidInput
            If the process can leave: make the generator without a domain.
        """
        if self.walk.absorption:
            raise InvalidInput("A process that leaves has no stationary density: make the Generator without a domain.")
        return self._visits / np.sum(self._visits) / np.prod(self.grid.spacing)

    def eigenvalues(self, count: int = 6) -> Array:
        """Return the ``count`` slowest relaxation rates: eigenvalues of ``-L``, the smallest real parts first.

        Parameters
        ----------
        count : int
            How many, at least 1.

        Returns
        -------
        numpy.ndarray
            Per unit of time, shape ``(count,)``; complex only where the process is not reversible. Without exits the
            first one is 0.

        Raises
        ------
        InvalidInput
            If ``count`` is not between 1 and the number of nodes less 2.
        """
        from scipy.sparse.linalg import LinearOperator, eigs

        size, closed = len(self.points), not self.walk.absorption
        if not 1 <= count <= size - 2:
            raise InvalidInput(f"Expected a count between 1 and {size - 2}, got {count!r}.")
        if closed and count == 1:
            return np.zeros(1)
        apply = self._inverse_of_fluctuation if closed else self._solve
        inverse = LinearOperator((size, size), matvec=apply, dtype=float)
        start = np.random.default_rng(0).standard_normal(size)
        largest = eigs(inverse, k=count - closed, which="LM", v0=start, return_eigenvectors=False)
        values = np.concatenate([np.zeros(int(closed)), 1 / largest])
        values = values[np.lexsort((values.imag, values.real))]
        return values.real if np.all(np.abs(values.imag) <= 1e-9 * np.abs(values)) else values

    def standard_deviation(self) -> float:
        """Return the standard deviation of the exit time from the grid's origin."""
        occupation = self.occupation()
        mean = float(np.sum(occupation))
        # E T^2 = 2 sum(occupation * mean exit time), where the latter is duration + (1 - ended) * mean
        second = 2 * (float(occupation @ self._duration) + mean * (mean - float(occupation @ self._ended)))
        return float(np.sqrt(max(second - mean**2, 0.0)))

    def rounding(self) -> float:
        """Return an estimate of the relative error of the mean exit time from the origin that is not due to the grid.

        Returns
        -------
        float
            Rounding of the rates, which counts once for each jump of an excursion from the origin, and the difference
            between the answers of the matrix and of its transpose, which shows what an iteration left undone.
        """
        self._require_exit()
        weight = self._visits * self.walk.leaving
        weight[self.walk.origin] = 0.0
        adjoint, forward = self._escape_rate, self.walk.absorbed[self.walk.origin] + float(self._out @ self._ended)
        time, again = float(np.sum(self._visits)), 1 + float(self._out @ self._duration)
        jumps = float(weight @ self._ended) / adjoint + float(weight @ self._duration) / time
        return float(np.finfo(float).eps * jumps + abs(forward / adjoint * time / again - 1))

    # Excursions: paths from the origin's neighbors until they return to the origin or exit. An excursion is short,
    # and the mean time to exit is the ratio of two positive numbers.

    @cached_property
    def _others(self) -> Any:
        return np.delete(np.arange(len(self.points)), self.walk.origin)

    @cached_property
    def _solver(self) -> Solver:
        return Solver(-self.matrix[self._others][:, self._others], self.grid.dimension)

    def _excursion(self, right: Array, at_origin: float = 0.0, transposed: bool = False) -> Array:
        """Solve for what is gathered, at rates ``right``, until an excursion ends."""
        return np.insert(self._solver(right[self._others], transposed), self.walk.origin, at_origin)

    @cached_property
    def _out(self) -> Array:
        """Jump rates from the origin, shape ``(n,)``."""
        return self.walk.rates[[self.walk.origin]].toarray()[0]

    @cached_property
    def _visits(self) -> Array:
        """Time spent at each node for each unit of time at the origin, shape ``(n,)``."""
        return self._excursion(self._out, at_origin=1.0, transposed=True)

    @cached_property
    def _ended(self) -> Array:
        """Probability to exit before coming to the origin, shape ``(n,)``."""
        return self._excursion(self.walk.absorbed)

    @cached_property
    def _duration(self) -> Array:
        """Mean time until the origin or an exit is reached, shape ``(n,)``."""
        return self._excursion(np.ones(len(self.points)))

    @cached_property
    def _returning(self) -> Array:
        """Probability to come to the origin before exit, ``1 - ended`` with digits where it is small; ``(n,)``."""
        return self._excursion(self.walk.rates[:, [self.walk.origin]].toarray()[:, 0], at_origin=1.0)

    @cached_property
    def _escape_rate(self) -> float:
        """Rate of exits for each unit of time at the origin."""
        rate = float(self._visits @ self.walk.absorbed)
        if not rate > 0:
            raise NumericalFailure(
                "The rate of exit underflows: the escape is too rare for double precision. Use escapetime.theory."
            )
        return rate

    def _solve(self, right: Array) -> Array:
        """Solve ``-L u = right``."""
        f = np.asarray(right).ravel()
        return self._excursion(f) + self._returning * (float(self._visits @ f) / self._escape_rate)

    def _inverse_of_fluctuation(self, right: Array) -> Array:
        """Solve ``-L u = right - mean`` with ``u`` of mean 0 (stationary means), where there is no exit."""
        f, weight = np.asarray(right).ravel(), self._visits / np.sum(self._visits)
        u = self._excursion(f - weight @ f)
        return u - weight @ u

    def _require_exit(self) -> None:
        if not self.walk.absorption:
            raise InvalidInput("This generator has no exit: make it with a domain.")
