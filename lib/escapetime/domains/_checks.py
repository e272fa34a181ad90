"""Checks of the numbers that describe a domain."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from escapetime.errors import InvalidInput


def vector(values: Any, what: str, finite: bool = True) -> np.ndarray:
    """Return ``values`` as an array of shape ``(d,)``; ``what`` names them in the refusal."""
    try:
        array = np.array(values, dtype=float)
    except (TypeError, ValueError):
        array = np.array(math.nan)
    if array.ndim != 1 or len(array) == 0 or np.isnan(array).any() or (finite and not np.isfinite(array).all()):
        raise InvalidInput(
            f"Expected {what} as a sequence of {'finite ' if finite else ''}numbers, one a coordinate, got {values!r}."
        )
    return array


def number(value: Any) -> float:
    """Return ``value`` as a float; nan, which every comparison refuses, when it is not a number."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
