"""Where to put the panels for the integral equation of a chain: as fine as its noise, cut where the answer bends."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.exact.chain_step import SIMULATE, ChainStep
from escapetime.exact.panels import Array

SAMPLES = 20_001
PANEL = 2.5  # width of a panel in units of the noise
VANISHING = 1e-5  # noise at its zero, relative to the noise elsewhere, as a search for the zero finds it
TRISECTIONS = 90
BACK = 4  # steps back over which an edge of the domain is followed: the answer bends at ever higher orders


def chain_edges(step: ChainStep, low: float, high: float, breakpoints: Array, most: int) -> Array:
    """Return the ends of panels between two points, as wide as the mean time is smooth.

    Parameters
    ----------
    step : ChainStep
        The step.
    low, high : float
        Where the panels begin and end.
    breakpoints : numpy.ndarray
        Where a coefficient of the step jumps or bends, shape ``(k,)``.
    most : int
        Panels that are allowed.

    Returns
    -------
    numpy.ndarray
        Shape ``(p + 1,)``, increasing.

    Raises
    ------
    InvalidInput
        If the chain can come to rest inside, or is undefined there.
    RouteNotApplicable
        If it takes more panels than allowed.
    """  # noqa: DOC502 (helpers raise them)
    x = np.linspace(low, high, SAMPLES)
    x[1:-1] += (x[1] - x[0]) * 1e-3  # off the round numbers at which noise vanishes
    mean, spread = step.at(x)
    zeros = _zeros(step, x, spread)
    landing = np.clip(mean, low, high)
    # where a step is blurred little itself, the next one blurs; and a fold of the mean sharpens
    scale = np.maximum(spread, step.at(landing)[1]) / np.maximum(1.0, np.abs(np.gradient(mean, x)))
    # from where no step lands inside, the answer is constant
    scale[(mean + step.law.reach[1] * spread < low) | (mean + step.law.reach[0] * spread > high)] = high - low
    cuts = np.unique(np.concatenate([[low, high], zeros, breakpoints[(breakpoints > low) & (breakpoints < high)]]))
    cuts = _with_origins(step, x, mean, spread, cuts)
    count = np.concatenate([[0.0], np.cumsum(np.diff(x) * (1 / scale[1:] + 1 / scale[:-1]) / (2 * PANEL))])
    if not count[-1] + len(cuts) <= most:
        raise RouteNotApplicable(
            f"A step's noise, {spread.min():.3g} at its smallest between {low:g} and {high:g}, needs "
            f"{count[-1] + len(cuts):.3g} panels, and {most} are allowed. Take a nearer end of the domain or raise "
            "max_nodes; if the learning rate is so small, the diffusion answers (method='quadrature'), or "
            f"{SIMULATE}."
        )
    edges = [cuts[:1]]
    for a, b in pairwise(cuts):
        first, last = np.interp([a, b], x, count)
        pieces = max(1, int(np.ceil(last - first)))
        edges.append(np.append(np.interp(np.linspace(first, last, pieces + 1)[1:-1], count, x), b))
    return _spaced(np.concatenate(edges), cuts)


def _zeros(step: ChainStep, x: Array, spread: Array) -> Array:
    """Find where the noise vanishes; refuse if the chain, once there, stays."""
    lowest = np.flatnonzero((spread[1:-1] <= spread[:-2]) & (spread[1:-1] < spread[2:])) + 1
    low, high = x[lowest - 1], x[lowest + 1]
    for _ in range(TRISECTIONS if len(lowest) else 0):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        falling = step.at(left)[1] > step.at(right)[1]
        low, high = np.where(falling, left, low), np.where(falling, high, right)
    zeros = (low + high) / 2
    mean, least = step.at(zeros)
    vanishes = least <= VANISHING * np.median(spread)
    stays = vanishes & (np.abs(mean - zeros) <= 1e-7 * (x[-1] - x[0]))
    if stays.any():
        raise InvalidInput(
            f"At {zeros[stays][0]:.6g} noise and gradient vanish together: the chain comes to rest there and the mean "
            "time may be infinite. Add a floor to the covariance, or take a domain without that point."
        )
    return zeros[vanishes]


def _with_origins(step: ChainStep, x: Array, mean: Array, spread: Array, cuts: Array) -> Array:
    """Add the points from which a kink of the noise just reaches a cut, and those from which it reaches them, ..."""
    everything = latest = cuts
    for _ in range(BACK if step.law.kinks else 0):
        found = []
        for kink in step.law.kinks:
            reached = mean + kink * spread
            for target in latest:
                signs = np.sign(reached - target)
                for i in np.flatnonzero(signs[1:] * signs[:-1] < 0):
                    found.append(_root(step, kink, float(target), x[i], x[i + 1]))
        latest = np.array(found)
        everything = np.concatenate([everything, latest])
    return np.unique(everything)


def _root(step: ChainStep, kink: float, target: float, low: float, high: float) -> float:
    from scipy.optimize import brentq

    def gap(t: float) -> float:
        mean, spread = step.at(np.array([t]))
        return float(mean[0] + kink * spread[0] - target)

    return float(brentq(gap, low, high, xtol=1e-15 * (1 + abs(low))))


def _spaced(edges: Array, cuts: Array) -> Array:
    """Drop edges that all but coincide."""
    keep = np.append(True, np.diff(edges) > 1e-9 * (edges[-1] - edges[0]))
    keep[-2] &= keep[-1]
    keep[-1] = True
    return edges[keep]
