"""The decimal number with fewest digits in an interval: what a reader expects to see."""

from __future__ import annotations

import numpy as np


def simplest(lower: np.ndarray, upper: np.ndarray, near: np.ndarray, places: int = 16) -> np.ndarray:
    """Round each coordinate of a point to as few decimal places as keep it inside an enclosure.

    Parameters
    ----------
    lower, upper : numpy.ndarray
        Corners of the enclosure, shape ``(d,)``.
    near : numpy.ndarray
        A point inside, shape ``(d,)``.
    places : int
        Largest number of decimal places to try; a coordinate that needs more stays as it is.

    Returns
    -------
    numpy.ndarray
        Shape ``(d,)``.

    Examples
    --------
    >>> simplest(np.array([0.9999]), np.array([1.0001]), np.array([0.99995])).tolist()
    [1.0]
    """
    result = np.array(near, dtype=float)
    for i, (a, b, c) in enumerate(zip(lower, upper, result.tolist(), strict=True)):
        candidates = (round(c, digits) + 0.0 for digits in range(places + 1))
        result[i] = next((value for value in candidates if a <= value <= b), c)
    return result
