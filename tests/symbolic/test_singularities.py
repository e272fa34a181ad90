"""An empty list proves smoothness; anything else names a place and a reason."""

import numpy as np
import pytest
import sympy as sp

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.symbolic.zeros import undefined_points

x, y, z = sp.symbols("x y z", real=True)
half, third = sp.Rational(1, 2), sp.Rational(1, 3)


def of_loss(loss, variables, box, **options):
    gradient = [sp.diff(loss, v) for v in variables]
    hessian = [sp.diff(g, v) for g in gradient for v in variables]
    return undefined_points([loss, *gradient, *hessian], variables, box, **options)


@pytest.mark.parametrize(
    ("loss", "places", "reason"),
    [
        (1 / x, [0], "vanishes in a denominator"),
        (sp.sqrt(x + 1), [-1], "vanishes in a denominator"),
        (sp.Abs(x - third), [1 / 3], "sign"),
        (sp.Max(x, x**2), [0, 1], "Heaviside"),
        (sp.Min((x + 1) ** 2, (x - 1) ** 2), [0], "Heaviside"),
        (sp.Piecewise((x**2, x < half), (x - sp.Rational(1, 4), True)), [0.5], "branches"),
        (sp.tan(sp.pi * x), [-0.5, 0.5, 1.5], "pole"),
        (1 / (x**2 - 2), [2**0.5], "denominator"),
        (sp.sin(x) / x, [0], "denominator"),  # removable, but nothing proves it
    ],
    ids=str,
)
def test_every_isolated_breakdown_is_located(loss, places, reason):
    found = of_loss(loss, (x,), [(-1, 2)])
    np.testing.assert_allclose(sorted({round(s.point[0], 7) for s in found}), places, atol=1e-7)
    assert any(reason in s.reason for s in found)
    for s in found:
        assert np.asarray(s).shape == (1, 2)
        assert s.upper[0] - s.lower[0] < 1e-7


@pytest.mark.parametrize(
    ("loss", "variables"),
    [
        (sp.sqrt(x**2 + half), (x,)),
        (1 / (x**2 - 2 * x + 2), (x,)),
        (sp.log(x + 4) / (5 - x), (x,)),
        (sp.log(x**2 + y**2 - 2 * x * y + half), (x, y)),
        ((x**2 + y**2) ** sp.Rational(5, 2), (x, y)),
        (sp.Piecewise((x**4, x > 0), (0, True)), (x,)),
        (sp.Piecewise(((1 - x**2 - y**2) ** 3, x**2 + y**2 < 1), (0, True)), (x, y)),
        (sp.exp(-(x**2)) * sp.erf(y) * sp.cosh(x * y), (x, y)),
    ],
    ids=str,
)
def test_smooth_losses_are_proved_smooth(loss, variables):
    assert of_loss(loss, variables, [(-3, 3)] * len(variables)) == []


def test_an_irrelevant_coordinate_spans_the_box():
    (found,) = undefined_points([1 / x + y**2 * z], (x, y, z), [(-1, 2), (-1, 1), (5, 6)])
    assert np.asarray(found)[1:].tolist() == [[-1.0, 1.0], [5.0, 6.0]]
    assert found.point.tolist() == [0.0, 0.0, 5.5] or found.point[0] == 0.0
    assert found.describe((x, y, z)) == "x vanishes in a denominator near x = 0"


def test_a_curve_is_sampled():
    found = undefined_points([1 / (x**2 + y**2 - 1)], (x, y), [(-2, 2), (-2, 2)], limit=20)
    assert len(found) == 20
    np.testing.assert_allclose([np.hypot(*s.point) for s in found], 1.0, atol=1e-7)


def test_only_the_inside_counts():
    expression, box = [1 / (x**2 + y**2 - 1)], [(-2, 2), (-2, 2)]
    assert undefined_points(expression, (x, y), box, inside=[sp.Rational(9, 10) - sp.sqrt(x**2 + y**2)]) == []
    found = undefined_points(expression, (x, y), box, inside=[x - half, y - half])
    assert all(s.point[0] > 0.499 and s.point[1] > 0.499 for s in found)
    assert found
    strip = undefined_points([1 / x], (x, y), [(-1, 1), (-9, 9)], inside=[y - 8])
    assert strip
    assert all(s.point[1] > 7.999 for s in strip)


def test_symbols_without_assumptions():
    w = sp.Symbol("w")
    (found,) = of_loss(sp.Abs(w - half), (w,), [(-1, 2)])
    assert found.describe((w,)) == "sign(w - 1/2) jumps where its argument vanishes near w = 0.5"


def test_a_breakdown_that_rounding_cannot_exclude_counts():
    """The denominator is 1e-30 at x = 1, which float64 cannot tell from zero in its expanded form."""
    tiny = sp.Rational(1, 10**30)
    found = undefined_points([1 / (x**2 - 2 * x + 1 + tiny)], (x,), [(-1, 3)])
    np.testing.assert_allclose([s.point[0] for s in found], 1.0, atol=1e-4)
    assert found
    assert undefined_points([1 / ((x - 1) ** 2 + tiny)], (x,), [(-1, 3)]) == []
    assert undefined_points([1 / x], (x,), [(1e-300, 1)]) == []


def test_bad_input_is_refused():
    with pytest.raises(InvalidInput, match="finite"):
        undefined_points([1 / x], (x,), [(0, np.inf)])
    with pytest.raises(InvalidInput, match="zeta"):
        undefined_points([sp.zeta(x)], (x,), [(2, 3)])
    with pytest.raises(NumericalFailure, match="raise max_boxes"):
        undefined_points([1 / (x**2 - 2 * x + 1 + sp.Rational(1, 10**6))], (x,), [(-10, 10)], max_boxes=100)
