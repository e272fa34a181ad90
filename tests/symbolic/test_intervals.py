"""Interval bounds hold at every point, are tight where they can be, and say where an expression breaks down."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from escapetime.errors import InvalidInput
from escapetime.symbolic.intervals import IntervalExtension, arithmetic
from escapetime.symbolic.intervals.extension import CHUNK
from escapetime.symbolic.intervals.joints import joins

x, y = sp.symbols("x y", real=True)
third = sp.Rational(1, 3)

SMOOTH = [
    *(sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asinh, sp.erf, sp.erfc, sp.Abs),
    *(sp.log, sp.tan, sp.asin, sp.acos, sp.acosh, sp.atanh, sp.sqrt),
    *(sp.sec, sp.csc, sp.cot, sp.sech, sp.csch, sp.coth),
    *(lambda u: u**2, lambda u: u**3, lambda u: u**6, lambda u: u**-1, lambda u: u**-2, lambda u: u**-3),
    *(lambda u: u ** sp.Rational(3, 2), lambda u: u**third, lambda u: u**sp.pi, lambda u: 2**u, lambda u: u**u),
]


def high_precision(expression):
    """Return a function of floats, taken as exact, to 40 digits; None where the value is not real and finite."""
    compiled = sp.lambdify([x, y], expression, "mpmath")

    def evaluate(u, v=0.0):
        try:
            value = compiled(mpmath.mpf(u), mpmath.mpf(v)) + mpmath.mpf(0)  # a number, also from 2 or the constant pi
        except (ZeroDivisionError, ValueError, TypeError):
            return None
        return value if isinstance(value, mpmath.mpf) and mpmath.isfinite(value) else None

    return evaluate


@pytest.fixture(autouse=True)
def _digits():
    with mpmath.workdps(40):
        yield


def boxes(rng, count):
    """Intervals of all sizes: around zero, far out, thin, and single points."""
    center = rng.standard_normal(count) * 10.0 ** rng.uniform(-6, 2.5, count)
    width = np.abs(center) * 10.0 ** rng.uniform(-16, 1, count) * rng.integers(0, 2, count)
    return (center - width)[:, None], (center + width)[:, None]


@pytest.mark.parametrize("function", SMOOTH, ids=lambda f: str(f(sp.Symbol("u"))))
def test_every_function_is_enclosed_at_random_points(function):
    expression = function(x)
    extension = IntervalExtension([expression], (x,))
    rng = np.random.default_rng(1)
    lower, upper = boxes(rng, 150)
    bound, exact = extension(lower, upper), high_precision(expression)
    checked = 0
    for i in range(len(lower)):
        for weight in (0.0, 1.0, 0.5, rng.uniform()):
            point = min(max((1 - weight) * lower[i, 0] + weight * upper[i, 0], lower[i, 0]), upper[i, 0])
            value = exact(point)
            if value is None:
                assert bound.undefined[i, 0], (point, lower[i], upper[i])
            elif abs(value) < 1e300:
                assert mpmath.mpf(bound.lower[i, 0]) <= value <= mpmath.mpf(bound.upper[i, 0])
                checked += 1
    assert checked > 50


@pytest.mark.parametrize(("function", "low", "high"), [(sp.erfc, 0, 30), (sp.exp, -750, -690), (sp.erf, -1e-300, 7)])
def test_tails_are_enclosed_where_digits_are_lost(function, low, high):
    """The complementary error function loses x**2 units in the last place at x; subnormal numbers lose all of them."""
    points = np.linspace(low, high, 2001)[:, None]
    bound, exact = IntervalExtension([function(x)], (x,))(points, points), high_precision(function(x))
    for point, lower, upper in zip(points[:, 0], bound.lower[:, 0], bound.upper[:, 0], strict=True):
        value = exact(point)
        assert mpmath.mpf(lower) <= value <= mpmath.mpf(upper)
        assert upper - lower < 2e-12 * value + 1e-306


@pytest.mark.parametrize("function", SMOOTH, ids=lambda f: str(f(sp.Symbol("u"))))
def test_a_point_is_enclosed_to_a_few_units_in_the_last_place(function):
    """Without this, the bounds [-inf, inf] would pass the test above."""
    points = np.random.default_rng(2).uniform(1.05, 1.5, (50, 1)) if function is sp.acosh else np.full((1, 1), 0.7)
    bound = IntervalExtension([function(x)], (x,))(points, points)
    assert not bound.undefined.any()
    assert np.all(bound.upper - bound.lower <= 3e-14 * np.maximum(1.0, np.abs(bound.lower)))


LEAVES = [x, y, sp.Integer(2), sp.Rational(-1, 3), sp.Rational(1, 7), sp.pi]
CONTRACTING = [sp.sin, sp.cos, sp.tanh, sp.atan, sp.erf, sp.Abs]
PARTIAL = [sp.log, sp.sqrt, lambda u: 1 / u, lambda u: u ** sp.Rational(-3, 2), sp.tan, sp.asin]


def real_max(pair):
    try:
        return sp.Max(*pair)
    except ValueError:  # a constant such as sqrt(-1/3) has no place in a comparison
        return pair[0]


def combine(children):
    return st.one_of(
        st.tuples(children, children).map(lambda c: c[0] + c[1]),
        st.tuples(children, children).map(lambda c: c[0] * c[1]),
        st.tuples(children, children).map(real_max),
        st.tuples(children, children).map(lambda c: sp.Piecewise((c[0], x < third), (c[1], True))),
        st.tuples(children, st.integers(2, 4)).map(lambda c: c[0] ** c[1]),
        st.tuples(children, st.sampled_from(CONTRACTING)).map(lambda c: c[1](c[0])),
        st.tuples(children, st.sampled_from(PARTIAL)).map(lambda c: c[1](c[0])),
        children.map(lambda c: sp.exp(sp.sin(c))),
    )


EXPRESSIONS = st.recursive(st.sampled_from(LEAVES), combine, max_leaves=6)
SIDE = st.floats(-4, 4, allow_nan=False).map(lambda v: round(v, 3))
FRACTION = st.floats(0, 1, allow_nan=False)


@given(EXPRESSIONS, st.tuples(SIDE, SIDE, SIDE, SIDE), st.lists(st.tuples(FRACTION, FRACTION), min_size=3, max_size=6))
@settings(derandomize=True, max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_value_of_a_random_expression_lies_in_its_bounds(expression, sides, weights):
    assume(not expression.has(sp.zoo, sp.nan, sp.oo, sp.I) and expression.free_symbols)
    corner, other = np.array([sides[:2]]), np.array([sides[2:]])
    lower, upper = np.minimum(corner, other), np.maximum(corner, other)
    try:
        bound = IntervalExtension([expression], (x, y))(lower, upper)
    except InvalidInput:  # a constant subexpression such as log(-1/3) is not real
        assume(False)
    exact = high_precision(expression)
    for u, v in weights:
        point = np.clip((1 - np.array([u, v])) * lower[0] + np.array([u, v]) * upper[0], lower[0], upper[0])
        value = exact(*point)
        if value is None:
            assert bound.undefined[0, 0]
        elif not (bound.undefined[0, 0] or abs(value) > 1e300):
            assert mpmath.mpf(bound.lower[0, 0]) <= value <= mpmath.mpf(bound.upper[0, 0])


def polynomial_misses():
    """Count points at which exact rational arithmetic leaves the bounds of a cancelling polynomial."""
    expression = sp.expand((3 * x - 1) ** 3 * (5 * x + 7))  # integer coefficients: no constant is rounded
    points = np.random.default_rng(3).uniform(0.333, 0.334, (400, 1))
    bound = IntervalExtension([expression], (x,))(points, points)
    misses = 0
    for point, low, high in zip(points[:, 0], bound.lower[:, 0], bound.upper[:, 0], strict=True):
        value = (3 * Fraction(point) - 1) ** 3 * (5 * Fraction(point) + 7)
        misses += not (Fraction(low) <= value <= Fraction(high))
    return misses


def test_rounding_is_outward_against_exact_rational_arithmetic():
    assert polynomial_misses() == 0


def test_control_without_outward_rounding_the_same_check_fails(monkeypatch):
    monkeypatch.setattr(arithmetic, "round_down", lambda value, *_, **__: value)
    monkeypatch.setattr(arithmetic, "round_up", lambda value, *_, **__: value)
    assert polynomial_misses() > 20


def test_overestimation_shrinks_linearly_with_the_box():
    expression = x * (1 - x) + sp.sin(x)  # x occurs three times
    extension = IntervalExtension([expression], (x,))
    widths = 2.0 ** -np.arange(4, 12)
    center = np.array([[0.3]])
    excess = []
    for width in widths:
        bound = extension(center - width, center + width)
        true = np.ptp(sp.lambdify(x, expression)(np.linspace(0.3 - width, 0.3 + width, 1001)))
        excess.append(bound.upper[0, 0] - bound.lower[0, 0] - true)
    assert np.polyfit(np.log(widths), np.log(excess), 1)[0] == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize(
    ("expression", "low", "high", "expected"),
    [
        (x**2, -1, 1, (0, 1)),
        (x**3, -1, 2, (-1, 8)),
        (x**-2, -1, 2, (0.25, np.inf)),
        (sp.cos(x), -1, 1, (np.cos(1), 1)),
        (sp.sin(x), 0, 100, (-1, 1)),
        (sp.cosh(x), -1, 1, (1, np.cosh(1))),
        (sp.Abs(x), -3, 2, (0, 3)),
        (sp.Max(x, 0), -3, 2, (0, 2)),
        (sp.Min(x, 0, -1), -3, 2, (-3, -1)),
        (sp.Piecewise((x, x < 0), (x + 10, True)), -1, 1, (-1, 11)),
        (sp.Piecewise((x, x < 0), (x + 10, True)), 1, 2, (11, 12)),
        (sp.Piecewise((5, sp.And(x > 0, x < 1)), (7, sp.Or(x < -5, x > 5)), (9, True)), 2, 3, (9, 9)),
        (sp.exp(x), -1000, 1000, (0, np.inf)),
        (sp.sqrt(x**2 + 1), 0, 1, (1, np.sqrt(2))),
    ],
)
def test_bounds_are_tight_where_each_variable_occurs_once(expression, low, high, expected):
    bound = IntervalExtension([expression], (x,))([[float(low)]], [[float(high)]])
    np.testing.assert_allclose([bound.lower[0, 0], bound.upper[0, 0]], expected, rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize(
    ("expression", "bad", "good"),
    [
        (1 / x, (-1, 1), (0.1, 1)),
        (1 / x, (0, 1), (1e-300, 1)),
        (sp.log(x), (0, 1), (1e-9, 1)),
        (sp.log(x), (-2, -1), (1, 2)),
        (sp.sqrt(x), (-1e-9, 1), (0, 1)),
        (x ** sp.Rational(1, 3), (-1, 1), (0, 1)),
        (x ** sp.Rational(-1, 3), (0, 1), (0.5, 1)),
        (sp.tan(x), (1, 2), (-1.5, 1.5)),
        (sp.sign(x), (-1, 1), (0.5, 1)),
        (sp.DiracDelta(x - 1), (0, 1), (-3, 0.9)),
        (sp.Heaviside(x), (-1, 1), (-3, -0.9)),
        (sp.acosh(x), (0.9, 2), (1, 2)),
        (sp.atanh(x), (0, 1), (-0.9, 0.9)),
        (sp.Piecewise((x, x < 0), (x + 1, True)), (-1, 1), (0.5, 1)),
        (sp.Piecewise((x, x < 0), (1 / x, x < 2)), (1, 3), (-2, -1)),
        (sp.sin(1 / x), (-1, 1), (0.001, 1)),
    ],
)
def test_a_possible_breakdown_is_flagged_and_its_absence_proved(expression, bad, good):
    extension = IntervalExtension([expression], (x,))
    bound = extension([[float(bad[0])], [float(good[0])]], [[float(bad[1])], [float(good[1])]])
    assert bound.undefined[:, 0].tolist() == [True, False]
    assert not extension.total
    assert extension.blame(np.array([float(bad[0])]), np.array([float(bad[1])]))
    assert not np.isnan(bound.lower).any()


def test_an_undefined_branch_out_of_reach_does_no_harm():
    expression = sp.Piecewise((sp.log(x), x > 1), ((x - 1) - (x - 1) ** 2 / 2, True))
    bound = IntervalExtension([expression, sp.log(x)], (x,))([[-5.0], [0.9]], [[0.9], [5.0]])
    assert bound.undefined.tolist() == [[False, True], [False, False]]


def test_branches_join_by_algebra_or_not_at_all():
    disc = x**2 + y**2 < 1
    assert joins(x**2, 2 * x - 1, x < 1)
    assert joins((1 - x**2 - y**2) ** 2, sp.Integer(0), disc)
    assert joins(sp.sin(x), sp.Integer(0), sp.Abs(x) < sp.pi) is False  # true, but the boundary is beyond the algebra
    assert not joins(x, -x, x < 1)
    assert joins((x**2 + y**2 - sp.pi) ** 2, sp.Integer(0), x**2 + y**2 < sp.pi)
    assert not joins(x**2, sp.pi, x**2 < sp.pi)  # true, but roots are not found with coefficients such as pi
    assert joins(x**2 + y, 2 * x * y + y - y**2, x > y)
    assert joins(x**3, 4 * x, sp.And(x > -2, x < 2))
    assert not joins(x**2, 2 * x, sp.And(x > -2, x < 2))


def test_symbols_without_assumptions_are_real_inside_a_box():
    z = sp.Symbol("z")
    bound = IntervalExtension([sp.diff(sp.Abs(z) ** 3, z)], (z,))([[-2.0]], [[-1.0]])
    np.testing.assert_allclose([bound.lower[0, 0], bound.upper[0, 0]], [-12, -3])


def test_many_boxes_are_the_same_as_one_at_a_time():
    rng = np.random.default_rng(4)
    extension = IntervalExtension([x * sp.sin(y), sp.Piecewise((x, y > 0), (1 / x, True)), sp.Integer(3)], (x, y))
    lower = rng.uniform(-2, 2, (CHUNK + 7, 2))
    upper = lower + rng.uniform(0, 1, lower.shape)
    together = extension(lower, upper)
    for i in (0, CHUNK - 1, CHUNK, CHUNK + 6):
        alone = extension(lower[i : i + 1], upper[i : i + 1])
        for many, one in zip(together, alone, strict=True):
            np.testing.assert_array_equal(many[i : i + 1], one)
    empty = extension(np.empty((0, 2)), np.empty((0, 2)))
    assert empty.lower.shape == (0, 3)


def test_constants_are_enclosed_to_one_unit_in_the_last_place():
    numbers = [third, sp.pi, sp.sqrt(2), sp.Float("0.1", 40), sp.E**sp.pi - sp.pi, sp.Integer(3), sp.Float(0.1)]
    bound = IntervalExtension(numbers, (x,))([[0.0]], [[1.0]])
    for number, low, high in zip(numbers, bound.lower[0], bound.upper[0], strict=True):
        assert sp.Rational(low) <= sp.Rational(sp.N(number, 60)) <= sp.Rational(high)
        assert high <= np.nextafter(np.nextafter(low, np.inf), np.inf)
    assert bound.lower[0, -1] == bound.upper[0, -1] == 0.1


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (sp.gamma(x), "gamma"),
        (sp.Function("f")(x), "f\\(x\\)"),
        (x + sp.Symbol("a"), "a is not among the variables"),
        (x + sp.I, "real numbers"),
        (sp.log(sp.Integer(-1)) * x, "real numbers"),
        (x * sp.Integer(10) ** 400, "too large"),
        (sp.Integer(-2) ** x, "No bounds"),
    ],
)
def test_what_has_no_bounds_is_refused_by_name(expression, message):
    with pytest.raises(InvalidInput, match=message):
        IntervalExtension([expression], (x,))


def test_boxes_of_the_wrong_shape_are_refused():
    with pytest.raises(InvalidInput, match="shape"):
        IntervalExtension([x], (x,))([0.0], [1.0])
