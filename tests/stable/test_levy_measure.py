"""The Levy measure: its density and its tail fit together, and it is what the characteristic function says."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

import escapetime as et
from escapetime.errors import InvalidInput
from tests import statistics

stable = et.stable


@pytest.mark.parametrize("alpha", [0.4, 1.0, 1.5, 1.9])
def test_levy_and_khintchine(alpha):
    # with y = exp(v), and 1 - cos(y) written so that it keeps its digits
    def integrand(v):
        y = math.exp(v)
        return 2 * math.sin(y / 2) ** 2 * y * stable.levy_density(y, alpha)

    near = quad(integrand, -200, 0, limit=500, points=[-30.0, -3.0])[0]
    oscillating = quad(lambda y: float(stable.levy_density(y, alpha)), 1, np.inf, weight="cos", wvar=1.0, limlst=200)[0]
    exponent = 2 * near + float(stable.tail_mass(1.0, alpha)) - 2 * oscillating
    assert exponent == pytest.approx(1.0, abs=1e-7)


@pytest.mark.parametrize("d", [1, 2, 3, 10])
def test_tail_mass_is_the_integral_of_the_density(d):
    alpha, scale, r = 1.4, 0.7, 2.0
    sphere = 2 * math.pi ** (d / 2) / math.gamma(d / 2)
    mass = quad(lambda y: sphere * y ** (d - 1) * stable.levy_density(y, alpha, scale=scale, d=d), r, np.inf)[0]
    assert stable.tail_mass(r, alpha, scale=scale, d=d, kind="isotropic") == pytest.approx(mass, rel=1e-9)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 1.7])
def test_an_isotropic_measure_projects_to_the_one_on_the_line(alpha):
    for d in (2, 5, 50):
        projected = stable.tail_constant(alpha, d) * stable.unit_moment(alpha, d)
        assert projected == pytest.approx(stable.tail_constant(alpha), rel=1e-12)


def test_small_jumps():
    variance = 2 * quad(lambda y: y * y * float(stable.levy_density(y, 1.6, scale=2.0)), 0, 0.3)[0]
    assert stable.small_jump_variance(0.3, 1.6, scale=2.0) == pytest.approx(variance, rel=1e-9)


def test_far_draws_come_at_the_rate_of_the_measure():
    n, alpha, r = 2_000_000, 0.8, 1e4
    matrix = np.array([[1.0, 0.7, 0.0], [0.0, 0.5, 1.2]])
    counts, expected = [], []
    for kind, kw in (("isotropic", {}), ("independent", {}), ("mixing", {"matrix": matrix})):
        x = stable.sample(alpha, (n, 2), seed=12, kind=kind, **kw)
        counts.append(int((x.norm(dim=1) > r).sum()))
        expected.append(n * float(stable.tail_mass(r, alpha, d=2, kind=kind, **kw)))
    # the second term of the tail is smaller by r**-alpha times a number below 10
    bias = 10 * r**-alpha * max(expected)
    statistics.assert_agrees(counts, np.sqrt(expected), expected, bias=bias)
    statistics.assert_control_fails(counts, np.sqrt(expected), np.array(expected) * 1.2, bias=bias)


def test_refusals():
    for call in (lambda: stable.tail_mass(1.0, 1.5, kind="mixing"), lambda: stable.tail_mass(1.0, 1.5, kind="other"),
                 lambda: stable.tail_mass(1.0, 1.5, matrix=[[1.0]]), lambda: stable.small_jump_variance(1.0, 2.0),
                 lambda: stable.levy_density(1.0, 1.5, d=0)):  # fmt: skip
        with pytest.raises(InvalidInput, match="Expected"):
            call()
