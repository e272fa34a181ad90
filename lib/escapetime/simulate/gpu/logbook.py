"""Paths that are over wait on the device until there are many; then their exits are found and written down together.

A card ends paths faster than a processor can put them in their places, so that is done on the device too, in a table of
all paths, as long as there is room for it.
"""

from __future__ import annotations

import numpy as np
import torch

from escapetime.simulate.engine import Plan
from escapetime.simulate.exits import ExitFinder
from escapetime.simulate.gpu.flight import Flight
from escapetime.simulate.model import StepModel
from escapetime.simulate.passages import CENSORED, INVALID, Outcome

ROOM = 1 << 30  # bytes of the table
WIDTH = 64  # torch's CPU functions round differently in the last, incomplete vector of a row


class Logbook:
    """Collects paths and completes their last step as the reference engine does, in float64.

    Parameters
    ----------
    model : StepModel
        What is simulated.
    plan : Plan
        How.
    outcome : Outcome
        Where results go.
    flight : Flight
        Where paths come from.
    size : int
        How many may wait.
    """

    def __init__(self, model: StepModel, plan: Plan, outcome: Outcome, flight: Flight, size: int) -> None:
        self.plan, self.outcome, self.flight, self.size = plan, outcome, flight, size
        self.exits = ExitFinder(model, plan.dt, plan.correction)
        self.pages: list[tuple[torch.Tensor, ...]] = []
        rows, device = 3 + len(model.start), flight.path.device
        fits = 8 * rows * plan.paths <= ROOM
        self.table = torch.full((rows, plan.paths), torch.nan, dtype=torch.float64, device=device) if fits else None

    def take(self, index: torch.Tensor) -> None:
        """Copy what these lanes hold."""
        f = self.flight
        self.pages.append((f.path[index], f.steps[index], f.clock[index].double(), f.sides(index)))
        if sum(len(page[0]) for page in self.pages) >= self.size:
            self.write()

    def close(self) -> None:
        """Complete all that wait, and hand over everything that has been written."""
        self.write()
        if self.table is None:
            return
        steps, times, face, *points = self.table.cpu().numpy()
        path = np.flatnonzero(steps == steps)
        if len(path) < len(steps):
            steps, times, face = steps[path], times[path], face[path]
            points = [row[path] for row in points]
        where = path if len(path) < self.plan.paths else slice(None)
        self.outcome.store(where, steps, times, face, np.stack(points, axis=-1))

    def write(self) -> None:
        """Complete all that wait."""
        if not self.pages:
            return
        path, steps, clock, sides = (torch.cat(part, dim=-1) for part in zip(*self.pages, strict=True))
        self.pages = []
        path, order = path.sort()  # memory is written in order
        steps, clock, sides = steps[order], clock[order], sides[..., order]
        count = len(path)
        full = torch.arange(count + -count % WIDTH, device=path.device).clamp_(max=count - 1)
        draws = self.flight.exit_draws(path)
        before, after = sides[..., full]
        face, fraction, point = self.exits(before, after, draws[:, full])
        face, fraction, point = face[:count], fraction[:count], point[:, :count]
        # lanes are looked at after many steps, so a path may have been taken past its budget
        cut = (clock >= 1) | (steps > self.plan.max_steps)
        steps = steps.clamp(max=self.plan.max_steps)
        face = torch.where(cut, CENSORED, torch.where(clock.isnan(), INVALID, face))
        left = face >= 0
        times = torch.where(left, steps - 1 + fraction, torch.where(cut, steps.double(), torch.nan)) * self.plan.dt
        points = torch.where(left, point, torch.nan)
        if self.table is not None:
            self.table[:, path] = torch.cat((steps[None], times[None], face[None], points)).double()
        else:
            self.outcome.store(*(v.cpu().numpy() for v in (path, steps, times, face, points.T)))
