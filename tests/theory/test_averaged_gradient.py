"""The rate of averaged gradients: its lemma, step by step, the bound on a chain, and what cannot be left out."""

import numpy as np
import pytest
import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.theory import averaged_gradient as rate


def test_the_shifted_point_does_plain_sgd():
    rng = np.random.default_rng(1)
    mu, eta, theta, m = np.array([0.0, 0.5, 0.99]), 0.1, rng.normal(size=3), np.zeros(3)
    for _ in range(50):
        z, g = theta - eta * mu / (1 - mu) * m, rng.normal(size=3)
        m = mu * m + (1 - mu) * g
        theta = theta - eta * m
        np.testing.assert_allclose(theta - eta * mu / (1 - mu) * m, z - eta * g, rtol=0, atol=1e-13)


def descend(start, mu, eta, steps, sigma=0.0, seed=0, paths=1):
    """Mean squared gradient of sum_i log(1 + x_i^2), smooth with constant 2, and the mean squares of the noisy one."""
    rng = np.random.default_rng(seed)
    x, m = np.broadcast_to(start, (paths, len(start))).copy(), np.zeros((paths, len(start)))
    norm, squares = 0.0, np.zeros(len(start))
    for _ in range(steps):
        slope = 2 * x / (1 + x**2)
        g = slope + sigma * rng.normal(size=x.shape)
        norm, squares = norm + (slope**2).sum(axis=1).mean(), squares + (g**2).mean(axis=0)
        m = mu * m + (1 - mu) * g
        x = x - eta * m
    return norm / steps, squares / steps


@pytest.mark.parametrize("steps", [30, 300, 3000])
@pytest.mark.parametrize("mu", [[0.0, 0.0], [0.3, 0.9], [0.9, 0.99]])
def test_the_bound_holds_on_a_nonconvex_loss(mu, steps):
    start, eta = np.array([3.0, -2.0]), steps**-0.5
    norm, squares = descend(start, np.array(mu), eta, steps, sigma=0.5, paths=200)
    gap = np.log(1 + start**2).sum()
    bound = rate.gradient_norm_bound(
        gap=gap, smoothness=2, lr=eta, steps=steps, second_moments=list(squares), inertias=mu
    )
    assert norm < bound


def test_the_term_of_the_inertia_cannot_be_left_out():
    steps, eta, mu = 20, 0.1, 0.999
    norm, squares = descend(np.array([1.0]), mu, eta, steps)
    given = {"gap": np.log(2), "smoothness": 2, "lr": eta, "steps": steps, "second_moments": list(squares)}
    assert rate.gradient_norm_bound(**given, inertias=[0]) < norm < rate.gradient_norm_bound(**given, inertias=[mu])


def test_constants_are_the_bound_at_this_learning_rate():
    given = {"gap": 1.5, "smoothness": 2.0, "second_moments": [1.0, 0.1], "inertias": [0.5, 0.95]}
    for steps in (100, 10_000):
        parts = rate.rate_constants(**given, scale=0.3, steps=steps)
        bound = rate.gradient_norm_bound(**given, lr=0.3 * steps**-0.5, steps=steps)
        assert float(sum(parts)) / steps**0.5 == pytest.approx(float(bound))


def test_the_delay_of_adai_is_at_most_one_over_beta0_eps():
    rng, beta0, eps = np.random.default_rng(2), 0.1, 1e-3
    worst = 0.0
    for spread in (0.1, 1, 3, 6):
        s = np.exp(spread * rng.normal(size=200))
        mu = 1 - np.clip(beta0 * s / s.mean(), eps, 1)
        delay = float(rate.delay(second_moments=s, inertias=mu))
        assert delay <= min(1 / (beta0 * eps), (mu.max() / (1 - mu.max())) ** 2)
        worst = max(worst, delay)
    assert worst > 0.1 / (beta0 * eps)  # not an idle bound
    # one coordinate far above all others, which sit where the bound on the inertia takes over
    s = np.array([1e4 * (1 - 0.01), *[0.01] * 9999]) * 1.0
    mu = 1 - np.clip(beta0 * s / s.mean(), eps, 1)
    assert float(rate.delay(second_moments=s, inertias=mu)) <= 1 / (beta0 * eps)


def test_lengths_must_agree():
    with pytest.raises(InvalidInput, match="one inertia for each"):
        rate.delay(second_moments=[1, 2], inertias=[sp.Rational(1, 2)])
