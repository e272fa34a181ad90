"""Every zero in a box is found, certified ones are there, and what cannot be decided is not claimed."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from escapetime import landscapes
from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.symbolic.zeros import isolate_zeros
from escapetime.symbolic.zeros.blocks import independent_blocks
from escapetime.symbolic.zeros.krawczyk import krawczyk

x, y, z = sp.symbols("x y z", real=True)
half, third = sp.Rational(1, 2), sp.Rational(1, 3)

MUELLER_BROWN = [  # minima and saddles of the literature, to the digits they are usually quoted with
    (-0.822, 0.624),
    (-0.558, 1.442),
    (-0.050, 0.467),
    (0.212, 0.293),
    (0.623, 0.028),
]


def critical_points(loss, variables, box, **options):
    gradient = [sp.diff(loss, v) for v in variables]
    return isolate_zeros(gradient, variables, box, **options)


def of_landscape(landscape, **options):
    return isolate_zeros(
        list(landscape.gradient), landscape.variables, landscape.box, jacobian=landscape.hessian, **options
    )


def assert_each_encloses_one(zeros, exact):
    """Match zeros with exact ones, given as sympy numbers or to 30 digits."""
    assert len(zeros) == len(exact)
    for point in exact:
        corners = [zip(map(sp.Rational, w.lower), map(sp.Rational, w.upper), point, strict=True) for w in zeros]
        assert sum(all(a <= c <= b for a, b, c in sides) for sides in corners) == 1, point


def test_double_well_has_its_three_points_exactly():
    zeros = of_landscape(landscapes.double_well())
    assert zeros.points.tolist() == [[-1.0], [0.0], [1.0]]
    assert zeros.certified
    assert zeros.examined < 200
    assert max(np.ptp([w.lower, w.upper]) for w in zeros) < 1e-13


@pytest.mark.parametrize(("dimension", "budget"), [(1, 200), (2, 500), (3, 1000)])
def test_styblinski_tang_has_all_products_of_its_one_dimensional_points(dimension, budget):
    zeros = of_landscape(landscapes.styblinski_tang(dimension))
    roots = [sp.N(r, 30) for r in sp.Poly(4 * x**3 - 32 * x + 5, x).nroots(n=30)]
    grid = np.stack(np.meshgrid(*[np.array(roots)] * dimension, indexing="ij"), axis=-1).reshape(-1, dimension)
    assert_each_encloses_one(zeros, grid.tolist())
    assert zeros.certified
    assert zeros.examined < budget


def test_mueller_brown_has_five_points():
    landscape = landscapes.mueller_brown()
    zeros = of_landscape(landscape)
    np.testing.assert_allclose(zeros.points, MUELLER_BROWN, atol=6e-4)
    exact = [list(sp.nsolve(landscape.gradient, landscape.variables, p, prec=30)) for p in MUELLER_BROWN]
    assert_each_encloses_one(zeros, exact)
    assert zeros.certified
    assert zeros.examined < 3000


def test_coupled_wells_without_a_product_structure():
    """Weakly coupled wells keep one point for each of the 3**n uncoupled ones."""
    variables = sp.symbols("x1:5", real=True)
    loss = sum((v**2 - 1) ** 2 for v in variables) / 4
    loss += sum((variables[i] - variables[i - 1]) ** 2 for i in range(4)) / 20
    zeros = critical_points(loss, variables, [(-2, 2)] * 4)
    assert len(zeros) == 81
    assert zeros.certified
    values = np.array([sp.lambdify(variables, [sp.diff(loss, v) for v in variables])(*w.point) for w in zeros])
    assert np.abs(values).max() < 1e-13


def test_oscillation_near_but_off_its_accumulation_point():
    zeros = isolate_zeros([sp.sin(1 / x)], (x,), [(0.01, 1)])
    exact = [[1 / (sp.pi * k)] for k in range(31, 0, -1)]
    assert_each_encloses_one(zeros, [[sp.N(e[0], 30)] for e in exact])
    assert zeros.certified


def test_close_roots_of_an_expanded_polynomial():
    """Wilkinson's polynomial of degree 10: coefficients up to 1e7, and roots that lose ten digits in between."""
    polynomial = sp.expand(sp.prod([x - k for k in range(1, 11)]))
    zeros = isolate_zeros([polynomial], (x,), [(0.2, 10.7)])
    assert_each_encloses_one(zeros, [[sp.Integer(k)] for k in range(1, 11)])
    assert zeros.certified
    np.testing.assert_allclose(zeros.points[:, 0], range(1, 11), atol=1e-8)


