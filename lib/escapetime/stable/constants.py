r"""Numbers of the symmetric stable law: tails, moments, logarithmic moments, and what escape times are made of.

Everywhere the characteristic function is :math:`e^{-|\sigma t|^\alpha}`. Other normalizations in the literature differ
by powers of :math:`c_\alpha`: the process of Imkeller and Pavlyukevich, with Levy measure ``dy / |y|**(1 + alpha)``, is
this one divided by ``levy_constant(alpha)**(1 / alpha)``.
The same numbers as sympy formulas are in :mod:`escapetime.stable.formulas`.
"""

from __future__ import annotations

import math

from escapetime.errors import InvalidInput
from escapetime.stable._checks import dimension, positive, stability

EULER = 0.5772156649015329


def levy_constant(alpha: float, d: int = 1) -> float:
    r"""Density of the Levy measure at distance one, :math:`c_\alpha = \Gamma(1+\alpha)\sin(\pi\alpha/2)/\pi`.

    The measure is :math:`c\,\|y\|^{-d-\alpha}\,dy`, for the isotropic law if ``d > 1``.

    Parameters
    ----------
    alpha : float
        Stability index in (0, 2]; zero at 2, where there are no jumps.
    d : int
        Dimension.

    Returns
    -------
    float
        The constant, for scale one.

    References
    ----------
    Samorodnitsky and Taqqu 1994, chapter 1 (``samorodnitsky1994``).

    Examples
    --------
    >>> levy_constant(1.0) * math.pi
    1.0
    """
    a, n = stability(alpha), dimension(d)
    if n == 1:
        return math.gamma(1 + a) * _sine(a) / math.pi
    return a * tail_constant(a, n) * math.gamma(n / 2) / (2 * math.pi ** (n / 2))


def tail_constant(alpha: float, d: int = 1) -> float:
    r"""Levy measure of what is farther than one, :math:`C_\alpha = 2\Gamma(\alpha)\sin(\pi\alpha/2)/\pi`.

    :math:`P(\|X\| > x) \sim C\,(\sigma/x)^\alpha`, for the isotropic law in d dimensions with
    :math:`K_d = 2^\alpha\Gamma((d+\alpha)/2) / (\Gamma(d/2)\Gamma(1-\alpha/2))`.

    Parameters
    ----------
    alpha : float
        Stability index in (0, 2]; zero at 2.
    d : int
        Dimension.

    Returns
    -------
    float
        The constant, for scale one. Independent coordinates have ``d * tail_constant(alpha)`` instead.

    References
    ----------
    Samorodnitsky and Taqqu 1994, property 1.2.15 (``samorodnitsky1994``).

    Examples
    --------
    >>> tail_constant(1.0) * math.pi / 2, tail_constant(1.0, d=2)
    (1.0, 1.0)
    """
    a, n = stability(alpha), dimension(d)
    if n == 1:
        return 2 * math.gamma(a) * _sine(a) / math.pi
    ratio = math.exp(math.lgamma((n + a) / 2) - math.lgamma(n / 2)) if n > 40 else _gamma_ratio(n, a)
    return 2**a * ratio * _reciprocal_gamma(1 - a / 2)


def absolute_moment(p: float, alpha: float, *, scale: float = 1.0) -> float:
    r"""Moment of the absolute value, of any real order.

    .. math:: E|X|^p = (2\sigma)^p\,\frac{\Gamma(\frac{1+p}2)\,\Gamma(1-\frac p\alpha)}{\sqrt\pi\,\Gamma(1-\frac p2)}

    Parameters
    ----------
    p : float
        Order, ``-1 < p < alpha``; for ``alpha = 2`` any ``p > -1``.
    alpha : float
        Stability index in (0, 2].
    scale : float
        Scale of the law.

    Returns
    -------
    float
        In the unit of the scale to the power p.

    Raises
    ------
    InvalidInput
        If the moment is infinite.

    References
    ----------
    Samorodnitsky and Taqqu 1994, property 1.2.17 (``samorodnitsky1994``).

    Examples
    --------
    >>> absolute_moment(2, 2.0, scale=3.0), math.isclose(absolute_moment(0.5, 1.0), math.sqrt(2))
    (18.0, True)
    """
    a, s = stability(alpha), positive(scale, "the scale")
    if not -1 < p < (math.inf if a == 2 else a):
        raise InvalidInput(f"Expected an order p in (-1, {a:g}), where E|X|**p is finite for alpha = {a:g}; got {p:g}.")
    gaussian = (2 * s) ** p * math.gamma((1 + p) / 2) / math.sqrt(math.pi)
    return gaussian if a == 2 else gaussian * math.gamma((a - p) / a) * _reciprocal_gamma(1 - p / 2)


