"""Estimators of the index: right on stable data with honest errors, and wrong elsewhere by the amounts predicted."""

import math

import numpy as np
import pytest
import torch

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.stable import estimators as tails
from tests import statistics

stable = et.stable
CASES = (0.8, 1.2, 1.5, 1.8)


@pytest.fixture(scope="module")
def data():
    return {alpha: stable.sample(alpha, 20_000, scale=3.0, seed=41).numpy() for alpha in CASES}


def test_all_methods_on_stable_data(data):
    options = {"characteristic": {}, "likelihood": {}, "mcculloch": {}, "log_cumulant": {}, "block": {"block": 8}}
    fits = [[stable.tail_index(data[a], m, center=None, **kw) for a in CASES] for m, kw in options.items()]
    alphas = np.array([[fit.alpha for fit in row] for row in fits])
    errors = np.array([[fit.stderr for fit in row] for row in fits])
    statistics.assert_agrees(alphas, errors, np.tile(CASES, (len(fits), 1)))
    for row, error in zip(alphas, errors, strict=True):
        statistics.assert_control_fails(row, error, 1.15 * np.array(CASES))
    # the likelihood knows the most
    assert (errors[1] < errors[[0, 2, 3, 4]] * 1.02).all()
    scales = np.array([[fit.scale for fit in row] for row in fits[:4]])
    np.testing.assert_allclose(scales, 3.0, rtol=0.06)


def test_intervals_cover():
    hits = trials = wrong = 0
    for rep in range(60):
        for k, (method, options) in enumerate((("characteristic", {}), ("mcculloch", {}), ("block", {"block": 8}))):
            x = stable.sample(1.5, 3000, seed=50, start=3000 * (3 * rep + k)).numpy()
            fit = stable.tail_index(x, method, center=None, **options)
            low, high = fit.interval(0.95)
            hits, trials = hits + (low <= 1.5 <= high), trials + 1
            wrong += abs(fit.alpha - 1.5) <= 0.5 * (high - low) / 2
    statistics.assert_covers(hits, trials, 0.95)
    statistics.assert_miscovers(wrong, trials, 0.95)


def test_likelihood_interval_and_the_gaussian_end():
    fit = stable.tail_index(stable.sample(2.0, 4000, seed=3), "likelihood")
    assert fit.alpha > 1.97
    low, high = fit.interval()
    assert 1.9 < low < 2.0 == high
    middle = stable.tail_index(stable.sample(1.4, 4000, seed=3), "likelihood")
    low, high = middle.interval()
    # where the likelihood is a parabola both intervals are the same
    assert (high - low) == pytest.approx(2 * 1.96 * middle.stderr, rel=0.05)


def test_the_table_of_log_densities():
    from escapetime.stable.estimators.likelihood import _log_density, _values

    for alpha in (0.2, 0.7, 1.3, 1.9, 1.999):
        x = np.concatenate((np.geomspace(1e-6, 1e12, 300), np.linspace(2.0, 30.0, 100)))
        np.testing.assert_allclose(_values(_log_density(alpha), alpha, x), np.log(stable.pdf(x, alpha)), atol=2e-6)


def test_bootstrap_agrees_with_the_asymptotic_error(data):
    for method, options in (("characteristic", {}), ("block", {"block": 50})):
        fit = stable.tail_index(data[1.5], method, bootstrap=150, **options)
        plain = stable.tail_index(data[1.5], method, **options)
        assert fit.alpha == plain.alpha
        assert fit.stderr == pytest.approx(plain.stderr, rel=0.3)  # 150 resamples: 6 % standard error
        low, high = fit.interval(0.9)
        assert low < fit.alpha < high


def test_hill_is_biased_as_its_limit_says():
    cases = [(1.2, 0.05), (1.5, 0.05), (1.8, 0.05), (1.95, 0.05), (2.0, 0.05), (1.8, 0.01), (1.95, 0.01)]
    limits = np.array([tails.hill_index(a, f) for a, f in cases])
    # the excesses are not exponential here, so that alpha / sqrt(k) is not the error: it comes from twenty parts
    parts = [[tails.hill(x, fraction=f) for x in stable.sample(a, (20, 20_000), seed=17)] for a, f in cases]
    excess = np.array([[1 / fit.alpha for fit in row] for row in parts])
    errors = excess.std(axis=1, ddof=1) / math.sqrt(20)
    statistics.assert_agrees(excess.mean(axis=1), errors, 1 / limits)
    statistics.assert_control_fails(excess.mean(axis=1), errors, 1.05 / limits)
    np.testing.assert_allclose(limits[[1, 2, 3]], [1.63, 2.66, 4.53], atol=0.01)


