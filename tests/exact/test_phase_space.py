"""Klein-Kramers in phase space: against closed forms, quadrature, the turnover law and simulation."""

import math

import numpy as np
import pytest
import sympy as sp
from scipy.linalg import solve

import escapetime as et
from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.exact.phase_space import Elements, PhaseSpace, Span, escape_time
from escapetime.exact.phase_space.hermite import Modes, hermite
from tests.statistics import assert_agrees, assert_control_fails

x = sp.Symbol("x", real=True)
WELL, INF = et.landscapes.double_well(), math.inf
ACROSS, SADDLE = et.Interval(-INF, 1.0), et.Interval(-INF, 0.0)


def thermal(temperature, friction, domain=ACROSS, mass=1.0, landscape=WELL):
    process = et.underdamped_langevin(landscape, temperature=temperature, friction=friction, mass=mass)
    return et.EscapeProblem(process, -1.0, domain)


def model_s(momentum=0.9, lr=0.1, batch_size=2):
    """The limit of dampened momentum with noise 1 + x^2: D varies by two on the way up."""
    return et.heavy_ball(WELL, lr=lr, momentum=momentum, dampening=momentum, batch_size=batch_size, covariance=1 + x**2)


# --- the velocity ----------------------------------------------------------------------------------------------------


def test_the_algebra_of_hermite_functions():
    modes, z = Modes(12), np.linspace(-3, 3, 7)
    table = hermite(25, z)
    np.testing.assert_allclose(modes.product @ np.eye(12)[:, 3], _column(12, {5: math.sqrt(6), 7: math.sqrt(7)}))
    even, odd = table[:24:2], table[1:25:2]
    np.testing.assert_allclose(z * even[4], (modes.product.T @ odd)[4], rtol=1e-12)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    law, table = weights / weights.sum(), hermite(24, nodes)
    np.testing.assert_allclose((table * law) @ table.T, np.eye(24), atol=1e-10)
    slope = np.gradient(hermite(24, np.linspace(-3, 3, 60001)), 1e-4, axis=1)[8, 1:-1]
    np.testing.assert_allclose(slope, math.sqrt(8) * hermite(24, np.linspace(-3, 3, 60001))[7, 1:-1], atol=1e-4)


