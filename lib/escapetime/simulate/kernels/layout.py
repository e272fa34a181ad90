"""How the state of the paths in flight lies in memory, agreed on by generated kernels and the worker.

Lanes come in groups. A group is a matrix with a row for each quantity and a column for each lane: the four words of the
generator; a flag that the lane came near an exit in the last round; the clock; the step within the call in which the
path left, and its positions before and after that step; the trail, the positions at the beginning of the last round and
after each of its steps; and the memory at its end. Where a round has many normals, those of a
step lie where the position after it will be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# bytes of a row, a few of the widest vectors, and of what is looked at together, one of them; were a row a power of
# two, then rows a multiple of 4096 bytes apart would wait for one another (a core compares twelve bits of addresses)
ROW, BLOCK = 320, 64
FLAG, CLOCK, WHEN, BEFORE = 4, 5, 6, 7
# normals and lines of generated code in a round, as far as one step allows: more of them take long to compile
ROUND, LINES = 16, 160


def lanes(bits: int) -> int:
    """Return how many lanes a group has, for numbers of so many bits."""
    return 8 * ROW // bits


def block(bits: int) -> int:
    """Return how many lanes of a group are looked at together."""
    return 8 * BLOCK // bits


def steps_of_round(normals: int, lines: int) -> int:
    """Return how many steps of so many normals and lines of code make a round; pairs of normals are used up in it."""
    steps = 2 if normals % 2 else 1
    while 2 * steps * normals <= ROUND and 2 * steps * max(lines, LINES // ROUND) <= LINES:
        steps *= 2
    return steps


@dataclass(frozen=True)
class Layout:
    """The rows of a group.

    Attributes
    ----------
    dimension, memory, normals : int
        Positions, further numbers of the state, and normals of a step.
    steps : int
        Steps of a round.
    """

    dimension: int
    memory: int
    normals: int
    steps: int

    @property
    def stride(self) -> int:
        """Rows from one step of the trail to the next."""
        return max(self.dimension, self.normals)

    def trail(self, step: int) -> int:
        """Return the first row of the position after a step of the round; step 0 is its beginning."""
        return BEFORE + 2 * self.dimension + step * self.stride

    def normal(self, number: int) -> int:
        """Return the row of a normal of the round."""
        step, k = divmod(number, self.normals)
        return self.trail(step + 1) + k

    @property
    def kept(self) -> int:
        """The first row of the memory."""
        return self.trail(self.steps + 1)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.kept + self.memory

    @property
    def state(self) -> list[int]:
        """The rows of positions and memory between rounds."""
        position = self.trail(self.steps)
        return [*range(position, position + self.dimension), *range(self.kept, self.rows)]

    def birth(self, initial: Sequence[float], dtype: str) -> NDArray[np.floating]:
        """Return the column of a lane before its first step, with a clock that has run out."""
        column = np.ones(self.rows, dtype)
        column[CLOCK] = 0.0
        for row in (BEFORE, BEFORE + self.dimension, *(self.trail(step) for step in range(self.steps + 1))):
            column[row : row + self.dimension] = initial[: self.dimension]
        column[self.kept :] = initial[self.dimension :]
        return column
