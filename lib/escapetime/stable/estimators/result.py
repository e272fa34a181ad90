"""What an estimate of the index carries, and what every estimator asks of its data."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from escapetime.errors import InvalidInput
from escapetime.stable._checks import Floats, level

Ends = tuple[float, float]


@dataclass(frozen=True)
class TailIndex:
    """An estimate of the stability index.

    Attributes
    ----------
    alpha : float
        The estimate. Methods that do not assume a stable law may give more than 2, or infinity.
    stderr : float
        Its standard error for independent data; nan where the estimate is at the end of its range.
    size : int
        Numbers used.
    method : str
        What was computed, in words.
    scale : float
        Estimated scale in the unit of the data; nan if the method has none.
    replicates : numpy.ndarray or None
        Estimates from resampled data, where they were asked for.
    """

    alpha: float
    stderr: float
    size: int
    method: str
    scale: float = math.nan
    replicates: Floats | None = field(default=None, repr=False)
    profile: Callable[[float], Ends] | None = field(default=None, repr=False, compare=False)

    def interval(self, confidence: float = 0.95) -> Ends:
        """Confidence interval of the index.

        Quantiles of the replicates if there are any, else from the likelihood's profile if there is one, else the
        estimate and its standard error.

        Parameters
        ----------
        confidence : float
            Level.

        Returns
        -------
        tuple of float
            Lower and upper end.
        """
        share = level(confidence)
        if self.replicates is not None:
            low, high = np.quantile(self.replicates, ((1 - share) / 2, (1 + share) / 2))
            return float(low), float(high)
        if self.profile is not None:
            return self.profile(share)
        from scipy.special import ndtri

        reach = float(ndtri((1 + share) / 2)) * self.stderr
        return self.alpha - reach, self.alpha + reach


def numbers(data: Any, least: int, method: str, *, no_zeros: bool = False) -> Floats:
    """Return data as a flat array of finite numbers, at least so many, without zeros if asked for."""
    if hasattr(data, "detach"):  # a torch tensor, of any device
        data = data.detach().cpu().numpy()
    x = np.asarray(data, dtype=np.float64).ravel()
    if x.size < least:
        raise InvalidInput(f"Expected at least {least} numbers for the {method}, got {x.size}.")
    if not np.isfinite(x).all():
        raise InvalidInput(f"Expected finite numbers, got {int((~np.isfinite(x)).sum())} of {x.size} that are not.")
    zeros = int((x == 0).sum())
    if no_zeros and zeros:
        raise InvalidInput(
            f"Expected no zeros for the {method}, which takes logarithms; got {zeros} of {x.size}. "
            "Leave out coordinates that do not move, or use method='characteristic'."
        )
    if not (x != x[0]).any():
        raise InvalidInput(f"Expected numbers that differ, got {x.size} times {x[0]:g}.")
    return x


def from_influence(alpha: float, influence: Floats, method: str, size: int, scale: float = math.nan) -> TailIndex:
    """Return an estimate whose standard error comes from how much each datum moves it."""
    stderr = float(influence.std() / math.sqrt(influence.size)) if math.isfinite(alpha) else math.nan
    return TailIndex(alpha, stderr, size, method, scale)
