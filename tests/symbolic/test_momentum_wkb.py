"""The series of the heavy ball's density: closed forms, the chain without momentum, and the least action itself."""

import math

import pytest
import sympy as sp
from scipy.integrate import quad

from escapetime.errors import InvalidInput
from escapetime.symbolic.chain_wkb import chain_slopes
from escapetime.symbolic.momentum_wkb import momentum_amplitudes, momentum_slopes
from escapetime.theory.inertia_path import least_action

x = sp.Symbol("x", real=True)
beta = sp.Symbol("beta", positive=True)
b, D = sp.Function("b")(x), sp.Function("D")(x)
SLOPE, NOISE = x**3 - x, 1 + x**2


def test_first_correction_is_the_term_of_inertia():
    first = momentum_slopes(b, D, x, beta)[1]
    term = b**2 * D.diff(x) / (4 * D**2)
    assert sp.simplify(first - (1 + beta) / (1 - beta) * term) == 0
    assert sp.simplify(first - 2 / (1 - beta) * term) != 0  # what the published mass would give


def test_constant_noise_leaves_a_correction_of_second_order_only():
    constant = sp.Symbol("D", positive=True)
    w = momentum_slopes(b, constant, x, beta, 2)
    assert w[1] == 0
    assert w[2] != 0


def test_amplitude_is_that_of_ito():
    leading = momentum_amplitudes(b, D, x, beta)[0]
    width = sp.log(D) / 2  # the variance of the momentum is proportional to D
    assert sp.simplify(leading - sp.diff(width, x) - D.diff(x) / D) == 0


@pytest.mark.parametrize("order", [1, 2])
def test_without_momentum_it_is_the_chain_of_sgd(order):
    def climb(slope):
        return sp.integrate(sp.apart(sp.together(slope), x), (x, -1, 0))

    ball, sgd = momentum_slopes(SLOPE, NOISE, x, 0, 2)[order], chain_slopes(-SLOPE, NOISE, x, 2)[order]
    assert sp.simplify(climb(ball) - climb(sgd)) == 0
    assert sp.simplify(climb(momentum_slopes(SLOPE, NOISE, x, sp.Rational(1, 2), 2)[order]) - climb(sgd)) != 0


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.8])
def test_series_against_the_least_action(momentum):
    # D = eta C / 2 and the action is that of C: exponents in units of 2 / eta
    rates = [
        sp.lambdify(x, f)
        for f in (*momentum_slopes(SLOPE, NOISE, x, momentum, 2), momentum_amplitudes(SLOPE, NOISE, x, momentum, 1)[1])
    ]
    terms = [quad(f, -1, 0, epsabs=1e-13)[0] for f in rates]
    exponents, amplitudes = [], []
    sizes = [0.01, 0.005]
    for eta in sizes:
        way = least_action(SLOPE, NOISE, x, (-1.0, 0.0), weight=eta * (1 - momentum), momentum=momentum)
        exponents.append(way.action * eta / 2 - sum(eta**k * t for k, t in enumerate(terms[:3])))
        amplitudes.append(way.amplitude - 1.5 * math.log(2) + eta * terms[3])
    assert math.log2(exponents[0] / exponents[1]) == pytest.approx(3, abs=0.25)
    assert abs(amplitudes[1]) < 0.02 * abs(sizes[1] * terms[3])  # of second order; the sign alone would give 2


def test_orders_that_are_not_known():
    with pytest.raises(InvalidInput, match="0, 1 or 2"):
        momentum_slopes(b, D, x, beta, 3)
    with pytest.raises(InvalidInput, match="0 or 1"):
        momentum_amplitudes(b, D, x, beta, 2)
