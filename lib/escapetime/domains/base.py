"""What every domain is: an open set given by its faces, each a symbolic signed distance, positive inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from escapetime.critical_points import Bounds
from escapetime.symbolic.compile import ArrayFunction

TINY = sp.Rational(1, 10**30)  # keeps 0/0 away where a distance is a quotient: a center, the bottom of a well


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
        """Return a box that holds the domain, ``((lo, hi), ...)``, infinite where no bound is known."""
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
