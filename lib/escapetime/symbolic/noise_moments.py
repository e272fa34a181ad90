"""Expectations over independent noises of expressions that are polynomial in them."""

from collections.abc import Callable, Mapping, Sequence
from math import comb
from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.symbolic._arguments import as_symbols

NoiseMoments = Sequence[Any] | Callable[[int], Any]


def expectation(expression: Any, noises: Any, noise_moments: Mapping[sp.Symbol, NoiseMoments] | None = None) -> sp.Expr:
    """Return the exact mean over independent noises of an expression that is a polynomial in them.

    Parameters
    ----------
    expression : expression
        A polynomial in the noises; its coefficients may be anything that is free of them.
    noises : symbol or sequence of m symbols
        Independent, dimensionless: standard Gaussian unless ``noise_moments`` says else.
    noise_moments : mapping from noises to moments, optional
        Raw moments ``E[xi], E[xi**2], ...``: a sequence starting with the mean, or a function of the power.

    Returns
    -------
    Expr
        The mean, in the unit of the expression.

    Raises
    ------
    InvalidInput
        If the expression is not a polynomial in a noise, or moments are given for something that is not a noise.

    Notes
    -----
    Independence turns the mean of a monomial into a product; of a Gaussian only the even powers stay, as
    double factorials (Wick's rule for one variable).

    References
    ----------
    Isserlis 1918.

    Examples
    --------
    >>> a, xi, eta = sp.symbols("a xi eta")
    >>> expectation((a * xi**2 + eta) ** 2, (xi, eta))
    3*a**2 + 1
    >>> expectation(xi**3, xi, {xi: moments_from_cumulants([0, 1, sp.Symbol("kappa_3")])})
    kappa_3
    """
    symbols, given = as_symbols(noises), dict(noise_moments or {})
    if not set(given) <= set(symbols):
        raise InvalidInput(f"expected moments for the noises {symbols} only, got {set(given)}: name them as noises.")
    whole = sp.sympify(expression)
    for noise in symbols:
        if not whole.is_polynomial(noise):
            raise InvalidInput(
                f"expected a polynomial in the noise {noise}, got {whole}: its mean is no finite sum of moments; "
                "expand it in the noise first, or average over it by quadrature."
            )
    polynomial = sp.Poly(sp.expand(whole), *symbols)
    total = sp.S.Zero
    for powers, coefficient in polynomial.terms():
        factors = (_moment(noise, power, given.get(noise)) for noise, power in zip(symbols, powers, strict=True))
        total += coefficient * sp.prod(factors)
    return total


def moments_from_cumulants(cumulants: Sequence[Any]) -> tuple[sp.Expr, ...]:
    """Return the raw moments ``E[xi], ..., E[xi**n]`` of the law with the given first ``n`` cumulants.

    Parameters
    ----------
    cumulants : sequence of n expressions
        Mean, variance, third cumulant, and so on.

    Returns
    -------
    tuple of n expressions
        The raw moments.

    References
    ----------
    Gardiner 2009, chapter 2 (cumulants).

    Examples
    --------
    A Poisson number has all cumulants equal:

    >>> moments_from_cumulants([1, 1, 1, 1])
    (1, 2, 5, 15)
    """
    moments = [sp.S.One]
    for n in range(1, len(cumulants) + 1):
        moments.append(
            sp.expand(sum(comb(n - 1, k - 1) * sp.sympify(cumulants[k - 1]) * moments[n - k] for k in range(1, n + 1)))
        )
    return tuple(moments[1:])


def _moment(noise: sp.Symbol, power: int, given: NoiseMoments | None) -> sp.Expr:
    if power == 0:
        return sp.S.One
    if given is None:
        return sp.factorial2(power - 1) if power % 2 == 0 else sp.S.Zero
    if callable(given):
        return sp.sympify(given(power))
    if power > len(given):
        raise InvalidInput(
            f"expected the moment of order {power} of the noise {noise}, got moments up to {len(given)}: "
            "give more of them, or a function of the power."
        )
    return sp.sympify(given[power - 1])
