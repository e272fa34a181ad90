r"""One run: loops about the attractor, and the splitting of the excursions from them.

A run needs no decision of a human and none that depends on what it is to estimate. From ``n`` states in which a long
direct path came up from below ``low``, it walks ``n`` paths until they are back below ``low`` (A) or outside (B). Then,
again and again: :math:`z` is the level which the ``kill``-th lowest of the paths just reached; all paths that got no
higher are killed, ties included, ``K`` of them; each is replaced by a copy of a survivor drawn at random, up to and
including the survivor's first state above :math:`z`, and walked on from there with fresh noise. Every path carries the
weight :math:`w = \prod (1 - K/n)`. When fewer than ``kill`` are left inside, what is outside is counted:

.. math:: \hat p = w\,\frac{\#\{B\}}{n} , \qquad
    \hat D = \frac1n \sum_{\text{killed}} w_{\text{then}}\,T + \frac wn \sum_{\text{left}} T .

Both are unbiased, :math:`\hat p` for the chance to reach B before A and :math:`\hat D` for the mean duration of a walk,
whatever the level function, ``n`` and ``kill`` (Brehier et al. 2016; in their terms, paths that are killed are retired
with the weight they have, so that any functional of the whole path is estimated). If all are killed at once and there
is no survivor, :math:`\hat p = 0`, which is part of being unbiased.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from escapetime.errors import RouteNotApplicable
from escapetime.simulate.multilevel.walker import EXIT, Paths, Walker

PATHS_OF_A_RUN = 1 << 40  # path numbers a run may use
FIRST_RUN = 8  # the runs before it find out about surfaces
LONG = 10  # ordinary loops that no ordinary excursion takes
WAYS = 2  # states that show which way paths left
_NOBODY = np.zeros(0, np.int64)


class Stopped(Exception):
    """The run was told to stop."""


@dataclass(frozen=True)
class Request:
    """What is asked of the runs.

    Attributes
    ----------
    particles, kill : int
        Paths of a run, and how many are killed at least.
    runs, seed : int
        Number of runs; seed of all of them.
    burn_in, limit : int
        Steps of the direct path before loops are counted; most steps of one walk.
    """

    particles: int
    runs: int
    kill: int
    seed: int
    burn_in: int
    limit: int


@dataclass(frozen=True)
class Surfaces:
    """Where the attractor ends, and how levels are numbered.

    Attributes
    ----------
    low : float
        The attractor's neighborhood A is where the height is below this.
    high : float
        Excursions begin where the height has reached this.
    unit : float
        Height of one level above ``high``.
    far : float
        A is where no exit is as near as this, besides.
    """

    low: float
    high: float
    unit: float
    far: float


@dataclass(frozen=True)
class Repetition:
    """What one run has measured; times are in steps.

    Attributes
    ----------
    probability : float
        Chance that an excursion ends outside.
    excursion : float
        Mean duration of an excursion, the rare ones at their weight.
    resting : float
        What those excursions have of this mean that took longer than ``LONG`` ordinary loops.
    ascent : float
        Mean time from the return to A to the next excursion.
    reach : float
        Chance of reaching A from the start before leaving.
    approach : float
        Mean time from the start until A is reached, or until it leaves.
    iterations : int
        How often paths were killed.
    steps : int
        Steps walked.
    overflows : int
        Paths that became invalid.
    early : int
        Exits of the direct path before loops were counted.
    peak : float
        Greatest height above ``high``, in levels.
    ways : numpy.ndarray
        States high up on some paths that left, shape ``(n, size)``; n may be zero.
    """

    probability: float
    excursion: float
    resting: float
    ascent: float
    reach: float
    approach: float
    iterations: int
    steps: int
    overflows: int
    early: int
    peak: float
    ways: NDArray[np.float64]


class Run:
    """One run of a walker.

    Parameters
    ----------
    walker : Walker
        Compiled walks.
    surfaces : Surfaces
        Where the attractor ends.
    request : Request
        With sizes, and the seed.
    number : int
        Number of the run: with the seed it fixes every draw.
    halt : numpy.ndarray
        Shape ``(1,)``; it stops when this is not zero.
    """

    def __init__(
        self, walker: Walker, surfaces: Surfaces, request: Request, number: int, halt: NDArray[np.int64]
    ) -> None:
        self.walker, self.surfaces, self.halt = walker, surfaces, halt
        self.kill, self.seed = request.kill, np.uint64(request.seed)
        self.burn_in, self.limit = request.burn_in, request.limit
        self.next_path = (number + 1) * PATHS_OF_A_RUN
        self.paths = Paths(request.particles, len(walker.start))
        self.told, self.peak = np.zeros(6, np.int64), np.zeros(1)

    def __call__(self) -> Repetition:
        """Measure once; Stopped if it was told to stop, RouteNotApplicable if a path has no end."""
        reach, approach = self._approach()
        self._loops()
        ascents, ascent, early = int(self.told[3]), float(self.told[4]), int(self.told[5])
        ascent /= ascents
        probability, excursion, resting, iterations = self._split(ascent)
        return Repetition(
            probability, excursion, resting, ascent, reach, approach, iterations, int(self.told[0]), int(self.told[1]),
            early, float(self.peak[0]), self._ways(),
        )  # fmt: skip

    def _approach(self) -> tuple[float, float]:
        """Walk from the start to A."""
        paths = self.paths
        if self.walker.at_rest(self.walker.start, self.surfaces.low, self.surfaces.far):
            return 1.0, 0.0
        paths.found[:, 0], paths.times[:, 0], paths.states[:, 0] = -1, 0, self.walker.start
        self._walk(np.arange(paths.number), _NOBODY, 0)
        return 1 - float(np.mean(paths.tops == EXIT)), float(paths.ends.mean())

    def _loops(self) -> None:
        paths, levels = self.paths, self.surfaces
        self.walker.kernels.loops(
            self.seed, self._numbers(1), self.walker.start, self.burn_in, levels.low, levels.high, levels.far,
            1 / levels.unit, paths.levels, self.limit, self.walker.constants, self.halt, paths.found, paths.times,
            paths.states, self.told,
        )  # fmt: skip
        self._check()

    def _split(self, ascent: float) -> tuple[float, float, float, int]:
        paths, n = self.paths, self.paths.number
        self._walk(np.arange(n), _NOBODY, 0)
        long = LONG * (ascent + float(np.median(paths.ends)))
        weight, excursion, resting, iterations = 1.0, 0.0, 0.0, 0

        def count(ends: NDArray[np.int64]) -> None:
            nonlocal excursion, resting
            excursion += weight * float(ends.sum()) / n
            resting += weight * float(ends[ends > long].sum()) / n

        while (floor := int(np.partition(paths.tops, self.kill - 1)[self.kill - 1])) != EXIT:
            killed = paths.tops <= floor
            slots, donors = np.flatnonzero(killed), np.flatnonzero(~killed)
            count(paths.ends[slots])
            iterations += 1
            weight *= len(donors) / n
            if not len(donors):
                return 0.0, excursion, resting, iterations
            self._walk(slots, donors, floor)
        count(paths.ends)
        return weight * float(np.mean(paths.tops == EXIT)), excursion, resting, iterations

    def _ways(self) -> NDArray[np.float64]:
        paths = self.paths
        slots = np.flatnonzero((paths.tops == EXIT) & (paths.counts > 1))[:WAYS]
        return paths.states[slots, paths.counts[slots] - 2].copy()

    def _walk(self, slots: NDArray[np.int64], donors: NDArray[np.int64], floor: int) -> None:
        paths, levels = self.paths, self.surfaces
        self.walker.kernels.excursions(
            self.seed, self._numbers(len(slots)), slots, donors, floor, levels.low, levels.high, levels.far,
            1 / levels.unit, paths.levels, self.limit, self.walker.constants, self.halt, paths.found, paths.times,
            paths.states, paths.counts, paths.tops, paths.ends, self.told, self.peak,
        )  # fmt: skip
        self._check()

    def _numbers(self, count: int) -> Any:
        first, self.next_path = self.next_path, self.next_path + count
        return np.uint64(first)

    def _check(self) -> None:
        if self.told[2]:
            raise RouteNotApplicable(
                f"A path was neither back at the attractor nor outside after {self.limit} steps: the domain has "
                "another well, in which paths rest. End the domain at the pass between the two, or raise max_steps."
            )
        if self.halt[0]:
            raise Stopped
