r"""One door to all estimators: what is done to the data before, and how sure the answer is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from escapetime.errors import InvalidInput
from escapetime.stable._checks import Floats
from escapetime.stable.estimators.block import block_log_moment
from escapetime.stable.estimators.characteristic import characteristic
from escapetime.stable.estimators.hill import hill
from escapetime.stable.estimators.likelihood import likelihood
from escapetime.stable.estimators.log_cumulant import log_cumulant
from escapetime.stable.estimators.mcculloch import mcculloch
from escapetime.stable.estimators.result import TailIndex, numbers

METHODS: dict[str, Callable[..., TailIndex]] = {
    "block": block_log_moment,
    "characteristic": characteristic,
    "hill": hill,
    "likelihood": likelihood,
    "log_cumulant": log_cumulant,
    "mcculloch": mcculloch,
}


def tail_index(
    data: Any,
    method: str = "characteristic",
    *,
    center: str | None = "median",
    standardize: bool = False,
    shuffle: bool = False,
    bootstrap: int = 0,
    together: int = 1,
    seed: int = 0,
    **options: Any,
) -> TailIndex:
    r"""Estimate the stability index of data, by any of six methods.

    Parameters
    ----------
    data : array_like or torch.Tensor, shape (n,) or (n, d)
        Along time; or one row a draw and one column a coordinate. A table is read row by row, as stored.
    method : str
        ``"characteristic"``, ``"likelihood"``, ``"mcculloch"``, ``"log_cumulant"``, ``"hill"`` or ``"block"``.
    center : str, optional
        ``"median"`` or ``"mean"`` of each column is taken off, or None and nothing is. A mean that is left makes the
        block estimator say 1.
    standardize : bool
        Divide each column by half of the distance between its quartiles, so that coordinates of different scales may
        be pooled.
    shuffle : bool
        Put the numbers in random order: takes correlation between neighbors away, and mixes scales.
    bootstrap : int
        Number of resamples for the interval; none for the asymptotic interval of the method.
    together : int
        Numbers that are resampled together, to keep correlation in time. For the block estimator at least a block.
    seed : int
        Of shuffling and resampling.
    **options
        Of the method: ``block=`` for ``"block"``, ``fraction=`` for ``"hill"``, ``grid=`` for ``"characteristic"``.

    Returns
    -------
    TailIndex
        With ``alpha``, ``stderr``, ``scale``, ``interval(level)``.

    Raises
    ------
    InvalidInput
        If the method is unknown, or the data are too few, not finite, or of no use to the method.

    Notes
    -----
    Every method answers for data that are stable and independent. Whether these are, :func:`diagnose` says.

    Examples
    --------
    >>> from escapetime.stable import sample
    >>> fit = tail_index(sample(1.5, 20_000, seed=3), bootstrap=50)
    >>> fit.interval(0.99)[0] < 1.5 < fit.interval(0.99)[1]
    True
    """
    if method not in METHODS:
        raise InvalidInput(f"Expected the method to be one of {', '.join(map(repr, METHODS))}; got {method!r}.")
    x = prepare(data, center=center, standardize=standardize).ravel()
    generator = np.random.default_rng(seed)
    if shuffle:
        x = generator.permutation(x)
    estimate = METHODS[method]
    fit = estimate(x, **options)
    if not bootstrap:
        return fit
    # whole pieces are drawn, so that what is close in time stays close
    piece = max(int(together), int(options.get("block") or round(x.size**0.5)) if method == "block" else 1)
    count = x.size // piece
    if count < 10:
        raise InvalidInput(f"Expected at least ten pieces to resample, got {count} of {piece} numbers.")
    pieces = x[: count * piece].reshape(count, piece)
    replicates = np.array(
        [estimate(pieces[generator.integers(count, size=count)].ravel(), **options).alpha for _ in range(bootstrap)]
    )
    return replace(fit, replicates=replicates, stderr=float(replicates.std()))


def prepare(data: Any, *, center: str | None = "median", standardize: bool = False) -> Floats:
    """Return data as a table of n draws and d coordinates, each column centered and brought to one scale as asked."""
    if center not in ("median", "mean", None):
        raise InvalidInput(f"Expected center to be 'median', 'mean' or None, got {center!r}.")
    shape = tuple(data.shape) if hasattr(data, "shape") else np.shape(data)
    if len(shape) not in (1, 2):
        raise InvalidInput(f"Expected data of shape (n,) or (n, d), got {shape}: flatten or reshape them first.")
    x = numbers(data, 20, "estimate of the index").reshape(shape[0], -1)
    if center:
        x = x - (np.median(x, axis=0) if center == "median" else x.mean(axis=0))
    if standardize:
        x = x / half_widths(x)
    return x


def half_widths(x: Floats) -> Floats:
    """Half of the distance between the quartiles of each column; refuses columns of which half are equal."""
    low, high = np.quantile(x, (0.25, 0.75), axis=0)
    dead = int((high <= low).sum())
    if dead:
        raise InvalidInput(
            f"Expected coordinates with a scale, but {dead} of {x.shape[1]} have equal quartiles (they hardly move): "
            "leave them out."
        )
    return (high - low) / 2
