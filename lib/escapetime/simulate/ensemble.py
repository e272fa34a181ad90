"""Run an engine over all paths: warn of what went wrong, show how far it is, and stop when asked to."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from escapetime.errors import EscapeTimeWarning
from escapetime.problem import EscapeProblem
from escapetime.processes import LevyDriven
from escapetime.simulate import checkpoint
from escapetime.simulate.engine import Plan, choose
from escapetime.simulate.model import StepModel
from escapetime.simulate.overshoot import shifted
from escapetime.simulate.passages import Outcome, Passages
from escapetime.simulate.stability import check_step

PATIENCE = 3.0  # seconds before a progress bar appears


def simulate(
    problem: EscapeProblem, plan: Plan, engine: str, progress: bool | None, earlier: Passages | None = None
) -> Passages:
    """Return the passages of every path that was begun.

    Parameters
    ----------
    problem : EscapeProblem
        What to simulate.
    plan : Plan
        Checked arguments.
    engine : str
        Name of an engine or ``"auto"``.
    progress : bool or None
        Whether to show a bar; None: on a terminal.
    earlier : Passages or None
        Those of a run to go on with.

    Returns
    -------
    Passages
        With the details of the run.

    Raises
    ------
    KeyboardInterrupt
        If interrupted before any path was begun.
    """
    model = StepModel.of(problem, plan.scheme)
    if plan.correction == "shift":
        assert isinstance(problem.process, LevyDriven)
        model = shifted(model, problem.process, plan.dt)
    name, reason, run = choose(engine, model, plan)
    stable_dt = check_step(problem, model, plan)
    outcome, interrupted = Outcome(plan.paths, len(model.start)), False
    known = checkpoint.identity(model, plan, name)
    if earlier is not None:
        plan = replace(plan, resume=checkpoint.resume(earlier, known, plan.max_steps, outcome))
    left_to_do = plan.paths if plan.resume is None else len(plan.resume.paths)
    with _bar(plan.paths, progress) as report:
        report(plan.paths - left_to_do)
        try:
            if left_to_do:
                run(model, plan, outcome, threading.Event(), report)
        except KeyboardInterrupt:
            interrupted = True
            if not outcome.started.any():
                raise
    passages = outcome.passages(
        model.faces,
        problem.process.time_unit,
        {
            "engine": name,
            "engine_reason": reason,
            "device": plan.device,
            "scheme": plan.scheme,
            "correction": plan.correction,
            "dt": plan.dt,
            "stable_dt": stable_dt,
        },
        checkpoint.suspend(outcome, known, plan.max_steps, plan.resume),
    )
    begun, left, invalid = len(passages.times), int(passages.observed.sum()), passages.details["invalid"]
    if interrupted:
        _warn(
            f"Interrupted: {left} of {plan.paths} paths had left, {begun - left} were cut where they were, and "
            f"{plan.paths - begun} had not begun; pass these passages as resume= to go on."
        )
    if invalid:
        _warn(
            f"{invalid} of {begun} paths overflowed and are excluded, which biases the mean: take a smaller dt, or "
            "bound the domain where the drift has no bottom."
        )
    return passages


@contextmanager
def _bar(paths: int, progress: bool | None) -> Iterator[Callable[[int], None]]:
    from tqdm import tqdm

    lock = threading.Lock()
    # tqdm's None means: not unless stderr is a terminal
    hidden = None if progress is None else not progress
    with tqdm(total=paths, unit="path", delay=PATIENCE, disable=hidden, leave=False) as bar:

        def report(count: int) -> None:
            with lock:
                bar.update(count)

        yield report


def _warn(message: str) -> None:
    warnings.warn(message, EscapeTimeWarning, stacklevel=4)
