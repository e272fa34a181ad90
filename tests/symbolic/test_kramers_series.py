"""Kramers' time with corrections: closed forms, and residual orders against the double integral."""

import numpy as np
import pytest
import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.symbolic.kramers_series import mean_saddle_time_series, mean_transition_time_series
from tests.symbolic.convergence import measured_order

x = sp.Symbol("x", real=True)
D = sp.Symbol("D", positive=True)
QUARTIC = (x**2 - 1) ** 2 / 4
SKEW = x**4 / 4 - x**3 / 3 - x**2  # U' = (x + 1) x (x - 2): minima -1 and 2, saddle 0


def residuals(series, start, saddle, end, spoil=0.0, hottest=0.004):
    """Mean first-passage time in SKEW by cumulative Simpson sums (no series in it) against the expansion."""
    from scipy.integrate import cumulative_simpson, simpson

    values = [hottest / 2 ** (j / 2) for j in range(6)]
    grid = np.linspace(-1.6, end, 100_001)
    behind = np.searchsorted(grid, start)
    U = sp.lambdify(x, SKEW)
    prefactor = sp.lambdify(D, series.prefactor * sp.exp((SKEW.subs(x, start) - SKEW.subs(x, saddle)) / D))
    correction = sp.lambdify(D, series.correction)
    last, power = float(series.coefficients[-1]), float(series.step * (len(series.coefficients) - 1))
    found = []
    for value in values:
        inner = cumulative_simpson(np.exp(-(U(grid) - U(start)) / value), x=grid, initial=0)[behind:]
        time = simpson(np.exp((U(grid[behind:]) - U(saddle)) / value) * inner, x=grid[behind:]) / value
        found.append(time / prefactor(value) - correction(value) - spoil * last * value**power)
    return values, found


def test_quartic_double_well():
    series = mean_transition_time_series(QUARTIC, x, -1, 0, D)
    assert series.coefficients == (1, sp.Rational(3, 2), sp.Rational(57, 8))
    assert sp.simplify(series.prefactor - sp.sqrt(2) * sp.pi * sp.exp(1 / (4 * D))) == 0


def test_quartic_from_either_side():
    assert mean_transition_time_series(QUARTIC, x, 1, 0, D).series == (
        mean_transition_time_series(QUARTIC, x, -1, 0, D).series
    )


def test_any_landscape_to_first_order():
    U, a, b = sp.Function("U"), sp.Symbol("a"), sp.Symbol("b")
    series = mean_transition_time_series(U(x), x, a, b, D)
    ha, hb = U(a).diff(a, 2), -U(b).diff(b, 2)
    well = 5 * U(a).diff(a, 3) ** 2 / (24 * ha**3) - U(a).diff(a, 4) / (8 * ha**2)
    barrier = 5 * U(b).diff(b, 3) ** 2 / (24 * hb**3) + U(b).diff(b, 4) / (8 * hb**2)
    assert sp.simplify(series.coefficients[1] - well - barrier) == 0
    assert sp.simplify(series.prefactor - 2 * sp.pi / sp.sqrt(ha) / sp.sqrt(hb) * sp.exp((U(b) - U(a)) / D)) == 0
    assert len(series.coefficients) == 3


def test_general_formula_evaluates_to_the_concrete_one():
    U, a, b = sp.Function("U"), sp.Symbol("a"), sp.Symbol("b")
    general = mean_transition_time_series(U(x), x, a, b, D).coefficients
    concrete = mean_transition_time_series(SKEW, x, -1, 0, D).coefficients
    filled = [c.subs(U, sp.Lambda(x, SKEW)).doit().subs({a: -1, b: 0}) for c in general]
    assert tuple(filled) == concrete


def test_symmetric_barrier_halves_the_time_to_every_order():
    whole = mean_transition_time_series(QUARTIC, x, -1, 0, D)
    half = mean_saddle_time_series(QUARTIC, x, -1, 0, D)
    assert sp.expand(2 * half.series - whole.series) == 0


@pytest.mark.parametrize("mirror", [1, -1])
def test_time_to_the_saddle_of_a_skew_barrier(mirror):
    """Cubic well x^2/2 - x^3/3: 4/3 / sqrt(2 pi) sqrt(D); the mirrored one must give the same time."""
    U = (x**2 / 2 - x**3 / 3).subs(x, mirror * x)
    series = mean_saddle_time_series(U, x, 0, mirror, D, order=1)
    assert series.step == sp.Rational(1, 2)
    assert sp.simplify(series.coefficients[1] - sp.Rational(4, 3) / sp.sqrt(2 * sp.pi)) == 0


@pytest.mark.parametrize("order", [0, 1, 2])
def test_transition_time_residual_vanishes_at_the_next_order(order):
    series = mean_transition_time_series(SKEW, x, -1, 0, D, order)
    assert measured_order(*residuals(series, -1, 0, 0.6)) == pytest.approx(order + 1, abs=0.1)


@pytest.mark.parametrize("order", [1, 2])
def test_saddle_time_residual_vanishes_at_the_next_half_order(order):
    series = mean_saddle_time_series(SKEW, x, -1, 0, D, order)
    assert measured_order(*residuals(series, -1, 0, 0, hottest=0.0005)) == pytest.approx(order + 0.5, abs=0.1)


@pytest.mark.parametrize(("series", "end"), [(mean_transition_time_series, 0.6), (mean_saddle_time_series, 0)])
def test_a_last_coefficient_off_by_ten_percent_spoils_the_order(series, end):
    """Negative control."""
    found = series(SKEW, x, -1, 0, D, 2)
    spoiled = measured_order(*residuals(found, -1, 0, end, spoil=-0.1))
    clean = measured_order(*residuals(found, -1, 0, end))
    assert spoiled < clean - 0.2


def test_critical_points_in_floats_give_the_same_numbers():
    tilted = QUARTIC + x / 10
    minimum, saddle, _ = sorted(float(r) for r in sp.Poly(tilted.diff(x), x).nroots())
    exact = [sp.CRootOf(tilted.diff(x), k) for k in (0, 1)]
    floats = mean_transition_time_series(tilted, x, minimum, saddle, D)
    roots = mean_transition_time_series(tilted, x, *exact, D)
    for one, other in zip(floats.coefficients, roots.coefficients, strict=True):
        assert float(one) == pytest.approx(float(other), rel=1e-9)


def test_the_factors_are_kept():
    series = mean_transition_time_series(SKEW, x, -1, 0, D, 1)
    assert series.coefficients[1] == series.well.coefficients[1] + series.barrier.coefficients[1]


def test_the_side_must_be_known():
    U, a, b = sp.Function("U"), sp.Symbol("a"), sp.Symbol("b")
    with pytest.raises(InvalidInput, match="pass side='left'"):
        mean_saddle_time_series(U(x), x, a, b, D)
    given = mean_saddle_time_series(U(x), x, a, b, D, order=1, side="left")
    hb = -U(b).diff(b, 2)
    assert (
        sp.simplify(given.coefficients[1] + 2 * U(b).diff(b, 3) / 3 / sp.sqrt(2 * sp.pi) / hb ** sp.Rational(3, 2)) == 0
    )
    with pytest.raises(InvalidInput, match="one side only"):
        mean_saddle_time_series(U(x), x, a, b, D, side="both")


def test_minimum_and_saddle_in_the_wrong_order_are_refused():
    with pytest.raises(InvalidInput, match="expected a minimum"):
        mean_transition_time_series(QUARTIC, x, 0, -1, D)
