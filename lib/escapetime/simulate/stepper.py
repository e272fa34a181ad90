"""One Euler-Maruyama step of many lanes in torch, and the exit test that goes with it."""

from __future__ import annotations

import numpy as np
import torch

from escapetime.simulate.brownian_bridge import survival
from escapetime.simulate.engine import Plan
from escapetime.simulate.lanes import Lanes
from escapetime.simulate.model import StepModel
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
        d, m, faces = len(model.variables), model.factor.cols, len(model.faces)
        self.model, self.plan, self.dtype = model, plan, getattr(torch, plan.dtype)
        self.entries = [(i, j) for i in range(d) for j in range(m) if model.factor[i, j] != 0]
        amplitudes = [model.factor[i, j] for i, j in self.entries]
        coefficients = compile_rows(model.variables, [*model.drift, *amplitudes, *model.spreads])
        self.cuts = d, d + len(amplitudes), d + len(amplitudes) + faces
        self.coefficients, self.distances = coefficients, compile_rows(model.variables, model.distances)

    def born(self, paths: np.ndarray, lanes: int) -> Lanes:
        """Return lanes at the start: these paths, and empty ones up to ``lanes`` in all."""
        device, empty = self.plan.device, lanes - len(paths)
        path = np.concatenate([paths, np.full(empty, -1)])
        draws = np.concatenate([reserved_uniforms(self.plan.seed, paths)[0], np.full(empty, np.inf)])
        start = torch.tensor(self.model.start, dtype=self.dtype, device=device)
        position = start[:, None].repeat(1, lanes)
        return Lanes(
            torch.from_numpy(path).to(device), torch.zeros(lanes, dtype=torch.int64, device=device), position,
            position.clone(), _stack(self.distances(*position)), 1 / torch.from_numpy(draws).to(device),
            PathStreams(self.plan.seed, np.maximum(path, 0), device),
        )  # fmt: skip

    def advance(self, lanes: Lanes, steps: int) -> None:
        """Take steps, in place. A path that leaves stands still, ``before`` and ``position`` on either side."""
        dt, root_dt, (a, b, c) = self.plan.dt, self.plan.dt**0.5, self.cuts
        for _ in range(steps):
            inside, x = lanes.inside, lanes.position
            columns = x.unbind()
            values = self.coefficients(*columns)
            drift, amplitudes, spreads = values[:a], values[a:b], values[b:c]
            rows = [row + dt * rate for row, rate in zip(columns, drift, strict=True)]
            normals = [z.to(self.dtype) for z in lanes.streams.normals(self.model.factor.cols)]
            for (i, j), amplitude in zip(self.entries, amplitudes, strict=True):
                rows[i].add_((root_dt * amplitude) * normals[j])
            moved, distance = _stack(rows), self.distances(*rows)
            for d0, d1, spread in zip(lanes.distance.unbind(), distance, spreads, strict=True):
                lanes.clock *= self._survival(d0, d1, spread * dt)
            lanes.steps += inside
            lanes.before, lanes.position = torch.where(inside, x, lanes.before), torch.where(inside, moved, x)
            lanes.distance = _stack(distance)

    def _survival(self, d0: torch.Tensor, d1: torch.Tensor, spread: float | torch.Tensor) -> torch.Tensor:
        return survival(d0, d1, spread) if self.plan.correction == "bridge" else d1 > 0


def _stack(rows: list[torch.Tensor]) -> torch.Tensor:
    return rows[0][None] if len(rows) == 1 else torch.stack(rows)
