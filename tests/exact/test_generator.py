"""The generator on a grid: closed forms, the one-dimensional quadrature, second order, and what must be refused."""

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad

import escapetime as et
from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.exact import confinement, generator, linear, walk
from escapetime.exact.generator import Generator, Grid
from escapetime.stats import convergence_order

x, y, z = sp.symbols("x y z", real=True)
ACROSS = et.HalfSpace((1, 0), 1)


def brownian(dimension, temperature=1.0):
    return et.langevin(et.landscapes.flat(dimension), temperature=temperature)


def answer(process, start, domain, **options):
    return et.exact.escape_time(et.EscapeProblem(process, start, domain), **options)


def double_well(temperature, upper=1.0):
    process = et.langevin(et.landscapes.double_well(), temperature=temperature)
    return answer(process, -1.0, et.Interval(-math.inf, upper))


def valley(temperature, saddle=1.0, **options):
    return answer(
        et.langevin(et.landscapes.double_well_with_valley(1, saddle), temperature=temperature),
        (-1.0, 0.0),
        ACROSS,
        **options,
    )


def mean_on(process, grid, domain):
    at = Generator(process, grid, domain)
    return float(at.mean_exit_time()[at.walk.origin])


# --- Brownian motion: closed forms -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", [2, 3])
def test_brownian_exit_from_a_ball_is_exact_on_any_grid(dimension):
    start = np.array([0.13, -0.21, 0.4][:dimension])
    ball = et.Ball([0.0] * dimension, 1.0)
    time = answer(brownian(dimension, 0.3), start, ball, cells=16)
    assert time.mean == pytest.approx((1 - start @ start) / (2 * dimension * 0.3), rel=1e-8)


def test_brownian_exit_from_an_ellipse_and_a_sublevel_set():
    start, axes = np.array([0.3, -0.2]), np.array([2.0, 0.7])
    expected = (1 - np.sum((start / axes) ** 2)) / (2 * np.sum(1 / axes**2))
    assert answer(brownian(2), start, et.Ellipsoid([0, 0], axes), cells=16).mean == pytest.approx(expected, rel=1e-7)
    bowl = et.Sublevel(et.landscapes.quadratic(1 / 4, 1 / 0.49), 0.5)
    time = answer(brownian(2), start, bowl, cells=16, box=((-2.5, 2.5), (-1, 1)))
    assert time.mean == pytest.approx(expected, rel=1e-7)


def square_series(start, half=1.0):
    """Mean exit time (D = 1) from a square of side ``2 half``: separation of variables in one coordinate."""
    total = (half**2 - start[0] ** 2) / 2
    for n in range(60):
        k = (2 * n + 1) * math.pi / (2 * half)
        total -= 2 * (-1) ** n / (half * k**3) * math.cos(k * start[0]) * math.cosh(k * start[1]) / math.cosh(k * half)
    return total


@pytest.mark.parametrize("start", [(0.0, 0.0), (0.5, -0.25), (0.3, 0.77)])
def test_brownian_exit_from_a_square(start):
    time = answer(brownian(2), start, et.Box((-1, -1), (1, 1)), cells=64)
    assert time.mean == pytest.approx(square_series(start), rel=1e-4)  # asked for: 1e-3
    assert abs(time.mean - square_series(start)) < time.stderr
    assert sum(time.details["exit"].values()) == pytest.approx(1.0, abs=1e-10)


def test_exit_probabilities_of_a_drifted_strip():
    process = et.Diffusion((x, y), sp.Matrix([2, -y]), sp.diag(0.3, 0.5))
    time = answer(process, (0.3, 0.1), et.Box((-1, -math.inf), (1, math.inf)), cells=64, box=((-1, 1), (-3, 3)))
    up = (1 - math.exp(-2 * 1.3 / 0.3)) / (1 - math.exp(-4 / 0.3))
    assert time.details["exit"] == pytest.approx({"x upper": up, "x lower": 1 - up}, abs=1e-5)
    assert time.mean == pytest.approx((2 * up - 1 - 0.3) / 2, rel=1e-4)


def test_slowest_rates_of_a_square():
    at = Generator(brownian(2), Grid((0.0, 0.0), (0.02, 0.02), ((-1, 1), (-1, 1))), et.Box((-1, -1), (1, 1)))
    expected = np.array([2, 5, 5, 8]) * math.pi**2 / 4
    np.testing.assert_allclose(at.eigenvalues(4), expected, rtol=1e-3)


