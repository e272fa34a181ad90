"""Closed forms, one file a source; ``escape_time`` picks the one that applies to a problem."""

from __future__ import annotations

from escapetime.errors import RouteNotApplicable
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes import Diffusion, Underdamped
from escapetime.theory import (
    azizian2024,
    bouchet2016,
    day1995,
    gardiner2009,
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
)

__all__ = [
    "azizian2024", "bouchet2016", "day1995", "escape_time", "gardiner2009", "inertia", "inertia_path",
    "kramers1940", "melnikov1986", "mori2022", "preconditioned", "second_moment", "transverse", "wu2018", "xie2021",
    "xie2022",
]  # fmt: skip


def escape_time(problem: EscapeProblem, *, order: int = 0) -> EscapeTime:
    """Mean escape time by the closed form that covers this problem.

    Parameters
    ----------
    problem : EscapeProblem
        An overdamped Langevin process leaving one well over one or more saddles; in one dimension any diffusion, such
        as that of SGD, and a particle with mass and constant noise (:mod:`escapetime.theory.melnikov1986`).
    order : int
        Corrections in powers of the temperature, 0 to 2; see :func:`escapetime.theory.kramers1940.escape_time`.

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
