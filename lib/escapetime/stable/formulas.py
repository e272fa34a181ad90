r"""The closed forms of :mod:`escapetime.stable.constants` as sympy expressions, to derive with and to check against.

Each is a function of symbols or numbers:

>>> a = sp.Symbol("alpha", positive=True)
>>> sp.gammasimp(tail_constant(a) * a / levy_constant(a))
2
>>> driftless_factor(sp.Rational(3, 2)), log_variance(1)
(2*sqrt(2)/(3*pi), pi**2/4)
"""

from __future__ import annotations

from typing import Any

import sympy as sp


def characteristic_function(t: Any, alpha: Any, scale: Any = 1) -> sp.Expr:
    """``exp(-|scale t|**alpha)``."""
    return sp.exp(-(sp.Abs(scale * t) ** alpha))


def levy_constant(alpha: Any, d: Any = 1) -> sp.Expr:
    """Density of the (isotropic) Levy measure at distance one in d dimensions."""
    alpha, d = sp.sympify(alpha), sp.sympify(d)
    if d == 1:
        return sp.gamma(1 + alpha) * sp.sin(sp.pi * alpha / 2) / sp.pi
    return alpha * 2 ** (alpha - 1) * sp.gamma((d + alpha) / 2) / (sp.pi ** (d / 2) * sp.gamma(1 - alpha / 2))


def tail_constant(alpha: Any, d: Any = 1) -> sp.Expr:
    """Levy measure of what is farther than one."""
    alpha, d = sp.sympify(alpha), sp.sympify(d)
    if d == 1:
        return 2 * sp.gamma(alpha) * sp.sin(sp.pi * alpha / 2) / sp.pi
    return 2**alpha * sp.gamma((d + alpha) / 2) / (sp.gamma(d / 2) * sp.gamma(1 - alpha / 2))


def absolute_moment(p: Any, alpha: Any, scale: Any = 1) -> sp.Expr:
    """Moment of order p of the absolute value, ``-1 < p < alpha < 2``."""
    p, alpha = sp.sympify(p), sp.sympify(alpha)
    gaussian = (2 * scale) ** p * sp.gamma((1 + p) / 2) / sp.sqrt(sp.pi)
    return gaussian * sp.gamma(1 - p / alpha) / sp.gamma(1 - p / 2)


def log_mean(alpha: Any) -> sp.Expr:
    """Mean of the logarithm of the absolute value, scale one."""
    return sp.EulerGamma * (1 / sp.sympify(alpha) - 1)


def log_variance(alpha: Any) -> sp.Expr:
    """Variance of the logarithm of the absolute value."""
    return sp.pi**2 / 6 * (1 / sp.sympify(alpha) ** 2 + sp.Rational(1, 2))


def driftless_factor(alpha: Any) -> sp.Expr:
    """Mean exit time from a ball's center times the jump rate out of it, without drift."""
    return sp.sin(sp.pi * alpha / 2) / (sp.pi * alpha / 2)


def grid_shift(alpha: Any) -> sp.Expr:
    """How far a boundary seems to recede at time steps of one, ``1 < alpha <= 2``."""
    return -sp.zeta(1 - 1 / sp.sympify(alpha)) * sp.gamma(1 - 1 / sp.sympify(alpha)) / sp.pi


def density_at_zero(alpha: Any) -> sp.Expr:
    """Density at the center, scale one."""
    return sp.gamma(1 + 1 / sp.sympify(alpha)) / sp.pi
