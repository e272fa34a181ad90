"""Steps of many lanes in torch, and the exit test that goes with them."""

from __future__ import annotations

import numpy as np
import torch

from escapetime.simulate.brownian_bridge import survival
from escapetime.simulate.checkpoint import Flight
from escapetime.simulate.engine import Plan
from escapetime.simulate.lanes import Lanes
from escapetime.simulate.model import StepModel
from escapetime.simulate.schemes import TIME_STEP
from escapetime.simulate.streams import PathStreams, reserved_uniforms
from escapetime.simulate.torch_rows import compile_rows


class Stepper:
    """Steps lanes of one model.

    Parameters
    ----------
    model : StepModel
        What to step.
    plan : Plan
        How.
    """

    def __init__(self, model: StepModel, plan: Plan) -> None:
        self.model, self.plan, self.dtype = model, plan, getattr(torch, plan.dtype)
        self.dt = torch.tensor(plan.dt, dtype=torch.float64)  # of no dimension: it widens nothing
        arguments = [*model.state, *model.normals, TIME_STEP]
        self.update = compile_rows(arguments, [*model.update, *model.spreads], model.stages)
        self.distances = compile_rows(model.variables, model.distances)

    def born(self, paths: np.ndarray, lanes: int) -> Lanes:
        """Return lanes at the start: these paths, and empty ones up to ``lanes`` in all."""
        device, empty = self.plan.device, lanes - len(paths)
        path = np.concatenate([paths, np.full(empty, -1)])
        draws = np.concatenate([reserved_uniforms(self.plan.seed, paths)[0], np.full(empty, np.inf)])
        start = torch.tensor(self.model.initial(self.plan.dt), dtype=self.dtype, device=device)
        position = start[:, None].repeat(1, lanes)
        return Lanes(
            torch.from_numpy(path).to(device), torch.zeros(lanes, dtype=torch.int64, device=device), position,
            position.clone(), _stack(self.distances(*position[: len(self.model.start)])),
            1 / torch.from_numpy(draws).to(device), PathStreams(self.plan.seed, np.maximum(path, 0), device),
        )  # fmt: skip

    def restore(self, lanes: Lanes, flight: Flight) -> None:
        """Put paths in flight into the first of the lanes."""
        count = len(flight)
        if not count:
            return
        for row, saved in ((lanes.steps, flight.steps), (lanes.clock, flight.clock),
                           (lanes.streams.state, flight.words), (lanes.position, flight.state)):  # fmt: skip
            row[..., :count] = torch.from_numpy(saved).to(row.device)
        lanes.distance = _stack(self.distances(*lanes.position[: len(self.model.start)]))

    def advance(self, lanes: Lanes, steps: int) -> None:
        """Take steps, in place. A path that leaves stands still, ``before`` and ``position`` on either side."""
        dt, d, count = self.plan.dt, len(self.model.start), len(self.model.update)
        for _ in range(steps):
            inside, x = lanes.inside, lanes.position
            normals = [z.to(self.dtype) for z in lanes.streams.normals(len(self.model.normals))]
            values = self.update(*x.unbind(), *normals, self.dt)
            rows = [torch.as_tensor(row, dtype=x.dtype, device=x.device).expand(x[0].shape) for row in values[:count]]
            distance = self.distances(*rows[:d])
            for d0, d1, spread in zip(lanes.distance.unbind(), distance, values[count:], strict=True):
                lanes.clock *= self._survival(d0, d1, spread * dt)
            lanes.steps += inside
            lanes.before = torch.where(inside, x, lanes.before)
            lanes.position = torch.where(inside, _stack(rows), x)
            lanes.distance = _stack(distance)

    def _survival(self, d0: torch.Tensor, d1: torch.Tensor, spread: float | torch.Tensor) -> torch.Tensor:
        return survival(d0, d1, spread) if self.plan.correction == "bridge" else d1 > 0


def _stack(rows: list[torch.Tensor]) -> torch.Tensor:
    return rows[0][None] if len(rows) == 1 else torch.stack(rows)
