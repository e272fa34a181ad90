r"""SGD with momentum in Xie et al. 2022, as transcribed here: the motion of a particle with mass, saddles, minima.

With :math:`m' = \beta m + \beta_3\tilde g`, :math:`\theta' = \theta - \eta m'` the velocity is :math:`-m` and a step
takes the time :math:`\eta`, so that

.. math:: M\ddot\theta = -\gamma M\dot\theta - \nabla L + \sqrt{2D}\,\xi(t), \qquad
    \gamma = \frac{1-\beta}{\eta}, \quad M = \frac{\eta}{\beta_3}, \quad D = \frac{\eta|H|}{2B}.

Here :math:`\beta_3` is one minus the ``dampening`` of :func:`escapetime.heavy_ball`: 1 in its default form, and
:math:`1-\beta` (then :math:`\gamma M = 1`) for ``dampening=momentum``.
"""

from __future__ import annotations

from typing import Any

import sympy as sp


def friction(*, lr: Any, momentum: Any) -> sp.Expr:
    r"""Return the friction of a particle that moves like SGD with momentum, :math:`\gamma = (1-\beta)/\eta`.

    Parameters
    ----------
    lr, momentum : number or expression
        :math:`\eta` and :math:`\beta`.

    Returns
    -------
    sympy.Expr
        1 / time, time in ``lr * steps``. Of first order in the learning rate.

    Examples
    --------
    >>> friction(lr=sp.Rational(1, 10), momentum=sp.Rational(9, 10))
    1
    """
    return (1 - sp.sympify(momentum)) / sp.sympify(lr)


def mass(*, lr: Any, dampening: Any = 0) -> sp.Expr:
    r"""Return the mass of a particle that moves like SGD with momentum, :math:`M = \eta/\beta_3`.

    Parameters
    ----------
    lr, dampening : number or expression
        :math:`\eta` and :math:`1-\beta_3`, as for :func:`escapetime.heavy_ball`.

    Returns
    -------
    sympy.Expr
        Loss times squared time over squared coordinate.

    Examples
    --------
    In the damped form the product of mass and friction is 1:

    >>> n, b = sp.symbols("eta beta", positive=True)
    >>> mass(lr=n, dampening=b) * friction(lr=n, momentum=b)
    1
    """
    return sp.sympify(lr) / (1 - sp.sympify(dampening))


def saddle_spread(
    *, curvature: Any, lr: Any, batch_size: Any, momentum: Any, steps: Any, dampening: Any = 0
) -> sp.Expr:
    r"""Return the mean squared displacement from a saddle along one direction, Theorem 2 as transcribed here.

    .. math:: \frac{D}{\gamma^3M^2}\bigl(1-e^{-\gamma t}\bigr)^2
        + \frac{D}{\gamma MH}\bigl(1-e^{-2Ht/\gamma M}\bigr), \qquad t = \eta T

    Parameters
    ----------
    curvature : number or expression
        ``H``, eigenvalue of the Hessian in that direction, of either sign and not zero.
    lr, batch_size, momentum, dampening : number or expression
        :math:`\eta`, ``B``, :math:`\beta` and :math:`1-\beta_3`.
    steps : number or expression
        ``T``, since the start at the saddle.

    Returns
    -------
    sympy.Expr
        Squared coordinate.

    Notes
    -----
    The published reading of the two terms is a drift by momentum and a diffusion. For a particle without or with a
    thermal velocity at the start the sum is not what the equation of motion gives: it holds asymptotically for
    :math:`\gamma t\gg1` where ``H`` is small. Xie et al. 2022 (``xie2022``).

    Examples
    --------
    A flat direction at late times spreads as that of SGD with the learning rate :math:`\eta\beta_3/(1-\beta)`:

    >>> n, T, H = sp.symbols("eta T H", positive=True)
    >>> late = saddle_spread(curvature=-H, lr=n, batch_size=1, momentum=0.9, dampening=0.9, steps=T) / H
    >>> round(float(late.subs({n: 1, H: 1e-9, T: 1e5}) / 1e5), 3)
    1.0
    """
    h, eta, size, count = map(sp.sympify, (curvature, lr, batch_size, steps))
    gamma, m = friction(lr=lr, momentum=momentum), mass(lr=lr, dampening=dampening)
    noise, t = eta * sp.Abs(h) / (2 * size), eta * count
    drift = noise / (gamma**3 * m**2) * (1 - sp.exp(-gamma * t)) ** 2
    return drift + noise / (gamma * m * h) * (1 - sp.exp(-2 * h * t / (gamma * m)))