def _column(count, entries):
    column = np.zeros(count)
    for order, value in entries.items():
        column[(order - 1) // 2] = value
    return column


def test_the_size_of_the_velocity():
    z, weights = np.polynomial.laguerre.laggauss(40)
    table = hermite(32, np.sqrt(2 * z))[::2]
    np.testing.assert_allclose(Modes(16).size, math.sqrt(2 / math.pi) * (table * weights) @ table.T, atol=1e-12)
    assert np.linalg.eigvalsh(Modes(200).size)[0] > 0


# --- the stationary law ----------------------------------------------------------------------------------------------


def closed(process, ends, cells=24, modes=40):
    return PhaseSpace(Span(process, *ends, ()), -1.0, Elements.between(*ends, cells), modes)


@pytest.mark.parametrize("friction", [0.1, 1.0, 10.0])
def test_the_stationary_law_of_klein_and_kramers(friction):
    """With a weight that is not the answer: its velocities are a quarter too large, and both parities are kept."""
    temperature, mass = 0.1, 0.5
    space = closed(et.underdamped_langevin(WELL, temperature=temperature, friction=friction, mass=mass), (-2.3, 2.3))
    space.system.scale *= 1.25
    space.system.constant = False
    points, density, squared = space.stationary()
    gibbs = np.exp(-WELL.value(points[:, None]) / temperature)
    gibbs /= space.system.elements.weights @ gibbs
    central = gibbs > 1e-4 * gibbs.max()
    np.testing.assert_allclose(density[central], gibbs[central], rtol=1e-5)  # asked for: 1e-3
    np.testing.assert_allclose(squared[central], temperature / mass, rtol=1e-5)
    wrong = closed(et.underdamped_langevin(WELL, temperature=1.02 * temperature, friction=friction), (-2.3, 2.3))
    assert np.max(np.abs(wrong.stationary()[1] / gibbs - 1)[central]) > 0.02


def test_the_stationary_moments_of_a_spring_with_varying_noise():
    """They obey linear equations, and no density is known."""
    k, mass, friction, d0, d2 = 1.7, 0.8, 0.6, 0.03, 0.04
    process = et.Underdamped(et.Landscape(k * x**2 / 2), sp.Matrix([[d0 + d2 * x**2]]), friction, mass)
    rates = [[0, 2, 0], [-k / mass, -friction, 1], [2 * d2 / mass**2, -2 * k / mass, -2 * friction]]
    exact = solve(np.array(rates), [0, 0, -2 * d0 / mass**2])
    points, density, squared = closed(process, (-2.5, 2.5)).stationary()
    weights = Elements.between(-2.5, 2.5, 24).weights
    np.testing.assert_allclose(weights @ (density * points**2), exact[0], rtol=1e-5)
    np.testing.assert_allclose(weights @ (density * squared), exact[2], rtol=1e-5)
    assert exact[0] != pytest.approx(d0 / (k * friction * mass), rel=0.05)


# --- limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("velocity", ["rest", "thermal"])
def test_large_friction_is_the_overdamped_process(velocity):
    """Times over gamma M tend to those of quadrature, by a correction that falls with the square of the friction."""
    temperature, ratios = 0.02, []
    exact = et.exact.escape_time(et.EscapeProblem(et.langevin(WELL, temperature=temperature), -1.0, ACROSS)).mean
    for friction in (20.0, 40.0):
        time = et.exact.escape_time(thermal(temperature, friction), velocity=velocity)
        ratios.append(time.mean / friction / exact - 1)
    # Kramers: the factor (1 + sqrt(1 + 4 / gamma^2)) / 2, with the curvature 1 at the saddle
    assert ratios[1] == pytest.approx(1 / 1600, rel=0.1)
    assert ratios[0] / ratios[1] == pytest.approx(4.0, rel=0.02)


def test_small_mass_with_varying_noise_is_the_ito_diffusion():
    noise, ratios = sp.Matrix([[0.02 * (1 + x**2)]]), []
    line = et.Diffusion((x,), sp.Matrix([x - x**3]), noise)
    exact = et.exact.escape_time(et.EscapeProblem(line, -1.0, ACROSS)).mean
    for mass in (0.004, 0.002):
        process = et.Underdamped(WELL, noise, 1 / mass, mass)
        ratios.append(et.exact.escape_time(et.EscapeProblem(process, -1.0, ACROSS)).mean / exact - 1)
    assert abs(ratios[1]) < 2e-3
    assert ratios[0] / ratios[1] == pytest.approx(2.0, rel=0.02)
    stratonovich = et.Diffusion((x,), sp.Matrix([x - x**3]), noise, "stratonovich")
    assert abs(et.exact.escape_time(et.EscapeProblem(stratonovich, -1.0, ACROSS)).mean / exact - 1) > 0.1


@pytest.mark.parametrize("friction", [10.0, 1.0, 0.1, 0.01])
def test_kramers_turnover(friction):
    """Barrier of 25 temperatures: the law with its depopulation factor holds within three percent."""
    problem = thermal(0.01, friction)
    law, time = et.theory.escape_time(problem), et.exact.escape_time(problem)
    assert time.mean == pytest.approx(law.mean, rel=0.03)
    if friction < 0.1:
        assert law.details["kramers"] < 0.9 * time.mean  # without the factor it does not
    assert time.details["rounding"] < 1e-9


# --- simulation ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "dt", "paths"),
    [
        (thermal(0.08, 0.02), 0.05, 20_000),
        (thermal(0.08, 0.5, SADDLE), 0.025, 20_000),
        (et.EscapeProblem(model_s(0.95).limit, -1.0, ACROSS), 0.1, 20_000),
    ],
    ids=["low friction", "exit at the saddle", "varying noise"],
)
def test_simulated_times(problem, dt, paths):
    exact = et.exact.escape_time(problem)
    got = et.simulate.escape_time(problem, paths=paths, dt=dt, seed=11)
    assert_agrees(got.mean, got.stderr, exact.mean, bias=0.005 * exact.mean)
    assert_control_fails(got.mean, got.stderr, 1.05 * exact.mean, bias=0.005 * exact.mean)
    spread = got.stderr * math.sqrt(paths)
    assert exact.details["std"] == pytest.approx(spread, rel=0.05)


def test_the_exit_of_a_free_particle_from_a_strip():
    """Start with a velocity: the exit probabilities and the mean time, against many paths."""
    process = et.underdamped_langevin(et.landscapes.flat(), temperature=0.5, friction=1.0)
    time = escape_time(et.EscapeProblem(process, 0.2, et.Interval(-1, 1)), velocity=1.0, modes=48)
    rng, dt, paths = np.random.default_rng(4), 0.02, 10_000
    place, speed, clock, up = np.full(paths, 0.2), np.full(paths, 1.0), 0.0, 0
    alive, total = np.ones(paths, dtype=bool), np.zeros(paths)
    decay = math.exp(-dt)
    while alive.any():
        n = int(alive.sum())
        kicked = decay * speed[alive] + math.sqrt(0.5 * (1 - decay**2)) * rng.standard_normal(n)
        place[alive] += dt * (speed[alive] + kicked) / 2
        speed[alive] = kicked
        clock += dt
        out = alive & (np.abs(place) >= 1)
        up += int((place[out] > 0).sum())
        total[out] = clock - dt / 2
        alive &= ~out
    assert_agrees(total.mean(), total.std() / math.sqrt(paths), time.mean, bias=dt)
    assert_control_fails(total.mean(), total.std() / math.sqrt(paths), 1.08 * time.mean, bias=dt)
    share = up / paths
    assert_agrees(share, math.sqrt(share * (1 - share) / paths), time.details["exit"]["upper"], bias=dt / 2)
    assert sum(time.details["exit"].values()) == pytest.approx(1.0, abs=1e-9)


