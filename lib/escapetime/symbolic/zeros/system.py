"""A square system of equations with its Jacobian, as interval functions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import sympy as sp

from escapetime.symbolic.intervals import IntervalExtension
from escapetime.symbolic.intervals.arithmetic import round_down, round_up
from escapetime.symbolic.zeros.krawczyk import Contraction, krawczyk


class System:
    """The equations ``f(x) = 0``: ``d`` functions of ``d`` variables.

    Parameters
    ----------
    functions : sequence of sympy.Expr
        Length ``d``.
    variables : sequence of sympy.Symbol
        Length ``d``.
    jacobian : sympy.Matrix
        ``d x d``, derivative of function ``i`` by variable ``j``.
    """

    def __init__(self, functions: Sequence[sp.Expr], variables: Sequence[sp.Symbol], jacobian: sp.Matrix) -> None:
        self.functions = IntervalExtension(functions, variables)
        self._entries = list(jacobian)
        self.jacobian = IntervalExtension(self._entries, variables)

    def may_vanish(self, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
        """Return which boxes of shape ``(m, d)`` are not proved free of zeros by their image."""
        value = self.functions(lower, upper)
        return np.all((value.lower <= 0) & (value.upper >= 0), axis=1)

    @cached_property
    def curvature(self) -> IntervalExtension:
        """All ``d**3`` second derivatives, made when first needed."""
        variables = self.functions.variables
        return IntervalExtension([sp.diff(entry, v) for entry in self._entries for v in variables], variables)

    def contract(
        self, center: np.ndarray, radius: np.ndarray, second_order: bool = False
    ) -> tuple[Contraction, np.ndarray, np.ndarray]:
        """Apply Krawczyk's operator to the boxes ``center + [-radius, radius]``.

        Parameters
        ----------
        center, radius : numpy.ndarray
            Shape ``(m, d)``.
        second_order : bool
            Sharpen the bounds of the Jacobian by its own mean-value form, which costs ``d**3`` second derivatives.

        Returns
        -------
        contraction : Contraction
            Where the zeros of each box can be, and where there is exactly one.
        possible : numpy.ndarray
            Boolean, shape ``(m,)``: False where the mean-value form proves that there is none.
        slopes : numpy.ndarray
            Largest absolute value of each derivative on the box, shape ``(m, d, d)``.
        """
        d = center.shape[1]
        lower, upper = round_down(center - radius), round_up(center + radius)
        bounds = self.jacobian(lower, upper)
        jacobian = bounds.lower.reshape(-1, d, d), bounds.upper.reshape(-1, d, d)
        value = self.functions(center, center)[:2]
        # the theorem needs the functions to be differentiable on the whole box, which may reach beyond the searched one
        defined = ~bounds.undefined.any(axis=1)
        if not self.functions.total:
            defined &= ~self.functions(lower, upper).undefined.any(axis=1)
        with np.errstate(all="ignore"):  # unbounded slopes give nan, which proves nothing
            if second_order:
                jacobian = self._second_order(jacobian, center, radius, lower, upper)
            slopes = np.maximum(np.abs(jacobian[0]), np.abs(jacobian[1]))
            change = round_up(np.einsum("mij,mj->mi", slopes, radius), ulps=2.0 * d)
            possible = ~np.any((value[0] > change) | (value[1] < -change), axis=1)
            contraction = krawczyk(center, radius, value, jacobian)
        return contraction._replace(unique=contraction.unique & defined), possible, slopes

    def _second_order(
        self,
        jacobian: tuple[np.ndarray, np.ndarray],
        center: np.ndarray,
        radius: np.ndarray,
        lower: np.ndarray,
        upper: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        m, d = center.shape
        bounds, middle = self.curvature(lower, upper), self.jacobian(center, center)
        size = np.maximum(np.abs(bounds.lower), np.abs(bounds.upper)).reshape(m, d, d, d)
        change = round_up(np.einsum("mijk,mk->mij", size, radius), ulps=2.0 * d)
        change[bounds.undefined.any(axis=1)] = np.inf  # a kink of the Jacobian: no mean value to speak of
        low = round_down(middle.lower.reshape(m, d, d) - change)
        high = round_up(middle.upper.reshape(m, d, d) + change)
        return np.fmax(jacobian[0], low), np.fmin(jacobian[1], high)
