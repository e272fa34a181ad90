"""Every engine against the exact routes, at a million paths: a standard error is below a tenth of a percent."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from tests.simulate.chain_reference import mean_steps
from tests.statistics import assert_agrees, assert_control_fails

MILLION = 1_000_000
x, y = sp.symbols("x y", real=True)


def mean(problem, **options):
    answer = et.simulate.escape_time(problem, paths=MILLION, seed=2, engine="cpu", **options)
    assert answer.censored == 0
    return answer


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_brownian_motion_leaves_an_interval(dtype):
    """Exact in law, time step and all: the mean is (1 - x0^2) / (2 D)."""
    brownian = et.EscapeProblem(et.langevin(et.landscapes.flat(), temperature=0.5), 0.3, et.Interval(-1, 1))
    answer = mean(brownian, dt=0.02, dtype=dtype)
    assert_agrees(answer.mean, answer.stderr, 0.91)
    assert_control_fails(answer.mean, answer.stderr, 0.91 * 1.006)


def test_quadrature_of_the_double_well():
    """The bias of the scheme is of first order: two time steps remove it."""
    problem = et.EscapeProblem(
        et.langevin(et.landscapes.double_well(), temperature=0.3), -1.0, et.Interval(-math.inf, 1.0)
    )
    coarse, fine = mean(problem, dt=0.04), mean(problem, dt=0.02)
    value, error = 2 * fine.mean - coarse.mean, math.hypot(2 * fine.stderr, coarse.stderr)
    exact = et.exact.escape_time(problem).mean
    assert_agrees(value, error, exact)
    assert_control_fails(value, error, exact * 1.02)


def test_generator_in_two_dimensions():
    """A full, state-dependent matrix; noise that is correlated and a ball that is left anywhere."""
    diffusion = sp.Matrix([[1 + x**2 / 4, sp.Rational(1, 5)], [sp.Rational(1, 5), sp.Rational(1, 2)]]) / 5
    diagonal = sp.diag(diffusion[0, 0], diffusion[1, 1])
    process = et.Diffusion((x, y), sp.Matrix([-x, -y]), diagonal)
    problem = et.EscapeProblem(process, (0.0, 0.0), et.Box([-1, -1], [1, 1]))
    coarse, fine = mean(problem, dt=0.02), mean(problem, dt=0.01)
    value, error = 2 * fine.mean - coarse.mean, math.hypot(2 * fine.stderr, coarse.stderr)
    exact = et.exact.escape_time(problem)
    assert_agrees(value, error, exact.mean, bias=4 * exact.stderr)
    assert_control_fails(value, error, exact.mean * 1.015)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_integral_equation_of_sgd(dtype):
    """The chain has no time step to be biased by, and its noise depends on the position."""
    lr, batch = 0.1, 2.0
    process = et.sgd(et.landscapes.double_well(), lr=lr, batch_size=batch, covariance=4 * (1 + x**2 / 2))
    problem = et.EscapeProblem(process, -1.0, et.Interval(-math.inf, 0.5))
    exact = mean_steps(
        lambda v: v - lr * (v**3 - v), lambda v: lr * np.sqrt(4 * (1 + v**2 / 2) / batch), -1.0, -5.0, 0.5
    )
    answer = mean(problem, dtype=dtype)
    assert_agrees(answer.mean / lr, answer.stderr / lr, exact)
    assert_control_fails(answer.mean / lr, answer.stderr / lr, exact * 1.008)


def test_the_reference_agrees_too():
    """Slower by tens, so with fewer paths; its streams are those of the compiled engine."""
    lr = 0.2
    process = et.sgd(et.landscapes.double_well(), lr=lr, covariance=3.0)
    problem = et.EscapeProblem(process, -1.0, et.Interval(-math.inf, 0.5))
    exact = mean_steps(lambda v: v - lr * (v**3 - v), lambda v: lr * np.sqrt(3 + 0 * v), -1.0, -5.0, 0.5)
    answer = et.simulate.escape_time(problem, paths=60_000, seed=2, engine="reference")
    assert_agrees(answer.mean / lr, answer.stderr / lr, exact)
    assert_control_fails(answer.mean / lr, answer.stderr / lr, exact * 1.04)
