"""From sympy expressions to statements of generated kernels: small, strict, and the same for every engine.

What cannot be generated is refused by name; nothing is ever printed in the hope that it might compile.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from sympy.printing.printer import Printer

from escapetime.errors import RouteNotApplicable
from escapetime.simulate.schemes import TIME_STEP
from escapetime.symbolic.assignments import Stage, assignments

_SAME_NAME = "exp log sin cos tan asin acos atan sinh cosh tanh erf sign"
FUNCTIONS = {getattr(sp, name): name for name in _SAME_NAME.split()} | {sp.Abs: "absolute"}
SMALL = 16  # integers up to here are part of the formula and printed; all other numbers are parameters of the kernel
ROOT = sp.Symbol("root_dt", positive=True)  # of the time step
_RELATIONS = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Constants:
    """Numbers lifted out of expressions, so that problems which differ in them only share one compiled kernel.

    What depends on nothing but the time step ``dt`` is such a number too: it is worked out before the first step.

    Attributes
    ----------
    values : list of float or sympy.Expr
        In the order of their symbols ``c0``, ``c1``, ...; expressions are in ``dt``.
    """

    def __init__(self) -> None:
        self.values: list[float | sp.Expr] = []

    @property
    def names(self) -> list[str]:
        """The symbols, in order."""
        return [f"c{k}" for k in range(len(self.values))]

    def at(self, dt: float) -> list[float]:
        """Return the numbers for a time step."""
        step = {TIME_STEP: sp.Float(dt, 30)}
        return [float(sp.N(v.subs(step), 30)) if isinstance(v, sp.Expr) else v for v in self.values]

    def lift(self, expression: sp.Expr) -> sp.Expr:
        """Replace every number but small integers, and exponents that become products and roots, by a symbol."""
        if _fixed(expression):
            return self._number(expression)
        if expression.is_Pow and _fixed(expression.exp):
            exponent = expression.exp
            plain = exponent.is_Integer or (exponent.is_Rational and exponent.q == 2)
            return sp.Pow(self.lift(expression.base), exponent if plain else self.lift(exponent))
        if expression.is_Mul or expression.is_Add:
            numbers = [a for a in expression.args if _fixed(a)]
            rest = [self.lift(a) for a in expression.args if not _fixed(a)]
            return expression.func(self.lift(expression.func(*numbers)), *rest) if numbers else expression.func(*rest)
        return expression.func(*map(self.lift, expression.args)) if expression.args else expression

    def _number(self, number: sp.Expr) -> sp.Expr:
        if number.is_Integer and abs(int(number)) <= SMALL:
            return number
        if number == TIME_STEP or number == sp.sqrt(TIME_STEP):
            return TIME_STEP if number == TIME_STEP else ROOT
        if number.free_symbols:
            return -self._symbol(-number) if number.could_extract_minus_sign() else self._symbol(number)
        value = complex(sp.N(number, 30))
        if value.imag or value.real != value.real or abs(value.real) == float("inf"):
            raise RouteNotApplicable(f"A kernel needs finite real numbers and this one is {number}.")
        if value.real < 0:
            return -self._symbol(-value.real)
        return self._symbol(value.real)

    def _symbol(self, value: float | sp.Expr) -> sp.Symbol:
        if value not in self.values:
            self.values.append(value)
        return sp.Symbol(f"c{self.values.index(value)}", real=True)


def _fixed(expression: sp.Basic) -> bool:
    """Whether this is a number once dt is known."""
    return isinstance(expression, sp.Expr) and expression.free_symbols <= {TIME_STEP}


class KernelPrinter(Printer):
    """Prints expressions without branches; integer powers are products.

    Intermediate results (shared terms ``t0``, ..., powers ``p0``, ...) are collected in ``lines``, in the order in
    which they are needed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.names: dict[str, str] = {}

    def statements(
        self, targets: Sequence[str], expressions: Sequence[sp.Expr], stages: Sequence[Stage] = ()
    ) -> list[str]:
        """Return assignments of the expressions to the targets, common subexpressions and stages once."""
        ordered, results = assignments(stages, expressions)
        for name, expression in ordered:
            self.lines.append(f"{name} = {self.doprint(expression)}")
        for target, expression in zip(targets, results, strict=True):
            self.lines.append(f"{target} = {self.doprint(expression)}")
        return self.lines

    def _name(self, code: str) -> str:
        """Give a piece of code a name, the same for the same code."""
        if code not in self.names:
            self.names[code] = f"p{len(self.names)}"
            self.lines.append(f"{self.names[code]} = {code}")
        return self.names[code]

    def emptyPrinter(self, expr: sp.Basic) -> str:  # noqa: D102 - sympy's name
        raise RouteNotApplicable(f"No kernel can be generated for {type(expr).__name__}, in {expr}.")

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return str(expr.name)

    def _print_Integer(self, expr: sp.Integer) -> str:
        return f"R({expr.p})" if expr.p >= 0 else f"(-R({-expr.p}))"

    def _print_Add(self, expr: sp.Add) -> str:
        terms = sorted(expr.args, key=lambda term: term.could_extract_minus_sign())
        text = self._print(terms[0])
        for term in terms[1:]:
            minus = term.could_extract_minus_sign()
            text += f" - {self._factor(-term)}" if minus else f" + {self._print(term)}"
        return text

    def _print_Mul(self, expr: sp.Mul) -> str:
        if expr.as_coeff_Mul()[0].is_negative:
            return f"-{self._factor(-expr)}"
        above, below = [], []
        for factor in sp.Mul.make_args(expr):
            if factor.is_Pow and factor.exp.is_number and factor.exp.is_negative:
                below.append(self._factor(1 / factor))
            else:
                above.append(self._factor(factor))
        text = " * ".join(above) or "R(1)"
        if len(below) == 1:
            text += f" / {below[0]}"
        elif below:
            text += f" / ({' * '.join(below)})"
        return text

    def _factor(self, expr: sp.Expr) -> str:
        text = self._print(expr)
        return f"({text})" if expr.is_Add or expr.is_Mul or expr.is_Pow or text.startswith("-") else text

    def _print_Pow(self, expr: sp.Pow) -> str:
        base, exponent = expr.base, expr.exp
        if base is sp.E:
            return f"exp({self._print(exponent)})"
        if exponent.is_number and exponent.is_negative:
            return f"R(1) / {self._factor(1 / expr)}"
        if exponent.is_Integer:
            return self._product(base, int(exponent))
        if exponent.is_Rational and exponent.q == 2:
            root, whole = f"sqrt({self._print(base)})", int(exponent - sp.S.Half)
            return f"{root} * {self._factor(base**whole)}" if whole else root
        return f"power({self._print(base)}, {self._print(exponent)})"

    def _product(self, base: sp.Expr, exponent: int) -> str:
        factor = self._print(base) if base.is_Symbol else self._name(self._print(base))
        parts = []
        while exponent:
            if exponent & 1:
                parts.append(factor)
            exponent >>= 1
            if exponent:
                square = f"{factor} * {factor}"
                if not parts and exponent == 1:
                    return square
                factor = self._name(square)
        return " * ".join(parts)

    def _print_Function(self, expr: sp.Function) -> str:
        name = FUNCTIONS.get(expr.func)
        if name is None:
            raise RouteNotApplicable(f"No kernel can be generated for the function {expr.func.__name__}.")
        return f"{name}({', '.join(map(self._print, expr.args))})"

    _print_exp = _print_log = _print_Function

    def _fold(self, name: str, args: Sequence[sp.Expr]) -> str:
        text = self._print(args[0])
        for arg in args[1:]:
            text = f"{name}({text}, {self._print(arg)})"
        return text

    def _print_Max(self, expr: sp.Max) -> str:
        return self._fold("maximum", expr.args)

    def _print_Min(self, expr: sp.Min) -> str:
        return self._fold("minimum", expr.args)

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        text = "R(nan)"
        for value, condition in reversed(expr.args):
            yes = self._print(value)
            text = yes if condition == sp.true else f"select({self._print(condition)}, {yes}, {text})"
        return text

    def _print_Relational(self, expr: sp.Rel) -> str:
        return f"({self._print(expr.lhs)} {_RELATIONS[expr.rel_op]} {self._print(expr.rhs)})"

    def _print_And(self, expr: sp.And) -> str:
        return "(" + " & ".join(map(self._print, expr.args)) + ")"

    def _print_Or(self, expr: sp.Or) -> str:
        return "(" + " | ".join(map(self._print, expr.args)) + ")"

    def _print_BooleanTrue(self, expr: sp.Basic) -> str:
        return "True"

    def _print_BooleanFalse(self, expr: sp.Basic) -> str:
        return "False"
