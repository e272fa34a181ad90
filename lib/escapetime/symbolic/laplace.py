r"""Laplace's method in one dimension: integrals of ``g exp(-f/eps)`` about a minimum, to any order in ``eps``."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.symbolic._arguments import as_symbols
from escapetime.symbolic._minima import require_minimum
from escapetime.symbolic._series import exponential, product

Side = Literal["both", "left", "right"]


@dataclass(frozen=True)
class LaplaceSeries:
    """An asymptotic series ``prefactor * (c_0 + c_1 eps**step + c_2 eps**(2 step) + ...)``.

    Attributes
    ----------
    prefactor : Expr
        The Gaussian integral with the exponential, without ``g``.
    coefficients : tuple of expressions
        ``c_0, c_1, ...``; ``c_0`` is the value of ``g`` at the minimum, 1 by default.
    eps : Expr
        The small parameter, in the unit of ``f``.
    step : Rational
        1, or 1/2 where the minimum sits at an end of the integral.
    """

    prefactor: sp.Expr
    coefficients: tuple[sp.Expr, ...]
    eps: sp.Expr
    step: sp.Rational

    @property
    def leading(self) -> sp.Expr:
        """The first term that does not vanish, with prefactor and exponential."""
        found = ((k, c) for k, c in enumerate(self.coefficients) if c != 0)
        k, coefficient = next(found, (0, sp.S.Zero))
        return self.prefactor * coefficient * self.eps ** (k * self.step)

    @property
    def correction(self) -> sp.Expr:
        """The sum ``c_0 + c_1 eps**step + ...`` alone."""
        return sum((c * self.eps ** (k * self.step) for k, c in enumerate(self.coefficients)), sp.S.Zero)

    @property
    def series(self) -> sp.Expr:
        """The whole truncated series, prefactor included."""
        return self.prefactor * self.correction

    def __mul__(self, other: "LaplaceSeries") -> "LaplaceSeries":
        if self.eps != other.eps:
            raise InvalidInput(f"expected two series in the same small parameter, got {self.eps} and {other.eps}.")
        step = min(self.step, other.step)
        one, two = self._refined(step), other._refined(step)
        terms = product(one, two, min(len(one), len(two)))
        return LaplaceSeries(self.prefactor * other.prefactor, tuple(terms), self.eps, step)

    def _refined(self, step: sp.Rational) -> list[sp.Expr]:
        gap = int(self.step / step)
        last = gap * (len(self.coefficients) - 1)
        return [self.coefficients[k // gap] if k % gap == 0 else sp.S.Zero for k in range(last + 1)]


def laplace_series(
    f: Any, x: sp.Symbol, x0: Any, eps: Any, g: Any = 1, order: int = 2, side: Side = "both"
) -> LaplaceSeries:
    """Return the expansion of the integral of ``g exp(-f/eps)`` over a neighborhood of a minimum ``x0`` of ``f``.

    Parameters
    ----------
    f : expression
        The exponent; an undefined function such as ``Function("U")(x)`` gives the general formula.
    x : Symbol
        The variable of integration, length.
    x0 : expression
        Where ``f`` has its minimum, length: ``f' = 0 < f''``. For an undefined ``f`` both are hypotheses.
    eps : expression
        The small positive parameter, in the unit of ``f``.
    g : expression, optional
        The amplitude, smooth at ``x0``.
    order : int, optional
        The highest power of ``eps`` after the prefactor, at least 0.
    side : {"both", "left", "right"}, optional
        Integrate over both sides of ``x0``, or over ``x < x0`` or ``x > x0`` only. One-sided integrals have
        half-integer powers of ``eps`` as well.

    Returns
    -------
    LaplaceSeries
        Prefactor (length) and coefficients (unit of ``g`` per power of ``eps``).

    Raises
    ------
    InvalidInput
        If the order or the side is not one of those above.

    Notes
    -----
    Asymptotic as ``eps -> 0+``: the contribution of this one minimum, up to exponentially small terms. The series
    usually diverges; its error is of the order of the first term left out.

    References
    ----------
    Bender & Orszag 1978, section 6.4.

    Examples
    --------
    Stirling's series is the integral over ``exp(-n (t - log t))`` about ``t = 1``:

    >>> t, n = sp.symbols("t n", positive=True)
    >>> laplace_series(t - sp.log(t), t, 1, 1 / n).correction
    1 + 1/(12*n) + 1/(288*n**2)

    The first correction of a well, for any landscape:

    >>> U, a, D = sp.Function("U"), sp.Symbol("a"), sp.Symbol("D", positive=True)
    >>> h, u3, u4 = (sp.diff(U(a), a, k) for k in (2, 3, 4))
    >>> sp.expand(laplace_series(U(a), a, a, D, order=1).coefficients[1] - (5*u3**2 / (24*h**3) - u4 / (8*h**2)))
    0
    """
    (variable,) = as_symbols(x)
    if side not in ("both", "left", "right"):
        raise InvalidInput(f"expected side 'both', 'left' or 'right', got {side!r}.")
    if not isinstance(order, int) or order < 0:
        raise InvalidInput(f"expected an order of at least 0, got {order!r}: 2 keeps the terms up to eps**2.")
    point, small = sp.sympify(x0), sp.sympify(eps)
    exponent = [sp.diff(sp.sympify(f), variable, k).subs(variable, point) for k in range(2 * order + 3)]
    amplitude = [sp.diff(sp.sympify(g), variable, k).subs(variable, point) for k in range(2 * order + 1)]
    require_minimum(sp.Matrix([exponent[1]]), sp.Matrix([[exponent[2]]]), (point,))
    formulas, fs, gs = laplace_formulas(order, side)
    values = dict(zip(fs, exponent[2:], strict=True)) | dict(zip(gs, amplitude, strict=True))
    coefficients = tuple(sp.expand(formula.xreplace(values)) for formula in formulas)
    width = sp.sqrt(2 * sp.pi) * sp.sqrt(small) / sp.sqrt(exponent[2])
    share = sp.S.One if side == "both" else sp.Rational(1, 2)
    step = sp.S.One if side == "both" else sp.Rational(1, 2)
    return LaplaceSeries(share * width * sp.exp(-exponent[0] / small), coefficients, small, step)


@lru_cache
def laplace_formulas(
    order: int, side: Side = "both"
) -> tuple[tuple[sp.Expr, ...], tuple[sp.Symbol, ...], tuple[sp.Symbol, ...]]:
    """Return the coefficients of :func:`laplace_series` in terms of the derivatives of ``f`` and ``g`` at the minimum.

    With ``x = x0 + sqrt(eps / f_2) z`` the integrand is a Gaussian in ``z`` times a power series in ``sqrt(eps)``
    with polynomial coefficients; each is integrated exactly.

    Parameters
    ----------
    order : int
        The highest power of ``eps``.
    side : {"both", "left", "right"}, optional
        The range of ``z``.

    Returns
    -------
    tuple of three tuples
        The coefficients, and the symbols ``f_2, f_3, ...`` and ``g_0, g_1, ...`` that stand for the derivatives.

    References
    ----------
    Bender & Orszag 1978, section 6.4.

    Examples
    --------
    >>> (_, c1), fs, gs = laplace_formulas(1)
    >>> c1.subs(dict(zip(gs, (1, 0, 0))))
    -f_4/(8*f_2**2) + 5*f_3**2/(24*f_2**3)
    """
    top = 2 * order
    z = sp.Symbol("z")
    fs = (sp.Symbol("f_2", positive=True), *sp.symbols(f"f_3:{top + 3}"))
    gs = sp.symbols(f"g_0:{top + 1}")
    scaled = z / sp.sqrt(fs[0])
    cubic_on = [sp.S.Zero] + [-f * scaled**k / sp.factorial(k) for k, f in enumerate(fs[1:], start=3)]
    amplitude = [g * scaled**k / sp.factorial(k) for k, g in enumerate(gs)]
    integrand = product(amplitude, exponential(cubic_on), top + 1)
    means = [
        sum((c * _moment(power, side) for (power,), c in sp.Poly(term, z).terms()), sp.S.Zero) for term in integrand
    ]
    return tuple(sp.expand(m) for m in (means[::2] if side == "both" else means)), fs, gs


def _moment(power: int, side: Side) -> sp.Expr:
    # E[z**power] of a standard Gaussian, or of its half on one side
    if side == "both" and power % 2:
        return sp.S.Zero
    sign = (-1) ** power if side == "left" else 1
    return sign * sp.sqrt(2) ** power * sp.gamma(sp.Rational(power + 1, 2)) / sp.sqrt(sp.pi)
