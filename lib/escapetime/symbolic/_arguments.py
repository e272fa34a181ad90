"""What every symbolic function accepts for a drift, a diffusion matrix and its variables, checked once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Coefficients:
    """Drift, diffusion and noise matrix of an n-dimensional process, with shapes that fit one another."""

    variables: tuple[sp.Symbol, ...]
    drift: sp.Matrix
    diffusion: sp.Matrix
    noise: sp.Matrix | None


def as_symbols(variables: Any) -> tuple[sp.Symbol, ...]:
    # Return a symbol, or a sequence of distinct symbols, as a tuple.
    found = (variables,) if isinstance(variables, sp.Basic) and not isinstance(variables, sp.Tuple) else variables
    found = tuple(found) if isinstance(found, Iterable) and not isinstance(found, str) else (found,)
    if not found or not all(isinstance(item, sp.Symbol) for item in found) or len(set(found)) < len(found):
        raise InvalidInput(
            f"expected one sympy Symbol, or a sequence of distinct ones, got {variables!r}: "
            "write x = sympy.Symbol('x', real=True) and pass x or (x, y)."
        )
    return found


def as_vector(value: Any, size: int, name: str) -> sp.Matrix:
    # Return an expression, or a sequence of ``size`` expressions, as a column.
    column = sp.Matrix([sp.sympify(value)]) if _is_scalar(value) else sp.Matrix(list(value))
    if column.shape != (size, 1):
        raise InvalidInput(
            f"expected {size} component(s) of the {name}, one for each variable, got {column.shape[0]}: "
            f"give the {name} as a column in the order of the variables."
        )
    return column


def as_square(value: Any, size: int, name: str) -> sp.Matrix:
    # Return an expression (one dimension) or a symmetric matrix as a ``size`` x ``size`` matrix.
    matrix = sp.Matrix([[sp.sympify(value)]]) if _is_scalar(value) else sp.Matrix(value)
    if matrix.shape != (size, size):
        raise InvalidInput(
            f"expected a {size} x {size} {name} matrix, one row for each variable, got shape {matrix.shape}: "
            f"for isotropic noise write {name} = D * sympy.eye({size})."
        )
    if not all(vanishes(matrix[i, j] - matrix[j, i]) for i in range(size) for j in range(i)):
        raise InvalidInput(
            f"expected a symmetric {name} matrix, got {matrix}: pass s*s.T/2 if you have the noise matrix s."
        )
    return matrix


def as_coefficients(drift: Any, diffusion: Any, variables: Any, noise: Any = None) -> Coefficients:
    # Return the coefficients of a process as matrices that fit; a drift of None stands for zero.
    symbols = as_symbols(variables)
    size = len(symbols)
    root = None
    if noise is not None:
        root = sp.Matrix([[sp.sympify(noise)]]) if _is_scalar(noise) else sp.Matrix(noise)
        if root.rows != size:
            raise InvalidInput(
                f"expected a noise matrix with {size} row(s), one for each variable, got shape {root.shape}: "
                "its columns are the independent Wiener processes."
            )
    column = sp.zeros(size, 1) if drift is None else as_vector(drift, size, "drift")
    return Coefficients(symbols, column, as_square(diffusion, size, "diffusion"), root)


def vanishes(expression: sp.Expr) -> bool:
    # Whether sympy can show that an expression is identically zero.
    if expression == 0 or sp.expand(expression) == 0:
        return True
    simplified = sp.simplify(expression)
    if simplified.has(sp.Float):  # what is left of cancelling floats is rounding, not an expression
        simplified = sp.expand(simplified).replace(lambda e: e.is_Float and abs(e) < _ROUNDING, lambda e: sp.S.Zero)
    return bool(simplified == 0)


def _is_scalar(value: Any) -> bool:
    if isinstance(value, str):
        raise InvalidInput(
            f"expected a sympy expression, got the string {value!r}: parse it first, as in "
            "Landscape.parse(text).expression, so that its symbols are the ones you differentiate by."
        )
    return isinstance(value, (sp.Expr, int, float)) and not isinstance(value, sp.MatrixBase)
