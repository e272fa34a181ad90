"""Walks on spheres against exit times in closed form, and against steps in time where there is none."""

import math

import numpy as np
import pytest
from scipy.special import betainc
from scipy.stats import kstest

import escapetime as et
from escapetime.errors import NumericalFailure, RouteNotApplicable
from escapetime.simulate import walk_on_spheres
from escapetime.theory import getoor1961
from tests.statistics import assert_agrees, assert_control_fails, assert_not_rejected, assert_rejected


def free(dimension, alpha=1.5, **options):
    return et.levy(et.landscapes.flat(dimension), alpha=alpha, kind="isotropic", **options)


def test_balls_and_intervals_away_from_the_center():
    problems = [
        et.EscapeProblem(free(1, 0.7, scale=0.5), 0.4, et.Interval(-1.0, 3.0)),
        et.EscapeProblem(free(2, 1.2), (0.3, 0.5), et.Ball((0.0, 0.0), 1.0)),
        et.EscapeProblem(free(5, 1.8), (0.0, 0.0, 0.8, 0.0, 0.0), et.Ball((0.0,) * 5, 1.0)),
        et.EscapeProblem(free(2, 1.2), (0.3, 0.5), et.Ellipsoid((0.0, 0.0), (1.0, 2.0))),
    ]
    answers = [walk_on_spheres.escape_time(p, paths=40_000, seed=1) for p in problems]
    exact = [getoor1961.escape_time(p).mean for p in problems[:3]]
    # a linear map makes a ball of the ellipsoid, and another symmetric stable process of this one: Ryznar's form
    way = np.linspace(0, 2 * math.pi, 4000, endpoint=False)
    gauge = np.hypot(np.cos(way), np.sin(way) / 2) ** 1.2
    exact.append(exact[1] * ((1 - 0.09 - 0.0625) / (1 - 0.09 - 0.25)) ** 0.6 / gauge.mean())
    means, errors = [a.mean for a in answers], [a.stderr for a in answers]
    assert_agrees(means, errors, exact)
    for k in range(4):
        assert_control_fails(means, errors, np.array(exact) * np.where(np.arange(4) == k, 1.06, 1.0))


def test_the_place_of_the_exit():
    """From the center of a ball, P(|X| > q r) is one minus an incomplete beta function (Blumenthal, Getoor and Ray
    1961); in one dimension the side is one too."""
    answer = walk_on_spheres.escape_time(
        et.EscapeProblem(free(1, 1.5), 0.5, et.Interval(-1.0, 1.0)), paths=20_000, seed=2
    )
    right = betainc(0.75, 0.75, 0.75)
    share, error = answer.details["faces"]["upper"] / 20_000, math.sqrt(right * (1 - right) / 20_000)
    assert_agrees(share, error, right)
    assert_control_fails(share, error, right - 0.02)
    centered = walk_on_spheres.escape_time(
        et.EscapeProblem(free(3, 1.5), (0.0,) * 3, et.Ball((0.0,) * 3, 2.0)), paths=20_000, seed=3
    )
    far = np.linalg.norm(centered.details["points"], axis=1) / 2
    share = 1 - np.maximum(far, 1.0) ** -2.0  # the law of the exit makes it a beta number
    assert_not_rejected(kstest(share, lambda u: betainc(0.25, 0.75, u)).pvalue)
    assert_rejected(kstest(share, lambda u: betainc(0.275, 0.725, u)).pvalue)
    assert centered.stderr == 0
    assert centered.mean == pytest.approx(getoor1961.escape_time(
        et.EscapeProblem(free(3, 1.5), (0.0,) * 3, et.Ball((0.0,) * 3, 2.0))).mean, rel=1e-12)  # fmt: skip


def test_a_square_against_steps_in_time():
    problem = et.EscapeProblem(free(2, 1.5), (0.0, 0.0), et.Box((-1.0, -1.0), (1.0, 1.0)))
    walk = walk_on_spheres.escape_time(problem, paths=40_000, seed=4)
    steps = et.simulate.escape_time(problem, paths=20_000, dt=2e-3, seed=5)
    error = math.hypot(walk.stderr, steps.stderr)
    assert_agrees(walk.mean, error, steps.mean, bias=0.005 * walk.mean)
    disk = getoor1961.escape_time(et.EscapeProblem(free(2, 1.5), (0.0, 0.0), et.Ball((0.0, 0.0), 1.0))).mean
    assert_control_fails(walk.mean, error, disk, bias=0.005 * walk.mean)
    slab = et.EscapeProblem(free(2, 1.5), (0.0, 0.0), et.Box((-1.0, -math.inf), (1.0, math.inf)))
    wide = walk_on_spheres.escape_time(slab, paths=2000, seed=6)
    assert wide.mean > walk.mean  # a slab takes 1 / gamma(2.5), as the interval does
    assert abs(wide.mean * math.gamma(2.5) - 1) < 6 * wide.stderr * math.gamma(2.5)


@pytest.mark.parametrize(
    ("process", "domain"),
    [
        (et.levy(et.landscapes.quadratic(1.0, 1.0), alpha=1.5, kind="isotropic"), et.Ball((0.0, 0.0), 1.0)),
        (et.levy(et.landscapes.flat(2), alpha=1.5), et.Ball((0.0, 0.0), 1.0)),
        (free(2, 1.5, scale=[1.0, 2.0]), et.Ball((0.0, 0.0), 1.0)),
        (free(2), et.HalfSpace((1.0, 0.0), 1.0)),
        (free(2), et.Exterior((3.0, 0.0), 1.0)),
        (free(2), et.Box((-1.0, -math.inf), (math.inf, 1.0))),
    ],
)
def test_what_it_refuses(process, domain):
    with pytest.raises(RouteNotApplicable, match="Walks on spheres"):
        walk_on_spheres.escape_time(et.EscapeProblem(process, (0.0, 0.0), domain))


def test_walks_end_where_rounding_hides_the_boundary():
    problem = et.EscapeProblem(free(2), (0.0, 0.0), et.Ellipsoid((0.0, 0.0), (1.0, 3.0)))
    assert walk_on_spheres.escape_time(problem, paths=100_000, seed=2).details["balls"] < 20


def test_a_walk_that_does_not_end():
    problem = et.EscapeProblem(free(2, 1.9), (0.5, 0.0), et.Ball((0.0, 0.0), 1.0))
    with pytest.raises(NumericalFailure, match="max_balls"):
        walk_on_spheres.escape_time(problem, paths=1000, max_balls=1)