def test_biases_of_the_block_estimator():
    generator = np.random.default_rng(23)
    m, rows = 100, 20_000
    z = generator.normal(size=(rows, m))
    shared = generator.normal(size=(rows, 1))
    beta = 0.9
    noise = stable.sample(1.5, 1_000_000, seed=24).numpy()
    weights = (1 - beta) * beta ** np.arange(300)
    average = np.convolve(noise, weights, mode="valid")
    # sums of 1000 shuffled Gaussians with log-normal scales are all but Gaussian: the formula is the limit
    many, spread = generator.normal(size=4_000_000), np.exp(0.7 * generator.normal(size=4_000_000))
    cases = [
        (z + 0.3, m, tails.gaussian_shifted_index(0.3, m)),
        (math.sqrt(0.95) * z + math.sqrt(0.05) * shared, m, tails.gaussian_correlated_index(0.05, m)),
        (math.sqrt(0.5) * z + math.sqrt(0.5) * shared, m, tails.gaussian_correlated_index(0.5, m)),
        (z, m, 2.0),
        (average, m, tails.filtered_index(weights, 1.5, m)),
        (noise, m, 1.5),
        (many * spread, 1000, tails.gaussian_mixture_index(0.7, 1000)),
    ]
    fits = [tails.block_log_moment(x, block=block) for x, block, _ in cases]
    # blocks of a moving average touch their neighbors: twice the error of independent ones is taken
    errors = [fit.stderr * (2 if k == 4 else 1) for k, fit in enumerate(fits)]
    alphas, limits = [fit.alpha for fit in fits], np.array([limit for _, _, limit in cases])
    statistics.assert_agrees(alphas, errors, limits)
    for k in range(len(cases)):
        statistics.assert_control_fails(alphas[k], errors[k], 1.07 * limits[k])
    np.testing.assert_allclose(limits, [1.175, 1.442, 1.080, 2.0, 1.14, 1.5, 1.75], atol=0.005)
    ordered = many * np.repeat(spread[:4000], 1000)
    assert tails.block_log_moment(ordered, block=1000).alpha == pytest.approx(2.0, abs=0.1)


def test_tables_are_read_column_by_column_before_they_are_pooled():
    generator = np.random.default_rng(31)
    table = generator.normal(size=(2000, 20)) * np.exp(2 * generator.normal(size=20)) + 5 * generator.uniform(size=20)
    pooled = stable.tail_index(table, "characteristic")
    assert pooled.alpha < 1.3
    for method in ("characteristic", "mcculloch", "block", "log_cumulant"):
        each = stable.tail_index(table, method, standardize=True)
        assert abs(each.alpha - 2) < 5 * each.stderr
    assert stable.tail_index(table, "block", center=None).alpha < stable.tail_index(table, "block").alpha
    tensor = torch.tensor(table, dtype=torch.float32, requires_grad=True)
    assert stable.tail_index(tensor).alpha == pytest.approx(pooled.alpha, abs=1e-4)
    assert stable.tail_index(table, "block", shuffle=True, seed=1) != stable.tail_index(table, "block")


def test_invariance():
    x = stable.sample(1.3, 2000, seed=2).numpy()
    for method in tails.METHODS:
        fit, scaled = stable.tail_index(x, method), stable.tail_index(-100 * x, method)
        assert scaled.alpha == pytest.approx(fit.alpha, abs=1e-4)
        if math.isfinite(fit.scale):
            assert scaled.scale == pytest.approx(100 * fit.scale, rel=1e-4)
    for method in ("characteristic", "mcculloch"):
        assert tails.METHODS[method](x + 50).alpha == pytest.approx(tails.METHODS[method](x).alpha, abs=1e-9)


def test_refusals():
    x = stable.sample(1.5, 100, seed=1).numpy()
    zeros, lattice = np.where(np.arange(100) % 2, x, 0.0), np.where(np.arange(100) % 2, 1.0, -1.0)
    for call in (
        lambda: stable.tail_index(x, "other"),
        lambda: stable.tail_index(x, center="mode"),
        lambda: stable.tail_index(x[:5]),
        lambda: stable.tail_index(np.where(x == x[3], np.nan, x)),
        lambda: stable.tail_index(zeros, "log_cumulant", center=None),
        lambda: stable.tail_index(lattice, "block", block=2, center=None),
        lambda: stable.tail_index(lattice * 0, "mcculloch"),
        lambda: stable.tail_index(x, "block", block=60),
        lambda: stable.tail_index(x, "hill", fraction=0.0),
        lambda: stable.tail_index(np.tile(lattice[:, None], 2) * [1, 0], standardize=True),
        lambda: stable.tail_index(x, bootstrap=5, together=50),
        lambda: stable.tail_index(x.reshape(2, 5, 10)),
        lambda: tails.gaussian_correlated_index(-0.5, 100),
        lambda: tails.characteristic(x, grid=[0.0, 1.0]),
        lambda: stable.tail_index(x).interval(1.0),
    ):
        with pytest.raises(InvalidInput, match="Expected"):
            call()
