"""How the state of the paths in flight lies in memory, agreed on by generated kernels and the worker.

Lanes come in groups. A group is a matrix with a row for each quantity and a column for each lane: the four words of the
generator; a flag that the lane came near an exit in the last round; the clock; the step within the call in which the
path left, and its positions before and after that step; and the trail, the positions at the beginning of the last round
and after each of its steps.
"""

ROW, BLOCK = 256, 64  # bytes of a row, a few of the widest vectors, and of what is looked at together, one of them
FLAG, CLOCK, WHEN, BEFORE = 4, 5, 6, 7


def lanes(bits: int) -> int:
    """Return how many lanes a group has, for numbers of so many bits."""
    return 8 * ROW // bits


def block(bits: int) -> int:
    """Return how many lanes of a group are looked at together."""
    return 8 * BLOCK // bits


def trail(dimension: int, step: int) -> int:
    """Return the first row of the position after a step of the round; step 0 is its beginning."""
    return BEFORE + (2 + step) * dimension


def rows(dimension: int, steps: int) -> int:
    """Return the number of rows of a group with rounds of so many steps."""
    return trail(dimension, steps + 1)
