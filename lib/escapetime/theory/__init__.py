"""Closed forms, one file a source; ``escape_time`` picks the one that applies to a problem."""

from __future__ import annotations

from escapetime.errors import RouteNotApplicable
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes import Diffusion
from escapetime.theory import bouchet2016, kramers1940, mori2022, wu2018

__all__ = ["bouchet2016", "escape_time", "kramers1940", "mori2022", "wu2018"]


def escape_time(problem: EscapeProblem, *, order: int = 0) -> EscapeTime:
    """Mean escape time by the closed form that covers this problem.

    Parameters
    ----------
    problem : EscapeProblem
        For now: an overdamped Langevin process leaving one well over one or more saddles.
    order : int
        Corrections in powers of the temperature, 0 to 2; see :func:`escapetime.theory.kramers1940.escape_time`.

    Returns
    -------
    EscapeTime
        With ``formula`` as a sympy expression in the temperature ``D``; ``stderr`` is nan, an asymptotic formula does
        not know its error.

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
    if not isinstance(process, Diffusion) or process.temperature is None or process.landscape is None:
        raise RouteNotApplicable(
            "No closed form for this process yet: theory covers langevin(U, temperature=...), whose drift is -grad U "
            "with constant scalar noise. Use exact.escape_time (1 to 3 dimensions) or simulate.escape_time."
        )
    return kramers1940.escape_time(problem, order=order)