# --- against quadrature and the laws of Eyring and Kramers -----------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.1, 0.05, 0.02])
def test_separable_valley_is_the_one_dimensional_problem(temperature):
    time, exact = valley(temperature, cells=96), double_well(temperature)
    assert time.mean == pytest.approx(exact.mean, rel=2e-5)  # asked for: 1e-3
    assert abs(time.mean - exact.mean) < time.stderr
    assert time.details["std"] == pytest.approx(exact.details["std"], rel=1e-4)


def test_stiff_saddle_tends_to_the_eyring_kramers_law():
    temperatures = np.array([0.08, 0.04, 0.02, 0.01])
    ratios = np.array(
        [valley(T, saddle=4, cells=128).mean / (2 * math.sqrt(2) * math.pi * math.exp(0.25 / T)) for T in temperatures]
    )
    assert np.round(ratios[:3], 3).tolist() == [0.932, 0.948, 0.966]
    assert np.all(np.diff(ratios) > 0)
    # linear in D as it vanishes, with limit 1: extrapolating the last two leaves the D**2 term only
    assert 2 * ratios[3] - ratios[2] == pytest.approx(1.0, abs=0.01)


def test_rare_escape_keeps_its_digits():
    time, exact = valley(0.0025, cells=192), double_well(0.0025)
    assert exact.mean > 1e44
    assert time.mean == pytest.approx(exact.mean, rel=1e-3)
    assert time.details["rounding"] < 1e-10


def test_three_dimensions_and_iteration():
    U = et.Landscape((x**2 - 1) ** 2 / 4 + y**2 / 2 + z**2, (x, y, z))
    time = answer(et.langevin(U, temperature=0.1), (-1, 0, 0), et.HalfSpace((1, 0, 0), 1), cells=40)
    assert time.mean == pytest.approx(double_well(0.1).mean, rel=1e-3)
    assert abs(time.mean - double_well(0.1).mean) < time.stderr
    assert np.prod(time.details["cells"]) > linear.DIRECT[3]  # so that the finest grid was iterated


def test_iteration_gives_the_same_and_is_refused_where_it_loses_its_digits(monkeypatch):
    direct = valley(0.1, saddle=4, cells=48)
    monkeypatch.setitem(linear.DIRECT, 2, 0)
    assert valley(0.1, saddle=4, cells=48).mean == pytest.approx(direct.mean, rel=1e-9)
    with pytest.raises(NumericalFailure, match="too rare"):
        valley(0.006, saddle=4, cells=48)
    monkeypatch.setattr(linear, "ITERATIONS", 2)
    with pytest.raises(NumericalFailure, match="not solved in 2 iterations"):
        valley(0.1, cells=48)


def test_oblique_plane_is_a_rotated_problem():
    u, v = (3 * x + 4 * y) / 5, (3 * y - 4 * x) / 5
    rotated = et.Landscape((u**2 - 1) ** 2 / 4 + v**2 / 2, (x, y))
    time = answer(et.langevin(rotated, temperature=0.1), (-0.6, -0.8), et.HalfSpace((3, 4), 5), cells=128)
    assert time.mean == pytest.approx(double_well(0.1).mean, rel=1e-4)
    assert abs(time.mean - double_well(0.1).mean) < time.stderr


@pytest.mark.parametrize("convention", ["ito", "stratonovich", "haenggi_klimontovich"])
def test_multiplicative_noise_follows_its_convention(convention):
    line = et.Diffusion((x,), sp.Matrix([-x]), sp.Matrix([[(1 + x**2) / 4]]), convention)
    plane = et.Diffusion((x, y), sp.Matrix([-x, -y]), sp.diag((1 + x**2) / 4, sp.Rational(1, 2)), convention)
    exact = answer(line, 0.2, et.Interval(-1, 1)).mean
    time = answer(plane, (0.2, 0.0), et.Box((-1, -math.inf), (1, math.inf)), cells=64, box=((-1, 1), (-4, 4)))
    assert time.mean == pytest.approx(exact, rel=1e-4)


