"""The CPU engine: generated kernels, vectorised over lanes, on as many threads as torch may use."""

from __future__ import annotations

import ctypes
import functools
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from escapetime.simulate.checkpoint import Flight, Rest
from escapetime.simulate.engine import Plan
from escapetime.simulate.kernels import cache, codegen
from escapetime.simulate.kernels.layout import BLOCK, CLOCK, FLAG, Layout
from escapetime.simulate.kernels.layout import lanes as lanes_of
from escapetime.simulate.model import StepModel
from escapetime.simulate.passages import Outcome

IN_FLIGHT = 320  # lanes of a thread: enough that refilling them costs nothing, few enough to stay in the first cache
POLL = 0.05  # seconds between looks at progress and interrupts
REMEMBERED = 256  # kernels whose source is not generated again
_generated: dict[Hashable, tuple[codegen.Kernel, codegen.Kernel]] = {}


def prepare(model: StepModel, plan: Plan) -> Callable[..., None]:
    """Generate the kernels of a model; the engine that is returned compiles them when it runs.

    Parameters
    ----------
    model : StepModel
        What to simulate.
    plan : Plan
        How.

    Returns
    -------
    Engine
        See :data:`escapetime.simulate.engine.Engine`.

    Raises
    ------
    RouteNotApplicable
        If an expression cannot be generated.
    """  # noqa: DOC502 - raised by the printer
    expressions = (model.normals, model.stages, model.update, model.distances, model.gradients, model.spreads)
    key = (model.state, len(model.variables), *expressions, plan.dtype, plan.correction)
    if key not in _generated:
        if len(_generated) >= REMEMBERED:
            _generated.clear()
        _generated[key] = codegen.advance(model, plan.dtype, plan.correction), codegen.geometry(model)
    return functools.partial(_run, _generated[key])


def _run(
    kernels: tuple[codegen.Kernel, codegen.Kernel], model: StepModel, plan: Plan, outcome: Outcome,
    stop: threading.Event, report: Callable[[int], None],
) -> None:  # fmt: skip
    import torch

    step, geometry = kernels
    advance, exits = cache.load(step.source).advance.address, cache.load(geometry.source).geometry.address
    work = _callable(cache.load(_runtime_source(plan.dtype)).work)
    real = np.dtype(plan.dtype)
    width = lanes_of(8 * real.itemsize)
    d, faces = len(model.variables), len(model.faces)
    layout, initial = step.layout, model.initial(plan.dt)
    height, birth = layout.rows, layout.birth(initial, plan.dtype)
    constants = np.array(codegen.parameters(step, plan.dt, plan.dtype, initial), dtype=real)
    constants64 = np.array([*geometry.constants.at(plan.dt), 0.0])
    queue, columns, taken = _queue(plan.resume, layout, birth)
    paths = plan.paths if plan.resume is None else len(queue)
    in_flight = min(plan.chunk or IN_FLIGHT, IN_FLIGHT)
    workers = max(1, min(torch.get_num_threads(), -(-paths // width)))
    counter, halt = np.zeros(1, np.int64), np.full(1, stop.is_set(), np.int64)
    finished = np.zeros((workers, 8), np.int64)  # a cache line for each thread

    def job(worker: int) -> None:
        capacity = -(-min(in_flight, -(-paths // workers)) // width) * width
        lanes = _aligned(capacity * height, real)
        table, scratch = np.zeros(3 * capacity, np.int64), np.zeros(3 * d + 3 * faces * (2 + d))
        work(
            advance, exits, lanes, lanes, layout.trail(layout.steps), height, capacity, birth, constants, constants64,
            d, faces, plan.dt, plan.seed, plan.correction == "bridge", layout.steps, min(plan.max_steps, 1 << 60),
            paths, table, scratch, counter, halt, finished[worker], outcome.times, outcome.steps, outcome.face,
            outcome.points, outcome.started, queue, len(taken), columns, taken,
        )  # fmt: skip
        live = int(finished[worker, 1])
        whole = lanes.reshape(-1, height, width).swapaxes(0, 1).reshape(height, -1)[:, :live]
        outcome.flight.append(_in_flight(layout, whole, table[:live], table[capacity : capacity + live]))

    told = 0
    with ThreadPoolExecutor(workers) as pool:
        jobs = [pool.submit(job, worker) for worker in range(workers)]
        try:
            while wait(jobs, timeout=POLL, return_when=FIRST_EXCEPTION).not_done:
                done = int(finished[:, 0].sum())
                report(done - told)
                told = done
                if stop.is_set() or any(j.done() and j.exception() for j in jobs):
                    break
        finally:
            halt[0] = 1
    report(int(finished[:, 0].sum()) - told)
    for j in jobs:
        j.result()


def _aligned(count: int, real: np.dtype[Any]) -> NDArray[Any]:
    """Return zeros of which no vector lies across two lines of the cache."""
    room = np.zeros(count + BLOCK // real.itemsize, real)
    first = -room.ctypes.data % BLOCK // real.itemsize
    return room[first : first + count]


def _in_flight(layout: Layout, columns: NDArray[Any], path: NDArray[np.int64], steps: NDArray[np.int64]) -> Flight:
    words = columns[:FLAG].view(f"u{columns.itemsize}")
    return Flight(path.copy(), steps.copy(), words.copy(), columns[CLOCK].copy(), columns[layout.state])


def _queue(rest: Rest | None, layout: Layout, birth: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Return the paths to follow, if not all, and the columns and steps of those in flight."""
    nobody = np.zeros(0, np.int64)
    if rest is None or rest.flight is None:
        return (np.full(1, -1) if rest is None else rest.paths), nobody, nobody
    columns = np.repeat(birth[None], len(rest.flight), axis=0)
    columns.view(rest.flight.words.dtype)[:, :FLAG] = rest.flight.words.T
    columns[:, CLOCK], columns[:, layout.state] = rest.flight.clock, rest.flight.state.T
    return rest.paths, columns, rest.flight.steps


def _callable(compiled: Any) -> Callable[..., None]:
    """Return a C function that takes arrays where it wants pointers; the interpreter runs on while it works."""
    function = compiled.ctypes

    def call(*arguments: Any) -> None:
        function(
            *(
                ctypes.cast(a.ctypes.data, kind) if isinstance(a, np.ndarray) else a
                for a, kind in zip(arguments, function.argtypes, strict=True)
            )
        )

    return call


@functools.cache
def _runtime_source(dtype: str) -> str:
    # one file for each type, so that two processes never write different code under one name of numba's cache
    source = Path(__file__).with_name("runtime.py").read_text(encoding="utf-8")
    return source.replace("\nBITS = 64", f"\nBITS = {dtype[-2:]}")
