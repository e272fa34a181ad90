"""How the state of the paths in flight lies in memory, agreed on by generated kernels and the worker."""

from __future__ import annotations

from dataclasses import dataclass

from escapetime.simulate.kernels.text import numbered
from escapetime.simulate.model import StepModel

TURN = 4  # normals of a round, as far as the steps allow: a longer one would save next to nothing


@dataclass(frozen=True)
class Layout:
    """A row for each quantity, a column for each lane.

    Attributes
    ----------
    dimension, memory, normals : int
        Coordinates of the position, of the memory, and normals of a step.
    """

    dimension: int
    memory: int
    normals: int

    @classmethod
    def of(cls, model: StepModel) -> Layout:
        """Return the layout of a model."""
        return cls(len(model.variables), len(model.memory), len(model.normals))

    @property
    def turns(self) -> int:
        """Steps of a round: the pairs of normals are used up in it."""
        turns = 2 if self.normals % 2 else 1
        while self.normals and 2 * turns * self.normals <= TURN:
            turns *= 2
        return turns

    @property
    def names(self) -> list[str]:
        """What the rows hold: position, memory, the position before the last step, and the clock."""
        d = self.dimension
        return [*numbered("x", d), *numbered("m", self.memory), *numbered("before", d), "clock"]

    @property
    def bytes(self) -> int:
        """Of a lane in float64, its generator, its steps and its path included."""
        return 8 * (len(self.names) + 6)
