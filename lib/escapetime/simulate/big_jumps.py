r"""Escapes by jumps, event by event: only jumps above a cut, and the flow of the drift between them.

A process with stable noise makes infinitely many jumps. Those longer than a cut :math:`\delta` come one by one, with
exponential waiting times and sizes :math:`\delta\,U^{-1/\alpha}`, and nothing has to be stepped between them. When the
noise is so weak that a path waits long for a jump that matters, this is the only cheap way to simulate it: the cost
does not know the noise's scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes.levy import LevyDriven
from escapetime.simulate.drift_flow import drift_flow
from escapetime.simulate.passages import CENSORED, Passages
from escapetime.stable.constants import tail_constant
from escapetime.stats import exponential_mle, mean_estimate

Array = NDArray[np.float64]
CUT = 0.1  # of the distance from the start to the nearest face
TOLERANCE = 1e-6  # of the same distance
EVENTS = 1_000_000
GAUSSIAN_STEPS = 20  # to a time in which the drift changes by a factor e


@dataclass(frozen=True)
class _Jumps:
    """Jumps of the noise beyond a cut."""

    alpha: float
    matrix: Array
    isotropic: bool
    cut: float  # in the unit of the noise

    @property
    def rate(self) -> float:
        sources = self.matrix.shape[1]
        mass = tail_constant(self.alpha, sources) if self.isotropic else sources * tail_constant(self.alpha)
        return mass * self.cut**-self.alpha

    @property
    def rest(self) -> float:
        """Variance per unit of time, and per source, of all smaller jumps."""
        return self.rate / self.matrix.shape[1] * self.alpha / (2 - self.alpha) * self.cut**2

    def draw(self, n: int, random: np.random.Generator) -> Array:
        sources = self.matrix.shape[1]
        size = self.cut * (1 - random.random(n)) ** (-1 / self.alpha)
        if self.isotropic:
            normal = random.standard_normal((n, sources))
            way = normal / np.linalg.norm(normal, axis=1, keepdims=True)
        else:
            way = np.zeros((n, sources))
            way[np.arange(n), random.integers(sources, size=n)] = random.choice([-1.0, 1.0], size=n)
        return (size[:, None] * way) @ self.matrix.T


def first_passage(
    problem: EscapeProblem,
    *,
    paths: int = 10_000,
    cut: float | None = None,
    small_jumps: str = "none",
    dt: float | None = None,
    seed: int = 0,
    max_events: int = EVENTS,
) -> Passages:
    r"""Simulate the escape from a well by large jumps.

    Parameters
    ----------
    problem : EscapeProblem
        A :class:`~escapetime.processes.levy.LevyDriven` process of index below 2, in a domain that its drift does not
        leave.
    paths : int
        Number of paths.
    cut : float, optional
        Jumps longer than this are simulated, in the unit of the coordinates (some shorter ones too, if the columns of
        the mixing matrix differ in length). By default a tenth of the distance from the start to the nearest face.
    small_jumps : str
        ``"none"``: the others are left out. ``"gaussian"``: a Brownian motion with their variance takes their place,
        in steps of `dt`.
    dt : float, optional
        With ``"gaussian"`` only: longest step between jumps. By default a twentieth of the time in which the drift
        changes by a factor e at the start.
    seed : int
        Of numpy's default generator.
    max_events : int
        Paths are cut after so many stretches between jumps.

    Returns
    -------
    Passages
        ``steps`` counts the stretches; ``details`` holds ``cut``, ``jump_rate`` and ``noise``, the variance per unit of
        time and source that was left out or made Gaussian.

    Raises
    ------
    RouteNotApplicable
        If the process is another.
    InvalidInput
        If an option is unfit.

    Notes
    -----
    Asmussen and Rosinski 2001 (``asmussen2001``) for the small jumps. The leading law of weak noise (one large jump) is
    exact for every cut. Of the next order, by which the mean time differs from it, a share of the size
    :math:`(\delta/r)^{2-\alpha}` is left out with the small jumps (``r``: distance to the nearest face), and most of it
    returns with the Gaussian. Near index 2, and for noise that is not weak, this is not the method: use
    ``et.simulate``. A path that the *drift* carries out is seen at the end of a stretch.

    Examples
    --------
    >>> from escapetime import EscapeProblem, Interval, landscapes, levy
    >>> weak = levy(landscapes.quadratic(1.0), alpha=1.0, scale=1e-9)
    >>> out = first_passage(EscapeProblem(weak, 0.0, Interval(-1, 1)), paths=4000, seed=1)
    >>> 0.95 < float(out.times.mean()) * 1e-9 / (np.pi / 2) < 1.05
    True
    """
    process, domain = problem.process, problem.domain
    if not isinstance(process, LevyDriven) or process.alpha == 2:
        raise RouteNotApplicable(
            f"Large jumps are what stable noise of index below 2 has, got {process}; use escapetime.simulate."
        )
    if small_jumps not in ("none", "gaussian"):
        raise InvalidInput(f"Expected small_jumps to be 'none' or 'gaussian', got {small_jumps!r}.")
    start = np.array(problem.start)
    near = float(np.min(domain.distance(start)))
    delta = CUT * near if cut is None else float(cut)
    if not (0 < delta < math.inf and paths >= 1 and max_events >= 1):
        raise InvalidInput(
            f"Expected a positive cut and positive numbers of paths and events, got {cut!r}, {paths!r}, {max_events!r}."
        )
    if dt is not None and (small_jumps == "none" or not dt > 0):
        raise InvalidInput(f"Expected a positive dt, and only with small_jumps='gaussian', got {dt!r}.")
    matrix = np.array(process.mixing.tolist(), dtype=float)
    isotropic = process.kind == "isotropic"
    longest = np.linalg.norm(matrix, 2) if isotropic else np.linalg.norm(matrix, axis=0).max()
    jumps = _Jumps(process.alpha, matrix, isotropic, delta / float(longest))
    longest_stretch = math.inf
    if small_jumps == "gaussian":
        longest_stretch = dt if dt is not None else _relaxation(process, start) / GAUSSIAN_STEPS
    random, flow = np.random.default_rng(seed), drift_flow(process, TOLERANCE * near)

    x, times = np.tile(start, (paths, 1)), np.zeros(paths)
    steps, face = np.zeros(paths, dtype=np.int64), np.full(paths, CENSORED, dtype=np.int64)
    points, alive = np.full(x.shape, np.nan), np.arange(paths)
    for _ in range(max_events):
        wait = random.exponential(1 / jumps.rate, size=len(alive))
        jump = wait <= longest_stretch
        wait = np.minimum(wait, longest_stretch)
        x = flow(x, wait)
        if small_jumps == "gaussian":
            noise = random.standard_normal((len(alive), matrix.shape[1])) @ matrix.T
            x = x + np.sqrt(jumps.rest * wait)[:, None] * noise
        inside = domain.contains(x)  # the drift or the Gaussian may have led out before the jump
        leap = jump & inside
        x[leap] += jumps.draw(int(leap.sum()), random)
        times[alive] += wait
        steps[alive] += 1
        distance = domain.distance(x)
        out = ~np.all(distance > 0, axis=-1)
        gone = alive[out]
        face[gone], points[gone] = np.argmin(distance[out], axis=-1), x[out]
        x, alive = x[~out], alive[~out]
        if not alive.size:
            break
    names = tuple(f.name for f in domain.faces(process.variables))
    details = {
        "engine": "numpy", "scheme": "big jumps", "cut": delta, "jump_rate": jumps.rate, "small_jumps": small_jumps,
        "noise": jumps.rest, "dt": longest_stretch, "steps": int(steps.sum()), "invalid": 0,
    }  # fmt: skip
    return Passages(times, steps, face, points, np.arange(paths), names, process.time_unit, details)


def _relaxation(process: LevyDriven, start: Array) -> float:
    slope = np.array(process.drift.jacobian(process.variables).subs(dict(zip(process.variables, start, strict=True))))
    fastest = float(np.abs(slope.astype(float)).sum(axis=1).max())
    if not fastest > 0:
        raise InvalidInput("At the start the drift does not change with the position: give dt.")
    return 1 / fastest


def escape_time(
    problem: EscapeProblem,
    *,
    paths: int = 10_000,
    cut: float | None = None,
    small_jumps: str = "none",
    dt: float | None = None,
    seed: int = 0,
    max_events: int = EVENTS,
) -> EscapeTime:
    """Estimate the mean escape time by large jumps, event by event.

    Parameters
    ----------
    problem, paths, cut, small_jumps, dt, seed, max_events
        As for :func:`first_passage`, and with its regime: weak noise.

    Returns
    -------
    EscapeTime
        With ``details["passages"]``; the interval is statistical, and knows nothing of what the cut leaves out.

    Raises
    ------
    NumericalFailure
        If no path left.

    Examples
    --------
    >>> from escapetime import EscapeProblem, Interval, landscapes, levy
    >>> weak = levy(landscapes.quadratic(1.0), alpha=1.5, scale=1e-6)
    >>> escape_time(EscapeProblem(weak, 0.0, Interval(-1, 2)), paths=2000).details["faces"]["lower"] > 1300
    True
    """
    passages = first_passage(
        problem, paths=paths, cut=cut, small_jumps=small_jumps, dt=dt, seed=seed, max_events=max_events
    )
    cut_paths = int(passages.censored.sum())
    if cut_paths == len(passages.times):
        raise NumericalFailure("No path left: raise max_events, or the cut.")
    whole = not cut_paths and len(passages.times) > 1
    estimate = mean_estimate(passages.times) if whole else exponential_mle(passages.times, passages.observed)
    return EscapeTime(
        mean=estimate.mean, stderr=estimate.stderr, method="event simulation of large jumps",
        source=("asmussen2001",), time_unit=passages.time_unit, paths=len(passages.times), censored=cut_paths,
        seed=seed, details={**passages.details, "faces": passages.face_counts, "passages": passages},
        interval_at=estimate.interval,
    )  # fmt: skip
