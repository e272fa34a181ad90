"""Whether two branches of a piecewise expression join continuously, decided by algebra.

Intervals can prove that two branches differ on a boundary, never that they agree; agreement is proved here by
substituting the boundary into the difference. What cannot be proved counts as a jump.
"""

from __future__ import annotations

import sympy as sp
from sympy.core.relational import Relational


def joins(here: sp.Expr, there: sp.Expr, condition: sp.Basic) -> bool:
    """Return whether two expressions provably agree wherever ``condition`` changes its truth value.

    Parameters
    ----------
    here, there : sympy.Expr
        The branches on the two sides.
    condition : sympy Boolean
        The condition that selects the first one.

    Returns
    -------
    bool
        True is a proof; False means that no proof was found.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> joins(x**2, x, x < 1), joins(x**2, 2 * x, x < 1)
    (True, False)
    """
    difference = here - there
    if difference == 0:
        return True
    # leaving a branch means crossing the zero set of one of the relations in its condition
    return all(_vanishes_on(difference, r.lhs - r.rhs) for r in condition.atoms(Relational))


def _vanishes_on(difference: sp.Expr, boundary: sp.Expr) -> bool:
    for variable in sorted(boundary.free_symbols, key=str):
        slope = sp.diff(boundary, variable)
        if slope.is_number and slope != 0:
            crossing = variable - sp.expand(boundary) / slope
            return _is_zero(difference.subs(variable, sp.expand(crossing)))
    variables = sorted(boundary.free_symbols, key=str)
    if len(variables) == 1 and boundary.is_polynomial(*variables):
        try:
            roots = sp.real_roots(boundary)
        except NotImplementedError:  # transcendental coefficients
            return False
        return all(_is_zero(difference.subs(variables[0], root)) for root in roots)
    if boundary.is_polynomial(*variables) and difference.is_polynomial(*variables):
        return bool(sp.rem(difference, boundary, *variables) == 0)
    return False


def _is_zero(expression: sp.Expr) -> bool:
    # exact arithmetic only: branches with rounded coefficients jump by a rounding error, and are told so
    return bool(expression == 0 or sp.simplify(expression) == 0)
