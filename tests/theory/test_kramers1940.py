"""Kramers' law: exact formulas where the critical points are rational, and refusals where it does not apply."""

import math

import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.theory.kramers1940 import D

CROSS, TOUCH = et.Interval(-math.inf, 1.0), et.Interval(-math.inf, 0.0)


def problem(landscape, start, domain, temperature=0.05):
    return et.EscapeProblem(et.langevin(landscape, temperature=temperature), start, domain)


def test_double_well_is_the_textbook_number():
    crossing = et.theory.escape_time(problem(et.landscapes.double_well(), -1.0, CROSS))
    assert sp.simplify(crossing.formula - sp.sqrt(2) * sp.pi * sp.exp(1 / (4 * D))) == 0
    assert crossing.mean == pytest.approx(math.sqrt(2) * math.pi * math.exp(5), rel=1e-12)
    assert (crossing.details["barrier"], crossing.details["barrier_over_D"]) == pytest.approx((0.25, 5.0))


def test_reaching_the_saddle_takes_half_the_time():
    touching = et.theory.escape_time(problem(et.landscapes.double_well(), -1.0, TOUCH))
    assert sp.simplify(touching.formula - sp.pi / sp.sqrt(2) * sp.exp(1 / (4 * D))) == 0


def test_a_boundary_one_thermal_width_behind_the_saddle():
    D0 = 0.01
    near = et.theory.escape_time(problem(et.landscapes.double_well(), -1.0, et.Interval(-math.inf, math.sqrt(D0)), D0))
    full = et.theory.escape_time(problem(et.landscapes.double_well(), -1.0, CROSS, D0))
    assert near.mean / full.mean == pytest.approx(0.8413447, abs=1e-4)


def test_start_anywhere_in_the_well_gives_the_same():
    times = {
        round(et.theory.escape_time(problem(et.landscapes.double_well(), s, CROSS)).mean, 9) for s in (-1.7, -1.0, -0.4)
    }
    assert len(times) == 1


def test_eyring_kramers_factor_of_the_valley():
    wide = et.theory.escape_time(
        problem(et.landscapes.double_well_with_valley(1, 1), [-1.0, 0.0], et.HalfSpace([1, 0], 1))
    )
    narrow = et.theory.escape_time(
        problem(et.landscapes.double_well_with_valley(1, 4), [-1.0, 0.0], et.HalfSpace([1, 0], 1))
    )
    assert sp.simplify(narrow.formula / wide.formula) == 2
    assert narrow.method == "Eyring-Kramers"


def test_rates_over_two_saddles_add():
    triple = et.Landscape.parse("x**2 * (x**2 - 1)**2")  # minima at -1, 0, 1; saddles at +-1/sqrt(3)
    both = et.theory.escape_time(problem(triple, 0.0, et.Interval(-1.0, 1.0), 0.01))
    one = et.theory.escape_time(problem(triple, 0.0, et.Interval(-0.578, 1.0), 0.01))
    assert len(both.details["saddles"]) == 2
    right = both.mean * 2  # by symmetry each pass alone takes twice as long
    assert one.mean == pytest.approx(1 / (1 / right + 1 / (right * 0.5)), rel=0.01)


def test_cubic_well_needs_no_wall_behind_the_saddle():
    over = et.theory.escape_time(problem(et.landscapes.cubic_well(), 0.0, et.Interval(-math.inf, 2.0), 0.01))
    assert sp.simplify(over.formula - 2 * sp.pi * sp.exp(1 / (6 * D))) == 0


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: problem(et.landscapes.flat(), 0.0, et.Interval(-1, 1)), "flat"),
        (lambda: problem(et.landscapes.double_well(), -1.0, CROSS, 0.5), "barrier well above"),
        (lambda: problem(et.landscapes.double_well(), 0.5, et.Interval(0.2, 0.8)), "no well"),
        (lambda: problem(et.landscapes.double_well(), -1.0, et.Interval(-math.inf, 1.5)), "second well"),
        (lambda: problem(et.landscapes.double_well(), -1.0, et.Interval(-math.inf, -0.2), 0.01), "before any saddle"),
        (lambda: problem(et.landscapes.double_well(), -1.0, et.Interval(-math.inf, -0.5), 0.01), "No saddle"),
        (lambda: problem(et.landscapes.double_well(), -1.0, et.Interval(-1.2, 0.0), 0.01), "lower than the pass"),
        (lambda: problem(et.landscapes.quadratic(1.0), 0.0, et.Interval(-1, 1), 0.1), "No saddle"),
        (lambda: problem(et.landscapes.double_well(), -1.0, CROSS, 1e-4), "beyond a float"),
        (
            lambda: problem(et.landscapes.double_well_with_valley(), [-1.0, 0.0], et.HalfSpace([1, 1], 0.0), 0.02),
            "at an angle",
        ),
    ],
)
def test_where_the_law_does_not_hold_it_is_refused(ask, says):
    with pytest.raises(RouteNotApplicable, match=says):
        et.theory.escape_time(ask())


def test_other_noise_is_sent_to_other_routes():
    (x,) = sp.symbols("x,", real=True)
    multiplicative = et.Diffusion((x,), sp.Matrix([-x]), sp.Matrix([[1 + x**2]]))
    with pytest.raises(RouteNotApplicable, match="exact"):
        et.theory.escape_time(et.EscapeProblem(multiplicative, 0.0, et.Interval(-1, 1)))
    with pytest.raises(InvalidInput, match="0, 1 or 2"):
        et.theory.escape_time(problem(et.landscapes.double_well(), -1.0, CROSS), order=3)
