"""The factor of a transverse direction: closed forms, and the law of Bouchet and Reygner."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.theory import bouchet2016, transverse

x = sp.Symbol("x", real=True)
KAPPA = 1 + 3 * (1 - x**2) ** 2


@pytest.mark.parametrize("noise", [1, 1 + x**2 / 2])
def test_in_detailed_balance_the_factor_is_that_of_eyring_and_kramers(noise):
    # isotropic D(x): r = kappa / D solves the equation only where D is constant
    factor = transverse.transverse_factor(x**3 - x, noise, KAPPA, noise, x, -1, 0)
    assert (abs(factor - 2) < 1e-5) == (noise == 1)


def test_a_stiffness_that_does_not_change_costs_nothing():
    assert transverse.transverse_factor(x**3 - x, 1 + x**2, 7, 1 + x**4, x, -1, 0) == pytest.approx(1, abs=1e-9)


def test_units_of_the_noise_do_not_matter():
    one, ten = (transverse.transverse_factor(x**3 - x, c * (1 + x**2), KAPPA, c * KAPPA, x, -1, 0) for c in (1, 10))
    assert one == pytest.approx(ten, rel=1e-6)
    assert one == pytest.approx(2.7386, abs=2e-4)


def test_it_is_the_special_case_of_a_straight_path():
    model = et.landscapes.matched_valley()
    sgd = et.sgd(model.landscape, lr=0.1, covariance=model.covariance)
    u = (1 - np.cos(np.linspace(0, math.pi, 401))) / 2
    path = np.stack([u - 1, np.zeros_like(u)], axis=1)
    general = bouchet2016.transition_time(sgd, path)
    one = 2 * math.pi / 2  # 2 pi sqrt(C_b / C_a) / sqrt(H_a H_b) along the path
    factor = transverse.transverse_factor(x**3 - x, 1 + x**2, KAPPA, KAPPA, x, -1, 0)
    assert general.details["prefactor"] / one == pytest.approx(factor, rel=2e-3)


@pytest.mark.parametrize(
    ("slope", "stiffness", "says"),
    [(x**3 - x + 1, KAPPA, "no slope"), (x**3 - x, KAPPA - 2, "positive stiffness")],
)
def test_bad_input(slope, stiffness, says):
    with pytest.raises(InvalidInput, match=says):
        transverse.transverse_factor(slope, 1, stiffness, 1, x, -1, 0)
