"""Laplace's method in one dimension: classical series, an independent derivation, and measured orders."""

import mpmath
import pytest
import sympy as sp

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.symbolic.laplace import laplace_formulas, laplace_series
from tests.symbolic.convergence import measured_order

x, t, theta = sp.symbols("x t theta", real=True)
n, eps, D, h = sp.symbols("n eps D h", positive=True)
u3, u4, u5, u6 = sp.symbols("u3:7", real=True)
HALVINGS = [mpmath.mpf(2) ** -k for k in range(11, 16)]


def test_stirling():
    series = laplace_series(x - sp.log(x), x, 1, 1 / n, order=3)
    assert series.coefficients == (1, sp.Rational(1, 12), sp.Rational(1, 288), sp.Rational(-139, 51840))
    assert sp.simplify(series.leading - sp.sqrt(2 * sp.pi / n) * sp.exp(-n)) == 0


def test_modified_bessel_function():
    """2 pi I_0(n) is the integral of exp(n cos)."""
    series = laplace_series(-sp.cos(theta), theta, 0, 1 / n, order=3)
    assert series.coefficients == (1, sp.Rational(1, 8), sp.Rational(9, 128), sp.Rational(225, 3072))
    assert sp.simplify(series.prefactor - sp.sqrt(2 * sp.pi / n) * sp.exp(n)) == 0


def test_one_sided_ramanujan():
    """n times the integral of exp(-n (u - log(1 + u))) over u > 0 is 1 + Q(n), Q Ramanujan's function (Knuth)."""
    series = laplace_series(x - sp.log(1 + x), x, 0, 1 / n, order=1, side="right")
    root = sp.sqrt(sp.pi * n / 2)
    expected = root + sp.Rational(2, 3) + sp.sqrt(sp.pi / (2 * n)) / 12
    assert sp.expand(n * series.series - expected) == 0


def test_well_and_barrier_corrections_of_any_landscape():
    U, a, b = sp.Function("U"), sp.Symbol("a"), sp.Symbol("b")
    well = laplace_series(U(x), x, a, D, order=1).coefficients[1]
    barrier = laplace_series(-U(x), x, b, D, order=1).coefficients[1]
    d = [U(a).diff(a, k) if k else U(a) for k in range(5)]
    assert sp.simplify(well - (5 * d[3] ** 2 / (24 * d[2] ** 3) - d[4] / (8 * d[2] ** 2))) == 0
    d = [U(b).diff(b, k) if k else U(b) for k in range(5)]
    assert sp.simplify(barrier - (5 * d[3] ** 2 / (24 * (-d[2]) ** 3) + d[4] / (8 * d[2] ** 2))) == 0


def test_half_barrier():
    """Approaching from the left: 1 - (2 U'''/3) sqrt(D / (2 pi |U''|^3)); from the right the other sign."""
    U = -h * x**2 / 2 + u3 * x**3 / 6
    expected = -2 * u3 / 3 / sp.sqrt(2 * sp.pi * h**3)
    assert sp.simplify(laplace_series(-U, x, 0, D, order=1, side="left").coefficients[1] - expected) == 0
    assert sp.simplify(laplace_series(-U, x, 0, D, order=1, side="right").coefficients[1] + expected) == 0


def test_two_halves_make_the_whole():
    f = h * x**2 / 2 + u3 * x**3 / 6 + u4 * x**4 / 24 + u5 * x**5 / 120 + u6 * x**6 / 720
    whole, left, right = (laplace_series(f, x, 0, eps, g=sp.exp(x), side=s).series for s in ("both", "left", "right"))
    assert sp.expand(left + right - whole) == 0


def test_second_order_against_series_reversion():
    """Independent derivation: with f = s**2 / 2 the integral is that of dx/ds under a Gaussian, dx/ds by reversion."""
    s = sp.Symbol("s")
    f = x**2 / 2 + u3 * x**3 / 6 + u4 * x**4 / 24 + u5 * x**5 / 120 + u6 * x**6 / 720  # h = 1 by scaling x
    solution = s
    for power in range(2, 6):  # a term a s**power in x adds a s**(power + 1) to f
        excess = sp.Poly(f.subs(x, solution), s).coeff_monomial(s ** (power + 1))
        solution -= excess * s**power
    slope = sp.expand(sp.diff(solution, s))
    reversion = [sp.factorial2(2 * k - 1) * slope.coeff(s, 2 * k) for k in range(3)]
    found = laplace_series(f, x, 0, eps, order=2).coefficients
    assert [sp.expand(a - b) for a, b in zip(found, reversion, strict=True)] == [0, 0, 0]


def test_the_width_enters_by_scaling():
    """x -> x / sqrt(h) brings any second derivative to 1: the formulas must be homogeneous."""
    (_, c1, c2), fs, gs = laplace_formulas(2)
    scale = {f: f * h ** sp.Rational(k, 2) for k, f in enumerate(fs, start=2)}
    scale |= {g: g * h ** sp.Rational(k, 2) for k, g in enumerate(gs)}
    for c in (c1, c2):
        assert sp.simplify(c.subs(scale, simultaneous=True) - c) == 0


