"""Closed forms, one file a source; ``escape_time`` picks the one that applies to a problem."""

from __future__ import annotations

from escapetime.errors import RouteNotApplicable
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes import Diffusion, LevyDriven, Underdamped
from escapetime.theory import (
    adaptive_inertia,
    averaged_gradient,
    azizian2024,
    bouchet2016,
    day1995,
    escaping_set,
    gardiner2009,
    getoor1961,
    gurbuzbalaban2021,
    imkeller2006,
    inertia,
    inertia_path,
    kramers1940,
    melnikov1986,
    mori2022,
    preconditioned,
    second_moment,
    transverse,
    wu2018,
    xie2021,
    xie2022,
    zhou2020,
)

__all__ = [
    "adaptive_inertia", "averaged_gradient", "azizian2024", "bouchet2016", "day1995", "escape_time",
    "escaping_set", "gardiner2009", "getoor1961", "gurbuzbalaban2021", "imkeller2006", "inertia", "inertia_path",
    "kramers1940", "melnikov1986", "mori2022", "preconditioned", "second_moment", "transverse", "wu2018", "xie2021",
    "xie2022", "zhou2020",
]  # fmt: skip


def escape_time(problem: EscapeProblem, *, order: int = 0) -> EscapeTime:
    """Mean escape time by the closed form that covers this problem.

    Parameters
    ----------
    problem : EscapeProblem
        An overdamped Langevin process leaving one well over one or more saddles; in one dimension any diffusion, such
        as that of SGD, and a particle with mass and constant noise (:mod:`escapetime.theory.melnikov1986`); stable
        noise without drift in a ball (:mod:`escapetime.theory.getoor1961`), or in a well.
    order : int
        Corrections in powers of the temperature, 0 to 2; see :func:`escapetime.theory.kramers1940.escape_time`. For
        stable noise in one dimension 0 or 1; see :func:`escapetime.theory.imkeller2006.escape_time`.

    Returns
    -------
    EscapeTime
        For Langevin with ``formula`` as a sympy expression in the temperature ``D``; ``stderr`` is nan, an asymptotic
        formula does not know its error.

    Raises
    ------
    RouteNotApplicable
        If no closed form covers the problem; the message names the route that does.

    Examples
    --------
    >>> import math
    >>> import escapetime as et
    >>> process = et.langevin(et.landscapes.double_well(), temperature=0.05)
    >>> escape_time(et.EscapeProblem(process, -1.0, et.Interval(-math.inf, 1.0))).formula
    sqrt(2)*pi*exp(1/(4*D))
    """
    process = problem.process
    if isinstance(process, LevyDriven):
        return _by_jumps(problem, process, order)
    if isinstance(process, Underdamped) and order == 0:
        return melnikov1986.escape_time(problem)
    thermal = isinstance(process, Diffusion) and process.temperature is not None and process.landscape is not None
    if isinstance(process, Diffusion) and not thermal and process.dimension == 1 and order == 0:
        return gardiner2009.escape_time(problem)
    if not thermal:
        raise RouteNotApplicable(
            "No closed form for this process: theory covers langevin(U, temperature=...), whose drift is -grad U with "
            "constant scalar noise, and to leading order any diffusion in one dimension, and a particle with mass and "
            "constant noise. Use exact.escape_time or simulate.escape_time; theory.bouchet2016 takes a path, "
            "theory.inertia the numbers of a heavy ball."
        )
    return kramers1940.escape_time(problem, order=order)


def _by_jumps(problem: EscapeProblem, process: LevyDriven, order: int) -> EscapeTime:
    if not any(process.drift):
        return getoor1961.escape_time(problem)
    if process.dimension == 1 and order in (0, 1):
        return imkeller2006.escape_time(problem, order=order + 1)
    if order:
        raise RouteNotApplicable(
            f"Under stable noise theory has order 0, and order 1 in one dimension, not order {order!r} in "
            f"{process.dimension}: use exact.escape_time (one dimension) or simulate.escape_time."
        )
    return escaping_set.escape_time(problem)
