r"""What is wrong with reading a tail index off data: the known biases, measured on the data at hand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from escapetime.errors import InvalidInput
from escapetime.stable._checks import Floats
from escapetime.stable.estimators import (
    TailIndex,
    block_log_moment,
    gaussian_correlated_index,
    gaussian_mixture_index,
    hill_index,
    tail_index,
)
from escapetime.stable.estimators.tail_index import prepare

_SURE = 4.0  # standard errors
_ROUNDING = 1e-12  # of the largest number


@dataclass(frozen=True)
class Diagnosis:
    """What was found about data.

    Attributes
    ----------
    estimates : dict of str to TailIndex
        Each method on the centered data, pooled as stored.
    blocks : dict of int to tuple of float
        Block estimates for several block lengths: as stored, and shuffled.
    uncentered : float
        Block estimate (longest blocks) with the means left in.
    spread : float
        Standard deviation of the logarithm of the scale, between columns (of a table) or between stretches of as many
        numbers as the longest block; what chance makes of it is taken off.
    correlation : float
        Of two numbers in the same longest block, mean over pairs, from their signs.
    findings : tuple of str
        Sentences: what biases which estimate, and by how much.
    """

    estimates: dict[str, TailIndex]
    blocks: dict[int, tuple[float, float]]
    uncentered: float
    spread: float
    correlation: float
    findings: tuple[str, ...]

    def __str__(self) -> str:
        lines = [
            f"{name:>15}: alpha = {fit.alpha:.3f} +- {fit.stderr:.3f}  ({fit.method})"
            for name, fit in self.estimates.items()
        ]
        return "\n".join([*lines, *(f"- {sentence}" for sentence in self.findings)])


def diagnose(data: Any, *, seed: int = 0) -> Diagnosis:
    r"""Try all estimators on data, and say which known biases show.

    Parameters
    ----------
    data : array_like or torch.Tensor, shape (n,) or (n, d)
        Along time, or one row a draw and one column a coordinate; at least 1000 numbers, in the order as stored.
    seed : int
        Of shuffling.

    Returns
    -------
    Diagnosis
        With ``findings``; print it.

    Raises
    ------
    InvalidInput
        If fewer than 1000 numbers are left without the columns of which half are equal.

    Notes
    -----
    Six checks: do the methods agree; is the block estimate the same for all lengths; does it change when the data are
    shuffled, or when the mean is left in; do scales differ; are neighbors correlated. Data that are stable and
    independent pass all; to pass is no proof.

    Examples
    --------
    Gaussian numbers with ten different scales are not heavy-tailed, and are said to be.

    >>> from escapetime.stable import sample
    >>> found = diagnose(sample(2.0, (2000, 10), seed=1).numpy() * np.exp(np.arange(10) / 3))
    >>> found.estimates["characteristic"].alpha < 1.5
    True
    >>> print(found.findings[-1])  # doctest: +ELLIPSIS
    Scales differ (log-sd 0.9...): after dividing by them alpha is 2.0...
    """
    raw = prepare(data, center=None)
    # equal but for rounding: what is left of a constant after a mean was taken off
    moving = np.ptp(np.quantile(raw, (0.25, 0.75), axis=0), axis=0) > _ROUNDING * np.abs(raw).max(axis=0)
    zeros, raw = float((raw == 0).mean()), raw[:, moving]
    if raw.size < 1000:
        raise InvalidInput(f"Expected at least 1000 numbers in coordinates that move, got {raw.size}.")
    x = prepare(raw)
    flat = x[x != 0]  # with an odd number of draws one is the median itself
    shuffled = np.random.default_rng(seed).permutation(flat)
    names = ("characteristic", "likelihood", "mcculloch", "log_cumulant", "hill", "block")
    estimates = {name: tail_index(flat, name, center=None) for name in names}
    longest = math.isqrt(flat.size)
    lengths = sorted({m for m in (2, 5, 10, 30, 100, 300) if m < longest} | {longest})
    stored = {m: block_log_moment(flat, block=m) for m in lengths}
    mixed = {m: block_log_moment(shuffled, block=m) for m in lengths}
    with_mean = raw.ravel()
    uncentered = block_log_moment(with_mean[with_mean != 0], block=longest)
    stretches = flat[: flat.size // longest * longest].reshape(-1, longest)
    columns = x.T if x.shape[1] > 1 else stretches
    spread, correlation = _spread(columns, shuffled), _correlation(stretches)
    findings = [
        *_dead(zeros, moving),
        *_agreement(estimates),
        *_lengths(stored, mixed),
        *_mean(stored[longest], uncentered),
        *_correlated(correlation, stretches, stored[longest]),
        *_scales(spread, x if x.shape[1] > 1 else None, longest, mixed[longest]),
    ]
    blocks = {m: (stored[m].alpha, mixed[m].alpha) for m in lengths}
    return Diagnosis(estimates, blocks, uncentered.alpha, spread, correlation[0], tuple(findings))


def _differ(one: TailIndex, other: TailIndex) -> bool:
    if not (math.isfinite(one.alpha) and math.isfinite(other.alpha)):
        return one.alpha != other.alpha
    errors = [e for e in (one.stderr, other.stderr) if math.isfinite(e)]
    return abs(one.alpha - other.alpha) > max(0.02, _SURE * math.hypot(*errors, 0.0))


def _dead(zeros: float, moving: NDArray[np.bool_]) -> Iterator[str]:
    if not moving.all() or zeros > 1e-3:
        yield (
            f"{int((~moving).sum())} of {moving.size} coordinates hardly move (equal quartiles) and were left out, as "
            f"were zeros ({zeros:.1%} of all numbers): pooled with the others they would look like a heavy tail."
        )


def _agreement(estimates: dict[str, TailIndex]) -> Iterator[str]:
    best = estimates["characteristic"]
    others = [name for name in ("likelihood", "mcculloch", "log_cumulant", "block") if _differ(estimates[name], best)]
    if others:
        values = ", ".join(f"{name} {estimates[name].alpha:.2f}" for name in others)
        yield (
            f"Methods disagree (characteristic {best.alpha:.2f}; {values}): the numbers are not independent draws of "
            "one symmetric stable law, and there is no index to speak of."
        )
    tail, alpha = estimates["hill"], min(max(best.alpha, 0.1), 2.0)
    expected = hill_index(alpha, 0.01)
    verdict = "as it does" if abs(tail.alpha - expected) <= _SURE * expected / math.sqrt(0.01 * tail.size) else "not as"
    yield (
        f"Hill's estimate from the largest 1 % is {tail.alpha:.2f}, {verdict} on stable numbers with alpha = "
        f"{alpha:.2f}, where its limit is {expected:.2f}."
    )


def _lengths(stored: dict[int, TailIndex], mixed: dict[int, TailIndex]) -> Iterator[str]:
    short, long = min(stored), max(stored)
    if _differ(stored[short], stored[long]):
        yield (
            f"The block estimate depends on the length: {stored[short].alpha:.2f} for blocks of {short}, "
            f"{stored[long].alpha:.2f} for {long}. For a stable law it is the same."
        )
    worst = max(stored, key=lambda m: abs(1 / stored[m].alpha - 1 / mixed[m].alpha))
    if _differ(stored[worst], mixed[worst]):
        yield (
            f"Order matters: blocks of {worst} give {stored[worst].alpha:.2f} as stored and {mixed[worst].alpha:.2f} "
            "shuffled; the first says how neighbors are correlated or scaled, the second mixes scales."
        )


def _mean(centered: TailIndex, uncentered: TailIndex) -> Iterator[str]:
    if _differ(centered, uncentered):
        yield (
            f"The mean is not zero: with it blocks give {uncentered.alpha:.2f}, without {centered.alpha:.2f}: "
            "a mean drives it to 1."
        )


def _correlated(correlation: tuple[float, float], stretches: Floats, block: TailIndex) -> Iterator[str]:
    value, error = correlation
    m = stretches.shape[1]
    if abs(value) > _SURE * error and value > -1 / (m - 1):
        yield (
            f"Neighbors are correlated ({value:.3f} within blocks of {m}): Gaussian numbers with that correlation give "
            f"{gaussian_correlated_index(min(value, 1.0), m):.2f}; here the block estimate is {block.alpha:.2f}."
        )


def _scales(spread: float, table: Floats | None, m: int, mixed: TailIndex) -> Iterator[str]:
    if spread > 0.1 and table is not None:
        alone = tail_index(table, center=None, standardize=True)
        yield (
            f"Scales differ (log-sd {spread:.2f}): after dividing by them alpha is {alone.alpha:.2f}. Gaussian numbers "
            f"with such scales, shuffled, give {gaussian_mixture_index(spread, m):.2f} in blocks of {m}; here "
            f"{mixed.alpha:.2f}."
        )
    elif spread > 0.1:
        yield (
            f"The scale changes along the data (log-sd {spread:.2f} between stretches of {m}): Gaussian numbers with "
            f"such scales, shuffled, give {gaussian_mixture_index(spread, m):.2f}; here {mixed.alpha:.2f}."
        )


def _spread(rows: Floats, shuffled: Floats) -> float:
    # log-sd of the median size of rows, less what rows of the same length have by chance
    def variance(some: Floats) -> float:
        sizes = np.median(np.abs(some), axis=1)
        return float(np.log(sizes[sizes > 0]).var()) if np.count_nonzero(sizes) > 1 else 0.0

    n = rows.shape[1]
    chance = variance(shuffled[: shuffled.size // n * n].reshape(-1, n))
    return math.sqrt(max(0.0, variance(rows) - chance))


def _correlation(rows: Floats) -> tuple[float, float]:
    # from signs, which heavy tails do not trouble: for Gaussian numbers the correlation is sin(pi / 2 times theirs)
    m = rows.shape[1]
    pairs = (np.sign(rows).sum(1) ** 2 - m) / (m * (m - 1))
    return math.sin(math.pi / 2 * float(pairs.mean())), math.pi / 2 * float(pairs.std()) / math.sqrt(len(rows))
