"""Sympy expressions as torch functions of rows: one tensor a coordinate in, one tensor or number a result out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp
from sympy.printing.numpy import NumPyPrinter

from escapetime.symbolic.assignments import Stage, assignments
from escapetime.symbolic.torch_namespace import namespace

Rows = Callable[..., list[Any]]


def compile_rows(variables: Sequence[sp.Symbol], expressions: Sequence[sp.Expr], stages: Sequence[Stage] = ()) -> Rows:
    """Compile expressions to torch, common subexpressions once and integer powers as products.

    Parameters
    ----------
    variables : sequence of sympy.Symbol
        The arguments, in order.
    expressions : sequence of sympy.Expr
        The results, in order.
    stages : sequence of (Symbol, Expr)
        Named intermediate results they use.

    Returns
    -------
    callable
        ``f(*rows) -> list``; rows keep dtype and device.
    """
    settings = {"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True}
    names = namespace() | {"integer_power": integer_power}

    def ordered(results: list[sp.Expr]) -> tuple[list[Stage], list[sp.Expr]]:
        return assignments(stages, results)

    return sp.lambdify(variables, list(expressions), cse=ordered, modules=[names], printer=_Printer(settings))


def integer_power(base: Any, exponent: int) -> Any:
    """Raise to a positive integer power by repeated squaring, several times cheaper than ``torch.pow`` from 4 on."""
    result = None
    while exponent:
        if exponent & 1:
            result = base if result is None else result * base
        exponent >>= 1
        base = base * base if exponent else base
    return result


class _Printer(NumPyPrinter):
    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        n = expr.exp
        if n.is_Integer and n > 1:
            return f"integer_power({self._print(expr.base)}, {n})"
        if n.is_Integer and n < -1:
            return f"(1/integer_power({self._print(expr.base)}, {-n}))"
        return super()._print_Pow(expr, rational=rational)
