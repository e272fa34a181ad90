"""How the state of the paths in flight lies in memory, agreed on by generated kernels and the worker.

Lanes come in groups of ``LANES``. A group is a matrix with a row for each quantity and a column for each lane: the four
words of the generator, the clock, the steps since the last look, then position and position before the last step (``d``
rows each), and the distance to each face.
"""

LANES = 32
CLOCK, COUNT, POSITION = 4, 5, 6


def rows(dimension: int, faces: int) -> int:
    """Return the number of rows of a group."""
    return POSITION + 2 * dimension + faces
