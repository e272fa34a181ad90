"""The exit law of a saddle: quadrature, the chain's integral equation, and simulation of a chain with memory."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.exact import chain
from escapetime.theory import day1995
from tests.statistics import assert_agrees, assert_control_fails


def test_constants_are_the_cumulants_of_the_logarithm() -> None:
    p = sp.Symbol("p")
    log_moment = sp.log(2 ** (p / 2) * sp.gamma((p + 1) / 2) / sp.sqrt(sp.pi))
    assert pytest.approx(float(log_moment.diff(p).subs(p, 0)), rel=1e-14) == day1995.MEAN_LOG
    assert pytest.approx(float(log_moment.diff(p, 2).subs(p, 0)), rel=1e-14) == day1995.DEVIATION_LOG**2


@pytest.mark.parametrize(("h", "r"), [(1.0, 1.0), (0.2, 3.0)])
def test_diffusion_against_quadrature_with_its_next_term(h: float, r: float) -> None:
    for number in (100.0, 1000.0):
        heat = h * r**2 / number
        process = et.langevin(et.landscapes.quadratic(-h), temperature=heat)
        exact = et.exact.escape_time(et.EscapeProblem(process, 0.0, et.Interval(-r, r)))
        law = float(day1995.exit_time(curvature=h, diffusion=heat, radius=r))
        assert (law - exact.mean) * h * number == pytest.approx(0.5, rel=0.05)
        assert exact.details["std"] == pytest.approx(math.pi / math.sqrt(8) / h, rel=1 / number)


@pytest.mark.parametrize("lr", [0.4, 0.1])
def test_sgd_against_its_integral_equation(lr: float) -> None:
    sgd = et.sgd(et.landscapes.quadratic(-1), lr=lr, batch_size=50)
    exact = chain.escape_time(et.EscapeProblem(sgd, 0.0, et.Interval(-1, 1))).mean / lr
    mean, _ = day1995.chain_exit_steps(1 + lr, lr**2 / 50, radius=1.0)
    assert mean == pytest.approx(exact, rel=5e-3)
    without_half = mean - 0.5
    assert without_half != pytest.approx(exact, rel=5e-3)


def test_small_steps_are_the_diffusion() -> None:
    h, r, d, lr = 0.7, 1.3, 1e-4, 1e-6
    mean, deviation = day1995.chain_exit_steps(1 + lr * h, 2 * d * lr, radius=r)
    assert lr * mean == pytest.approx(float(day1995.exit_time(curvature=h, diffusion=d, radius=r)), rel=1e-5)
    assert lr * deviation == pytest.approx(math.pi / math.sqrt(8) / h, rel=1e-5)


def test_heavy_ball_against_simulation() -> None:
    lr, beta, size = 0.02, 0.9, 400
    matrix = np.array([[1 + lr, -lr * beta], [-1.0, beta]])
    enter = np.array([-lr, 1.0])
    mean, deviation = day1995.chain_exit_steps(matrix, np.outer(enter, enter) / size, radius=1.0)
    ball = et.heavy_ball(et.landscapes.quadratic(-1), lr=lr, momentum=beta, batch_size=size)
    passages = et.simulate.first_passage(et.EscapeProblem(ball, 0.0, et.Interval(-1, 1)), paths=20_000, seed=1)
    steps = passages.times / lr
    error = steps.std() / math.sqrt(len(steps))
    assert_agrees(steps.mean(), error, mean)
    assert_control_fails(steps.mean(), error, 1.01 * mean)
    assert steps.std() == pytest.approx(deviation, rel=0.03)


@pytest.mark.parametrize(
    ("matrix", "noise", "radius", "error", "message"),
    [
        (np.eye(2), np.eye(3), 1.0, InvalidInput, "one size"),
        (1.1, 0.01, -1.0, InvalidInput, "positive radius"),
        (0.9, 0.01, 1.0, RouteNotApplicable, "one real multiplier"),
        (-1.1, 0.01, 1.0, RouteNotApplicable, "one real multiplier"),
        (np.diag([1.1, 1.2]), np.eye(2), 1.0, RouteNotApplicable, "the steepest decides"),
        (np.diag([1.1, 0.5]), np.diag([0.0, 1.0]), 1.0, RouteNotApplicable, "more than 0"),
        (1.1, 1.0, 1.0, RouteNotApplicable, "much less"),
    ],
)
def test_refusals(matrix, noise, radius, error, message) -> None:
    with pytest.raises(error, match=message):
        day1995.chain_exit_steps(matrix, noise, radius=radius)
