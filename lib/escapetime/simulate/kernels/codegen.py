"""The kernels of a model: one step of all lanes of a group, and the geometry of the exits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from escapetime.simulate.kernels.layout import CLOCK, COUNT, LANES, POSITION, rows
from escapetime.simulate.kernels.printing import Constants, KernelPrinter
from escapetime.simulate.model import StepModel

_ALWAYS = {"FLAGS", "R", "bits", "next_word", "normal_pair", "primitive", "value"}
UNROLL_TO = 4  # steps for which state stays in registers


@dataclass(frozen=True)
class Kernel:
    """Generated source and the numbers it is called with.

    Attributes
    ----------
    source : str
        A module that defines the one function; no number of the problem but small integers is in it.
    constants : tuple of float
        Its parameters.
    steps : int
        Steps in one round of ``advance``.
    """

    source: str
    constants: tuple[float, ...]
    steps: int = 1


def geometry(model: StepModel) -> Kernel:
    """Return the kernel that evaluates distances, spreads and gradients at one point."""
    rename, d = _canonical(model), len(model.variables)
    constants, printer = Constants(), KernelPrinter("t")
    expressions = [*model.distances, *model.spreads, *(g for gradient in model.gradients for g in gradient)]
    lifted = [constants.lift(sp.sympify(e).xreplace(rename)) for e in expressions]
    body = printer.statements([f"out[{k}]" for k in range(len(lifted))], lifted)
    source = _GEOMETRY.format(
        d=d,
        coordinates=_names("x", d),
        size=max(1, len(constants.values)),
        outputs=len(lifted),
        unpack=_unpack([f"c{k}" for k in range(len(constants.values))]),
        body=_indent(body, 4),
        imports=_imports("float64", body, {"R"}),
    )
    return Kernel(source, tuple(constants.values))


def advance(model: StepModel, dtype: str, correction: str) -> Kernel:
    """Return the kernel that advances a group of lanes."""
    rename, d, m, faces = _canonical(model), len(model.variables), model.factor.cols, len(model.faces)
    constants, printer = Constants(), KernelPrinter("t")
    entries = [(i, j) for i in range(d) for j in range(m) if model.factor[i, j] != 0]
    bridged = [correction == "bridge" and spread != 0 for spread in model.spreads]
    coefficients = {f"b{i}": model.drift[i] for i in range(d) if model.drift[i] != 0}
    coefficients |= {f"a{i}_{j}": model.factor[i, j] for i, j in entries}
    coefficients |= {f"spread{k}": model.spreads[k] for k in range(faces) if bridged[k]}
    lifted = [constants.lift(sp.sympify(e).xreplace(rename)) for e in coefficients.values()]
    body = printer.statements(list(coefficients), lifted)
    for i in range(d):
        text = f"x{i} + dt * b{i}" if f"b{i}" in coefficients else f"x{i}"
        text += "".join(f" + (root_dt * a{i}_{j}) * z{j}" for k, j in entries if k == i)
        body.append(f"y{i} = {text}")
    moved = {sp.Symbol(f"x{i}", real=True): sp.Symbol(f"y{i}", real=True) for i in range(d)}
    lifted = [constants.lift(sp.sympify(e).xreplace(rename)).xreplace(moved) for e in model.distances]
    body += printer.statements([f"e{k}" for k in range(faces)], lifted)
    for k in range(faces):
        chance = f"R(1) - exp_negative(-positive(d{k} * e{k} / (dt * spread{k})))"
        body.append(f"clock = clock * ({chance})" if bridged[k] else f"clock = select(e{k} > R(0), clock, R(0))")
    state = ["clock", "count", *_list("x", d), *_list("before", d), *_list("d", faces)]
    moves = [f"select(inside, y{i}, x{i})" for i in range(d)] + [f"select(inside, x{i}, before{i})" for i in range(d)]
    moves = ["clock", "count + select(inside, R(1), R(0))", *moves, *_list("e", faces)]
    parameters = ["dt", "root_dt", *(f"c{k}" for k in range(len(constants.values)))]
    turns = _turns(m)
    row = {name: CLOCK + k for k, name in enumerate(state)}
    assert row["count"] == COUNT
    assert row["x0"] == POSITION
    source = _ADVANCE.format(
        bits=dtype[-2:],
        imports=_imports(
            dtype, [*body, *moves], {"FLAGS", "R", "bits", "next_word", "normal_pair", "primitive", "value"}
        ),
        arguments=", ".join([*state, *_list("z", m), *parameters]),
        body=_indent(body, 4),
        results=",\n        ".join(moves),
        rows=rows(d, faces),
        lanes=LANES,
        size=len(parameters),
        unpack=_unpack(parameters),
        load=_indent([f"{name} = lanes[{k} * LANES + i]" for name, k in row.items()], 12),
        turns=_indent(_draws_and_steps(turns, m, state, parameters), 12),
        store=_indent([f"lanes[{k} * LANES + i] = {name}" for name, k in row.items()], 12),
    )
    return Kernel(source, tuple(constants.values), turns)


def _imports(dtype: str, lines: Sequence[str], always: set[str]) -> str:
    called = always | set(re.findall(r"\b([a-z_0-9]+)\(", " ".join(lines)))
    line = f"from escapetime.simulate.kernels.primitives{dtype[-2:]} import {', '.join(sorted(called))}"
    return line + ("\nfrom numpy import nan" if "R(nan)" in " ".join(lines) else "")


def _turns(normals: int) -> int:
    """Return how many steps make a round: the pairs of normals are used up in it."""
    turns = 2 if normals % 2 else 1
    while normals and 2 * turns * normals <= UNROLL_TO:
        turns *= 2
    return turns


def _draws_and_steps(turns: int, m: int, state: Sequence[str], parameters: Sequence[str]) -> list[str]:
    lines, drawn = [], 0
    for turn in range(turns):
        while drawn < (turn + 1) * m:
            lines.append("u, s0, s1, s2, s3 = next_word(s0, s1, s2, s3)")
            lines.append("v, s0, s1, s2, s3 = next_word(s0, s1, s2, s3)")
            lines.append(f"n{drawn}, n{drawn + 1} = normal_pair(u, v)")
            drawn += 2
        normals = [f"n{turn * m + j}" for j in range(m)]
        lines.append(f"{', '.join(state)} = step({', '.join([*state, *normals, *parameters])})")
    # where a position is not finite the clock becomes nan, and the path stops here
    watched = [name for name in state if re.fullmatch(r"x\d+", name)]
    return [*lines, "clock = clock" + "".join(f" + R(0) * {name}" for name in watched)]


def _canonical(model: StepModel) -> dict[sp.Symbol, sp.Symbol]:
    return {v: sp.Symbol(f"x{i}", real=True) for i, v in enumerate(model.variables)}


def _list(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{i}" for i in range(count)]


def _names(prefix: str, count: int) -> str:
    return ", ".join(_list(prefix, count)) + ("," if count == 1 else "")


def _unpack(names: Sequence[str]) -> str:
    return _indent([f"{name} = constants[{k}]" for k, name in enumerate(names)], 4)


def _indent(lines: Sequence[str], by: int) -> str:
    return "\n".join(" " * by + line for line in lines)


_GEOMETRY = '''\
"""Distance to each face, diffusivity across it, and the gradients of the distances, at one point."""

from numba import carray, cfunc, types
{imports}

_pointer = types.CPointer(types.float64)


@cfunc(types.void(_pointer, _pointer, _pointer), cache=True, error_model="numpy")
def geometry(point_, constants_, out_):
    x, constants, out = carray(point_, {d}), carray(constants_, {size}), carray(out_, {outputs})
    {coordinates} = x
{unpack}
{body}
'''

_ADVANCE = '''\
"""Advance a group of lanes; a path that has left stands still."""

from numba import carray, cfunc, types
from escapetime.simulate.kernels.intrinsics import full_width_vectors
{imports}

LANES = {lanes}
_pointer = types.CPointer(types.float{bits})


@primitive
def step({arguments}):
    inside = clock >= R(1)
{body}
    return (
        {results},
    )


@cfunc(types.void(_pointer, _pointer, types.int64), cache=True, **FLAGS)
def advance(lanes_, constants_, rounds):
    full_width_vectors()
    lanes, constants = carray(lanes_, {rows} * LANES), carray(constants_, {size})
{unpack}
    for _ in range(rounds):
        for i in range(LANES):
            s0, s1 = bits(lanes[i]), bits(lanes[LANES + i])
            s2, s3 = bits(lanes[2 * LANES + i]), bits(lanes[3 * LANES + i])
{load}
{turns}
            lanes[i], lanes[LANES + i] = value(s0), value(s1)
            lanes[2 * LANES + i], lanes[3 * LANES + i] = value(s2), value(s3)
{store}
'''
