"""Currents and operators against the formulas that define them, adjointness, and known solutions."""

import itertools

import pytest
import sympy as sp

from escapetime.symbolic.conventions import Convention, convert_drift
from escapetime.symbolic.fokker_planck import (
    adjoint_flux,
    backward_operator,
    fokker_planck_operator,
    probability_current,
)

x, y, z = sp.symbols("x y z", real=True)
t, T, k = sp.symbols("t T k", positive=True)
XY = (x, y)


def functions(names, *arguments):
    return [sp.Function(name, positive=True)(*arguments) for name in names]


def one_dimension():
    b, d, p, u = functions(["b", "D", "p", "u"], x)
    return sp.Matrix([b]), sp.Matrix([[d]]), (x,), sp.Matrix([[sp.sqrt(2 * d)]]), p, u


def two_dimensions():
    """A full, state-dependent noise matrix: no shortcut applies."""
    b1, b2, s11, s12, s21, s22, p, u = functions(["b1", "b2", "s11", "s12", "s21", "s22", "p", "u"], x, y)
    root = sp.Matrix([[s11, s12], [s21, s22]])
    return sp.Matrix([b1, b2]), root * root.T / 2, XY, root, p, u


def textbook_current(drift, diffusion, variables, root, p, convention):
    """The current written out index by index, as the books print it."""
    size = range(len(variables))
    current = []
    for i in size:
        if convention is Convention.ITO:
            removed = sum(sp.diff(diffusion[i, j] * p, variables[j]) for j in size)
        elif convention is Convention.HAENGGI_KLIMONTOVICH:
            removed = sum(diffusion[i, j] * sp.diff(p, variables[j]) for j in size)
        else:
            removed = sum(
                root[i, m] * sp.diff(root[j, m] * p, variables[j]) / 2 for j in size for m in range(root.cols)
            )
        current.append(drift[i] * p - removed)
    return sp.Matrix(current)


@pytest.mark.parametrize("case", [one_dimension, two_dimensions])
@pytest.mark.parametrize("convention", list(Convention))
def test_current_is_the_textbook_current(case, convention):
    drift, diffusion, variables, root, p, _ = case()
    current = probability_current(p, drift, diffusion, variables, convention, noise=root)
    expected = textbook_current(drift, diffusion, variables, root, p, convention)
    assert sp.expand(current - expected) == sp.zeros(len(variables), 1)


def test_the_three_currents_differ():
    """Negative control of the test above: taking one convention for another is noticed."""
    drift, diffusion, variables, root, p, _ = one_dimension()
    currents = {c: probability_current(p, drift, diffusion, variables, c) for c in Convention}
    for one, other in itertools.permutations(Convention, 2):
        assert sp.expand(currents[one] - textbook_current(drift, diffusion, variables, root, p, other)) != sp.zeros(1)


def test_three_currents_of_one_law_agree():
    drift, diffusion, variables, root, p, _ = two_dimensions()
    ito = probability_current(p, drift, diffusion, variables, "ito")
    for convention in Convention:
        converted = convert_drift(drift, diffusion, variables, "ito", convention, noise=root)
        current = probability_current(p, converted, diffusion, variables, convention, noise=root)
        assert sp.expand(current - ito) == sp.zeros(2, 1)


@pytest.mark.parametrize("case", [one_dimension, two_dimensions])
@pytest.mark.parametrize("convention", list(Convention))
def test_the_operators_are_adjoint_up_to_a_divergence(case, convention):
    drift, diffusion, variables, root, p, u = case()
    arguments = (drift, diffusion, variables, convention, root)
    difference = p * backward_operator(u, *arguments) - u * fokker_planck_operator(p, *arguments)
    flux = adjoint_flux(u, p, *arguments)
    divergence = sum(sp.diff(flux[i], variables[i]) for i in range(len(variables)))
    assert sp.expand(difference - divergence) == 0


def test_the_operators_of_different_conventions_are_not_adjoint():
    """Negative control: the divergence identity fails when the drift of the other convention is used."""
    drift, diffusion, variables, _, p, u = one_dimension()
    difference = p * backward_operator(u, drift, diffusion, variables, "haenggi-klimontovich")
    difference -= u * fokker_planck_operator(p, drift, diffusion, variables, "ito")
    flux = adjoint_flux(u, p, drift, diffusion, variables, "ito")
    assert sp.expand(difference - sp.diff(flux[0], x)) != 0


def test_ornstein_uhlenbeck_transition_density_solves_the_equation():
    variance = T / k * (1 - sp.exp(-2 * k * t))
    p = sp.exp(-((x - y * sp.exp(-k * t)) ** 2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance)
    residual = sp.diff(p, t) - fokker_planck_operator(p, -k * x, T, x, "ito")
    assert sp.simplify(residual / p) == 0


def test_geometric_brownian_motion_tells_the_conventions_apart():
    """dX = sqrt(2) X o dW from 1 is exp(sqrt(2) W) in Stratonovich only: log X is then a Brownian motion."""
    positive = sp.Symbol("r", positive=True)
    p = sp.exp(-(sp.log(positive) ** 2) / (4 * t)) / (positive * sp.sqrt(4 * sp.pi * t))
    residuals = {
        c: sp.simplify(sp.diff(p, t) - fokker_planck_operator(p, 0, positive**2, positive, c)) for c in Convention
    }
    assert [c for c, residual in residuals.items() if residual == 0] == [Convention.STRATONOVICH]


def test_mean_exit_time_of_brownian_motion_from_a_ball():
    tau = (1 - x**2 - y**2 - z**2) / 6
    assert backward_operator(tau, [0, 0, 0], sp.eye(3), (x, y, z), "ito") == -1


def test_smoluchowski_form_of_thermal_noise():
    """J = -T exp(-U/T) grad(exp(U/T) p)."""
    U, p = sp.Function("U")(x, y), sp.Function("p")(x, y)
    gradient = sp.Matrix([U.diff(x), U.diff(y)])
    current = probability_current(p, -gradient, T * sp.eye(2), XY, "ito")
    expected = sp.Matrix([-T * sp.exp(-U / T) * sp.diff(sp.exp(U / T) * p, v) for v in XY])
    assert sp.expand(current - expected) == sp.zeros(2, 1)


def test_density_may_depend_on_time_and_other_symbols():
    p = sp.Function("p")(x, t)
    assert fokker_planck_operator(p, 0, T, x, "stratonovich") == T * sp.diff(p, x, 2)
