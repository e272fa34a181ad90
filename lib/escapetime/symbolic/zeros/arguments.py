"""Checks of what callers pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy as sp

from escapetime.errors import InvalidInput


def check_box(box: Sequence[Sequence[float]] | np.ndarray, variables: Sequence[sp.Symbol]) -> np.ndarray:
    """Return a box ``((lo, hi), ...)`` as corners of shape ``(2, d)``, or refuse it.

    Parameters
    ----------
    box : sequence of pairs
        One pair for each variable.
    variables : sequence of sympy.Symbol
        The coordinates.

    Returns
    -------
    numpy.ndarray
        Lower and upper corner.

    Raises
    ------
    InvalidInput
        If the box is not finite, has an empty side, or has another dimension.
    """
    try:
        corners = np.array(box, dtype=float).T
    except (TypeError, ValueError):
        corners = np.empty(0)
    if corners.shape != (2, len(variables)):
        raise InvalidInput(f"Expected a box with one pair (lo, hi) for each of {tuple(variables)}, got {box!r}.")
    if not np.isfinite(corners).all() or not np.all(corners[0] < corners[1]):
        raise InvalidInput(
            f"Expected finite lo < hi in every coordinate of the box, got {box!r}; give it finite sides."
        )
    return corners
