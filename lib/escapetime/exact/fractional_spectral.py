r"""One dimension, stable noise, two finite ends: a spectral solution, the second opinion on the grid's.

In :math:`s\in(-1,1)` the solution is :math:`(1-s^2)^{\alpha/2}` times a smooth function. The fractional Laplacian of
the products of that weight with Jacobi polynomials is known,

.. math:: (-\Delta)^{\alpha/2}\Bigl[(1-s^2)^{\alpha/2}P_n^{(\alpha/2,\alpha/2)}\Bigr]
    = \frac{\Gamma(\alpha+n+1)}{n!}\,P_n^{(\alpha/2,\alpha/2)} ,

so that only the drift is left to integrate.
"""

from __future__ import annotations

import math

import numpy as np

from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes.levy import LevyDriven
from escapetime.symbolic.compile import ArrayFunction

MODES = 160
UNRESOLVED = 0.05


def escape_time(problem: EscapeProblem, *, modes: int = MODES) -> EscapeTime:
    r"""Return the mean escape time from an interval with two finite ends, by a Galerkin method.

    Parameters
    ----------
    problem : EscapeProblem
        One-dimensional, with a :class:`~escapetime.processes.levy.LevyDriven` process of index from 1 to below 2.
    modes : int
        Number of polynomials, at least 8.

    Returns
    -------
    EscapeTime
        ``stderr`` is the change from two thirds of the modes to all of them.

    Raises
    ------
    RouteNotApplicable
        If the process, the index or the domain is another.
    InvalidInput
        If the number of modes is too small.
    NumericalFailure
        If the modes do not converge: a strong drift into the interval makes a boundary layer, above all for an index
        near 1.

    Notes
    -----
    Dyda, Kuznetsov and Kwasnicki 2017 (``dyda2017``) for the eigenfunctions. Without drift one mode is exact. With
    drift spectrally accurate for an index of 1.5 and more; algebraic and slow at 1.2.

    Examples
    --------
    >>> from escapetime import EscapeProblem, Interval, landscapes, levy
    >>> T = escape_time(EscapeProblem(levy(landscapes.flat(), alpha=1.5), 0.5, Interval(-1, 1)))
    >>> math.isclose(T.mean, 0.75**0.75 / math.gamma(2.5), rel_tol=1e-12)
    True
    """
    process = problem.process
    if not isinstance(process, LevyDriven) or process.dimension != 1 or not 1 <= process.alpha < 2:
        raise RouteNotApplicable(
            f"The spectral solution answers stable noise of index from 1 to below 2 in one dimension, got {process}; "
            "use escapetime.exact.fractional."
        )
    lo, hi = problem.domain.bounds[0]
    if not (math.isfinite(lo) and math.isfinite(hi)):
        raise RouteNotApplicable(f"The spectral solution needs two finite ends, got {problem.domain}.")
    if isinstance(modes, bool) or not isinstance(modes, int) or modes < 8:
        raise InvalidInput(f"Expected modes as an integer of at least 8, got {modes!r}.")
    coarse, fine = (_mean(process, problem.start[0], lo, hi, n) for n in (2 * modes // 3, modes))
    if not abs(fine - coarse) < UNRESOLVED * abs(fine):
        raise NumericalFailure(
            f"The mean escape time is {coarse:.4g} with {2 * modes // 3} modes and {fine:.4g} with {modes}: the drift "
            "makes a layer at an end that polynomials do not resolve; use escapetime.exact.fractional."
        )
    return EscapeTime(fine, abs(fine - coarse), "fractional spectral", ("dyda2017",), process.time_unit)


def _mean(process: LevyDriven, start: float, lo: float, hi: float, modes: int) -> float:
    from scipy.special import eval_jacobi, gammaln, roots_jacobi

    half, middle, a = (hi - lo) / 2, (hi + lo) / 2, process.alpha / 2
    index = np.arange(modes)[:, None]
    strength = process.noise_power / half**process.alpha
    points = 2 * modes + 32
    s, weight = roots_jacobi(points, a, a)
    tested = eval_jacobi(index, a, a, s)
    norms = (weight * tested**2).sum(axis=1)
    matrix = np.diag(-strength * np.exp(gammaln(process.alpha + index + 1) - gammaln(index + 1))[:, 0] * norms)
    # the derivative of the weighted polynomial has the weight (1 - s^2)^(a - 1), and the test function (1 - s^2)^a
    t, share = roots_jacobi(points, 2 * a - 1, 2 * a - 1)
    force = ArrayFunction(process.variables, list(process.drift), (1,))((middle + half * t)[:, None])[:, 0]
    slopes = -2 * (index + 1) * eval_jacobi(index + 1, a - 1, a - 1, t)
    matrix += (share * force / half * eval_jacobi(index, a, a, t)) @ slopes.T
    source = -(weight * tested).sum(axis=1)
    coefficients = np.linalg.solve(matrix, source)
    at = (start - middle) / half
    return float((1 - at**2) ** a * (coefficients @ eval_jacobi(np.arange(modes), a, a, at)))
