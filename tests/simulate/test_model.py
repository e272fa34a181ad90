"""From a problem to what an engine steps."""

import math

import numpy as np
import pytest
import sympy as sp
import torch

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.simulate.model import StepModel
from escapetime.simulate.schemes import TIME_STEP
from escapetime.simulate.stability import stiffness
from escapetime.simulate.torch_rows import compile_rows, integer_power
from escapetime.symbolic.noise_factor import noise_factor

x, y, z = sp.symbols("x y z", real=True)


@pytest.mark.parametrize(
    ("matrix", "rank"),
    [
        ([[0.08]], 1),
        ([[2, 1, 0], [1, 3, 1], [0, 1, 1]], 3),
        ([[1, 1], [1, 1]], 1),
        ([[0, 0], [0, 0.3]], 1),
        ([[1 + x**2, x], [x, 2]], 2),
        ([[1, x], [x, x**2]], 1),
        ([[0, 0], [0, 0]], 0),
    ],
)
def test_noise_factor_squares_to_twice_the_diffusion(matrix, rank):
    matrix = sp.Matrix(matrix)
    factor = noise_factor(2 * matrix)
    assert factor.shape == (matrix.rows, rank)
    difference = (factor * factor.T - 2 * matrix).applyfunc(sp.simplify)
    assert max(abs(float(v)) for v in difference) < 1e-12
    assert all(factor[i, j] == 0 for j in range(rank) for i in range(j) if matrix.rows == rank)


@pytest.mark.parametrize("matrix", [[[-1]], [[1, 2], [2, 1]], [[0, 1], [1, 0]]])
def test_an_indefinite_diffusion_is_refused(matrix):
    with pytest.raises(InvalidInput, match="negative eigenvalue"):
        noise_factor(2 * sp.Matrix(matrix))
    matrix = sp.Matrix(matrix)
    variables = (x, y)[: matrix.rows]
    process = et.Diffusion(variables, sp.zeros(matrix.rows, 1), matrix)
    with pytest.raises(InvalidInput, match="negative eigenvalue; at the start"):
        StepModel.of(et.EscapeProblem(process, (0.0,) * matrix.rows, et.Ball([0] * matrix.rows, 1)))


def test_model_is_in_ito_form():
    process = et.Diffusion((x,), sp.Matrix([-x]), sp.Matrix([[1 + x**2]]), "haenggi-klimontovich")
    model = StepModel.of(et.EscapeProblem(process, 0.0, et.Interval(-1, 2)))
    drift = (model.update[0].subs(model.normals[0], 0) - x) / TIME_STEP
    assert sp.simplify(drift - x) == 0
    assert model.faces == ("lower", "upper")
    assert [sp.simplify(s - 1 - x**2) for s in model.spreads] == [0, 0]


@pytest.mark.parametrize("domain", [et.Ball([0, 0], 2), et.Ellipsoid([0, 0], [2, 3]), et.Box([-1, -1], [2, 2])])
def test_normals_and_spreads_are_finite_at_the_center_and_right_on_the_face(domain):
    matrix = np.array([[1.0, 0.3], [0.3, 0.5]])
    process = et.Diffusion((x, y), sp.zeros(2, 1), sp.Matrix(matrix))
    model = StepModel.of(et.EscapeProblem(process, (0.0, 0.0), domain))
    spreads = compile_rows((x, y), model.spreads)
    gradient = compile_rows((x, y), model.gradients[-1])
    center = torch.zeros(2, 1, dtype=torch.float64)
    assert all(math.isfinite(float(v)) for v in [*spreads(*center), *gradient(*center)])
    on_face = torch.tensor([[0.0], [domain.bounds[1][1]]], dtype=torch.float64)
    assert [float(v) for v in gradient(*on_face)] == pytest.approx([0.0, -1.0])
    assert float(spreads(*on_face)[-1]) == pytest.approx(0.5)


def test_rows_agree_with_numpy():
    expressions = [
        x**7 - 3 / y**3, sp.exp(-x * y) / (1 + y**2), sp.sqrt(1 + x**4), sp.Max(x, y) + sp.tanh(x),
        sp.Piecewise((x**2, x > 0), (-y, True)), sp.Rational(1, 3), x**5 * y / (x + 3) ** 2, sp.Integer(0),
    ]  # fmt: skip
    points = np.random.default_rng(0).uniform(0.5, 2, (2, 40)) * np.array([[1, -1] * 20, [1] * 40])
    rows = compile_rows((x, y), expressions)(*torch.from_numpy(points))
    for expression, row in zip(expressions, rows, strict=True):
        expected = np.array([float(expression.subs({x: a, y: b})) for a, b in points.T])
        np.testing.assert_allclose(np.broadcast_to(np.asarray(row), 40), expected, rtol=1e-13)


def test_integer_power():
    value = torch.tensor([1.5, -0.7], dtype=torch.float64)
    for n in range(1, 12):
        np.testing.assert_allclose(integer_power(value, n).numpy(), value.numpy() ** n, rtol=1e-14)
    assert value.tolist() == [1.5, -0.7]  # the argument is left alone


def test_stiffness_is_the_fastest_contraction_at_the_start_and_below_it():
    valley = et.langevin(et.landscapes.double_well_with_valley(well=3.0, saddle=8.0), temperature=0.1)
    domain = et.Box([-2, -2], [2, 2])
    assert stiffness(et.EscapeProblem(valley, (-1.0, 0.0), domain)) == pytest.approx(3.0)
    assert stiffness(et.EscapeProblem(valley, (-0.01, 0.0), domain)) == pytest.approx(8.0, rel=0.01)
    spiral = et.Diffusion((x, y), sp.Matrix([-x - 9 * y, 9 * x - 4 * y]), sp.eye(2))
    assert stiffness(et.EscapeProblem(spiral, (0.0, 0.0), et.Ball([0, 0], 1))) == pytest.approx(4.0)
    repelling = et.Diffusion((x,), sp.Matrix([x]), sp.Matrix([[1]]))
    assert stiffness(et.EscapeProblem(repelling, 0.0, et.Interval(-1, 1))) == 0.0
