"""EscapeProblem refuses what cannot be asked; EscapeTime says how far to trust it."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import EscapeTimeError, InvalidInput, RouteNotApplicable

WELL = et.langevin(et.landscapes.double_well(), temperature=0.05)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: et.EscapeProblem(WELL, 0.5, et.Interval(-math.inf, 0)), "not inside"),
        (lambda: et.EscapeProblem(WELL, 0.0, et.Interval(-math.inf, 0)), "not inside"),
        (lambda: et.EscapeProblem(WELL, -1.0, et.Interval(-math.inf, math.inf)), "no exit"),
        (lambda: et.EscapeProblem(WELL, [-1.0, 0.0], et.Interval(-2, 0)), "1 finite number"),
        (lambda: et.EscapeProblem(WELL, math.nan, et.Interval(-2, 0)), "1 finite number"),
        (lambda: et.EscapeProblem(WELL, "left", et.Interval(-2, 0)), "1 number"),
        (lambda: et.EscapeProblem(WELL, -1.0, et.Ball([0, 0], 1)), "in 2; use one of 1"),
        (lambda: et.EscapeProblem(WELL, -1.0, (-2, 0)), "Expected a domain"),
        (lambda: et.langevin(et.landscapes.double_well(), temperature=-0.1), "positive finite temperature"),
        (lambda: et.langevin(et.landscapes.double_well(), temperature=0), "positive finite temperature"),
        (lambda: et.langevin(et.landscapes.double_well(), temperature="hot"), "positive finite temperature"),
        (lambda: et.langevin(et.landscapes.double_well(), temperature=math.nan), "positive finite temperature"),
        (lambda: et.langevin("x**2", temperature=1), "Expected a Landscape"),
    ],
)
def test_a_bad_question_gets_a_sentence(ask, says):
    with pytest.raises(InvalidInput, match=says) as caught:
        ask()
    assert isinstance(caught.value, EscapeTimeError)


@pytest.mark.parametrize(
    ("loss", "where"),
    [("abs(x) + x**2", "0.0"), ("1/(x + 1/2) + x**2", "-0.5"), ("log(x + 2)", "-2.0"), ("sqrt(x**2)", "0.0")],
)
def test_a_loss_undefined_in_the_domain_is_refused_with_the_place(loss, where):
    process = et.langevin(et.Landscape.parse(loss), temperature=0.1)
    with pytest.raises(InvalidInput, match=rf"near \[{where}\]"):
        et.EscapeProblem(process, -1.0, et.Interval(-3, 1))


def test_a_power_of_a_negative_number_is_not_taken_for_smooth():
    x = sp.Symbol("x", real=True)
    et.EscapeProblem(et.langevin(et.Landscape(2**x + x**2), temperature=0.1), 0.5, et.Interval(-1, 1))
    with pytest.raises(InvalidInput, match=r"\(-2\)\*\*x"):
        et.EscapeProblem(et.langevin(et.Landscape((-2) ** x), temperature=0.1), 0.5, et.Interval(-1, 1))


def test_the_same_loss_is_welcome_where_it_is_smooth():
    process = et.langevin(et.Landscape.parse("1/x + x"), temperature=0.1)
    assert et.EscapeProblem(process, 1.0, et.Interval(0.1, 3)).start == (1.0,)


def test_a_bad_point_outside_a_round_domain_does_not_matter():
    loss = et.Landscape.parse("x**2 + y**2 + 1/(x + y - 2.1)")
    process = et.langevin(loss, temperature=0.1)
    et.EscapeProblem(process, [0.0, 0.0], et.Ball([0, 0], 1.0))
    with pytest.raises(InvalidInput, match="undefined"):
        et.EscapeProblem(process, [0.0, 0.0], et.Box([-1, -1], [1.5, 1.5]))


def test_intervals_of_the_three_kinds():
    made = {"method": "m", "source": ("kramers1940",), "time_unit": "t"}
    statistical = et.EscapeTime(mean=10.0, stderr=1.0, paths=100, **made)
    assert statistical.interval(0.95) == pytest.approx((10 - 1.959963984540054, 10 + 1.959963984540054))
    assert et.EscapeTime(mean=10.0, stderr=1.0, **made).interval(0.5) == (9.0, 11.0)
    assert np.isnan(et.EscapeTime(mean=10.0, stderr=math.nan, **made).interval()).all()
    own = et.EscapeTime(mean=1.0, stderr=0.1, interval_at=lambda level: (0.0, level), **made)
    assert own.interval(0.9) == (0.0, 0.9)
    with pytest.raises(InvalidInput, match="between 0 and 1"):
        statistical.interval(95)


def test_an_answer_cites_its_papers_and_prints_its_formula():
    answer = et.theory.escape_time(et.EscapeProblem(WELL, -1.0, et.Interval(-math.inf, 1.0)))
    assert any("Kramers" in entry for entry in answer.cite())
    assert "\\pi" in answer._repr_html_()
    assert str(answer).startswith("659.")


def test_processes_refuse_what_is_not_a_diffusion():
    (x,) = sp.symbols("x,", real=True)
    a = sp.Symbol("a")
    with pytest.raises(InvalidInput, match="1 x 1"):
        et.Diffusion((x,), sp.Matrix([x, x]), sp.Matrix([[1]]))
    with pytest.raises(InvalidInput, match="symmetric"):
        et.Diffusion(sp.symbols("x y", real=True), sp.zeros(2, 1), sp.Matrix([[1, 1], [0, 1]]))
    with pytest.raises(InvalidInput, match="symbols a"):
        et.Diffusion((x,), sp.Matrix([-a * x]), sp.Matrix([[1]]))
    with pytest.raises(InvalidInput):
        et.Diffusion((x,), sp.Matrix([-x]), sp.Matrix([[1]]), "no such convention")


def test_conventions_become_ito():
    (x,) = sp.symbols("x,", real=True)
    D = sp.Matrix([[1 + x**2]])
    for convention, drift in (("ito", 0), ("stratonovich", x), ("haenggi-klimontovich", 2 * x)):
        assert sp.simplify(et.Diffusion((x,), sp.Matrix([0]), D, convention).to_ito().drift[0] - drift) == 0


def test_chains_and_underdamped_processes_are_problems_that_diffusions_laws_do_not_answer():
    well = et.landscapes.double_well()
    for process in (
        et.heavy_ball(well, lr=0.1, momentum=0.5),
        et.underdamped_langevin(well, temperature=0.2, friction=1.0),
    ):
        problem = et.EscapeProblem(process, -1.0, et.Interval(-math.inf, 0.0))
        with pytest.raises(RouteNotApplicable, match=r"simulate\.escape_time"):
            et.theory.escape_time(problem)
        with pytest.raises(RouteNotApplicable, match="answers diffusions"):
            et.theory.kramers1940.escape_time(problem)
    with pytest.raises(InvalidInput, match="not inside"):
        et.EscapeProblem(process, 1.0, et.Interval(-math.inf, 0.0))
    with pytest.raises(InvalidInput, match="Expected a process such as langevin"):
        et.EscapeProblem(well, 1.0, et.Interval(-math.inf, 0.0))


def test_the_diffusion_of_sgd_is_answered_by_the_exact_route():
    well = et.landscapes.double_well()
    sgd = et.sgd(well, lr=0.1, covariance=2.0)
    domain = et.Interval(-math.inf, 1.0)
    thermal = et.langevin(well, temperature=0.1)
    means = [et.exact.escape_time(et.EscapeProblem(p, -1.0, domain)).mean for p in (sgd, thermal)]
    assert means[0] == pytest.approx(means[1], rel=1e-12)
    kramers = et.theory.escape_time(et.EscapeProblem(sgd, -1.0, domain))
    assert kramers.mean == pytest.approx(means[0], rel=0.25)
