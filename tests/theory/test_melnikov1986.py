"""Kramers' turnover: the depopulation factor in its limits, the barrier's orbit, exact and simulated escape."""

import math

import mpmath as mp
import pytest

import escapetime as et
from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.exact import phase_space
from escapetime.theory import melnikov1986
from tests.statistics import assert_agrees, assert_control_fails

WELL = et.landscapes.double_well()
ACROSS = et.Interval(-math.inf, 1.0)


def problem(temperature, friction, mass=1.0, domain=ACROSS):
    process = et.underdamped_langevin(WELL, temperature=temperature, friction=friction, mass=mass)
    return et.EscapeProblem(process, -1.0, domain)


@pytest.mark.parametrize("delta", [1e-3, 0.1, 1.0, 7.0])
def test_depopulation_against_its_integral(delta):
    def rate(s):
        return mp.log(-mp.expm1(-delta * (s * s + 0.25))) / (s * s + 0.25)

    ends = [0, 0.5, 2, 10, 1 / math.sqrt(delta), 3 / math.sqrt(delta), 10 / math.sqrt(delta)]
    value = mp.exp(mp.quad(rate, sorted(ends)) / mp.pi)
    assert melnikov1986.depopulation(delta) == pytest.approx(float(value), rel=1e-9)


def test_depopulation_in_its_limits():
    for delta in (1e-6, 1e-5, 1e-4):
        small = delta * math.exp(float(mp.zeta(0.5)) * math.sqrt(delta / math.pi))
        assert melnikov1986.depopulation(delta) == pytest.approx(small, rel=0.2 * delta)
    assert melnikov1986.depopulation(1e3) == pytest.approx(1, abs=1e-12)
    values = [melnikov1986.depopulation(10.0**k) for k in range(-6, 4)]
    assert values == sorted(values)
    with pytest.raises(InvalidInput, match="positive"):
        melnikov1986.depopulation(0.0)


def test_two_wells():
    assert melnikov1986.turnover(2.0) == melnikov1986.depopulation(2.0)
    assert melnikov1986.turnover(1e-9, 3e-9) / melnikov1986.turnover(1e-9) == pytest.approx(0.75, abs=1e-4)
    assert melnikov1986.turnover(50.0, 60.0) == pytest.approx(1, abs=1e-5)


def test_action_of_the_orbit_at_the_barrier():
    assert melnikov1986.barrier_action(WELL, -1.0, 0.0, mass=4.0) == pytest.approx(8 / 3, rel=1e-9)
    assert melnikov1986.barrier_action(WELL, 1.0, 0.0) == pytest.approx(4 / 3, rel=1e-9)
    cubic = et.Landscape.parse("x**2 / 2 - x**3 / 3")  # 6/5 from -1/2 to 1
    assert melnikov1986.barrier_action(cubic, 0.0, 1.0) == pytest.approx(6 / 5, rel=1e-9)


@pytest.mark.parametrize("friction", [1.0, 0.1])
def test_turnover_against_the_exact_times(friction):
    # to 3 percent at the exponent 20, and closer the weaker the noise
    gaps = []
    for exponent in (10, 20):
        law = et.theory.escape_time(problem(0.25 / exponent, friction))
        gaps.append(law.mean / phase_space.escape_time(problem(0.25 / exponent, friction)).mean - 1)
    assert abs(gaps[1]) < 0.03
    assert abs(gaps[1]) < 0.6 * abs(gaps[0])


def test_turnover_against_simulation():
    # weakly damped: without the factor the law is off by almost three
    run = et.simulate.escape_time(problem(0.05, 0.03), paths=3000, dt=0.1, seed=5, engine="cpu")
    law = et.theory.escape_time(problem(0.05, 0.03))
    bias = 0.2  # the law's own error at the exponent 5, about one over it
    assert_agrees(math.log(run.mean), run.stderr / run.mean, math.log(law.mean), bias=bias)
    assert_control_fails(math.log(run.mean), run.stderr / run.mean, math.log(law.details["kramers"]), bias=bias)


def test_large_friction_is_the_overdamped_law():
    slow = et.theory.escape_time(problem(0.025, 1e4)).mean / 1e4
    assert slow == pytest.approx(math.sqrt(2) * math.pi * math.exp(10), rel=1e-6)


def test_formula_gives_the_number():
    law = et.theory.escape_time(problem(0.025, 0.1))
    (factor,) = law.formula.atoms(melnikov1986._UPSILON)
    value = law.formula.subs(melnikov1986.D, 0.025).replace(
        melnikov1986._UPSILON, lambda d: melnikov1986.depopulation(float(d))
    )
    assert float(value) == pytest.approx(law.mean, rel=1e-12)
    assert float(factor.args[0].subs(melnikov1986.D, 0.025)) == pytest.approx(law.details["delta"], rel=1e-12)


def test_refusals():
    model = et.landscapes.matched_quartic()
    ball = et.heavy_ball(model.landscape, lr=0.01, momentum=0.9, covariance=model.covariance)
    with pytest.raises(RouteNotApplicable, match="depends on the position"):
        et.theory.escape_time(et.EscapeProblem(ball.limit, -1.0, ACROSS))
    with pytest.raises(RouteNotApplicable, match="widths"):
        et.theory.escape_time(problem(0.025, 1.0, domain=et.Interval(-math.inf, 0.0)))
    wide = et.underdamped_langevin(et.Landscape.parse("x**2 / 2 - x**3 / 3"), temperature=0.2, friction=1.0)
    with pytest.raises(RouteNotApplicable, match="above the temperature"):
        et.theory.escape_time(et.EscapeProblem(wide, 0.0, et.Interval(-math.inf, 5.0)))
    plane = et.underdamped_langevin(et.landscapes.double_well_with_valley(1, 4), temperature=0.02, friction=1.0)
    with pytest.raises(RouteNotApplicable, match="one dimension"):
        et.theory.escape_time(et.EscapeProblem(plane, (-1.0, 0.0), et.HalfSpace([1.0, 0.0], 1.0)))