def log_moments(alpha: float, *, scale: float = 1.0) -> tuple[float, float]:
    r"""Mean and variance of :math:`\log|X|`: :math:`\gamma(1/\alpha-1)+\log\sigma` and
    :math:`\frac{\pi^2}6(\frac1{\alpha^2}+\frac12)`.

    Parameters
    ----------
    alpha : float
        Stability index in (0, 2].
    scale : float
        Scale of the law.

    Returns
    -------
    tuple of float
        Mean and variance; both finite for every alpha.

    References
    ----------
    Nikias and Shao 1995 (``nikias1995``).

    Examples
    --------
    >>> log_moments(1.0)[0], math.isclose(log_moments(1.0)[1], math.pi**2 / 4)
    (0.0, True)
    """
    return log_cumulant(1, alpha) + math.log(positive(scale, "the scale")), log_cumulant(2, alpha)


def log_cumulant(n: int, alpha: float) -> float:
    r"""Cumulant of order n of :math:`\log|X|` at scale one, from :math:`\log E|X|^p`.

    Parameters
    ----------
    n : int
        Order, at least 1. A scale adds its logarithm to the first and nothing to the others.
    alpha : float
        Stability index in (0, 2].

    Returns
    -------
    float
        The cumulant.

    Examples
    --------
    >>> round(log_cumulant(4, 1.0) / math.pi**4, 12)  # of the Cauchy law
    0.125
    """
    a, n = stability(alpha), dimension(n)
    if n == 1:
        return EULER * (1 / a - 1)
    from scipy.special import zeta

    # polygamma(n - 1) at 1/2 and at 1 are (2**n - 1) and 1 times (-1)**n (n - 1)! zeta(n)
    whole = math.factorial(n - 1) * float(zeta(n))
    return whole * ((-1) ** n * (1 - 2.0**-n) + a**-n - 2.0**-n)


def median_size(alpha: float, *, scale: float = 1.0) -> float:
    """Median of ``|X|``: half of the distance between the quartiles.

    Parameters
    ----------
    alpha : float
        Stability index, 0.1 to 2.
    scale : float
        Scale of the law.

    Returns
    -------
    float
        In the unit of the scale.

    Examples
    --------
    >>> round(median_size(1.0, scale=3.0), 12)
    3.0
    """
    from escapetime.stable.quantiles import isf

    return float(isf(0.25, alpha, scale=scale))


def driftless_factor(alpha: float) -> float:
    r"""Mean exit time from a ball's center times the jump rate out of it, without drift:
    :math:`\kappa_\alpha = \sin(\pi\alpha/2)/(\pi\alpha/2)`.

    With strong confinement the product is 1; the noise alone makes it this.

    Parameters
    ----------
    alpha : float
        Stability index in (0, 2].

    Returns
    -------
    float
        Between 1 (small alpha) and 0 (Gaussian).

    References
    ----------
    Getoor 1961 (``getoor1961``) for one dimension and isotropic noise.

    Examples
    --------
    >>> driftless_factor(1.0) * math.pi / 2
    1.0
    """
    a = stability(alpha)
    return _sine(a) / (math.pi * a / 2)


def grid_shift(alpha: float) -> float:
    r"""How far a boundary seems to recede when a stable process is watched at discrete times.

    The skeleton with time step h leaves as the process itself would leave a domain wider by
    :math:`k_\alpha\,\sigma\,h^{1/\alpha}`, with :math:`k_\alpha = -\zeta(1-1/\alpha)\,\Gamma(1-1/\alpha)/\pi`.

    Parameters
    ----------
    alpha : float
        Stability index in (1, 2].

    Returns
    -------
    float
        :math:`k_\alpha`; at ``alpha = 2`` the root of 2 times 0.5826 of Brownian motion.

    Raises
    ------
    InvalidInput
        For ``alpha <= 1``: the leading error there is of order h and no shift.

    References
    ----------
    For Brownian motion Chernoff 1965 and Siegmund 1979; the stable form is derived in this project.

    Examples
    --------
    >>> round(grid_shift(2.0) / math.sqrt(2), 6)
    0.582597
    """
    a = stability(alpha)
    if a <= 1:
        raise InvalidInput(f"Expected alpha in (1, 2], where a step has a mean size; got {a:g}: use a small step.")
    from scipy.special import zeta

    s = (a - 1) / a  # the pole of the gamma function is at alpha = 1: no digits may be lost there
    return -float(zeta(s)) * math.gamma(s) / math.pi


def _sine(alpha: float) -> float:
    # sin(pi alpha / 2) with its digits near 2
    return math.sin(math.pi * min(alpha, 2 - alpha) / 2)


def _reciprocal_gamma(z: float) -> float:
    from scipy.special import rgamma

    return float(rgamma(z))


def _gamma_ratio(n: int, alpha: float) -> float:
    return math.gamma((n + alpha) / 2) / math.gamma(n / 2)
