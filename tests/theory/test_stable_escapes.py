"""Closed forms for escapes by jumps (Getoor; Imkeller and Pavlyukevich) against the non-local generator."""

import math

import numpy as np
import pytest
from scipy.special import gamma

import escapetime as et
from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.exact import fractional
from escapetime.theory import getoor1961, imkeller2006

BOWL, WELL, FLAT = et.landscapes.quadratic(1.0), et.landscapes.double_well(), et.landscapes.flat
SKEWED = et.Interval(-1.0, 2.0)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 1.5, 1.9])
@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_the_two_forms_of_getoors_formula_agree(alpha, dimension):
    start = np.full(dimension, 0.2)
    process = et.levy(FLAT(dimension), alpha=alpha, scale=0.7, kind="isotropic")
    answer = getoor1961.escape_time(et.EscapeProblem(process, start, et.Ball(np.zeros(dimension), 1.5)))
    left = (2.25 - start @ start) ** (alpha / 2) * gamma(dimension / 2)
    direct = left / (0.7**alpha * 2**alpha * gamma(1 + alpha / 2) * gamma((dimension + alpha) / 2))
    assert answer.mean == pytest.approx(direct, rel=1e-12)


def test_getoor_against_the_generator():
    problem = et.EscapeProblem(et.levy(FLAT(), alpha=1.3, scale=0.5), 0.4, et.Interval(-1.0, 3.0))
    assert getoor1961.escape_time(problem).mean == pytest.approx(fractional.escape_time(problem).mean, rel=1e-5)


def test_mixed_noise_adds_up_over_its_directions():
    """Columns of length one in any direction count alike."""
    turned = [[math.cos(t) for t in (0.1, 1.0, 2.0)], [math.sin(t) for t in (0.1, 1.0, 2.0)]]
    disk = et.Ball((0.0, 0.0), 1.0)
    one, three = (
        getoor1961.escape_time(et.EscapeProblem(et.levy(FLAT(2), alpha=1.5, scale=s), (0.0, 0.0), disk)).mean
        for s in ([[1.0], [0.0]], turned)
    )
    assert one == pytest.approx(3 * three, rel=1e-12)


@pytest.mark.parametrize(
    ("process", "domain", "words"),
    [
        (et.levy(BOWL, alpha=1.5), et.Interval(-1, 1), "without drift"),
        (et.langevin(FLAT(), temperature=1.0), et.Interval(-1, 1), "without drift"),
        (et.levy(FLAT(), alpha=1.5), et.Interval(-math.inf, 1), "finite interval"),
    ],
)
def test_getoor_refuses_what_it_does_not_cover(process, domain, words):
    with pytest.raises(RouteNotApplicable, match=words):
        getoor1961.escape_time(et.EscapeProblem(process, 0.0, domain))


def test_isotropic_noise_behind_a_matrix_has_no_closed_form():
    process = et.levy(FLAT(2), alpha=1.5, scale=[1.0, 2.0], kind="isotropic")
    with pytest.raises(RouteNotApplicable, match="multiple of the identity"):
        getoor1961.escape_time(et.EscapeProblem(process, (0.0, 0.0), et.Ball((0.0, 0.0), 1.0)))


def bowl(alpha, scale, start=0.0, domain=SKEWED):
    return et.EscapeProblem(et.levy(BOWL, alpha=alpha, scale=scale), start, domain)


@pytest.mark.parametrize("alpha", [0.7, 1.2, 1.5, 1.8])
def test_both_orders(alpha):
    """The residual of the first order falls with the noise like its power alpha; of the second, faster."""
    first, second = [], []
    for scale in (0.1, 0.05, 0.025):
        problem = bowl(alpha, scale)
        exact = fractional.escape_time(problem, cells=2048).mean
        first.append(abs(exact / imkeller2006.escape_time(problem).mean - 1))
        second.append(abs(exact / imkeller2006.escape_time(problem, order=2).mean - 1))
    assert first[0] > first[1] > first[2]
    assert math.log2(first[1] / first[2]) == pytest.approx(alpha, abs=0.1)
    assert max(second[1:]) < 0.0025
    assert second[1] < first[1] / 8


@pytest.mark.parametrize("start", [0.5, -0.5])
def test_the_second_order_knows_the_start(start):
    problem = bowl(1.5, 0.05, start)
    exact = fractional.escape_time(problem, cells=2048).mean
    assert abs(exact / imkeller2006.escape_time(problem, order=2).mean - 1) < 5e-4
    assert abs(exact / imkeller2006.escape_time(problem).mean - 1) > 0.01


def test_one_infinite_end():
    problem = bowl(1.5, 0.05, domain=et.Interval(-math.inf, 1.0))
    exact = fractional.escape_time(problem, cells=2048)
    assert abs(exact.mean / imkeller2006.escape_time(problem, order=2).mean - 1) < 1e-3
    assert imkeller2006.escape_time(problem).details["exit"] == {"upper": 1.0}


def test_the_side_of_the_exit():
    problem = bowl(1.5, 0.02)
    exact, law = fractional.escape_time(problem, cells=2048), imkeller2006.escape_time(problem)
    assert exact.details["exit"]["upper"] == pytest.approx(law.details["exit"]["upper"], rel=0.01)


def test_height_does_not_matter():
    """A loss sixteen times as high changes the time by a few percent."""
    low, high = (
        fractional.escape_time(
            et.EscapeProblem(et.levy(et.landscapes.quadratic(k), alpha=1.5, scale=0.05), 0.0, SKEWED), cells=2048
        ).mean
        for k in (0.5, 8.0)
    )
    assert 1.0 < high / low < 1.04


def test_rates_between_three_wells():
    triple = et.Landscape.parse("x**6/6 - 5*x**4/4 + 2*x**2")
    rates = imkeller2006.transition_rates(et.levy(triple, alpha=1.5, scale=0.1), [-2, 0, 2], [-1, 1])
    np.testing.assert_allclose(rates.sum(axis=1), 0, atol=1e-15)
    # from the middle either side is one away; from the left the far well is three away
    assert rates[0, 2] / rates[0, 1] == pytest.approx(3**-1.5 / (1 - 3**-1.5))
    assert rates[1, 0] == pytest.approx(rates[1, 2])


@pytest.mark.parametrize(
    ("problem", "options", "error", "words"),
    [
        (bowl(1.5, 0.1), {"order": 3}, InvalidInput, "order 1 or 2"),
        (
            et.EscapeProblem(et.levy(WELL, alpha=1.5, scale=0.1), -1.0, et.Interval(-math.inf, 0.0)),
            {"order": 2},
            RouteNotApplicable,
            "saddle",
        ),
        (et.EscapeProblem(et.levy(FLAT(), alpha=1.5), 0.0, SKEWED), {}, RouteNotApplicable, "getoor1961"),
        (et.EscapeProblem(et.levy(BOWL, alpha=2), 0.0, SKEWED), {}, RouteNotApplicable, "below 2"),
    ],
)
def test_what_it_does_not_cover_is_refused(problem, options, error, words):
    with pytest.raises(error, match=words):
        imkeller2006.escape_time(problem, **options)


def test_wells_and_saddles_alternate():
    with pytest.raises(InvalidInput, match="ascending order"):
        imkeller2006.transition_rates(et.levy(WELL, alpha=1.5), [-1, 1], [2])
