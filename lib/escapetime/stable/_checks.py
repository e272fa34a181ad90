"""What the functions of this room ask of their arguments, so that each refusal reads the same."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from escapetime.errors import InvalidInput

Floats = NDArray[np.float64]


def stability(alpha: Any, least: float = 0.0, why: str = "") -> float:
    # Return the stability index as a float: in (0, 2], or in [least, 2] where `why` says what fails below.
    try:
        value = float(alpha)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"Expected the stability index alpha as a number, got {alpha!r}.") from error
    if not 0.0 < value <= 2.0:
        raise InvalidInput(
            f"Expected a stability index alpha in (0, 2] (1 is Cauchy, 2 is Gaussian), got {value:g}: "
            "no stable law has another."
        )
    if value < least:
        raise InvalidInput(f"Expected alpha in [{least:g}, 2], got {value:g}: {why}.")
    return value


def positive(value: Any, name: str) -> float:
    # Return `value` as a positive finite float.
    try:
        result = float(value)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"Expected {name} to be a number, got {value!r}.") from error
    if not (result > 0.0 and math.isfinite(result)):
        raise InvalidInput(f"Expected {name} to be positive and finite, got {result:g}.")
    return result


def dimension(value: Any) -> int:
    # Return a number of dimensions, at least one.
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise InvalidInput(f"Expected the dimension to be a positive integer, got {value!r}.")
    return int(value)


def level(value: Any) -> float:
    # Return a confidence level, strictly between 0 and 1.
    result = positive(value, "the level of an interval")
    if result >= 1.0:
        raise InvalidInput(f"Expected the level of an interval below 1, such as 0.95; got {result:g}.")
    return result
