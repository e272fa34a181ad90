r"""Rare events: mean escape times that no direct run can reach, by adaptive multilevel splitting.

**Loops.** Let :math:`\xi` be a *level*, a function of the state that rises towards the exit; let A be where
:math:`\xi < a`, around the attractor, :math:`\Sigma` where :math:`\xi \ge b > a`, and B what is outside the domain. Let
the process begin anew at its start whenever it has left, for ever. From the start it reaches A with probability
:math:`h` before it leaves, after a mean time :math:`S` until one or the other. In A it begins a *loop*: up to
:math:`\Sigma` in a mean time :math:`U`, then an *excursion* from there, of mean duration :math:`D`, which ends in B
with probability :math:`p` and in A otherwise, where the next loop begins. These are means over all loops that are ever
made. A beginning is followed by loops with probability :math:`h`, and every such series of loops ends with one exit:
there are :math:`h / p` loops to a beginning, and

.. math::

    T = S + h\,\frac{D + U}{p} = S + h\Big[\Big(\frac1p - 1\Big)\,\tau_{\rm loop} + \tau_{\rm last}\Big],

where the second form tells loops that return, of mean duration :math:`\tau_{\rm loop}`, from the one that does not:
:math:`D + U = (1 - p)\,\tau_{\rm loop} + p\,\tau_{\rm last}`. This is known as the Hill relation (Cerou, Guyader,
Lelievre and Pommier 2011; Baudel, Guyader and Lelievre 2023). With the law of loops defined in this way it is exact for
every choice of A and :math:`\Sigma`, in discrete time as well, where a jump may pass over :math:`\Sigma` into B: an
excursion that has ended when it begins.

**What is measured.** A direct path sees thousands of loops, though none that leaves: they give :math:`U` and the law of
the state on :math:`\Sigma`, memory included (velocities, Adam's moments). Excursions from there are split
(:mod:`~escapetime.simulate.multilevel.branching`), which gives :math:`p`, and :math:`D` with its rare long excursions.
Independent runs are put together, with an interval, by :mod:`~escapetime.simulate.multilevel.ratio`.

**What is assumed.** That loops are seen in their stationary law. The direct path of each run goes through ``burn_in``
steps before its loops count: the transient of an optimizer (Adam's bias corrections) belongs to the start. The first
loops are few among :math:`1/p`, so this costs nothing when escape is rare; when it is not, the path begins anew many
times. Should the transient itself be a way out, exits during ``burn_in`` are more than the estimate allows, and a
warning says so. It is also assumed that direct paths visit every place in which a loop can rest. A second well *on the
way to the exit* is no harm to the mean: excursions into it are split, and weighted as they should be; a warning tells
where it is, for they take long to walk. A second well elsewhere, which is not reached in ``particles * runs`` loops, is
not seen.
"""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from escapetime.errors import EscapeTimeWarning, InvalidInput, RouteNotApplicable
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.simulate.model import StepModel
from escapetime.simulate.multilevel.answer import answer
from escapetime.simulate.multilevel.wells import bottom
from escapetime.simulate.request import plan
from escapetime.simulate.stability import check_step

if TYPE_CHECKING:
    from escapetime.simulate.engine import Plan
    from escapetime.simulate.multilevel.branching import Request, Surfaces
    from escapetime.simulate.multilevel.walker import Walker

KILLED = 20  # one in so many paths is killed at a time
BURN_IN = 1 << 16
LIMIT = 10**8


