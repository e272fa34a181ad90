"""Independent runs on threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager

import numpy as np

from escapetime.simulate.multilevel.branching import FIRST_RUN, Repetition, Request, Run, Stopped, Surfaces
from escapetime.simulate.multilevel.walker import Walker

POLL = 0.05  # seconds between looks at interrupts
PATIENCE = 3.0  # seconds before a progress bar appears


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
            return Run(walker, surfaces, request, FIRST_RUN + number, halt)()
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
