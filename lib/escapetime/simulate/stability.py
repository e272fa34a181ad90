"""Is the time step small enough for the explicit scheme? Checked before a run: instability looks like escape."""

from __future__ import annotations

import warnings

import numpy as np

from escapetime.critical_points import descend
from escapetime.errors import EscapeTimeWarning, InvalidInput, NumericalFailure
from escapetime.problem import EscapeProblem
from escapetime.symbolic.compile import ArrayFunction

STABLE = 2.0  # the Euler scheme multiplies a displacement by 1 - curvature * dt each step
COARSE = 0.5  # above this fraction of a relaxation time the bias of the scheme shows
GOOD = 0.2


def stiffness(problem: EscapeProblem) -> float:
    """Return the largest rate at which the drift contracts, at the start and at the minimum below it.

    Parameters
    ----------
    problem : EscapeProblem
        With a landscape, the minimum is where steepest descent from the start ends, if that is inside the domain.

    Returns
    -------
    float
        Largest eigenvalue of the symmetric part of minus the Jacobian of the drift, per unit of time; 0 if none is
        positive.
    """
    process = problem.process.to_ito()
    d = process.dimension
    jacobian = ArrayFunction(process.variables, list(process.drift.jacobian(process.variables)), (d, d))
    points = [np.array(problem.start)]
    if process.landscape is not None:
        try:
            bottom = descend(process.landscape, points[0], problem.domain.bounds)
        except NumericalFailure:  # a flat valley: there is no single lowest point, and none is stiffer than the start
            bottom = None
        points += [] if bottom is None else [bottom]
    rates = [float(np.max(np.linalg.eigvalsh(-(j + j.T) / 2))) for j in map(jacobian, points)]
    return max(0.0, *rates)


def check_step(problem: EscapeProblem, dt: float) -> float:
    """Refuse a time step for which the Euler scheme is unstable, and warn of one that is coarse.

    Parameters
    ----------
    problem : EscapeProblem
        What is to be simulated.
    dt : float
        Time step, in the process's unit of time.

    Returns
    -------
    float
        The stability limit, ``2 / stiffness``; infinite without a restoring force.

    Raises
    ------
    InvalidInput
        If ``dt`` is not below the limit.

    Warns
    -----
    EscapeTimeWarning
        If ``dt`` exceeds half a relaxation time.
    """
    rate = stiffness(problem)
    if rate * dt >= STABLE:
        raise InvalidInput(
            f"The time step dt={dt:g} is unstable: the drift contracts at rate {rate:.4g}, so the Euler scheme needs "
            f"dt < {STABLE / rate:.4g}; take dt <= {GOOD / rate:.2g} for a small bias."
        )
    if rate * dt > COARSE:
        warnings.warn(
            f"The time step dt={dt:g} is {rate * dt:.2g} relaxation times, so the mean is biased by the scheme; "
            f"dt <= {GOOD / rate:.2g} is better.",
            EscapeTimeWarning,
            stacklevel=4,
        )
    return STABLE / rate if rate else np.inf