def test_momentum_changes_the_exponent_where_the_noise_varies():
    """The slope of ln tau in the batch size, against the integral of L'/C, and the sign of inertia's term."""
    batches, lr, momentum = np.array([3.0, 4.0, 5.0]), 0.1, 0.9
    slopes = []
    for beta in (0.0, momentum):
        logs = [
            et.exact.escape_time(
                et.EscapeProblem(model_s(beta, lr, int(b)), -1.0, ACROSS), method="phase_space"
            ).details["log_mean"]
            for b in batches
        ]
        slopes.append(np.diff(logs)[-1])
    # of the limit: the term (B/2) 2 beta/(1-beta) I_1 at leading order in the mass, I_1 = -0.045177
    first = 2 * 0.193147 / lr
    assert slopes[0] == pytest.approx(first, rel=0.02)
    assert slopes[1] - slopes[0] == pytest.approx(-0.045177 * (1 / (1 - momentum) - 1), rel=0.2)


# --- order of convergence --------------------------------------------------------------------------------------------


def space(problem, cells, modes):
    span = Span.of(problem, problem.process)
    return PhaseSpace(span, -1.0, Elements.between(span.low, span.high, cells, (), span.exits), modes)


def test_times_grow_to_their_limit_from_below_and_fast():
    """The approximation is variational: every refinement adds."""
    problem = thermal(0.05, 0.1)
    times = [space(problem, 24, modes).exit_time(-1.0, velocity=None) for modes in (12, 24, 48, 96)]
    assert np.all(np.diff(times) > 0)
    changes = np.diff(times)
    assert changes[2] < changes[1] / 50  # no power of the modes


def test_order_three_halves_at_a_saddle():
    """The velocities that leave and those that come in part at a singular point."""
    times = [space(thermal(0.05, 1.0, SADDLE), 16, modes).exit_time(-1.0) for modes in (24, 48, 96, 192)]
    orders = np.log2(np.diff(times)[:-1] / np.diff(times)[1:])
    assert orders[-1] == pytest.approx(1.5, abs=0.1)
    extrapolated = et.exact.escape_time(thermal(0.05, 1.0, SADDLE), modes=96)
    assert extrapolated.mean == pytest.approx(times[-1] + (times[-1] - times[-2]) / (2**1.5 - 1), rel=2e-5)


def test_order_eight_and_more_of_the_elements():
    problem = thermal(0.05, 1.0)
    finest = space(problem, 24, 16).exit_time(-1.0)
    errors = [abs(space(problem, cells, 16).exit_time(-1.0) - finest) for cells in (3, 6)]
    assert errors[0] / errors[1] > 2**7


# --- one object, many questions --------------------------------------------------------------------------------------


def test_the_estimated_error_covers():
    for problem in (thermal(0.05, 0.1), thermal(0.05, 1.0, SADDLE), thermal(0.05, 0.03)):
        fine, coarse = escape_time(problem, modes=128), escape_time(problem, modes=64)
        assert abs(coarse.mean - fine.mean) < coarse.stderr + fine.stderr
        assert coarse.details["modes"] == 64


def test_a_rare_escape_keeps_its_digits():
    """125 barriers of the temperature: 1e55 units of time, and the flux is the same through neighboring cuts."""
    time = escape_time(thermal(0.002, 1.0))
    assert time.mean > 1e55
    # Kramers with the correction 1 + 1.5 D of the quartic, from high friction
    assert time.mean == pytest.approx(et.theory.escape_time(thermal(0.002, 1.0)).mean, rel=5e-3)
    assert time.details["rounding"] < 1e-6
    exponential = time.details["std"] / time.mean
    assert exponential == pytest.approx(1.0, rel=1e-6)


