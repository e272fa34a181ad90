"""One step of an interval evaluation, and the choice between the branches of a piecewise expression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from escapetime.symbolic.intervals.arithmetic import Interval

Flag = np.ndarray | None  # where a value may be undefined or jump; None: nowhere


@dataclass(frozen=True)
class Operation:
    """A kernel, the registers it reads, and what to say where it may be undefined.

    Attributes
    ----------
    kernel : callable
        From interval arrays to an interval array, with a third array that flags undefined boxes if ``message`` is set.
    arguments : tuple of int
        Registers: the variables come first, then one register an operation.
    node : sympy.Basic or None
        Subject of the sentence about the flag.
    message : str
        The rest of that sentence; empty for an operation defined and continuous everywhere.
    """

    kernel: Callable[..., Any]
    arguments: tuple[int, ...] = ()
    node: sp.Basic | None = None
    message: str = ""

    @property
    def deciders(self) -> tuple[int, ...]:
        """The registers that decide where the operation itself is undefined or jumps."""
        return self.arguments

    @property
    def reason(self) -> str:
        """What is wrong where the operation is flagged."""
        subject = str(self.node)
        return f"{subject if len(subject) <= 100 else subject[:97] + '...'} {self.message}"

    def __call__(self, values: list[Interval], flags: list[Flag]) -> tuple[Interval, Flag]:
        """Return the value of the step and its flag, given all registers."""
        result = self.kernel(*(values[i] for i in self.arguments))
        inherited = [flags[i] for i in self.arguments]
        return result[:2], union([*inherited, result[2]] if self.message else inherited)


@dataclass(frozen=True)
class Selection(Operation):
    """A piecewise expression: arguments are branch, condition, branch, condition, ...

    Attributes
    ----------
    jumps : frozenset of pairs of int
        Branches not known to join continuously.
    """

    jumps: frozenset[tuple[int, int]] = frozenset()

    @property
    def deciders(self) -> tuple[int, ...]:
        """The conditions: branches that break down do so by operations of their own."""
        return self.arguments[1::2]

    def __call__(self, values: list[Interval], flags: list[Flag]) -> tuple[Interval, Flag]:
        """Return the hull of the branches in force; flagged where a jump or no branch is possible."""
        lower, upper, flag = np.array(np.inf), np.array(-np.inf), np.array(False)
        untaken = np.array(True)  # no earlier branch surely applies
        possible = []
        for branch, condition in zip(self.arguments[::2], self.arguments[1::2], strict=True):
            (low, high), (surely, possibly) = values[branch], values[condition]
            here = untaken & possibly
            lower, upper = np.where(here, np.minimum(lower, low), lower), np.where(here, np.maximum(upper, high), upper)
            # a branch that cannot apply may be undefined: Piecewise((log(x), x > 1), (x - 1, True))
            flag = flag | (untaken & _present(flags[condition])) | (here & _present(flags[branch]))
            untaken = untaken & ~surely
            possible.append(here)
        for i, j in self.jumps:
            flag = flag | (possible[i] & possible[j])
        nothing = lower > upper
        return (np.where(nothing, -np.inf, lower), np.where(nothing, np.inf, upper)), flag | untaken


def _present(flag: Flag) -> np.ndarray:
    return np.array(False) if flag is None else flag


def union(flags: list[Flag]) -> Flag:
    """Return where any of the flags is set; None when none can be."""
    result: Flag = None
    for flag in flags:
        if flag is not None:
            result = flag if result is None else result | flag
    return result
