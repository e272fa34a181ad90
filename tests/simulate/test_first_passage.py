"""First passages against closed forms, each with a control that the same check rejects."""

import math
from functools import partial

import numpy as np
import pytest
import sympy as sp
from scipy.stats import kstest

import escapetime as et
from escapetime import simulate
from tests.statistics import (
    assert_agrees,
    assert_control_fails,
    assert_covers,
    assert_miscovers,
    assert_not_rejected,
    assert_rejected,
)

# the reference engine; what holds for it holds for those that are compared with it path by path
escape_time = partial(simulate.escape_time, engine="reference")
first_passage = partial(simulate.first_passage, engine="reference")
x, y = sp.symbols("x y", real=True)
SHIFT = 0.5825971579390107  # -zeta(1/2) / sqrt(2 pi): mean overshoot of a Gaussian walk in units of its step


def brownian(start=0.0, temperature=0.5):
    return et.EscapeProblem(et.langevin(et.landscapes.flat(), temperature=temperature), start, et.Interval(-1, 1))


def walk_time(dt):
    """Mean exit time of the Gaussian walk itself from (-1, 1): u = dt + int N(x - y; 0, dt) u(y) dy, Gauss-Legendre."""
    panels = 60
    node, weight = np.polynomial.legendre.leggauss(10)
    edges = np.linspace(-1, 1, panels + 1)
    points = (edges[:-1, None] + (node + 1) / panels).ravel()
    weights = np.tile(weight / panels, panels)

    def kernel(at):
        return np.exp(-((at - points) ** 2) / (2 * dt)) / math.sqrt(2 * math.pi * dt) * weights

    u = np.linalg.solve(np.eye(len(points)) - kernel(points[:, None]), np.full(len(points), dt))
    return float(dt + kernel(0.0) @ u)


@pytest.mark.parametrize(("dt", "paths"), [(0.04, 1_000_000), (0.01, 600_000)])
def test_brownian_exit_has_no_bias_where_plain_detection_has_a_large_one(dt, paths):
    answer = escape_time(brownian(), paths=paths, dt=dt, seed=20, chunk=16_000)
    assert_agrees(answer.mean, answer.stderr, 1.0)
    assert abs(answer.mean - 1) + 2.6 * answer.stderr < 0.005  # the bias is below 0.5 % at 99 %
    assert_control_fails(answer.mean, answer.stderr, 1 + 6.5 * 1.05e-3)

    plain = escape_time(brownian(), paths=100_000, dt=dt, seed=20, correction="none")
    late = {0.04: 0.25, 0.01: 0.12}[dt]
    assert plain.mean - 1 == pytest.approx(late, abs=0.012)
    assert (1 + SHIFT * math.sqrt(dt)) ** 2 - 1 == pytest.approx(late, abs=0.01)
    assert_agrees(plain.mean, plain.stderr, walk_time(dt))
    assert_control_fails(plain.mean, plain.stderr, 1.03 * walk_time(dt))
    assert_control_fails(plain.mean, plain.stderr, 1.0)


def test_the_bias_of_the_scheme_has_no_term_of_order_one_half():
    """Ornstein-Uhlenbeck between walls: c0 sqrt(dt) + c1 dt + c2 dt**1.5 on nested grids, c0 = 0 for the bridge."""
    process = et.Diffusion((x,), sp.Matrix([-x]), sp.Matrix([[1]]))
    problem = et.EscapeProblem(process, 0.0, et.Interval(-1, 1))
    exact = et.exact.escape_time(problem).mean
    steps = 0.1 / 2 ** np.arange(5)

    def fit(correction):
        answers = [
            escape_time(problem, paths=150_000, dt=float(dt), seed=k, correction=correction)
            for k, dt in enumerate(steps)
        ]
        error = np.array([a.stderr for a in answers]) / exact
        design = np.stack([steps**0.5, steps, steps**1.5], axis=1) / error[:, None]
        covariance = np.linalg.inv(design.T @ design)
        return covariance @ design.T @ (np.array([a.mean / exact - 1 for a in answers]) / error), covariance

    bridge, covariance = fit("bridge")
    error = np.sqrt(np.diag(covariance))
    assert_agrees(bridge[0], error[0], 0.0)
    plain, _ = fit("none")
    assert_control_fails(plain[0], error[0], 0.0)
    assert error[0] < 0.1 * plain[0]  # a tenth of the term that is not there would have been seen


