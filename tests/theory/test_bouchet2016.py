"""The law without detailed balance: closed forms where there is balance, quadrature, and the generator where not."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.paths import minimum_action_path
from escapetime.theory.bouchet2016 import transition_time

x, y = sp.symbols("x y", real=True)
LINE = np.linspace((-1.0, 0.0), (0.0, 0.0), 201)


def sgd_like(noise, axes=(1, 1)):
    """The double well with a valley kappa(x) y^2 / 2 and noise (1 + x^2, kappa) of strength `noise`."""
    kappa = 1 + 3 * (1 - x**2) ** 2
    drift = sp.Matrix([x - x**3 - sp.diff(kappa, x) * y**2 / 2, -kappa * y])
    return et.Diffusion((x, y), drift, sp.diag(1 + x**2, kappa) * sp.Float(noise) / 2)


def test_in_detailed_balance_it_is_the_law_of_eyring_and_kramers():
    process = et.langevin(et.landscapes.double_well_with_valley(1, 4), temperature=0.01)
    law = transition_time(process, LINE)
    assert law.details["prefactor"] == pytest.approx(2 * math.sqrt(2) * math.pi, rel=1e-5)
    assert law.details["transverse"] == pytest.approx(1.0, abs=1e-5)
    assert law.details["exponent"] == pytest.approx(25.0, rel=1e-6)


@pytest.mark.parametrize(
    ("convention", "prefactor"), [("ito", 1.0), ("stratonovich", math.sqrt(2)), ("haenggi-klimontovich", 2)]
)
def test_every_convention_in_one_dimension(convention, prefactor):
    """Noise 1 + x^2, curvatures 2 and 1: 2 pi sqrt(C_b / C_a) / sqrt(2) times (C_a / C_b)^alpha."""
    process = et.Diffusion((x,), sp.Matrix([x - x**3]), sp.Matrix([[(1 + x**2) / 100]]), convention)
    assert transition_time(process, LINE[:, :1]).details["prefactor"] == pytest.approx(math.pi * prefactor, rel=1e-5)


def test_the_factor_of_a_valley_with_noise_that_follows_the_curvature():
    flat = et.Diffusion((x,), sp.Matrix([x - x**3]), sp.Matrix([[(1 + x**2) / 100]]))
    ratio = transition_time(sgd_like(0.02), LINE).mean / transition_time(flat, LINE[:, :1]).mean
    assert ratio == pytest.approx(riccati_by_hand(), rel=1e-4)
    assert ratio == pytest.approx(2.7386, abs=1e-3)


def riccati_by_hand():
    """The same factor from the scalar equation V' (r' - 2 kappa' / C) = 2 r kappa (1 - r / 2), r(a) = 2."""
    from scipy.integrate import solve_ivp

    def kappa(s):
        return 1 + 3 * (1 - s**2) ** 2

    def slope(s, u):
        change = -12 * s * (1 - s**2)  # of kappa
        r = u[0]
        return [2 * change / (1 + s**2) + 2 * r * (kappa(s) - kappa(s) * r / 2) / (s**3 - s), change / (r * (1 + s**2))]

    return math.exp(solve_ivp(slope, (-1 + 1e-6, -1e-6), [2.0, 0.0], method="LSODA", rtol=1e-10, atol=1e-12).y[1, -1])


def test_the_exact_generator_tends_to_it():
    """A valley with curvature-following noise: the ratio exact / law extrapolates to 1, and not to 1.1."""
    noises, ratios = [0.1, 0.08, 0.06], []
    for noise in noises:
        problem = et.EscapeProblem(sgd_like(noise), (-1, 0), et.HalfSpace((1, 0), 1))
        exact = et.exact.escape_time(problem, cells=(200, 96), box=((-2.2, 1), (-1.9, 1.9)))
        ratios.append(exact.mean / transition_time(sgd_like(noise), LINE).mean)
    limit = float(np.polyfit(noises, ratios, 2)[-1])
    assert limit == pytest.approx(1.0, abs=0.04)
    assert limit != pytest.approx(1.1, abs=0.04)


def test_without_detailed_balance_the_exact_generator_tends_to_it():
    """Maier-Stein with two mirror paths out, off the axis."""
    ratios, noises = [], [0.01, 0.0075, 0.005]
    for noise in noises:
        process = et.maier_stein(diffusion=noise, alpha=40, mu=2)
        path = minimum_action_path(process, (-1, 0), (0, 0))
        law = transition_time(process, path.points)
        assert law.details["mismatch"] < 1e-3
        problem = et.EscapeProblem(process, (-1, 0), et.HalfSpace((1, 0), 0.4))
        exact = et.exact.escape_time(problem, box=((-1.4, 0.4), (-0.5, 0.5)), cells=(320, 200))
        ratios.append(exact.mean / (law.details["prefactor"] * math.exp(path.action) / 2))
    limit = float(np.polyfit(noises, ratios, 2)[-1])
    assert limit == pytest.approx(1.0, abs=0.05)
    assert limit != pytest.approx(1.2, abs=0.05)


def test_what_the_law_does_not_cover_is_refused():
    with pytest.raises(InvalidInput, match="sink to a saddle"):
        transition_time(sgd_like(0.02), LINE[::-1])
    with pytest.raises(InvalidInput, match="drift vanishes"):
        transition_time(sgd_like(0.02), LINE[:-20])
    slow = et.maier_stein(diffusion=0.01, alpha=10)  # arrives aslant: the rates at the saddle are 1 and -1
    with pytest.raises(RouteNotApplicable, match="unstable direction"):
        transition_time(slow, minimum_action_path(slow, (-1, 0), (0, 0)).points)
