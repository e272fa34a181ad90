r"""How momentum changes the escape law of SGD: an exponential factor, where the noise depends on the position.

The heavy ball with learning rate :math:`\eta`, momentum :math:`\beta` and weight :math:`\beta_3` (one minus the
dampening) leaves a minimum ``a`` over a saddle ``b`` in one dimension after the time, in ``lr * steps``,

.. math:: \tau = \frac{2\pi\eta}{\ln z}
    \sqrt{\frac{C_1(b)}{C_1(a)}\cdot\frac{H_b\,[2(1+\beta)+\eta\beta_3H_b]}{H_a\,[2(1+\beta)-\eta\beta_3H_a]}}\;
    e^{S - A},

where ``z`` is the larger root of :math:`z^2 - (1+\beta+\eta\beta_3H_b)z + \beta = 0`, the growth of one step at the
saddle, and the exponent is, with the effective learning rate :math:`\eta' = \eta\beta_3/(1-\beta)`,

.. math:: S = \frac{2B}{\eta'}\int_a^b\frac{L'}{C_1}\,\mathrm{d}\theta
    + \frac B2\,\frac{1+\beta}{1-\beta}\int_a^b\frac{L'^2C_1'}{C_1^2}\,\mathrm{d}\theta + O(\eta'B).

The second term is that of inertia; it vanishes for constant noise. ``A``, of the order of
:math:`\eta'|L''|/(1-\beta)`, is what the amplitude of the density differs by from that of small steps without inertia.
The prefactor is Kramers' for a particle, with the factor of Ito: :func:`kramers_prefactor`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.landscape import Landscape
from escapetime.problem import EscapeTime
from escapetime.symbolic.compile import ArrayFunction
from escapetime.theory.inertia_path import chain_multipliers, least_action

SOURCES = ("kramers1940", "hottovy2015")
HIGHEST = 690.0


def transition_time(
    landscape: Landscape, minimum: float, saddle: float, *, lr: float, momentum: float, batch_size: float = 1,
    covariance: Any = 1, dampening: float = 0.0,
) -> EscapeTime:  # fmt: skip
    r"""Return the mean time in which SGD with momentum crosses from a minimum over a barrier, for weak noise.

    Parameters
    ----------
    landscape : Landscape
        The loss, in one dimension.
    minimum, saddle : float
        Neighboring critical points.
    lr, momentum, batch_size, covariance, dampening
        As for :func:`escapetime.heavy_ball`; the covariance, of one sample, is a number or an expression.

    Returns
    -------
    EscapeTime
        ``details``: ``exponent`` (the least action ``S``), ``leading`` and ``inertia`` (the two terms of its series),
        ``amplitude`` (``A``), ``prefactor`` (all but :math:`e^S`), and ``stiffness``, the larger of
        :math:`\eta'|L''|/(1-\beta)` at the two points.

    Raises
    ------
    InvalidInput
        If the points are not a minimum and a maximum of the loss.
    RouteNotApplicable
        If the exponent is not above 1, or beyond a float, or the process has another dimension.

    Notes
    -----
    Holds at any learning rate for which the minimum is stable; the series of two terms needs a small stiffness. What is
    left out is of the order of the noise, as in Kramers' law. For Gaussian gradients, and friction enough that the ball
    is slowed down between attempts (:mod:`escapetime.theory.melnikov1986` has the other case). The factor of Ito is
    that of the small-mass limit at constant friction, Hottovy, McDaniel, Volpe and Wehr 2015 (``hottovy2015``).
    Derived here.

    Examples
    --------
    >>> import escapetime as et
    >>> model = et.landscapes.matched_quartic()
    >>> T = transition_time(
    ...     model.landscape, -1.0, 0.0, lr=0.05, momentum=0.9, dampening=0.9, covariance=model.covariance
    ... )
    >>> [round(T.details[name], 3) for name in ("leading", "inertia", "exponent")]
    [7.726, -0.429, 7.209]
    """
    if landscape.dimension != 1:
        raise RouteNotApplicable(
            f"This law is for one dimension, the loss has {landscape.dimension}: use simulate.escape_time or splitting."
        )
    (x,) = landscape.variables
    slope, noise = landscape.gradient[0], _variance(covariance) / sp.Float(batch_size)
    weight = lr * (1 - dampening)
    effective = weight / (1 - momentum)
    curvature = ArrayFunction((x,), [sp.diff(slope, x), noise], (2,))
    (well, noise_a), (top, noise_b) = (map(float, curvature(np.array([p]))) for p in (minimum, saddle))
    if not (well > 0 > top and max(map(abs, landscape.grad(np.array([[minimum], [saddle]])).ravel())) < 1e-6):
        raise InvalidInput(
            f"Expected a minimum and a saddle of the loss, got {minimum:.6g} and {saddle:.6g} with the curvatures "
            f"{well:.3g} and {top:.3g}."
        )
    diffusion = effective * noise / 2
    leading = _integral(slope / diffusion, x, minimum, saddle)
    bent = (1 + momentum) / (1 - momentum) * effective / 4
    inertia = bent * _integral(slope**2 * sp.diff(diffusion, x) / diffusion**2, x, minimum, saddle)
    way = least_action(slope, noise, x, (minimum, saddle), weight=weight, momentum=momentum)
    exponent = way.action
    if not 1.0 < exponent < HIGHEST:
        raise RouteNotApplicable(
            f"The exponent is {exponent:.4g}; the law needs one well above 1, and a float one below {HIGHEST:g}: use "
            "simulate.escape_time or take the logarithm."
        )
    amplitude = way.amplitude + 1.5 * math.log(noise_b / noise_a)
    growth = chain_multipliers(top, weight, momentum)[0].real
    room = 2 * (1 + momentum)
    shape = noise_b / noise_a * (-top) * (room - weight * top) / (well * (room - weight * well))
    prefactor = 2 * math.pi * lr / math.log(growth) * math.sqrt(shape) * math.exp(-amplitude)
    return EscapeTime(
        mean=prefactor * math.exp(exponent), stderr=math.nan, method="WKB of the heavy ball", source=SOURCES,
        time_unit="lr * steps",
        details={
            "exponent": exponent, "leading": leading, "inertia": inertia, "amplitude": amplitude,
            "prefactor": prefactor, "stiffness": effective * max(well, -top) / (1 - momentum),
        },
    )  # fmt: skip


def kramers_prefactor(
    *, well: Any, saddle: Any, lr: Any, momentum: Any, dampening: Any = 0, noise_ratio: Any = 1
) -> sp.Expr:
    r"""Return the prefactor of a particle with the mass and the friction of SGD with momentum, with Ito's factor.

    .. math:: \frac{\pi\gamma M}{\sqrt{H_aH_b}}\Bigl[1+\sqrt{1+\frac{4H_b}{\gamma^2M}}\Bigr]
        \sqrt{\frac{C_1(b)}{C_1(a)}}, \qquad \gamma M = \frac{1-\beta}{\beta_3}, \quad
        \frac1{\gamma^2M} = \frac{\eta\beta_3(1+\beta)}{2(1-\beta)^2}

    Parameters
    ----------
    well, saddle : number or expression
        Curvatures :math:`H_a` and :math:`H_b` (absolute value).
    lr, momentum, dampening : number or expression
        :math:`\eta`, :math:`\beta` and :math:`1-\beta_3`.
    noise_ratio : number or expression
        :math:`C_1(b)/C_1(a)`.

    Returns
    -------
    sympy.Expr
        In ``lr * steps``. With the mass and friction of the symmetric mapping, for which the heavy ball is Verlet's
        scheme with friction: right to first order in the learning rate at every :math:`\beta`, up to
        :math:`1 - \frac{\eta\beta_3(H_a+H_b)}{4(1+\beta)}`.

    Examples
    --------
    >>> n, b, h = sp.symbols("eta beta H", positive=True)
    >>> kramers_prefactor(well=h, saddle=h, lr=n, momentum=0)
    pi*(sqrt(2*H*eta + 1) + 1)/H
    """
    h_a, h_b, eta, beta, ratio = map(sp.sympify, (well, saddle, lr, momentum, noise_ratio))
    weight, left = 1 - sp.sympify(dampening), 1 - beta
    root = sp.sqrt(1 + 2 * eta * weight * h_b * (1 + beta) / left**2)
    return sp.pi * left / weight / sp.sqrt(h_a * h_b) * (1 + root) * sp.sqrt(ratio)


def _variance(covariance: Any) -> sp.Expr:
    value = covariance.tolist() if hasattr(covariance, "tolist") else covariance
    while isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    if isinstance(value, list | tuple):
        raise InvalidInput(f"Expected the covariance of one coordinate as a number or expression, got {covariance!r}.")
    return sp.sympify(value)


def _integral(rate: sp.Expr, variable: sp.Symbol, start: float, end: float) -> float:
    from scipy.integrate import quad

    function: Callable[[Any], Any] = ArrayFunction((variable,), [rate], (1,))
    return float(quad(lambda z: float(function(np.array([z]))[0]), start, end, epsabs=1e-12, limit=200)[0])