def test_the_interval_covers_at_its_nominal_rate():
    answers = [escape_time(brownian(), paths=50, dt=0.1, seed=seed) for seed in range(200)]
    ends = np.array([a.interval(0.95) for a in answers])
    hits = int(np.sum((ends[:, 0] < 1) & (ends[:, 1] > 1)))
    assert_covers(hits, 200, 0.95)
    narrow = np.array([a.interval(0.8) for a in answers])
    assert_miscovers(int(np.sum((narrow[:, 0] < 1) & (narrow[:, 1] > 1))), 200, 0.95)


def test_the_whole_law_of_the_exit_time():
    times = first_passage(brownian(), paths=100_000, dt=0.04, seed=6).times

    def cdf(t):
        odd = np.arange(1, 40, 2)[:, None]
        sign = np.where(odd % 4 == 1, 1, -1)
        return 1 - (4 / np.pi * sign / odd * np.exp(-(odd**2) * np.pi**2 * np.maximum(t, 1e-3) / 8)).sum(axis=0)

    assert_not_rejected(kstest(times, cdf).pvalue)
    assert_rejected(kstest(1.02 * times, cdf).pvalue)
    assert_rejected(kstest(np.ceil(times / 0.04) * 0.04, cdf).pvalue)  # what is known to the step only is seen, too


def test_faces_are_hit_with_their_probabilities_and_named():
    """From 1/2 with drift 1 and D = 1/2, P(upper) = (1 - s(-1)) / (s(1) - s(-1)) with s = exp(-2 x); without, 3/4."""
    windy = et.EscapeProblem(
        et.Diffusion((x,), sp.Matrix([1]), sp.Matrix([[sp.Rational(1, 2)]])), 0.5, et.Interval(-1, 1)
    )
    scale = np.exp(-2 * np.array([-1.0, 0.5, 1.0]))
    expected = np.array([0.75, (scale[0] - scale[1]) / (scale[0] - scale[2])])
    runs = [first_passage(p, paths=40_000, dt=0.04, seed=8) for p in (brownian(0.5), windy)]
    counts = np.array([run.face_counts["upper"] for run in runs]) / 40_000
    stderr = np.sqrt(expected * (1 - expected) / 40_000)
    assert_agrees(counts, stderr, expected)
    assert_control_fails(counts, stderr, expected - 0.015)
    for run in runs:
        np.testing.assert_allclose(run.points[:, 0], np.where(run.face == 0, -1, 1), atol=1e-14)
        assert sum(run.face_counts.values()) == 40_000


def multiplicative(convention):
    process = et.Diffusion((x,), sp.Matrix([0]), sp.Matrix([[1 + x**2]]), convention)
    return et.EscapeProblem(process, 0.0, et.Interval(-1, 1))


def flat_2d(domain, diffusion):
    return et.EscapeProblem(et.Diffusion((x, y), sp.zeros(2, 1), sp.Matrix(diffusion)), (0.0, 0.0), domain)


CLOSED_FORMS = {
    # D T'' + b T' = -1 with D = 1 + x**2, T(-1) = T(1) = 0
    "multiplicative noise, Ito: b = 0": (multiplicative("ito"), math.pi / 4 - math.log(2) / 2),
    "multiplicative noise, Stratonovich: b = D' / 2": (multiplicative("stratonovich"), math.asinh(1) ** 2 / 2),
    "multiplicative noise, Haenggi-Klimontovich: b = D'": (multiplicative("haenggi-klimontovich"), math.log(2) / 2),
    # T = (1 - x A x) / (2 tr(D A)) solves D : Hess T = -1 in the ellipsoid x A x < 1
    "disk": (flat_2d(et.Ball([0, 0], 1), [[0.5, 0], [0, 0.5]]), 0.5),
    "disk, full matrix": (flat_2d(et.Ball([0, 0], 1), [[1, 0.5], [0.5, 0.8]]), 1 / 3.6),
    "ellipse, full matrix": (flat_2d(et.Ellipsoid([0, 0], [1, 2]), [[1, 0.5], [0.5, 0.8]]), 1 / 2.4),
    # noise along one direction only: Brownian motion on the diagonal of a square
    "matrix of rank one": (flat_2d(et.Box([-1, -1], [1, 1]), [[0.5, 0.5], [0.5, 0.5]]), 1.0),
}


