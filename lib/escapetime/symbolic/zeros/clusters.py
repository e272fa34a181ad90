"""Groups of boxes that do not touch one another."""

from __future__ import annotations

import numpy as np


def separate(lower: np.ndarray, upper: np.ndarray) -> list[np.ndarray]:
    """Split boxes into groups with a gap between them along some axis, and again within each group, until none is left.

    Parameters
    ----------
    lower, upper : numpy.ndarray
        Corners of ``n`` boxes, shape ``(n, d)``.

    Returns
    -------
    list of numpy.ndarray
        Indices of each group; the hulls of two groups of one split are disjoint.

    Examples
    --------
    >>> [g.tolist() for g in separate(np.array([[0.0], [5.0], [1.0]]), np.array([[1.0], [6.0], [2.0]]))]
    [[0, 2], [1]]
    """
    open_, closed = [np.arange(len(lower))] if len(lower) else [], []
    while open_:
        group = open_.pop()
        parts = next(
            (p for axis in range(lower.shape[1]) if len(p := _gaps(group, lower[:, axis], upper[:, axis])) > 1), None
        )
        if parts is None:
            closed.append(group)
        else:
            open_ += parts[::-1]
    return closed


def _gaps(group: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> list[np.ndarray]:
    order = group[np.argsort(lower[group], kind="stable")]
    covered = np.maximum.accumulate(upper[order])
    return np.split(order, np.flatnonzero(lower[order][1:] > covered[:-1]) + 1)


def hull(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return the smallest box, shape ``(2, d)``, that holds boxes with corners of shape ``(n, d)``."""
    return np.stack([lower.min(axis=0), upper.max(axis=0)])
