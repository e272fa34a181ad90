"""A survey of the attractor, then independent runs on threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from escapetime.errors import RouteNotApplicable
from escapetime.simulate.multilevel.branching import Repetition, Run, Stopped, Surfaces
from escapetime.simulate.multilevel.walker import Walker, resolution

SURVEY = (32, 1 << 12)  # paths, and steps of each, whose heights are looked at
SETTLING = 1 << 10  # steps before that
LOOP = 1 << 10  # steps a loop may take on average: the higher up it leads, the longer
SCOUTS = 100  # particles of the runs that find out how high the exits are
FIRST_RUN = 8  # the runs before it are scouts
POLL = 0.05  # seconds between looks at interrupts
PATIENCE = 3.0  # seconds before a progress bar appears


@dataclass(frozen=True)
class Request:
    """What is asked of the runs; see :func:`escapetime.simulate.splitting.splitting`."""

    particles: int
    runs: int
    kill: int
    seed: int
    burn_in: int
    limit: int


def survey(walker: Walker, request: Request, attractor: NDArray[np.float64], top: float | None) -> Surfaces:
    """Choose the surfaces from the spread of the height about an attractor.

    Short paths are looked at that begin there, so that other wells of the domain, which a long one might visit, do not
    count. The choice decides how much a run costs, not what it estimates.

    Parameters
    ----------
    walker : Walker
        Compiled walks.
    request : Request
        With the seed.
    attractor : numpy.ndarray
        A point, shape ``(d,)``.
    top : float or None
        Height of the exit; None: to be found out.

    Returns
    -------
    Surfaces
        The same for every run, and independent of all of them.

    Raises
    ------
    RouteNotApplicable
        If the height never changes.
    """
    heights = np.empty(SURVEY)
    walker.kernels.survey(
        np.uint64(request.seed), np.uint64(0), walker.home(attractor), SETTLING, heights, walker.constants
    )
    low = float(np.median(heights))
    above = heights[heights > low]
    if not len(above) or not np.isfinite(low):
        raise RouteNotApplicable(
            f"The level stays at {low:.6g} for {heights.size} steps: there is no noise that could lead out, or the "
            "level does not depend on what moves. Give a level that rises towards the exit."
        )
    candidates = np.unique(np.quantile(above, np.linspace(0, 1, 65)[:-1], method="higher"))
    fast = [c for c in candidates if _ascents(heights, low, c) * LOOP >= heights.size]
    high, levels = float(max(fast, default=candidates[0])), resolution(request.particles, len(walker.start))
    if top is not None:
        return Surfaces(low, high, (top - high) / levels)
    surfaces = Surfaces(low, high, (high - low) / 16)
    for scout in range(FIRST_RUN):
        found = Run(
            walker, surfaces, SCOUTS, 1, request.seed, scout, request.burn_in, request.limit, np.zeros(1, np.int64)
        )()
        peak = max(found.peak, 1.0) / levels
        surfaces = replace(surfaces, unit=surfaces.unit * peak)
        if 0.5 < peak <= 1:
            break
    return surfaces


def _ascents(heights: NDArray[np.float64], low: float, high: float) -> int:
    """How often a row goes from below ``low`` to above ``high``."""
    side = np.where(heights < low, -1, np.where(heights >= high, 1, 0)).ravel()
    side = side[side != 0]
    return int(np.sum((side[:-1] < 0) & (side[1:] > 0)))


def repeat(
    walker: Walker, surfaces: Surfaces, request: Request, workers: int, progress: bool | None
) -> tuple[list[Repetition], bool]:
    """Make the runs.

    Parameters
    ----------
    walker : Walker
        Compiled walks.
    surfaces : Surfaces
        As :func:`survey` returns them.
    request : Request
        What is asked.
    workers : int
        Threads; they change no number.
    progress : bool or None
        Whether to show a bar; None: on a terminal.

    Returns
    -------
    tuple
        The runs that were finished, in order, and whether there was an interrupt.

    Raises
    ------
    RouteNotApplicable
        If a walk has no end.
    """  # noqa: DOC502 - raised by what it calls
    halt = np.zeros(1, np.int64)

    def job(number: int) -> Repetition | None:
        if halt[0]:
            return None
        try:
            return Run(
                walker, surfaces, request.particles, request.kill, request.seed, FIRST_RUN + number,
                request.burn_in, request.limit, halt,
            )()  # fmt: skip
        except Stopped:
            return None

    interrupted = False
    with ThreadPoolExecutor(workers) as pool, _bar(request.runs, progress) as report:
        jobs = [pool.submit(job, number) for number in range(request.runs)]
        for one in jobs:
            one.add_done_callback(lambda _: report(1))
        try:
            # short waits: a keyboard interrupt is served between them
            while wait(jobs, timeout=POLL, return_when=FIRST_EXCEPTION).not_done:
                if any(one.done() and one.exception() for one in jobs):
                    break
        except KeyboardInterrupt:
            interrupted = True
        finally:
            halt[0] = 1
    finished = [one.result() for one in jobs]
    return [run for run in finished if run is not None], interrupted


@contextmanager
def _bar(runs: int, progress: bool | None) -> Iterator[Callable[[int], None]]:
    from tqdm import tqdm

    lock = threading.Lock()
    hidden = None if progress is None else not progress  # tqdm's None means: not unless stderr is a terminal
    with tqdm(total=runs, unit="run", delay=PATIENCE, disable=hidden, leave=False) as bar:

        def report(count: int) -> None:
            with lock:
                bar.update(count)

        yield report
