r"""WKB of SGD with momentum: the density of position and momentum for weak noise, in powers of the learning rate.

The chain :math:`m' = \beta m + (1-\beta)\tilde g(x)`, :math:`x' = x - \eta m'`, with a Gaussian :math:`\tilde g` of
mean ``b`` and variance :math:`2D/\eta`, has a quasi-stationary density :math:`e^{-\Phi - A}`. For weak noise the old
momentum is integrated out by Laplace's method: with :math:`x = x' + \eta m'`,

.. math:: \Phi(x', m') = \min_m\Bigl[\Phi(x, m) + \eta\,\frac{(m' - \beta m - (1-\beta)b(x))^2}{4(1-\beta)^2D(x)}\Bigr],

.. math:: A(x', m') = A(x, m^*) + \tfrac12\ln\bigl[2(1-\beta)^2D(x)\,\psi''/\eta\bigr],

where :math:`\psi''` is the second derivative of the bracket in ``m`` at the minimizer :math:`m^*`. Both are solved
order by order: at each power of :math:`\eta` the unknowns are a polynomial in the momentum and one slope in ``x``.
"""

from __future__ import annotations

import itertools
import math
from functools import cache
from typing import Any

import sympy as sp
from sympy.polys.fields import field

from escapetime.errors import InvalidInput

DERIVATIVES = 4
# exact rational functions of beta, of the slope and the diffusion, and of their derivatives
_FIELD, _T, *_JETS = field(["beta", *(f"{n}{i}" for n in "bD" for i in range(DERIVATIVES + 1))], sp.QQ)
_B, _D = _JETS[: DERIVATIVES + 1], _JETS[DERIVATIVES + 1 :]

Polynomial = dict[tuple[int, int], Any]  # powers of the old and of the new momentum, coefficient
NEW: Polynomial = {(0, 1): _FIELD(1)}


def momentum_slopes(slope: Any, diffusion: Any, variable: sp.Symbol, beta: Any, order: int = 1) -> tuple[sp.Expr, ...]:
    r"""Return the slope of the exponent of SGD with momentum in powers of the learning rate.

    Parameters
    ----------
    slope : expression
        ``b``, derivative of the loss in one dimension.
    diffusion : expression
        ``D``: for SGD :math:`\eta C_1/2B`, here a quantity of its own while :math:`\eta` falls.
    variable : Symbol
        ``x``.
    beta : number or expression
        :math:`\beta`, in the damped form (``dampening=momentum``). Without dampening the learning rate that counts is
        :math:`\eta/(1-\beta)`.
    order : int
        Highest power of the learning rate, 0 to 2.

    Returns
    -------
    tuple of order + 1 expressions
        The exponent of the escape time is the integral of their sum from the minimum to the saddle.

    Raises
    ------
    InvalidInput
        If the order is not 0, 1 or 2.

    Notes
    -----
    For weak noise at a fixed learning rate, and then for small :math:`\eta|L''|/(1-\beta)`. At
    :math:`\beta = 0` the integrals are those of :func:`~escapetime.symbolic.chain_wkb.chain_slopes`.

    Examples
    --------
    >>> x, beta = sp.symbols("x beta")
    >>> b, D = sp.Function("b")(x), sp.Function("D")(x)
    >>> first = momentum_slopes(b, D, x, beta)[1]
    >>> sp.simplify(first - (1 + beta) / (1 - beta) * b**2 * D.diff(x) / (4 * D**2))
    0
    """
    if order not in {0, 1, 2}:
        raise InvalidInput(f"Expected an order of 0, 1 or 2, got {order!r}.")
    return tuple(_concrete(c, slope, diffusion, variable, beta) for c in _Series.of(order).slopes[: order + 1])


def momentum_amplitudes(
    slope: Any, diffusion: Any, variable: sp.Symbol, beta: Any, order: int = 0
) -> tuple[sp.Expr, ...]:
    r"""Return the slope of the logarithm of the amplitude, ``A`` at zero momentum, in powers of the learning rate.

    Parameters
    ----------
    slope, diffusion, variable, beta
        As for :func:`momentum_slopes`.
    order : int
        Highest power of the learning rate, 0 or 1.

    Returns
    -------
    tuple of order + 1 expressions
        1 / coordinate. The leading one is :math:`\frac32(\ln D)'`; integrated over the momentum, whose variance is
        proportional to ``D``, the density in ``x`` has the amplitude :math:`1/D`: that of Ito.

    Raises
    ------
    InvalidInput
        If the order is not 0 or 1.

    Examples
    --------
    For constant noise nothing but a term that falls with the momentum is left:

    >>> x, beta, D = sp.symbols("x beta D")
    >>> b = sp.Function("b")(x)
    >>> momentum_amplitudes(b, D, x, beta, order=1)[1].factor()
    -(beta - 1)*Derivative(b(x), (x, 2))/(2*(beta + 1))
    """
    if order not in {0, 1}:
        raise InvalidInput(f"Expected an order of 0 or 1, got {order!r}.")
    return tuple(_concrete(c, slope, diffusion, variable, beta) for c in _Series.of(order + 1).amplitudes[: order + 1])


