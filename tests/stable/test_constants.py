"""Constants against sympy's closed forms in 30 digits, against integrals, and at the ends of their range."""

import math

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad

import escapetime as et
from escapetime.errors import InvalidInput

stable = et.stable
ALPHAS = [0.05, 0.3, 0.8, 1 - 1e-6, 1.0, 1 + 1e-6, 1.2, 1.5, 1.8, 1.95, 1.999]


def exact(expression):
    return float(sp.N(expression, 40))


def rational(alpha):
    return sp.Rational(*float(alpha).as_integer_ratio())


@pytest.mark.parametrize("alpha", ALPHAS)
def test_closed_forms(alpha):
    a, f = rational(alpha), stable.formulas
    pairs = [
        (stable.levy_constant(alpha), f.levy_constant(a)),
        (stable.tail_constant(alpha), f.tail_constant(a)),
        (stable.driftless_factor(alpha), f.driftless_factor(a)),
        (stable.log_cumulant(2, alpha), f.log_variance(a)),
        (stable.absolute_moment(-0.5, alpha, scale=3.0), f.absolute_moment(sp.Rational(-1, 2), a, 3)),
        (stable.absolute_moment(0.75 * alpha, alpha), f.absolute_moment(rational(0.75 * alpha), a)),
        *((stable.tail_constant(alpha, d), f.tail_constant(a, d)) for d in (2, 5, 100)),
        *((stable.levy_constant(alpha, d), f.levy_constant(a, d)) for d in (2, 5)),
    ]
    if alpha > 1:
        pairs.append((stable.grid_shift(alpha), f.grid_shift(a)))
    if alpha != 1:
        pairs.append((stable.log_moments(alpha)[0], f.log_mean(a)))
    for number, formula in pairs:
        assert number == pytest.approx(exact(formula), rel=1e-12)


def test_the_numbers_of_the_literature():
    table = {  # alpha: c, C, kappa, K_2, K_5, variance of the logarithm
        0.8: (0.28196, 0.70490, 0.7568, 1.0374, 1.6072, 3.3927),
        1.5: (0.29921, 0.39894, 0.3001, 0.7170, 1.4960, 1.5535),
        1.95: (0.04772, 0.04894, 0.0256, 0.0969, 0.2382, 1.2551),
    }
    for alpha, (c, tail, kappa, two, five, spread) in table.items():
        assert stable.levy_constant(alpha) == pytest.approx(c, abs=6e-6)
        assert stable.tail_constant(alpha) == pytest.approx(tail, abs=6e-6)
        assert stable.driftless_factor(alpha) == pytest.approx(kappa, abs=6e-5)
        assert stable.tail_constant(alpha, 2) == pytest.approx(two, abs=6e-5)
        assert stable.tail_constant(alpha, 5) == pytest.approx(five, abs=6e-5)
        assert stable.log_moments(alpha)[1] == pytest.approx(spread, abs=6e-5)
    shifts = [stable.grid_shift(a) for a in (1.2, 1.5, 1.8, 1.95)]
    np.testing.assert_allclose(shifts, [1.2165, 0.8300, 0.8022, 0.8169], atol=6e-5)


def test_the_process_of_imkeller_and_pavlyukevich_is_this_one_rescaled():
    a = sp.Symbol("alpha", positive=True)
    theirs = -2 * sp.cos(sp.pi * a / 2) * sp.gamma(-a)  # exponent of the process with Levy measure dy / |y|**(1 + a)
    product = theirs * stable.formulas.levy_constant(a)
    for value in (sp.Rational(1, 2), sp.Rational(3, 2), sp.Rational(19, 10)):
        assert sp.N(product.subs(a, value) - 1, 30) == pytest.approx(0, abs=1e-25)


@pytest.mark.parametrize("alpha", [0.6, 1.0, 1.5])
def test_moments_are_integrals_of_the_density(alpha):
    def mean(power):
        return (
            2
            * quad(lambda y: math.exp(y * (1 + power)) * stable.pdf(math.exp(y), alpha), -60, 60 / alpha, limit=400)[0]
        )

    assert mean(0.3 * alpha) == pytest.approx(stable.absolute_moment(0.3 * alpha, alpha), rel=1e-8)
    assert mean(0.0) == pytest.approx(1.0, rel=1e-8)


def test_log_cumulants_are_derivatives_of_the_moments():
    p = sp.Symbol("p")
    moment = sp.lambdify(p, sp.log(stable.formulas.absolute_moment(p, sp.Rational(7, 5))), "mpmath")
    with mp.workdps(40):
        for n in (1, 2, 3, 4):
            assert stable.log_cumulant(n, 1.4) == pytest.approx(float(mp.diff(moment, 0, n)), rel=1e-12)


def test_at_the_gaussian_end():
    assert stable.absolute_moment(4, 2.0) == pytest.approx(12.0)  # three times the squared variance, 2
    assert stable.tail_constant(2.0) == stable.tail_constant(2.0, 3) == stable.levy_constant(2.0) == 0.0
    near = 2 - 1e-13
    assert stable.tail_constant(near) == pytest.approx(2 - near, rel=1e-12)  # the limit of C / (2 - alpha) is 1
    assert stable.grid_shift(2.0) == pytest.approx(0.5825971579390107 * math.sqrt(2), rel=1e-12)


def test_refusals():
    for call in (
        lambda: stable.tail_constant(0.0),
        lambda: stable.tail_constant(2.1),
        lambda: stable.tail_constant("two"),
        lambda: stable.tail_constant(1.5, d=0),
        lambda: stable.absolute_moment(1.5, 1.5),
        lambda: stable.absolute_moment(-1, 1.5),
        lambda: stable.grid_shift(1.0),
        lambda: stable.log_moments(1.5, scale=0.0),
    ):
        with pytest.raises(InvalidInput, match="Expected"):
            call()
