"""Solving with the matrix of a walk: directly while it is small enough to factor, else by iteration."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from escapetime.errors import NumericalFailure
from escapetime.exact.grid import Array

DIRECT = {1: 2_000_000, 2: 300_000, 3: 20_000}  # unknowns up to which a factorization is the faster way
TOLERANCE, ITERATIONS = 1e-13, 2000
_DIAGONAL_PIVOTS: dict[str, Any] = {"diag_pivot_thresh": 0.0, "options": {"SymmetricMode": True}}


class Solver:
    """Solves ``A u = f`` and its transpose, for an M-matrix ``A`` (positive diagonal, which dominates its row).

    Parameters
    ----------
    matrix : scipy.sparse matrix
        ``A``, shape ``(n, n)``.
    dimension : int
        Of the grid behind it: how fast a factorization fills in.

    Raises
    ------
    NumericalFailure
        When solving: if the matrix is singular to rounding, or the iteration does not converge.

    Notes
    -----
    Direct: sparse LU without pivoting, ordered for sparsity alone. With an M-matrix and a non-negative right-hand side,
    substitution never subtracts, so that components many orders of magnitude below the largest keep their digits.
    Iteration: BiCGSTAB with symmetric Gauss-Seidel, accurate to rounding of the largest component.
    """

    def __init__(self, matrix: Any, dimension: int) -> None:
        from scipy import sparse

        self.size = matrix.shape[0]
        self.direct = self.size <= DIRECT[dimension]
        self._scale = 1 / matrix.diagonal()
        self._matrix = (sparse.diags_array(self._scale) @ matrix).tocsc()

    def __call__(self, right: ArrayLike, transposed: bool = False) -> Array:
        """Return the solution for a right-hand side of shape ``(n,)``."""
        f = np.asarray(right, dtype=float).ravel()
        solve = self._direct if self.direct else self._iterated
        return self._scale * solve(f, True) if transposed else solve(self._scale * f, False)

    def _direct(self, f: Array, transposed: bool) -> Array:
        return self._factors.solve(f, "T" if transposed else "N")

    @cached_property
    def _factors(self) -> Any:
        from scipy.sparse.linalg import splu

        try:
            return splu(self._matrix, permc_spec="MMD_AT_PLUS_A", **_DIAGONAL_PIVOTS)
        except RuntimeError as error:
            raise NumericalFailure(
                f"The generator is singular to rounding ({error}): some nodes are as good as cut off. "
                "Give a smaller box."
            ) from error

    @cached_property
    def _sweeps(self) -> tuple[Any, Any]:
        from scipy import sparse
        from scipy.sparse.linalg import splu

        lower, upper = (part(self._matrix).tocsc() for part in (sparse.tril, sparse.triu))
        return tuple(splu(part, permc_spec="NATURAL", **_DIAGONAL_PIVOTS) for part in (lower, upper))

    def _iterated(self, f: Array, transposed: bool) -> Array:
        from scipy.sparse.linalg import LinearOperator, bicgstab

        lower, upper = self._sweeps
        shape, matrix = (self.size, self.size), (self._matrix.T if transposed else self._matrix).tocsr()
        if transposed:
            sweep = LinearOperator(shape, matvec=lambda r: lower.solve(upper.solve(r, "T"), "T"), dtype=float)
        else:
            sweep = LinearOperator(shape, matvec=lambda r: upper.solve(lower.solve(r)), dtype=float)
        solution, failed = bicgstab(matrix, f, rtol=TOLERANCE, atol=0.0, maxiter=ITERATIONS, M=sweep)
        if failed:
            raise NumericalFailure(
                f"The linear system of {self.size} unknowns was not solved in {ITERATIONS} iterations: "
                "use fewer cells, or a smaller box."
            )
        return solution
