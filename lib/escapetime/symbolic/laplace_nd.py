"""Laplace's method in n dimensions, by Gaussian moments with the inverse Hessian (Wick's theorem)."""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations_with_replacement
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from escapetime.errors import InvalidInput
from escapetime.symbolic._arguments import as_symbols, as_vector
from escapetime.symbolic._minima import require_minimum, tidy
from escapetime.symbolic._series import exponential, product
from escapetime.symbolic.laplace import LaplaceSeries

Powers = tuple[int, ...]


def laplace_series_nd(f: Any, variables: Any, point: Any, eps: Any, g: Any = 1, order: int = 1) -> LaplaceSeries:
    """Return the expansion of the integral of ``g exp(-f/eps)`` over a neighborhood of a minimum in n dimensions.

    Parameters
    ----------
    f : expression
        The exponent; undefined functions of the variables are allowed.
    variables : symbol or sequence of d symbols
        The variables of integration, length.
    point : expression or sequence of d expressions
        Where ``f`` has its minimum: gradient 0, Hessian positive definite.
    eps : expression
        The small positive parameter, in the unit of ``f``.
    g : expression, optional
        The amplitude, smooth at the point.
    order : int, optional
        The highest power of ``eps`` after the prefactor: 1 needs derivatives of ``f`` up to the fourth, 2 to the sixth.

    Returns
    -------
    LaplaceSeries
        Prefactor ``(2 pi eps)**(d/2) / sqrt(det H) exp(-f/eps)`` (length**d) and coefficients.

    Raises
    ------
    InvalidInput
        If the order is negative or no integer, or the point of an undefined function is not made of distinct symbols.

    Notes
    -----
    Asymptotic as ``eps -> 0+``: the contribution of this one minimum. The number of terms grows like
    ``d**(6 order)``; for undefined functions keep to ``d = 2`` or to the first order.

    References
    ----------
    Wong 2001, chapter IX; Isserlis 1918 (the Gaussian moments).

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> eps = sp.Symbol("epsilon", positive=True)
    >>> laplace_series_nd(x**2 + x*y + y**2 + x**4 / 4, (x, y), (0, 0), eps).series
    2*sqrt(3)*pi*epsilon*(1 - epsilon/3)/3
    """
    symbols = as_symbols(variables)
    place = tuple(as_vector(point, len(symbols), "point"))
    if not isinstance(order, int) or order < 0:
        raise InvalidInput(f"expected an order of at least 0, got {order!r}: 1 keeps the term in eps.")
    if (sp.sympify(f) + sp.sympify(g)).has(AppliedUndef) and len({p for p in place if p.is_Symbol}) < len(place):
        # sympy 1.14 takes Subs(f_xxy, (x, y), (0, 0)) and Subs(f_xyy, (x, y), (0, 0)) for one another
        raise InvalidInput(
            f"expected the point of an undefined function as distinct symbols, got {place}: "
            "expand about symbols such as (a, b) and put in their values afterwards."
        )
    small = sp.sympify(eps)
    f_at = _derivatives(sp.sympify(f), symbols, place, 2 * order + 2)
    g_at = _derivatives(sp.sympify(g), symbols, place, 2 * order)
    units = [_unit(i, len(symbols)) for i in range(len(symbols))]
    gradient = sp.Matrix([f_at[unit] for unit in units])
    hessian = sp.Matrix([[f_at[_add(one, two)] for two in units] for one in units])
    require_minimum(gradient, hessian, place)

    # Dummies keep the algebra polynomial; derivatives and inverse Hessian go in at the end.
    names: dict[sp.Dummy, sp.Expr] = {}
    z = tuple(sp.Dummy(f"z_{x}") for x in symbols)
    anharmonic = [sp.S.Zero] + [-_homogeneous(f_at, z, degree, names) for degree in range(3, 2 * order + 3)]
    amplitude = [_homogeneous(g_at, z, degree, names) for degree in range(2 * order + 1)]
    integrand = product(amplitude, exponential(anharmonic), 2 * order + 1)
    inverse = tidy(hessian.inv(method="ADJ"))
    moment = _wick(sp.Matrix(len(symbols), len(symbols), lambda i, j: _named(inverse[min(i, j), max(i, j)], names)))
    coefficients = tuple(
        sp.expand(sum((c * moment(powers) for powers, c in sp.Poly(term, *z).terms()), sp.S.Zero)).xreplace(names)
        for term in integrand[::2]
    )
    width = (2 * sp.pi * small) ** sp.Rational(len(symbols), 2) / sp.sqrt(tidy(sp.Matrix([hessian.det()]))[0])
    return LaplaceSeries(width * sp.exp(-f_at[(0,) * len(symbols)] / small), coefficients, small, sp.S.One)


def _derivatives(
    function: sp.Expr, variables: tuple[sp.Symbol, ...], point: tuple[sp.Expr, ...], top: int
) -> dict[Powers, sp.Expr]:
    # All partial derivatives at the point up to a total order, by powers of the variables.
    found: dict[Powers, sp.Expr] = {}
    for powers in _all_powers(len(variables), top):
        i = next((i for i, power in enumerate(powers) if power), None)
        lower = function if i is None else found[_add(powers, _unit(i, len(variables)), -1)]
        found[powers] = function if i is None else sp.diff(lower, variables[i])
    at = dict(zip(variables, point, strict=True))
    overlap = any(p.has(*variables) for p in point)  # one by one reads better: Derivative(U(a)), not Subs
    return {powers: derivative.subs(at, simultaneous=overlap) for powers, derivative in found.items()}


def _homogeneous(
    derivatives: dict[Powers, sp.Expr], z: tuple[sp.Dummy, ...], degree: int, names: dict[sp.Dummy, sp.Expr]
) -> sp.Expr:
    # The part of one degree of the Taylor polynomial.
    total = sp.S.Zero
    for powers, value in derivatives.items():
        if sum(powers) == degree and value != 0:
            monomial = sp.prod(x**power / sp.factorial(power) for x, power in zip(z, powers, strict=True))
            total += _named(value, names) * monomial
    return total


def _named(value: sp.Expr, names: dict[sp.Dummy, sp.Expr]) -> sp.Expr:
    if value.is_Rational or value.is_Float:
        return value
    dummy = next((dummy for dummy, known in names.items() if known == value), sp.Dummy())
    names[dummy] = value
    return dummy


def _wick(covariance: sp.Matrix) -> Callable[[Powers], sp.Expr]:
    # E[z**powers] of a centered Gaussian: pair one factor with each of the others (Isserlis).
    size = covariance.rows

    @cache
    def moment(powers: Powers) -> sp.Expr:
        if sum(powers) % 2:
            return sp.S.Zero
        i = next((i for i, power in enumerate(powers) if power), None)
        if i is None:
            return sp.S.One
        rest = _add(powers, _unit(i, size), -1)
        pairs = (rest[j] * covariance[i, j] * moment(_add(rest, _unit(j, size), -1)) for j in range(size) if rest[j])
        return sp.expand(sum(pairs, sp.S.Zero))

    return moment


def _all_powers(size: int, top: int) -> Iterator[Powers]:
    for degree in range(top + 1):
        for chosen in combinations_with_replacement(range(size), degree):
            yield tuple(chosen.count(i) for i in range(size))


def _unit(i: int, size: int) -> Powers:
    return tuple(int(i == j) for j in range(size))


def _add(one: Powers, two: Powers, sign: int = 1) -> Powers:
    return tuple(a + sign * b for a, b in zip(one, two, strict=True))
