"""Corrections for a finite memory of the second moment: series, samples, and the chain itself."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.theory import second_moment
from tests.statistics import assert_agrees, assert_control_fails

X = sp.Symbol("x", real=True)


def test_averages_have_the_series_of_the_delta_method():
    rates = []
    for new in (0.02, 0.01):
        first, second = second_moment.averages(1 - new)
        rates.append(np.array([1 - first, 1 - second, first / second - 1]) / new)
    limit = 2 * rates[1] - rates[0]  # the error is of second order
    np.testing.assert_allclose(limit, [5 / 8, 1, 3 / 8], atol=2e-3)


def test_averages_are_those_of_sampled_second_moments():
    beta, rng = 0.8, np.random.default_rng(5)
    z = rng.standard_normal((100_000, 90))
    weights = (1 - beta) * beta ** np.arange(90)
    v = (z**2) @ weights
    samples = np.stack([v**-0.5 - (1 - beta) * z[:, 0] ** 2 * v**-1.5, z[:, 0] ** 2 / v])
    mean, error = samples.mean(axis=1), samples.std(axis=1) / math.sqrt(len(z))
    assert_agrees(mean, error, second_moment.averages(beta))
    assert_control_fails(mean, error, second_moment.averages(beta - 0.05))


@pytest.mark.parametrize("beta2", [0.8, 0.95])
def test_the_root_is_the_ratio_of_averages_where_noise_outweighs_the_gradient(beta2):
    first, second = second_moment.averages(beta2)
    assert second_moment.exponent_slope(0.02, beta2) / 0.04 == pytest.approx(first / second, abs=2e-5)


def test_the_root_is_resolved():
    at = [second_moment.exponent_slope(r, 0.9) for r in (0.6, 1.0)]
    nodes, draws = second_moment.NODES, second_moment.DRAWS
    try:
        second_moment.NODES, second_moment.DRAWS = 40, 80
        coarse = [second_moment.exponent_slope(r, 0.9) for r in (0.6, 1.0)]
    finally:
        second_moment.NODES, second_moment.DRAWS = nodes, draws
    np.testing.assert_allclose(at, coarse, rtol=1e-3)
    # far below the drift and diffusion with the gradient's own square in v
    assert at[1] < 0.8 * 2 * math.sqrt(2)


def test_lag_of_the_matched_quartic():
    value = second_moment.lag(X**3 - X, 1 + X**2, X, -1, 0)
    assert float(value) == pytest.approx(0.045177, abs=1e-6)
    assert second_moment.lag(X**3 - X, 3, X, -1, 0) == 0


@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.95), (0.5, 0.8)])
def test_the_push_of_momentum_is_a_double_sum(beta1, beta2):
    # a gradient acts at step j with weight, on a second moment that knows its displacement of every step i before
    total = 0.0
    for j in range(400):
        i = np.arange(j + 1)
        total += (1 - beta1) * beta1**j * ((1 - beta2) * beta2 ** (j - i) * (1 - beta1**i)).sum()
    assert second_moment.momentum_power(beta1, beta2) == pytest.approx(total, rel=1e-12)


def test_corrected_law_is_that_of_the_chain():
    model, lr, batch, beta2 = et.landscapes.matched_quartic(), 0.02, 0.03, 0.9
    options = {"lr": lr, "eps": 0, "batch_size": batch, "covariance": model.covariance}
    across = et.Interval(-math.inf, 1.0)
    limit = et.adam_limit(model.landscape, **options)
    plain = et.exact.escape_time(et.EscapeProblem(limit, -1.0, across)).details["log_mean"]
    exponent = 2 * math.sqrt(batch) * float(sp.integrate((X**3 - X) / sp.sqrt(1 + X**2), (X, -1, 0))) / lr
    lag = float(second_moment.lag(X**3 - X, 1 + X**2, X, -1, 0))
    more = second_moment.corrections(exponent=exponent, lag=lag, batch_size=batch, beta2=beta2)
    chain = et.adam(model.landscape, betas=(0.0, beta2), **options)
    run = et.simulate.escape_time(et.EscapeProblem(chain, -1.0, across), paths=8000, seed=1, engine="cpu")
    measured, error = math.log(run.mean), run.stderr / run.mean
    # left out: second orders, of fluctuations about (1 - beta2)^2 times the exponent, and of the lag
    assert_agrees(measured, error, plain + more, bias=0.01 * exponent)
    assert_control_fails(measured, error, plain, bias=0.01 * exponent)


@pytest.mark.parametrize("bad", [-0.1, 1.0, math.nan])
def test_numbers_out_of_range_are_told(bad):
    with pytest.raises(InvalidInput, match="beta2"):
        second_moment.averages(bad)
    with pytest.raises(InvalidInput, match="beta2"):
        second_moment.exponent_slope(0.5, bad)
    with pytest.raises(InvalidInput, match="gradient over its noise"):
        second_moment.exponent_slope(5.0, 0.9)
