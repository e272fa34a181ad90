"""Landscape: derivatives, critical points, passes, confining boxes, and what it refuses."""

import numpy as np
import pytest
import sympy as sp
import torch

import escapetime as et
from escapetime.errors import InvalidInput, NumericalFailure

x, y = sp.symbols("x y", real=True)


def test_derivatives_against_autodiff():
    U = et.landscapes.mueller_brown()
    at = torch.tensor([[-0.5, 1.4], [0.2, 0.3]], dtype=torch.float64, requires_grad=True)
    loss = U.value(at)
    (grad,) = torch.autograd.grad(loss.sum(), at)
    hessian = torch.autograd.functional.hessian(lambda p: U.value(p), at[0].detach())
    numpy_at = at.detach().numpy()
    np.testing.assert_allclose(U.value(numpy_at), loss.detach().numpy(), rtol=1e-13)
    np.testing.assert_allclose(U.grad(numpy_at), grad.numpy(), rtol=1e-10)
    np.testing.assert_allclose(U.hess(numpy_at[0]), hessian.numpy(), rtol=1e-10)


def test_a_bare_number_is_a_point_in_one_dimension():
    U = et.landscapes.double_well()
    assert float(U.value(0)) == 0.25
    assert U.grad(0.0).tolist() == [0.0]
    assert U.hess(1).tolist() == [[2.0]]


def test_double_well_facts():
    low, high = et.landscapes.double_well().critical_points()[:2], et.landscapes.double_well().critical_points()[2]
    assert [p.kind for p in low] == ["minimum", "minimum"]
    assert sorted(p.point[0] for p in low) == pytest.approx([-1, 1], abs=1e-12)
    assert (high.kind, high.index, high.value, high.eigenvalues[0]) == ("maximum", 1, 0.25, -1.0)
    assert all(p.certified for p in low)


def test_mueller_brown_against_the_published_table():
    U = et.landscapes.mueller_brown()
    minima, saddles = U.minima(), U.saddles()
    table = [(-0.558, 1.442, -146.70), (0.623, 0.028, -108.17), (-0.050, 0.467, -80.77)]
    np.testing.assert_allclose([[*p.point, p.value] for p in minima], table, atol=6e-3)
    np.testing.assert_allclose(
        [[*p.point, p.value] for p in saddles], [(0.212, 0.293, -72.25), (-0.822, 0.624, -40.66)], atol=6e-3
    )
    ways = {(round(t.minimum.value), round(t.saddle.value), round(t.target.value)) for t in U.transitions()}
    assert ways == {(-147, -41, -81), (-81, -41, -147), (-108, -72, -81), (-81, -72, -108)}


@pytest.mark.parametrize("d", [1, 2, 3])
def test_styblinski_tang_has_all_its_points(d):
    points = et.landscapes.styblinski_tang(d).critical_points()
    assert len(points) == 3**d
    assert sum(p.kind == "minimum" for p in points) == 2**d
    assert points[0].value == pytest.approx(-39.16616570377142 * d, abs=1e-9)


def test_passes_of_the_tilted_well_have_two_heights():
    U = et.landscapes.tilted_double_well(0.1)
    heights = [t.barrier for t in U.transitions()]
    roots = sorted(float(r) for r in sp.Poly(x**3 - x + sp.Rational(1, 10), x).nroots())
    value = [float(U.value(r)) for r in roots]
    assert heights == pytest.approx([value[1] - value[0], value[1] - value[2]], abs=1e-12)


def test_degenerate_point_is_found_and_says_so():
    (point,) = et.Landscape.parse("x**4").critical_points([(-1, 2)])
    assert (point.kind, point.certified) == ("degenerate", False)


def test_ring_of_minima_is_refused():
    with pytest.raises(NumericalFailure):
        et.Landscape.parse("(x**2 + y**2 - 1)**2").critical_points([(-2, 2), (-2, 2)])


def test_kinks_and_poles_are_located():
    assert et.Landscape.parse("x**2 + exp(x)").undefined_points([(-3, 3)]) == []
    (kink,) = et.Landscape.parse("abs(x - 1/4) + x**2").undefined_points([(-3, 3)])
    assert kink == pytest.approx([0.25], abs=1e-5)


def test_confining_box_has_high_walls():
    U = et.landscapes.double_well()
    ((lo, hi),) = U.confining_box([-1.0], 3.0)
    assert min(float(U.value(lo)), float(U.value(hi))) >= 3.0
    assert U.confining_box([-1.0], 3.0, [(-np.inf, 0.0)])[0][1] == 0.0


def test_a_landscape_without_wall_says_which_side():
    with pytest.raises(NumericalFailure, match=r"towards \+x"):
        et.landscapes.cubic_well().confining_box([0.0], 1.0)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: et.Landscape("x**2"), r"Landscape\.parse"),
        (lambda: et.Landscape(sp.Integer(3)), "flat"),
        (lambda: et.Landscape(x * y, [x]), "symbols y"),
        (lambda: et.Landscape(sp.I * x), "real"),
        (lambda: et.Landscape(x**2).critical_points(), "Where to look"),
        (lambda: et.Landscape(x**2).critical_points([(0, np.inf)]), "finite pair"),
        (lambda: et.Landscape(x**2).critical_points([(1, 0)]), "lo < hi"),
        (lambda: et.Landscape(x**2, box=[(0, 1), (0, 1)]), "1 finite pair"),
        (lambda: et.Landscape(sp.log(x)).critical_points([(-1, 1)]), "near x = 0"),
        (lambda: et.landscapes.flat(0), "positive integer"),
        (lambda: et.landscapes.quadratic(1, 0), "none of them zero"),
        (lambda: et.landscapes.tilted_double_well(0.4), "0.3849"),
        (lambda: et.landscapes.double_well_with_valley(0, 1), "positive transverse"),
    ],
)
def test_bad_input_says_what_to_do(make, says):
    with pytest.raises(InvalidInput, match=says):
        make()


def test_variables_are_in_natural_order():
    names = [f"x{i}" for i in (1, 2, 10)]
    assert [str(v) for v in et.Landscape.parse(" + ".join(f"{n}**2" for n in names)).variables] == names
