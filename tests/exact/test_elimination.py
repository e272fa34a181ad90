"""Elimination without subtraction: against forty digits, and where it must refuse."""

import mpmath as mp
import numpy as np
import pytest

from escapetime.errors import NumericalFailure
from escapetime.exact.elimination import BLOCK, Elimination

SIZE = 40


def chain(size, absorbed):
    """A walk to a few neighbors, absorbed from its first state alone."""
    jumps = np.random.default_rng(4).random((size, size)) ** 8
    out = np.zeros(size)
    out[0] = absorbed
    jumps *= ((1 - out) / jumps.sum(axis=1))[:, None]
    return jumps, out


@pytest.mark.parametrize("absorbed", [1e-3, 1e-17, 1e-150])
def test_forty_digits(absorbed):
    """In mpmath the diagonal is what balances the row; here no diagonal is looked at."""
    jumps, out = chain(SIZE, absorbed)
    with mp.workdps(200):
        matrix = -mp.matrix(jumps.tolist())
        for i in range(SIZE):
            matrix[i, i] = mp.fsum([mp.mpf(v) for j, v in enumerate(jumps[i]) if j != i]) + mp.mpf(out[i])
        expected = np.array([float(v) for v in mp.lu_solve(matrix, mp.ones(SIZE, 1))])
    np.fill_diagonal(jumps, np.nan)
    np.testing.assert_allclose(Elimination(jumps, out).solve(np.ones(SIZE)), expected, rtol=1e-13)


@pytest.mark.parametrize("size", [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7])
def test_blocks_of_every_size(size):
    jumps, _ = chain(size, 0.0)
    jumps, out = 0.7 * jumps, np.full(size, 0.3)
    right = np.column_stack([np.ones(size), np.arange(size)])
    expected = np.linalg.solve(np.eye(size) - jumps, right)
    np.testing.assert_allclose(Elimination(jumps, out).solve(right), expected, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(Elimination(jumps, out).solve(np.ones(size)), np.full(size, 1 / 0.3), rtol=1e-12)


def test_states_that_are_never_left_are_refused():
    jumps, out = chain(SIZE, 0.0)
    with pytest.raises(NumericalFailure, match="cannot be reached"):
        Elimination(jumps, out)
