"""Series in a small positive symbol that may carry half-integer powers and undefined functions."""

import sympy as sp
from sympy.core.function import AppliedUndef

from escapetime.errors import InvalidInput

# Anything that stands for a smooth function of the state; sympy's series would otherwise try to expand it.
_OPAQUE = (AppliedUndef, sp.Derivative, sp.Subs)


def truncated(expression: sp.Expr, small: sp.Symbol, order: int) -> sp.Expr:
    # The expansion about small = 0+ up to small**order, with half-integer powers where they occur.
    terms = _coefficients(expression, small, order)
    return sum((coefficient * small**power for power, coefficient in terms.items() if power <= order), sp.S.Zero)


def divergent_power(expression: sp.Expr, small: sp.Symbol) -> sp.Expr | None:
    # The most negative power of the expansion, or None where the limit small -> 0+ is finite.
    terms = _coefficients(expression, small, 0)
    return min((power for power, value in terms.items() if power < 0 and sp.simplify(value) != 0), default=None)


def _coefficients(expression: sp.Expr, small: sp.Symbol, order: int) -> dict[sp.Rational, sp.Expr]:
    root = sp.Dummy("s", positive=True)  # a power series in the square root covers the half-integer powers
    opaque = {e: sp.Dummy() for e in expression.atoms(*_OPAQUE) if not e.has(small)}
    protected = sp.expand(expression.xreplace(opaque).xreplace({small: root**2}))
    terms = _powers(protected, root)
    if terms is None:  # not a sum of powers as it stands, like 1 - exp(-k dt)
        terms = _powers(sp.expand(sp.series(protected, root, 0, 2 * order + 1).removeO()), root)
    if terms is None:
        raise InvalidInput(
            f"expected an expression with a series in powers of sqrt({small}), got {expression}: "
            f"replace what has no such series about {small} = 0 by its limit."
        )
    restored = {dummy: e for e, dummy in opaque.items()}
    return {power / 2: coefficient.xreplace(restored) for power, coefficient in terms.items()}


def _powers(expression: sp.Expr, root: sp.Symbol) -> dict[sp.Rational, sp.Expr] | None:
    found: dict[sp.Rational, sp.Expr] = {}
    for term in sp.Add.make_args(expression):
        coefficient, power = term.as_coeff_exponent(root)
        if coefficient.has(root) or not power.is_Rational:
            return None
        found[power] = found.get(power, sp.S.Zero) + coefficient
    return found
