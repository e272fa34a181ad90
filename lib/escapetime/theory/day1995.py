r"""Day 1995: how long a process stays near a saddle, for diffusions and for any linear recursion with weak noise.

Along an unstable direction the distance becomes :math:`e^{ht}\sigma|N|`, with one standard normal number ``N`` that the
first pushes decide. So the time to the distance :math:`r` is :math:`\frac1h\ln\frac r{\sigma|N|}`, whose mean and
deviation follow from :math:`\mathbb{E}\ln|N| = -\frac12(\gamma_E+\ln2)` and :math:`\mathrm{Var}\ln|N| = \pi^2/8`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from escapetime.errors import InvalidInput, RouteNotApplicable

MEAN_LOG = -(np.euler_gamma + math.log(2)) / 2
DEVIATION_LOG = math.pi / math.sqrt(8)


def exit_time(*, curvature: Any, diffusion: Any, radius: Any) -> sp.Expr:
    r"""Mean time to leave :math:`(-r, r)` from the saddle of :math:`-\frac12hx^2`, for weak noise.

    .. math:: \tau = \frac1{2h}\Bigl[\ln\frac{2hr^2}{D}+\gamma_E\Bigr]

    Parameters
    ----------
    curvature : number or expression
        ``h``, absolute value of the negative curvature.
    diffusion : number or expression
        ``D``; for SGD ``lr * covariance / (2 * batch_size)``.
    radius : number or expression
        ``r``.

    Returns
    -------
    sympy.Expr
        Time. The standard deviation is :math:`\pi/(2\sqrt2\,h)`, whatever the noise.

    Notes
    -----
    Too large by about :math:`D/(2h^2r^2)`. Kifer 1981 (``kifer1981``), Day 1995 (``day1995``).

    Examples
    --------
    >>> h, D, r = sp.symbols("h D r", positive=True)
    >>> exit_time(curvature=h, diffusion=D, radius=r)
    (log(2*h*r**2/D) + EulerGamma)/(2*h)
    """
    h, d, r = map(sp.sympify, (curvature, diffusion, radius))
    return (sp.log(2 * h * r**2 / d) + sp.EulerGamma) / (2 * h)


def chain_exit_steps(matrix: ArrayLike, noise: ArrayLike, *, radius: float, coordinate: int = 0) -> tuple[float, float]:
    r"""Mean number of steps, and its deviation, to a distance from a saddle of :math:`z' = Az + w`.

    With the unstable multiplier :math:`\rho` of ``A``, its right eigenvector ``u`` and left eigenvector ``l``,
    :math:`l\cdot u=1`, the coordinate is :math:`\rho^k\sigma N` at late times, and

    .. math:: \sigma^2 = \frac{u_i^2\;l^TQ\,l}{\rho^2-1}, \qquad
        \tau = \frac{\ln(r/\sigma) - \mathbb{E}\ln|N|}{\ln\rho} + \frac12 ,

    the last half because a chain is seen outside at the end of a step.

    Parameters
    ----------
    matrix, noise : array_like, shape (n, n)
        ``A`` and the covariance ``Q`` of ``w``, such as those of a
        :class:`~escapetime.exact.moments.recursion.LinearRecursion`; a number for ``n = 1``.
    radius : float
        ``r``, of the same unit as the coordinate.
    coordinate : int
        Which entry of ``z`` is to exceed it in absolute value.

    Returns
    -------
    tuple of float
        Mean and standard deviation, in steps, after a start at ``z = 0``.

    Raises
    ------
    InvalidInput
        If the matrices are not square of one size, or the radius is not positive.
    RouteNotApplicable
        If not exactly one multiplier is above 1 and real, or the noise does not reach it.

    Notes
    -----
    Valid for :math:`\sigma\ll r` and slow growth, :math:`\ln\rho\ll1`: a step is short against the deviation. The steps
    of the chain may differ at first (a correction for bias): the law is then off by a constant. Day 1995 (``day1995``),
    for a diffusion.

    Examples
    --------
    SGD at curvature -1, ``lr = 0.1`` and unit covariance, batches of 100:

    >>> mean, deviation = chain_exit_steps(1.1, 0.1**2 / 100, radius=1.0)
    >>> round(mean, 2), round(deviation, 2)
    (47.29, 11.66)
    """
    a, q = np.atleast_2d(np.asarray(matrix, float)), np.atleast_2d(np.asarray(noise, float))
    if a.ndim != 2 or a.shape[0] != a.shape[1] or q.shape != a.shape:
        raise InvalidInput(f"Expected two square matrices of one size, got {a.shape} and {q.shape}.")
    if not (math.isfinite(radius) and radius > 0):
        raise InvalidInput(f"Expected a positive radius, got {radius!r}.")
    values, right = np.linalg.eig(a)
    unstable = np.flatnonzero(np.abs(values) > 1)
    if len(unstable) != 1 or values[unstable[0]].imag or values[unstable[0]].real < 0:
        raise RouteNotApplicable(
            f"Expected one real multiplier above 1, got the multipliers {values}; with none there is no exit of this "
            "kind, with several the steepest decides: use escapetime.simulate.escape_time."
        )
    k = unstable[0]
    growth, left = values[k].real, np.linalg.inv(right)[k].real
    variance = right[coordinate, k].real ** 2 * (left @ q @ left) / (growth**2 - 1)
    if not 0 < variance < radius**2:
        raise RouteNotApplicable(
            f"The noise gives the distance a variance of {variance:.3g} from the start, expected more than 0 and much "
            f"less than the squared radius, {radius**2:.3g}: use escapetime.simulate.escape_time."
        )
    rounds = math.log(radius) - math.log(variance) / 2 - MEAN_LOG
    return rounds / math.log(growth) + 0.5, math.hypot(DEVIATION_LOG / math.log(growth), 1 / math.sqrt(12))
