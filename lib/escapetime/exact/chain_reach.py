"""How far out the panels of a chain have to go on an infinite side, and whether it comes back from there."""

from __future__ import annotations

import math

import numpy as np

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.exact.chain_panels import chain_edges
from escapetime.exact.chain_solution import Solution
from escapetime.exact.chain_step import SIMULATE, ChainStep
from escapetime.exact.collocation import Collocation
from escapetime.exact.panels import Array

NEVER = 1e-13  # visits beyond the end of the panels, per escape, that are as good as none
STEADY = 1e-11  # relative change of the answer, twice in a row, that is as good as none
GROWTH, EXTENSIONS = 1.3, 60
SPREADING = 5000  # steps
ORDER = 12  # nodes in a panel, for looking around


def span_of(
    step: ChainStep, ends: tuple[float, float], start: float, cuts: Array, most: int
) -> tuple[tuple[float, float], float]:
    """Return the ends of the panels, and the relative error left by an end that is no exit.

    Parameters
    ----------
    step : ChainStep
        The step.
    ends : tuple of float
        Of the domain, at least one of them finite.
    start : float
        Where the chain starts.
    cuts : numpy.ndarray
        Breakpoints, shape ``(k,)``.
    most : int
        Panels that are allowed.

    Returns
    -------
    tuple
        The two ends, and an estimate of the error relative to the mean.

    Raises
    ------
    InvalidInput
        If bounded noise keeps the chain inside for good, or nothing brings it back from an infinite end.
    NumericalFailure
        If however far out they go the answer still changes.
    """  # noqa: DOC502 (helpers raise them)
    _refuse_enclosed(step, ends, start)
    if all(map(math.isfinite, ends)):
        return ends, 0.0
    side, outward = (0, -1.0) if math.isinf(ends[0]) else (1, 1.0)
    wall = ends[1 - side]
    _refuse_drifting_off(step, start, outward, abs(wall - start))
    reach = max(abs(wall - start), 20 * float(step.at(np.array([start]))[1][0]))
    before, change = math.inf, math.inf
    for _ in range(EXTENSIONS):
        end = start + outward * reach
        span = (end, wall) if side == 0 else (wall, end)
        edges = chain_edges(step, *span, cuts, most)
        found = Solution.of(Collocation(step, edges, (side == 1, side == 0), ORDER), start)
        latest = abs(found.steps / before - 1)
        if found.beyond < NEVER:
            return span, found.beyond
        if max(latest, change) < STEADY:
            return span, latest + change
        before, change = found.steps, latest
        reach *= GROWTH
    raise NumericalFailure(
        f"Panels out to {end:.4g} still change the mean time, by {change:.1e} of itself: the chain strays "
        f"without bound. Bound the domain on that side, or {SIMULATE}."
    )


def _refuse_drifting_off(step: ChainStep, start: float, outward: float, size: float) -> None:
    far = start + outward * (size + 1e-3) * np.geomspace(1.0, 1e6, 40)
    move = outward * (step.unchecked(far)[:, 0] - far)
    move = move[~np.isnan(move)]
    if len(move) and move[-1] >= 0:
        raise InvalidInput(
            f"Nothing brings the chain back from {'-+'[int(outward > 0)]}infinity: the mean escape time is infinite. "
            "Bound the domain on that side, or use a loss that rises there."
        )


def _refuse_enclosed(step: ChainStep, ends: tuple[float, float], start: float) -> None:
    """Follow what can be reached at all, where the law has a bound."""
    if not any(map(math.isfinite, step.law.support)):
        return
    low, high = start, start
    for _ in range(SPREADING):
        mean, spread = step.at(np.linspace(low, high, 1001))
        # 0 * inf where noise vanishes: no step out there
        down, up = (mean + np.where(spread > 0, spread * bound, 0.0) for bound in step.law.support)
        wider = min(low, float(np.min(down))), max(high, float(np.max(up)))
        if wider[0] <= ends[0] or wider[1] >= ends[1]:
            return
        if (low - wider[0]) + (wider[1] - high) <= 1e-12 * (high - low):
            raise InvalidInput(
                f"The noise of a step is bounded, and never takes the chain beyond {low:.6g} and {high:.6g}: the mean "
                "escape time is infinite. Take a nearer exit, more noise or another law."
            )
        low, high = wider