def saddle_spread_short(
    *, curvature: Any, lr: Any, batch_size: Any, momentum: Any, steps: Any, dampening: Any = 0
) -> sp.Expr:
    r"""Return the displacement of :func:`saddle_spread` for short times, Theorem 2 as transcribed here.

    .. math:: \frac{|H|\beta_3^2\eta^2}{2(1-\beta)^3B}\bigl(1-e^{-(1-\beta)T}\bigr)^2
        + \frac{|H|\beta_3^2\eta^2T}{B(1-\beta)^2}

    Parameters
    ----------
    curvature, lr, batch_size, momentum, steps, dampening : number or expression
        As for :func:`saddle_spread`.

    Returns
    -------
    sympy.Expr
        Squared coordinate; what is left out is smaller by :math:`|H|t/\gamma M`.

    Examples
    --------
    In units of the noise of one step, after 10, 100 and 1000 steps at :math:`\beta = 0.9` in the damped form:

    >>> given = dict(curvature=1, lr=1, batch_size=1, momentum=0.9, dampening=0.9)
    >>> [round(float(saddle_spread_short(**given, steps=T)), 1) for T in (10, 100, 1000)]
    [12.0, 105.0, 1005.0]
    """
    h, eta, size, beta, count = map(sp.sympify, (curvature, lr, batch_size, momentum, steps))
    weight, left = 1 - sp.sympify(dampening), 1 - beta
    scale = sp.Abs(h) * weight**2 * eta**2 / size
    return scale / (2 * left**3) * (1 - sp.exp(-left * count)) ** 2 + scale * count / left**2


def transition_time(
    *, well: Any, saddle: Any, barrier: Any, lr: Any, batch_size: Any, path: Any, momentum: Any, dampening: Any = 0
) -> sp.Expr:
    r"""Return the mean escape time from a minimum, Theorem 3 as transcribed here.

    .. math:: \tau = \frac{\pi}{H_b}\Bigl[\sqrt{1+\frac{4H_b}{\gamma^2M}}+1\Bigr]
        \exp\Bigl[\frac{2\gamma MB\Delta}{\eta}\Bigl(\frac s{H_a}+\frac{1-s}{H_b}\Bigr)\Bigr]

    Parameters
    ----------
    well, saddle : number or expression
        Curvature :math:`H_a` at the minimum and absolute curvature :math:`H_b` at the saddle, along the escape.
    barrier : number or expression
        :math:`\Delta`, in units of the loss.
    lr, batch_size, momentum, dampening : number or expression
        :math:`\eta`, ``B``, :math:`\beta` and :math:`1-\beta_3`.
    path : number or expression
        The path parameter ``s``, as in :func:`escapetime.theory.xie2021.transition_time`.

    Returns
    -------
    sympy.Expr
        In units of ``lr * steps``.

    Notes
    -----
    In the plain form (``dampening=0``) the prefactor lacks the factor :math:`\gamma M = 1-\beta`, without which two
    parametrizations of one and the same chain get different times; the prefactor is that of Haenggi and Klimontovich
    where SGD is Ito; and noise that depends on the position changes the exponent. The corrected law:
    :mod:`escapetime.theory.inertia`. Xie et al. 2022 (``xie2022``).

    Examples
    --------
    Without momentum it is not the law of SGD, but larger by :math:`(1+\sqrt{1+4\eta H_b})/2`:

    >>> from escapetime.theory import xie2021
    >>> h_a, h_b, d, n, b, s = sp.symbols("H_a H_b Delta eta B s", positive=True)
    >>> given = dict(well=h_a, saddle=h_b, barrier=d, lr=n, batch_size=b, path=s)
    >>> sp.simplify(transition_time(**given, momentum=0) / xie2021.transition_time(**given))
    sqrt(4*H_b*eta + 1)/2 + 1/2
    """
    h_a, h_b, height, eta, size, s = map(sp.sympify, (well, saddle, barrier, lr, batch_size, path))
    gamma, m = friction(lr=lr, momentum=momentum), mass(lr=lr, dampening=dampening)
    exponent = 2 * gamma * m * size * height / eta * (s / h_a + (1 - s) / h_b)
    return sp.pi / h_b * (sp.sqrt(1 + 4 * h_b / (gamma**2 * m)) + 1) * sp.exp(exponent)
