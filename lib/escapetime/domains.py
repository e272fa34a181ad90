"""Regions to escape from. A domain is a set of faces; a face is a symbolic signed distance, positive inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.symbolic.compile import ArrayFunction

Bounds = tuple[tuple[float, float], ...]

_TINY = sp.Rational(1, 10**30)  # keeps 0/0 away from the centre of an ellipsoid and the bottom of a well


@dataclass(frozen=True)
class Face:
    """One piece of a domain's boundary.

    Attributes
    ----------
    name : str
        What results call it when a path leaves there.
    distance : sympy.Expr
        Positive inside, zero on the face, with unit gradient there: the distance to the face (exactly so for planes and
        spheres, to first order near curved faces).
    """

    name: str
    distance: sp.Expr


class Domain:
    """An open region of R^d, the intersection of the insides of its faces. Use one of its subclasses."""

    dimension: int

    def faces(self, variables: Sequence[sp.Symbol]) -> tuple[Face, ...]:
        """Return the faces as expressions in ``variables``; none means that there is no way out."""
        raise NotImplementedError

    @property
    def bounds(self) -> Bounds:
        """Return the smallest box that holds the domain, ``((lo, hi), ...)``, infinite where it is unbounded."""
        return ((-np.inf, np.inf),) * self.dimension

    def distance(self, x: Any) -> Any:
        """Return the signed distance to each face at points ``x`` of shape ``(..., d)``; shape ``(..., faces)``."""
        return self._distance(x)

    def contains(self, x: Any) -> Any:
        """Tell which points ``x`` of shape ``(..., d)`` are inside; boolean, shape ``(...)``."""
        distance = self.distance(np.asarray(x, dtype=float))
        return np.all(distance > 0, axis=-1)

    @cached_property
    def _distance(self) -> ArrayFunction:
        variables = sp.symbols(f"x:{self.dimension}", real=True)
        faces = self.faces(variables)
        return ArrayFunction(variables, [f.distance for f in faces], (len(faces),))


class _Polytope(Domain):
    """A box whose finite sides are its faces."""

    lower: np.ndarray
    upper: np.ndarray

    def _set(self, lower: Any, upper: Any) -> None:
        self.lower, self.upper = (_vector(v, "a bound", finite=False) for v in (lower, upper))
        if self.lower.shape != self.upper.shape or not np.all(self.lower < self.upper):
            raise InvalidInput(
                f"Expected lower < upper in every coordinate, got lower={lower!r}, upper={upper!r}; exchange them?"
            )
        self.dimension = len(self.lower)

    def faces(self, variables: Sequence[sp.Symbol]) -> tuple[Face, ...]:
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
        return tuple(zip(self.lower.tolist(), self.upper.tolist(), strict=True))


class Interval(_Polytope):
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


class Box(_Polytope):
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
    """The points with ``normal . x < offset``; the exit is a plane.

    Parameters
    ----------
    normal : sequence of float
        Outward normal, shape ``(d,)``; it need not have unit length.
    offset : float
        In units of ``normal . x``.

    Raises
    ------
    InvalidInput
        If the normal is zero or not finite.
    """

    def __init__(self, normal: Sequence[float], offset: float) -> None:
        vector = _vector(normal, "a normal")
        length = float(np.linalg.norm(vector))
        if length == 0 or not np.isfinite(offset):
            raise InvalidInput(
                f"Expected a normal that is not zero and a finite offset, got {normal!r} and {offset!r}."
            )
        self.normal, self.offset, self.dimension = vector / length, float(offset) / length, len(vector)

    def faces(self, variables: Sequence[sp.Symbol]) -> tuple[Face, ...]:
        along = sum(sp.Float(n) * v for n, v in zip(self.normal, variables, strict=True) if n != 0)
        return (Face("plane", sp.Float(self.offset) - along),)

    @property
    def bounds(self) -> Bounds:
        unbounded = [[-np.inf, np.inf] for _ in range(self.dimension)]
        for i, n in enumerate(self.normal):
            if abs(n) == 1.0:
                unbounded[i][1 if n > 0 else 0] = self.offset * n
        return tuple((lo, hi) for lo, hi in unbounded)

    def __repr__(self) -> str:
        return f"HalfSpace({self.normal.tolist()}, {self.offset:g})"


class Ball(Domain):
    """The ball ``|x - center| < radius``.

    Parameters
    ----------
    center : sequence of float
        Shape ``(d,)``.
    radius : float
        Positive.

    Raises
    ------
    InvalidInput
        If the radius is not positive and finite.
    """

    def __init__(self, center: Sequence[float], radius: float) -> None:
        self.center, self.radius = _vector(center, "a center"), float(radius)
        if not 0 < self.radius < np.inf:
            raise InvalidInput(f"Expected a positive finite radius, got {radius!r}.")
        self.dimension = len(self.center)

    def _from_center(self, variables: Sequence[sp.Symbol]) -> sp.Expr:
        return sp.sqrt(sum((v - sp.Float(c)) ** 2 for v, c in zip(variables, self.center, strict=True)))

    def faces(self, variables: Sequence[sp.Symbol]) -> tuple[Face, ...]:
        return (Face("sphere", sp.Float(self.radius) - self._from_center(variables)),)

    @property
    def bounds(self) -> Bounds:
        return tuple((c - self.radius, c + self.radius) for c in self.center.tolist())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.center.tolist()}, {self.radius:g})"


class Exterior(Ball):
    """All of space but the ball ``|x - center| <= radius``: leaving it is arriving at a target."""

    def faces(self, variables: Sequence[sp.Symbol]) -> tuple[Face, ...]:
        return (Face("target", self._from_center(variables) - sp.Float(self.radius)),)

    @property
    def bounds(self) -> Bounds:
        return ((-np.inf, np.inf),) * self.dimension


class Ellipsoid(Domain):
    """The ellipsoid ``sum(((x - center) / axes)**2) < 1``.

    Parameters
    ----------
    center : sequence of float
        Shape ``(d,)``.
    axes : sequence of float
        Half-axes, shape ``(d,)``, positive.

    Raises
    ------
    InvalidInput
        If an axis is not positive and finite or the shapes differ.
    """

    def __init__(self, center: Sequence[float], axes: Sequence[float]) -> None:
        self.center, self.axes = _vector(center, "a center"), _vector(axes, "an axis")
        if self.axes.shape != self.center.shape or not np.all(self.axes > 0):
            raise InvalidInput(f"Expected {len(self.center)} positive half-axes, got {axes!r}.")
        self.dimension = len(self.center)

    def faces(self, variables: Sequence[sp.Symbol]) -> tuple[Face, ...]:
        scaled = [(v - sp.Float(c)) / sp.Float(a) for v, c, a in zip(variables, self.center, self.axes, strict=True)]
        square = sum(s**2 for s in scaled)
        slope = sum((s / sp.Float(a)) ** 2 for s, a in zip(scaled, self.axes, strict=True))
        smallest = sp.Float(float(np.min(self.axes)))
        # rho (1 - rho) / |grad rho| divided by rho: unit slope on the surface, finite at the center
        return (Face("surface", (1 - sp.sqrt(square)) * sp.sqrt((square + _TINY) / (slope + _TINY / smallest**2))),)

    @property
    def bounds(self) -> Bounds:
        return tuple((c - a, c + a) for c, a in zip(self.center.tolist(), self.axes.tolist(), strict=True))

    def __repr__(self) -> str:
        return f"Ellipsoid({self.center.tolist()}, {self.axes.tolist()})"


class Sublevel(Domain):
    """The points where a loss is below a level: the natural basin of a minimum.

    Parameters
    ----------
    landscape : Landscape
        The loss.
    level : float
        In units of the loss.
    """

    def __init__(self, landscape: Landscape, level: float) -> None:
        if not np.isfinite(level):
            raise InvalidInput(f"Expected a finite level of the loss, got {level!r}.")
        self.landscape, self.level, self.dimension = landscape, float(level), landscape.dimension

    def faces(self, variables: Sequence[sp.Symbol]) -> tuple[Face, ...]:
        rename = dict(zip(self.landscape.variables, variables, strict=True))
        loss = self.landscape.expression.xreplace(rename)
        slope = sp.sqrt(sum(sp.diff(loss, v) ** 2 for v in variables) + _TINY)
        return (Face("level", (sp.Float(self.level) - loss) / slope),)

    def __repr__(self) -> str:
        return f"Sublevel({self.landscape.name}, {self.level:g})"


def _vector(values: Any, what: str, finite: bool = True) -> np.ndarray:
    try:
        vector = np.array(values, dtype=float)
    except (TypeError, ValueError):
        vector = np.array(np.nan)
    if vector.ndim != 1 or len(vector) == 0 or np.isnan(vector).any() or (finite and not np.isfinite(vector).all()):
        raise InvalidInput(
            f"Expected {what} as a sequence of {'finite ' if finite else ''}numbers, one a coordinate, got {values!r}."
        )
    return vector
