"""Mean loss and gradient covariance from the loss of one sample."""

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput

a, b, x, z = sp.symbols("a b x z", real=True)


def test_finite_sums_are_exact_for_small_data_sets():
    loss = et.SampleLoss((a * x + b - z) ** 2 / 2, (x, z), samples=[[0, 1], [1, 1], [2, 4]])
    residuals = [b - 1, a + b - 1, 2 * a + b - 4]
    rows = [sp.Matrix([r * k, r]) for k, r in enumerate(residuals)]
    mean = sum(rows, sp.zeros(2, 1)) / 3
    second = sum((r * r.T for r in rows), sp.zeros(2, 2)) / 3
    assert (loss.landscape.gradient - mean).applyfunc(sp.simplify) == sp.zeros(2, 1)
    assert (loss.covariance - second + mean * mean.T).applyfunc(sp.simplify) == sp.zeros(2, 2)


def test_normal_data_against_a_large_sample():
    loss = et.SampleLoss(a**2 * b + x * a * b + z**2 * a**2, (x, z))
    draws = np.random.default_rng(0).normal(size=(400_000, 2))
    sampled = et.SampleLoss(loss.expression, (x, z), samples=draws).gradients([0.7, -0.4])
    exact = np.array(loss.covariance.subs({a: 0.7, b: -0.4}), dtype=float)
    np.testing.assert_allclose(np.cov(sampled.T), exact, rtol=0.02, atol=0.02)
    np.testing.assert_allclose(sampled.mean(axis=0), loss.landscape.grad(np.array([0.7, -0.4])), atol=0.02)


def test_gradients_of_many_points_at_once():
    loss = et.SampleLoss((a - x) ** 2 / 2, (x,), samples=[1.0, 2.0, 4.0])
    np.testing.assert_allclose(loss.gradients([[0.0], [1.0]])[..., 0], [[-1, -2, -4], [0, -1, -3]])


def test_compression_keeps_moments_and_weights():
    data = np.random.default_rng(1).exponential(size=300)
    few = et.SampleLoss((a - x) ** 2, (x,), samples=data, weights=np.arange(1, 301) / 45150).compressed(6)
    weights = np.arange(1, 301) / 45150
    for power in range(12):
        assert few.weights @ few.samples[:, 0] ** power == pytest.approx(weights @ data**power, rel=1e-9)
    assert few.weights @ few.samples[:, 0] ** 12 != pytest.approx(weights @ data**12, rel=1e-9)  # beyond 2 n - 1


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: et.SampleLoss(x**2, (x,)), "parameters"),
        (lambda: et.SampleLoss(a * x, (x,), (b,)), "name every parameter"),
        (lambda: et.SampleLoss(a * x, (x,), samples=[[1, 2]]), r"shape \(N, 1\)"),
        (lambda: et.SampleLoss(a * x, (x,), samples=[1, 2], weights=[1, 1]), "sum to 1"),
        (lambda: et.SampleLoss(a * x, (x,), weights=[1]), "belong to samples"),
        (lambda: et.SampleLoss(a * x, (x,)).gradients([1.0]), "no list"),
        (lambda: et.SampleLoss(a * x, (x,)).compressed(3), "single numbers"),
        (lambda: et.SampleLoss(a * x, (x,), samples=[1, 1]).compressed(2), "between 1 and 1"),
        (lambda: et.SampleLoss(sp.log(1 + (a - x) ** 2), (x,)).landscape, "polynomial in the noise"),
    ],
)
def test_bad_input_says_what_to_do(make, says):
    with pytest.raises(InvalidInput, match=says):
        make()
