"""Whether a point is a nondegenerate minimum, as far as sympy can tell."""

import sympy as sp
from sympy.core.function import AppliedUndef

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.symbolic._arguments import vanishes

# A critical point found in floats misses the exact one by this much (relative to its distance from 0, or absolutely).
_FLOAT_STEP = 1e-7
_FLOAT_ZERO = 1e-12


def require_minimum(gradient: sp.Matrix, hessian: sp.Matrix, point: tuple[sp.Expr, ...]) -> None:
    # Refuse what is not a nondegenerate minimum; what holds undefined functions or free symbols is taken on trust.
    if (gradient.row_join(hessian)).has(sp.nan, sp.zoo, sp.oo):
        raise InvalidInput(f"expected a smooth exponent at {_at(point)}, got derivatives {gradient}, {hessian}.")
    minors = tidy(sp.Matrix([hessian[:k, :k].det() for k in range(1, hessian.rows + 1)]))
    if minors[-1] == 0 or (minors[-1].is_Float and abs(minors[-1]) < _FLOAT_ZERO):
        raise RouteNotApplicable(
            f"expected a nondegenerate minimum, got the second derivative {_show(hessian)} at {_at(point)}: "
            "a flat minimum has its own fractional powers, so use the exact route (quadrature)."
        )
    if any(minor.is_positive is False for minor in minors):
        raise InvalidInput(
            f"expected a minimum of the exponent, got the second derivative {_show(hessian)} at {_at(point)}, "
            "which is not positive: for a maximum expand -f, and give the point where the integrand peaks."
        )
    if not all(entry.has(AppliedUndef) for entry in gradient) and not _stationary(gradient, hessian, point):
        raise InvalidInput(
            f"expected a critical point of the exponent, got the derivative {_show(gradient)} at {_at(point)}: "
            "solve for the critical point first (Landscape.critical_points does)."
        )


def tidy(matrix: sp.Matrix) -> sp.Matrix:
    # Simplified, except for derivatives of undefined functions, of which there is nothing to simplify but much to try.
    return matrix if matrix.has(AppliedUndef) else matrix.applyfunc(sp.simplify)


def _stationary(gradient: sp.Matrix, hessian: sp.Matrix, point: tuple[sp.Expr, ...]) -> bool:
    entries = [*gradient, *hessian, *point]
    if any(e.has(sp.Float) for e in entries) and all(e.is_number for e in entries):
        newton = hessian.evalf().LUsolve(gradient.evalf())
        return all(abs(step) <= _FLOAT_STEP * max(1, abs(x.evalf())) for step, x in zip(newton, point, strict=True))
    return all(entry.has(AppliedUndef) or vanishes(entry) for entry in gradient)


def _show(matrix: sp.Matrix) -> str:
    return str(matrix[0] if matrix.shape == (1, 1) else matrix.tolist())


def _at(point: tuple[sp.Expr, ...]) -> str:
    return str(point[0] if len(point) == 1 else point)
