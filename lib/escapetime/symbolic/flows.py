"""Flows of ordinary differential equations in closed form, coordinate by coordinate, where there is one."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp


def exact_flow(drift: Sequence[sp.Expr], variables: Sequence[sp.Symbol], time: sp.Expr) -> tuple[sp.Expr, ...] | None:
    r"""Return where :math:`\dot x = b(x)` takes every point in a time, if that is known in closed form.

    Parameters
    ----------
    drift : sequence of sympy.Expr
        ``b``, one expression a coordinate.
    variables : sequence of sympy.Symbol
        The coordinates, real.
    time : sympy.Expr
        How long, positive.

    Returns
    -------
    tuple of sympy.Expr or None
        One expression a coordinate; None unless each coordinate's drift is of its own alone, and of the form
        ``c + a*x`` (linear) or ``a*x + b*x**n`` with odd ``n`` and negative ``b`` (Bernoulli's equation).

    Examples
    --------
    >>> x, t = sp.symbols("x t", real=True)
    >>> exact_flow([-(x**3)], [x], t)
    (x/sqrt(2*t*x**2 + 1),)
    """
    found = [_coordinate(sp.sympify(b), x, time) for b, x in zip(drift, variables, strict=True)]
    return None if any(flow is None for flow in found) else tuple(f for f in found if f is not None)


def _coordinate(drift: sp.Expr, x: sp.Symbol, time: sp.Expr) -> sp.Expr | None:
    expanded = sp.expand(drift)
    if expanded.free_symbols - {x} or not expanded.is_polynomial(x):
        return None
    terms = {degree: c for (degree,), c in sp.Poly(expanded, x).terms() if c != 0}
    if set(terms) <= {0, 1}:
        return _linear(terms.get(1, sp.Integer(0)), terms.get(0, sp.Integer(0)), x, time)
    degree = max(terms)
    if set(terms) - {1, degree} or degree % 2 == 0 or not terms[degree].is_negative:
        return None
    return _bernoulli(terms.get(1, sp.Integer(0)), terms[degree], degree, x, time)


def _linear(rate: sp.Expr, push: sp.Expr, x: sp.Symbol, time: sp.Expr) -> sp.Expr:
    if rate == 0:
        return x + push * time
    growth = sp.exp(rate * time)
    return x * growth + push / rate * (growth - 1)


def _bernoulli(rate: sp.Expr, pull: sp.Expr, degree: int, x: sp.Symbol, time: sp.Expr) -> sp.Expr:
    """The power ``1 - degree`` of the solution solves a linear equation."""
    order = degree - 1
    spent = order * time if rate == 0 else (sp.exp(order * rate * time) - 1) / rate
    return x * sp.exp(rate * time) / (1 - pull * spent * x**order) ** sp.Rational(1, order)
