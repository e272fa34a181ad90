r"""Symmetric stable numbers as expressions of standard normals, so that every engine can draw them in its own step.

Two normals hold a uniform angle and an independent exponential number, which is what the formula of Chambers, Mallows
and Stuck asks for. It is written with the complementary angle :math:`\varphi = \arctan(|z_2| / |z_1|)`: large values
come from small :math:`\varphi`, and keep their digits. (Not in float32, whose normals have angles of some 23 bits.)
"""

from __future__ import annotations

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.processes.noise_laws import NoiseLaw

_TINY = sp.Float("1e-30")  # of angle and exponential number: nothing is divided by zero, one draw in 1e30 is changed


def checked_index(alpha: float) -> float:
    """Return a tail index above 0 and up to 2, or say what was expected.

    Parameters
    ----------
    alpha : float
        Tail index.

    Returns
    -------
    float
        The same.

    Raises
    ------
    InvalidInput
        If it is not a number in that range.
    """
    try:
        value = float(alpha)
    except (TypeError, ValueError):
        value = float("nan")
    if isinstance(alpha, bool) or not 0 < value <= 2:
        raise InvalidInput(f"Expected a tail index alpha above 0 and up to 2 (Gaussian), got {alpha!r}.")
    return value


def symmetric_stable(alpha: float, z1: sp.Symbol, z2: sp.Symbol) -> sp.Expr:
    r"""Return a number with the characteristic function :math:`e^{-|t|^\alpha}`, made of two normals.

    Parameters
    ----------
    alpha : float
        Tail index, above 0 and up to 2.
    z1, z2 : sympy.Symbol
        Independent standard normals.

    Returns
    -------
    sympy.Expr
        With ``alpha = 2`` it has the variance 2.

    Raises
    ------
    InvalidInput
        If the index is out of range.

    Notes
    -----
    Chambers, Mallows and Stuck 1976 (``chambers1976``), for the symmetric law, where nothing is singular at 1.

    Examples
    --------
    The Cauchy law is the ratio of two normals:

    >>> z1, z2 = sp.symbols("z1 z2", real=True)
    >>> float(symmetric_stable(1.0, z1, z2).subs({z1: -3, z2: 2}))
    -1.5
    """  # noqa: DOC502 - raised by what it calls
    value = checked_index(alpha)
    a = sp.nsimplify(value) if value in (1.0, 2.0) else sp.Float(value)
    angle, wait = _angle(z2, z1), (z1**2 + z2**2) / 2
    sine = sp.Max(sp.Abs(z2) / sp.Max(sp.sqrt(z1**2 + z2**2), _TINY), _TINY)
    if a == 1:
        return sp.sign(z1) * sp.sin(sp.pi / 2 + angle) / sine
    if a > 1:
        rest = (2 - a) * sp.pi / 2
        numerator, inner = sp.sin(rest + a * angle), sp.Max(sp.sin(rest + (a - 1) * angle), _TINY)
    else:
        numerator, inner = sp.sin(a * (sp.pi / 2 - angle)), sp.cos((1 - a) * (sp.pi / 2 - angle))
    power = sp.log(sine) / a + (a - 1) / a * (sp.log(inner) - sp.log(sp.Max(wait, _TINY)))
    return sp.sign(z1) * numerator * sp.exp(-power)


def _angle(opposite: sp.Symbol, adjacent: sp.Symbol) -> sp.Expr:
    """Neither may be zero."""
    return sp.atan(sp.Abs(opposite) / sp.Max(sp.Abs(adjacent), _TINY))


def positive_stable(alpha: float, z1: sp.Symbol, z2: sp.Symbol) -> sp.Expr:
    r"""Return a positive number ``A`` with the Laplace transform :math:`e^{-s^{\alpha/2}}`, made of two normals.

    Parameters
    ----------
    alpha : float
        Twice the index of ``A``, above 0 and below 2.
    z1, z2 : sympy.Symbol
        Independent standard normals.

    Returns
    -------
    sympy.Expr
        :math:`\sqrt{2A}\,G` with normal ``G`` is isotropic and stable with index ``alpha``.

    Raises
    ------
    InvalidInput
        If the index is out of range.

    Notes
    -----
    Kanter 1975 (``kanter1975``).

    Examples
    --------
    Half-integer index: ``A`` is the hitting time of a Brownian motion, ``1 / (2 g**2)`` for a normal ``g``.

    >>> z1, z2 = sp.symbols("z1 z2", real=True)
    >>> float(positive_stable(1.0, z1, z2).subs({z1: 1, z2: 1})) > 0
    True
    """
    value = checked_index(alpha)
    if value == 2:
        raise InvalidInput("Expected alpha below 2: at 2 the subordinator is the constant 1.")
    g = sp.Float(value / 2)
    # twice an angle in (0, pi/2), and its complement to pi: each keeps its digits near its own zero
    angle, other = 2 * _angle(z2, z1), 2 * _angle(z1, z2)
    wait = sp.Max((z1**2 + z2**2) / 2, _TINY)
    sine = sp.Max(sp.sin(sp.Min(angle, other)), _TINY)
    upper, inner = sp.Max(sp.sin(g * angle), _TINY), sp.Max(sp.sin((1 - g) * angle), _TINY)
    return sp.exp(sp.log(upper) - sp.log(sine) / g + (1 - g) / g * (sp.log(inner) - sp.log(wait)))


def stable_law(alpha: float) -> NoiseLaw:
    """Return the symmetric stable law as a law of gradient noise.

    Parameters
    ----------
    alpha : float
        Tail index, above 0 and up to 2.

    Returns
    -------
    NoiseLaw
        Of scale one: its characteristic function is ``exp(-|t|**alpha)``. It has no variance below 2, and variance 2
        there.

    Raises
    ------
    InvalidInput
        If the index is out of range.

    Examples
    --------
    >>> stable_law(1.5).name
    'stable(1.5)'
    """  # noqa: DOC502 - raised by what it calls
    z1, z2 = sp.symbols("z1 z2", real=True)
    return NoiseLaw(f"stable({float(alpha):g})", (z1, z2), symmetric_stable(alpha, z1, z2))
