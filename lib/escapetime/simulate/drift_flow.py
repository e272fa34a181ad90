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


def drift_flow(process: LevyDriven, tolerance: float) -> Flow:
    r"""Return the map ``(x, t) -> y`` with :math:`\dot x = b(x)`, for arrays of points and of times.

    Parameters
    ----------
    process : LevyDriven
        Its drift.
    tolerance : float
        Error of a step where no closed form is known, and distance from a sink at which a point counts as arrived; in
        the unit of the coordinates.

    Returns
    -------
    callable
        From points of shape ``(n, d)`` and times ``(n,)`` to points ``(n, d)``. A closed form where
        :func:`~escapetime.symbolic.flows.exact_flow` knows one; else the pair of orders 3 and 2 of Bogacki and
        Shampine, with a step size of each point's own.

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
        b, matrix = self.drift(y), self.slope(y)
        step = np.minimum(left, 0.1 / (1e-12 + np.abs(matrix).sum(axis=(1, 2))))
        for _ in range(ROUNDS):
            going = np.flatnonzero(left > 0)
            if not going.size:
                return y
            h, at, k1 = np.minimum(step, left)[going], y[going], b[going]
            size = h[:, None]
            k2 = self.drift(at + size / 2 * k1)
            k3 = self.drift(at + 0.75 * size * k2)
            new = at + size * (2 * k1 + 3 * k2 + 4 * k3) / 9
            k4 = self.drift(new)
            off = np.linalg.norm(size * (-5 * k1 + 6 * k2 + 8 * k3 - 9 * k4) / 72, axis=1) / self.tolerance
            good = off <= 1
            kept = going[good]
            y[kept], b[kept] = new[good], k4[good]
            left[kept] = np.where(h[good] >= left[kept], 0.0, left[kept] - h[good])
            with np.errstate(divide="ignore"):
                step[going] = h * np.where(np.isfinite(off), np.clip(0.9 * off ** (-1 / 3), *LIMITS), LIMITS[0])
            left[kept[self._arrived(y[kept], b[kept])]] = 0.0
        raise NumericalFailure(
            f"The drift could not be followed in {ROUNDS} steps: it is stiff or singular. Use escapetime.simulate with "
            "a small dt, or a larger tolerance."
        )

    def _arrived(self, y: Array, b: Array) -> NDArray[np.bool_]:
        """Next to a sink nothing is left to follow; next to a saddle there is."""
        near = np.linalg.norm(b, axis=1) < self.tolerance * np.abs(self.slope(y)).sum(axis=(1, 2))
        arrived = np.zeros(len(y), dtype=bool)
        for i in np.flatnonzero(near):
            matrix = self.slope(y[i])
            sink = np.linalg.eigvals(matrix).real.max() < 0
            arrived[i] = sink and np.linalg.norm(np.linalg.solve(matrix, b[i])) < self.tolerance
        return arrived
