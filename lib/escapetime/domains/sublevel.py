"""The domain that a loss itself draws: where it is below a level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy as sp

from escapetime.domains._checks import number
from escapetime.domains.base import TINY, Domain, Face
from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape


class Sublevel(Domain):
    """The points where a loss is below a level: the natural basin of a minimum.

    Parameters
    ----------
    landscape : Landscape
        The loss.
    level : float
        In units of the loss.

    Raises
    ------
    InvalidInput
        If the loss is not a Landscape or the level is not finite.
    """

    def __init__(self, landscape: Landscape, level: float) -> None:
        if not isinstance(landscape, Landscape):
            raise InvalidInput(f"Expected a Landscape, got {type(landscape).__name__}; use Landscape.parse('...').")
        self.landscape, self.level, self.dimension = landscape, number(level), landscape.dimension
        if not np.isfinite(self.level):
            raise InvalidInput(f"Expected a finite level of the loss, got {level!r}.")

    def faces(self, variables: Sequence[sp.Symbol]) -> tuple[Face, ...]:
        """Return the one face, ``level``; its distance is exact to first order near the level set."""
        rename = dict(zip(self.landscape.variables, variables, strict=True))
        loss = self.landscape.expression.xreplace(rename)
        slope = sp.sqrt(sum(sp.diff(loss, v) ** 2 for v in variables) + TINY)
        return (Face("level", (sp.Float(self.level) - loss) / slope),)

    def __repr__(self) -> str:
        return f"Sublevel({self.landscape.name}, {self.level:g})"
