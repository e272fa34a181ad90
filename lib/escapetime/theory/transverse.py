r"""What the directions across a straight escape path do to the time: a factor each, from a Riccati equation.

On :math:`L = V(x) + \frac12\sum_i\kappa_i(x)\,y_i^2` with diffusion :math:`\mathrm{diag}(D_x(x), D_i(x))` (Ito) the
escape runs along :math:`y = 0`. The quasipotential is :math:`\phi_0(x) + \frac12\sum_i r_i(x) y_i^2` near it, and

.. math:: \tau = \tau_{1D}\prod_i\exp\Bigl[\tfrac12\int_a^b\frac{\kappa_i'}{r_i D_x}\,\mathrm{d}x\Bigr], \qquad
    V'\Bigl(r_i' - \frac{\kappa_i'}{D_x}\Bigr) = 2 r_i(\kappa_i - D_i r_i), \quad r_i(a) = \kappa_i/D_i.

In thermal equilibrium :math:`r = \kappa/D` and the factor is :math:`\sqrt{\kappa(b)/\kappa(a)}`, that of Eyring and
Kramers. A special case of :mod:`escapetime.theory.bouchet2016`, where the path may bend.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.symbolic.compile import ArrayFunction

SOURCES = ("bouchet2016",)
ENDS = 1e-6  # of the way, left out at both ends, where the slope vanishes and r is known


def transverse_factor(
    slope: Any,
    diffusion: Any,
    stiffness: Any,
    transverse_diffusion: Any,
    variable: sp.Symbol,
    minimum: float,
    saddle: float,
    *,
    bend: Any = None,
) -> float:
    r"""Return the factor by which one transverse direction changes the mean escape time.

    Parameters
    ----------
    slope : expression
        :math:`V'(x)` along the path, loss / coordinate, pointing from the saddle to the minimum in between.
    diffusion : expression
        :math:`D_x(x)` along the path, squared coordinate / time, positive.
    stiffness : expression
        :math:`\kappa(x)`, curvature across the path, positive.
    transverse_diffusion : expression
        :math:`D_y(x)` across, positive. Both diffusions may be given in any common unit: the factor is the same.
    variable : sympy.Symbol
        ``x``.
    minimum, saddle : float
        Ends of the path, where the slope vanishes.
    bend : expression, optional
        Twice the coefficient of :math:`y^2` in the force along the path; by default :math:`\kappa'`, which it is where
        the force is a gradient.

    Returns
    -------
    float
        The factor, dimensionless, to leading order for weak noise; independent of its strength.

    Raises
    ------
    InvalidInput
        If a stiffness or diffusion is not positive on the path, or the slope does not vanish at its ends.
    NumericalFailure
        If the Riccati equation blows up: the straight path is then not the path of escape.

    Examples
    --------
    Thermal noise; the transverse curvature rises from 1 to 4, and the factor is the square root of it:

    >>> x = sp.Symbol("x", real=True)
    >>> kappa = 1 + 3 * (1 - x**2) ** 2
    >>> round(transverse_factor(x**3 - x, 1, kappa, 1, x, -1, 0), 6)
    2.0

    Gradient noise of the matched quartic along, and equal to the curvature across: no cancellation.

    >>> round(transverse_factor(x**3 - x, 1 + x**2, kappa, kappa, x, -1, 0), 4)
    2.7386
    """
    from scipy.integrate import solve_ivp

    names = ("slope", "diffusion", "stiffness", "transverse_diffusion")
    given = dict(zip(names, map(sp.sympify, (slope, diffusion, stiffness, transverse_diffusion)), strict=True))
    change = sp.diff(given["stiffness"], variable) if bend is None else sp.sympify(bend)
    functions = ArrayFunction((variable,), [*given.values(), change], (5,))
    length = float(saddle) - float(minimum)
    path = functions((minimum + length * np.linspace(0, 1, 2001))[:, None])
    for k in (1, 2, 3):
        if not (path[:, k] > 0).all():
            raise InvalidInput(f"Expected a positive {names[k]} on the path, got {path[:, k].min():.4g}.")
    if max(abs(path[0, 0]), abs(path[-1, 0])) > 1e-9 * np.abs(path[:, 0]).max():
        raise InvalidInput(f"Expected no slope at {minimum:g} and {saddle:g}, got {path[0, 0]:.3g}, {path[-1, 0]:.3g}.")

    def rate(u: float, state: np.ndarray) -> list[float]:
        v, along, kappa, across, curl = functions(np.array([minimum + length * u]))
        r = state[0]
        return [length * (curl / along + 2 * r * (kappa - across * r) / v), length * curl / (r * along) / 2]

    start = [path[0, 2] / path[0, 3], 0.0]
    flow = solve_ivp(rate, (ENDS, 1 - ENDS), start, method="LSODA", rtol=1e-9, atol=1e-11)
    if flow.status != 0 or not np.isfinite(flow.y[:, -1]).all() or flow.y[0].min() <= 0:
        raise NumericalFailure(
            "The curvature of the quasipotential across the path grows without bound or vanishes: the escape does not "
            "follow the straight line. Use paths.minimum_action_path and theory.bouchet2016."
        )
    return math.exp(float(flow.y[1, -1]))
