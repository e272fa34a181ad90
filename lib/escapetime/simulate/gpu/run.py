"""The worker: launches steps, retires paths that are over and puts new ones into their lanes."""

from __future__ import annotations

import contextlib
import functools
import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np
import torch

from escapetime.errors import DeviceUnavailable
from escapetime.simulate.engine import Engine, Plan
from escapetime.simulate.gpu import codegen
from escapetime.simulate.gpu.flight import Flight, Tuning
from escapetime.simulate.gpu.logbook import Logbook
from escapetime.simulate.gpu.module import load
from escapetime.simulate.gpu.queue import Queue
from escapetime.simulate.model import StepModel
from escapetime.simulate.passages import Outcome

# lanes: more than ten times what a large card runs at once, so that little is lost in the last, incomplete wave; and
# bytes of their state at most
IN_FLIGHT, STATE = 1 << 22, 1 << 29
LEAST, MOST = 32, 1 << 14  # steps of a launch
# what share of the paths may leave during a launch: half of its steps are lost on them, and retiring has its price
FEW, MANY = 1 / 32, 1 / 8


def prepare(model: StepModel, plan: Plan, interpreted: bool = False) -> Engine:
    """Generate the kernel of a model; the engine that is returned compiles it when it runs.

    Parameters
    ----------
    model : StepModel
        What to simulate.
    plan : Plan
        How.
    interpreted : bool
        Whether Triton's interpreter runs it, on the CPU.

    Returns
    -------
    Engine
        See :data:`escapetime.simulate.engine.Engine`.

    Raises
    ------
    RouteNotApplicable
        If an expression cannot be generated.
    DeviceUnavailable
        If kernels were loaded for a card and are to be interpreted now.
    """  # noqa: DOC502 - raised by the printer
    if interpreted:
        from escapetime.simulate.gpu.births import born

        if type(born).__name__ == "JITFunction":
            raise DeviceUnavailable(
                "TRITON_INTERPRET=1 was set after kernels had been loaded for a card, which binds them to it; set it "
                "before Python starts."
            )
    return functools.partial(_run, codegen.advance(model, plan.dtype, plan.correction), interpreted)


def _run(
    kernel: codegen.Kernel, interpreted: bool, model: StepModel, plan: Plan, outcome: Outcome, stop: threading.Event,
    report: Callable[[int], None],
) -> None:  # fmt: skip
    tuning = Tuning.of(kernel.layout, interpreted)
    halt = threading.Event()

    def job() -> None:
        # all three belong to a thread; the interpreter works with numpy, which would warn of infinities
        device = torch.cuda.device(plan.device) if plan.device.startswith("cuda") else contextlib.nullcontext()
        with torch.inference_mode(), np.errstate(all="ignore"), device:
            _work(kernel, tuning, model, plan, outcome, lambda: stop.is_set() or halt.is_set(), report)

    # in a thread of its own, so that an interrupt finds the state whole
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(job)
        try:
            while wait([future], timeout=0.1).not_done:
                pass
        finally:
            halt.set()
    future.result()


def _work(
    kernel: codegen.Kernel, tuning: Tuning, model: StepModel, plan: Plan, outcome: Outcome, stopped: Callable[[], bool],
    report: Callable[[int], None],
) -> None:  # fmt: skip
    turns, dt, queue = kernel.layout.turns, plan.dt, Queue(plan)
    values = [dt, dt**0.5, *kernel.constants.at(dt)]
    numbers = torch.tensor(values, dtype=getattr(torch, plan.dtype), device=plan.device)
    most = min(IN_FLIGHT, STATE // kernel.layout.bytes)
    live = min(plan.chunk or most, most, queue.waiting)
    lanes = -(-live // tuning.block) * tuning.block
    flight = Flight(model, plan, kernel.layout, numbers, load(kernel.source).advance, tuning, lanes)
    logbook = Logbook(model, plan, outcome, flight, size=max(lanes, 1024))
    queue.fill(flight, torch.arange(live, device=numbers.device))
    steps, oldest, few = 2 * LEAST, 0, max(LEAST, math.isqrt(plan.max_steps))
    while live:
        # nor are paths to be taken far beyond their budget
        flight.advance(-(-min(steps, max(few, plan.max_steps - oldest)) // turns))
        there = flight.path >= 0
        running = (flight.clock >= 1) & (flight.steps < plan.max_steps) & there
        over = (there & ~running).nonzero()[:, 0]  # the host waits here for the device
        share = len(over) / live
        if len(over):
            logbook.take(over)
            flight.empty(over)
            report(len(over))
            live -= len(over)
        if stopped():
            rest = running.nonzero()[:, 0]
            outcome.flight.append(flight.read(rest))
            logbook.take(rest)
            break
        newcomers = over[: queue.waiting]
        if len(newcomers):
            queue.fill(flight, newcomers)
            live += len(newcomers)
        if live and 4 * live < 3 * flight.lanes and flight.lanes > tuning.block:
            flight.squeeze(live)
        oldest = int(torch.where(flight.path >= 0, flight.steps, 0).max())
        if share > MANY:
            steps = max(steps // 2, LEAST)
        elif share < FEW:
            steps = min(2 * steps, MOST)
    logbook.close()