def test_units_of_time_mass_and_length():
    """Only the friction over the frequency and the barrier over the temperature matter."""
    base = escape_time(thermal(0.05, 0.5)).mean
    heavy = escape_time(thermal(0.05, 0.25, mass=4.0)).mean
    assert heavy == pytest.approx(2 * base, rel=1e-7)
    wide = et.underdamped_langevin(et.Landscape(WELL.expression.subs(x, x / 3), (x,)), temperature=0.05, friction=0.5)
    stretched = escape_time(et.EscapeProblem(wide, -3.0, et.Interval(-INF, 3.0)))
    assert stretched.mean == pytest.approx(escape_time(thermal(0.05, 1.5)).mean * 3, rel=1e-7)


def test_both_ends_and_their_mirror():
    tilted = et.landscapes.tilted_double_well(0.1)
    mirrored = et.Landscape(tilted.expression.subs(x, -x), (x,))
    sides = []
    for landscape, sign in ((tilted, 1), (mirrored, -1)):
        process = et.underdamped_langevin(landscape, temperature=0.1, friction=1.0)
        ends = sorted((sign * -1.6, sign * 1.0))
        sides.append(escape_time(et.EscapeProblem(process, -sign, et.Interval(*ends)), velocity=0.3 * sign, modes=24))
    assert sides[0].mean == pytest.approx(sides[1].mean, rel=1e-6)
    assert sides[0].details["exit"]["upper"] == pytest.approx(sides[1].details["exit"]["lower"], rel=1e-6)


def test_a_bend_of_the_force_is_a_breakpoint():
    bent = et.Landscape(sp.Piecewise((x**2, x < sp.Rational(1, 2)), (sp.Rational(1, 2) - (x - 1) ** 2, True)), (x,))
    process = et.underdamped_langevin(bent, temperature=0.1, friction=1.0)
    problem = et.EscapeProblem(process, 0.0, et.Interval(-INF, 1.3))
    smooth = [escape_time(problem, breakpoints=cuts, modes=48).mean for cuts in ((), (0.5,))]
    assert smooth[0] == pytest.approx(smooth[1], rel=1e-3)


def test_the_front_door():
    problem = et.EscapeProblem(model_s(), -1.0, ACROSS)
    of_limit = et.exact.escape_time(et.EscapeProblem(model_s().limit, -1.0, ACROSS))
    assert et.exact.escape_time(problem, method="phase_space").mean == of_limit.mean
    assert of_limit.time_unit == "lr * steps"
    table = et.compare(thermal(0.08, 0.5), paths=400, dt=0.1, seed=0)
    assert {"theory", "exact", "simulate"} == set(table.answers)
    assert table.answers["exact"].method == "phase_space"
    lo, hi = table.answers["simulate"].interval(0.9999)
    assert lo < table.answers["exact"].mean < hi


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "options", "error", "message"),
    [
        (thermal(0.05, 1e-4), {"modes": 24}, NumericalFailure, "does not resolve .* raise modes"),
        (thermal(5e-4, 1.0), {}, NumericalFailure, "more than a float"),
        (thermal(0.05, 1.0), {"cells": 4}, InvalidInput, "cells as an integer of at least 8"),
        (thermal(0.05, 1.0), {"modes": 4.5}, InvalidInput, "modes as an integer of at least 12"),
        (thermal(0.05, 1.0), {"velocity": "fast"}, InvalidInput, "'rest' or 'thermal'"),
        (thermal(0.05, 1.0), {"box": (0, 1)}, InvalidInput, "around the start"),
        (thermal(0.05, 1.0), {"dt": 0.1}, InvalidInput, "breakpoints; 'dt'"),
        (thermal(0.05, 1.0, landscape=et.landscapes.flat()), {}, InvalidInput, "box"),
        (
            et.EscapeProblem(et.Underdamped(WELL, sp.Matrix([[x**2]]), 1.0, 1.0), -1.0, ACROSS),
            {},
            RouteNotApplicable,
            "noise everywhere",
        ),
        (
            et.EscapeProblem(
                et.underdamped_langevin(et.landscapes.flat(2), temperature=1, friction=1), (0, 0), et.Ball((0, 0), 1)
            ),
            {},
            RouteNotApplicable,
            "2 dimension",
        ),
        (
            et.EscapeProblem(et.langevin(WELL, temperature=0.1), -1.0, ACROSS),
            {"method": "phase_space"},
            RouteNotApplicable,
            "does not answer",
        ),
    ],
)  # fmt: skip
def test_refusals_name_what_is_wrong(problem, options, error, message):
    with pytest.raises(error, match=message):
        et.exact.escape_time(problem, **options)


def test_a_process_without_inertia_is_sent_elsewhere():
    with pytest.raises(RouteNotApplicable, match="processes with inertia"):
        escape_time(et.EscapeProblem(et.langevin(WELL, temperature=0.1), -1.0, ACROSS))
    with pytest.raises(InvalidInput, match="without exits"):
        space(thermal(0.1, 1.0), 12, 12).stationary()
