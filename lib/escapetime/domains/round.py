"""Domains with one curved face: balls, what is outside a ball, and ellipsoids."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy as sp

from escapetime.critical_points import Bounds
from escapetime.domains._checks import number, vector
from escapetime.domains.base import TINY, Domain, Face
from escapetime.errors import InvalidInput


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
        self.center, self.radius = vector(center, "a center"), number(radius)
        if not 0 < self.radius < np.inf:
            raise InvalidInput(f"Expected a positive finite radius, got {radius!r}.")
        self.dimension = len(self.center)

    def _from_center(self, variables: Sequence[sp.Symbol]) -> sp.Expr:
        return sp.sqrt(sum((v - sp.Float(c)) ** 2 for v, c in zip(variables, self.center, strict=True)))

    def faces(self, variables: Sequence[sp.Symbol]) -> tuple[Face, ...]:
        """Return the one face, ``sphere``; its distance is exact."""
        return (Face("sphere", sp.Float(self.radius) - self._from_center(variables)),)

    @property
    def bounds(self) -> Bounds:
        """The circumscribed cube."""
        return tuple((c - self.radius, c + self.radius) for c in self.center.tolist())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.center.tolist()}, {self.radius:g})"


class Exterior(Ball):
    """All of space but the ball ``|x - center| <= radius``: leaving it is arriving at a target."""

    def faces(self, variables: Sequence[sp.Symbol]) -> tuple[Face, ...]:
        """Return the one face, ``target``; its distance is exact."""
        return (Face("target", self._from_center(variables) - sp.Float(self.radius)),)

    @property
    def bounds(self) -> Bounds:
        """Infinite on every side."""
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
        self.center, self.axes = vector(center, "a center"), vector(axes, "an axis")
        if self.axes.shape != self.center.shape or not np.all(self.axes > 0):
            raise InvalidInput(f"Expected {len(self.center)} positive half-axes, got {axes!r}.")
        self.dimension = len(self.center)

    def faces(self, variables: Sequence[sp.Symbol]) -> tuple[Face, ...]:
        """Return the one face, ``surface``; its distance is exact to first order near the surface."""
        scaled = [(v - sp.Float(c)) / sp.Float(a) for v, c, a in zip(variables, self.center, self.axes, strict=True)]
        square = sum(s**2 for s in scaled)
        slope = sum((s / sp.Float(a)) ** 2 for s, a in zip(scaled, self.axes, strict=True))
        smallest = sp.Float(float(np.min(self.axes)))
        # rho (1 - rho) / |grad rho| divided by rho: unit slope on the surface, finite at the center
        return (Face("surface", (1 - sp.sqrt(square)) * sp.sqrt((square + TINY) / (slope + TINY / smallest**2))),)

    @property
    def bounds(self) -> Bounds:
        """The circumscribed box, ``center -+ axes``."""
        return tuple((c - a, c + a) for c, a in zip(self.center.tolist(), self.axes.tolist(), strict=True))

    def __repr__(self) -> str:
        return f"Ellipsoid({self.center.tolist()}, {self.axes.tolist()})"
