"""Turn a string into a sympy expression without ever evaluating it as Python.

``sympy.sympify`` hands a string to Python's ``eval``; a landscape typed into a web form must not. Here the string is
parsed by :mod:`ast` into a syntax tree, and the tree is rebuilt from a whitelist: numbers, names, ``+ - * / **`` and
known functions. Everything else is refused by name before sympy sees anything.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Callable

import sympy as sp

from escapetime.errors import InvalidInput

MAX_LENGTH = 10_000
MAX_DEPTH = 200
MAX_POWER = 1_000  # sympy expands integer powers of numbers at once: 9**9**9 would never return

_ONE_ARGUMENT = (
    sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asin, sp.acos, sp.erf, sp.sign,
)  # fmt: skip
_FUNCTIONS: dict[str, tuple[Callable[..., sp.Expr], int | None]] = {
    **{f.__name__: (f, 1) for f in _ONE_ARGUMENT},
    "sqrt": (sp.sqrt, 1),
    "abs": (sp.Abs, 1),
    "Abs": (sp.Abs, 1),
    "ln": (sp.log, 1),
    "min": (sp.Min, None),
    "Min": (sp.Min, None),
    "max": (sp.Max, None),
    "Max": (sp.Max, None),
}
_CONSTANTS: dict[str, sp.Expr] = {"pi": sp.pi, "E": sp.E}


def parse_expression(text: str) -> sp.Expr:
    """Parse arithmetic in Python's notation into a sympy expression of real symbols.

    Parameters
    ----------
    text : str
        Numbers, names, ``+ - * / **``, parentheses, the constants ``pi`` and ``E`` and the usual functions. Decimal
        numbers are read exactly: ``0.1`` becomes ``1/10``.

    Returns
    -------
    sympy.Expr
        The expression; every name is a real :class:`sympy.Symbol`.

    Raises
    ------
    InvalidInput
        If the text is not of that grammar; the message names the part that is not.

    Examples
    --------
    >>> parse_expression("(x**2 - 1)**2 / 4")
    (x**2 - 1)**2/4
    >>> parse_expression("x.__class__")
    Traceback (most recent call last):
    ...
    escapetime.errors.InvalidInput: 'x.__class__' is not allowed in an expression: use numbers, names, + - * / ** and \
functions such as exp, log, sin.
    """
    if not isinstance(text, str):
        raise InvalidInput(
            f"Expected the expression as a string, got {type(text).__name__}; pass sympy to Landscape(...) itself."
        )
    if len(text) > MAX_LENGTH:
        raise InvalidInput(
            f"An expression may have {MAX_LENGTH} characters, this one has {len(text)}; build it with sympy instead."
        )
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise InvalidInput(
            f"{text[:80]!r} is not an expression ({getattr(error, 'msg', error)}); write e.g. '(x**2 - 1)**2 / 4'."
        ) from None
    result = _build(tree.body, text.strip(), 0)
    if result.has(sp.zoo, sp.nan, sp.oo):
        raise InvalidInput(f"{text[:80]!r} is {result} wherever it is evaluated; check for a division by zero.")
    return result


def _build(node: ast.AST, text: str, depth: int) -> sp.Expr:
    if depth > MAX_DEPTH:
        raise InvalidInput(f"The expression is nested deeper than {MAX_DEPTH} levels; build it with sympy instead.")
    match node:
        case ast.Constant(value=int() as number) if not isinstance(number, bool):
            return sp.Integer(number)
        case ast.Constant(value=float() as number):
            digits = str(ast.get_source_segment(text, node)).replace("_", "")
            if number == float("inf") or (number == 0 and set(digits.lower().split("e")[0]) - set("0.")):
                raise InvalidInput(f"The number {digits[:40]} is beyond a float; rescale the expression.")
            return sp.Rational(digits)
        case ast.Name(id=name):
            return _name(name)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_build(inner, text, depth + 1)
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _build(inner, text, depth + 1)
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(_build(left, text, depth + 1), op, _build(right, text, depth + 1), text, node)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _call(name, [_build(arg, text, depth + 1) for arg in args])
    raise _refused(text, node)


def _name(name: str) -> sp.Expr:
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    if name.startswith("_") or "__" in name or keyword.iskeyword(name):
        raise InvalidInput(
            f"{name!r} cannot be a variable; use a letter followed by letters, digits or single underscores."
        )
    if name in _FUNCTIONS:
        raise InvalidInput(f"{name!r} is a function and needs an argument: {name}(x).")
    return sp.Symbol(name, real=True)


def _binary(left: sp.Expr, op: ast.operator, right: sp.Expr, text: str, node: ast.AST) -> sp.Expr:
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.Pow():
            _check_power(left, right)
            return left**right
        case ast.BitXor():
            raise InvalidInput("'^' is not a power in Python's notation; write '**'.")
    raise _refused(text, node)


def _check_power(base: sp.Expr, power: sp.Expr) -> None:
    """Refuse what sympy would expand into digits for ever: large powers, and powers of large numbers."""
    digits = base.p.bit_length() + base.q.bit_length() if isinstance(base, sp.Rational) else 1
    if power.is_number and abs(power) * digits > MAX_POWER * (1 if digits == 1 else 16):
        raise InvalidInput(
            f"The power {str(power)[:20]} is too large (at most {MAX_POWER}); write it with exp and log if it is meant."
        )


def _call(name: str, args: list[sp.Expr]) -> sp.Expr:
    if name not in _FUNCTIONS:
        raise InvalidInput(f"Unknown function {name!r}; known are {', '.join(sorted(_FUNCTIONS))}.")
    function, arity = _FUNCTIONS[name]
    if not args or (arity is not None and len(args) != arity):
        raise InvalidInput(f"{name} takes {arity or 'one or more'} argument(s), got {len(args)}.")
    return function(*args)


def _refused(text: str, node: ast.AST) -> InvalidInput:
    part = ast.get_source_segment(text, node) or type(node).__name__
    return InvalidInput(
        f"{part[:80]!r} is not allowed in an expression: "
        "use numbers, names, + - * / ** and functions such as exp, log, sin."
    )
