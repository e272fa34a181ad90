"""Linear recursions against step-by-step sums, an independent Lyapunov solver, torch's own steps and simulation."""

import numpy as np
import pytest
import sympy as sp
import torch
from scipy.linalg import solve_discrete_lyapunov

import escapetime as et
from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.exact.moments import (
    LinearRecursion,
    Moments,
    adai,
    adam,
    heavy_ball,
    sgd,
    sgd_second_moment,
    stationary_covariance,
)
from tests.statistics import assert_agrees, assert_control_fails


def problem(d: int, seed: int, signs: bool = False) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    basis, _ = np.linalg.qr(rng.standard_normal((d, d)))
    values = rng.uniform(0.2, 3.0, d) * (np.where(np.arange(d) % 2, -1, 1) if signs else 1)
    root = rng.standard_normal((d, d))
    return basis @ np.diag(values) @ basis.T, root @ root.T


def literal(update, hessian, noise, steps, *, start=0.0, momentum=0.0):
    """Mean and covariance of the position by the response to every single impulse: no matrix of the recursion."""
    d = len(hessian)

    def run(theta, m, kicked_at=None, kick=None):
        for k in range(1, steps + 1):
            gradient = hessian @ theta + (kick if k == kicked_at else 0)
            theta, m = update(k, theta, m, gradient)
        return theta

    mean = run(np.full(d, start), np.full(d, momentum))
    covariance = np.zeros((d, d))
    for k in range(1, steps + 1):
        response = np.stack([run(np.zeros(d), np.zeros(d), k, axis) for axis in np.eye(d)], axis=1)
        covariance += response @ noise @ response.T
    return mean, covariance


HESSIAN, NOISE = problem(2, 3, signs=True)
LR = 0.13
SECOND = np.array([0.4, 2.0])
INERTIA = np.array([0.5, 0.93])


def momentum_step(beta, weight, size, correct=False, first=None):
    def update(k, theta, m, gradient):
        m = beta * m + (weight if k > 1 or first is None else first) * gradient
        return theta - size * m / (1 - beta**k if correct else 1), m

    return update


