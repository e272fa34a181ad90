"""Domains with flat faces: intervals, boxes and half-spaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy as sp

from escapetime.critical_points import Bounds
from escapetime.domains._checks import number, vector
from escapetime.domains.base import Domain, Face
from escapetime.errors import InvalidInput


class _AxisParallel(Domain):
    """A box whose finite sides are its faces."""

    lower: np.ndarray
    upper: np.ndarray

    def _set(self, lower: Any, upper: Any) -> None:
        self.lower, self.upper = (vector(v, "a bound", finite=False) for v in (lower, upper))
        if self.lower.shape != self.upper.shape or not np.all(self.lower < self.upper):
            raise InvalidInput(
                f"Expected lower < upper in every coordinate, got lower={lower!r}, upper={upper!r}; exchange them?"
            )
        self.dimension = len(self.lower)

    def faces(self, variables: Sequence[sp.Symbol]) -> tuple[Face, ...]:
        """Return the finite sides, lower ones first; in one dimension they are called ``lower`` and ``upper``."""
        one = self.dimension == 1
        low = [
            Face("lower" if one else f"{v} lower", v - sp.Float(a))
            for v, a in zip(variables, self.lower, strict=True)
            if np.isfinite(a)
        ]
        high = [
            Face("upper" if one else f"{v} upper", sp.Float(b) - v)
            for v, b in zip(variables, self.upper, strict=True)
            if np.isfinite(b)
        ]
        return (*low, *high)

    @property
    def bounds(self) -> Bounds:
        """The box itself."""
        return tuple(zip(self.lower.tolist(), self.upper.tolist(), strict=True))


class Interval(_AxisParallel):
    """The open interval ``(lower, upper)`` of the line; an infinite end is not an exit.

    Parameters
    ----------
    lower, upper : float
        Ends, in units of the coordinate; ``-math.inf`` and ``math.inf`` are allowed.

    Raises
    ------
    InvalidInput
        If ``lower >= upper`` or an end is not a number.

    Examples
    --------
    >>> [bool(Interval(-1, 1).contains([x])) for x in (-1, 0, 2)]
    [False, True, False]
    """

    def __init__(self, lower: float, upper: float) -> None:
        self._set([lower], [upper])

    def __repr__(self) -> str:
        return f"Interval({self.lower[0]:g}, {self.upper[0]:g})"


class Box(_AxisParallel):
    """An axis-parallel box in R^d; infinite sides are not exits.

    Parameters
    ----------
    lower, upper : sequence of float
        Corners, shape ``(d,)``.

    Raises
    ------
    InvalidInput
        If ``lower < upper`` fails in a coordinate.
    """

    def __init__(self, lower: Sequence[float], upper: Sequence[float]) -> None:
        self._set(lower, upper)

    def __repr__(self) -> str:
        return f"Box({self.lower.tolist()}, {self.upper.tolist()})"


class HalfSpace(Domain):
    """The half of space in which ``dot(normal, x) < offset``; the exit is a plane.

    Parameters
    ----------
    normal : sequence of float
        Outward normal, shape ``(d,)``; it need not have unit length.
    offset : float
        In units of ``normal . x``.

    Raises
    ------
    InvalidInput
        If the normal is zero, or normal or offset are not finite.
    """

    def __init__(self, normal: Sequence[float], offset: float) -> None:
        direction = vector(normal, "a normal")
        length, level = float(np.linalg.norm(direction)), number(offset)
        if length == 0 or not np.isfinite(level):
            raise InvalidInput(
                f"Expected a normal that is not zero and a finite offset, got {normal!r} and {offset!r}."
            )
        self.normal, self.offset, self.dimension = direction / length, level / length, len(direction)

    def faces(self, variables: Sequence[sp.Symbol]) -> tuple[Face, ...]:
        """Return the one face, ``plane``; its distance is exact."""
        along = sum(sp.Float(n) * v for n, v in zip(self.normal, variables, strict=True) if n != 0)
        return (Face("plane", sp.Float(self.offset) - along),)

    @property
    def bounds(self) -> Bounds:
        """Infinite but for the one side of a half-space whose normal is a coordinate axis."""
        unbounded = [[-np.inf, np.inf] for _ in range(self.dimension)]
        for i, n in enumerate(self.normal):
            if abs(n) == 1.0:
                unbounded[i][1 if n > 0 else 0] = self.offset * n
        return tuple((lo, hi) for lo, hi in unbounded)

    def __repr__(self) -> str:
        return f"HalfSpace({self.normal.tolist()}, {self.offset:g})"
