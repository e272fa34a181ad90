"""The one-dimensional law for noise that depends on the position, against quadrature and in every convention."""

import math

import numpy as np
import pytest

import escapetime as et
from escapetime.errors import RouteNotApplicable
from escapetime.theory import gardiner2009

MODEL = et.landscapes.matched_quartic()
ACROSS = et.Interval(-math.inf, 1.0)


def process(ratio, convention="ito"):
    sgd = et.sgd(MODEL.landscape, lr=1 / ratio, covariance=MODEL.covariance)
    return et.Diffusion(sgd.variables, sgd.drift, sgd.diffusion, convention, sgd.time_unit, sgd.landscape)


@pytest.mark.parametrize(("convention", "alpha"), [("ito", 0), ("stratonovich", 0.5), ("haenggi-klimontovich", 1)])
def test_prefactor_in_each_convention(convention, alpha):
    ratios = [40.0, 80.0, 160.0]
    errors = []
    for ratio in ratios:
        problem = et.EscapeProblem(process(ratio, convention), -1.0, ACROSS)
        law = gardiner2009.escape_time(problem)
        assert law.details["prefactor"] == pytest.approx(math.pi * 2**alpha)
        assert law.details["exponent"] == pytest.approx(2 * ratio * (math.log(2) - 0.5))
        errors.append(et.exact.escape_time(problem).mean / law.mean - 1)
    assert abs(errors[-1]) < 0.011
    np.testing.assert_allclose(errors[0] / errors[2], 4, rtol=0.1)  # of first order in lr / B


def test_rates_over_two_ends_add_and_theory_picks_this_law():
    three = et.Landscape.parse("x**2 * (x**2 - 1)**2", box=[(-2, 2)])
    sgd = et.sgd(three, lr=0.01)
    problem = et.EscapeProblem(et.Diffusion(sgd.variables, sgd.drift, sgd.diffusion), 0.0, et.Interval(-1, 1))
    both = et.theory.escape_time(problem)
    one = gardiner2009.transition_time(problem.process, both.details["sink"], both.details["sources"][0])
    assert both.mean == pytest.approx(one.mean / 2)
    assert both.mean == pytest.approx(et.exact.escape_time(problem).mean, rel=0.1)


@pytest.mark.parametrize(
    ("start", "domain", "says"),
    [
        (-1.0, et.Interval(-math.inf, 0.0), "widths behind"),
        (-1.0, et.Interval(-math.inf, -0.5), "exactly one barrier"),
        (-1.0, et.Interval(-math.inf, 2.0), "exactly one barrier"),
        (0.5, et.Interval(0.4, 0.6), "no sink"),
    ],
)
def test_other_geometry_is_refused(start, domain, says):
    with pytest.raises(RouteNotApplicable, match=says):
        gardiner2009.escape_time(et.EscapeProblem(process(30), start, domain))


def test_low_barriers_are_refused():
    with pytest.raises(RouteNotApplicable, match="well above 1"):
        gardiner2009.transition_time(process(2), -1.0, 0.0)
