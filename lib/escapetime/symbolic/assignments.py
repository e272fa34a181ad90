"""Named intermediate results: several expressions as a list of assignments that can be run from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import sympy as sp

Stage = tuple[sp.Symbol, sp.Expr]
Formula = TypeVar("Formula", sp.Expr, sp.Matrix)


def assignments(
    stages: Sequence[Stage], results: Sequence[sp.Expr], prefix: str = "t"
) -> tuple[list[Stage], list[sp.Expr]]:
    """Compute common subexpressions once, and put every assignment behind those it needs.

    Parameters
    ----------
    stages : sequence of (Symbol, Expr)
        Named intermediate results; each may use the names of those before it.
    results : sequence of Expr
        What is wanted; may use the names of all stages.
    prefix : str
        Shared terms are called ``t0``, ``t1``, ...

    Returns
    -------
    tuple
        The assignments in order, and the results in terms of them. Stages that no result needs are left out.

    Examples
    --------
    >>> x, g = sp.symbols("x g")
    >>> assignments([(g, sp.cos(x))], [g * sp.sin(x**2), g + sp.sin(x**2)])
    ([(g, cos(x)), (t0, sin(x**2))], [g*t0, g + t0])
    """
    shared, reduced = sp.cse([e for _, e in stages] + list(results), symbols=sp.numbered_symbols(prefix))
    named = dict(shared) | {name: e for (name, _), e in zip(stages, reduced, strict=False)}
    reduced = reduced[len(stages) :]
    order: dict[sp.Symbol, sp.Expr] = {}
    for result in reduced:
        _place(result, named, order)
    return list(order.items()), reduced


def without_stages(stages: Sequence[Stage], formula: Formula) -> Formula:
    """Put the definitions of intermediate results in the place of their names.

    Parameters
    ----------
    stages : sequence of (Symbol, Expr)
        Named intermediate results; each may use the names of those before it.
    formula : Expr or Matrix
        May use the names of all stages.

    Returns
    -------
    Expr or Matrix
        The same in terms of what the stages begin with.

    Examples
    --------
    >>> x, g, h = sp.symbols("x g h")
    >>> without_stages([(g, x**2), (h, g + 1)], g * h)
    x**2*(x**2 + 1)
    """
    for name, definition in reversed(stages):
        formula = formula.xreplace({name: definition})
    return formula


def _place(expression: sp.Expr, named: dict[sp.Symbol, sp.Expr], order: dict[sp.Symbol, sp.Expr]) -> None:
    for name in _needed(expression, named):
        if name not in order:
            _place(named[name], named, order)
            order[name] = named[name]


def _needed(expression: sp.Expr, named: dict[sp.Symbol, sp.Expr]) -> Iterator[sp.Symbol]:
    yield from sorted(expression.free_symbols & set(named), key=str)
