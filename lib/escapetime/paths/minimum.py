"""The most probable path between two points, its action, and how well both are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from escapetime.errors import InvalidInput
from escapetime.paths.action import Array, Segments, checked_points
from escapetime.paths.newton import evenly, minimize
from escapetime.processes.base import Diffusion

SEGMENTS = 256


@dataclass(frozen=True, eq=False)
class MinimumActionPath:
    r"""A path of least action.

    Attributes
    ----------
    points : numpy.ndarray
        Evenly spaced along the path, shape ``(n + 1, d)``.
    action : float
        Its action, extrapolated from two resolutions: the exponent of the escape time, a pure number.
    stderr : float
        Estimated numerical error of ``action``: what the extrapolation changed.
    actions : tuple of float
        On half the segments, and on all of them.
    quasipotential : numpy.ndarray
        The action from the start up to each point, shape ``(n + 1,)``, extrapolated: along the path from a sink it is
        the difference of the quasipotential. It is constant where the path follows the drift.
    momentum : numpy.ndarray
        :math:`p = D^{-1}(\dot\varphi - b)/2`, the gradient of the quasipotential along the path, shape
        ``(n + 1, d)``; 0 at the ends if these are fixed points.
    """

    points: Array
    action: float
    stderr: float
    actions: tuple[float, float]
    quasipotential: Array
    momentum: Array

    def __repr__(self) -> str:
        ends = " to ".join(str(np.round(p + 0.0, 6).tolist()) for p in self.points[[0, -1]])
        return f"<path from {ends}, action {self.action:.6g} +- {self.stderr:.1g}>"


def minimum_action_path(
    process: Diffusion,
    start: ArrayLike,
    end: ArrayLike,
    *,
    segments: int = SEGMENTS,
    guess: ArrayLike | None = None,
) -> MinimumActionPath:
    r"""Find the most probable path from one point to another in the limit of weak noise.

    Parameters
    ----------
    process : Diffusion
        Any drift; any invertible diffusion matrix, constant or not.
    start, end : array-like
        Shape ``(d,)``; a sink of the drift, and the saddle on its boundary, or any other point.
    segments : int
        Number of steps at the finer of two resolutions, even, at least 16.
    guess : array-like, optional
        A path near which to look, shape ``(k, d)``; its ends are replaced. By default the straight line.

    Returns
    -------
    MinimumActionPath
        A local minimum of the action: another guess may lead to a lower one.

    Raises
    ------
    InvalidInput
        If shapes are wrong, the points are the same, or the number of segments is unfit.
    RouteNotApplicable
        If the diffusion matrix is singular.
    NumericalFailure
        If the iteration does not converge.

    Notes
    -----
    The geometric action of Heymann and Vanden-Eijnden 2008 (``heymann2008``), discretized by the midpoint rule and
    minimized by Newton's method across the path. Second order in the step. A path that passes a fixed point on its way
    has a corner there and should be asked for in pieces.

    Examples
    --------
    In detailed balance the action is the barrier over the temperature:

    >>> import escapetime as et
    >>> process = et.langevin(et.landscapes.double_well_with_valley(), temperature=0.01)
    >>> bent = [(-1, 0), (-0.5, 0.2), (0, 0)]
    >>> round(minimum_action_path(process, (-1, 0), (0, 0), segments=64, guess=bent).action, 4)
    25.0
    """  # noqa: DOC502 - raised by what it calls
    ends = [np.atleast_1d(np.asarray(p, dtype=float)) for p in (start, end)]
    if any(p.shape != (process.dimension,) or not np.isfinite(p).all() for p in ends) or np.allclose(ends[0], ends[1]):
        raise InvalidInput(f"Expected two different points of shape ({process.dimension},), got {start!r} and {end!r}.")
    if not (isinstance(segments, (int, np.integer)) and segments >= 16 and segments % 2 == 0):
        raise InvalidInput(f"Expected an even number of segments, at least 16, got {segments!r}.")
    line = np.linspace(ends[0], ends[1], 5) if guess is None else checked_points(process, guess).copy()
    line[0], line[-1] = ends
    cost = Segments(process)
    coarse = minimize(cost, evenly(line, int(segments) // 2))
    fine = minimize(cost, evenly(coarse, int(segments)))
    low, high = (np.concatenate([[0.0], np.cumsum(cost.cost(path))]) for path in (coarse, fine))
    correction = (high[-1] - low[-1]) / 3
    rise = high[-1] or 1.0
    return MinimumActionPath(
        fine, float(high[-1] + correction), float(abs(correction)), (float(low[-1]), float(high[-1])),
        high * (1 + correction / rise), _momentum(process, cost, fine),
    )  # fmt: skip


def _momentum(process: Diffusion, cost: Segments, points: Array) -> Array:
    from scipy.interpolate import CubicSpline

    tangent = CubicSpline(np.arange(len(points)), points)(np.arange(len(points)), 1)
    drift, metric = process.drift_at(points), cost.metric(points)

    def size(v: Array) -> Array:
        return np.sqrt(np.einsum("ni,nij,nj->n", v, metric, v))

    return np.einsum("nij,nj->ni", metric, tangent * (size(drift) / size(tangent))[:, None] - drift) / 2
