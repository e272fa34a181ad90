"""One-dimensional mean escape times: closed forms, a 30-digit reference, and what must be refused."""

import math
from itertools import pairwise

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.exact import quadrature

x = sp.Symbol("x", real=True)
LEFT = et.Interval(-math.inf, 1.0)


def diffusion(drift, strength, convention="ito"):
    return et.Diffusion((x,), sp.Matrix([drift]), sp.Matrix([[strength]]), convention)


def answer(process, start, domain, **options):
    return et.exact.escape_time(et.EscapeProblem(process, start, domain), **options)


def double_well(temperature, domain=LEFT, start=-1.0):
    return answer(et.langevin(et.landscapes.double_well(), temperature=temperature), start, domain)


# --- the double well against 30 digits -------------------------------------------------------------------------------


def reference(temperature, target, digits=30):
    """Mean time of the double well from -1 to `target`: nested Gauss-Legendre, nothing in common with the library."""
    with mp.workdps(digits + 10):
        D = mp.mpf(temperature)
        cuts = [mp.mpf(k) / 4 for k in range(-12, 4 * target + 1)]

        def boltzmann(z, sign):
            return mp.exp(sign * (z * z - 1) ** 2 / (4 * D))

        def integral(f, a, b):
            return mp.quad(f, [a, b], method="gauss-legendre", maxdegree=5)

        below, total = mp.mpf(0), mp.mpf(0)
        for a, b in pairwise(cuts):
            if a >= -1:
                total += integral(
                    lambda y, a=a, below=below: boltzmann(y, 1) * (below + integral(lambda z: boltzmann(z, -1), a, y)),
                    a,
                    b,
                )
            below += integral(lambda z: boltzmann(z, -1), a, b)
        return mp.nstr(total / D, digits)


# remade (17 s) by: python -c "from tests.exact.test_quadrature import remake; remake()"
TABLE = [
    ("0.1", "30.8213024726656896661513193839", "66.268626364917880776565993005"),
    ("0.05", "361.903759500924365551184246426", "729.6706919423227988185421267"),
    ("0.025", "51050.7025086000295771623100807", "102108.365457169836964784564583"),
    ("0.0125", "1099322196.68659078760232346517", "2198644401.40828887619103994601"),
    ("0.00625", "527950434118551151.136432658478", "1055900868237102311.37477775027"),
]


def remake():
    for temperature, *_ in TABLE:
        print(temperature, reference(temperature, 0), reference(temperature, 1))


@pytest.mark.parametrize(("temperature", "to_saddle", "across"), TABLE)
def test_double_well_agrees_with_thirty_digits(temperature, to_saddle, across):
    for target, expected in ((0.0, to_saddle), (1.0, across)):
        time = double_well(float(temperature), et.Interval(-math.inf, target))
        assert time.mean == pytest.approx(float(expected), rel=1e-12)  # asked for: 1e-9
        assert abs(time.mean - float(expected)) <= time.stderr + 1e-15 * time.mean


def test_the_table_is_what_mpmath_says():
    assert float(reference("0.1", 0, digits=15)) == pytest.approx(float(TABLE[0][1]), rel=1e-14)


def test_ratio_to_kramers_law_is_that_of_the_theory_sheet():
    ratios = [
        double_well(D).mean / (math.sqrt(2) * math.pi * math.exp(0.25 / D)) for D in (0.1, 0.05, 0.025, 0.0125, 0.00625)
    ]
    assert np.round(ratios, 4).tolist() == [1.2244, 1.1066, 1.0434, 1.0200, 1.0097]


def test_the_saddle_takes_half_as_long_only_by_symmetry():
    cubic = [
        answer(et.langevin(et.landscapes.cubic_well(), temperature=D), 0.0, LEFT).mean
        / (2 * math.pi * math.exp(1 / 6 / D))
        for D in (0.01, 0.0025, 0.000625)
    ]
    excess = (2 * np.array(cubic) - 1) / np.sqrt([0.01, 0.0025, 0.000625])
    assert np.all(np.diff(excess) < 0)
    assert excess[-1] == pytest.approx(4 / 3 / math.sqrt(2 * math.pi), rel=0.09)  # approached like sqrt(D)


# --- closed forms ----------------------------------------------------------------------------------------------------


def test_brownian_exit_as_a_curve():
    starts = np.linspace(-1, 1, 21).reshape(3, 7)
    times = quadrature.mean_exit_time(diffusion(0, 0.3), starts, et.Interval(-1, 1))
    assert times.shape == (3, 7)
    np.testing.assert_allclose(times, (1 - starts**2) / 0.6, rtol=1e-13, atol=1e-15)


