r"""SGD at a saddle in Xie et al. 2022, as transcribed here: a Gaussian that spreads along each eigenvector.

Theorem 1 follows SGD from a critical point, along one eigenvector of the Hessian, with eigenvalue :math:`H`. It takes
the loss to be quadratic and the gradient covariance of one sample to be :math:`|H|`, so that

.. math:: \mathrm{d}\theta = -H\theta\,\mathrm{d}t + \sqrt{2D}\,\mathrm{d}W, \qquad D = \frac{\eta|H|}{2B}.
"""

from __future__ import annotations

from typing import Any

import sympy as sp


def saddle_spread(*, curvature: Any, lr: Any, batch_size: Any, steps: Any) -> sp.Expr:
    r"""Return the variance along one direction after a start at a critical point, Theorem 1 as transcribed here.

    .. math:: \sigma^2 = \frac{D}{H}\bigl(1-e^{-2Ht}\bigr), \qquad t = \eta T

    Parameters
    ----------
    curvature : number or expression
        ``H``, eigenvalue of the Hessian in that direction, of either sign and not zero.
    lr, batch_size : number or expression
        :math:`\eta` and ``B``.
    steps : number or expression
        ``T``, since the start at the critical point.

    Returns
    -------
    sympy.Expr
        Squared coordinate.

    Notes
    -----
    Exact for the diffusion with this ``D``. SGD itself has the variance of
    :func:`escapetime.exact.moments.sgd_second_moment`, which differs by a factor :math:`1+O(\eta H)`; at a saddle the
    difference grows like :math:`e^{\eta H^2t}`. That the covariance is the absolute value of the Hessian is an
    assumption, and at a saddle there is no argument for it. Xie et al. 2022 (``xie2022``).

    Examples
    --------
    Along an unstable direction the variance grows without bound:

    >>> n, B, T, h = sp.symbols("eta B T h", positive=True)
    >>> saddle_spread(curvature=-h, lr=n, batch_size=B, steps=T)
    -eta*(1 - exp(2*T*eta*h))/(2*B)
    """
    h, eta, size, count = map(sp.sympify, (curvature, lr, batch_size, steps))
    diffusion = eta * sp.Abs(h) / (2 * size)
    return diffusion / h * (1 - sp.exp(-2 * h * eta * count))


def saddle_spread_short(*, curvature: Any, lr: Any, batch_size: Any, steps: Any) -> sp.Expr:
    r"""Return the short-time variance, :math:`|H|\eta^2T/B`, Theorem 1 as transcribed here.

    Parameters
    ----------
    curvature, lr, batch_size, steps : number or expression
        As for :func:`saddle_spread`.

    Returns
    -------
    sympy.Expr
        Squared coordinate; what is left out is :math:`-HT\eta` times this, and higher powers.

    Examples
    --------
    >>> n, B, T, h = sp.symbols("eta B T h", positive=True)
    >>> given = dict(curvature=-h, lr=n, batch_size=B)
    >>> saddle_spread_short(**given, steps=T)
    T*eta**2*h/B
    >>> sp.limit(saddle_spread(**given, steps=T) / saddle_spread_short(**given, steps=T), T, 0)
    1
    """
    h, eta, size, count = map(sp.sympify, (curvature, lr, batch_size, steps))
    return sp.Abs(h) * eta**2 * count / size
