"""Where the attractor ends, and how levels are numbered: found out before the runs."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from escapetime.errors import RouteNotApplicable
from escapetime.simulate.multilevel.branching import FIRST_RUN, Request, Run, Surfaces
from escapetime.simulate.multilevel.walker import Walker, resolution

PATHS, STEPS = 32, 1 << 12  # paths, and steps of each, whose heights are looked at
SETTLING = 1 << 10  # steps before that
LOOP = 1 << 10  # steps a loop may take on average: the higher up it leads, the longer
NEAREST = 0.05  # share of states that are too near an exit to be about the attractor, where the level does not tell
SCOUTS = 100  # particles of the runs that find out how high the exits are


@dataclass(frozen=True)
class Survey:
    """What was seen about an attractor.

    Attributes
    ----------
    states : numpy.ndarray
        Shape ``(n, size)``.
    heights, distances : numpy.ndarray
        Their heights, and their distances to the nearest face; a row for each path.
    """

    states: NDArray[np.float64]
    heights: NDArray[np.float64]
    distances: NDArray[np.float64]


def survey(walker: Walker, request: Request, home: NDArray[np.float64]) -> Survey:
    """Look at short paths that begin at an attractor.

    Other wells of the domain, which a long path might visit, are not to count.

    Parameters
    ----------
    walker : Walker
        Compiled walks.
    request : Request
        With the seed.
    home : numpy.ndarray
        A state near an attractor, shape ``(size,)``.

    Returns
    -------
    Survey
        The same whenever it is made.
    """
    states, heights, distances = np.empty((PATHS, STEPS, len(home))), np.empty((PATHS, STEPS)), np.empty((PATHS, STEPS))
    walker.kernels.survey(
        np.uint64(request.seed), np.uint64(0), home, SETTLING, states, heights, distances, walker.constants
    )
    return Survey(states.reshape(-1, len(home)), heights, distances)


def choose(walker: Walker, request: Request, seen: Survey, default: bool) -> Surfaces:
    """Choose the surfaces from the spread of the height about an attractor.

    The choice decides how much a run costs, not what it estimates.

    Parameters
    ----------
    walker : Walker
        Compiled walks.
    request : Request
        With the number of particles.
    seen : Survey
        Of this walker.
    default : bool
        Whether the level is the default of :class:`~escapetime.simulate.multilevel.walker.Walker`.

    Returns
    -------
    Surfaces
        The same for every run, and independent of all of them.

    Raises
    ------
    RouteNotApplicable
        If the height never changes.
    """
    heights = seen.heights
    low = float(np.median(heights))
    above = heights[heights > low]
    if not len(above) or not np.isfinite(low):
        raise RouteNotApplicable(
            f"The level stays at {low:.6g} for {heights.size} steps: there is no noise that could lead out, or the "
            "level does not depend on what moves. Give a level that rises towards the exit."
        )
    candidates = np.unique(np.quantile(above, np.linspace(0, 1, 65)[:-1], method="higher"))
    # the higher, the fewer loops
    slow = bisect_left(candidates, True, key=lambda c: _ascents(heights, low, c) * LOOP < PATHS * STEPS)
    high, levels = float(candidates[max(slow - 1, 0)]), resolution(request.particles, len(walker.start))
    if default:
        return Surfaces(low, high, -high / levels, -math.inf)
    surfaces = Surfaces(low, high, (high - low) / 16, float(np.quantile(seen.distances, NEAREST)))
    for scout in range(FIRST_RUN):
        scouts = replace(request, particles=SCOUTS, kill=1)
        found = Run(walker, surfaces, scouts, scout, np.zeros(1, np.int64))()
        peak = max(found.peak, 1.0) / levels
        surfaces = replace(surfaces, unit=surfaces.unit * peak)
        if 0.5 < peak <= 1:
            break
    return surfaces


def _ascents(heights: NDArray[np.float64], low: float, high: float) -> int:
    """How often a row goes from below ``low`` to above ``high``."""
    side = np.where(heights < low, -1, np.where(heights >= high, 1, 0)).ravel()
    side = side[side != 0]
    return int(np.sum((side[:-1] < 0) & (side[1:] > 0)))
