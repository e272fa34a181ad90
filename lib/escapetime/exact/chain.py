r"""The mean exit time of an optimizer's own update in one dimension: the integral equation of the chain, solved.

From :math:`x` the chain :math:`x' = f(x) + s(x)\,\xi` needs on average :math:`u(x) = 1 + \int_\Omega p(x, y)\,u(y)\,dy`
steps to leave :math:`\Omega`. No learning rate is taken to zero and nothing is sampled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from escapetime.errors import NumericalFailure, RouteNotApplicable
from escapetime.exact.chain_panels import chain_edges
from escapetime.exact.chain_reach import span_of
from escapetime.exact.chain_solution import Solution, resolved
from escapetime.exact.chain_step import SIMULATE, ChainStep, chain_of
from escapetime.exact.collocation import Collocation
from escapetime.exact.interval import interval_around
from escapetime.problem import EscapeProblem, EscapeTime

ORDERS = (12, 16)  # nodes in a panel: the error is told by solving twice
ROUNDING = 1e-12
WORST = 1e-4  # relative error that is still an answer


def escape_time(problem: EscapeProblem, *, breakpoints: Sequence[float] = (), max_nodes: int = 4000) -> EscapeTime:
    r"""Return the exact mean escape time of a chain with one variable and no memory, such as SGD.

    Parameters
    ----------
    problem : EscapeProblem
        Its process is a chain, or a diffusion with a ``chain`` (``escapetime.sgd``); a step is
        :math:`f(x) + s(x)\,\xi` with ``gaussian``, ``uniform``, ``laplace`` or exponential noise :math:`\xi` (the last
        as ``NoiseLaw(name, (z1, z2), (z1**2 + z2**2) / 2 - 1)``, or its negative).
    breakpoints : sequence of float
        Where ``f`` or ``s`` jumps or bends. Without them the answer is the same, to fewer digits; the error says so.
    max_nodes : int
        Unknowns that are allowed: 1000 take a second, and the time grows with the third power.

    Returns
    -------
    EscapeTime
        In ``time_step * steps``; ``stderr`` is the estimated numerical error. ``details`` holds ``steps`` (their mean
        number), ``std`` (of the escape time), ``exit`` (probability of leaving by the ``lower`` and the ``upper``
        end), ``overshoot`` (mean distance beyond that end where the chain lands), ``log_mean``, ``nodes``, ``panels``,
        and ``span`` (the ends of the panels).

    Raises
    ------
    RouteNotApplicable
        If the process has no such chain, the noise has another law, the domain has several parts, or the steps are so
        small against the domain that more than ``max_nodes`` unknowns are needed.
    InvalidInput
        If the update is undefined in the domain, the chain comes to rest there, or nothing brings it back from an
        infinite end.
    NumericalFailure
        If the panels cannot resolve the answer, or the mean is beyond the range of a float.

    Notes
    -----
    Relative error below 1e-9 whatever the mean (1e-6 where the noise vanishes at a point), since nothing is subtracted
    where escape is rare (:class:`escapetime.exact.elimination.Elimination`). A chain that is cut at an infinite end
    continues by its last value there; panels are added until it gets that far less than 1e-13 times before it escapes,
    or the answer no longer changes. Atkinson 1997 (``atkinson1997``); Grassmann, Taksar and Heyman 1985
    (``grassmann1985``).

    Examples
    --------
    Uniform steps between -1 and 1 leave (0, 1) from 1/2 after 2 steps on average: inside, ``u`` is constant with
    ``u = 1 + u / 2``:

    >>> import escapetime as et
    >>> walk = et.sgd(et.landscapes.flat(), lr=1.0, covariance=1 / 3, noise="uniform").chain
    >>> T = escape_time(et.EscapeProblem(walk, 0.5, et.Interval(0, 1)))
    >>> round(T.mean, 9), round(T.details["exit"]["lower"], 9), round(T.details["std"] ** 2, 9)
    (2.0, 0.5, 2.0)
    """  # noqa: DOC502 (helpers raise them)
    (start,) = problem.start if len(problem.start) == 1 else (math.nan,)
    chain = chain_of(problem.process)
    step = ChainStep.of(chain, start)
    ends = interval_around(problem.domain, start)
    _refuse_parts(problem, ends)
    cuts = np.sort(np.asarray(breakpoints, dtype=float).ravel())
    span, left_over = span_of(step, ends, start, cuts, max_nodes // ORDERS[1])
    exits = (math.isfinite(ends[0]), math.isfinite(ends[1]))
    edges = chain_edges(step, *span, cuts, max_nodes // ORDERS[1])
    grid, fine = resolved(step, edges, exits, ORDERS[1], start, max_nodes)
    coarse = Solution.of(Collocation(step, grid.edges, exits, ORDERS[0]), start)
    if not math.isfinite(fine.steps) or fine.steps > 1e300:
        raise NumericalFailure("The mean escape time is beyond 1e300 steps: take a nearer exit, or more noise.")
    error = abs(coarse.steps / fine.steps - 1) + left_over + ROUNDING
    if error > WORST:
        raise NumericalFailure(
            f"The mean escape time is {fine.steps:.4g} steps with a relative error of {error:.1e}: the panels do not "
            f"resolve it. Name jumps of the update as breakpoints, or {SIMULATE}."
        )
    return EscapeTime(
        mean=fine.steps * chain.time_step,
        stderr=fine.steps * chain.time_step * error,
        method="chain",
        source=("atkinson1997", "grassmann1985"),
        time_unit=chain.time_unit,
        details={
            "steps": fine.steps,
            "std": fine.std * chain.time_step,
            "log_mean": math.log(fine.steps * chain.time_step),
            "exit": fine.exit,
            "overshoot": fine.overshoot,
            "nodes": len(grid.nodes),
            "panels": len(grid.edges) - 1,
            "span": span,
        },
    )


def _refuse_parts(problem: EscapeProblem, ends: tuple[float, float]) -> None:
    """A chain jumps: another part of the domain, beyond an exit, would be reached without leaving."""
    (bounds,) = problem.domain.bounds
    size = (ends[1] - ends[0]) if all(map(math.isfinite, ends)) else 1 + abs(problem.start[0])
    for end, outward, bound in zip(ends, (-1, 1), bounds, strict=True):
        if not math.isfinite(end) or bound == end:
            continue
        beyond = end + outward * size * np.geomspace(1e-6, 1e6, 4000)
        inside = beyond[problem.domain.contains(beyond[:, None])]
        if len(inside):
            raise RouteNotApplicable(
                f"{problem.domain} has another part near {inside[0]:g}, into which the chain can jump over the exit at "
                f"{end:g}; {SIMULATE}, or give the part around the start as an Interval."
            )
