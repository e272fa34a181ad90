r"""Getoor 1961: the mean exit time of a stable process without drift from a ball, and its form for every stable noise.

For the isotropic process of index :math:`\alpha` and scale :math:`\sigma` in ``d`` dimensions, started at ``x`` in a
ball of radius ``r``,

.. math:: \mathbb{E}\,\tau = \frac{\Gamma(d/2)\,(r^2 - \lVert x\rVert^2)^{\alpha/2}}
    {\sigma^\alpha\,2^\alpha\,\Gamma(1+\alpha/2)\,\Gamma((d+\alpha)/2)} .

Written with the rate :math:`\nu(\lVert y\rVert > 1)` of jumps longer than one it holds for every symmetric stable
process, whatever the directions of its jumps (Ryznar 2025),

.. math:: \mathbb{E}\,\tau = \frac{\sin(\pi\alpha/2)}{\pi\alpha/2}\,
    \frac{(r^2 - \lVert x\rVert^2)^{\alpha/2}}{\nu(\lVert y\rVert > 1)} .

Along a line through ``x`` the function :math:`r^2 - \lVert\cdot\rVert^2` is a parabola, so that the operator acts on
its power as in one dimension and gives the same constant on every line; the measure of directions adds them up.
"""

from __future__ import annotations

import math

import numpy as np

from escapetime.domains import Ball, Interval
from escapetime.errors import RouteNotApplicable
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes.levy import LevyDriven
from escapetime.stable.constants import driftless_factor
from escapetime.stable.levy_measure import tail_mass

ELSEWHERE = "use escapetime.exact.fractional (one dimension) or escapetime.simulate"


def escape_time(problem: EscapeProblem) -> EscapeTime:
    """Return the exact mean exit time from a ball, or an interval, without drift.

    Parameters
    ----------
    problem : EscapeProblem
        A :class:`~escapetime.processes.levy.LevyDriven` process without drift, of index below 2, in a ball or an
        interval with two finite ends; any start, any mixing matrix.

    Returns
    -------
    EscapeTime
        Exact: ``stderr`` is that of rounding. ``details`` holds ``jump_rate``, the rate of jumps longer than the
        radius.

    Raises
    ------
    RouteNotApplicable
        If there is a drift, or the process or the domain is another; or the noise is isotropic with a mixing matrix
        that is not a multiple of the identity.

    Notes
    -----
    Getoor 1961 (``getoor1961``), theorem 5.2; Ryznar 2025 (``ryznar2025``), theorem 1.1.

    Examples
    --------
    >>> from escapetime import EscapeProblem, Interval, landscapes, levy
    >>> T = escape_time(EscapeProblem(levy(landscapes.flat(), alpha=1.0), 0.0, Interval(-1, 1)))
    >>> round(T.mean, 12)
    1.0
    """
    process, domain = problem.process, problem.domain
    if not isinstance(process, LevyDriven) or process.alpha == 2 or any(process.drift):
        raise RouteNotApplicable(
            f"Getoor's formula is for stable noise of index below 2 without drift, got {process}; {ELSEWHERE}."
        )
    if isinstance(domain, Ball):
        center, radius = np.array(domain.center, dtype=float), float(domain.radius)
    elif isinstance(domain, Interval) and all(map(math.isfinite, domain.bounds[0])):
        lo, hi = domain.bounds[0]
        center, radius = np.array([(lo + hi) / 2]), (hi - lo) / 2
    else:
        raise RouteNotApplicable(f"Getoor's formula is for a ball or a finite interval, got {domain}; {ELSEWHERE}.")
    rate = jumps_beyond_one(process)
    left = radius**2 - float(np.sum((np.array(problem.start) - center) ** 2))
    mean = driftless_factor(process.alpha) * left ** (process.alpha / 2) / rate
    return EscapeTime(
        mean, 1e-15 * mean, "Getoor", ("getoor1961", "ryznar2025"), process.time_unit,
        details={"jump_rate": rate * radius**-process.alpha},
    )  # fmt: skip


def jumps_beyond_one(process: LevyDriven) -> float:
    r"""Return the rate of jumps longer than one, :math:`\nu(\lVert y\rVert > 1)`.

    Parameters
    ----------
    process : LevyDriven
        Of index below 2.

    Returns
    -------
    float
        Per unit of time.

    Raises
    ------
    RouteNotApplicable
        If the noise is isotropic before a mixing matrix that is not a multiple of the identity.
    """
    matrix = np.array(process.mixing.tolist(), dtype=float)
    if process.kind == "independent" or matrix.shape[1] == 1:
        return float(tail_mass(1.0, process.alpha, kind="mixing", matrix=matrix))
    size = math.hypot(*matrix[0])
    if not np.allclose(matrix @ matrix.T, size**2 * np.eye(len(matrix)), rtol=1e-12):
        raise RouteNotApplicable(
            "A closed form for isotropic noise behind a mixing matrix needs a multiple of the identity; "
            f"{ELSEWHERE}, or pass kind='independent'."
        )
    return float(tail_mass(1.0, process.alpha, scale=size, d=process.dimension, kind="isotropic"))