def test_drifted_brownian_motion():
    b, D, start = 2.0, 0.3, 0.3
    time = answer(diffusion(2, sp.Float(D)), start, et.Interval(-1, 1))
    up = (1 - math.exp(-b * (start + 1) / D)) / (1 - math.exp(-2 * b / D))
    assert time.details["exit"] == pytest.approx({"lower": 1 - up, "upper": up}, rel=1e-9)
    assert time.mean == pytest.approx((up - (1 - up) - start) / b, rel=1e-13)
    half_line = answer(diffusion(2, sp.Float(D)), -1.0, LEFT)
    assert (half_line.mean, half_line.details["std"]) == pytest.approx((2 / b, math.sqrt(2 * D * 2 / b**3)), rel=1e-12)
    assert half_line.details["exit"] == {"upper": 1.0}


def test_ornstein_uhlenbeck_series():
    D = 0.05
    expected = float(mp.hyper([1, 1], [1.5, 2], 1 / (2 * D)) / (2 * D))
    assert answer(diffusion(-x, sp.Float(D)), 0.0, et.Interval(-1, 1)).mean == pytest.approx(expected, rel=1e-12)


def test_rare_exits_are_exponentially_distributed():
    time = double_well(0.025)
    assert time.details["std"] / time.mean == pytest.approx(1.0, abs=1e-4)


# T for D = 1 + x**2 without drift, from x to +-1: three conventions, three closed forms
CONVENTIONS = {
    "ito": lambda s: (
        math.pi / 4 - math.log(2) / 2 - (s * math.atan(s) - math.log(1 + s * s) / 2)
    ),
    "stratonovich": lambda s: (math.asinh(1) ** 2 - math.asinh(s) ** 2) / 2,
    "haenggi_klimontovich": lambda s: math.log(2 / (1 + s * s)) / 2,
}  # fmt: skip


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_multiplicative_noise_follows_its_convention(convention):
    time = answer(diffusion(0, 1 + x**2, convention), 0.5, et.Interval(-1, 1)).mean
    assert time == pytest.approx(CONVENTIONS[convention](0.5), rel=1e-12)
    others = [form(0.5) for name, form in CONVENTIONS.items() if name != convention]
    assert all(abs(time / other - 1) > 0.1 for other in others)  # the control: a dropped convention is seen


@pytest.mark.parametrize(("convention", "prefactor"), [("ito", 3.1725), ("stratonovich", 4.4706), ("hk", 6.3049)])
def test_sgd_with_matched_noise_has_the_prefactor_of_its_convention(convention, prefactor):
    name = {"hk": "haenggi_klimontovich"}.get(convention, convention)
    process = diffusion(x - x**3, (1 + x**2) / 320, name)
    assert answer(process, -1.0, LEFT).mean / math.exp(320 * (math.log(2) - 0.5)) == pytest.approx(prefactor, abs=6e-5)


def test_power_law_tail():
    # b = -x, D = (1 + x**2) / 2: s' = 1 + x**2 and m = 2 / (1 + x**2)**2, whose tail reaches beyond 1e5 domains
    expected = sp.integrate((1 + x**2) * (x / (1 + x**2) + sp.atan(x) + sp.pi / 2), (x, 0, 1))
    assert answer(diffusion(-x, (1 + x**2) / 2), 0.0, LEFT).mean == pytest.approx(float(expected), rel=1e-12)


def test_a_jump_of_the_diffusion_is_found():
    # no drift (Ito): T'' = -1/D, T and T' continuous at the jump
    cut = sp.Rational(1, 10)
    process = diffusion(0, sp.Piecewise((1, x < cut), (2, True)))
    a, b, c = sp.symbols("a b c")
    left, right = -(x**2) / 2 + a * x + b, -(x**2) / 4 + (a - cut / 2) * x + c
    solution = sp.solve([left.subs(x, -1), right.subs(x, 1), (left - right).subs(x, cut)], [a, b, c])
    times = quadrature.mean_exit_time(process, [-0.3, 0.6], et.Interval(-1, 1))
    expected = [float(left.subs(solution).subs(x, -0.3)), float(right.subs(solution).subs(x, 0.6))]
    np.testing.assert_allclose(times, expected, rtol=1e-11)
    np.testing.assert_allclose(
        quadrature.mean_exit_time(process, [-0.3, 0.6], et.Interval(-1, 1), breakpoints=[0.1]), expected, rtol=1e-13
    )


# --- invariances -----------------------------------------------------------------------------------------------------


def test_reflection_exchanges_the_ends():
    tilted = et.landscapes.tilted_double_well(0.1).expression
    right = answer(diffusion(-sp.diff(tilted, x), sp.Float(0.05)), 0.2, et.Interval(-0.7, 1.5))
    left = answer(diffusion(sp.diff(tilted, x).subs(x, -x), sp.Float(0.05)), -0.2, et.Interval(-1.5, 0.7))
    assert left.mean == pytest.approx(right.mean, rel=1e-12)
    assert left.details["std"] == pytest.approx(right.details["std"], rel=1e-12)
    assert left.details["exit"]["lower"] == pytest.approx(right.details["exit"]["upper"], rel=1e-12)


