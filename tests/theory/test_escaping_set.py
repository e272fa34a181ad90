"""The measure of what leads out, in closed form, by sampling and by simulation; the published rate."""

import math

import numpy as np
import pytest
from scipy.special import hyp2f1

import escapetime as et
from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.stable import tail_constant
from escapetime.theory import escaping_set, zhou2020
from tests.statistics import assert_agrees, assert_control_fails

FLAT = et.landscapes.flat
ALPHAS = [0.5, 1.0, 1.5, 1.9]


def noise(alpha, dimension=2, kind="isotropic", scale=1.0):
    return et.levy(FLAT(dimension), alpha=alpha, kind=kind, scale=scale)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_closed_forms_of_isotropic_noise(alpha):
    ball = escaping_set.measure(noise(alpha, 3), (0, 0, 0), et.Ball((0, 0, 0), 2.0))
    assert ball.value == pytest.approx(tail_constant(alpha, 3) * 2**-alpha, rel=1e-11)
    ellipse = escaping_set.measure(noise(alpha), (0, 0), et.Ellipsoid((0, 0), (1.0, 2.0)))
    known = tail_constant(alpha, 2) * hyp2f1(-alpha / 2, 0.5, 1, 0.75)
    assert ellipse.value == pytest.approx(known, rel=1e-11)
    half = escaping_set.measure(noise(alpha), (0, 0), et.HalfSpace((1, 1), 2.0))
    assert half.value == pytest.approx(tail_constant(alpha) / 2 * math.sqrt(2) ** -alpha, rel=1e-11)
    assert {ball.method, ellipse.method, half.method} == {"closed form"}


@pytest.mark.parametrize("alpha", [0.7, 1.5])
def test_sampling_agrees_with_the_closed_form_of_a_box(alpha):
    box = et.Box((-1, -2), (1.5, 3))
    exact = escaping_set.measure(noise(alpha), (0.1, 0.2), box)
    nearly = escaping_set.measure(noise(alpha, scale=[[1, 1e-12], [0, 1]]), (0.1, 0.2), box, seed=1, samples=60_000)
    assert (exact.method, nearly.method) == ("closed form", "sampling")
    assert_agrees(nearly.value, nearly.stderr, exact.value)
    assert_control_fails(nearly.value, nearly.stderr, 1.04 * exact.value)


def test_independent_sources_jump_along_their_columns():
    """Each column, both ways: distances to the boundary of a disk around another point."""
    mixing, alpha, center = np.array([[1.0, 0.5], [0.0, 2.0]]), 1.3, np.array([0.2, -0.1])
    rate = escaping_set.measure(noise(alpha, kind="independent", scale=mixing), center, et.Ball((0.0, 0.0), 1.5))
    known = 0.0
    for column in (*mixing.T, *-mixing.T):
        a, b, c = column @ column, center @ column, center @ center - 1.5**2
        known += ((-b + math.sqrt(b * b - a * c)) / a) ** -alpha
    assert rate.value == pytest.approx(tail_constant(alpha) / 2 * known, rel=1e-12)
    assert rate.stderr == 0


def test_twice_the_area_and_left_twice_as_fast():
    """Nested domains are ordered by size, others are not."""
    square, slab = et.Box((-1, -1), (1, 1)), et.Box((-0.5, -4), (0.5, 4))
    rates = [escaping_set.measure(noise(1.5, kind="independent"), (0, 0), box).value for box in (square, slab)]
    assert rates[0] == pytest.approx(2 * tail_constant(1.5), rel=1e-12)
    assert rates[1] == pytest.approx(tail_constant(1.5) * (0.5**-1.5 + 4**-1.5), rel=1e-12)
    assert rates[1] > 1.4 * rates[0]


def test_the_law_in_two_dimensions_by_simulation():
    """Mean times the rate tends to one; the literal readings are off by factors."""
    bowl = et.landscapes.quadratic(4.0, 8.0)
    problem = et.EscapeProblem(et.levy(bowl, alpha=1.2, scale=0.02), (0.0, 0.0), et.Box((-1, -1), (1, 2)))
    law = escaping_set.escape_time(problem)
    answer = et.simulate.escape_time(problem, paths=4000, seed=1)
    bias = 0.03 * law.mean  # two jumps together: of the order of the inverse confinement, 1 / 400, and the step
    assert_agrees(answer.mean, answer.stderr, law.mean, bias=bias)
    literal = 1 / zhou2020.published_rate(1 / law.mean, 1.2)
    assert_control_fails(answer.mean, answer.stderr, literal, bias=bias)


def test_a_direction_that_never_leaves():
    strip = et.Box((-1, -math.inf), (1, math.inf))
    np.testing.assert_array_equal(escaping_set.gauge(strip, (0, 0), [[0.0, 1.0], [2.0, 0.0]]), [0.0, 2.0])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: escaping_set.measure(noise(2.0), (0, 0), et.Ball((0, 0), 1)), RouteNotApplicable, "below 2"),
        (lambda: escaping_set.measure(noise(1.5), (3, 0), et.Ball((0, 0), 1)), InvalidInput, "inside"),
        (
            lambda: escaping_set.escape_time(et.EscapeProblem(noise(1.5), (0, 0), et.Ball((0, 0), 1))),
            RouteNotApplicable,
            "minimum",
        ),
        (lambda: zhou2020.published_rate(1.0, 2.5), InvalidInput, "between 0 and 2"),
        (lambda: zhou2020.published_rate(1.0, 1.5, normalization="mine"), InvalidInput, "one of"),
        (lambda: zhou2020.largest_move((0.99, 0.9)), InvalidInput, "below the root"),
        (lambda: zhou2020.impulse_peak(3.0, 1.0, 0.5), InvalidInput, "between 0 and 2"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_published_rates():
    assert zhou2020.published_rate(3.0, 1.5) == pytest.approx(4.0)
    constant = tail_constant(1.5) * 1.5 / 2
    assert zhou2020.published_rate(3.0, 1.5, normalization="unit density") == pytest.approx(4.0 / constant)


def test_one_shock_moves_adam_by_a_bounded_distance():
    """The literal update, with a single gigantic gradient among zeros."""
    beta1, beta2, m, v, x = 0.9, 0.999, 0.0, 0.0, 0.0
    for step in range(400):
        g = 1e9 if step == 0 else 0.0
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        x += m / math.sqrt(v)
    assert zhou2020.largest_move((beta1, beta2)) == pytest.approx(x, rel=1e-9)


@pytest.mark.parametrize(("lr", "momentum", "peak"), [(0.01, 0.9, 0.840), (0.003, 0.9, 0.924), (0.01, 0.99, 0.547)])
def test_peak_of_the_response_to_a_shock(lr, momentum, peak):
    assert zhou2020.impulse_peak(lr, 1.0, momentum) == pytest.approx(peak, abs=6e-4)
