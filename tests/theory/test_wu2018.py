"""Linear stability: closed form, exact enumeration of batches, the literal chain, and what the condition leaves out."""

from itertools import combinations

import numpy as np
import pytest

from escapetime.errors import InvalidInput
from escapetime.theory.wu2018 import growth, second_moment, stability
from tests.statistics import assert_agrees, assert_control_fails


def samples(count=6, d=3, seed=0):
    g = np.random.default_rng(seed).standard_normal((count, d, 1))
    return g @ np.swapaxes(g, 1, 2)


@pytest.mark.parametrize("batch", [1, 2, 5, 6])
def test_second_moments_are_those_of_all_batches_enumerated(batch):
    hessians, lr = samples(), 0.3
    moment = np.cov(np.random.default_rng(1).standard_normal((3, 9)))
    steps = [np.eye(3) - lr * hessians[list(b)].mean(axis=0) for b in combinations(range(6), batch)]
    expected = np.mean([s @ moment @ s for s in steps], axis=0)
    np.testing.assert_allclose(second_moment(moment, hessians, lr=lr, batch_size=batch), expected, atol=1e-12)
    matrix = np.mean([s @ s for s in steps], axis=0)
    assert stability(hessians, lr=lr, batch_size=batch) == pytest.approx(np.linalg.eigvalsh(matrix)[-1], rel=1e-12)
    whole = np.mean([np.kron(s, s) for s in steps], axis=0)
    assert growth(hessians, lr=lr, batch_size=batch) == pytest.approx(
        np.max(np.abs(np.linalg.eigvals(whole))), rel=1e-10
    )


def test_in_one_dimension_both_are_the_same_closed_form():
    h = np.array([0.5, 1.0, 3.0])
    expected = (1 - 0.4 * h.mean()) ** 2 + 0.4**2 * h.var() * 2 / 2  # N - B over B (N - 1) is 1 for single samples
    assert stability(h[:, None, None], lr=0.4, batch_size=1) == pytest.approx(expected)
    assert growth(h[:, None, None], lr=0.4, batch_size=1) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(5))
def test_the_condition_is_sufficient_and_not_necessary(seed):
    hessians = samples(seed=seed)
    for lr in np.linspace(0.05, 1.0, 8):
        assert growth(hessians, lr=lr, batch_size=1) <= stability(hessians, lr=lr, batch_size=1) + 1e-12
    assert growth(hessians, lr=0.4, batch_size=1) < stability(hessians, lr=0.4, batch_size=1) - 1e-3


def test_the_literal_chain_has_these_second_moments():
    hessians, lr, steps, runs = samples(4, 2), 0.35, 4, 40_000
    rng = np.random.default_rng(0)
    theta = np.ones((runs, 2))
    moment = np.ones((2, 2))
    for _ in range(steps):
        theta -= lr * np.einsum("nij,nj->ni", hessians[rng.integers(4, size=runs)], theta)
        moment = second_moment(moment, hessians, lr=lr, batch_size=1)
    square = np.sum(theta**2, axis=1)
    stderr = square.std() / np.sqrt(runs)
    assert_agrees(square.mean(), stderr, np.trace(moment))
    assert_control_fails(square.mean(), stderr, 1.1 * np.trace(moment))


def test_unfit_input_is_refused():
    with pytest.raises(InvalidInput, match="shape"):
        stability(np.eye(2), lr=0.1, batch_size=1)
    with pytest.raises(InvalidInput, match="batch_size"):
        growth(samples(), lr=0.1, batch_size=7)
