"""The reference engine: torch, one operation at a time, on any device. It is written to be read, then to be fast."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

import numpy as np
import torch
from numpy.typing import NDArray

from escapetime.simulate.engine import Plan
from escapetime.simulate.exits import ExitFinder
from escapetime.simulate.lanes import WIDTH, Lanes
from escapetime.simulate.model import StepModel
from escapetime.simulate.passages import CENSORED, INVALID, Outcome
from escapetime.simulate.stepper import Stepper
from escapetime.simulate.streams import reserved_uniforms

BLOCK = 16  # steps between looks at who has left; even, so that no lane is then between the two normals of a pair
SPLIT = 32768  # elements from which torch splits an operation over threads, at places that are no multiples of a vector
DEVICE_CHUNK = 1 << 20
WORTH_A_THREAD = 2048  # lanes below which a step costs the calls and not the arithmetic


def run(model: StepModel, plan: Plan, outcome: Outcome, stop: threading.Event, report: Callable[[int], None]) -> None:
    """Simulate every path of the plan; see :data:`escapetime.simulate.engine.Engine`.

    On the CPU as many workers as ``torch.get_num_threads()`` share the paths; each keeps its lanes full from one queue.
    """
    on_cpu = torch.device(plan.device).type == "cpu"
    paths = np.arange(plan.paths, dtype=np.int64) if plan.resume is None else plan.resume.paths
    workers = min(torch.get_num_threads(), -(-len(paths) // WORTH_A_THREAD)) if on_cpu else 1
    rows = max(2, len(model.state), len(model.faces))  # of the largest array; 2 are the words of a pair of normals
    widest = (SPLIT // rows // WIDTH - 1) * WIDTH if on_cpu else DEVICE_CHUNK
    capacity = min(plan.chunk or widest, max(widest, WIDTH), -(-len(paths) // workers))
    queue, worker = _Queue(len(paths)), _Worker(model, plan, outcome, stop, report, paths)
    with ThreadPoolExecutor(workers) as pool:
        jobs = [pool.submit(worker.work, queue, capacity) for _ in range(workers)]
        try:
            # short waits: a keyboard interrupt is served between them, and the workers stop where their state is whole
            while wait(jobs, timeout=0.1, return_when=FIRST_EXCEPTION).not_done:
                if any(job.done() and job.exception() for job in jobs):
                    break
        finally:
            stop.set()
    for job in jobs:
        job.result()


class _Worker:
    """Keeps lanes full: paths that are over are recorded and replaced by new ones, at the end only squeezed out.

    It holds no lanes itself, so that several threads can work at once.
    """

    def __init__(
        self, model: StepModel, plan: Plan, outcome: Outcome, stop: threading.Event, report: Callable[[int], None],
        paths: NDArray[np.int64],
    ) -> None:  # fmt: skip
        self.plan, self.outcome, self.stop, self.report = plan, outcome, stop, report
        self.stepper, self.exits = Stepper(model, plan), ExitFinder(model, plan.dt, plan.correction)
        self.paths, self.flight = paths, plan.resume.flight if plan.resume else None

    @torch.inference_mode()
    def work(self, queue: _Queue, capacity: int) -> None:
        """Take paths from the queue until it is empty and all are over."""
        lanes = self._born(queue.take(capacity))
        while True:
            self.stepper.advance(lanes, BLOCK)
            # a path can sit at infinity, inside an unbounded domain
            running = lanes.inside & (lanes.steps < self.plan.max_steps) & lanes.position.isfinite().all(dim=0)
            live = int(running.sum())
            if self.stop.is_set():
                self.outcome.flight.append(lanes.select((running & (lanes.path >= 0)).nonzero()[:, 0]).in_flight())
                return self._finish(lanes, lanes.path >= 0)
            enough = len(running) // 2 if queue.empty else capacity * 7 // 8
            if live > enough:
                continue
            self._finish(lanes, ~running & (lanes.path >= 0))
            newcomers = queue.take(capacity - live)
            if not live + len(newcomers):
                return None
            lanes = lanes.select(running.nonzero()[:, 0]).join(self._born(newcomers, beside=live))

    def _born(self, work: range, beside: int = 0) -> Lanes:
        """Return new lanes, with empty ones that round them and those ``beside`` them up to a multiple of the width."""
        part = slice(work.start, work.stop)
        lanes = self.stepper.born(self.paths[part], len(work) + -(len(work) + beside) % WIDTH)
        if self.flight is not None:
            self.stepper.restore(lanes, self.flight.select(part))  # they are the first of the paths
        return lanes

    def _finish(self, lanes: Lanes, over: torch.Tensor) -> None:
        index = over.nonzero()[:, 0]
        if not len(index):
            return
        ends = lanes.select(index).join(self._born(range(0), beside=len(index)))
        path, steps, inside = (v.cpu().numpy() for v in (ends.path, ends.steps, ends.inside))
        uniforms = torch.from_numpy(reserved_uniforms(self.plan.seed, np.maximum(path, 0))[1:]).to(self.plan.device)
        d = self.outcome.points.shape[1]
        exits = self.exits(ends.before[:d].double(), ends.position[:d].double(), uniforms)
        face, fraction, point = (v.cpu().numpy() for v in exits)
        finite = np.isfinite(ends.position.cpu().numpy()).all(axis=0)
        # lanes are looked at once a block, so a path may have been taken past its budget
        cut = (inside & finite) | (steps > self.plan.max_steps)
        steps = np.minimum(steps, self.plan.max_steps)
        face = np.where(cut, CENSORED, np.where(finite, face, INVALID))
        times = np.where(face >= 0, steps - 1 + fraction, np.where(cut, steps, np.nan)) * self.plan.dt
        points = np.where(face >= 0, point, np.nan).T
        real = slice(len(index))
        self.outcome.store(path[real], steps[real], times[real], face[real], points[real])
        self.report(len(index))


class _Queue:
    """Paths that nobody has begun yet, by their place in line."""

    def __init__(self, count: int) -> None:
        self.next, self.end, self.lock = 0, count, threading.Lock()

    def take(self, most: int) -> range:
        with self.lock:
            first, self.next = self.next, min(self.next + most, self.end)
            return range(first, self.next)

    @property
    def empty(self) -> bool:
        return self.next == self.end
