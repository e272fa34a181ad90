"""Mean inertia and bias of Adai against its own averages, drawn in numpy at a fixed position."""

import numpy as np
import pytest

from escapetime.theory import adaptive_inertia
from tests.statistics import assert_agrees, assert_control_fails

GOLDEN = (1 + 5**0.5) / 2


def test_mean_inertia_of_unequal_coordinates():
    moments, beta0, beta2 = np.array([2.0, 0.5, 0.5, 0.5]), 0.1, 0.95
    rng, v, seen = np.random.default_rng(5), np.zeros((4000, 4)) + moments, np.zeros((4000, 4))
    burn, steps = 120, 600
    for k in range(burn + steps):
        v = beta2 * v + (1 - beta2) * moments * rng.normal(size=v.shape) ** 2
        if k >= burn:
            seen += (1 - beta0 * v / v.mean(axis=1, keepdims=True)) / steps
    measured, error = seen.mean(axis=0)[:2], seen.std(axis=0)[:2] / 4000**0.5
    given = {"second_moments": list(moments), "beta0": beta0}
    law = [float(adaptive_inertia.mean_inertia(second_moment=s, beta2=beta2, **given)) for s in moments[:2]]
    naive = [float(adaptive_inertia.mean_inertia(second_moment=s, beta2=1.0, **given)) for s in moments[:2]]
    correction = np.abs(np.subtract(law, naive)).max()
    # the next order is smaller by about the relative variance of an average, (1 - beta2) / (1 + beta2) times 2
    assert_agrees(measured, error, law, bias=correction * 0.1)
    assert_control_fails(measured, error, naive, bias=correction * 0.1)


@pytest.mark.parametrize(("beta2", "inertia"), [(0.9, 0.9), (0.99, 0.5), (0.5, 0.99)])
def test_self_weight_is_the_derivative_of_the_sum_of_weights(beta2, inertia):
    def total(excess):
        """The weight of a gradient whose square is one plus the excess, among gradients of square one."""
        v, weight, product = 1 + (1 - beta2) * excess, 0.0, 1.0
        own = (1 - inertia) * v
        for _ in range(5000):
            weight, v = weight + own * product, 1 + beta2 * (v - 1)
            product *= 1 - (1 - inertia) * v
        return weight

    assert total(0.0) == pytest.approx(1)
    slope = (total(1e-5) - total(-1e-5)) / 2e-5
    assert slope == pytest.approx(float(adaptive_inertia.self_weight(inertia=inertia, beta2=beta2)), rel=1e-6)


def fixed_point(beta2, inertia, paths=20_000, steps=500):
    """Mean momentum at a critical point for two-point noise of skewness 1, less that of a frozen inertia, which is 0.

    With the mean square of many coordinates, which does not fluctuate.
    """
    rng, left = np.random.default_rng(6), 1 - inertia
    v, m, frozen, total = np.ones(paths), np.zeros(paths), np.zeros(paths), np.zeros(paths)
    burn = int(6 / (1 - beta2) + 6 / left)
    for k in range(burn + steps):
        g = np.where(rng.random(paths) < 1 / (1 + GOLDEN**2), GOLDEN, -1 / GOLDEN)
        v = beta2 * v + (1 - beta2) * g**2
        m, frozen = m + left * v * (g - m), frozen + left * (g - frozen)
        if k >= burn:
            total += (m - frozen) / steps
    return total.mean(), total.std() / paths**0.5


@pytest.mark.parametrize(("beta2", "inertia"), [(0.95, 0.9), (0.97, 0.8)])
def test_bias_of_skewed_noise(beta2, inertia):
    measured, error = fixed_point(beta2, inertia)
    law = -float(adaptive_inertia.gradient_bias(inertia=inertia, beta2=beta2, third_moment=1, variance=1))
    assert_agrees(measured, error, law, bias=(1 - beta2) * law)  # the next order
    assert_control_fails(measured, error, law * 1.2, bias=(1 - beta2) * law)


def test_symmetric_noise_has_no_bias_and_a_batch_has_less():
    assert adaptive_inertia.gradient_bias(inertia=0.9, beta2=0.99, third_moment=0, variance=1) == 0
    one, eight = (
        adaptive_inertia.gradient_bias(inertia=0.9, beta2=0.99, third_moment=2 / b**2, variance=1 / b) for b in (1, 8)
    )
    assert float(one / eight) == pytest.approx(8)
