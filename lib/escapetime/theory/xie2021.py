r"""Xie, Sato and Sugiyama 2021: the published escape law of SGD, as transcribed here.

For SGD with learning rate :math:`\eta` and batch size ``B``, a minimum ``a`` and a saddle ``b`` that is
:math:`\Delta` higher, with curvatures :math:`H_a` and :math:`-H_b` along the escape direction,

.. math:: \tau = \frac{2\pi}{H_b}\exp\Bigl[\frac{2B\Delta}{\eta}\Bigl(\frac{s}{H_a} + \frac{1-s}{H_b}\Bigr)\Bigr],
    \qquad 0 < s < 1,

with :math:`\tau` in units of ``lr * steps``. What the derivation assumes: see :data:`ASSUMPTIONS`. The wording has not
been checked against the paper. What is exact in its place: :mod:`escapetime.theory.gardiner2009` in one dimension,
:mod:`escapetime.theory.transverse` and :mod:`escapetime.theory.bouchet2016` in more.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput

ASSUMPTIONS = (
    "the loss is quadratic around each critical point",
    "the density in the valley is in quasi-equilibrium",
    "the noise is weak, and one most probable path carries the escape",
)
"""What the theorem assumes, besides gradient noise with the covariance ``|H| / B`` along the whole path."""


def transition_time(*, well: Any, saddle: Any, barrier: Any, lr: Any, batch_size: Any, path: Any) -> sp.Expr:
    r"""Return the published mean escape time, as transcribed here.

    Parameters
    ----------
    well, saddle : number or expression
        Curvature :math:`H_a` at the minimum and absolute curvature :math:`H_b` at the saddle, along the escape.
    barrier : number or expression
        :math:`\Delta`, in units of the loss.
    lr, batch_size : number or expression
        :math:`\eta` and ``B``.
    path : number or expression
        The path parameter ``s``, which the theorem leaves open; see :func:`path_parameter`.

    Returns
    -------
    sympy.Expr
        In units of ``lr * steps``.

    Notes
    -----
    Exact to leading order, but for its prefactor, where the noise is ``well`` up to the height ``s * barrier`` and
    ``saddle`` beyond: there ``s`` is :func:`two_parabola_path`. For SGD the prefactor is ``2 pi / well``; the one here
    belongs to the convention of Haenggi and Klimontovich. Xie, Sato and Sugiyama 2021 (``xie2021``).

    Examples
    --------
    >>> h_a, h_b, d, n, b, s = sp.symbols("H_a H_b Delta eta B s", positive=True)
    >>> time = transition_time(well=h_a, saddle=h_b, barrier=d, lr=n, batch_size=b, path=s)
    >>> sp.simplify(sp.log(time) - 2 * b * d / n * (s / h_a + (1 - s) / h_b) - sp.log(2 * sp.pi / h_b))
    0
    """
    h_a, h_b, height, eta, size, s = map(sp.sympify, (well, saddle, barrier, lr, batch_size, path))
    return 2 * sp.pi / h_b * sp.exp(2 * size * height / eta * (s / h_a + (1 - s) / h_b))


def path_parameter(climb: Any, *, well: Any, saddle: Any, barrier: Any) -> sp.Expr:
    r"""Return the path parameter that the exact exponent stands for: ``s / well + (1 - s) / saddle = climb / barrier``.

    Parameters
    ----------
    climb : number or expression
        :math:`\int_a^b L'/C_1`, for SGD; the exponent is :math:`2B/\eta` times this.
    well, saddle : number or expression
        Curvatures :math:`H_a`, :math:`H_b` (absolute value), not equal.
    barrier : number or expression
        :math:`\Delta`.

    Returns
    -------
    sympy.Expr
        ``s``. Nothing keeps it between 0 and 1.

    Raises
    ------
    InvalidInput
        If the curvatures are equal: the exponent then does not depend on ``s``.

    Examples
    --------
    The quartic with matched noise, ``climb = log(2) - 1/2``:

    >>> path_parameter(sp.log(2) - sp.Rational(1, 2), well=2, saddle=1, barrier=sp.Rational(1, 4)).evalf(4)
    0.4548
    """
    h_a, h_b = sp.sympify(well), sp.sympify(saddle)
    if sp.simplify(h_a - h_b) == 0:
        raise InvalidInput(
            f"Expected different curvatures at minimum and saddle, got {well} for both: no value of s matters then."
        )
    return (sp.sympify(climb) / barrier - 1 / h_b) / (1 / h_a - 1 / h_b)


def two_parabola_path(well: Any, saddle: Any) -> sp.Expr:
    """Return the path parameter of two glued parabolas: the fraction of the barrier at which they meet.

    Parameters
    ----------
    well, saddle : number or expression
        Curvatures, the second as an absolute value.

    Returns
    -------
    sympy.Expr
        ``saddle / (well + saddle)``, for a continuous slope (:func:`escapetime.landscapes.parabolas.two_parabolas`).

    Examples
    --------
    >>> two_parabola_path(4, 1)
    1/5
    """
    return sp.sympify(saddle) / (sp.sympify(well) + sp.sympify(saddle))
