"""Means at a fixed time: closed forms of the Ornstein-Uhlenbeck process and of SGD on a quadratic."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.exact.expectation import chain_expectation, diffusion_expectation
from escapetime.symbolic.modified_equations import modified_equation

x = sp.Symbol("x", real=True)
BOWL = et.landscapes.quadratic(1.0)
THERMAL = et.langevin(BOWL, temperature=0.2)


def test_the_ornstein_uhlenbeck_process():
    made = diffusion_expectation(THERMAL, sp.cos(x), 0.7, 1.3, box=(-5, 5))
    variance = 0.2 * (1 - math.exp(-2.6))
    assert made.value == pytest.approx(math.cos(0.7 * math.exp(-1.3)) * math.exp(-variance / 2), abs=1e-10)
    assert made.error < 1e-9


def test_conventions_of_multiplicative_noise():
    """With D = (1 + x**2) / 10 the second moment obeys a linear equation: m' = (0.4 alpha - 1.8) m + 0.2."""
    found, exact = [], []
    for convention in ("ito", "stratonovich", "haenggi-klimontovich"):
        process = et.Diffusion((x,), sp.Matrix([-x]), sp.Matrix([[(1 + x**2) / 10]]), convention)
        found.append(diffusion_expectation(process, x**2, 0.5, 0.8, box=(-60, 60), points=240).value)
        rate = 0.4 * float(process.convention.alpha) - 1.8
        exact.append((0.25 + 0.2 / rate) * math.exp(rate * 0.8) - 0.2 / rate)
    assert found == pytest.approx(exact, rel=1e-3)  # the tail is a power: the box cuts a little of it
    assert exact[1] / exact[0] > 1.1


@pytest.mark.parametrize("noise", ["gaussian", "rademacher"])
def test_sgd_on_a_quadratic(noise):
    lr, steps = 0.2, 6
    process = et.sgd(BOWL, lr=lr, batch_size=2, noise=noise)
    decay = (1 - lr) ** steps
    variance = lr**2 / 2 * (1 - decay**2) / (1 - (1 - lr) ** 2)
    made = chain_expectation(process, x**2, 0.9, steps, box=(-4, 4))
    assert made.value == pytest.approx((0.9 * decay) ** 2 + variance, rel=1e-12)


def test_the_law_of_the_noise_shows_in_the_fourth_moment():
    """One step of size lr from 0: E x**4 = lr**4 E xi**4."""
    kurtosis = {"gaussian": 3, "rademacher": 1}
    for noise, fourth in kurtosis.items():
        made = chain_expectation(et.sgd(BOWL, lr=0.5, noise=noise), x**4, 0.0, 1, box=(-7, 7), points=24)
        assert made.value == pytest.approx(fourth / 16, rel=1e-9)


def test_two_normals_add_their_variances():
    process = et.sgld(BOWL, lr=0.1, temperature=0.3, covariance=2, batch_size=4)
    made = chain_expectation(process, x**2, 0.0, 1, box=(-20, 20), points=24)
    assert made.value == pytest.approx(2 * 0.1 * 0.3 + 0.01 * 2 / 4, rel=1e-12)


@pytest.mark.parametrize("noise", ["gaussian", "rademacher"])
def test_weak_orders_of_the_modified_equations(noise):
    """Model S: a quartic double well with C = 1 + x**2; the order does not depend on the law of the noise."""
    well, counts = et.landscapes.double_well(), (20, 40)
    errors: dict[int, list[float]] = {1: [], 2: []}
    for n in counts:
        chain = et.sgd(well, lr=1 / n, covariance=1 + x**2, noise=noise)
        there = chain_expectation(chain, sp.cos(x), 0.5, n, box=(-2.6, 2.6)).value
        for order, found in errors.items():
            made = modified_equation(well.expression, 1 + x**2, x, sp.Rational(1, n), order=order)
            process = et.Diffusion((x,), made.drift, made.diffusion)
            found.append(there - diffusion_expectation(process, sp.cos(x), 0.5, 1.0, box=(-2.6, 2.6)).value)
    for order, found in errors.items():
        assert np.log2(found[0] / found[1]) == pytest.approx(order, abs=0.25)


def test_what_cannot_be_answered_is_told():
    flat = et.langevin(et.landscapes.flat(), temperature=1.0)
    with pytest.raises(InvalidInput, match="points inwards"):
        diffusion_expectation(flat, x, 0.0, 1.0, box=(-1, 1))
    with pytest.raises(InvalidInput, match="inside the finite box"):
        diffusion_expectation(THERMAL, x, 3.0, 1.0, box=(-1, 1))
    with pytest.raises(InvalidInput, match="positive time"):
        diffusion_expectation(THERMAL, x, 0.0, 0.0, box=(-1, 1))
    with pytest.raises(InvalidInput, match="observable in x"):
        diffusion_expectation(THERMAL, sp.Symbol("y"), 0.0, 1.0, box=(-1, 1))
    with pytest.raises(InvalidInput, match="at least 12"):
        diffusion_expectation(THERMAL, x, 0.0, 1.0, box=(-1, 1), points=3)
    with pytest.raises(NumericalFailure, match="more points"):
        diffusion_expectation(THERMAL, sp.cos(300 * x), 0.0, 1e-6, box=(-4, 4), points=16)
    with pytest.raises(RouteNotApplicable, match="one dimension"):
        diffusion_expectation(et.langevin(et.landscapes.quadratic(1, 2), temperature=1), x, 0.0, 1.0, box=(-1, 1))
    with pytest.raises(RouteNotApplicable, match="without memory"):
        chain_expectation(et.heavy_ball(BOWL, lr=0.1, momentum=0.5), x, 0.0, 1, box=(-1, 1))
    with pytest.raises(RouteNotApplicable, match="without memory"):
        chain_expectation(THERMAL, x, 0.0, 1, box=(-1, 1))
    with pytest.raises(InvalidInput, match="whole number of steps"):
        chain_expectation(et.sgd(BOWL, lr=0.1), x, 0.0, 0, box=(-1, 1))
