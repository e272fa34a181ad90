r"""Adam in Xie et al. 2022, as transcribed here: Proposition 1 (saddles) and Proposition 2 (minima).

Both replace Adam's second moment by the mean square of the gradient noise, :math:`v\approx|H|/B` direction by
direction, which makes the learning rate :math:`\eta/\sqrt v`. What that gives when it is done, and when the second
moment does not follow: :mod:`escapetime.theory.preconditioned`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp


def saddle_spread(*, lr: Any, momentum: Any, steps: Any) -> sp.Expr:
    r"""Return the mean squared displacement from a saddle in any one direction, Proposition 1 as transcribed here.

    .. math:: \frac{\eta^2}{2(1-\beta_1)}\bigl(1-e^{-(1-\beta_1)T}\bigr)^2 + \eta^2T

    Parameters
    ----------
    lr, momentum : number or expression
        :math:`\eta` and :math:`\beta_1`.
    steps : number or expression
        ``T``, since the start at the saddle.

    Returns
    -------
    sympy.Expr
        Squared coordinate. It holds no curvature: what is left out is smaller by :math:`\sqrt{B|H|}\,\eta T`.

    Notes
    -----
    The two terms are those of heavy ball (:func:`escapetime.theory.xie2022.momentum.saddle_spread_short`) with the
    noise :math:`|H|/B` divided by :math:`v = |H|/B`. Xie et al. 2022 (``xie2022``).

    Examples
    --------
    In units of the squared learning rate, after 30 and 300 steps:

    >>> [round(float(saddle_spread(lr=1, momentum=0.9, steps=T)), 2) for T in (30, 300)]
    [34.51, 305.0]
    """
    eta, beta, count = map(sp.sympify, (lr, momentum, steps))
    return eta**2 / (2 * (1 - beta)) * (1 - sp.exp(-(1 - beta) * count)) ** 2 + eta**2 * count


def transition_time(
    *, well: Any, saddle: Any, barrier: Any, lr: Any, batch_size: Any, path: Any, momentum: Any = 0,
    determinants: Any = None,
) -> sp.Expr:  # fmt: skip
    r"""Return the mean escape time, Proposition 2 as transcribed here.

    .. math:: \tau = \pi\Bigl[\sqrt{1+\tfrac{4\eta\sqrt{BH_b}}{1-\beta_1}}+1\Bigr]
        \frac{|\det H(b)/\det H(a)|^{1/4}}{H_b}
        \exp\Bigl[\frac{2\sqrt B\Delta}{\eta}\Bigl(\frac s{\sqrt{H_a}}+\frac{1-s}{\sqrt{H_b}}\Bigr)\Bigr]

    Parameters
    ----------
    well, saddle : number or expression
        Curvature :math:`H_a` at the minimum and absolute curvature :math:`H_b` at the saddle, along the escape.
    barrier : number or expression
        :math:`\Delta`, in units of the loss.
    lr, batch_size, momentum : number or expression
        :math:`\eta`, ``B`` and :math:`\beta_1`.
    path : number or expression
        ``s``, which the statement leaves open.
    determinants : number or expression, optional
        :math:`|\det H(b)/\det H(a)|`; by default ``saddle / well``, that of one dimension.

    Returns
    -------
    sympy.Expr
        In units of ``lr * steps``.

    Notes
    -----
    The :math:`H_b` under the determinants should be :math:`\sqrt{BH_b}`, the curvature that the preconditioned motion
    has there. Xie et al. 2022 (``xie2022``).

    Examples
    --------
    For small learning rates, in one dimension:

    >>> h_a, h_b, d, n, b, s = sp.symbols("H_a H_b Delta eta B s", positive=True)
    >>> time = transition_time(well=h_a, saddle=h_b, barrier=d, lr=n, batch_size=b, path=s)
    >>> exponent = 2 * sp.sqrt(b) * d / n * (s / sp.sqrt(h_a) + (1 - s) / sp.sqrt(h_b))
    >>> sp.limit(sp.simplify(time / sp.exp(exponent)), n, 0)
    2*pi/(H_a**(1/4)*H_b**(3/4))
    """
    h_a, h_b, height, eta, size, s, beta = map(sp.sympify, (well, saddle, barrier, lr, batch_size, path, momentum))
    ratio = h_b / h_a if determinants is None else sp.sympify(determinants)
    inertia = sp.sqrt(1 + 4 * eta * sp.sqrt(size * h_b) / (1 - beta)) + 1
    exponent = 2 * sp.sqrt(size) * height / eta * (s / sp.sqrt(h_a) + (1 - s) / sp.sqrt(h_b))
    return sp.pi * inertia * ratio ** sp.Rational(1, 4) / h_b * sp.exp(exponent)


def path_parameter(climb: Any, *, well: Any, saddle: Any, barrier: Any) -> sp.Expr:
    r"""Return the path parameter that the exponent of a given loss and noise stands for.

    It solves :math:`s/\sqrt{H_a} + (1-s)/\sqrt{H_b} = \frac1\Delta\int_a^b L'/\sqrt{C_1}`.

    Parameters
    ----------
    climb : number or expression
        The integral.
    well, saddle : number or expression
        Curvatures :math:`H_a`, :math:`H_b` (absolute value), not equal.
    barrier : number or expression
        :math:`\Delta`.

    Returns
    -------
    sympy.Expr
        ``s``; nothing keeps it between 0 and 1, and it is not that of SGD.

    Raises
    ------
    InvalidInput
        If the curvatures are equal.

    Examples
    --------
    The quartic with matched noise, where SGD has 0.4548:

    >>> x = sp.Symbol("x", real=True)
    >>> climb = sp.integrate((x**3 - x) / sp.sqrt(1 + x**2), (x, -1, 0))
    >>> round(float(path_parameter(climb, well=2, saddle=1, barrier=sp.Rational(1, 4))), 3)
    0.424
    """  # noqa: DOC502 - raised by what it calls
    from escapetime.theory import xie2021

    return xie2021.path_parameter(climb, well=sp.sqrt(sp.sympify(well)), saddle=sp.sqrt(sp.sympify(saddle)),
                                  barrier=barrier)  # fmt: skip
