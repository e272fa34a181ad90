"""Laplace's method in n dimensions: against one dimension, against rotations, and against a lattice sum."""

import numpy as np
import pytest
import sympy as sp

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.symbolic.laplace import laplace_series
from escapetime.symbolic.laplace_nd import laplace_series_nd
from tests.symbolic.convergence import measured_order

x, y, z = sp.symbols("x y z", real=True)
eps, h, k = sp.symbols("eps h k", positive=True)
COUPLED = x**2 + x * y + y**2 + x**2 * y / 3 + x**4 / 4 + y**4 / 3 + x * y**2 / 5


def test_one_dimension_is_the_one_dimensional_series():
    f, g = x - sp.log(x), sp.exp(x**2)
    one, many = laplace_series(f, x, 1, eps, g), laplace_series_nd(f, x, 1, eps, g, order=2)
    assert sp.simplify(one.series - many.series) == 0


def test_undefined_function_of_one_variable_gives_the_same_formula():
    U, a = sp.Function("U"), sp.Symbol("a")
    one, many = laplace_series(U(x), x, a, eps), laplace_series_nd(U(x), x, a, eps, order=2)
    assert [sp.expand(p - q) for p, q in zip(one.coefficients, many.coefficients, strict=True)] == [0, 0, 0]


def test_separable_integrals_multiply():
    f, g = h * x**2 / 2 + x**3 / 6, sp.cosh(y) - 1
    product = laplace_series(f, x, 0, eps, sp.cos(x)) * laplace_series(g, y, 0, eps, 1 + y**2)
    joint = laplace_series_nd(f + g, (x, y), (0, 0), eps, sp.cos(x) * (1 + y**2), order=2)
    assert sp.simplify(joint.prefactor / product.prefactor) == 1
    assert [sp.expand(p - q) for p, q in zip(joint.coefficients, product.coefficients, strict=True)] == [0, 0, 0]


def test_three_dimensions_separable():
    f = [x - sp.log(1 + x), y**2 + y**4, sp.cosh(z)]
    single = [laplace_series(part, v, 0, eps) for part, v in zip(f, (x, y, z), strict=True)]
    joint = laplace_series_nd(sum(f), (x, y, z), (0, 0, 0), eps, order=2)
    assert sp.simplify(joint.prefactor / (single[0] * single[1] * single[2]).prefactor) == 1
    assert joint.coefficients == (single[0] * single[1] * single[2]).coefficients


@pytest.mark.parametrize("matrix", [sp.Matrix([[3, -4], [4, 3]]) / 5, sp.Matrix([[1, 2], [0, 1]])])
def test_volume_preserving_maps_change_nothing(matrix):
    """A rotation, and a shear: both have determinant 1."""
    new = matrix * sp.Matrix([x, y])
    mapped = COUPLED.subs({x: new[0], y: new[1]}, simultaneous=True)
    original = laplace_series_nd(COUPLED, (x, y), (0, 0), eps, order=2)
    assert laplace_series_nd(sp.expand(mapped), (x, y), (0, 0), eps, order=2) == original


def test_translation_changes_nothing():
    moved = COUPLED.subs({x: x - 2, y: y + h}, simultaneous=True)
    original = laplace_series_nd(COUPLED, (x, y), (0, 0), eps, order=2)
    assert laplace_series_nd(moved, (x, y), (2, -h), eps, order=2) == original


def lattice_residuals(order, spoil=0):
    """Residual against the trapezoidal rule, whose error for such integrands is below rounding."""
    g = 1 + x * y + sp.sin(x + 2 * y)
    series = laplace_series_nd(COUPLED, (x, y), (0, 0), eps, g, order)
    prefactor, correction = (sp.lambdify(eps, e) for e in (series.prefactor, series.correction))
    last = float(series.coefficients[-1])
    f_of, g_of = sp.lambdify((x, y), COUPLED), sp.lambdify((x, y), g)
    values = [0.005 / 2**j for j in range(5)]
    residuals = []
    for value in values:
        grid = np.linspace(-9, 9, 241) * np.sqrt(value)
        first, second = np.meshgrid(grid, grid, indexing="ij")
        exact = (g_of(first, second) * np.exp(-f_of(first, second) / value)).sum() * (grid[1] - grid[0]) ** 2
        residuals.append(exact / prefactor(value) - correction(value) - spoil * last * value**order)
    return values, residuals


@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_residual_vanishes_at_the_first_order_left_out(order):
    assert measured_order(*lattice_residuals(order)) == pytest.approx(order + 1, abs=0.05)


def test_a_last_coefficient_off_by_five_percent_spoils_the_order():
    """Negative control."""
    assert measured_order(*lattice_residuals(2, spoil=0.05)) < 2.2


def test_undefined_functions_at_second_order_agree_with_a_concrete_one():
    U, (a, b) = sp.Function("U"), sp.symbols("a b", real=True)
    general = laplace_series_nd(U(x, y), (x, y), (a, b), eps, order=2)
    concrete = laplace_series_nd(COUPLED, (x, y), (0, 0), eps, order=2)
    filled = [c.replace(U, sp.Lambda((x, y), COUPLED)).doit().subs({a: 0, b: 0}) for c in general.coefficients]
    assert tuple(filled) == concrete.coefficients


def test_undefined_functions_need_a_symbolic_point():
    """sympy confuses the mixed derivatives of an undefined function at a point with equal coordinates."""
    U = sp.Function("U")(x, y)
    mixed = [sp.diff(U, x, x, y).subs({x: 0, y: 0}), sp.diff(U, x, y, y).subs({x: 0, y: 0})]
    assert mixed[0] == mixed[1], "sympy has mended this: laplace_series_nd may take such points again"
    with pytest.raises(InvalidInput, match="distinct symbols"):
        laplace_series_nd(U, (x, y), (0, 0), eps)


@pytest.mark.parametrize(
    ("f", "point", "error", "words"),
    [
        (x**2 - y**2, (0, 0), InvalidInput, "not positive"),
        (-(x**2) - y**2, (0, 0), InvalidInput, "not positive"),
        (x**2 + y**4, (0, 0), RouteNotApplicable, "flat minimum"),
        ((x + y) ** 2, (0, 0), RouteNotApplicable, "flat minimum"),
        (x**2 + y**2, (0.1, 0), InvalidInput, "solve for the critical point"),
        (x**2 + y**2, (0, 0, 0), InvalidInput, "one for each variable"),
    ],
)
def test_what_is_no_nondegenerate_minimum_is_refused(f, point, error, words):
    with pytest.raises(error, match=words):
        laplace_series_nd(f, (x, y), point, eps)


def test_bad_order_is_refused():
    with pytest.raises(InvalidInput, match="order of at least 0"):
        laplace_series_nd(x**2 + y**2, (x, y), (0, 0), eps, order=-1)
