"""Discrete-time processes: an optimizer's own update, step by step, nothing taken to a limit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.symbolic.assignments import Stage

if TYPE_CHECKING:
    from escapetime.processes.base import Diffusion
    from escapetime.processes.underdamped import Underdamped


@dataclass(frozen=True, eq=False)
class Chain:
    r"""A Markov chain :math:`(x, m) \to F(x, m, z)` with positions, memory and fresh standard normals each step.

    Parameters
    ----------
    name : str
        What it is called in results.
    variables : tuple of sympy.Symbol
        The ``d`` coordinates of the position ``x``: what starts somewhere and leaves a domain.
    memory : dict of sympy.Symbol to float
        What else the optimizer keeps between steps (momentum, second moments, products of decay rates), and its value
        before the first step.
    normals : tuple of sympy.Symbol
        Independent standard normals drawn in each step.
    stages : tuple of (sympy.Symbol, sympy.Expr)
        Named intermediate results of a step, in order; each may use those before it.
    update : tuple of sympy.Expr
        Positions and then memory after the step.
    time_step : float
        What one step counts as, in ``time_unit``: the learning rate.
    time_unit : str
        What one unit of time is.
    landscape : Landscape, optional
        The loss.
    limit : Underdamped or Diffusion, optional
        The process in continuous time that the chain follows for small steps, in the same unit of time. None where no
        such process is known, and where it is the process that holds this chain (SGD).

    Raises
    ------
    InvalidInput
        If the update has not one expression a coordinate and piece of memory, or a symbol has no value.

    Examples
    --------
    A random walk:

    >>> x, z = sp.symbols("x z", real=True)
    >>> Chain("random walk", (x,), {}, (z,), (), (x + z / 10,), 1.0, "steps")
    Chain(random walk: x -> x + z/10)
    """

    name: str
    variables: tuple[sp.Symbol, ...]
    memory: dict[sp.Symbol, float]
    normals: tuple[sp.Symbol, ...]
    stages: tuple[Stage, ...]
    update: tuple[sp.Expr, ...]
    time_step: float
    time_unit: str = "lr * steps"
    landscape: Landscape | None = field(default=None, repr=False)
    limit: Underdamped | Diffusion | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        wanted = len(self.variables) + len(self.memory)
        if len(self.update) != wanted:
            raise InvalidInput(
                f"Expected {wanted} expressions in the update, one for each of {[*self.variables, *self.memory]}, got "
                f"{len(self.update)}."
            )
        known = {*self.variables, *self.memory, *self.normals}
        for symbol, expression in (*self.stages, *((None, e) for e in self.update)):
            unknown = expression.free_symbols - known
            if unknown:
                names = ", ".join(sorted(map(str, unknown)))
                raise InvalidInput(f"The symbols {names} have no value; substitute numbers, or name them in a stage.")
            known |= {symbol} if symbol is not None else set()

    @property
    def dimension(self) -> int:
        """Number of coordinates ``d``; memory does not count."""
        return len(self.variables)

    @property
    def chain(self) -> Chain:
        """Itself: what is simulated when a process's own update is asked for."""
        return self

    @property
    def smooth_expressions(self) -> list[sp.Expr]:
        """What has to be defined and differentiable all over a domain: the loss and its gradient."""
        return [self.landscape.expression, *self.landscape.gradient] if self.landscape else []

    def __repr__(self) -> str:
        moves = [f"{v} -> {sp.sstr(e, full_prec=False)}" for v, e in zip(self.variables, self.update, strict=False)]
        return f"Chain({self.name}: {', '.join(moves)})"
