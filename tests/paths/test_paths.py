"""Paths of least action: closed forms in detailed balance, an independent shooting solution, order, refusals."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime import paths
from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.paths.action import Segments
from escapetime.stats import convergence_order

x, y, z = sp.symbols("x y z", real=True)
SINK, SADDLE = (-1.0, 0.0), (0.0, 0.0)


def maier_stein(alpha, mu=1.0):
    return et.maier_stein(diffusion=0.5, alpha=alpha, mu=mu)  # the action is that for unit noise


def test_the_derivatives_of_the_action_are_those_of_finite_differences():
    curved = et.Diffusion((x, y), sp.Matrix([x - x**3 - y, -y + x**2]), sp.Matrix([[1 + x**2, x / 3], [x / 3, 1]]))
    segments, points = Segments(curved), np.random.default_rng(0).standard_normal((6, 2))
    gradient, diagonal, beside = segments.derivatives(points)
    h = 1e-5
    for i in range(4):
        for k in range(2):
            up, down = points.copy(), points.copy()
            up[i + 1, k] += h
            down[i + 1, k] -= h
            slope = (segments.cost(up).sum() - segments.cost(down).sum()) / (2 * h)
            assert slope == pytest.approx(gradient[i, k], abs=1e-7)
            change = (segments.derivatives(up)[0] - segments.derivatives(down)[0]) / (2 * h)
            np.testing.assert_allclose(change[i], diagonal[i, :, k], atol=1e-6)
            if i < 3:
                np.testing.assert_allclose(change[i + 1], beside[i, k, :], atol=1e-6)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 3.5])
def test_below_the_bifurcation_the_way_out_is_the_axis_and_costs_twice_the_barrier(alpha):
    found = paths.minimum_action_path(
        maier_stein(alpha), SINK, SADDLE, segments=64, guess=[(-1, 0), (-0.5, 0.2), SADDLE]
    )
    assert found.action == pytest.approx(0.5, abs=1e-6)  # 2 * (1/4)
    assert np.max(np.abs(found.points[:, 1])) < 1e-6


@pytest.mark.parametrize(
    ("mu", "alpha", "straight"), [(1, 3.8, True), (1, 4.2, False), (2, 11.5, True), (2, 12.5, False)]
)
def test_the_axis_ceases_to_be_the_way_out_at_alpha_2_mu_1_plus_mu(mu, alpha, straight):
    found = paths.minimum_action_path(maier_stein(alpha, mu), SINK, SADDLE, segments=128)
    assert bool(np.max(np.abs(found.points[:, 1])) < 1e-6) is straight
    assert bool(found.action > 0.5 - 1e-7) is straight


def test_refinement_changes_the_action_within_its_stated_error_at_second_order():
    process = maier_stein(10)
    fine = paths.minimum_action_path(process, SINK, SADDLE, segments=512)
    assert fine.action == pytest.approx(0.3400414, abs=1e-7)  # the same from 1024 and 2048 segments
    sizes, errors = [32, 64, 128], []
    for n in sizes:
        found = paths.minimum_action_path(process, SINK, SADDLE, segments=n)
        errors.append(abs(found.actions[1] - fine.action))
        assert abs(found.action - fine.action) < found.stderr
    assert convergence_order([1 / n for n in sizes], errors).slope == pytest.approx(2.0, abs=0.1)


def test_a_trajectory_of_hamiltons_equations_runs_along_the_path():
    """Shooting: the equations of motion, started on the path with its momentum, know nothing of the minimization."""
    from scipy.integrate import solve_ivp

    process, momentum = maier_stein(10), sp.Matrix(sp.symbols("p q", real=True))
    energy = (process.drift.T * momentum + momentum.T * process.diffusion * momentum)[0]
    motion = [sp.diff(energy, p) for p in momentum] + [-sp.diff(energy, v) for v in (x, y)]
    velocity = sp.lambdify((x, y, *momentum), motion)
    found = paths.minimum_action_path(process, SINK, SADDLE, segments=512)
    begin = np.concatenate([found.points[60], found.momentum[60]])
    flow = solve_ivp(lambda _, s: velocity(*s), (0, 4.0), begin, rtol=1e-10, atol=1e-12, max_step=0.05)
    gap = np.linalg.norm(flow.y[:2].T[:, None] - found.points, axis=2).min(axis=1)
    assert np.linalg.norm(flow.y[:2, -1] - flow.y[:2, 0]) > 0.5
    assert gap.max() < 5e-3


def test_the_gradient_of_the_quasipotential_is_the_momentum():
    process = et.langevin(et.landscapes.double_well_with_valley(), temperature=0.1)
    U = process.landscape
    uphill = paths.relaxation_path(process, (-0.4, 0.3), towards=SINK)[::-1]
    found = paths.minimum_action_path(process, SINK, (-0.4, 0.3), guess=uphill)
    np.testing.assert_allclose(
        found.quasipotential, (U.value(found.points) - U.value(found.points[0])) / 0.1, atol=1e-3
    )
    inner = slice(16, -1)
    np.testing.assert_allclose(found.momentum[inner], U.grad(found.points[inner]) / 0.1, rtol=0.02, atol=0.02)


def test_noise_that_depends_on_the_position_and_three_dimensions():
    stretched = et.Diffusion(
        (x, y, z), sp.Matrix([x - x**3, -y + x * z / 5, -2 * z]), sp.diag(1 + x**2, 1, 2 + y**2) / 2
    )
    found = paths.minimum_action_path(
        stretched, (-1, 0, 0), (0, 0, 0), segments=64, guess=[(-1, 0, 0), (-0.5, 0.1, 0.1), (0, 0, 0)]
    )
    assert found.action == pytest.approx(2 * (math.log(2) - 0.5), abs=1e-5)
    line = paths.minimum_action_path(
        et.Diffusion((x,), sp.Matrix([x - x**3]), sp.Matrix([[(1 + x**2) / 2]])), [-1.0], [0.0]
    )
    assert line.action == pytest.approx(2 * (math.log(2) - 0.5), abs=1e-7)


def test_a_timed_path_costs_more_than_the_geometric_action_and_downhill_costs_nothing():
    process = et.langevin(et.Landscape.parse("x**2 / 2"), temperature=0.5)
    t = np.linspace(-12, 0, 2001)
    up = np.exp(t)[:, None]
    assert paths.action(process, up, t) == pytest.approx(1.0, abs=1e-4)
    assert paths.action(process, up, 0.7 * t) > 1.03
    assert paths.action(process, up[::-1], -t[::-1]) == pytest.approx(0.0, abs=1e-6)
    assert paths.action(process, up[::-1]) == pytest.approx(0.0, abs=1e-12)


def test_the_way_down_follows_the_drift():
    way = paths.relaxation_path(maier_stein(10), (0.5, 0.5), towards=SINK)
    np.testing.assert_allclose(way[[0, -1]], [(0.5, 0.5), (1, 0)], atol=1e-5)
    assert paths.action(maier_stein(10), way) < 1e-3
    with pytest.raises(InvalidInput, match="sink"):
        paths.relaxation_path(maier_stein(10), SINK, towards=SADDLE)


@pytest.mark.parametrize(
    ("ask", "error", "says"),
    [
        (lambda: paths.minimum_action_path(maier_stein(1), SINK, SINK), InvalidInput, "different points"),
        (lambda: paths.minimum_action_path(maier_stein(1), SINK, SADDLE, segments=17), InvalidInput, "even"),
        (lambda: paths.action(maier_stein(1), [SINK, SADDLE]), InvalidInput, "at least 3"),
        (lambda: paths.action(maier_stein(1), [SINK, (0, 1), SADDLE], [0, 2, 1]), InvalidInput, "increasing"),
        (
            lambda: paths.action(et.Diffusion((x, y), sp.Matrix([-x, -y]), sp.diag(1, 0)), [SINK] * 3),
            RouteNotApplicable,
            "invertible",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused(ask, error, says):
    with pytest.raises(error, match=says):
        ask()


@pytest.mark.parametrize("end", [(1.0, 0.5), (-0.3, 1.0)])
def test_the_quasipotential_of_a_linear_process_without_detailed_balance(end):
    """Drift B x, noise D: the quasipotential is x' S^-1 x / 2 with the covariance S of Lyapunov's equation."""
    from scipy.linalg import solve_continuous_lyapunov

    matrix, noise = np.array([[-1.0, 3.0], [0.0, -2.0]]), np.array([[1.0, 0.3], [0.3, 0.5]])
    process = et.Diffusion((x, y), sp.Matrix(matrix) * sp.Matrix([x, y]), sp.Matrix(noise))
    inverse = np.linalg.inv(solve_continuous_lyapunov(matrix, -2 * noise))
    found = paths.minimum_action_path(process, (0, 0), end)
    assert found.action == pytest.approx(np.array(end) @ inverse @ np.array(end) / 2, rel=1e-4)
    np.testing.assert_allclose(found.momentum[64:-1], found.points[64:-1] @ inverse, rtol=0.02, atol=0.02)
    u = np.linspace(0, 1, 65)[:, None]
    detour = u * end + 0.2 * np.sin(math.pi * u) * (-end[1], end[0])
    assert paths.action(process, detour) > 1.02 * found.action  # control: another path costs more


def test_the_action_that_others_publish_for_maier_and_stein():
    """The tests of CriticalTransitions.jl hold 0.3375 to 1e-3 for a path of 30 points at alpha = 10, for unit noise."""
    found = paths.minimum_action_path(maier_stein(10.0), SINK, SADDLE)
    assert found.action == pytest.approx(0.3375, rel=0.01)
    # on the axis, where the path is up to alpha = 4, it is 1/2 (Maier and Stein 1993)
    assert paths.minimum_action_path(maier_stein(3.0), SINK, SADDLE).action == pytest.approx(0.5, rel=1e-6)