def test_sgd_noise_in_the_valley_has_the_transverse_factor():
    k = 1 + 3 * (1 - x**2) ** 2
    U, noise = (x**2 - 1) ** 2 / 4 + k * y**2 / 2, sp.Float(0.05) / 2
    plane = et.Diffusion((x, y), -sp.Matrix([U.diff(x), U.diff(y)]), noise * sp.diag(1 + x**2, k))
    line = et.Diffusion((x,), sp.Matrix([x - x**3]), noise * sp.Matrix([[1 + x**2]]))
    time = answer(plane, (-1, 0), ACROSS, cells=128, box=((-2.5, 1), (-1.2, 1.2)))
    assert time.mean / answer(line, -1.0, et.Interval(-math.inf, 1)).mean == pytest.approx(2.391, abs=2e-3)


def radial(temperature, r, dimension=2):
    """Mean exit time of ``dX = -X dt + noise`` from the unit ball: rotational symmetry leaves a double integral."""

    def inner(s):
        return quad(lambda t: t ** (dimension - 1) * math.exp((s * s - t * t) / 2 / temperature), 0, s, epsrel=1e-12)[0]

    return quad(lambda s: inner(s) * s ** (1 - dimension) / temperature, r, 1, epsrel=1e-11)[0]


def test_rotation_of_the_drift_does_not_matter_in_a_disk():
    process = et.Diffusion((x, y), sp.Matrix([-x + y, -y - x]), sp.eye(2) / 5)
    time = answer(process, (0.3, 0.2), et.Ball((0, 0), 1), cells=96)
    assert time.mean == pytest.approx(radial(0.2, math.hypot(0.3, 0.2)), rel=1e-4)
    assert abs(time.mean - radial(0.2, math.hypot(0.3, 0.2))) < time.stderr


# --- order of convergence --------------------------------------------------------------------------------------------

CURVED = {
    2: (et.langevin(et.landscapes.quadratic(1, 1), temperature=0.2), (0.13, 0.21), et.Ball((0, 0), 1), 20, 4),
    3: (et.langevin(et.landscapes.quadratic(1, 1, 1), temperature=0.3), (0.1, 0.2, 0.2), et.Ball((0,) * 3, 1), 12, 3),
}  # fmt: skip


def order(process, start, domain, box, cells, levels, exact):
    grids = [Grid.through(start, box, (cells,) * len(start))]
    while len(grids) < levels:
        grids.append(grids[-1].halved())
    errors = [mean_on(process, grid, domain) / exact - 1 for grid in grids]
    return convergence_order([grid.spacing[0] for grid in grids], errors).slope


def test_second_order_with_a_boundary_along_the_axes():
    process = et.langevin(et.landscapes.double_well_with_valley(1, 1), temperature=0.05)
    box, exact = ((-1.8, 1.0), (-1.7, 1.7)), double_well(0.05).mean
    assert order(process, (-1.0, 0.0), ACROSS, box, 28, 3, exact) == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("dimension", [2, 3])
def test_second_order_with_a_curved_boundary(dimension):
    process, start, domain, cells, levels = CURVED[dimension]
    exact = radial(process.temperature, float(np.linalg.norm(start)), dimension)
    assert order(process, start, domain, domain.bounds, cells, levels, exact) == pytest.approx(2.0, abs=0.1)


def test_control_a_staircase_boundary_is_first_order(monkeypatch):
    class Staircase(walk.Arms):
        @classmethod
        def of(cls, grid, domain):
            arms = super().of(grid, domain)
            return replace(arms, length=np.broadcast_to(np.array(grid.spacing)[:, None], arms.length.shape))

    monkeypatch.setattr(walk, "Arms", Staircase)
    process, start, domain, cells, levels = CURVED[2]
    exact = radial(process.temperature, float(np.linalg.norm(start)))
    assert order(process, start, domain, domain.bounds, cells, levels, exact) < 1.4


# --- the walk itself -------------------------------------------------------------------------------------------------


