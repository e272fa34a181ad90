"""What every estimator asks of its input, so that each refusal reads the same."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from escapetime.errors import InvalidInput

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def vector(values: ArrayLike, name: str) -> Floats:
    # Return `values` as a non-empty, finite, one-dimensional float64 array.
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{name} must be real numbers; got {type(values).__name__}: {error}.") from error
    if array.ndim != 1:
        raise InvalidInput(f"{name} must be one-dimensional, shape (n,); got shape {array.shape}. Flatten it first.")
    if array.size == 0:
        raise InvalidInput(f"{name} is empty; at least one value is needed.")
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise InvalidInput(
            f"{name} must be finite; entry {bad[0]} is {array[bad[0]]} ({bad.size} such in all). "
            "A run that did not finish has its censoring time in `times` and False in `observed`."
        )
    return array


def number(value: float, name: str, *, positive: bool = False) -> float:
    # Return `value` as a finite float, positive if asked for.
    try:
        result = float(value)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{name} must be a real number; got {value!r}.") from error
    if not np.isfinite(result) or (positive and result <= 0.0):
        raise InvalidInput(f"{name} must be a {'positive, ' if positive else ''}finite number; got {result}.")
    return result


def level(value: float) -> float:
    # Return a confidence level, strictly between 0 and 1.
    result = number(value, "level")
    if not 0.0 < result < 1.0:
        raise InvalidInput(f"level is a probability strictly between 0 and 1, such as 0.95; got {value}.")
    return result


def lifetimes(times: ArrayLike, observed: ArrayLike | None, after: float = 0.0) -> tuple[Floats, Bools]:
    # Return times at risk since `after` and whether each ended in an exit, for the runs still at risk at `after`.
    duration = vector(times, "times")
    if (duration < 0.0).any():
        raise InvalidInput(f"times must not be negative; got {duration.min()}. Measure them from each run's start.")
    seen: NDArray = np.ones(duration.shape, dtype=bool) if observed is None else np.asarray(observed)
    if seen.shape != duration.shape:
        raise InvalidInput(f"observed must have the shape of times, {duration.shape}; got shape {seen.shape}.")
    if seen.dtype != bool:
        if not np.isin(seen, (0, 1)).all():
            raise InvalidInput("observed must be True (escape seen) or False (run cut), or 1 and 0; got other values.")
        seen = seen.astype(bool)
    delay = number(after, "after")
    if delay < 0.0:
        raise InvalidInput(f"after must not be negative; got {delay}.")
    if delay > 0.0:
        at_risk = duration > delay
        if not at_risk.any():
            raise InvalidInput(f"no run lasted longer than after={delay}; the longest took {duration.max()}.")
        duration, seen = duration[at_risk] - delay, seen[at_risk]
    if not duration.any():
        raise InvalidInput("every time is zero: nothing was at risk, so no mean can be estimated.")
    return duration, seen
