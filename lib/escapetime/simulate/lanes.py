"""Paths in flight: one lane each, all arrays side by side, so that a step is a handful of operations on whole rows."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import torch

from escapetime.simulate.checkpoint import Flight
from escapetime.simulate.streams import PathStreams

WIDTH = 64
"""Lane counts are multiples of this. Some of torch's CPU functions (pow, sinh) round differently in the last,
incomplete vector of a row; without such a remainder a path's numbers do not depend on its lane."""


@dataclass
class Lanes:
    """The whole state of ``n`` paths; saved and restored, they continue as if nothing had happened.

    Attributes
    ----------
    path : torch.Tensor
        Path numbers, int64, shape ``(n,)``; -1 marks an empty lane.
    steps : torch.Tensor
        Steps taken, the one that left the domain included, int64, shape ``(n,)``.
    position, before : torch.Tensor
        The state, memory included, and that in which its last step began, shape ``(d + memory, n)``; both stand still
        once it has left.
    distance : torch.Tensor
        To each face, shape ``(faces, n)``.
    clock : torch.Tensor
        Survival probability so far over the path's uniform, float64, shape ``(n,)``; the path is inside while it is at
        least one, and NaN counts as outside.
    streams : PathStreams
        Their randomness.
    """

    path: torch.Tensor
    steps: torch.Tensor
    position: torch.Tensor
    before: torch.Tensor
    distance: torch.Tensor
    clock: torch.Tensor
    streams: PathStreams

    @property
    def inside(self) -> torch.Tensor:
        """Which paths have not left yet, boolean, shape ``(n,)``."""
        return self.clock >= 1

    def select(self, index: torch.Tensor) -> Lanes:
        """Return the lanes at these positions."""
        return Lanes(*(_select(getattr(self, f.name), index) for f in fields(self)))

    def join(self, other: Lanes) -> Lanes:
        """Return these lanes followed by others; either both or neither are between the two normals of a pair."""
        mine, theirs = self.streams, other.streams
        spare = None if mine.spare is None or theirs.spare is None else torch.cat((mine.spare, theirs.spare))
        streams = PathStreams.restore(torch.cat((mine.state, theirs.state), dim=-1), spare)
        arrays = {f.name: torch.cat((getattr(self, f.name), getattr(other, f.name)), dim=-1) for f in fields(self)[:-1]}
        return Lanes(**arrays, streams=streams)

    def in_flight(self) -> Flight:
        """Return what is needed to go on with them, on the CPU; none of them is between the two normals of a pair."""
        arrays = (self.path, self.steps, self.streams.state, self.clock, self.position)
        return Flight(*(array.cpu().numpy() for array in arrays))


def _select(value: Any, index: torch.Tensor) -> Any:
    return value.select(index) if isinstance(value, PathStreams) else value[..., index]
