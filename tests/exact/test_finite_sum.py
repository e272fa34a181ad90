"""Second moments of SGD on finite sums of quadratics, against enumeration and against literal chains."""

from itertools import permutations

import numpy as np
import pytest

from escapetime.errors import InvalidInput
from escapetime.exact.finite_sum import multiplicative_stationary_covariance, reshuffled_covariance
from escapetime.exact.moments import stationary_covariance
from tests.statistics import assert_agrees, assert_control_fails


def least_squares(samples: int, d: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Per-sample Hessians and gradients of least squares at its minimum."""
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((samples, d)), rng.standard_normal(samples)
    residual = x @ np.linalg.lstsq(x, y, rcond=None)[0] - y
    return x[:, :, None] * x[:, None, :], residual[:, None] * x


def test_equal_hessians_leave_the_lyapunov_solution() -> None:
    _, gradients = least_squares(50, 3, seed=0)
    hessian = np.diag([0.5, 1.0, 2.0])
    result = multiplicative_stationary_covariance(np.tile(hessian, (50, 1, 1)), gradients, 0.3, 4)
    expected = stationary_covariance(hessian, gradients.T @ gradients / 50 / 4, 0.3)
    np.testing.assert_allclose(result, expected, rtol=1e-10, atol=1e-14)


def test_one_step_of_every_batch_leaves_the_multiplicative_law_unchanged() -> None:
    hessians, gradients = least_squares(5, 2, seed=1)
    lr = 0.15
    covariance = multiplicative_stationary_covariance(hessians, gradients, lr, 2)
    after = np.zeros((2, 2))
    for i in range(5):
        for j in range(5):
            step = np.eye(2) - lr * (hessians[i] + hessians[j]) / 2
            kick = lr * (gradients[i] + gradients[j]) / 2
            after += (step @ covariance @ step.T + np.outer(kick, kick)) / 25
    np.testing.assert_allclose(after, covariance, rtol=1e-12)
    additive = stationary_covariance(hessians.mean(axis=0), gradients.T @ gradients / 5 / 2, lr)
    assert np.trace(covariance) > 1.02 * np.trace(additive)  # far above the 1e-12 of the check


def test_multiplicative_noise_can_destabilize_a_stable_learning_rate() -> None:
    hessians, gradients = least_squares(40, 3, seed=2)
    lr = 1.9 / np.linalg.eigvalsh(hessians.mean(axis=0))[-1]
    stationary_covariance(hessians.mean(axis=0), gradients.T @ gradients / 40, lr)
    with pytest.raises(InvalidInput, match="second moment grows"):
        multiplicative_stationary_covariance(hessians, gradients, lr, 1)


@pytest.mark.parametrize(
    ("hessians", "gradients", "batch_size", "message"),
    [
        (np.ones((3, 2, 2)), np.ones((3, 1)), 1, "shape"),
        (np.ones((3, 1, 1)), np.ones((3, 1)), 1, "average to zero"),
        (np.ones((2, 1, 1)), np.array([[1.0], [-1.0]]), 0, "batch_size"),
    ],
)
def test_multiplicative_refuses_bad_input(
    hessians: np.ndarray, gradients: np.ndarray, batch_size: int, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        multiplicative_stationary_covariance(hessians, gradients, 0.1, batch_size)


def test_reshuffling_against_the_enumeration_of_every_permutation() -> None:
    gradients = np.array([[1.0, 0.5], [-2.0, 1.0], [0.5, -1.5], [0.3, 0.2], [0.2, -0.2]])
    gradients -= gradients.mean(axis=0)
    hessian, lr, samples, batch = np.diag([0.4, 1.5]), 0.5, 5, 2
    step = np.eye(2) - lr * hessian
    kicks = []
    for order in permutations(range(samples)):
        first = -lr * gradients[list(order[:2])].mean(axis=0)
        kicks.append((first, step @ first - lr * gradients[list(order[2:4])].mean(axis=0)))
    after_one, after_two = (np.mean([np.outer(k[s], k[s]) for k in kicks], axis=0) for s in (0, 1))
    double = np.kron(step @ step, step @ step)
    start = np.linalg.solve(np.eye(4) - double, after_two.ravel()).reshape(2, 2)
    mean = (step @ start @ step + after_one + start) / 2
    covariance = gradients.T @ gradients / samples
    np.testing.assert_allclose(reshuffled_covariance(hessian, covariance, lr, batch, samples), mean, rtol=1e-12)


@pytest.mark.parametrize("batches", [10, 40])
def test_reshuffling_removes_all_but_a_third_of_the_epoch(batches: int) -> None:
    h, lr, batch = 1e-4, 1.0, 7
    samples = batches * batch
    suppression = reshuffled_covariance([[h]], [[1.0]], lr, batch, samples)[0, 0] / (lr / batch / (h * (2 - lr * h)))
    # lr * h * m / 3 with its finite-epoch factor (1 - 1/m**2) N / (N - 1), up to relative order lr * h * m
    expected = lr * h * batches / 3 * (1 - batches**-2) * samples / (samples - 1)
    assert suppression == pytest.approx(expected, rel=3 * lr * h * batches)


def test_an_epoch_much_longer_than_the_memory_is_like_distinct_batches() -> None:
    samples, batch, lr, h = 40_000, 4, 0.5, 1.0
    reshuffled = reshuffled_covariance([[h]], [[1.0]], lr, batch, samples)[0, 0]
    assert reshuffled == pytest.approx(lr / batch / (h * (2 - lr * h)), rel=2e-3)


def test_a_literal_reshuffled_chain_has_this_covariance() -> None:
    rng = np.random.default_rng(5)
    samples, batch, lr, h, chains = 12, 3, 0.4, 0.5, 20_000
    gradients = rng.standard_normal(samples)
    gradients -= gradients.mean()
    state, squares = np.zeros(chains), np.zeros(chains)
    for epoch in range(21):
        order = rng.permuted(np.tile(np.arange(samples), (chains, 1)), axis=1)
        for first in range(0, samples, batch):
            state = (1 - lr * h) * state - lr * gradients[order[:, first : first + batch]].mean(axis=1)
            squares += state**2 / (samples // batch) if epoch == 20 else 0.0
    variance, error = squares.mean(), squares.std() / np.sqrt(chains)
    assert_agrees(variance, error, reshuffled_covariance([[h]], [[gradients.var()]], lr, batch, samples)[0, 0])
    assert_control_fails(variance, error, lr * gradients.var() / batch / (h * (2 - lr * h)))
    assert_control_fails(
        variance, error, 1.06 * reshuffled_covariance([[h]], [[gradients.var()]], lr, batch, samples)[0, 0]
    )


@pytest.mark.parametrize("batch_size", [0, 11])
def test_reshuffling_refuses_impossible_batches(batch_size: int) -> None:
    with pytest.raises(InvalidInput, match="batch_size"):
        reshuffled_covariance([[1.0]], [[1.0]], 0.1, batch_size, 10)
