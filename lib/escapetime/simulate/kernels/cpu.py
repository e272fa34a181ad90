"""The CPU engine: generated kernels, vectorised over lanes, on as many threads as torch may use."""

from __future__ import annotations

import ctypes
import functools
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import numpy as np

from escapetime.simulate.engine import Plan
from escapetime.simulate.kernels import cache, codegen
from escapetime.simulate.kernels.layout import lanes as lanes_of
from escapetime.simulate.model import StepModel
from escapetime.simulate.passages import Outcome

IN_FLIGHT = 256  # lanes of a thread: enough that refilling them costs nothing, few enough to stay in the first cache
POLL = 0.05  # seconds between looks at progress and interrupts


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
    kernels = codegen.advance(model, plan.dtype, plan.correction), codegen.geometry(model)
    return functools.partial(_run, kernels)


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
    layout, initial = codegen.layout_of(model), model.initial(plan.dt)
    height, birth = layout.rows, layout.birth(initial, plan.dtype)
    constants = np.array(codegen.parameters(step, plan.dt, plan.dtype, initial), dtype=real)
    constants64 = np.array([*geometry.constants.at(plan.dt), 0.0])
    in_flight = min(plan.chunk or IN_FLIGHT, IN_FLIGHT)
    workers = max(1, min(torch.get_num_threads(), -(-plan.paths // width)))
    counter, halt = np.zeros(1, np.int64), np.zeros(1, np.int64)
    finished = np.zeros((workers, 8), np.int64)  # a cache line for each thread

    def job(worker: int) -> None:
        capacity = -(-min(in_flight, -(-plan.paths // workers)) // width) * width
        lanes = np.zeros(capacity * height, dtype=real)
        table, scratch = np.zeros(3 * capacity, np.int64), np.zeros(3 * d + 3 * faces * (2 + d))
        work(
            advance, exits, lanes, lanes, height, capacity, birth, constants, constants64, d, faces, plan.dt, plan.seed,
            plan.correction == "bridge", layout.steps, min(plan.max_steps, 1 << 60), plan.paths, table, scratch,
            counter, halt, finished[worker], outcome.times, outcome.steps, outcome.face, outcome.points,
            outcome.started,
        )  # fmt: skip

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
