"""Critical points of a loss: what they are, how they are found, and which minima a saddle connects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from escapetime.errors import NumericalFailure

if TYPE_CHECKING:
    from escapetime.landscape import Landscape

Bounds = tuple[tuple[float, float], ...]

DEGENERATE = 1e-7  # an eigenvalue below this fraction of the largest (or below it outright) has no sign to speak of


@dataclass(frozen=True, eq=False)
class CriticalPoint:
    """A point where the gradient vanishes, with the Hessian's eigen-system there.

    Attributes
    ----------
    point : numpy.ndarray
        Coordinates, shape ``(d,)``, units of the parameters.
    value : float
        Loss at the point.
    eigenvalues : numpy.ndarray
        Hessian eigenvalues in ascending order, shape ``(d,)``, loss per squared parameter.
    eigenvectors : numpy.ndarray
        Orthonormal columns, shape ``(d, d)``, in the order of the eigenvalues.
    certified : bool
        True when interval arithmetic has proved that exactly one critical point lies here.
    """

    point: np.ndarray
    value: float
    eigenvalues: np.ndarray
    eigenvectors: np.ndarray
    certified: bool = True

    @property
    def index(self) -> int:
        """Number of negative eigenvalues."""
        return int(np.sum(self.eigenvalues < 0))

    @property
    def kind(self) -> str:
        """One of ``minimum``, ``saddle``, ``maximum``, ``degenerate`` (an eigenvalue is zero to rounding)."""
        size = np.abs(self.eigenvalues)
        if np.min(size) <= DEGENERATE * max(1.0, float(np.max(size))):
            return "degenerate"
        return {0: "minimum", len(self.point): "maximum"}.get(self.index, "saddle")

    def __repr__(self) -> str:
        where = ", ".join(f"{c:.6g}" for c in self.point + 0.0)
        spectrum = ", ".join(f"{e:.6g}" for e in self.eigenvalues)
        return f"<{self.kind} at ({where}), value {self.value:.6g}, Hessian eigenvalues ({spectrum})>"


@dataclass(frozen=True, eq=False)
class Transition:
    """A way out of a minimum: over which saddle, into which minimum, at what height.

    Attributes
    ----------
    minimum, saddle : CriticalPoint
        Where it starts and the index-1 critical point it passes.
    target : CriticalPoint or None
        The minimum on the other side; None when the descent leaves the box.
    """

    minimum: CriticalPoint
    saddle: CriticalPoint
    target: CriticalPoint | None

    @property
    def barrier(self) -> float:
        """Loss at the saddle minus loss at the minimum."""
        return self.saddle.value - self.minimum.value


def find_critical_points(landscape: Landscape, box: Bounds) -> list[CriticalPoint]:
    """Return all critical points in ``box``, in ascending order of the loss; see :meth:`Landscape.critical_points`."""
    from escapetime.symbolic.zeros import isolate_zeros

    zeros = isolate_zeros(list(landscape.gradient), landscape.variables, box, jacobian=landscape.hessian)
    points = [critical_point(landscape, zero.point, zero.certified) for zero in zeros]
    return sorted(points, key=lambda p: (round(p.value, 9), tuple(p.point)))


def critical_point(landscape: Landscape, point: Sequence[float] | np.ndarray, certified: bool) -> CriticalPoint:
    """Attach value and Hessian eigen-system to a known critical point."""
    x = np.asarray(point, dtype=float)
    eigenvalues, eigenvectors = np.linalg.eigh(landscape.hess(x))
    return CriticalPoint(x, float(landscape.value(x)), eigenvalues, eigenvectors, certified)


def descend(landscape: Landscape, start: np.ndarray, box: Bounds) -> np.ndarray | None:
    """Follow the gradient flow from ``start`` to the minimum it ends in.

    Parameters
    ----------
    landscape : Landscape
        The loss.
    start : numpy.ndarray
        Shape ``(d,)``.
    box : tuple of pairs
        The descent stops when it leaves this region.

    Returns
    -------
    numpy.ndarray or None
        The end point, shape ``(d,)``; None when the flow leaves the box.

    Raises
    ------
    NumericalFailure
        If the flow has not come to rest after a very long time (a degenerate valley).
    """
    from scipy.integrate import solve_ivp

    lower, upper = np.array(box, dtype=float).T
    rate = max(float(np.max(np.abs(np.linalg.eigvalsh(landscape.hess(start))))), 1e-12)
    x, horizon = np.asarray(start, dtype=float), 50.0 / rate

    def velocity(_: float, y: np.ndarray) -> np.ndarray:
        # constant beyond the box: an unbounded fall would overflow before anybody looks
        return -landscape.grad(np.clip(y, lower, upper))

    def inside(_: float, y: np.ndarray) -> float:
        return float(np.min(np.minimum(y - lower, upper - y)))

    inside.terminal = True  # type: ignore[attr-defined]
    if inside(0.0, x) < 0:
        return None
    for _ in range(40):
        flow = solve_ivp(velocity, (0.0, horizon), x, method="LSODA", rtol=1e-8, atol=1e-10, events=inside)
        if flow.status != 0:
            return None
        x, horizon = flow.y[:, -1], 2 * horizon
        if np.linalg.norm(landscape.grad(x)) < 1e-7 * max(1.0, rate):
            return x
    raise NumericalFailure(
        f"Steepest descent from {np.round(start, 6).tolist()} is still moving after t = {horizon:.2g}: "
        "the valley is degenerate; give transitions a box in which every minimum is a point."
    )


def find_transitions(landscape: Landscape, box: Bounds) -> list[Transition]:
    """Connect minima through the index-1 saddles in ``box``; see :meth:`Landscape.transitions`."""
    points = find_critical_points(landscape, box)
    minima = [p for p in points if p.kind == "minimum"]
    result = []
    for saddle in (p for p in points if p.index == 1 and p.kind != "degenerate"):
        ends = [_descend_to(landscape, saddle, sign, minima, box) for sign in (-1.0, 1.0)]
        result += [Transition(a, saddle, b) for a, b in (ends, ends[::-1]) if a is not None]
    return sorted(result, key=lambda t: (t.minimum.value, t.barrier))


def _descend_to(
    landscape: Landscape, saddle: CriticalPoint, sign: float, minima: list[CriticalPoint], box: Bounds
) -> CriticalPoint | None:
    scale = np.min(np.ptp(np.array(box), axis=1))
    end = descend(landscape, saddle.point + sign * 1e-4 * scale * saddle.eigenvectors[:, 0], box)
    if end is None or not minima:
        return None
    nearest = min(minima, key=lambda m: float(np.linalg.norm(m.point - end)))
    return nearest if np.linalg.norm(nearest.point - end) < 1e-3 * scale else None
