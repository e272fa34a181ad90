"""From a model to compiled walks of single paths."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from escapetime.simulate.kernels import cache
from escapetime.simulate.kernels.printing import Constants, KernelPrinter
from escapetime.simulate.model import StepModel
from escapetime.simulate.multilevel.templates import WALKS
from escapetime.simulate.schemes import TIME_STEP
from escapetime.symbolic.assignments import assignments

EXIT = 1 << 30  # the level of what is outside
STREAM_BLOCK = 16  # words of a path for its generator: not those of escapetime.simulate.streams
SURE = 38.0  # a bridge with d0 d1 > SURE * spread touches with a chance below the resolution of one minus that chance
MEMORY = 1 << 26  # bytes for the states of one run
LEVELS = 1024


class Walker:
    """Compiled walks of a model.

    Parameters
    ----------
    model : StepModel
        What is walked.
    dt : float
        Time step.
    correction : str
        ``"bridge"`` or ``"none"``.
    level : sympy.Expr, optional
        Function of the state that rises towards the exit; by default minus the distance to the nearest face.
    weights : sequence of sympy.Symbol
        Names in the level whose values are given later.

    Attributes
    ----------
    kernels : module
        With ``survey``, ``loops`` and ``excursions``: :mod:`escapetime.simulate.multilevel.templates`.
    constants : numpy.ndarray
        The last argument but a few of each of them.
    start : numpy.ndarray
        The state before the first step, memory included.
    """

    def __init__(
        self, model: StepModel, dt: float, correction: str, level: sp.Expr | None, weights: Sequence[sp.Symbol] = ()
    ) -> None:
        source, constants = generate(model, dt, correction, level, weights)
        self.kernels: Any = cache.load(source)
        self.constants = np.array([*np.ones(len(weights)), *constants, 0.0])
        self.start = np.array(model.initial(dt))
        self.model, self.dt = model, dt

    def home(self, attractor: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the state before the first step of a path that begins at a point, shape ``(d,)``."""
        return np.array(replace(self.model, start=tuple(attractor.tolist())).initial(self.dt))

    def height(self, state: NDArray[np.float64]) -> float:
        """Return the height of one state, shape ``(size,)``."""
        return float(self.kernels.look(state, self.constants)[0])

    def at_rest(self, state: NDArray[np.float64], low: float, far: float) -> bool:
        """Whether one state is in A."""
        height, distance = self.kernels.look(state, self.constants)
        return bool(height < low and distance > far)


@dataclass(eq=False)
class Paths:
    """Where each of ``n`` paths first reached a level: as much of a path as is needed to branch it.

    Levels are whole numbers, so that a path has at most one record for each: memory is bounded however long it is.

    Attributes
    ----------
    found, times : numpy.ndarray
        Level and step number of each record, int64, shape ``(n, records)``; levels of a path ascend.
    states : numpy.ndarray
        The states there, shape ``(n, records, size)``.
    counts, tops, ends : numpy.ndarray
        Number of records, highest level and number of steps of each path, int64, shape ``(n,)``.
    """

    number: int
    size: int
    levels: int = field(init=False)

    def __post_init__(self) -> None:
        n = self.number
        self.levels = levels = resolution(n, self.size)
        self.found = np.zeros((n, levels + 3), np.int64)
        self.times = np.zeros((n, levels + 3), np.int64)
        self.states: NDArray[np.float64] = np.zeros((n, levels + 3, self.size))
        self.counts, self.tops, self.ends = (np.zeros(n, np.int64) for _ in range(3))


def resolution(number: int, size: int) -> int:
    """Number of levels for so many paths with so many numbers of state."""
    return max(32, min(LEVELS, MEMORY // (number * 8 * (2 + size))))


def generate(
    model: StepModel, dt: float, correction: str, level: sp.Expr | None, weights: Sequence[sp.Symbol] = ()
) -> tuple[str, tuple[float, ...]]:
    """Print the walks of a model.

    Parameters
    ----------
    model, dt, correction, level, weights
        As for :class:`Walker`.

    Returns
    -------
    tuple
        Source of a module, and the numbers its functions are called with, after the values of the weights.

    Raises
    ------
    RouteNotApplicable
        If an expression cannot be generated.
    """  # noqa: DOC502 - raised by the printer
    state, faces = model.state, len(model.faces)
    x, z, d = (
        sp.symbols(f"{name}:{count}", real=True)
        for name, count in (("x", len(state)), ("z", len(model.normals)), ("d", faces))
    )
    stages = tuple(sp.Symbol(f"s{k}", real=True) for k in range(len(model.stages)))
    names = dict(zip((*state, *model.normals, *(name for name, _ in model.stages)), (*x, *z, *stages), strict=True))
    constants = Constants()

    def lifted(expression: Any) -> sp.Expr:
        # the step is a number here, so that its roots and exponentials are computed once
        return constants.lift(sp.sympify(expression).xreplace({**names, TIME_STEP: sp.Float(dt)}))

    def body(targets: Sequence[str], expressions: Sequence[sp.Expr], given: Sequence[tuple[str, Sequence[sp.Symbol]]],
             named: Sequence[tuple[sp.Symbol, sp.Expr]] = ()) -> list[str]:  # fmt: skip
        printer = KernelPrinter()
        ordered, results = assignments(named, expressions)
        for name, expression in ordered:
            printer.lines.append(f"{name} = {printer.doprint(expression)}")
        for target, expression in zip(targets, results, strict=True):
            printer.lines.append(f"{target} = {printer.doprint(expression)}")
        used = set(re.findall(r"\w+", " ".join(printer.lines)))
        unpacked = [f"{s} = {array}[{k}]" for array, row in given for k, s in enumerate(row) if str(s) in used]
        unpacked += [f"{name} = c[{len(weights) + k}]" for k, name in enumerate(constants.names) if name in used]
        return unpacked + printer.lines

    step = body(
        [f"y[{i}]" for i in range(len(state))], [lifted(u) for u in model.update], [("x", x), ("z", z)],
        [(s, lifted(expression)) for s, (_, expression) in zip(stages, model.stages, strict=True)],
    )  # fmt: skip
    distances = body([f"d[{k}]" for k in range(faces)], [lifted(f) for f in model.distances], [("x", x)])
    height = -sp.Min(*d) if level is None else lifted(level)
    heights = body(["height"], [height], [("d", d), ("x", x), ("c", list(weights))])
    bridged = [k for k in range(faces) if correction == "bridge" and model.spreads[k] != 0]
    survival = body(
        [f"spread{k}" for k in bridged], [lifted(model.spreads[k] * TIME_STEP) for k in bridged], [("x", x)]
    )
    for k in bridged:
        survival += [
            f"reach{k} = d[{k}] * e[{k}]",
            f"if reach{k} < R({SURE}) * spread{k}:",
            f"    chance *= R(1) - exp_negative(-reach{k} / spread{k})",
        ]
    parts = {"step": step, "distances": distances, "level": heights, "survival": survival}
    called = set(re.findall(r"\b([a-z_0-9]+)\(", "\n".join(line for part in parts.values() for line in part)))
    source = WALKS.format(
        size=len(state), normals=len(z), faces=faces, exit=EXIT, block=STREAM_BLOCK,
        primitives=", ".join(sorted({*called, "R"} - {"if"})),
        **{name: "\n".join("    " + line for line in part) for name, part in parts.items()},
    )  # fmt: skip
    return source, tuple(constants.values)