@pytest.mark.parametrize("gap", [1e-2, 1e-4, 1e-6])
def test_two_roots_close_together_are_told_apart(gap):
    exact = sp.Rational(gap)
    zeros = isolate_zeros([(x - third) ** 2 - exact**2 / 4], (x,), [(-1, 1)])
    assert_each_encloses_one(zeros, [[third - exact / 2], [third + exact / 2]])
    assert zeros.certified


# boundaries


def test_a_zero_on_the_boundary_is_inside():
    zeros = isolate_zeros([x**3 - x], (x,), [(-1, 1)])
    assert zeros.points.tolist() == [[-1.0], [0.0], [1.0]]
    assert zeros.certified
    corner = isolate_zeros([x - 1, y + 2], (x, y), [(0, 1), (-2, 5)])
    assert corner.points.tolist() == [[1.0, -2.0]]
    coupled = isolate_zeros([x**2 + y - 1, x + y - 1], (x, y), [(0, 1), (0, 1)])
    assert coupled.points.tolist() == [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize("outside", [1e-3, 1e-9, 1e-13])
def test_a_zero_just_outside_is_outside(outside):
    zeros = isolate_zeros([x * (x - 1 - sp.Rational(outside))], (x,), [(-1, 1)])
    assert zeros.points.tolist() == [[0.0]]


@pytest.mark.parametrize("pieces", [2, 3, 4, 7])
def test_a_zero_on_a_cut_is_found_once(pieces):
    """Wherever the box begins and ends, the same zeros come out."""
    for shift in np.linspace(0, 0.37, pieces):
        zeros = isolate_zeros([sp.sin(sp.pi * x) + 0 * y, sp.sin(sp.pi * y) + 0 * x], (x, y), [(-1.5 - shift, 1.5)] * 2)
        assert sorted(zeros.points.tolist()) == [[float(i), float(j)] for i in (-1, 0, 1) for j in (-1, 0, 1)]
        assert zeros.certified


# degenerate zeros, and zeros that are no points


@pytest.mark.parametrize(
    ("loss", "variables", "point"),
    [
        (x**4, (x,), (0.0,)),
        (x**3, (x,), (0.0,)),
        (sp.expand((x - 1) ** 4), (x,), (1.0,)),
        ((x**2 + y**2) ** 2, (x, y), (0.0, 0.0)),
        (x**3 - 3 * x * y**2, (x, y), (0.0, 0.0)),
        (sp.expand(((x - 1) ** 2 + (y - third) ** 2) ** 2), (x, y), (1.0, 1 / 3)),
        (x**4 + (y - half) ** 2, (x, y), (0.0, 0.5)),
        ((x - y) ** 4 + (x + y - 1) ** 2, (x, y), (0.5, 0.5)),
    ],
    ids=str,
)
def test_a_degenerate_zero_is_reported_once_and_not_certified(loss, variables, point):
    zeros = critical_points(loss, variables, [(-2, 2.7)] * len(variables))
    assert len(zeros) == 1
    assert not zeros.certified
    assert np.all((zeros[0].lower <= point) & (point <= zeros[0].upper))
    np.testing.assert_allclose(zeros[0].point, point, atol=2e-5)


def test_a_degenerate_saddle_among_regular_points():
    """A ring of four coupled wells at the coupling at which two eigenvalues vanish at the origin."""
    variables = sp.symbols("x1:5", real=True)
    loss = sum((v**2 - 1) ** 2 for v in variables) / 4
    loss += sum((variables[i] - variables[i - 1]) ** 2 for i in range(4)) / 4
    zeros = critical_points(loss, variables, [(-2, 2)] * 4)
    assert [w.certified for w in zeros] == [True, False, True]
    assert zeros[1].point.tolist() == [0.0] * 4
    np.testing.assert_allclose([zeros[0].point, zeros[2].point], [[-1.0] * 4, [1.0] * 4], atol=1e-12)


@pytest.mark.parametrize(
    ("loss", "variables"),
    [
        ((x**2 + y**2 - 1) ** 2, (x, y)),
        ((x - y) ** 2, (x, y)),
        (x**2 * y**2, (x, y)),
        ((x**2 + y**2 + z**2 - 1) ** 2, (x, y, z)),
        (sp.Integer(0) * x, (x,)),
        (x**2, (x, y)),
    ],
    ids=str,
)
def test_a_continuum_of_zeros_is_refused(loss, variables):
    with pytest.raises(NumericalFailure, match=r"cannot be told apart.*break the symmetry"):
        critical_points(loss, variables, [(-2, 2)] * len(variables), max_boxes=60_000)


def test_the_refusal_names_the_region():
    loss = (x**2 + y**2 - 1) ** 2
    with pytest.raises(NumericalFailure, match=r"-1(\.0+\d)? <= x <= 1(\.0+\d)?, -1(\.0+\d)? <= y"):
        critical_points(loss, (x, y), [(-2, 2), (-2, 2)], max_boxes=60_000)
    with pytest.raises(NumericalFailure, match="no function depends on y"):
        critical_points(x**2, (x, y), [(-2, 2), (-2, 2)])


def test_no_zero_at_all():
    assert len(isolate_zeros([x**2 + 1], (x,), [(-5, 5)])) == 0
    assert len(isolate_zeros([sp.Integer(3), y], (x, y), [(-1, 1), (-1, 1)])) == 0
    # a block without zeros settles the matter, whatever the others do
    assert len(isolate_zeros([x - y, y - x, z**2 + 1], (x, y, z), [(-1, 1)] * 3, max_boxes=20_000)) == 0
    assert isolate_zeros([x**2 + 1], (x,), [(-5, 5)]).points.size == 0


# no false certificates


@pytest.mark.parametrize("exponent", range(2, 31, 4))
def test_a_near_miss_is_never_certified(exponent):
    zeros = isolate_zeros([(x - third) ** 2 + sp.Rational(1, 10**exponent)], (x,), [(-1, 1)])
    assert not any(w.certified for w in zeros)
    if exponent <= 14:
        assert len(zeros) == 0


def test_a_certificate_needs_a_defined_neighbourhood():
    """At 0 the square root has a zero on the boundary of its domain: refused, not certified."""
    with pytest.raises(InvalidInput, match="vanishes in a denominator near x = 0"):
        isolate_zeros([sp.sqrt(x)], (x,), [(0, 1)])


ROOTS = st.lists(st.integers(-12, 12), min_size=1, max_size=5)


@given(ROOTS, st.booleans())
@settings(derandomize=True, max_examples=60, deadline=None)
def test_polynomials_with_known_roots(numerators, expanded):
    """Each distinct root is in exactly one enclosure; simple roots are certified, repeated ones never."""
    roots = [sp.Rational(n, 7) for n in numerators]
    polynomial = sp.prod([x - r for r in roots])
    polynomial = sp.expand(polynomial) if expanded else polynomial
    zeros = isolate_zeros([polynomial], (x,), [(-1.9, 1.9)])
    assert_each_encloses_one(zeros, [[r] for r in sorted(set(roots))])
    simple = [float(r) for r in sorted(set(roots)) if roots.count(r) == 1]
    certified = [w.point[0] for w in zeros if w.certified]
    np.testing.assert_allclose(certified, simple, atol=1e-8)


COEFFICIENTS = st.lists(st.integers(-5, 5), min_size=12, max_size=12)


@given(COEFFICIENTS)
@settings(derandomize=True, max_examples=40, deadline=None)
def test_no_zero_of_a_random_system_is_missed(c):
    """What Newton's method finds from many starts is in the list, and everything certified in the list is a zero."""
    f = c[0] * x**3 + c[1] * x * y + c[2] * y**2 + c[3] * x + c[4] * y + c[5] + x / 3
    g = c[6] * y**3 + c[7] * x**2 + c[8] * x * y + c[9] * x + c[10] * y + c[11] + y / 7
    try:
        zeros = isolate_zeros([f, g], (x, y), [(-2, 2), (-2, 2)])
    except NumericalFailure:
        assume(False)
    value = sp.lambdify((x, y), [f, g])
    slope = sp.lambdify((x, y), sp.Matrix([f, g]).jacobian((x, y)))
    points = np.random.default_rng(5).uniform(-2, 2, (25, 2))
    for point in points:
        for _ in range(30):
            step = np.linalg.lstsq(slope(*point), value(*point), rcond=None)[0]
            point = np.clip(point - step, -50, 50)
        converged = np.abs(value(*point)).max() < 1e-12 and np.abs(step).max() < 1e-12
        if converged and np.abs(point).max() < 2 - 1e-9:
            assert any(np.all((w.lower - 1e-9 <= point) & (point <= w.upper + 1e-9)) for w in zeros)
    for w in zeros:
        if w.certified:
            assert np.abs(value(*w.point)).max() < 1e-9


def test_krawczyk_certifies_the_contracting_and_only_that():
    center, value = np.array([[0.0]]), (np.array([[0.01]]), np.array([[0.01]]))
    certified = krawczyk(center, np.array([[0.5]]), value, (np.array([[[0.9]]]), np.array([[[1.1]]])))
    assert certified.unique[0]
    assert certified.lower[0, 0] <= -0.01 / 0.9 <= -0.01 / 1.1 <= certified.upper[0, 0]
    zero_slope = krawczyk(center, np.array([[0.5]]), value, (np.array([[[-0.1]]]), np.array([[[1.1]]])))
    too_small = krawczyk(center, np.array([[0.005]]), value, (np.array([[[0.9]]]), np.array([[[1.1]]])))
    unbounded = krawczyk(center, np.array([[0.5]]), value, (np.array([[[-np.inf]]]), np.array([[[np.inf]]])))
    assert not any(image.unique[0] for image in (zero_slope, too_small, unbounded))


def test_control_a_jacobian_without_its_radius_would_certify_what_is_not_there(monkeypatch):
    """The slope may vanish on the box, so that there may be no zero: the certificate hangs on the interval's radius."""
    center, value = np.array([[0.0]]), (np.array([[0.01]]), np.array([[0.01]]))
    slope = np.array([[[-0.1]]]), np.array([[[1.1]]])
    assert not krawczyk(center, np.array([[0.5]]), value, slope).unique[0]
    monkeypatch.setattr("escapetime.symbolic.zeros.krawczyk.midpoint_radius", lambda a, b: ((a + b) / 2, 0 * a))
    assert krawczyk(center, np.array([[0.5]]), value, slope).unique[0]


# what is refused, and how


@pytest.mark.parametrize(
    ("functions", "match"),
    [
        ([1 / x - 2], "x vanishes in a denominator near x = 0"),
        ([sp.log(x + half)], "log.* needs a positive argument near x = -"),
        ([sp.sign(x - third) * x], "sign.* jumps .* near x = 0.333333"),
        ([sp.Abs(x) - half], "sign.* jumps .* near x = 0"),
        ([sp.Piecewise((x + 1, x < 0), (x - 1, True))], "jumps, or is undefined"),
        ([sp.DiracDelta(x - half)], "infinite .* near x = 0.5"),
    ],
)
def test_functions_that_break_down_are_refused_with_the_place(functions, match):
    with pytest.raises(InvalidInput, match=match):
        isolate_zeros(functions, (x,), [(-1, 1)])


def test_the_same_functions_are_accepted_where_they_are_smooth():
    assert isolate_zeros([1 / x - 2], (x,), [(0.1, 3)]).points.tolist() == [[0.5]]
    assert isolate_zeros([sp.log(x + half)], (x,), [(0, 3)]).points.tolist() == [[0.5]]
    assert isolate_zeros([sp.Abs(x) - half], (x,), [(-3, -0.1)]).points.tolist() == [[-0.5]]
    assert isolate_zeros([sp.Piecewise((x + 1, x < 0), (x - 1, True))], (x,), [(-2, -0.1)]).points.tolist() == [[-1.0]]


def test_a_smooth_piecewise_loss_is_accepted():
    loss = sp.Piecewise((x**4 + (x - 2) ** 2, x > 0), ((x - 2) ** 2, True))
    zeros = critical_points(loss, (x,), [(-3, 3)])
    assert len(zeros) == 1
    assert zeros.certified
    assert zeros[0].point[0] == pytest.approx(sp.nsolve(4 * x**3 + 2 * (x - 2), 1), abs=1e-14)


@pytest.mark.parametrize(
    ("functions", "variables", "box", "options", "match"),
    [
        ([x, y], (x,), [(-1, 1)], {}, "as many functions as variables"),
        ([x], (x,), [(1, -1)], {}, "finite lo < hi"),
        ([x], (x,), [(-np.inf, 1)], {}, "finite lo < hi"),
        ([x], (x,), [(-1, 1), (-1, 1)], {}, "one pair"),
        ([x], (x,), "box", {}, "one pair"),
        ([x], (x,), [(-1, 1)], {"jacobian": sp.eye(2)}, "1 x 1 Jacobian"),
        ([x - sp.Symbol("a")], (x,), [(-1, 1)], {}, "a is not among the variables"),
        ([sp.gamma(x)], (x,), [(1, 2)], {}, "gamma"),
    ],
)
def test_bad_input_is_refused(functions, variables, box, options, match):
    with pytest.raises(InvalidInput, match=match):
        isolate_zeros(functions, variables, box, **options)


def test_blocks():
    assert [b.variables for b in independent_blocks([x * y, z, y], (x, y, z))] == [(0, 1), (2,)]
    assert [b.functions for b in independent_blocks([x, sp.Integer(0)], (x, y))] == [(0,), ()]
    assert len(independent_blocks([x, x + 1], (x, y))) == 1
