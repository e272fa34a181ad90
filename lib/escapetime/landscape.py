"""A loss surface as one sympy expression, from which everything else is made."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from escapetime.confinement import find_confining_box
from escapetime.critical_points import Bounds, CriticalPoint, Transition, find_critical_points, find_transitions
from escapetime.errors import InvalidInput
from escapetime.symbolic.compile import ArrayFunction
from escapetime.symbolic.parsing import parse_expression


class Landscape:
    """A loss (or potential energy) on R^d, given by one sympy expression.

    Gradient, Hessian, critical points and array code for numpy and torch all come from this expression, so that what a
    reader derives and what a computer runs cannot drift apart.

    Parameters
    ----------
    expression : sympy.Expr
        The loss; its free symbols are the coordinates. All other parameters need numbers (``expression.subs``).
    variables : sequence of sympy.Symbol, optional
        The coordinates in order. Default: the free symbols, sorted by name (with numbers in names in numeric order).
    name : str, optional
        For figures and tables.
    box : sequence of pairs, optional
        ``((lo, hi), ...)``: the region of interest, used when a method is given no box of its own.

    Raises
    ------
    InvalidInput
        If the expression has no coordinate, or holds symbols that are not among ``variables``, or is not real.

    Examples
    --------
    >>> U = Landscape.parse("(x**2 - 1)**2 / 4")
    >>> U.gradient
    Matrix([[x*(x**2 - 1)]])
    >>> [p.kind for p in U.critical_points([(-2, 2)])]
    ['minimum', 'minimum', 'maximum']
    """

    def __init__(
        self,
        expression: sp.Expr,
        variables: Sequence[sp.Symbol] | None = None,
        *,
        name: str | None = None,
        box: Sequence[Sequence[float]] | None = None,
    ) -> None:
        if isinstance(expression, str):
            raise InvalidInput(f"Landscape takes a sympy expression; use Landscape.parse({expression!r}) for a string.")
        self.expression = sp.sympify(expression)
        self.variables = tuple(variables) if variables is not None else _in_order(self.expression.free_symbols)
        if not self.variables:
            raise InvalidInput(
                "The expression has no variable; for pure noise use escapetime.landscapes.flat(dimension)."
            )
        unknown = self.expression.free_symbols - set(self.variables)
        if unknown:
            names = ", ".join(sorted(map(str, unknown)))
            raise InvalidInput(
                f"The symbols {names} are not coordinates ({self.variables}); "
                "give them values with expression.subs(...)."
            )
        if self.expression.has(sp.I, sp.zoo, sp.nan, sp.oo):
            raise InvalidInput(f"A loss must be real and finite, got {self.expression}.")
        self.name = name or str(self.expression)
        self.box = None if box is None else self._bounds(box)

    @classmethod
    def parse(cls, text: str, variables: Sequence[str] | None = None, **options: Any) -> Landscape:
        """Make a landscape from a string in Python's arithmetic notation; the string is never evaluated as code.

        Parameters
        ----------
        text : str
            For instance ``"(x**2 - 1)**2 / 4"``; see :func:`escapetime.symbolic.parsing.parse_expression`.
        variables : sequence of str, optional
            Names of the coordinates in order.
        **options
            ``name`` and ``box``, as for the class.

        Returns
        -------
        Landscape
            The landscape.
        """
        symbols = None if variables is None else [sp.Symbol(v, real=True) for v in variables]
        return cls(parse_expression(text), symbols, **options)

    @property
    def dimension(self) -> int:
        """Number of coordinates ``d``."""
        return len(self.variables)

    @cached_property
    def gradient(self) -> sp.Matrix:
        """Symbolic gradient, a ``d x 1`` matrix."""
        return sp.Matrix([sp.diff(self.expression, v) for v in self.variables])

    @cached_property
    def hessian(self) -> sp.Matrix:
        """Symbolic Hessian, a ``d x d`` matrix."""
        return sp.hessian(self.expression, self.variables)

    def value(self, x: Any) -> Any:
        """Loss at points ``x`` of shape ``(..., d)``, numpy or torch (in 1-d also a bare number); shape ``(...)``."""
        return self._value(self._points(x))

    def grad(self, x: Any) -> Any:
        """Gradient at points ``x`` of shape ``(..., d)``; same shape."""
        return self._grad(self._points(x))

    def hess(self, x: Any) -> Any:
        """Hessian at points ``x`` of shape ``(..., d)``; shape ``(..., d, d)``."""
        return self._hess(self._points(x))

    def critical_points(self, box: Sequence[Sequence[float]] | None = None) -> list[CriticalPoint]:
        """Find every critical point in a box, by interval arithmetic: none is missed and none is invented.

        Parameters
        ----------
        box : sequence of pairs, optional
            ``((lo, hi), ...)`` for each coordinate; default the landscape's own box.

        Returns
        -------
        list of CriticalPoint
            In ascending order of the loss. A point whose ``certified`` is False is degenerate (singular Hessian).

        Notes
        -----
        The list is a proof, so it is refused where it cannot be one: :class:`InvalidInput` says that no box is known or
        that the gradient is undefined somewhere in it, :class:`NumericalFailure` that the critical points are not
        isolated (a valley floor, a ring).
        """
        return find_critical_points(self, self._bounds(box))

    def minima(self, box: Sequence[Sequence[float]] | None = None) -> list[CriticalPoint]:
        """Return the minima among :meth:`critical_points`, lowest first."""
        return [p for p in self.critical_points(box) if p.kind == "minimum"]

    def saddles(self, box: Sequence[Sequence[float]] | None = None) -> list[CriticalPoint]:
        """Return the critical points with exactly one negative eigenvalue: the mountain passes, lowest first."""
        return [p for p in self.critical_points(box) if p.index == 1 and p.kind != "degenerate"]

    def transitions(self, box: Sequence[Sequence[float]] | None = None) -> list[Transition]:
        """Return which minima each mountain pass in the box connects, with the barrier, found by steepest descent."""
        return find_transitions(self, self._bounds(box))

    def undefined_points(self, box: Sequence[Sequence[float]] | None = None) -> list[np.ndarray]:
        """Return where in the box loss, gradient or Hessian are undefined; an empty list proves them smooth."""
        from escapetime.symbolic.zeros import undefined_points

        expressions = [self.expression, *self.gradient, *self.hessian]
        return [
            np.mean(np.asarray(e, dtype=float), axis=-1)
            for e in undefined_points(expressions, self.variables, self._bounds(box))
        ]

    def confining_box(
        self, start: Sequence[float] | np.ndarray, level: float, limits: Sequence[Sequence[float]] | None = None
    ) -> Bounds:
        """Grow a box around ``start`` until the loss exceeds ``level`` on every face (sampled), or a limit is reached.

        Parameters
        ----------
        start : sequence of float
            Shape ``(d,)``.
        level : float
            Height of the walls, in units of the loss.
        limits : sequence of pairs, optional
            The box never grows beyond these; a face lying on a finite limit need not be high.

        Returns
        -------
        tuple of pairs
            ``((lo, hi), ...)``.

        Notes
        -----
        A loss that does not rise to the level in some direction ends in :class:`NumericalFailure`, which names it.
        """
        return find_confining_box(self, start, level, limits)

    @cached_property
    def _value(self) -> ArrayFunction:
        return ArrayFunction(self.variables, [self.expression])

    @cached_property
    def _grad(self) -> ArrayFunction:
        return ArrayFunction(self.variables, list(self.gradient), (self.dimension,))

    @cached_property
    def _hess(self) -> ArrayFunction:
        return ArrayFunction(self.variables, list(self.hessian), (self.dimension, self.dimension))

    def _points(self, x: Any) -> Any:
        return np.array([x], dtype=float) if self.dimension == 1 and np.ndim(x) == 0 and not hasattr(x, "ndim") else x

    def _bounds(self, box: Sequence[Sequence[float]] | None) -> Bounds:
        box = self.box if box is None else box
        if box is None:
            raise InvalidInput(
                f"Where to look? Give box=((lo, hi), ...) with {self.dimension} pair(s), "
                "or make the Landscape with one."
            )
        bounds = tuple((float(lo), float(hi)) for lo, hi in box)
        if len(bounds) != self.dimension or not all(np.isfinite(b).all() and b[0] < b[1] for b in bounds):
            raise InvalidInput(f"Expected {self.dimension} finite pair(s) (lo, hi) with lo < hi, got {box!r}.")
        return bounds

    def __repr__(self) -> str:
        return f"Landscape({self.expression}, variables={self.variables})"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle U = {sp.latex(self.expression)}$"


def _in_order(symbols: set[sp.Symbol]) -> tuple[sp.Symbol, ...]:
    """Sort by name, x2 before x10."""
    import re

    return tuple(sorted(symbols, key=lambda s: [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", str(s))]))