CASES = {
    "sgd": (lambda: sgd(HESSIAN, NOISE, LR, start=0.3), momentum_step(0.0, 1.0, LR)),
    "heavy ball": (lambda: heavy_ball(HESSIAN, NOISE, LR, momentum=0.8, start=0.3), momentum_step(0.8, 1.0, LR)),
    "dampened": (
        lambda: heavy_ball(HESSIAN, NOISE, LR, momentum=0.8, dampening=0.6, start=0.3),
        momentum_step(0.8, 0.4, LR, first=1.0),
    ),
    "adam": (
        lambda: adam(HESSIAN, NOISE, LR, beta1=0.9, second_moment=SECOND, eps=0.1, start=0.3),
        momentum_step(0.9, 0.1, LR / (np.sqrt(SECOND) + 0.1), correct=True),
    ),
    "adam, not corrected": (
        lambda: adam(HESSIAN, NOISE, LR, beta1=0.9, second_moment=SECOND, bias_correction=False, start=0.3),
        momentum_step(0.9, 0.1, LR / np.sqrt(SECOND)),
    ),
    "adai": (
        lambda: adai(HESSIAN, NOISE, LR, inertia=INERTIA, start=0.3),
        momentum_step(INERTIA, 1 - INERTIA, LR, correct=True),
    ),
    "adai, not corrected": (
        lambda: adai(HESSIAN, NOISE, LR, inertia=INERTIA, bias_correction=False, start=0.3),
        momentum_step(INERTIA, 1 - INERTIA, LR),
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("steps", [1, 2, 37])
def test_moments_are_the_sum_over_every_impulse(name: str, steps: int) -> None:
    build, update = CASES[name]
    mean, covariance = literal(update, HESSIAN, NOISE, steps, start=0.3)
    got = build().after(steps)
    np.testing.assert_allclose(got.position_mean, mean, rtol=1e-12)
    np.testing.assert_allclose(got.position_covariance, covariance, rtol=1e-12, atol=1e-12 * covariance.max())


def test_an_incoming_momentum_carries_on() -> None:
    given = {"momentum": 0.8, "dampening": 0.6}
    moving = heavy_ball(HESSIAN, NOISE, LR, **given, incoming=[0.7, 0.7]).after(20)
    mean, covariance = literal(momentum_step(0.8, 0.4, LR), HESSIAN, NOISE, 20, momentum=0.7)
    np.testing.assert_allclose(moving.position_mean, mean, rtol=1e-12)
    np.testing.assert_allclose(moving.position_covariance, covariance, rtol=1e-12)


def test_a_stationary_momentum_is_that_of_many_steps_of_pure_noise() -> None:
    given = {"momentum": 0.8, "dampening": 0.6}
    waited = heavy_ball(0 * NOISE, NOISE, LR, **given).after(2000).covariance[2:, 2:]
    start = heavy_ball(HESSIAN, NOISE, LR, **given, incoming="stationary").start.covariance
    np.testing.assert_allclose(start[2:, 2:], waited, rtol=1e-12)
    assert np.all(start[:2] == 0)


@pytest.mark.parametrize("name", CASES)
def test_directions_at_once_are_directions_one_by_one(name: str) -> None:
    builders = {
        "sgd": lambda h, c: sgd(h, c, LR),
        "heavy ball": lambda h, c: heavy_ball(h, c, LR, momentum=0.8),
        "dampened": lambda h, c: heavy_ball(h, c, LR, momentum=0.8, dampening=0.6, incoming="stationary"),
        "adam": lambda h, c: adam(h, c, LR, beta1=0.9, second_moment=c),
        "adam, not corrected": lambda h, c: adam(h, c, LR, beta1=0.9, second_moment=c, bias_correction=False),
        "adai": lambda h, c: adai(h, c, LR, inertia=1 - c / 4),
        "adai, not corrected": lambda h, c: adai(h, c, LR, inertia=1 - c / 4, bias_correction=False),
    }
    h, c = np.array([0.5, 0.0, -1.0]), np.array([1.0, 0.2, 3.0])
    together = builders[name](h, c).after(50).position_variance
    one_by_one = [builders[name](a, b).after(50).position_variance for a, b in zip(h, c, strict=True)]
    matrix = builders[name](np.diag(h), np.diag(c)) if "ada" not in name else None
    np.testing.assert_allclose(together, one_by_one, rtol=1e-13)
    if matrix is not None:
        np.testing.assert_allclose(matrix.after(50).position_variance, together, rtol=1e-12)


@pytest.mark.parametrize("steps", [1, 2, 10, 30, 100, 1000])
def test_free_heavy_ball_has_the_closed_form(steps: int) -> None:
    b, lr, c = 0.9, 0.2, 1.7
    lag = 2 * b * (1 - b**steps) / (1 - b) - b**2 * (1 - b ** (2 * steps)) / (1 - b**2)
    expected = lr**2 * c * (steps - lag)
    run = heavy_ball(0.0, c, lr, momentum=b, dampening=b, incoming=0.0)
    assert run.after(steps).position_variance == pytest.approx(expected, rel=1e-12)


def test_many_steps_cost_no_loop_and_no_accuracy() -> None:
    h, lr, steps = np.array([1e-4, 0.0, -1e-6]), 0.1, 10**7
    np.testing.assert_allclose(
        sgd(h, 1.0, lr).after(steps).position_variance, sgd_second_moment(h, lr, steps, noise=1.0), rtol=1e-8
    )
    b = 0.9  # at a minimum nothing is left of the start
    far = heavy_ball(1.0, 1.0, lr, momentum=b).after(10**9)
    assert far.position_variance == pytest.approx(lr * (1 + b) / ((1 - b) * (2 * (1 + b) - lr)), rel=1e-12)


@pytest.mark.parametrize("name", ["sgd", "heavy ball", "adam", "adai"])
def test_stationary_laws_agree_with_a_general_solver(name: str) -> None:
    hessian, noise = problem(3, 5)
    run = {
        "sgd": sgd(hessian, noise, 0.2),
        "heavy ball": heavy_ball(hessian, noise, 0.2, momentum=0.95),
        "adam": adam(hessian, noise, 0.02, beta1=0.9, second_moment=np.diag(noise)),
        "adai": adai(hessian, noise, 0.2, inertia=[0.1, 0.9, 0.99]),
    }[name]
    stationary = run.stationary()
    np.testing.assert_allclose(
        stationary.covariance, solve_discrete_lyapunov(run.matrix, run.noise), rtol=1e-9, atol=1e-10
    )
    residual = run.matrix @ stationary.covariance @ run.matrix.T + run.noise - stationary.covariance
    assert np.abs(residual).max() < 1e-13 * np.abs(stationary.covariance).max()
    if name == "sgd":
        np.testing.assert_allclose(
            stationary.position_covariance, stationary_covariance(hessian, noise, 0.2), rtol=1e-11
        )


def test_stationary_heavy_ball_has_the_closed_form() -> None:
    lr, b, weight, c = 0.3, 0.9, 0.4, 1.3
    h = np.array([1e-7, 0.2, 3.0, 31.0])  # the last close to the largest stable curvature, 31.67
    expected = lr * weight * c * (1 + b) / (h * (1 - b) * (2 * (1 + b) - lr * weight * h))
    run = heavy_ball(h, c, lr, momentum=b, dampening=1 - weight)
    np.testing.assert_allclose(run.stationary().position_variance, expected, rtol=1e-9)


def test_heavy_ball_is_the_same_chain_in_two_parametrizations() -> None:
    b, lr = 0.9, 0.03
    h, c = np.array([1.0, -0.5]), np.array([1.0, 2.0])
    plain = heavy_ball(h, c, lr, momentum=b, incoming=0.0)
    damped = heavy_ball(h, c, lr / (1 - b), momentum=b, dampening=b, incoming=0.0)
    for steps in (1, 10, 300):
        np.testing.assert_allclose(
            plain.after(steps).position_variance, damped.after(steps).position_variance, rtol=1e-12
        )


@pytest.mark.parametrize("dampening", [0.0, 0.5])
def test_torch_takes_these_steps(dampening: float) -> None:
    impulses, h = np.random.default_rng(0).standard_normal((400, 12)), -0.4
    weight = torch.zeros(len(impulses), dtype=torch.float64)
    optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9, dampening=dampening)
    for kick in impulses.T:  # the gradient is set by hand
        weight.grad = h * weight + torch.from_numpy(kick.copy())
        optimizer.step()
    response, residual, *_ = np.linalg.lstsq(impulses, weight.numpy(), rcond=None)
    assert np.all(residual < 1e-20)
    exact = heavy_ball(h, 1.0, 0.1, momentum=0.9, dampening=dampening).after(12).position_variance
    assert exact == pytest.approx(response @ response, rel=1e-12)


@pytest.mark.parametrize("dampening", [0.0, 0.9])
def test_simulated_heavy_ball_has_these_moments(dampening: float) -> None:
    b, lr, steps, h, paths = 0.9, 0.05, 40, -0.7, 40_000
    rng = np.random.default_rng(11)
    theta, m = np.zeros(paths), np.zeros(paths)
    for k in range(steps):
        gradient = h * theta + rng.standard_normal(paths)
        m = b * m + (1.0 if k == 0 else 1 - dampening) * gradient
        theta = theta - lr * m
    measured, error = np.mean(theta**2), np.std(theta**2) / np.sqrt(paths)
    exact = heavy_ball(h, 1.0, lr, momentum=b, dampening=dampening).after(steps).position_variance
    assert_agrees(measured, error, exact)
    assert_control_fails(measured, error, 1.05 * exact)


def test_the_library_s_chain_of_adam_has_these_moments() -> None:
    chain = et.adam(et.Landscape.parse("-x**2 / 2"), lr=0.01, betas=(0.9, 0.5))
    formulas: dict[sp.Symbol, sp.Expr] = {}
    for symbol, expression in chain.stages:
        formulas[symbol] = expression.xreplace(formulas)
    (x,), (m, v, p1, p2), (z,) = chain.variables, chain.memory, chain.normals
    moved, mean, square, power1, _ = (e.xreplace(formulas) for e in chain.update)
    # freeze what divides: the old square that makes the new one 1, and no correction of it
    (old,) = sp.solve(square - 1, v)
    step = sp.lambdify([x, m, p1, z], [e.subs({v: old, p2: 0}) for e in (moved, mean, power1)], "numpy")
    paths, rng = 40_000, np.random.default_rng(2)
    position, momentum, power = np.zeros(paths), np.zeros(paths), 1.0
    for _ in range(25):
        position, momentum, power = step(position, momentum, power, rng.standard_normal(paths))
    measured, error = np.mean(position**2), np.std(position**2) / np.sqrt(paths)
    given = {"beta1": 0.9, "second_moment": 1.0, "eps": 1e-8}
    assert_agrees(measured, error, adam(-1.0, 1.0, 0.01, **given).after(25).position_variance)
    wrong = adam(-1.0, 1.0, 0.01, **given, bias_correction=False).after(25).position_variance
    assert_control_fails(measured, error, wrong)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: sgd(-1.0, 1.0, 0.1).stationary(), "at a saddle"),
        (lambda: heavy_ball(0.0, 1.0, 0.1, momentum=0.9).stationary(), "without curvature"),
        (lambda: heavy_ball(40.0, 1.0, 0.1, momentum=0.9).stationary(), "too large"),
        (lambda: sgd(1.0, 1.0, 0.1).after(2.5), "whole number"),
        (lambda: sgd(1.0, 1.0, 0.1).after(-1), "whole number"),
        (lambda: sgd(1.0, -1.0, 0.1), "not negative"),
        (lambda: sgd(np.ones((2, 2, 2)), 1.0, 0.1), "one axis or matrices"),
        (lambda: sgd(np.eye(2), np.diag([1.0, -1.0]), 0.1), "no covariance"),
        (lambda: sgd(1.0, 1.0, -0.1), "lr must be"),
        (lambda: sgd(1.0, 1.0, 0.1, start=np.nan), "start must be finite"),
        (lambda: heavy_ball(1.0, 1.0, 0.1, momentum=1.0), "below 1"),
        (lambda: heavy_ball(1.0, 1.0, 0.1, momentum=0.5, dampening=1.0), "dampening"),
        (lambda: heavy_ball(1.0, 1.0, 0.1, momentum=0.5, incoming="warm"), "stationary"),
        (lambda: adam(1.0, 1.0, 0.1, beta1=0.9, second_moment=0.0), "second moment must be positive"),
        (lambda: adai(1.0, 1.0, 0.1, inertia=-0.1), "below 1"),
    ],
)
def test_refusals(build, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        build()


def test_overflow_is_a_failure_and_not_a_number() -> None:
    with pytest.raises(NumericalFailure, match="ask for fewer steps"):
        sgd(-1.0, 1.0, 0.1).after(10**5)


def test_a_general_recursion_is_welcome() -> None:
    matrix, noise = np.array([[0.5, 1.0], [0.0, 0.9]]), np.array([[1.0, 0.5], [0.5, 2.0]])
    run = LinearRecursion(matrix, noise, Moments(np.ones(2), np.zeros((2, 2)), 1))
    mean, covariance = np.ones(2), np.zeros((2, 2))
    for _ in range(23):
        mean, covariance = matrix @ mean, matrix @ covariance @ matrix.T + noise
    np.testing.assert_allclose(run.after(23).mean, mean, rtol=1e-12)
    np.testing.assert_allclose(run.after(23).covariance, covariance, rtol=1e-12)
