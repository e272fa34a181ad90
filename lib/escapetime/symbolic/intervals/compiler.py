"""From sympy expressions to a flat list of interval operations, one for each distinct subexpression."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any, NoReturn

import numpy as np
import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.symbolic.intervals import arithmetic, conditions, elementary
from escapetime.symbolic.intervals.arithmetic import Interval
from escapetime.symbolic.intervals.joints import joins
from escapetime.symbolic.intervals.operations import Operation, Selection

_TOTAL: dict[Any, Callable[..., Interval]] = {
    sp.exp: elementary.exp,
    sp.sin: elementary.sin,
    sp.cos: elementary.cos,
    sp.sinh: elementary.sinh,
    sp.cosh: elementary.cosh,
    sp.tanh: elementary.tanh,
    sp.atan: elementary.atan,
    sp.asinh: elementary.asinh,
    sp.erf: elementary.erf,
    sp.erfc: elementary.erfc,
    sp.Abs: arithmetic.magnitude,
    sp.StrictLessThan: conditions.less,
    sp.LessThan: conditions.less_equal,
    sp.Equality: conditions.equal,
    sp.Not: conditions.negation,
    sp.And: conditions.conjunction,
    sp.Or: conditions.disjunction,
}
_PARTIAL: dict[Any, tuple[Callable[..., arithmetic.Partial], str]] = {
    sp.log: (elementary.log, "needs a positive argument"),
    sp.tan: (elementary.tan, "has a pole"),
    sp.asin: (elementary.asin, "needs an argument between -1 and 1"),
    sp.acos: (elementary.acos, "needs an argument between -1 and 1"),
    sp.acosh: (elementary.acosh, "needs an argument of at least 1"),
    sp.atanh: (elementary.atanh, "needs an argument strictly between -1 and 1"),
    sp.sign: (elementary.sign, "jumps where its argument vanishes"),
    sp.Heaviside: (elementary.heaviside, "jumps where its argument vanishes"),
    sp.DiracDelta: (elementary.dirac, "is infinite where its argument vanishes"),
}
_REWRITE: dict[Any, Callable[..., sp.Basic]] = {
    sp.sec: lambda u: 1 / sp.cos(u),
    sp.csc: lambda u: 1 / sp.sin(u),
    sp.cot: lambda u: sp.cos(u) / sp.sin(u),
    sp.sech: lambda u: 1 / sp.cosh(u),
    sp.csch: lambda u: 1 / sp.sinh(u),
    sp.coth: lambda u: 1 / sp.tanh(u),
    sp.StrictGreaterThan: lambda a, b: sp.StrictLessThan(b, a),
    sp.GreaterThan: lambda a, b: sp.LessThan(b, a),
    sp.Unequality: lambda a, b: sp.Not(sp.Equality(a, b), evaluate=False),
}


class Compiler:
    """Translates expressions into operations; a subexpression met twice is translated once.

    Parameters
    ----------
    variables : sequence of sympy.Symbol
        The inputs, in registers 0, 1, ...
    """

    def __init__(self, variables: Sequence[sp.Symbol]) -> None:
        self.variables = tuple(variables)
        self.operations: list[Operation] = []
        # derivatives by symbols without assumptions hold re(x), im(x): inside a box all variables are real
        self._real = {v: v if v.is_extended_real else sp.Symbol(v.name, real=True) for v in self.variables}
        self._registers: dict[Any, int] = {}
        for i, v in enumerate(self.variables):
            self._registers[v] = self._registers[self._real[v]] = i

    def add(self, expression: sp.Expr) -> int:
        """Translate an expression; return the register that will hold it.

        Parameters
        ----------
        expression : sympy.Expr
            Real, in the compiler's variables.

        Returns
        -------
        int
            Register.
        """
        if expression.has(sp.re, sp.im, sp.conjugate, sp.arg):
            expression = expression.subs(self._real).doit()
        return self._register(expression)

    def _register(self, node: sp.Basic) -> int:
        if node not in self._registers:
            self._registers[node] = self._translate(node)
        return self._registers[node]

    def _emit(
        self, kernel: Callable[..., Any], *arguments: int, node: sp.Basic | None = None, message: str = ""
    ) -> int:
        self.operations.append(Operation(kernel, arguments, node, message))
        return len(self.variables) + len(self.operations) - 1

    def _translate(self, node: sp.Basic) -> int:
        if isinstance(node, sp.Symbol):
            raise InvalidInput(
                f"{node} is not among the variables {self.variables}; give it a value with expression.subs(...)."
            )
        if node in (sp.true, sp.false):
            return self._fixed((np.array([node == sp.true]),) * 2)
        if isinstance(node, sp.Expr) and node.is_number:
            return self._fixed(enclose_number(node))
        if node.is_Add:
            return self._fold(arithmetic.add, node.args)
        if node.is_Mul:
            return self._product(node)
        if node.is_Pow:
            return self._power(node.base, node.exp)
        if isinstance(node, sp.Piecewise):
            return self._piecewise(node)
        if isinstance(node, (sp.Max, sp.Min)):
            return self._fold(elementary.maximum if isinstance(node, sp.Max) else elementary.minimum, node.args)
        if node.func in _REWRITE:
            return self._register(_REWRITE[node.func](*node.args))
        if node.func in _TOTAL:
            return self._emit(_TOTAL[node.func], *map(self._register, node.args))
        if node.func in _PARTIAL:
            kernel, message = _PARTIAL[node.func]
            return self._emit(kernel, self._register(node.args[0]), node=node, message=message)
        _refuse(node)

    def _fold(self, kernel: Callable[..., Interval], nodes: Sequence[sp.Basic]) -> int:
        first, *rest = [self._register(node) for node in nodes]
        for other in rest:
            first = self._emit(kernel, first, other)
        return first

    def _fixed(self, value: Interval) -> int:
        return self._emit(lambda: value)

    def _product(self, node: sp.Mul) -> int:
        numbers = [a for a in node.args if a.is_number]
        factors = [a for a in node.args if not a.is_number]
        if numbers and len(factors) > 1:
            result = self._register(sp.Mul(*factors))  # 2*x*y and -3*x*y share x*y
        else:
            result = self._fold(arithmetic.multiply, factors)
        return self._scaled(result, sp.Mul(*numbers)) if numbers else result

    def _scaled(self, register: int, number: sp.Expr) -> int:
        if number == -1:
            return self._emit(arithmetic.negate, register)
        factor = enclose_number(number)
        if factor[0] <= 0 <= factor[1]:
            return self._emit(arithmetic.multiply, register, self._fixed(factor))
        return self._emit(lambda a: arithmetic.scale(a, factor), register)

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> int:
        if not exponent.is_number:
            logarithm = sp.log(base)
            if logarithm.is_number and not logarithm.is_extended_real:
                _refuse(sp.Pow(base, exponent))
            return self._register(sp.exp(exponent * logarithm))
        if exponent.is_Float:
            exponent = sp.Rational(exponent)
        if exponent.is_negative:
            below = self._register(base**-exponent)
            return self._emit(arithmetic.reciprocal, below, node=base, message="vanishes in a denominator")
        register, message = self._register(base), "becomes negative under a root"
        if exponent.is_Rational and exponent.q == 2:
            register = self._emit(elementary.sqrt, register, node=base, message=message)
        elif not exponent.is_Integer:
            bounds = enclose_number(exponent)
            return self._emit(lambda a: elementary.positive_power(a, bounds), register, node=base, message=message)
        n = int(exponent.p)
        return self._emit(lambda a: arithmetic.power(a, n), register) if n > 1 else register

    def _piecewise(self, node: sp.Piecewise) -> int:
        registers = tuple(self._register(part) for pair in node.args for part in (pair.expr, pair.cond))
        pairs = combinations(enumerate(node.args), 2)
        jumps = frozenset((i, j) for (i, here), (j, there) in pairs if not joins(here.expr, there.expr, here.cond))
        message = "jumps, or is undefined, where its branches meet"
        self.operations.append(Selection(lambda: None, registers, node, message, jumps))
        return len(self.variables) + len(self.operations) - 1


def enclose_number(number: sp.Expr) -> Interval:
    """Return the tightest floats around a real constant, each of shape ``(1,)``; equal if the constant is a float.

    Parameters
    ----------
    number : sympy.Expr
        A constant.

    Returns
    -------
    pair of numpy.ndarray
        Bounds.

    Raises
    ------
    InvalidInput
        If the constant is not a real number, or too large for a float.

    Examples
    --------
    >>> lower, upper = enclose_number(sp.Rational(1, 4))
    >>> bool(lower == upper), bool(lower == 0.25)
    (True, True)
    """
    if number.is_Float:
        number = sp.Rational(number)
    if not number.is_Rational:
        digits = number.evalf(40)  # far more than a float's digits, so that one rounding remains
        if not digits.is_Float or not digits.is_finite:
            raise InvalidInput(f"Expected real numbers in the expression, got {number}.")
        value = float(digits)
        slack = 1e-30 if abs(value) < 1e-30 else 0.0  # a cancellation that evalf could not resolve
        return np.array([np.nextafter(value, -np.inf) - slack]), np.array([np.nextafter(value, np.inf) + slack])
    try:
        value = number.p / number.q
    except OverflowError:
        raise InvalidInput(f"The constant {number} is too large for a float; rescale the expression.") from None
    exact = Fraction(value) == Fraction(int(number.p), int(number.q))
    lower, upper = (value, value) if exact else (np.nextafter(value, -np.inf), np.nextafter(value, np.inf))
    return np.array([lower]), np.array([upper])


def _refuse(node: sp.Basic) -> NoReturn:
    functions = [f.__name__ for f in [*_TOTAL, *_PARTIAL, *_REWRITE] if issubclass(f, sp.Expr)]
    raise InvalidInput(
        f"No bounds are known for {node} (a {type(node).__name__}); use sums, products, powers, Min, Max, Piecewise, "
        f"{', '.join(sorted(functions))}."
    )
