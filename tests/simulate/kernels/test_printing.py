"""From expressions to statements: the same numbers as sympy, one kernel for many problems, refusals by name."""

import math

import numpy as np
import pytest
import sympy as sp
from scipy import special

from escapetime.errors import RouteNotApplicable
from escapetime.simulate.kernels.printing import Constants, KernelPrinter

x, y = sp.symbols("x0 x1", real=True)

NAMES = {
    "R": np.float64, "nan": math.nan, "select": lambda c, a, b: a if c else b, "absolute": abs, "maximum": max,
    "minimum": min, "power": lambda a, b: a**b, "erf": special.erf, "sign": np.sign, "asin": np.arcsin,
    "acos": np.arccos, "atan": np.arctan,
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh,
    "cosh": np.cosh, "tanh": np.tanh,
}  # fmt: skip


def generate(*expressions):
    constants, printer = Constants(), KernelPrinter()
    lines = printer.statements([f"r{k}" for k in range(len(expressions))], [constants.lift(e) for e in expressions])
    return lines, constants


def evaluate(*expressions, at=(0.37, -1.2)):
    lines, constants = generate(*expressions)
    scope = NAMES | dict(zip(("x0", "x1"), map(np.float64, at), strict=True))
    scope |= dict(zip(constants.names, constants.values, strict=True))
    exec("\n".join(lines), scope)
    return [scope[f"r{k}"] for k in range(len(expressions))]


EXPRESSIONS = [
    x**3 - x, -x, -(x**2) * y, 1 / x, -1 / (x * y**2), x**-3, x**7, (x + y) ** 6, (1 + x**2) ** -2, sp.sqrt(1 + x**2),
    (1 + x**2) ** sp.Rational(3, 2), (1 + x**2) ** sp.Rational(-5, 2), (1 + x**2) ** sp.Rational(1, 3), x**2.5, 2**x,
    sp.exp(-(x**2)) * y, sp.log(2 + x), sp.sin(x * y), sp.cos(3 * x), sp.tan(x), sp.sinh(y), sp.cosh(y), sp.tanh(y),
    sp.asin(x), sp.acos(x), sp.atan(y), sp.erf(y), sp.Abs(y - 2), sp.sign(y), sp.Max(x, y, sp.Rational(1, 3)),
    sp.Min(x, y), sp.pi * x - sp.E * y + sp.sqrt(7), x - sp.Rational(22, 7) * y, -sp.Float(0.1) * x + 1000 * y**2,
    sp.Piecewise((x**2, x > 1), (y, (x < 0) | (y > 3)), (x * y, True)),
    sp.Piecewise((x, (x > 0) & (y > 0)), (2 * y, True)), sp.Piecewise((sp.Integer(3), x >= 0), (sp.Float(0.2), True)),
    (x - y) / (x + y) - (x + y) ** 2 * (x - y), x / (3 * y) / (x + 2), -x - y, -(x + y) * 3, x - (y - (x - 2)),
]  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_generated_statements_have_sympys_value(expression):
    for at in ((0.37, -1.2), (0.81, 3.4)):
        (value,) = evaluate(expression, at=at)
        expected = float(sp.N(expression.subs(dict(zip((x, y), map(sp.Float, at), strict=True))), 30))
        assert value == pytest.approx(expected, rel=1e-13, abs=1e-14)


def test_without_a_true_case_the_rest_is_nan():
    (value,) = evaluate(sp.Piecewise((x, x > 5)))
    assert math.isnan(value)


def test_powers_are_products_and_shared_terms_are_computed_once():
    lines, _ = generate(x**8 + (x * y + 1) ** 4, sp.sqrt(x * y + 1) * sp.exp(x * y))
    text = "\n".join(lines)
    assert "**" not in text
    assert text.count("x0 * x1") == 1
    assert text.count("*") < 12


def test_problems_that_differ_in_numbers_share_a_kernel():
    def lines(a, b):
        return generate(a * x**3 - sp.Float(b) * x + a / 2, sp.sqrt(2 * sp.Float(b)))

    (one, first), (other, second) = lines(sp.Rational(1, 3), 0.2), lines(sp.Rational(7, 5), 0.3)
    assert one == other
    assert first.values != second.values
    assert not any(digit in "\n".join(one) for digit in ("0.", "1/3", "7/5"))
    # small integers are part of the formula
    assert lines(sp.Integer(3), 0.2)[0] != one


def test_the_signs_of_constants_are_in_the_formula():
    lines, constants = generate(-sp.Float(0.3) * x + sp.Float(0.3) * y)
    assert constants.values == [0.3]
    assert lines == ["r0 = c0 * x1 - (c0 * x0)"]


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        (sp.gamma(x), "gamma"), (sp.besselj(0, x), "besselj"), (sp.Heaviside(x), "Heaviside"), (sp.floor(x), "floor"),
        (sp.Derivative(sp.Function("f")(x), x), "Derivative"), (sp.Function("mystery")(x), "mystery"),
        (x * sp.I, "finite real"), (x + sp.oo, "finite real"), (sp.Integral(sp.exp(x**2), x), "Integral"),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_generated_is_refused_by_name(expression, name):
    with pytest.raises(RouteNotApplicable, match=name):
        generate(expression)
