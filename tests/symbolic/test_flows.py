"""Flows in closed form."""

import math

import pytest
import sympy as sp
from scipy.integrate import solve_ivp

from escapetime.symbolic.flows import exact_flow

x, y = sp.symbols("x y", real=True)
t = sp.Symbol("t", positive=True)


@pytest.mark.parametrize("drift", [sp.Integer(0), sp.Integer(3), -2 * x + 1, x - x**3, -(x**3), -x - 2 * x**5])
def test_the_flow_solves_its_equation(drift):
    (flow,) = exact_flow([drift], [x], t)
    assert sp.simplify(flow.subs(t, 0) - x) == 0
    residual = sp.diff(flow, t) - drift.subs(x, flow)
    for at in (-7.0, -0.4, 0.3, 2.5):
        assert abs(float(residual.subs({x: at, t: 0.6}))) < 1e-9
    numeric = solve_ivp(lambda _, v: [float(drift.subs(x, v[0]))], (0, 0.6), [2.5], rtol=1e-10, atol=1e-12).y[0, -1]
    assert math.isclose(float(flow.subs({x: 2.5, t: 0.6})), numeric, rel_tol=1e-7)


def test_coordinates_that_do_not_know_of_each_other():
    flow = exact_flow([x - x**3, -2 * y], [x, y], t)
    assert flow[1] == y * sp.exp(-2 * t)


@pytest.mark.parametrize("drift", [[x + y, -y], [x**3, -y], [x - x**2, -y], [sp.sin(x), -y], [1 - x**3, -y]])
def test_what_is_not_known_is_none(drift):
    assert exact_flow(drift, [x, y], t) is None
