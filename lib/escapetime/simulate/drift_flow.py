r"""Where the drift alone takes many points, each in a time of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from escapetime.errors import NumericalFailure
from escapetime.processes.levy import LevyDriven
from escapetime.symbolic.compile import ArrayFunction
from escapetime.symbolic.flows import exact_flow

Array = NDArray[np.float64]
Flow = Callable[[Array, Array], Array]
ROUNDS = 100_000
LIMITS = (0.2, 5.0)  # of the factor by which a step grows
STAGES = (
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)
ERROR = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)
RELATIVE = 1e-8  # error of a step, over the distance from the origin
FINER = 0.01  # error of a step, over the distance at which a point has arrived: an explicit step hovers around a sink


def drift_flow(process: LevyDriven, tolerance: float) -> Flow:
    r"""Return the map ``(x, t) -> y`` with :math:`\dot x = b(x)`, for arrays of points and of times.

    Parameters
    ----------
    process : LevyDriven
        Its drift.
    tolerance : float
        Where no closed form is known: the distance from a sink at which a point counts as arrived, and a hundred times
        the error of a step; in the unit of the coordinates.

    Returns
    -------
    callable
        From points of shape ``(n, d)`` and times ``(n,)`` to points ``(n, d)``. A closed form where
        :func:`~escapetime.symbolic.flows.exact_flow` knows one; else the pair of orders 5 and 4 of Dormand and
        Prince, with a step size of each point's own.

    Raises
    ------
    NumericalFailure
        By the callable, if the steps shrink without end.

    Examples
    --------
    >>> from escapetime import landscapes, levy
    >>> flow = drift_flow(levy(landscapes.quadratic(1.0), alpha=1.5), 1e-8)
    >>> (flow(np.array([[1.0], [2.0]]), np.array([0.0, 1.0])) * np.exp([[0.0], [1.0]])).ravel().round(12).tolist()
    [1.0, 2.0]
    """  # noqa: DOC502 - raised by what it returns
    time = sp.Symbol("time", positive=True)
    known = exact_flow(list(process.drift), process.variables, time)
    if known is not None:
        closed = ArrayFunction((*process.variables, time), list(known), (len(known),))
        return lambda x, t: closed(np.column_stack([x, t]))
    return _Stepper(process, tolerance)


class _Stepper:
    def __init__(self, process: LevyDriven, tolerance: float) -> None:
        d = process.dimension
        self.drift = ArrayFunction(process.variables, list(process.drift), (d,))
        self.slope = ArrayFunction(process.variables, list(process.drift.jacobian(process.variables)), (d, d))
        self.tolerance = tolerance

    def __call__(self, x: Array, t: Array) -> Array:
        y, left = np.array(x, dtype=float), np.array(t, dtype=float)
        b = self.drift(y)
        step = np.minimum(left, 0.1 / (1e-12 + np.abs(self.slope(y)).sum(axis=(1, 2))))
        for _ in range(ROUNDS):
            going = np.flatnonzero(left > 0)
            if not going.size:
                return y
            h = np.minimum(step, left)[going]
            new, last, off = self._try(y[going], b[going], h)
            good = off <= 1
            kept = going[good]
            y[kept], b[kept] = new[good], last[good]
            left[kept] = np.where(h[good] >= left[kept], 0.0, left[kept] - h[good])
            with np.errstate(divide="ignore"):
                step[going] = h * np.where(np.isfinite(off), np.clip(0.9 * off**-0.2, *LIMITS), LIMITS[0])
            left[kept[self._arrived(y[kept], b[kept])]] = 0.0
        raise NumericalFailure(
            f"The drift could not be followed in {ROUNDS} steps: it is stiff or singular. Use escapetime.simulate with "
            "a small dt, or a larger tolerance."
        )

    def _try(self, at: Array, first: Array, h: Array) -> tuple[Array, Array, Array]:
        """Return the end of a step, the drift there, and the error over what is allowed."""
        size, slopes = h[:, None], [first]
        with np.errstate(over="ignore", invalid="ignore"):  # a step that was much too long is refused
            for row in STAGES:
                new = at + size * sum(w * k for w, k in zip(row, slopes, strict=True))
                slopes.append(self.drift(new))
            error = np.linalg.norm(size * sum(w * k for w, k in zip(ERROR, slopes, strict=True)), axis=1)
            off = error / (FINER * self.tolerance + RELATIVE * np.linalg.norm(at, axis=1))
        return new, slopes[-1], off

    def _arrived(self, y: Array, b: Array) -> NDArray[np.bool_]:
        """Next to a sink nothing is left to follow; next to a saddle there is."""
        slope = self.slope(y)
        arrived = np.linalg.norm(b, axis=1) < self.tolerance * np.abs(slope).sum(axis=(1, 2))
        if arrived.any():
            near = slope[arrived]
            sink = np.linalg.eigvals(near).real.max(axis=1) < 0
            near[~sink] = -np.eye(y.shape[1])
            gap = np.linalg.norm(np.linalg.solve(near, b[arrived][:, :, None])[:, :, 0], axis=1)
            arrived[arrived] = sink & (gap < self.tolerance)
        return arrived
