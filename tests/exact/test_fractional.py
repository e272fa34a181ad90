"""The non-local generator: against closed forms, a spectral solution and simulation."""

import math

import numpy as np
import pytest
from scipy.special import betainc, gamma

import escapetime as et
from escapetime.errors import EscapeTimeWarning, InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.exact import fractional, fractional_spectral
from escapetime.exact.fractional_grid import NonlocalGrid, jump_weights
from tests.statistics import assert_agrees, assert_control_fails

BOWL, WELL = et.landscapes.quadratic(1.0), et.landscapes.double_well()


def free(alpha, start=0.0, **options):
    return et.EscapeProblem(et.levy(et.landscapes.flat(), alpha=alpha, **options), start, et.Interval(-1.0, 1.0))


def on_grids(alpha, sizes):
    """Errors against Getoor's mean exit time: at the center, and the largest of all nodes."""
    center, largest = [], []
    for n in sizes:
        grid = NonlocalGrid.of(free(alpha).process, lambda x: 0 * x, -1.0, 1.0, n, None, "central")
        mean = np.linalg.solve(grid.matrix, -np.ones(len(grid.nodes)))
        error = np.abs(mean - (1 - grid.nodes**2) ** (alpha / 2) / gamma(1 + alpha))
        center.append(error[len(error) // 2])
        largest.append(error.max())
    steps = np.log(np.array(sizes))
    return [-np.polyfit(steps, np.log(e), 1)[0] for e in (center, largest)]


@pytest.mark.parametrize("alpha", [0.6, 1.2, 1.5, 1.8])
def test_orders_of_convergence(alpha):
    """One inside, and half the index in the worst place, next to an end."""
    center, largest = on_grids(alpha, [128, 256, 512])
    assert abs(center - 1) < 0.05
    assert abs(largest - alpha / 2) < 0.03


@pytest.mark.parametrize("alpha", [0.4, 1.0, 1.5, 1.95])
@pytest.mark.parametrize("start", [0.0, 0.7])
def test_getoor(alpha, start):
    answer = fractional.escape_time(free(alpha, start, scale=2.0), cells=512)
    exact = (1 - start**2) ** (alpha / 2) / gamma(1 + alpha) / 2.0**alpha
    assert abs(answer.mean / exact - 1) < 1e-4
    assert abs(answer.mean - exact) < 3 * answer.stderr + 2e-6
    assert answer.details["exit"]["upper"] == pytest.approx(betainc(alpha / 2, alpha / 2, (1 + start) / 2), abs=2e-4)


def test_weights_are_exact_for_a_square():
    """The operator on x**2, cut at the last cell, is a moment of the Levy measure."""
    rates, beyond = jump_weights(1.3, 0.1, 50)
    at = 0.1 * np.arange(1, 51)
    constant = gamma(2.3) * math.sin(0.65 * math.pi) / math.pi
    assert np.sum(rates * at**2) == pytest.approx(constant * 5**0.7 / 0.7, rel=1e-12)
    assert beyond == pytest.approx(constant * 5**-1.3 / 1.3, rel=1e-12)


@pytest.mark.parametrize(
    ("landscape", "scale", "start", "ends"),
    [(BOWL, 0.5, 0.0, (-1.0, 1.0)), (BOWL, 0.3, 0.0, (-1.0, 2.0)), (WELL, 0.5, -1.0, (-2.0, 0.0))],
)
@pytest.mark.parametrize("alpha", [1.5, 1.8])
def test_two_solvers_agree(landscape, scale, start, ends, alpha):
    problem = et.EscapeProblem(et.levy(landscape, alpha=alpha, scale=scale), start, et.Interval(*ends))
    grid, spectral = fractional.escape_time(problem), fractional_spectral.escape_time(problem)
    assert abs(grid.mean / spectral.mean - 1) < 2e-4
    assert abs(grid.mean - spectral.mean) < 2 * grid.stderr + spectral.stderr


def test_simulation_agrees_with_drift_and_an_infinite_end():
    problem = et.EscapeProblem(et.levy(WELL, alpha=1.5, scale=0.5), -1.0, et.Interval(-math.inf, 0.0))
    exact = fractional.escape_time(problem)
    answer = et.simulate.escape_time(problem, paths=20_000, dt=2e-3, seed=1)
    bias = 0.006 * exact.mean  # of the step: one part in a hundred at twice its length
    assert_agrees(answer.mean, answer.stderr, exact.mean, bias=bias)
    assert_control_fails(answer.mean, answer.stderr, 1.06 * exact.mean, bias=bias)
    assert exact.details["std"] == pytest.approx(answer.details["passages"].times.std(), rel=0.03)


def test_the_cut_of_an_infinite_end_does_not_matter():
    problem = et.EscapeProblem(et.levy(WELL, alpha=1.5, scale=0.5), -1.0, et.Interval(-math.inf, 0.0))
    near, far = (fractional.escape_time(problem, box=(left, 0.0)) for left in (-6.0, -16.0))
    assert abs(near.mean - far.mean) < near.stderr + far.stderr
    mirrored = et.EscapeProblem(et.levy(WELL, alpha=1.5, scale=0.5), 1.0, et.Interval(0.0, math.inf))
    assert fractional.escape_time(mirrored).mean == pytest.approx(fractional.escape_time(problem).mean, rel=1e-9)


def test_several_sources_add_up():
    one = et.levy(et.landscapes.flat(), alpha=1.5, scale=[[3.0, 4.0]])
    assert one.noise_power == pytest.approx(3**1.5 + 4**1.5)
    round_noise = et.levy(et.landscapes.flat(), alpha=1.5, scale=[[3.0, 4.0]], kind="isotropic")
    assert round_noise.noise_power == pytest.approx(5**1.5)


def test_a_strong_drift_is_told_and_does_not_oscillate():
    """Pushed out at once from everywhere: the time is the distance over the speed."""
    fast = et.EscapeProblem(et.levy(et.Landscape.parse("-300*x"), alpha=0.8), 0.0, et.Interval(-1.0, 1.0))
    with pytest.warns(EscapeTimeWarning, match="upwind"):
        answer = fractional.escape_time(fast, cells=512)
    assert answer.mean == pytest.approx(1 / 300, rel=0.01)


@pytest.mark.parametrize(
    ("problem", "options", "error", "words"),
    [
        (free(2.0), {}, RouteNotApplicable, "quadrature for Gaussian"),
        (free(1.5), {"cells": 10}, InvalidInput, "at least 64"),
        (free(1.5), {"differences": "left"}, InvalidInput, "'upwind'"),
        (free(1.5), {"box": (0.5, 1.0)}, InvalidInput, "around the start"),
        (
            et.EscapeProblem(et.levy(et.landscapes.flat(), alpha=1.5), 0.0, et.Interval(-math.inf, 1.0)),
            {},
            InvalidInput,
            "point inwards",
        ),
    ],
)
def test_what_does_not_fit_is_refused(problem, options, error, words):
    with pytest.raises(error, match=words):
        fractional.escape_time(problem, **options)


@pytest.mark.parametrize(
    ("problem", "options", "error", "words"),
    [
        (free(0.8), {}, RouteNotApplicable, "index from 1"),
        (free(1.5), {"modes": 3}, InvalidInput, "at least 8"),
        (
            et.EscapeProblem(et.levy(BOWL, alpha=1.5), 0.0, et.Interval(-math.inf, 1.0)),
            {},
            RouteNotApplicable,
            "two finite ends",
        ),
        (
            et.EscapeProblem(et.levy(BOWL, alpha=1.05, scale=0.1), 0.0, et.Interval(-1.0, 2.0)),
            {"modes": 32},
            NumericalFailure,
            "fractional",
        ),
    ],
)
def test_the_spectral_solver_knows_its_limits(problem, options, error, words):
    with pytest.raises(error, match=words):
        fractional_spectral.escape_time(problem, **options)
