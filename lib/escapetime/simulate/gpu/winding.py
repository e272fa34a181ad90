"""How the clock of a path is wound in a step: the law of :mod:`escapetime.simulate.brownian_bridge`, face by face."""

from __future__ import annotations

import sympy as sp

from escapetime.simulate.model import StepModel
from escapetime.simulate.schemes import TIME_STEP


class Winding:
    """What a kernel computes of the faces.

    Parameters
    ----------
    model : StepModel
        The problem.
    correction : str
        ``"bridge"`` or ``"none"``.

    Attributes
    ----------
    bridged : list of int
        Faces with a bridge; their distances are carried from step to step.
    rates : dict of str to sympy.Expr
        For bridged faces with a diffusivity that varies, what the product of the distances at both ends is multiplied
        by, so that 2 to that power is the chance of a touch.
    distances : list of sympy.Expr
        To each face; where the rate is constant, in units in which it is -1.
    """

    def __init__(self, model: StepModel, correction: str) -> None:
        self.bridged = [k for k, s in enumerate(model.spreads) if correction == "bridge" and s != 0]
        self.rates: dict[str, sp.Expr] = {}
        self.distances = list(model.distances)
        for k in self.bridged:
            scale = sp.log(2) * TIME_STEP * model.spreads[k]
            if model.spreads[k].free_symbols:
                self.rates[f"rate{k}"] = -1 / scale
            else:
                self.distances[k] = sp.expand_mul(model.distances[k] / sp.sqrt(scale))

    def carried(self, prefix: str) -> list[str]:
        """Return the names of the distances that the next step needs."""
        return [f"{prefix}{k}" for k in self.bridged]

    def lines(self) -> list[str]:
        """Return the lines that wind the clock."""
        return [self._line(k) for k in range(len(self.distances))]

    def _line(self, k: int) -> str:
        if k not in self.bridged:
            return f"wound = tl.where(e{k} > 0.0, wound, 0.0)"
        power = f"rate{k} * (d{k} * e{k})" if f"rate{k}" in self.rates else f"-d{k} * e{k}"
        return f"wound -= wound * tl.minimum(tl.exp2({power}), 1.0)"
