"""Stable noise as symbols: the numbers that a step draws, and the processes made of them."""

import math

import numpy as np
import pytest
import sympy as sp
from scipy.special import erfc

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.processes.stable_noise import positive_stable, stable_law, symmetric_stable
from tests.statistics import assert_agrees, assert_control_fails

z1, z2 = sp.symbols("z1 z2", real=True)
ALPHAS = [0.5, 0.9, 1 - 1e-6, 1.0, 1 + 1e-6, 1.2, 1.5, 1.8, 1.99, 2.0]


def draw(expression, count, seed=0):
    normals = np.random.default_rng(seed).standard_normal((2, count))
    return sp.lambdify((z1, z2), expression, "numpy", cse=True)(*normals)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_characteristic_function(alpha):
    """At three frequencies, all together; an exponent three percent off is seen."""
    sample, t = draw(symmetric_stable(alpha, z1, z2), 400_000), np.array([0.4, 1.0, 1.7])
    waves = np.cos(t[:, None] * sample)
    error = waves.std(axis=1) / math.sqrt(waves.shape[1])
    assert np.isfinite(sample).all()
    assert_agrees(waves.mean(axis=1), error, np.exp(-(t**alpha)), alpha=2e-6)
    assert_control_fails(waves.mean(axis=1), error, np.exp(-1.03 * t**alpha), alpha=2e-6)


def test_the_gaussian_and_the_cauchy_law_are_the_closed_forms():
    normals = np.random.default_rng(1).standard_normal((2, 1000))
    cauchy = sp.lambdify((z1, z2), symmetric_stable(1.0, z1, z2))(*normals)
    np.testing.assert_allclose(cauchy, normals[0] / np.abs(normals[1]), rtol=1e-12)
    gauss = sp.lambdify((z1, z2), symmetric_stable(2.0, z1, z2))(*normals)
    radius = np.hypot(*normals)
    np.testing.assert_allclose(gauss, math.sqrt(2) * normals[0], rtol=1e-9, atol=1e-12)
    assert radius.min() > 0


def test_nothing_is_singular_at_index_one():
    normals = np.random.default_rng(2).standard_normal((2, 2000))
    at = [sp.lambdify((z1, z2), symmetric_stable(a, z1, z2))(*normals) for a in (1 - 1e-9, 1.0, 1 + 1e-9)]
    np.testing.assert_allclose(at[0], at[1], rtol=1e-6)
    np.testing.assert_allclose(at[2], at[1], rtol=1e-6)


def test_no_draw_is_infinite():
    """Where an angle or a waiting time is zero."""
    law = sp.lambdify((z1, z2), symmetric_stable(0.5, z1, z2))
    extremes = np.array([[1.0, 0.0], [0.0, 0.0], [1e-160, 1e-160], [1e-300, 1.0], [8.0, 1e-17]])
    with np.errstate(divide="ignore"):
        assert np.isfinite([law(*pair) for pair in extremes]).all()


@pytest.mark.parametrize("alpha", [0.6, 1.0, 1.7])
def test_laplace_transform_of_the_subordinator(alpha):
    sample, s = draw(positive_stable(alpha, z1, z2), 200_000, seed=3), np.array([0.3, 1.0, 4.0])
    decayed = np.exp(-s[:, None] * sample)
    error = decayed.std(axis=1) / math.sqrt(decayed.shape[1])
    assert_agrees(decayed.mean(axis=1), error, np.exp(-(s ** (alpha / 2))), alpha=2e-6)
    assert_control_fails(decayed.mean(axis=1), error, np.exp(-((1.04 * s) ** (alpha / 2))), alpha=2e-6)


def test_the_subordinator_of_index_one_is_a_hitting_time():
    """P(A < a) = erfc(1 / (2 sqrt(a)))."""
    sample = draw(positive_stable(1.0, z1, z2), 100_000, seed=4)
    at = np.array([0.2, 1.0, 5.0])
    share = (sample[:, None] < at).mean(axis=0)
    exact = erfc(1 / (2 * np.sqrt(at)))
    error = np.sqrt(exact * (1 - exact) / len(sample))
    assert_agrees(share, error, exact, alpha=2e-6)
    assert_control_fails(share, error, exact * 1.05, alpha=2e-6)


def test_sgd_with_stable_noise_is_a_chain_with_a_limit():
    bowl = et.landscapes.quadratic(1.0)
    process = et.levy_sgd(bowl, lr=0.04, alpha=1.5, scale=2.0)
    assert process.chain.time_step == 0.04
    assert float(process.mixing[0, 0]) == pytest.approx(0.04 ** (1 - 1 / 1.5) * 2)
    (x,) = bowl.variables
    (stable, _), (update,) = process.chain.stages[0], process.chain.update
    assert sp.simplify(update - (x - sp.Float(0.04) * (x + 2 * stable))) == 0


def test_adam_sees_the_same_noise():
    chain = et.levy_adam(et.landscapes.quadratic(1.0), lr=0.1, alpha=1.5, scale=3.0)
    law = stable_law(1.5)
    gradient = dict(chain.stages)[sp.Symbol("gradient_x", real=True)]
    used = dict(zip(law.normals, chain.normals, strict=True))
    (x,) = chain.variables
    assert sp.simplify(gradient - x - 3 * law.expression.xreplace(used)) == 0
    assert chain.limit is None


def test_index_two_is_thermal_noise():
    process = et.levy(et.landscapes.double_well(), alpha=2, scale=0.3)
    thermal = et.langevin(et.landscapes.double_well(), temperature=0.09)
    assert float((process.mixing * process.mixing.T)[0, 0]) == pytest.approx(thermal.temperature)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"alpha": 0.0}, "above 0 and up to 2"),
        ({"alpha": 2.1}, "above 0 and up to 2"),
        ({"alpha": "heavy"}, "above 0 and up to 2"),
        ({"scale": [1.0, 2.0]}, "positive number, 1 of them"),
        ({"scale": -1.0}, "not negative"),
        ({"scale": float("inf")}, "matrix of 1 rows"),
        ({"scale": 0.0}, "not zero"),
        ({"scale": "wide"}, "as a number"),
        ({"kind": "round"}, "'independent', 'isotropic'"),
    ],
)
def test_bad_input_is_refused(change, words):
    with pytest.raises(InvalidInput, match=words):
        et.levy(et.landscapes.quadratic(1.0), **({"alpha": 1.5} | change))


def test_adam_refuses_scales_that_mix():
    with pytest.raises(InvalidInput, match="one scale a coordinate"):
        et.levy_adam(et.landscapes.flat(2), lr=0.1, alpha=1.5, scale=[[1.0, 0.5], [0.0, 1.0]])


def test_repr_says_what_it_is():
    assert "alpha=1.2" in repr(et.levy(et.landscapes.flat(2), alpha=1.2, kind="isotropic"))