def test_detailed_balance_holds_to_rounding():
    U = et.landscapes.double_well_with_valley(1, 4)
    at = Generator(et.langevin(U, temperature=0.05), Grid((-1.0, 0.0), (0.1, 0.07), ((-2, 2), (-1, 1))))
    flow = at.walk.rates.multiply(np.exp(-U.value(at.points) / 0.05)[:, None]).toarray()
    assert np.max(np.abs(flow - flow.T)) < 1e-13 * np.max(flow)
    weight = np.exp(-U.value(at.points) / 0.05)
    np.testing.assert_allclose(at.stationary_density(), weight / weight.sum() / 0.007, rtol=1e-8)
    assert np.max(np.abs(at.matrix.sum(axis=1))) < 1e-9


def test_slowest_rate_of_the_double_well_is_twice_the_rate_of_escape():
    def product(temperature):
        process = et.langevin(et.landscapes.double_well(), temperature=temperature)
        rates = Generator(process, Grid((-1.0,), (0.005,), ((-2.5, 2.5),))).eigenvalues(2)
        assert rates[0] == 0
        return rates[1] * double_well(temperature).mean / 2

    assert product(0.05) == pytest.approx(1.0, abs=0.02)
    assert product(0.025) == pytest.approx(1.0, abs=4e-4)  # what is left is exponentially small


def test_every_question_is_asked_of_one_object():
    domain = et.Box((-1, -1), (1, 1))
    at = Generator(brownian(2), Grid((0.25, 0.0), (0.125, 0.125), domain.bounds), domain)
    assert np.sum(at.occupation()) == pytest.approx(at.mean_exit_time()[at.walk.origin], rel=1e-12)
    np.testing.assert_allclose(at.matrix @ at.mean_exit_time(), -1, atol=1e-10)
    faces = [at.exit_probability(name) for name in ("x1 lower", "x1 upper", "x2 lower", "x2 upper")]
    np.testing.assert_allclose(np.sum(faces, axis=0), 1, atol=1e-12)
    assert np.all(faces[1][at.points[:, 0] > 0] > faces[0][at.points[:, 0] > 0])
    finer = answer(brownian(2), (0.25, 0), domain, cells=64)
    assert at.standard_deviation() == pytest.approx(finer.details["std"], rel=0.02)


def test_only_the_part_of_the_domain_around_the_start_counts():
    U, grid = et.landscapes.double_well_with_valley(1, 1), Grid((-1.0, 0.0), (0.05, 0.05), ((-2, 2), (-1, 1)))
    at = Generator(et.langevin(U, temperature=0.1), grid, et.Sublevel(U, 0.2))
    assert np.all(at.points[:, 0] < 0)


def test_one_dimension_agrees_with_quadrature():
    problem = et.EscapeProblem(
        et.langevin(et.landscapes.tilted_double_well(0.1), temperature=0.05), -1.0, et.Interval(-math.inf, 0.7)
    )
    time = generator.escape_time(problem)
    assert time.mean == pytest.approx(et.exact.escape_time(problem).mean, rel=1e-6)


# --- the box ---------------------------------------------------------------------------------------------------------


def test_what_lies_beyond_the_box_does_not_matter(monkeypatch):
    process = et.langevin(et.landscapes.double_well_with_valley(1, 4), temperature=0.08)
    problem = et.EscapeProblem(process, (-1.0, 0.0), ACROSS)

    def mean(height):
        monkeypatch.setattr(confinement, "HEIGHT", height)
        return mean_on(process, Grid((-1.0, 0.0), (0.05, 0.05), confinement.computational_box(problem)), ACROSS)

    assert mean(16.0) == pytest.approx(mean(30.0), rel=1e-7)
    assert mean(4.0) != pytest.approx(mean(30.0), rel=1e-5)  # the control: a box that is too small is seen


def test_the_box_reaches_over_a_high_pass():
    for temperature in (0.1, 0.004):  # barriers of 2.5 and 62 temperatures
        problem = et.EscapeProblem(
            et.langevin(et.landscapes.double_well_with_valley(1, 4), temperature=temperature), (-1.0, 0.0), ACROSS
        )
        box = confinement.computational_box(problem)
        faces = [(box[0][0], 0.0), (-1.0, box[1][0]), (0.0, box[1][1])]
        assert box[0][1] == 1.0
        assert np.min(problem.process.landscape.value(np.array(faces))) > 0.25 + 16 * temperature


# --- refusals --------------------------------------------------------------------------------------------------------

THERMAL = et.langevin(et.landscapes.double_well_with_valley(1, 1), temperature=0.1)
DISK = et.Ball((0, 0), 1)


