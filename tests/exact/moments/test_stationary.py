"""The discrete Lyapunov equation: closed form, an independent solver, a literal linear chain, and refusals."""

import numpy as np
import pytest
from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov

from escapetime.errors import InvalidInput
from escapetime.exact.moments import continuous_stationary_covariance, stationary_covariance
from tests.statistics import assert_agrees, assert_control_fails


def random_problem(d: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    basis, _ = np.linalg.qr(rng.standard_normal((d, d)))
    root = rng.standard_normal((d, d))
    return basis @ np.diag(rng.uniform(0.2, 3.0, d)) @ basis.T, root @ root.T


@pytest.mark.parametrize("lr_times_curvature", [0.01, 1.0, 1.95])
def test_one_direction_is_the_closed_form(lr_times_curvature: float) -> None:
    h, c = 0.7, 2.5
    lr = lr_times_curvature / h
    assert stationary_covariance([[h]], [[c]], lr)[0, 0] == pytest.approx(lr * c / (h * (2 - lr * h)), rel=1e-13)
    assert continuous_stationary_covariance([[h]], [[c]], lr)[0, 0] == pytest.approx(lr * c / (2 * h), rel=1e-13)


@pytest.mark.parametrize("d", [2, 7, 31])
def test_agrees_with_general_lyapunov_solvers(d: int) -> None:
    hessian, noise = random_problem(d, seed=d)
    lr = 1.3 / np.linalg.eigvalsh(hessian)[-1]
    step = np.eye(d) - lr * hessian
    discrete = solve_discrete_lyapunov(step, lr**2 * noise)
    np.testing.assert_allclose(stationary_covariance(hessian, noise, lr), discrete, rtol=1e-9, atol=1e-11)
    continuous = solve_continuous_lyapunov(hessian, lr * noise)
    np.testing.assert_allclose(continuous_stationary_covariance(hessian, noise, lr), continuous, rtol=1e-9, atol=1e-11)


def test_the_continuous_limit_is_first_order_in_the_learning_rate() -> None:
    hessian, noise = random_problem(4, seed=1)
    rates = 0.1 / 2.0 ** np.arange(6)
    exact = [stationary_covariance(hessian, noise, lr) for lr in rates]
    limit = [continuous_stationary_covariance(hessian, noise, lr) for lr in rates]
    gaps = [np.linalg.norm(e - c) / lr for e, c, lr in zip(exact, limit, rates, strict=True)]
    assert np.polyfit(np.log(rates), np.log(gaps), 1)[0] == pytest.approx(1.0, abs=0.05)


def test_noise_equal_to_curvature_gives_an_isotropic_law_only_in_the_limit() -> None:
    hessian, _ = random_problem(5, seed=2)
    batch, lr = 8, 0.2
    exact = stationary_covariance(hessian, hessian / batch, lr)
    np.testing.assert_allclose(exact, lr / batch * np.linalg.inv(2 * np.eye(5) - lr * hessian), atol=1e-13)
    limit = continuous_stationary_covariance(hessian, hessian / batch, lr)
    np.testing.assert_allclose(limit, lr / (2 * batch) * np.eye(5), atol=1e-13)


def test_a_literal_linear_chain_has_this_covariance() -> None:
    hessian, noise = random_problem(3, seed=3)
    lr = 1.2 / np.linalg.eigvalsh(hessian)[-1]
    rng = np.random.default_rng(0)
    step, root = np.eye(3) - lr * hessian, np.linalg.cholesky(noise)
    states = np.zeros((20_000, 3))
    for _ in range(300):  # more than 20 relaxation times of the flattest direction
        states = states @ step.T - lr * rng.standard_normal(states.shape) @ root.T
    products = states[:, :, None] * states[:, None, :]
    measured, error = products.mean(axis=0), products.std(axis=0) / np.sqrt(len(states))
    assert_agrees(measured, error, stationary_covariance(hessian, noise, lr))
    assert_control_fails(measured, error, continuous_stationary_covariance(hessian, noise, lr))
    assert_control_fails(measured, error, stationary_covariance(hessian, 1.08 * noise, lr))


@pytest.mark.parametrize(
    ("hessian", "noise", "lr", "message"),
    [
        (np.eye(2), np.eye(2), 2.0, "lr below 2"),
        (np.eye(2), np.eye(2), -0.1, "positive number"),
        (np.eye(2), np.eye(2), np.nan, "positive number"),
        (np.diag([1.0, 0.0]), np.eye(2), 0.1, "strict minimum"),
        (np.diag([1.0, -1.0]), np.eye(2), 0.1, "strict minimum"),
        (np.eye(2), np.diag([1.0, -0.1]), 0.1, "no covariance"),
        (np.array([[1.0, 0.5], [0.0, 1.0]]), np.eye(2), 0.1, "not symmetric"),
        (np.eye(2), np.eye(3), 0.1, "one size"),
        (np.full((2, 2), np.inf), np.eye(2), 0.1, "not finite"),
    ],
)
def test_refuses_what_has_no_stationary_law(hessian: np.ndarray, noise: np.ndarray, lr: float, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        stationary_covariance(hessian, noise, lr)


def test_the_continuous_limit_does_not_notice_an_unstable_learning_rate() -> None:
    assert continuous_stationary_covariance([[1.0]], [[1.0]], lr=5.0)[0, 0] == 2.5
    with pytest.raises(InvalidInput, match="diverges"):
        stationary_covariance([[1.0]], [[1.0]], lr=5.0)
