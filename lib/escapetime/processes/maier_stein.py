"""Maier and Stein's drift: two wells in the plane, and the standard example of a process without detailed balance."""

from __future__ import annotations

import sympy as sp

from escapetime.landscape import Landscape
from escapetime.processes.base import Diffusion
from escapetime.processes.minibatch import positive
from escapetime.symbolic.conventions import Convention


def maier_stein(*, diffusion: float, alpha: float = 1.0, mu: float = 1.0) -> Diffusion:
    r"""Make the process with drift :math:`b = (x - x^3 - \alpha x y^2,\; -\mu (1 + x^2) y)` and isotropic noise.

    Parameters
    ----------
    diffusion : float
        ``D``, squared coordinate per unit of time. (The source writes the noise as :math:`\sqrt{\epsilon}\,dW` with
        :math:`\epsilon = 2D`.)
    alpha : float
        Strength of the pull towards ``x = 0`` away from the axis.
    mu : float
        Strength of the contraction onto the axis.

    Returns
    -------
    Diffusion
        With sinks at (-1, 0) and (1, 0) and a saddle at (0, 0). For ``alpha == mu`` the drift is the gradient of
        :math:`-U`, :math:`U = x^4/4 - x^2/2 + \alpha(1 + x^2)y^2/2`, and the process has a landscape and a temperature;
        otherwise it is not in detailed balance.

    Raises
    ------
    InvalidInput
        If a number is not positive.

    Notes
    -----
    Maier and Stein 1993 (``maier1993``). The most probable way out runs along the axis while
    :math:`\alpha \le 2\mu(1 + \mu)` and leaves it beyond; derived in :ref:`ch-paths`.

    Examples
    --------
    >>> list(maier_stein(diffusion=0.1, alpha=10).drift)
    [-x**3 - 10*x*y**2 + x, y*(-x**2 - 1)]
    >>> maier_stein(diffusion=0.1).landscape.value([[0.0, 0.0], [-1.0, 0.0]])
    array([ 0.  , -0.25])
    """  # noqa: DOC502 - raised by what it calls
    noise = positive(diffusion, "diffusion")
    a, m = (sp.nsimplify(positive(v, name), rational=True) for v, name in ((alpha, "alpha"), (mu, "mu")))
    x, y = sp.symbols("x y", real=True)
    drift, matrix = sp.Matrix([x - x**3 - a * x * y**2, -m * (1 + x**2) * y]), sp.Float(noise) * sp.eye(2)
    if a != m:
        return Diffusion((x, y), drift, matrix, Convention.ITO, "t")
    loss = x**4 / 4 - x**2 / 2 + a * (1 + x**2) * y**2 / 2
    landscape = Landscape(loss, (x, y), name="Maier-Stein", box=[(-2, 2), (-2, 2)])
    return Diffusion((x, y), drift, matrix, Convention.ITO, "t", landscape, noise)