def splitting(
    problem: EscapeProblem,
    *,
    particles: int = 1000,
    runs: int = 32,
    level: Any = None,
    dt: float | None = None,
    seed: int = 0,
    correction: str = "auto",
    scheme: str = "auto",
    burn_in: int = BURN_IN,
    max_steps: int = LIMIT,
    progress: bool | None = None,
) -> EscapeTime:
    r"""Estimate a mean escape time by adaptive multilevel splitting, with an interval.

    The relative error is about :math:`\sqrt{\log(1/p) / (\mathrm{particles} \cdot \mathrm{runs})}`, where the
    probability :math:`p` that an excursion leaves is of the order of the time of a loop over the escape time; it is up
    to twice that where steps are long against the slope, and more where the level orders states badly.

    Parameters
    ----------
    problem : EscapeProblem
        A diffusion in any convention, an underdamped process or a chain, the update of an optimizer. The start is near
        an attractor, or leads to it.
    particles : int
        Paths of a run, at least 20. A run keeps up to 64 MiB of states, more beyond 50,000 paths.
    runs : int
        Independent runs, at least 2; ten or more for an interval that can be relied on. Run ``k`` is the same whatever
        their number.
    level : sympy.Expr or str, optional
        A function of the coordinates (and of memory, by its names) that rises towards the exit. By default minus the
        distance to the nearest face; for a process with momentum its energy
        (:mod:`escapetime.simulate.multilevel.energy`). The probability is unbiased whatever it is,
        but a level that orders states badly, so that the lucky ones lie low, has errors that few runs do not show.
    dt : float, optional
        Time step, in the process's unit of time; 0.01 by default. The step of a chain is its learning rate.
    seed : int
        ``0 <= seed < 2**64``. With the other arguments it fixes every number, whatever the threads.
    correction : str
        ``"auto"``: ``"bridge"`` for diffusions (every step near an exit tosses a coin with the chance that a Brownian
        bridge touched it), ``"none"`` for chains, which leave at their steps.
    scheme : str
        As for :func:`escapetime.simulate.escape_time`, and with the same bias in ``dt``.
    burn_in : int
        Steps of the direct path of each run before its loops count: many times the memory of the process.
    max_steps : int
        Most steps of one walk.
    progress : bool, optional
        Show a progress bar on stderr. By default after three seconds, and on a terminal only.

    Returns
    -------
    EscapeTime
        The mean and an interval of measured coverage (`escapetime.simulate.multilevel.ratio`). ``details``:
        ``probability`` that an excursion leaves, and ``probabilities``, run by run; ``loop_time`` and
        ``excursion_time``, which is part of it; ``resting``, the share that excursions of more than ten ordinary loops
        have in it; ``reach`` and ``approach``, chance and mean time to reach the attractor from the start;
        ``level``, and its ``low``, ``high``, ``unit``; ``iterations`` and ``steps`` of all runs; ``extinct`` runs, in
        which no path left; ``invalid`` paths; ``reason``, where there are fewer runs than asked for.

    Raises
    ------
    InvalidInput
        If an argument is out of range, ``dt`` is too large for stability, or the level is not a function of the state.
    RouteNotApplicable
        If numba is missing, an expression cannot be compiled, nothing moves, or a walk has no end.
    NumericalFailure
        If no run found a way out.
    KeyboardInterrupt
        If interrupted before two runs were finished; later, those that were make the estimate.

    Warns
    -----
    EscapeTimeWarning
        If long excursions matter, runs scatter widely, the transient is a way out, paths became invalid, ``dt`` is
        coarse, or the run was interrupted.

    Notes
    -----
    What is estimated is the mean time of the scheme at this ``dt``. Where the domain ends at a saddle, the bias of
    Euler's scheme is a relative error of order ``dt`` in the mean. Where it ends on a slope, the error is in the
    exponent :math:`\Delta U / D`: the rarer the escape, the smaller ``dt`` has to be, or take ``scheme="platen"``. The
    moment of the exit is known to the step.

    References
    ----------
    Cerou and Guyader 2007 (``cerou2007``); Brehier et al. 2016 (``brehier2016``); Cerou et al. 2011 (``cerou2011``).

    Examples
    --------
    Brownian motion leaves (-1, 1) after a mean time of ``1 / (2 D)``: nothing here needs the event to be rare.

    >>> import escapetime as et
    >>> brownian = et.EscapeProblem(et.langevin(et.landscapes.flat(), temperature=0.5), 0.0, et.Interval(-1, 1))
    >>> answer = splitting(brownian, particles=200, runs=10, dt=0.01)
    >>> abs(answer.mean - 1) < 4 * answer.stderr
    True
    """  # noqa: DOC502 - raised by what it calls
    asked = plan(
        problem, paths=1, dt=dt, seed=seed, device="cpu", correction=correction, max_steps=None, chunk=None,
        dtype="float64", scheme=scheme,
    )  # fmt: skip
    sizes = (
        _whole(particles, "particles", KILLED), _whole(runs, "runs", 2), _whole(burn_in, "burn_in", 0),
        _whole(max_steps, "max_steps", 1),
    )  # fmt: skip
    if find_spec("numba") is None:
        raise RouteNotApplicable("Splitting needs numba: pip install 'escapetime[compiled]'.")
    from escapetime.simulate.multilevel.branching import Request
    from escapetime.simulate.multilevel.repetitions import repeat

    model = StepModel.of(problem, asked.scheme)
    check_step(problem, model, asked)
    request = Request(
        particles=sizes[0], kill=sizes[0] // KILLED, runs=sizes[1], seed=asked.seed, burn_in=sizes[2], limit=sizes[3]
    )
    walker, surfaces, name = _surveyed(problem, model, asked, request, _level(level, model))
    done, interrupted = repeat(walker, surfaces, request, _threads(sizes[1]), progress)
    if interrupted:
        if len(done) < 2:
            raise KeyboardInterrupt
        _warn(f"Interrupted: {len(done)} of {runs} runs were finished, and the estimate is made of these.")
    return answer(problem, asked, request, surfaces, name, done)


