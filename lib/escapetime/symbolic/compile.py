"""From sympy expressions to array functions: numpy or torch, from the one expression."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy as sp

from escapetime.errors import InvalidInput


def is_tensor(x: Any) -> bool:
    """Tell a torch tensor from anything else without importing torch."""
    return type(x).__module__.split(".")[0] == "torch"


class ArrayFunction:
    """A tuple of sympy expressions as one function of points ``x`` of shape ``(..., d)``.

    The backend follows the argument: numpy in, numpy out; torch in, torch out (same dtype and device, differentiable).
    Common subexpressions are computed once.

    Parameters
    ----------
    variables : sequence of sympy.Symbol
        The ``d`` coordinates, in the order of the last axis of ``x``.
    expressions : sequence of sympy.Expr
        The outputs, flat.
    shape : tuple of int
        How the outputs are arranged behind the batch axes; ``()`` for a scalar.

    Raises
    ------
    InvalidInput
        If an expression holds a symbol that is not among the variables.
    """

    def __init__(
        self, variables: Sequence[sp.Symbol], expressions: Sequence[sp.Expr], shape: tuple[int, ...] = ()
    ) -> None:
        self.variables, self.expressions, self.shape = tuple(variables), tuple(map(sp.sympify, expressions)), shape
        unknown = (
            set().union(*(e.free_symbols for e in self.expressions)) - set(self.variables)
            if self.expressions
            else set()
        )
        if unknown:
            names = ", ".join(sorted(map(str, unknown)))
            raise InvalidInput(
                f"The expression still holds the symbols {names}; give them values with expression.subs(...)."
            )
        self._compiled: dict[str, Callable[..., Any]] = {}

    def __call__(self, x: Any) -> Any:
        """Evaluate at ``x`` of shape ``(..., d)``; returns shape ``(..., *shape)``."""
        backend = "torch" if is_tensor(x) else "numpy"
        if backend == "numpy":
            x = np.asarray(x, dtype=float)
        if x.ndim == 0 or x.shape[-1] != len(self.variables):
            raise InvalidInput(f"Expected points of shape (..., {len(self.variables)}), got {tuple(x.shape)}.")
        values = self._function(backend)(*(x[..., i] for i in range(len(self.variables))))
        if backend == "torch":
            import torch

            columns = [torch.as_tensor(v, dtype=x.dtype, device=x.device).expand(x.shape[:-1]) for v in values]
            return torch.stack(columns, dim=-1).reshape((*x.shape[:-1], *self.shape))
        columns = [np.broadcast_to(np.asarray(v, dtype=float), x.shape[:-1]) for v in values]
        return np.stack(columns, axis=-1).reshape((*x.shape[:-1], *self.shape))

    def _function(self, backend: str) -> Callable[..., Any]:
        if backend not in self._compiled:
            if backend == "numpy":
                options: dict[str, Any] = {"modules": ["scipy", "numpy"]}
            else:
                from sympy.printing.numpy import NumPyPrinter

                from escapetime.symbolic.torch_namespace import namespace

                # sympy's own torch printer lacks Piecewise and Max; numpy's names, given torch meanings, cover both
                settings = {"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True}
                options = {"modules": [namespace()], "printer": NumPyPrinter(settings)}
            self._compiled[backend] = sp.lambdify(self.variables, list(self.expressions), cse=True, **options)
        return self._compiled[backend]