@pytest.mark.parametrize("wall", [-3.0, -10.0, -40.0])
def test_a_wall_far_out_changes_nothing_and_overflows_nothing(wall):
    assert double_well(0.00625, et.Interval(wall, 1.0)).mean == pytest.approx(double_well(0.00625).mean, rel=1e-12)


@pytest.mark.parametrize("shift", [10, 1000, 100_000])
def test_the_origin_of_the_coordinate_does_not_matter(shift):
    moved = diffusion((x - shift) - (x - shift) ** 3, sp.Float(0.05))
    time = answer(moved, shift - 1.0, et.Interval(-math.inf, shift + 1.0))
    assert time.mean == pytest.approx(double_well(0.05).mean, rel=1e-14 * shift + 1e-12)
    assert abs(time.mean - double_well(0.05).mean) < 3 * time.stderr


def test_other_domains_than_intervals():
    well = et.landscapes.double_well()
    process, root = et.langevin(well, temperature=0.1), math.sqrt(0.8)
    same = answer(process, -1.0, et.Interval(-math.sqrt(1 + root), -math.sqrt(1 - root)))
    assert answer(process, -1.0, et.Sublevel(well, 0.2)).mean == pytest.approx(same.mean, rel=1e-10)
    assert answer(process, -1.0, et.Ball([-1.0], 0.5)).mean == pytest.approx(
        answer(process, -1.0, et.Interval(-1.5, -0.5)).mean, rel=1e-12
    )
    assert answer(process, -1.0, et.Exterior([1.0], 0.5)).mean == pytest.approx(
        answer(process, -1.0, et.Interval(-math.inf, 0.5)).mean, rel=1e-12
    )


def test_the_mean_is_huge_but_finite():
    time = double_well(0.001)
    assert time.mean == pytest.approx(math.sqrt(2) * math.pi * math.exp(250) * (1 + 0.0015 + 57 / 8 * 1e-6), rel=1e-7)


def test_what_the_answer_carries():
    time = double_well(0.05)
    assert time.method == "quadrature"
    assert time.time_unit == "t"
    assert time.details["log_mean"] == pytest.approx(math.log(time.mean))
    assert time.interval()[0] < time.mean < time.interval()[1]
    assert "Gardiner" in time.cite()[0]


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drift", "strength", "domain", "error", "message"),
    [
        (x - x**3, x**2, et.Interval(-2, 1), InvalidInput, r"positive throughout .* near x = -?[0-9.e-]+"),
        (x - x**3, x, et.Interval(-2, 1), InvalidInput, "positive throughout"),
        (1, (x - sp.Rational(123, 1000)) ** 2, et.Interval(-2, 1), InvalidInput, r"near x = 0\.123"),
        (-1, sp.Integer(1), LEFT, InvalidInput, "drives the process away to -infinity"),
        (x - x**2, sp.Float(0.1), et.Interval(-2, math.inf), None, None),
        (x**2 - x, sp.Float(0.1), et.Interval(-2, math.inf), InvalidInput, r"away to \+infinity"),
        (0, sp.Integer(1), LEFT, InvalidInput, "does not bring the process back"),
        (-x / (1 + x**2), sp.Integer(2), LEFT, InvalidInput, "so slowly"),
        (x - x**3, sp.Float(3e-4), LEFT, NumericalFailure, r"exp\(834\.82"),
        (x - x**3, sp.Float(1e-9), LEFT, NumericalFailure, "noise is too weak"),
    ],
)
def test_refusals_name_what_is_wrong(drift, strength, domain, error, message):
    problem = et.EscapeProblem(diffusion(drift, strength), -1.0, domain)
    if error is None:
        assert et.exact.escape_time(problem).mean > 0
        return
    with pytest.raises(error, match=message):
        et.exact.escape_time(problem)


def test_points_outside_and_points_that_are_none():
    process = diffusion(0, 1)
    with pytest.raises(InvalidInput, match=r"1\.5 is not in"):
        quadrature.mean_exit_time(process, [0.0, 1.5], et.Interval(-1, 1))
    with pytest.raises(InvalidInput, match="finite starting points"):
        quadrature.mean_exit_time(process, [math.nan], et.Interval(-1, 1))


@pytest.mark.parametrize("breakpoints", [["here"], 0.5, [[0.5]]])
def test_breakpoints_are_numbers(breakpoints):
    with pytest.raises(InvalidInput, match="breakpoints"):
        answer(diffusion(0, 1), 0.0, et.Interval(-1, 1), breakpoints=breakpoints)


def test_two_dimensions_are_refused_here_and_unknown_options_everywhere():
    plane = et.langevin(et.landscapes.flat(2), temperature=1.0)
    with pytest.raises(RouteNotApplicable, match=r"generator .*simulate"):
        quadrature.escape_time(et.EscapeProblem(plane, (0, 0), et.Ball((0, 0), 1)))
    line = et.EscapeProblem(diffusion(0, 1), 0.0, et.Interval(-1, 1))
    with pytest.raises(InvalidInput, match=r"options breakpoints; 'cells'"):
        et.exact.escape_time(line, cells=3)