def _surveyed(
    problem: EscapeProblem, model: StepModel, asked: Plan, request: Request, level: sp.Expr | None
) -> tuple[Walker, Surfaces, str]:
    """Compile the walks with a level that suits, and look at the attractor."""
    from escapetime.simulate.multilevel.energy import energy, equipartition
    from escapetime.simulate.multilevel.surfaces import choose, survey
    from escapetime.simulate.multilevel.walker import Walker

    landscape, attractor = problem.process.landscape, bottom(problem)
    if level is None and model.memory and landscape is not None:
        expression, weights = energy(model, landscape)
        walker = Walker(model, asked.dt, asked.correction, expression, weights)
        home = walker.home(attractor)
        found = equipartition(survey(walker, request, home).states, landscape)
        if found.any():
            walker.constants[: len(found)] = found
            return walker, choose(walker, request, survey(walker, request, home), False), "energy"
    walker = Walker(model, asked.dt, asked.correction, level)
    if not np.isfinite(walker.height(walker.start)):
        raise InvalidInput(f"The level {level} is not a finite number at the start {list(model.start)}.")
    seen = survey(walker, request, walker.home(attractor))
    return walker, choose(walker, request, seen, level is None), "distance" if level is None else str(level)


def _level(level: Any, model: StepModel) -> sp.Expr | None:
    if level is None:
        return None
    if isinstance(level, str):
        from escapetime.symbolic.parsing import parse_expression

        level = parse_expression(level)
    expression = sp.sympify(level)
    named = {str(symbol): symbol for symbol in model.state}
    unknown = sorted(str(s) for s in expression.free_symbols if str(s) not in named)
    if not isinstance(expression, sp.Expr) or unknown:
        raise InvalidInput(
            f"Expected level as an expression in {', '.join(named)}, got {level}"
            + (f" with {', '.join(unknown)}." if unknown else ".")
        )
    return expression.xreplace({s: named[str(s)] for s in expression.free_symbols})


def _whole(value: Any, name: str, least: int) -> int:
    whole = isinstance(value, int | np.integer) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole or value < least:
        raise InvalidInput(f"Expected {name} as an integer, {least} or more, got {value!r}.")
    return int(value)


def _threads(runs: int) -> int:
    import torch

    return max(1, min(torch.get_num_threads(), runs))


def _warn(message: str) -> None:
    warnings.warn(message, EscapeTimeWarning, stacklevel=4)