def skew_well(order, side, spoil=0):
    """Residuals of the series of a skew well with an amplitude, against quadrature in 30 digits."""
    f = x**2 + x**3 / 3 + x**4 / 2
    g = 1 / (2 + sp.sin(x))
    series = laplace_series(f, x, 0, eps, g, order, side)
    last = series.coefficients[-1] * eps ** ((len(series.coefficients) - 1) * series.step)
    approximate = sp.lambdify(eps, series.correction + spoil * last, "mpmath")
    prefactor = sp.lambdify(eps, series.prefactor, "mpmath")
    lower, upper = {"both": (-8, 8), "left": (-8, 0), "right": (0, 8)}[side]
    residuals = []
    with mpmath.workdps(30):
        f_of, g_of = sp.lambdify(x, f, "mpmath"), sp.lambdify(x, g, "mpmath")
        for value in HALVINGS:
            width = mpmath.sqrt(value)
            panels = [mpmath.mpf(k) * width for k in range(lower, upper + 1, 2)]
            panels = ([-5 * panels[-1]] if lower else []) + panels + ([5 * panels[-1]] if upper else [])
            exact = mpmath.quad(lambda z, e=value: g_of(z) * mpmath.exp(-f_of(z) / e), sorted(panels))
            residuals.append(exact / prefactor(value) - approximate(value))
    return measured_order(HALVINGS, residuals)


@pytest.mark.parametrize(
    ("order", "side", "expected"),
    [(0, "both", 1), (1, "both", 2), (2, "both", 3), (1, "left", 1.5), (2, "right", 2.5), (2, "left", 2.5)],
)
def test_the_residual_vanishes_at_the_first_order_left_out(order, side, expected):
    assert skew_well(order, side) == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize(("side", "order_of_last"), [("both", 2), ("right", 2)])
def test_a_last_coefficient_off_by_five_percent_spoils_the_order(side, order_of_last):
    """Negative control: the residual then falls only like the spoiled term."""
    assert skew_well(2, side, spoil=0.05) < order_of_last + 0.1


def test_an_amplitude_that_vanishes_at_the_minimum():
    series = laplace_series(h * x**2 / 2, x, 0, eps, g=x**2, order=2)
    assert series.coefficients == (0, 1 / h, 0)
    assert sp.simplify(series.leading - sp.sqrt(2 * sp.pi * eps / h) * eps / h) == 0


def test_products_need_one_small_parameter():
    one = laplace_series(x**2, x, 0, eps)
    with pytest.raises(InvalidInput, match="same small parameter"):
        one * laplace_series(x**2, x, 0, D)


def test_product_of_whole_and_half_keeps_all_half_powers():
    f = x**2 / 2 + x**3
    whole, half = laplace_series(f, x, 0, eps, order=1), laplace_series(f, x, 0, eps, order=1, side="right")
    direct = sp.expand(whole.correction * half.correction)
    root = sp.Symbol("r", positive=True)
    product = (half * whole).correction.subs(eps, root**2)
    assert sp.expand(product) == sp.series(direct.subs(eps, root**2), root, 0, 3).removeO()


@pytest.mark.parametrize("x0", [1.0, 0.99999999999, sp.Float("1.0000000001", 15)])
def test_floats_close_to_the_minimum_are_taken(x0):
    found = laplace_series((x**2 - 1) ** 2 / 4, x, x0, eps).coefficients[2]
    exact = laplace_series((x**2 - 1) ** 2 / 4, x, 1, eps).coefficients[2]
    assert float(found) == pytest.approx(float(exact), rel=1e-7)


@pytest.mark.parametrize(
    ("f", "x0", "error", "words"),
    [
        (-(x**2), 0, InvalidInput, "for a maximum expand -f"),
        (x**4, 0, RouteNotApplicable, "flat minimum"),
        ((x**2 - 1) ** 2, 0.9, InvalidInput, "solve for the critical point"),
        ((x**2 - 1) ** 2, sp.Rational(9, 10), InvalidInput, "solve for the critical point"),
        (x**2 + h * x, 0, InvalidInput, "solve for the critical point"),
        (x**2 / 2 + sp.log(x), 0, InvalidInput, "smooth exponent"),
        (x**2 - x**3, sp.I, InvalidInput, "expected"),
    ],
)
def test_what_is_no_nondegenerate_minimum_is_refused(f, x0, error, words):
    with pytest.raises(error, match=words):
        laplace_series(f, x, x0, eps)


@pytest.mark.parametrize("arguments", [{"order": -1}, {"order": 1.5}, {"side": "up"}])
def test_bad_order_and_side_are_refused(arguments):
    with pytest.raises(InvalidInput, match="expected"):
        laplace_series(x**2, x, 0, eps, **arguments)
