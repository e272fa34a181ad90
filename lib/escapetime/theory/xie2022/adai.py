r"""Adai in Xie et al. 2022, as transcribed here: saddles, minima, and the rate of convergence.

The two laws replace the inertia :math:`\beta` in those of the damped heavy ball
(:mod:`escapetime.theory.xie2022.momentum`, :math:`\beta_3 = 1-\beta`) by that of a coordinate whose gradient is noise
with the covariance :math:`|H|/B`,

.. math:: \mu_i = 1 - \beta_0\,\frac{|H_i|}{\overline{|H|}}, \qquad \overline{|H|} = \frac1n\sum_j|H_j| .
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp


def inertia(*, curvature: Any, mean_curvature: Any, beta0: Any) -> sp.Expr:
    r"""Return the inertia that the published laws give to a direction, :math:`\mu = 1 - \beta_0|H|/\overline{|H|}`.

    Parameters
    ----------
    curvature : number or expression
        ``H`` in that direction, of either sign.
    mean_curvature : number or expression
        :math:`\overline{|H|}`, the mean of the absolute curvatures over all coordinates.
    beta0 : number or expression
        :math:`\beta_0`.

    Returns
    -------
    sympy.Expr
        Without the bounds 0 and :math:`1-\epsilon` of the algorithm.

    Examples
    --------
    >>> inertia(curvature=-2, mean_curvature=1, beta0=sp.Rational(1, 10))
    4/5
    """
    return 1 - sp.sympify(beta0) * sp.Abs(curvature) / sp.sympify(mean_curvature)


def saddle_spread(*, curvature: Any, mean_curvature: Any, lr: Any, batch_size: Any, beta0: Any, steps: Any) -> sp.Expr:
    r"""Return the mean squared displacement from a saddle along one direction, Proposition 3 as transcribed here.

    .. math:: \frac{\overline{|H|}\,\eta^2}{2\beta_0B}\bigl(1-e^{-(1-\mu)T}\bigr)^2 + \frac{|H|\eta^2T}{B}

    Parameters
    ----------
    curvature, mean_curvature, beta0 : number or expression
        As for :func:`inertia`.
    lr, batch_size : number or expression
        :math:`\eta` and ``B``.
    steps : number or expression
        ``T``, since the start at the saddle.

    Returns
    -------
    sympy.Expr
        Squared coordinate.

    Notes
    -----
    The first term, the drift by momentum, is the same in all directions: this is the reason given for the rule of the
    inertia. The sum is not what the recursion with this inertia does; see :func:`escapetime.exact.moments.adai`.
    Xie et al. 2022 (``xie2022``).

    Examples
    --------
    It is the short form of Theorem 2 with the inertia of the direction:

    >>> from escapetime.theory.xie2022 import momentum
    >>> n, B, b, T, h, mean = sp.symbols("eta B beta0 T h mean", positive=True)
    >>> given = dict(curvature=-h, lr=n, batch_size=B, steps=T)
    >>> mu = inertia(curvature=-h, mean_curvature=mean, beta0=b)
    >>> heavy_ball = momentum.saddle_spread_short(**given, momentum=mu, dampening=mu)
    >>> sp.simplify(saddle_spread(**given, mean_curvature=mean, beta0=b) - heavy_ball)
    0
    """
    h, mean, eta, size, b, count = map(sp.sympify, (curvature, mean_curvature, lr, batch_size, beta0, steps))
    mu = inertia(curvature=h, mean_curvature=mean, beta0=b)
    drift = mean * eta**2 / (2 * b * size) * (1 - sp.exp(-(1 - mu) * count)) ** 2
    return drift + sp.Abs(h) * eta**2 * count / size


def transition_time(
    *, well: Any, saddle: Any, barrier: Any, lr: Any, batch_size: Any, path: Any, mean_curvature: Any, beta0: Any
) -> sp.Expr:
    r"""Return the mean escape time from a minimum, Proposition 4 as transcribed here.

    .. math:: \tau = \frac{\pi}{H_b}\Bigl[\sqrt{1+\frac{4\eta\,\overline{|H|}}{\beta_0}}+1\Bigr]
        \exp\Bigl[\frac{2B\Delta}{\eta}\Bigl(\frac s{H_a}+\frac{1-s}{H_b}\Bigr)\Bigr]

    Parameters
    ----------
    well, saddle : number or expression
        Curvature :math:`H_a` at the minimum and absolute curvature :math:`H_b` at the saddle, along the escape.
    barrier : number or expression
        :math:`\Delta`, in units of the loss.
    lr, batch_size, beta0 : number or expression
        :math:`\eta`, ``B`` and :math:`\beta_0`.
    path : number or expression
        The path parameter ``s``, as in :func:`escapetime.theory.xie2021.transition_time`.
    mean_curvature : number or expression
        :math:`\overline{|H|}` over all coordinates, at the saddle.

    Returns
    -------
    sympy.Expr
        In units of ``lr * steps``.

    Notes
    -----
    The exponent is that of SGD: correct to leading order. The rest inherits what is wrong with Theorem 3: the prefactor
    is not that of Ito, and noise that depends on the position adds a term to the exponent, with the sign opposite to
    that of this prefactor where noise falls on the way up; see :mod:`escapetime.theory.inertia`. Xie et al. 2022
    (``xie2022``).

    Examples
    --------
    It is Theorem 3 with the inertia of the escape direction:

    >>> from escapetime.theory.xie2022 import momentum
    >>> h_a, h_b, d, n, B, s, mean, b = sp.symbols("H_a H_b Delta eta B s mean beta0", positive=True)
    >>> given = dict(well=h_a, saddle=h_b, barrier=d, lr=n, batch_size=B, path=s)
    >>> mu = inertia(curvature=h_b, mean_curvature=mean, beta0=b)
    >>> heavy_ball = momentum.transition_time(**given, momentum=mu, dampening=mu)
    >>> sp.simplify(transition_time(**given, mean_curvature=mean, beta0=b) / heavy_ball)
    1
    """
    h_a, h_b, height, eta, size, s = map(sp.sympify, (well, saddle, barrier, lr, batch_size, path))
    root = sp.sqrt(1 + 4 * eta * sp.sympify(mean_curvature) / sp.sympify(beta0))
    return sp.pi / h_b * (root + 1) * sp.exp(2 * size * height / eta * (s / h_a + (1 - s) / h_b))


def gradient_norm_bound(*, constants: Sequence[Any], steps: Any) -> sp.Expr:
    r"""Return the bound on the smallest mean squared gradient, Theorem 4 as transcribed here.

    .. math:: \min_{k\le t}\mathbb E\|\nabla L(\theta_k)\|^2 \le \frac{K_1+K_2+K_3}{\sqrt{t+1}}

    Parameters
    ----------
    constants : sequence of three numbers or expressions
        :math:`K_1,K_2,K_3`. They do not depend on ``t``, and grow with :math:`\mu_{\max}/(1-\mu_{\max})`, where
        :math:`\mu_{\max}` is the largest inertia.
    steps : number or expression
        ``t``.

    Returns
    -------
    sympy.Expr
        (Loss / coordinate) squared.

    Notes
    -----
    Assumed: a smooth loss, bounded below; an unbiased gradient with bounded variance and mean; a learning rate of
    :math:`K/\sqrt{t+1}`; inertia bounded below 1. The inertia of a step depends on the gradient of that step, so that
    an unbiased gradient does not make an unbiased step. What is proved where the inertia is frozen, constants included:
    :mod:`escapetime.theory.averaged_gradient`. Xie et al. 2022 (``xie2022``).

    Examples
    --------
    >>> gradient_norm_bound(constants=(1, 2, 3), steps=99)
    3/5
    """
    first, second, third = map(sp.sympify, constants)
    return (first + second + third) / sp.sqrt(sp.sympify(steps) + 1)