class _Series:
    """Slopes of exponent and amplitude, with the polynomials in the momentum that go with them."""

    @staticmethod
    @cache
    def of(order: int) -> _Series:
        return _Series(order)

    def __init__(self, order: int) -> None:
        left, b, noise = 1 - _T, _B[0], _D[0]
        self.b, self.left, self.bend = b, left, 2 * left**2 * noise  # the bracket's 1 / second derivative, order 1
        self.slopes = [b / noise]
        self.shapes: list[Polynomial] = [{}, {(1, 0): b / (2 * noise), (2, 0): (1 + _T) / (4 * left * noise)}]
        self.best: Polynomial = {(0, 1): _T, (0, 0): -left * b}  # minimizer of the bracket, to leading order
        miss: Polynomial = {(0, 1): _FIELD(1), (1, 0): -_T, (0, 0): -left * b}
        self.cost = _scaled(1 / (4 * left**2 * noise), _times(miss, miss))
        self.amplitudes: list[Any] = []
        self.amplitude_shapes: list[Polynomial] = [{}]
        for n in range(1, order + 1):
            self._exponent(n + 1)
            self._amplitude(n)

    def _exponent(self, k: int) -> None:
        known = _at(self._bracket(k), self.best)
        if k == 3:  # the minimizer moves
            force = _at(_slope_m(self._bracket(2)), self.best)
            known = _plus(known, _scaled(-self.bend / 2, _times(force, force)))
        shape, slope = self._solve(known, k + 1)
        self.shapes.append(shape)
        self.slopes.append(slope)

    def _amplitude(self, k: int) -> None:
        second, half = self._bracket(2), sp.QQ(1, 2)
        log_slope = _D[1] / _D[0]
        curved = _scaled(self.bend, _at(_slope_m(_slope_m(second)), self.best))
        if k == 1:
            known = _scaled(half, _plus({(0, 1): log_slope}, curved))
        else:
            moved = _scaled(-self.bend, _at(_slope_m(second), self.best))
            cubic = _times(_at(_slope_m(_slope_m(_slope_m(second))), self.best), moved)
            more = _plus(_at(_slope_m(_slope_m(self._bracket(3))), self.best), cubic)
            logarithm = _plus(
                {(0, 2): _slope_x(log_slope) * half}, _scaled(self.bend, more), _scaled(-half, _times(curved, curved))
            )
            shape = self.amplitude_shapes[1]
            known = _plus(
                {(0, 2): _slope_x(self.amplitudes[0]) * half},
                _times(NEW, _at(_derived(shape), self.best)),
                _times(_at(_slope_m(shape), self.best), moved),
                _scaled(half, logarithm),
            )
        shape, slope = self._solve(known, k)
        self.amplitude_shapes.append(shape)
        self.amplitudes.append(slope)

    def _bracket(self, k: int) -> Polynomial:
        """Return the coefficient of the k-th power of the learning rate, at ``x = x' + eta m'``, as far as known."""
        terms = [_taylor(self.cost, k - 1)]
        for j in range(k + 1):
            shape = self.shapes[j] if j < len(self.shapes) else {}
            slope = self.slopes[j] if j < len(self.slopes) else None
            terms.append(_taylor(shape, k - j, slope))
        return _plus(*terms)

    def _solve(self, known: Polynomial, degree: int) -> tuple[Polynomial, Any]:
        """Find ``q`` without constant and ``c`` with ``q(new) - q(best) - c new = known``, from the top power down."""
        shape: Polynomial = {}
        for power in range(degree, 1, -1):
            shape[power, 0] = known.get((0, power), _FIELD(0)) / (1 - _T**power)
            term = {(power, 0): shape[power, 0]}
            known = _plus(known, _scaled(-1, _at(term, NEW)), _at(term, self.best))
        shape[1, 0] = known.get((0, 0), _FIELD(0)) / (self.left * self.b)
        return shape, shape[1, 0] * self.left - known.get((0, 1), _FIELD(0))


def _concrete(found: Any, slope: Any, diffusion: Any, x: sp.Symbol, beta: Any) -> sp.Expr:
    values = {sp.Symbol("beta"): sp.sympify(beta)}
    for name, expression in (("b", slope), ("D", diffusion)):
        values |= {sp.Symbol(f"{name}{i}"): sp.diff(sp.sympify(expression), x, i) for i in range(DERIVATIVES + 1)}
    return found.as_expr().subs(values, simultaneous=True)


def _slope_x(f: Any) -> Any:
    total = _FIELD(0)
    for jets in (_B, _D):
        for here, above in itertools.pairwise(jets):
            total += f.diff(here) * above
    return total


def _derived(p: Polynomial) -> Polynomial:
    return {k: _slope_x(v) for k, v in p.items()}


def _taylor(p: Polynomial, j: int, slope: Any = None) -> Polynomial:
    """Return the j-th term of the expansion in ``eta m'`` of a polynomial plus a function of ``x`` with that slope."""
    for _ in range(j):
        p = _derived(p)
    if j and slope is not None:
        for _ in range(j - 1):
            slope = _slope_x(slope)
        p = _plus(p, {(0, 0): slope})
    return _times(p, {(0, j): _FIELD(1) / math.factorial(j)})


def _plus(*polynomials: Polynomial) -> Polynomial:
    total: Polynomial = {}
    for p in polynomials:
        for k, v in p.items():
            total[k] = total.get(k, _FIELD(0)) + v
    return {k: v for k, v in total.items() if v != 0}


def _scaled(c: Any, p: Polynomial) -> Polynomial:
    return {k: _FIELD(c) * v for k, v in p.items()}


def _times(p: Polynomial, q: Polynomial) -> Polynomial:
    return _plus(*({(a + c, b + d): v * w} for (a, b), v in p.items() for (c, d), w in q.items()))


def _slope_m(p: Polynomial) -> Polynomial:
    return {(a - 1, b): a * v for (a, b), v in p.items() if a}


def _at(p: Polynomial, momentum: Polynomial) -> Polynomial:
    """Put a polynomial in the new momentum in place of the old one."""
    total: Polynomial = {}
    for (a, b), v in p.items():
        term: Polynomial = {(0, b): v}
        for _ in range(a):
            term = _times(term, momentum)
        total = _plus(total, term)
    return total
