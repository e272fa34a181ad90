"""The natural interval extension: a sympy expression as a list of interval operations over many boxes at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.symbolic.intervals.arithmetic import Interval
from escapetime.symbolic.intervals.compiler import Compiler
from escapetime.symbolic.intervals.operations import Flag

Corners = Sequence[Sequence[float]] | np.ndarray

CHUNK = 4096  # boxes at a time: the registers of a typical expression then stay in the processor's cache


class Enclosure(NamedTuple):
    """Bounds of ``k`` expressions over ``m`` boxes, and where an expression may be undefined or jump.

    Attributes
    ----------
    lower, upper : numpy.ndarray
        Shape ``(m, k)``: every value that expression ``k`` takes on box ``m`` lies between them.
    undefined : numpy.ndarray
        Boolean, shape ``(m, k)``. False is a proof that the expression is defined and continuous on the closed box.
    """

    lower: np.ndarray
    upper: np.ndarray
    undefined: np.ndarray


class IntervalExtension:
    """Bounds of expressions over boxes, outward rounded: a proof, not an estimate.

    Each distinct subexpression becomes one operation on arrays, so that thousands of boxes cost little more than one.

    Parameters
    ----------
    expressions : sequence of sympy.Expr
        The ``k`` real expressions. Known functions: powers, exp, log, the trigonometric and hyperbolic ones and their
        inverses, erf, erfc, Abs, sign, Heaviside, DiracDelta, Min, Max, Piecewise.
    variables : sequence of sympy.Symbol
        The ``d`` coordinates, in the order of the boxes' last axis.

    Raises
    ------
    InvalidInput
        If an expression holds another symbol, a constant that is not a real number, or an unknown function.

    Notes
    -----
    Valid for any box of finite floats. Occurrences of one variable are treated as independent, so that bounds
    overestimate by an amount that shrinks linearly with the box (``moore2009``, chapter 5).

    Examples
    --------
    >>> x, y = sp.symbols("x y", real=True)
    >>> f = IntervalExtension([x**2 - y, 1 / x], (x, y))
    >>> lower, upper, undefined = f([[-1.0, 0.0]], [[1.0, 2.0]])
    >>> lower.round(12), upper.round(12), undefined
    (array([[ -2., -inf]]), array([[ 1., inf]]), array([[False,  True]]))
    """

    def __init__(self, expressions: Sequence[sp.Expr], variables: Sequence[sp.Symbol]) -> None:
        self.variables = tuple(variables)
        compiler = Compiler(self.variables)
        self._outputs = [compiler.add(sp.sympify(e)) for e in expressions]
        self._operations = compiler.operations

    @property
    def total(self) -> bool:
        """Whether the expressions are defined and continuous everywhere, by their form alone."""
        return not any(operation.message for operation in self._operations)

    @property
    def hazards(self) -> frozenset[int]:
        """Positions of the variables that decide where the expressions are undefined or jump."""
        uses = [frozenset([i]) for i in range(len(self.variables))]
        result: frozenset[int] = frozenset()
        for operation in self._operations:
            uses.append(frozenset().union(*(uses[a] for a in operation.arguments)))
            result = result.union(*(uses[a] for a in operation.deciders if operation.message))
        return result

    def __call__(self, lower: Corners, upper: Corners) -> Enclosure:
        """Enclose the expressions on boxes ``[lower, upper]``, both of shape ``(m, d)``."""
        lower, upper = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
        if lower.ndim != 2 or lower.shape != upper.shape or lower.shape[1] != len(self.variables):
            raise InvalidInput(
                f"Expected boxes of shape (m, {len(self.variables)}), got {lower.shape} and {upper.shape}."
            )
        parts = [self._evaluate(lower[i : i + CHUNK], upper[i : i + CHUNK]) for i in range(0, len(lower), CHUNK)]
        if len(parts) == 1:
            return parts[0]
        shape = (0, len(self._outputs))
        if not parts:
            return Enclosure(np.empty(shape), np.empty(shape), np.empty(shape, dtype=bool))
        return Enclosure(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    def _evaluate(self, lower: np.ndarray, upper: np.ndarray) -> Enclosure:
        values, flags = self._run(lower, upper)
        m, k = len(lower), len(self._outputs)
        result = Enclosure(np.empty((m, k)), np.empty((m, k)), np.zeros((m, k), dtype=bool))
        for column, register in enumerate(self._outputs):
            result.lower[:, column], result.upper[:, column] = values[register]
            flag = flags[register]
            if flag is not None:
                result.undefined[:, column] = flag
        unknown = np.isnan(result.lower) | np.isnan(result.upper)  # cannot occur; if it does, it must prove nothing
        if unknown.any():
            result.lower[unknown], result.upper[unknown], result.undefined[unknown] = -np.inf, np.inf, True
        return result

    def _run(self, lower: np.ndarray, upper: np.ndarray) -> tuple[list[Interval], list[Flag]]:
        values: list[Interval] = [
            (np.ascontiguousarray(lower[:, i]), np.ascontiguousarray(upper[:, i])) for i in range(len(self.variables))
        ]
        flags: list[Flag] = [None] * len(values)
        with np.errstate(all="ignore"):  # overflow and division by zero are part of the arithmetic here
            for operation in self._operations:
                value, flag = operation(values, flags)
                values.append(value)
                flags.append(flag)
        return values, flags

    def blame(self, lower: np.ndarray, upper: np.ndarray) -> list[str]:
        """Say which subexpressions may be undefined, or jump, on the box with corners of shape ``(d,)``."""
        _, flags = self._run(np.atleast_2d(lower), np.atleast_2d(upper))
        flagged = [flag is not None and bool(flag.any()) for flag in flags]
        first = len(self.variables)
        culprits = [
            operation.reason
            for register, operation in enumerate(self._operations, first)
            if flagged[register] and operation.message and not any(flagged[a] for a in operation.arguments)
        ]
        return list(dict.fromkeys(culprits))