def plane(drift, strength):
    return et.Diffusion((x, y), sp.Matrix(drift), sp.Matrix(strength))


WHIRL = plane([10 * y - x, -y - 10 * x], [[0.1, 0], [0, 0.1]])


@pytest.mark.parametrize(
    ("process", "start", "domain", "options", "error", "message"),
    [
        (plane([0, 0], [[1, x / 2], [x / 2, 1]]), (0, 0), DISK, {}, RouteNotApplicable, r"D\[y, x\] is x/2"),
        (plane([y, -x], [[0, 0], [0, 1]]), (0, 0), DISK, {}, RouteNotApplicable, "x has none"),
        (plane([0, 0], [[1, 0], [0, x**2 - y**2]]), (0, 0), DISK, {}, InvalidInput, "must be positive"),
        (plane([-x, -y], [[1, 0], [0, 1]]), (0, 0), ACROSS, {}, RouteNotApplicable, "box="),
        (brownian(2), (0, 0), ACROSS, {}, InvalidInput, r"does not rise .* box"),
        (brownian(4), (0,) * 4, et.Ball((0,) * 4, 1), {}, RouteNotApplicable, "one to three dimensions"),
        (brownian(2), (0, 0), DISK, {"cells": 8}, InvalidInput, "at least 16"),
        (brownian(2), (0, 0), DISK, {"cells": (32, 32, 32)}, InvalidInput, "or 2 of them"),
        (brownian(2), (0, 0), DISK, {"cells": 32.5}, InvalidInput, "integer"),
        (brownian(2), (0, 0), DISK, {"dt": 1}, InvalidInput, "options cells, box; 'dt'"),
        (THERMAL, (-1, 0), ACROSS, {"box": ((0, 1), (-1, 1))}, InvalidInput, "around the start"),
        (THERMAL, (-1, 0), ACROSS, {"box": "wide"}, InvalidInput, "finite pair"),
        (THERMAL, (-1, 0), ACROSS, {"box": ((-2, 0), (-1, 1))}, NumericalFailure, "sees no exit"),
        (THERMAL, (-1, 0), et.Exterior((1, 0), 1e-4), {"cells": 32}, InvalidInput, "No exit"),
        (WHIRL, (0, 0), DISK, {"cells": 32}, NumericalFailure, "Raise cells"),
    ],
)
def test_refusals_name_what_is_wrong(process, start, domain, options, error, message):
    problem = et.EscapeProblem(process, start, domain)
    with pytest.raises(error, match=message):
        et.exact.escape_time(problem, **options)


def test_an_escape_that_underflows_is_refused():
    with pytest.raises(NumericalFailure, match="too rare"):
        valley(3e-4, cells=192)


def test_questions_without_an_answer():
    open_, closed = (Generator(brownian(2), Grid((0.0, 0.0), (0.25, 0.25), DISK.bounds), d) for d in (DISK, None))
    with pytest.raises(InvalidInput, match="no stationary density"):
        open_.stationary_density()
    with pytest.raises(InvalidInput, match="no exit"):
        closed.mean_exit_time()
    with pytest.raises(InvalidInput, match="face among sphere, got 'plane'"):
        open_.exit_probability("plane")
    with pytest.raises(InvalidInput, match="count between 1 and"):
        open_.eigenvalues(0)
    with pytest.raises(InvalidInput, match="is not inside"):
        Generator(brownian(2), Grid((2.0, 0.0), (0.25, 0.25), ((-3, 3), (-1, 1))), DISK)
    with pytest.raises(InvalidInput, match="one dimension"):
        Generator(brownian(3), Grid((0.0, 0.0), (0.25, 0.25), DISK.bounds), DISK)
    with pytest.raises(InvalidInput, match="finite box"):
        Grid((0.0,), (0.1,), ((-math.inf, 1),))
    with pytest.raises(InvalidInput, match="too coarse"):
        Grid((0.0,), (1.0,), ((-1, 1),))


def test_a_process_that_is_not_a_diffusion_is_sent_elsewhere():
    problem = et.EscapeProblem(THERMAL, (-1, 0), ACROSS)
    object.__setattr__(problem, "process", "Levy flight")
    with pytest.raises(RouteNotApplicable, match="simulate"):
        et.exact.escape_time(problem)
