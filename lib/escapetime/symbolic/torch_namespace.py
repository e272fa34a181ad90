"""The names that sympy's numpy printer uses, with torch meanings: how a sympy expression becomes torch code."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch

_UNARY = {
    "exp": "exp", "log": "log", "sqrt": "sqrt", "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh",
    "cosh": "cosh", "tanh": "tanh", "arctan": "atan", "arcsin": "asin", "arccos": "acos", "erf": "erf",
}  # fmt: skip
_COMPARE = {"less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge", "equal": "eq", "not_equal": "ne"}


def namespace() -> dict[str, Any]:
    """Return the names for :func:`sympy.lambdify`; numbers stay Python floats, tensors keep dtype and device."""
    names: dict[str, Any] = {name: _unary(target) for name, target in _UNARY.items()}
    names |= {name: _comparison(target) for name, target in _COMPARE.items()}
    names |= {
        "sign": lambda x: torch.sign(x) if isinstance(x, torch.Tensor) else math.copysign(1.0, x) if x else 0.0,
        "select": _select,
        "reduce": functools.reduce,
        "maximum": lambda a, b: torch.maximum(*_tensors(a, b)),
        "minimum": lambda a, b: torch.minimum(*_tensors(a, b)),
        "logical_and": _Reducible(torch.logical_and),
        "logical_or": _Reducible(torch.logical_or),
        "pi": math.pi,
        "nan": math.nan,
    }
    return names


class _Reducible:
    """A torch function with the ``reduce`` method that numpy's ufuncs have."""

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        self.function = function

    def reduce(self, items: Iterable[Any]) -> Any:
        return functools.reduce(lambda a, b: self.function(torch.as_tensor(a), torch.as_tensor(b)), items)


def _unary(name: str) -> Callable[[Any], Any]:
    of_tensor, of_number = getattr(torch, name), getattr(math, name)
    return lambda x: of_tensor(x) if isinstance(x, torch.Tensor) else of_number(x)


def _comparison(name: str) -> Callable[[Any, Any], Any]:
    compare = getattr(torch, name)
    return lambda a, b: compare(*_tensors(a, b))


def _tensors(*args: Any) -> list[torch.Tensor]:
    like = next((a for a in args if isinstance(a, torch.Tensor)), torch.tensor(0.0, dtype=torch.float64))
    return [
        a if isinstance(a, torch.Tensor) else torch.as_tensor(a, dtype=like.dtype, device=like.device) for a in args
    ]


def _select(conditions: Sequence[Any], choices: Sequence[Any], default: Any = math.nan) -> torch.Tensor:
    """Do what ``numpy.select`` does: the first condition that holds chooses."""
    *values, result = _tensors(*choices, default)
    for condition, value in zip(reversed(conditions), reversed(values), strict=True):
        result = torch.where(torch.as_tensor(condition, device=result.device), value, result)
    return result
