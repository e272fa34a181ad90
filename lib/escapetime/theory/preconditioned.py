r"""Adam's escape laws: the second moment that divides the gradient follows the noise, or it stands still.

Adam divides the gradient by the root of ``v``, a mean of its square over :math:`1/(1-\beta_2)` steps. The position
relaxes over ``1/r`` steps, with :math:`r = \eta H_a\sqrt{B/C_1(a)}` (:func:`relaxation`), which for noise that matches
the curvature is :math:`\eta\sqrt{BH_a}`. Where the gradient noise outweighs the gradient, :math:`BL'^2\ll C_1`:

* :math:`r\ll1-\beta_2\ll1`, **quasi-static**: :math:`v = C_1(x)/B` all along the climb. In time ``lr * steps``,
  :math:`\mathrm{d}X = -L'\sqrt{B/C_1}\,\mathrm{d}t + \sqrt\eta\,\mathrm{d}W`: constant diffusion, no question of
  conventions, in another landscape.
* :math:`1-\beta_2\ll r`, **frozen**: :math:`v = C_1(a)/B` throughout an attempt. This is SGD with the learning rate
  :math:`\eta/\sqrt v`.

In between neither holds: :func:`escapetime.adam_limit` has the diffusion that moves ``v`` along, and
:mod:`escapetime.theory.second_moment` the corrections for a finite memory.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput, RouteNotApplicable

MARGIN = 10.0  # factor between the two rates from which one law is taken to hold


def relaxation(*, well: Any, noise: Any, lr: Any, batch_size: Any) -> sp.Expr:
    r"""Return ``r``, the rate per step at which Adam relaxes to a minimum, :math:`\eta H_a\sqrt{B/C_1(a)}`.

    Parameters
    ----------
    well : number or expression
        Curvature :math:`H_a`.
    noise : number or expression
        :math:`C_1(a)`, variance of the gradient of one sample at the minimum.
    lr, batch_size : number or expression
        :math:`\eta` and ``B``.

    Returns
    -------
    sympy.Expr
        Dimensionless.

    Examples
    --------
    >>> relaxation(well=2, noise=2, lr=sp.Rational(1, 50), batch_size=2)
    1/25
    """
    curvature, variance, eta, size = map(sp.sympify, (well, noise, lr, batch_size))
    return eta * curvature * sp.sqrt(size / variance)


def regime(rate: float, beta2: float, *, margin: float = MARGIN) -> str:
    r"""Return which of the two laws holds.

    Parameters
    ----------
    rate : float
        ``r``, the value of :func:`relaxation`.
    beta2 : float
        :math:`\beta_2`, from 0 to below 1.
    margin : float
        By what factor the two rates have to differ.

    Returns
    -------
    str
        ``"quasi-static"`` or ``"frozen"``.

    Raises
    ------
    RouteNotApplicable
        If they differ by less: the escape time then lies between the laws.
    InvalidInput
        If a number is out of range.

    Notes
    -----
    The approach to the frozen law is slow: at a ratio of 70 the matched quartic is still 14 percent below it.

    Examples
    --------
    >>> regime(0.001, beta2=0.95), regime(0.02, beta2=0.9999)
    ('quasi-static', 'frozen')
    """
    if not (0 <= beta2 < 1 and rate > 0 and margin >= 1):
        raise InvalidInput(
            f"Expected a positive rate, beta2 from 0 to below 1 and a margin of at least 1, got {rate!r}, {beta2!r} "
            f"and {margin!r}."
        )
    ratio = (1 - beta2) / float(rate)
    if 1 / margin < ratio < margin:
        raise RouteNotApplicable(
            f"Adam's second moment forgets at the rate {1 - beta2:.3g} per step, and the position relaxes at "
            f"{float(rate):.3g}: neither law holds. Use exact.escape_time of adam_limit(..., second_moment='moving'), "
            "or simulate.escape_time of adam(...)."
        )
    return "quasi-static" if ratio >= margin else "frozen"


def quasi_static_time(
    *, well: Any, saddle: Any, noise_well: Any, noise_saddle: Any, climb: Any, lr: Any, batch_size: Any
) -> sp.Expr:
    r"""Return the mean escape time in one dimension where the second moment follows the noise.

    .. math:: \tau = 2\pi\,\frac{(C_1(a)C_1(b))^{1/4}}{\sqrt{BH_aH_b}}
        \exp\Bigl[\frac{2\sqrt B}\eta\int_a^b\frac{L'}{\sqrt{C_1}}\,\mathrm{d}x\Bigr]

    Parameters
    ----------
    well, saddle : number or expression
        Curvature :math:`H_a` and absolute curvature :math:`H_b`.
    noise_well, noise_saddle : number or expression
        :math:`C_1` at the two points.
    climb : number or expression
        :math:`\int L'/\sqrt{C_1}`.
    lr, batch_size : number or expression
        :math:`\eta` and ``B``.

    Returns
    -------
    sympy.Expr
        In units of ``lr * steps``.

    Notes
    -----
    Kramers' law for the diffusion :math:`\eta/2` in the force :math:`L'\sqrt{B/C_1}`. For :math:`r\ll1-\beta_2\ll1`.

    Examples
    --------
    With noise that matches the curvature the prefactor of Proposition 2 of Xie et al. 2022 appears, with
    :math:`\sqrt{BH_b}` where it has :math:`H_b`:

    >>> h_a, h_b, n, b = sp.symbols("H_a H_b eta B", positive=True)
    >>> quasi_static_time(well=h_a, saddle=h_b, noise_well=h_a, noise_saddle=h_b, climb=0, lr=n, batch_size=b)
    2*pi/(sqrt(B)*H_a**(1/4)*H_b**(1/4))
    """
    h_a, h_b, c_a, c_b, work, eta, size = map(
        sp.sympify, (well, saddle, noise_well, noise_saddle, climb, lr, batch_size)
    )
    prefactor = 2 * sp.pi * (c_a * c_b) ** sp.Rational(1, 4) / sp.sqrt(size * h_a * h_b)
    return sp.powdenest(prefactor) * sp.exp(2 * sp.sqrt(size) / eta * work)


def frozen_time(
    *, well: Any, saddle: Any, noise_well: Any, noise_saddle: Any, climb: Any, lr: Any, batch_size: Any
) -> sp.Expr:
    r"""Return the mean escape time in one dimension where the second moment stands still.

    .. math:: \tau = 2\pi\sqrt{\frac{C_1(b)}{BH_aH_b}}
        \exp\Bigl[\frac{2\sqrt{BC_1(a)}}\eta\int_a^b\frac{L'}{C_1}\,\mathrm{d}x\Bigr]

    Parameters
    ----------
    well, saddle, noise_well, noise_saddle, lr, batch_size : number or expression
        As for :func:`quasi_static_time`.
    climb : number or expression
        :math:`\int L'/C_1`: that of SGD, not the one above.

    Returns
    -------
    sympy.Expr
        In units of ``lr * steps``, Adam's.

    Notes
    -----
    The law of SGD (:mod:`escapetime.theory.gardiner2009`) with the learning rate :math:`\eta\sqrt{B/C_1(a)}`. For
    :math:`1-\beta_2\ll r\ll1`.

    Examples
    --------
    >>> h_a, h_b, n, b = sp.symbols("H_a H_b eta B", positive=True)
    >>> frozen_time(well=h_a, saddle=h_b, noise_well=h_a, noise_saddle=h_b, climb=0, lr=n, batch_size=b)
    2*pi/(sqrt(B)*sqrt(H_a))
    """
    h_a, h_b, c_a, c_b, work, eta, size = map(
        sp.sympify, (well, saddle, noise_well, noise_saddle, climb, lr, batch_size)
    )
    return 2 * sp.pi * sp.sqrt(c_b / (size * h_a * h_b)) * sp.exp(2 * sp.sqrt(size * c_a) / eta * work)


def transverse_factor(
    slope: Any, noise: Any, stiffness: Any, transverse_noise: Any, variable: sp.Symbol, minimum: float, saddle: float
) -> float:
    r"""Return the factor by which a direction across the path changes the quasi-static time.

    On :math:`L = V(x) + \frac12\kappa(x)y^2` with the noise :math:`\mathrm{diag}(C_x(x), C_y(x))`.

    Parameters
    ----------
    slope, noise : expression
        :math:`V'(x)` and :math:`C_x(x)`.
    stiffness, transverse_noise : expression
        :math:`\kappa(x)` and :math:`C_y(x)`.
    variable : sympy.Symbol
        ``x``.
    minimum, saddle : float
        Ends of the path.

    Returns
    -------
    float
        Dimensionless, independent of learning rate and batch size.

    Raises
    ------
    InvalidInput
        If something is not positive on the path, or the slope does not vanish at its ends.
    NumericalFailure
        If the escape does not follow the straight line.

    Notes
    -----
    The preconditioned force is no gradient: the factor is that of :mod:`escapetime.theory.transverse` with the
    stiffness :math:`\kappa/\sqrt{C_y}`, and with :math:`\kappa'/\sqrt{C_x}` for what bends the force. Where
    :math:`C_x = C_y` is constant it is :math:`\sqrt{\kappa(b)/\kappa(a)}`. With :math:`C_y = \kappa`, Proposition 2 of
    Xie et al. 2022 has the fourth root.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> kappa = 1 + 3 * (1 - x**2) ** 2
    >>> round(transverse_factor(x**3 - x, 1, kappa, 1, x, -1, 0), 4)
    2.0
    """  # noqa: DOC502 - raised by what it calls
    from escapetime.theory.transverse import transverse_factor as factor

    force, along, across, other = map(sp.sympify, (slope, noise, stiffness, transverse_noise))
    return factor(
        force / sp.sqrt(along), sp.Integer(1), across / sp.sqrt(other), sp.Integer(1), variable, minimum, saddle,
        bend=sp.diff(across, variable) / sp.sqrt(along),
    )  # fmt: skip
