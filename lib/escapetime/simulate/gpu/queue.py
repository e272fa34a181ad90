"""Paths that wait for a lane: new ones, and those of an earlier run that go on from where they were."""

from __future__ import annotations

import torch

from escapetime.simulate.engine import Plan
from escapetime.simulate.gpu.flight import Flight


class Queue:
    """Hands out path numbers in order.

    Parameters
    ----------
    plan : Plan
        How many paths, or what is left of an earlier run.
    """

    def __init__(self, plan: Plan) -> None:
        self.rest = plan.resume
        self.next, self.end = 0, plan.paths if self.rest is None else len(self.rest.paths)

    @property
    def waiting(self) -> int:
        """How many there still are."""
        return self.end - self.next

    def fill(self, flight: Flight, slots: torch.Tensor) -> None:
        """Put the next paths into these lanes; there are at least as many."""
        first, self.next = self.next, self.next + len(slots)
        if self.rest is None:
            return flight.fill(slots, torch.arange(first, self.next, device=slots.device))
        flight.fill(slots, torch.from_numpy(self.rest.paths[first : self.next]).to(slots.device))
        begun = self.rest.flight  # they come first
        if begun is not None and first < len(begun):
            saved = begun.select(slice(first, self.next))
            flight.write(slots[: len(saved)], saved)
        return None
