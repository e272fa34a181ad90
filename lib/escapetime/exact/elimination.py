r"""Elimination without subtraction: systems :math:`(I - K) u = r` whose answer exceeds the reciprocal of the rounding.

``K`` holds the transition probabilities between the states of a chain that is absorbed, with probability ``d_i`` from
state ``i``: ``sum_j K_ij = 1 - d_i``. Where absorption is rare, ``I - K`` is singular to rounding and a factorization
that subtracts from the diagonal is left without digits. Grassmann, Taksar and Heyman observed that no diagonal entry is
needed: a pivot is the sum of what leaves a state, to states that remain and to the outside.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from escapetime.errors import NumericalFailure
from escapetime.exact.panels import Array

BLOCK = 96  # states that are eliminated together, so that the rest is updated by a product of matrices


class Elimination:
    """The factors of ``I - K``, from the jumps between different states and the absorption of each.

    Parameters
    ----------
    jumps : numpy.ndarray
        Probabilities ``K``, shape ``(n, n)``; the diagonal is not looked at.
    absorbed : numpy.ndarray
        Probabilities of absorption ``d``, shape ``(n,)``, accurate however small.

    Raises
    ------
    NumericalFailure
        If from some state absorption cannot be reached.

    Notes
    -----
    With non-negative entries and right-hand sides no two numbers are ever subtracted: each entry of a solution has a
    relative error of a modest multiple of rounding, whatever the condition number. Small negative jumps (weights of a
    collocation rule) are harmless. Grassmann, Taksar and Heyman 1985 (``grassmann1985``).

    Examples
    --------
    Two states, left with probability 1e-30 from the first alone:

    >>> chain = Elimination(np.array([[0.0, 0.5], [0.25, 0.0]]), np.array([1e-30, 0.0]))
    >>> [f"{v:.6e}" for v in chain.solve(np.ones(2))]
    ['3.000000e+30', '3.000000e+30']
    """

    def __init__(self, jumps: Array, absorbed: Array) -> None:
        from scipy.linalg import solve_triangular

        n = len(absorbed)
        k, out, pivots = np.array(jumps, dtype=float), np.array(absorbed, dtype=float), np.empty(n)
        for end in range(n, 0, -BLOCK):
            begin = max(0, end - BLOCK)
            inside, before, above = slice(begin, end), slice(0, begin), k[begin:end, :begin]
            block, pivots[inside] = _eliminated(k[inside, inside], above.sum(axis=1) + out[inside])
            factors = np.diag(pivots[inside]) - block
            # what the rows of the block become once its own states are gone, then what that makes of all rows before
            k[inside, before] = solve_triangular(factors, above, unit_diagonal=True, check_finite=False)
            out[inside] = solve_triangular(factors, out[inside], unit_diagonal=True, check_finite=False)
            shares = solve_triangular(factors, k[before, inside].T, lower=True, trans="T", check_finite=False).T
            k[before, before] += shares @ k[inside, before]
            out[before] += shares @ out[inside]
            k[inside, inside], k[before, inside] = block, shares
        self._factors = -k
        self._factors[np.diag_indices(n)] = pivots

    def solve(self, right: Any) -> Array:
        """Return ``(I - K)^{-1} right`` for right-hand sides of shape ``(n,)`` or ``(n, m)``."""
        from scipy.linalg import solve_triangular

        # the off-diagonal entries of both factors are negative: substitution adds
        half = solve_triangular(self._factors, right, unit_diagonal=True, check_finite=False)
        return solve_triangular(self._factors, half, lower=True, check_finite=False)


def _eliminated(block: Array, leaving: Array) -> tuple[Array, Array]:
    """Eliminate the states of a block from the last to the first; ``leaving`` is what leaves each of them for good."""
    k, leaving, pivots = block.copy(), leaving.copy(), np.empty(len(block))
    for i in range(len(k) - 1, -1, -1):
        pivots[i] = k[i, :i].sum() + leaving[i]
        if not pivots[i] > 0:
            raise NumericalFailure(
                "Absorption cannot be reached from part of the states, or only with a probability below the range of a "
                "float: the mean time is infinite or beyond 1e300. Take a nearer exit."
            )
        k[:i, i] /= pivots[i]
        k[:i, :i] += np.outer(k[:i, i], k[i, :i])
        leaving[:i] += k[:i, i] * leaving[i]
    np.fill_diagonal(k, 0.0)
    return k, pivots
