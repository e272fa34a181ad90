r"""What Adam's second moment does to its escape law when it is a mean over finitely many steps.

The law with :math:`v = C_1/B` (:func:`escapetime.theory.preconditioned.quasi_static_time`) takes the second moment for
its mean, and for that of the place where the optimizer is. Two corrections, for Gaussian noise:

**It fluctuates**, and a step sees its own gradient in it. With :math:`L' = \sigma\mu`, :math:`g = \sigma(\mu + z)` and
:math:`v = \sigma^2V`, drift and diffusion of the averaged motion are :math:`\kappa_1L'/\sigma` and
:math:`\kappa_2\,\eta/2`,

.. math:: \kappa_1 = \mathbb{E}V^{-1/2} - (1-\beta_2)\,\mathbb{E}[z_0^2V^{-3/2}], \quad
    \kappa_2 = \mathbb{E}[z_0^2V^{-1}], \quad V = (1-\beta_2)\sum_{k\ge0}\beta_2^kz_k^2 ,

so that the exponent is multiplied by :math:`\kappa_1/\kappa_2 = 1 + \frac38(1-\beta_2) + \ldots`

**It lags** by :math:`1/(1-\beta_2)` steps. On the way up this adds
:math:`-\frac{B}{1-\beta_2}\int_a^bL'^2C_1'/C_1^2` to :math:`\ln\tau`, to first order.

Where the gradient itself is as large as its noise, drift and diffusion no longer make the exponent:
:func:`exponent_slope` does.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

from escapetime.errors import InvalidInput, NumericalFailure

SOURCES = ("azizian2024",)
NODES, DRAWS = 64, 128  # Chebyshev nodes in log v, Gauss-Hermite nodes in the gradient
STEEPEST = 1.2  # largest gradient over its noise for which these are enough


def averages(beta2: float) -> tuple[float, float]:
    r"""Return :math:`\kappa_1` and :math:`\kappa_2`: drift and diffusion in units of those with ``v`` at its mean.

    Parameters
    ----------
    beta2 : float
        :math:`\beta_2`, from 0 to below 1.

    Returns
    -------
    tuple of float
        To about eight digits. :math:`1-\frac58(1-\beta_2)` and :math:`1-(1-\beta_2)` to first order.

    Raises
    ------
    InvalidInput
        If :math:`\beta_2` is out of range.

    Notes
    -----
    Exact for Gaussian noise that outweighs the gradient, without momentum, as the learning rate falls: negative moments
    are integrals of the Laplace transform :math:`\mathbb{E}e^{-sV} = \prod_k(1+2s(1-\beta_2)\beta_2^k)^{-1/2}`. A
    momentum whose memory is short against that of ``v`` changes them by less than their first order.

    Examples
    --------
    Without memory Adam is the descent by signs, :math:`\kappa_1 = \sqrt{2/\pi}` and :math:`\kappa_2 = 1`:

    >>> [round(k, 6) for k in averages(0.0)], round(math.sqrt(2 / math.pi), 6)
    ([0.797885, 1.0], 0.797885)
    """  # noqa: DOC502 - raised by what it calls
    from scipy.integrate import quad

    new = _memory(beta2)
    weights = new * beta2 ** np.arange(1 if beta2 == 0 else int(40 / new) + 1)

    def transform(u: float) -> float:  # at s = u**2
        return math.exp(-0.5 * float(np.log1p(2 * u * u * weights).sum()))

    if beta2 == 0:  # V = z_0**2: what is integrated below falls too slowly
        return math.sqrt(2 / math.pi), 1.0
    integrands = (
        lambda u: 2 / math.sqrt(math.pi) * transform(u) * (1 - 2 * new * u * u / (1 + 2 * new * u * u)),
        lambda u: 2 * u * transform(u) / (1 + 2 * new * u * u),
    )
    first, second = (quad(f, 0, np.inf, epsabs=0, epsrel=1e-9, limit=200)[0] for f in integrands)
    return float(first), float(second)


def lag(slope: Any, noise: Any, variable: sp.Symbol, minimum: Any, saddle: Any) -> sp.Expr:
    r"""Return :math:`-\int_a^bL'^2C_1'/C_1^2`, what a lagging second moment adds to the logarithm of the escape time.

    Parameters
    ----------
    slope, noise : expression
        :math:`L'` and :math:`C_1`.
    variable : sympy.Symbol
        The coordinate.
    minimum, saddle : number or expression
        ``a`` and ``b``.

    Returns
    -------
    sympy.Expr
        To be multiplied by :math:`B/(1-\beta_2)`. Positive where the noise falls on the way up: ``v`` is then still
        large, and steps are small.

    Notes
    -----
    First order in the rate of relaxation over :math:`1-\beta_2`. With :math:`v = c - \lambda c'\dot x` and
    :math:`c = C_1/B`, :math:`\lambda = \eta/(1-\beta_2)`, in the action
    :math:`\int(\dot x+L'/\sqrt v)^2v/(2\eta c)\,\mathrm{d}t` along :math:`\dot x = L'/\sqrt c`.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> lag(x**3 - x, 1 + x**2, x, -1, 0).evalf(5)
    0.045177
    """
    rise, variance = sp.sympify(slope), sp.sympify(noise)
    integrand = sp.apart(sp.together(rise**2 * sp.diff(variance, variable) / variance**2), variable)
    return sp.simplify(-sp.integrate(integrand, (variable, minimum, saddle)))


def corrections(*, exponent: float, lag: float, batch_size: float, beta2: float) -> float:
    r"""Return what both corrections add to the logarithm of the quasi-static time.

    Parameters
    ----------
    exponent : float
        :math:`\frac{2\sqrt B}\eta\int L'/\sqrt{C_1}`.
    lag : float
        The value of :func:`lag`.
    batch_size, beta2 : float
        ``B`` and :math:`\beta_2`.

    Returns
    -------
    float
        :math:`E(\kappa_1/\kappa_2-1) - \ln\kappa_1 + \frac{B}{1-\beta_2}\mathrm{lag}`.

    Examples
    --------
    >>> [round(corrections(exponent=5.36, lag=0.045, batch_size=0.06, beta2=b), 2) for b in (0.9, 0.95, 0.99)]
    [0.24, 0.17, 0.3]
    """
    first, second = averages(beta2)
    return exponent * (first / second - 1) - math.log(first) + batch_size * lag / _memory(beta2)


def momentum_power(beta1: Any, beta2: Any) -> Any:
    r"""Return ``S``: with momentum the mean escape time is multiplied by :math:`(C_1(b)/C_1(a))^S`.

    Parameters
    ----------
    beta1, beta2 : number or expression
        From 0 to below 1.

    Returns
    -------
    number or expression
        :math:`\frac{\beta_1(1-\beta_2)}{(1+\beta_1)(1-\beta_1\beta_2)}`: 0 without momentum, small where momentum
        forgets much sooner than the second moment, at most one half.

    Notes
    -----
    A gradient acts over :math:`1/(1-\beta_1)` steps, in which it has already moved the position, and the second moment
    with it: a drift :math:`-\frac\eta2S\,C_1'/C_1` towards weaker noise, per unit of ``lr * steps``. For rates of
    relaxation well below :math:`1-\beta_1` and :math:`1-\beta_2`.

    Examples
    --------
    >>> momentum_power(0, 0.95), round(momentum_power(0.9, 0.95), 4)
    (0.0, 0.1633)
    """
    return beta1 * (1 - beta2) / ((1 + beta1) * (1 - beta1 * beta2))


def exponent_slope(ratio: float, beta2: float) -> float:
    r"""Return :math:`p^*(\rho)`; Adam's exponent is :math:`\frac1\eta\int p^*(L'\sqrt{B/C_1})\,\mathrm{d}x`.

    Parameters
    ----------
    ratio : float
        :math:`\rho`, gradient over the root of its variance in a batch; up to 1.2.
    beta2 : float
        :math:`\beta_2`, from 0.5 to 0.98.

    Returns
    -------
    float
        The positive root :math:`p` of :math:`\lim\frac1n\ln\mathbb{E}\exp(-p\sum g_k/\sqrt{v_k}) = 0` at a fixed place,
        for steps :math:`-\eta g/\sqrt v`. To three digits or better.

    Raises
    ------
    InvalidInput
        If a number is out of range.
    NumericalFailure
        If there is no root.

    Notes
    -----
    Cramer's root (``azizian2024``) of a step with memory: the largest eigenvalue of the tilted kernel of ``log v``, by
    collocation. As the learning rate falls at fixed :math:`B` and :math:`\beta_2`; Gaussian noise, no momentum. For
    small :math:`\rho` it is :math:`2\rho\,\kappa_1/\kappa_2` (:func:`averages`). It is *not* what
    :math:`v = C_1/B + L'^2` in drift and diffusion makes of it, :math:`2\rho\sqrt{1+\rho^2}`: a climb keeps the
    gradient's square, and with it its own step, from growing as much.

    Examples
    --------
    >>> round(exponent_slope(0.01, 0.95) / 0.02, 4), round(averages(0.95)[0] / averages(0.95)[1], 4)
    (1.0163, 1.0163)
    """
    from scipy.optimize import brentq

    if not (0 < ratio <= STEEPEST and 0.5 <= beta2 <= 0.98):
        raise InvalidInput(
            f"Expected a gradient over its noise between 0 and {STEEPEST:g} and beta2 from 0.5 to 0.98, got "
            f"{ratio!r} and {beta2!r}."
        )
    growth = _growth(ratio, beta2)
    low, high = 0.2 * ratio, 1.6 * ratio
    while growth(high) < 0 and high < 20 * (ratio + ratio**2):
        low, high = high, 1.4 * high
    if not growth(low) < 0 < growth(high):
        raise NumericalFailure(f"No root was found for ratio={ratio:g} at beta2={beta2:g}; take a smaller ratio.")
    return float(brentq(growth, low, high, xtol=1e-9 * ratio))


def _growth(ratio: float, beta2: float) -> Any:
    """Return the logarithm of the largest eigenvalue of the tilted kernel as a function of the tilt."""
    new = _memory(beta2)
    draws, masses = np.polynomial.hermite_e.hermegauss(DRAWS)
    k = np.arange(NODES)
    unit = np.cos((k + 0.5) * math.pi / NODES)
    barycentric = (-1.0) ** k * np.sin((k + 0.5) * math.pi / NODES)
    low, high = -max(0.3, 7 * math.sqrt(new)), math.log1p(ratio**2) + max(0.3, 6 * math.sqrt(new))
    v = np.exp((low + high) / 2 + (high - low) / 2 * unit)

    def growth(tilt: float) -> float:
        shift = -min(tilt, 2 * ratio) / 2  # where the climb draws from, between both signs of the gradient
        gradient = ratio + shift + draws
        weights = masses / masses.sum() * np.exp(-shift * draws - shift**2 / 2)
        after = beta2 * v[:, None] + new * gradient**2
        where = np.clip((2 * np.log(after) - low - high) / (high - low), -1, 1)
        distance = where[..., None] - unit
        basis = barycentric / np.where(distance == 0, 1e-300, distance)
        basis /= basis.sum(axis=-1, keepdims=True)
        kernel = np.einsum("ij,ijk->ik", weights * np.exp(-tilt * gradient / np.sqrt(after)), basis)
        return math.log(float(np.abs(np.linalg.eigvals(kernel)).max()))

    return growth


def _memory(beta2: float) -> float:
    if not 0 <= beta2 < 1:
        raise InvalidInput(f"Expected beta2 from 0 to below 1, got {beta2!r}.")
    return 1.0 - float(beta2)
