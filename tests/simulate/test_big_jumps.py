"""Escapes simulated jump by jump, against the law of one large jump, the generator, and the exact flow."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.stats import kstest

import escapetime as et
from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.exact import fractional
from escapetime.simulate import big_jumps
from escapetime.simulate.drift_flow import drift_flow
from escapetime.theory import escaping_set, imkeller2006
from tests.statistics import assert_agrees, assert_control_fails, assert_not_rejected, assert_rejected

BOWL, WELL = et.landscapes.quadratic(1.0), et.landscapes.double_well()


def bowl(scale, alpha=1.5):
    return et.EscapeProblem(et.levy(BOWL, alpha=alpha, scale=scale), 0.0, et.Interval(-1.0, 2.0))


def test_mean_law_and_side_of_the_exit_at_tiny_noise():
    """At this noise the next order is below 1e-6."""
    problem = bowl(1e-5)
    law = imkeller2006.escape_time(problem)
    answer = big_jumps.escape_time(problem, paths=40_000, cut=0.5, seed=1)
    share = answer.details["faces"]["upper"] / 40_000
    right = law.details["exit"]["upper"]
    measured, errors = [answer.mean, share], [answer.stderr, math.sqrt(right * (1 - right) / 40_000)]
    assert_agrees(measured, errors, [law.mean, right])
    assert_control_fails(measured, errors, [law.mean * 1.04, right])
    assert_control_fails(measured, errors, [law.mean, right * 1.06])
    times = answer.details["passages"].times
    assert_not_rejected(kstest(times / law.mean, "expon").pvalue)
    assert_rejected(kstest(times / law.mean * 1.06, "expon").pvalue)


def test_the_cut_does_not_matter_and_small_jumps_count_at_the_next_order():
    """A cut of 1 leaves out most of the two-jump correction, 14 percent here; the Gaussian brings it back."""
    problem = bowl(0.2)
    exact = fractional.escape_time(problem, cells=1024).mean
    fine = big_jumps.escape_time(problem, paths=20_000, cut=0.3, small_jumps="gaussian", dt=0.05, seed=2)
    assert_agrees(fine.mean, fine.stderr, exact, bias=0.01 * exact)
    coarse = big_jumps.escape_time(problem, paths=20_000, cut=1.0, seed=2)
    assert_control_fails(coarse.mean, coarse.stderr, exact, bias=0.01 * exact)


@pytest.mark.parametrize("kind", ["independent", "isotropic"])
def test_two_dimensions(kind):
    """The measure of what leads out of a box, for both kinds of noise."""
    process = et.levy(et.landscapes.quadratic(1.0, 3.0), alpha=1.2, scale=[1e-6, 2e-6], kind=kind)
    problem = et.EscapeProblem(process, (0.0, 0.0), et.Box((-1.0, -2.0), (1.5, 2.0)))
    answer = big_jumps.escape_time(problem, paths=20_000, cut=0.8, seed=3)
    law = escaping_set.escape_time(problem)
    if kind == "independent":
        by_hand = sum(s**1.2 * (a**-1.2 + b**-1.2) for s, a, b in [(1e-6, 1.0, 1.5), (2e-6, 2.0, 2.0)])
        c = math.gamma(2.2) * math.sin(0.6 * math.pi) / math.pi
        assert law.mean == pytest.approx(1.2 / (c * by_hand), rel=1e-9)
    bias = 4 * law.details["rate"].stderr / law.details["rate"].value * law.mean
    assert_agrees(answer.mean, answer.stderr, law.mean, bias=bias)
    assert_control_fails(answer.mean, answer.stderr, law.mean * 1.08, bias=bias)


def test_the_flow_without_a_closed_form():
    process = et.levy(WELL, alpha=1.5)  # x - x**3 has one: turn it by a term that has none
    other = et.levy(et.Landscape.parse("(x**2 - 1)**2/4 + cos(x)/5"), alpha=1.5)
    x, t = np.linspace(-3, 3, 13)[:, None], np.linspace(0, 6, 13)
    square = x[:, 0] ** 2
    exact = x[:, 0] * np.exp(t) / np.sqrt(1 + square * np.expm1(2 * t))
    np.testing.assert_allclose(drift_flow(process, 1e-8)(x, t)[:, 0], exact, atol=1e-12)
    found = drift_flow(other, 1e-8)(x, t)[:, 0]
    for start, time, end in zip(x[:, 0], t, found, strict=True):
        far = solve_ivp(lambda _, y: y - y**3 + np.sin(y) / 5, (0, time), [start], rtol=1e-11, atol=1e-12).y[0, -1]
        assert end == pytest.approx(far, abs=2e-6)  # near the saddle errors grow like exp(6/5 t)
    settled = drift_flow(other, 1e-8)(x, np.full(13, 1e9))[:, 0]
    assert abs(settled[x[:, 0] > 0] - settled[-1]).max() < 1e-7


def test_far_out_a_steep_wall_does_not_stop_the_flow():
    triple = et.levy(et.Landscape.parse("x**6/6 - 5*x**4/4 + 2*x**2"), alpha=1.5)
    x = np.array([[-1e8], [-30.0], [-1.1], [0.9], [5.0]])
    ends = drift_flow(triple, 1e-6)(x, np.full(5, 1e6))[:, 0]
    np.testing.assert_allclose(ends, [-2, -2, -2, 0, 2], atol=2e-6)


def test_what_it_refuses():
    problem = bowl(0.1)
    with pytest.raises(RouteNotApplicable, match="index below 2"):
        big_jumps.first_passage(et.EscapeProblem(et.langevin(BOWL, temperature=0.1), 0.0, et.Interval(-1, 1)))
    for options in ({"cut": 0}, {"paths": 0}, {"small_jumps": "yes"}, {"dt": 0.1}):
        with pytest.raises(InvalidInput):
            big_jumps.first_passage(problem, **options)
    flat = et.EscapeProblem(et.levy(et.landscapes.flat(), alpha=1.5), 0.0, et.Interval(-1, 1))
    with pytest.raises(InvalidInput, match="give dt"):
        big_jumps.first_passage(flat, small_jumps="gaussian")
    assert big_jumps.first_passage(problem, paths=50, max_events=1).censored.sum() > 30
