"""Conventions of the stochastic integral against their defining formulas."""

import pytest
import sympy as sp

from escapetime.errors import EscapeTimeError, InvalidInput
from escapetime.symbolic.conventions import Convention, convert_drift, noise_induced_drift, to_ito_drift

x, y = sp.symbols("x y", real=True)
D = sp.Function("D", positive=True)(x)


def test_alpha_is_an_exact_rational():
    assert [c.alpha for c in (Convention.ITO, Convention.STRATONOVICH, Convention.HAENGGI_KLIMONTOVICH)] == [
        0,
        sp.Rational(1, 2),
        1,
    ]
    assert all(isinstance(c.alpha, sp.Rational) for c in Convention)


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("ito", Convention.ITO),
        ("Itô", Convention.ITO),
        ("STRATONOVICH", Convention.STRATONOVICH),
        ("haenggi-klimontovich", Convention.HAENGGI_KLIMONTOVICH),
        ("Hänggi-Klimontovich", Convention.HAENGGI_KLIMONTOVICH),
        ("hanggi_klimontovich", Convention.HAENGGI_KLIMONTOVICH),
        ("isothermal", Convention.HAENGGI_KLIMONTOVICH),
        (Convention.ITO, Convention.ITO),
    ],
)
def test_parse_accepts_the_usual_spellings(text, member):
    assert Convention.parse(text) is member


@pytest.mark.parametrize("text", ["", "midpoint", "it", 0.5, None])
def test_parse_names_the_value_and_the_way_out(text):
    with pytest.raises(InvalidInput, match="'ito', 'stratonovich' or 'haenggi-klimontovich'") as caught:
        Convention.parse(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("convention", list(Convention))
def test_one_dimension_adds_alpha_times_the_gradient_of_the_diffusion(convention):
    (added,) = noise_induced_drift(D, x, convention)
    assert sp.simplify(added - convention.alpha * D.diff(x)) == 0


@pytest.mark.parametrize("convention", list(Convention))
def test_one_dimension_is_the_alpha_point_rule(convention):
    """E[sqrt(2 D(x + alpha dx)) dW] to first order in dt is alpha * s * s', which is alpha * D'."""
    s = sp.sqrt(2 * D)
    rule = convention.alpha * s * s.diff(x)
    assert sp.simplify(noise_induced_drift(D, x, convention)[0] - rule) == 0


def test_stratonovich_reads_the_noise_matrix_where_roots_disagree():
    """A rotating root of a constant D: same Ito law without drift, another Stratonovich equation."""
    angle = sp.Function("theta")(x)
    rotation = sp.Matrix([[sp.cos(angle), -sp.sin(angle)], [sp.sin(angle), sp.cos(angle)]])
    diffusion = sp.eye(2) / 2
    assert noise_induced_drift(diffusion, (x, y), "stratonovich") == sp.zeros(2, 1)
    rotated = sp.simplify(noise_induced_drift(diffusion, (x, y), "stratonovich", noise=rotation))
    assert rotated == sp.Matrix([0, angle.diff(x) / 2])


def test_stratonovich_with_the_diagonal_root_equals_the_shortcut():
    a, b = sp.Function("a", positive=True)(x, y), sp.Function("b", positive=True)(x, y)
    diffusion = sp.diag(a, b)
    given = noise_induced_drift(diffusion, (x, y), "stratonovich", noise=sp.diag(sp.sqrt(2 * a), sp.sqrt(2 * b)))
    assert sp.simplify(given - noise_induced_drift(diffusion, (x, y), "stratonovich")) == sp.zeros(2, 1)


def test_float_roots_are_accepted_to_rounding():
    noise_induced_drift(0.1 * sp.eye(2), (x, y), "stratonovich", noise=sp.sqrt(0.2) * sp.eye(2))


def test_constant_non_diagonal_diffusion_adds_nothing():
    diffusion = sp.Matrix([[2, 1], [1, 2]])
    assert all(noise_induced_drift(diffusion, (x, y), c) == sp.zeros(2, 1) for c in Convention)


def test_stratonovich_without_the_root_it_needs_is_refused():
    diffusion = sp.Matrix([[2 + x**2, 1], [1, 2]])
    with pytest.raises(InvalidInput, match="pass noise="):
        noise_induced_drift(diffusion, (x, y), "stratonovich")
    noise_induced_drift(diffusion, (x, y), "ito")


def test_a_root_of_d_instead_of_two_d_is_refused():
    with pytest.raises(InvalidInput, match="root of 2 D"):
        noise_induced_drift(1 + x**2, x, "stratonovich", noise=sp.sqrt(1 + x**2))


@pytest.mark.parametrize("source", list(Convention))
@pytest.mark.parametrize("target", list(Convention))
def test_conversion_is_undone_by_its_inverse_and_keeps_the_ito_drift(source, target):
    there = convert_drift(-x, D, x, source, target)
    assert sp.simplify(convert_drift(there, D, x, target, source)[0] + x) == 0
    assert sp.simplify(to_ito_drift(there, D, x, target)[0] - to_ito_drift(-x, D, x, source)[0]) == 0


@pytest.mark.parametrize(
    ("drift", "diffusion", "variables"),
    [
        (-x, 1, "x"),
        (-x, 1, ()),
        (-x, 1, (x, x)),
        (-x, 1, x + 1),
        ([-x, -y], 1, x),
        (-x, sp.eye(2), x),
        ([-x, -y], 1, (x, y)),
        ([-x, -y], sp.Matrix([[1, x], [0, 1]]), (x, y)),
        ("-x", 1, x),
    ],
)
def test_arguments_that_do_not_fit_are_refused(drift, diffusion, variables):
    with pytest.raises(EscapeTimeError, match="expected"):
        to_ito_drift(drift, diffusion, variables, "ito")
