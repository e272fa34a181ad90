r"""Kramers' time beyond leading order: the mean first-passage double integral, each factor by Laplace's method."""

from dataclasses import dataclass
from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.symbolic.laplace import LaplaceSeries, Side, laplace_series


@dataclass(frozen=True)
class KramersSeries:
    """A mean escape time ``prefactor * (1 + c_1 D**step + c_2 D**(2 step) + ...)`` with the factors it came from.

    Attributes
    ----------
    prefactor : Expr
        Kramers' leading order, time (half of it for the time to the saddle).
    coefficients : tuple of expressions
        ``1, c_1, c_2, ...``.
    temperature : Expr
        ``D``, energy.
    step : Rational
        1, or 1/2 for the time to the saddle itself.
    well, barrier : LaplaceSeries
        The expansions of the integral of ``exp(-U/D)`` over the well and of ``exp(U/D)`` over the barrier.
    """

    prefactor: sp.Expr
    coefficients: tuple[sp.Expr, ...]
    temperature: sp.Expr
    step: sp.Rational
    well: LaplaceSeries
    barrier: LaplaceSeries

    @property
    def correction(self) -> sp.Expr:
        """The sum ``1 + c_1 D**step + ...`` alone."""
        terms = enumerate(self.coefficients)
        return sum((c * self.temperature ** (k * self.step) for k, c in terms), sp.S.Zero)

    @property
    def series(self) -> sp.Expr:
        """The whole truncated series, time."""
        return self.prefactor * self.correction


def mean_transition_time_series(
    U: Any, x: sp.Symbol, minimum: Any, saddle: Any, D: Any, order: int = 2
) -> KramersSeries:
    r"""Return the mean time from a minimum across a saddle to any point well behind it, as a series in ``D``.

    The mean first-passage time is
    :math:`\frac{1}{D}\int \mathrm{d}y\, e^{U(y)/D} \int_{-\infty}^{y} \mathrm{d}z\, e^{-U(z)/D}`. Up to exponentially
    small terms it is ``1/D`` times the integral over the well times the integral over the barrier.

    Parameters
    ----------
    U : expression
        The landscape, energy; an undefined function gives the general formula.
    x : Symbol
        The coordinate, length.
    minimum, saddle : expression
        Where the particle starts and what it crosses, length: ``U'' > 0`` and ``U'' < 0``.
    D : expression
        The temperature of ``dX = -U'(X) dt + sqrt(2 D) dW``, energy.
    order : int, optional
        The highest power of ``D`` in the correction, at least 0.

    Returns
    -------
    KramersSeries
        Prefactor, coefficients, and the two Laplace series.

    Notes
    -----
    Asymptotic for ``D`` well below the barrier: one minimum behind one saddle, no other point of the well as low and
    none of the barrier as high.

    References
    ----------
    Kramers 1940, section 3 (leading order); Gardiner 2009, section 5.5 (the double integral).

    Examples
    --------
    >>> x, D = sp.Symbol("x"), sp.Symbol("D", positive=True)
    >>> mean_transition_time_series((x**2 - 1)**2 / 4, x, -1, 0, D).series
    sqrt(2)*pi*(57*D**2/8 + 3*D/2 + 1)*exp(1/(4*D))
    """
    return _time_series(U, x, minimum, saddle, D, order, "both")


def mean_saddle_time_series(
    U: Any, x: sp.Symbol, minimum: Any, saddle: Any, D: Any, order: int = 2, side: Side | None = None
) -> KramersSeries:
    r"""Return the mean time to *reach* the saddle: half the barrier counts, and half-integer powers of ``D`` appear.

    To first order it is half of Kramers' time, times
    :math:`1 - \sigma \frac{2 U'''}{3} \sqrt{D / (2 \pi |U''|^3)}` at the saddle, with :math:`\sigma = 1` for an escape
    towards larger ``x`` and -1 towards smaller.

    Parameters
    ----------
    U, x, minimum, saddle, D, order
        As for :func:`mean_transition_time_series`.
    side : {"left", "right"}, optional
        The side of the saddle on which the minimum lies; read off their difference where that has a sign.

    Returns
    -------
    KramersSeries
        In powers of ``sqrt(D)``, up to ``D**order``.

    Raises
    ------
    InvalidInput
        If the side is neither given nor to be read off.

    Notes
    -----
    As for :func:`mean_transition_time_series`.

    References
    ----------
    Gardiner 2009, section 5.5 (the double integral).

    Examples
    --------
    >>> x, D = sp.Symbol("x"), sp.Symbol("D", positive=True)
    >>> cubic = mean_saddle_time_series(x**2 / 2 - x**3 / 3, x, 0, 1, D, order=1)
    >>> cubic.prefactor, cubic.coefficients[1]
    (pi*exp(1/(6*D)), 2*sqrt(2)/(3*sqrt(pi)))
    """
    if side is None:
        ahead = (sp.sympify(saddle) - sp.sympify(minimum)).is_positive
        if ahead is None:
            raise InvalidInput(
                f"expected to know on which side of the saddle {saddle} the minimum {minimum} lies, got no numbers "
                "and no side: pass side='left' (escape towards larger x) or side='right'."
            )
        side = "left" if ahead else "right"
    if side not in ("left", "right"):
        raise InvalidInput(f"expected side 'left' or 'right', got {side!r}: the barrier counts on one side only.")
    return _time_series(U, x, minimum, saddle, D, order, side)


def _time_series(U: Any, x: sp.Symbol, minimum: Any, saddle: Any, D: Any, order: int, side: Side) -> KramersSeries:
    landscape = sp.sympify(U)
    well = laplace_series(landscape, x, minimum, D, order=order)
    barrier = laplace_series(-landscape, x, saddle, D, order=order, side=side)
    both = well * barrier
    prefactor = sp.powsimp(both.prefactor / both.eps, combine="exp")
    return KramersSeries(prefactor, both.coefficients, both.eps, both.step, well, barrier)
