"""The way down: the path that the drift alone takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.paths.action import Array
from escapetime.paths.newton import evenly
from escapetime.processes.base import Diffusion

AT_REST = 1e-6
LONGEST = 1e6  # in units of one over the fastest rate at the start


def relaxation_path(process: Diffusion, start: ArrayLike, *, towards: ArrayLike, segments: int = 256) -> Array:
    """Follow the drift from a point, or off a saddle, to the sink in which it ends.

    Parameters
    ----------
    process : Diffusion
        Only its drift is used.
    start : array-like
        Shape ``(d,)``. From a saddle the path begins along the unstable direction.
    towards : array-like
        A point on the side of the saddle on which to go down, such as the sink, shape ``(d,)``; without meaning where
        the drift does not vanish at the start.
    segments : int
        Number of steps of the result.

    Returns
    -------
    numpy.ndarray
        Evenly spaced, from ``start`` to the sink, shape ``(segments + 1, d)``. Its action is 0.

    Raises
    ------
    InvalidInput
        If the start is a sink.
    NumericalFailure
        If the drift does not come to rest.

    Examples
    --------
    >>> import escapetime as et
    >>> process = et.langevin(et.landscapes.double_well(), temperature=1.0)
    >>> relaxation_path(process, [0.0], towards=[-1.0])[-1].round(4)
    array([-1.])
    """
    from scipy.integrate import solve_ivp

    x = np.atleast_1d(np.asarray(start, dtype=float))
    goal = np.atleast_1d(np.asarray(towards, dtype=float))
    jacobian = np.array(process.drift.jacobian(process.variables).subs(dict(zip(process.variables, x, strict=True))))
    rates, modes = np.linalg.eig(jacobian.astype(float))
    begin, size = x, float(np.linalg.norm(goal - x))
    if np.linalg.norm(process.drift_at(x)) < AT_REST:
        if np.max(rates.real) <= 0:
            raise InvalidInput(f"Nothing leaves {x.tolist()} without noise: it is a sink of the drift.")
        away = modes[:, np.argmax(rates.real)].real
        begin = x + 1e-5 * size * away / np.linalg.norm(away) * (1.0 if away @ (goal - x) >= 0 else -1.0)

    def slow(_: float, at: Array) -> float:
        return float(np.linalg.norm(process.drift_at(at))) - AT_REST * size

    slow.terminal, slow.direction = True, -1  # type: ignore[attr-defined]
    horizon = LONGEST / max(float(np.max(np.abs(rates))), 1e-6)
    flow = solve_ivp(
        lambda _, at: process.drift_at(at), (0, horizon), begin, method="LSODA", rtol=1e-9, atol=1e-12, events=slow
    )
    if flow.status != 1:
        raise NumericalFailure(f"The drift from {x.tolist()} does not come to rest; is there a cycle?")
    way = flow.y.T
    apart = np.concatenate([[True], np.linalg.norm(np.diff(way, axis=0), axis=1) > 1e-7 * size])
    return evenly(np.vstack([x, way[apart]]) if begin is not x else way[apart], segments)