def test_closed_forms_of_state_dependent_and_matrix_noise():
    """At dt = 0.005 the bias of order dt is below 0.4 % (seen at larger steps), the standard errors about 0.8 %."""
    expected = np.array([mean for _, mean in CLOSED_FORMS.values()])
    answers = [escape_time(problem, paths=12_000, dt=0.005, seed=12) for problem, _ in CLOSED_FORMS.values()]
    measured, stderr = (np.array([getattr(a, name) for a in answers]) for name in ("mean", "stderr"))
    assert_agrees(measured, stderr, expected, bias=0.004 * expected)
    for off in np.eye(len(expected)):
        assert_control_fails(measured, stderr, expected * (1 + 0.06 * off), bias=0.004 * expected)


def test_double_well_agrees_with_quadrature():
    """Transition at D = 0.2; the bias of the scheme, dt / 4 (|U''(0)| - U''(-1)) = -0.5 %, is allowed for."""
    process = et.langevin(et.landscapes.double_well(), temperature=0.2)
    problem = et.EscapeProblem(process, -1.0, et.Interval(-math.inf, 1.0))
    exact = et.exact.escape_time(problem).mean
    answer = escape_time(problem, paths=6000, dt=0.02, seed=2)
    assert_agrees(answer.mean, answer.stderr, exact, bias=0.005 * exact)
    assert_control_fails(answer.mean, answer.stderr, 1.08 * exact, bias=0.005 * exact)


def test_a_deterministic_crossing_is_timed_exactly():
    """Noise along the face only: x = t reaches 1 at time 1, inside the 34th step."""
    process = et.Diffusion((x, y), sp.Matrix([1, 0]), sp.diag(0, 1))
    problem = et.EscapeProblem(process, (0.0, 0.0), et.Box([-math.inf, -math.inf], [1.0, math.inf]))
    run = first_passage(problem, paths=50, dt=0.03)
    np.testing.assert_allclose(run.times, 1.0, rtol=1e-12)
    assert (run.steps == 34).all()
    assert run.face_counts == {"x upper": 50}


def test_exit_points_lie_on_the_boundary():
    disk = first_passage(CLOSED_FORMS["disk"][0], paths=4000, dt=0.01, seed=3)
    np.testing.assert_allclose(np.hypot(*disk.points.T), 1.0, rtol=1e-12)
    angle = (np.arctan2(disk.points[:, 1], disk.points[:, 0]) / (2 * np.pi)) % 1.0
    assert_not_rejected(kstest(angle, "uniform").pvalue)
    assert_rejected(kstest(angle**1.1, "uniform").pvalue)
    plain = first_passage(CLOSED_FORMS["disk"][0], paths=500, dt=0.01, seed=3, correction="none")
    assert (np.hypot(*plain.points.T) > 1).all()
    np.testing.assert_allclose(plain.times, plain.steps * 0.01, rtol=1e-14)


def test_the_bridge_only_ever_ends_a_path_earlier():
    bridge, plain = (first_passage(brownian(), paths=3000, dt=0.04, seed=5, correction=c) for c in ("bridge", "none"))
    assert (bridge.steps <= plain.steps).all()
    assert (bridge.steps < plain.steps).any()
    assert (bridge.times < plain.times).all()


def test_an_equal_domain_in_other_words_gives_the_same_times():
    bowl = et.landscapes.quadratic(1.0)
    process = et.langevin(bowl, temperature=0.5)
    level = et.EscapeProblem(process, 0.3, et.Sublevel(bowl, 0.5))
    interval = et.EscapeProblem(process, 0.3, et.Interval(-1, 1))
    # the distance to a level is right next to it only, which costs a bias of the scheme's own order, dt
    steps, gaps, errors = np.array([0.08, 0.04, 0.02]), [], []
    for dt in steps:
        a, b = (first_passage(p, paths=10_000, dt=dt, seed=7).times for p in (level, interval))
        assert np.mean(np.abs(a - b) < dt) > 0.7
        gaps.append((a - b).mean())
        errors.append((a - b).std() / 100 / gaps[-1])
    # the slope of log(gap) over log(dt) on a grid of three is that of its ends
    order, stderr = np.log(gaps[0] / gaps[2]) / np.log(4), np.hypot(errors[0], errors[2]) / np.log(4)
    assert_agrees(order, stderr, 1.0)
    assert_control_fails(order, stderr, 0.5)
