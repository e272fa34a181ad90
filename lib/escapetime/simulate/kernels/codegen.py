"""The kernels of a model: many steps of all lanes of a group, and the geometry of the exits.

A round of a few steps has two parts. First all lanes step, and all that is kept of the exits is how near a lane came to
one. Only if a lane came near enough for its bridge to touch a face, which is rare while paths stay in a well, is the
round looked at again: clocks, exits, positions on both sides of the exit. A lane whose path has left goes on from the
start, where it disturbs nobody, until the worker gives it another path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy as sp

from escapetime.simulate.kernels import layout, templates
from escapetime.simulate.kernels.printing import Constants, KernelPrinter
from escapetime.simulate.model import StepModel

TURN = 8  # normals of a round, as far as the steps allow: its state stays in registers
# a bridge with d0 d1 > SURE * spread touches with a chance that is below the resolution of one minus that chance
SURE = {"float64": 38.0, "float32": 17.5}


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
    """Return the kernel that evaluates distances, spreads and gradients at one point, in float64."""
    constants = Constants()
    expressions = [*model.distances, *model.spreads, *(g for gradient in model.gradients for g in gradient)]
    # what is zero everywhere, such as most of the gradients of a box, is left as it is
    written = {f"out[{k}]": e for k, e in enumerate(expressions) if e != 0}
    body = _assign(model, constants, list(written), list(written.values()))
    source = templates.GEOMETRY.format(
        imports=_imports("float64", body), d=len(model.variables), outputs=len(expressions),
        size=len(constants.values) + 1, coordinates=_tuple(_list("x", len(model.variables))),
        unpack=_indent(_unpack(constants.names), 4), body=_indent(body, 4),
    )  # fmt: skip
    return Kernel(source, tuple(constants.values))


def advance(model: StepModel, dtype: str, correction: str) -> Kernel:
    """Return the kernel that advances a group of lanes; it is called with dt, its root, the reach, start, constants."""
    d, m, faces = len(model.variables), model.factor.cols, len(model.faces)
    constants, turns = Constants(), _turns(model.factor.cols)
    spreads = {f"spread{k}": s for k, s in enumerate(model.spreads) if correction == "bridge" and s != 0}
    x, y, z, sides = _list("x", d), _list("y", d), _list("z", m), [*_list("before", d), *_list("after", d)]
    now, then = _list("d", faces), _list("e", faces)

    distances = _assign(model, constants, then, model.distances)
    step = _euler(model, constants, spreads)
    look = _assign(model, constants, list(spreads), list(spreads.values()))
    margins, chances = [], []
    for k in range(faces):
        if f"spread{k}" in spreads:
            margins.append(f"d{k} * e{k} - reach * spread{k}")
            look.append(f"crossing{k} = exp_negative(-positive(d{k} * e{k} / (dt * spread{k})))")
            chances.append(f"(R(1) - crossing{k})")
        else:
            margins.append(f"e{k}")
            chances.append(f"select(e{k} > R(0), R(1), R(0))")
    parameters = ["dt", "root_dt", "reach", *constants.names]
    of_distances, of_look = _used(parameters, distances), _used(parameters, look)
    of_step = _used(parameters, [*step, *margins, *of_distances])
    step.append(f"{_tuple(then)} = distances({', '.join([*y, *of_distances])})")
    step += [f"near{k + 1} = nearer(near{k}, {margin})" for k, margin in enumerate(margins)]
    source = templates.ADVANCE.format(
        bits=dtype[-2:], lanes=layout.lanes(int(dtype[-2:])), rows=layout.rows(d, turns), turns=turns,
        size=len(parameters) + d,
        imports=_imports(dtype, [*distances, *step, *look]), near=f"near{faces}",
        of_distances="".join(f", {name}" for name in of_distances), of_step="".join(f", {name}" for name in of_step),
        of_look="".join(f", {name}" for name in of_look),
        unpack=_indent(_unpack([*parameters, *_list("start", d)]), 4),
        x=", ".join(x), y=", ".join(y), z="".join(f", {name}" for name in z), now=", ".join(now), then=", ".join(then),
        sides=", ".join(sides), distances=_indent(distances, 4), step=_indent(step, 4), look=_indent(look, 4),
        ticked=" * ".join(["clock", *chances]) + "".join(f" + R(0) * {name}" for name in y),
        moved=",\n        ".join([*(f"select(left, x{i}, before{i})" for i in range(d)),
                                  *(f"select(left, y{i}, after{i})" for i in range(d))]),
        draws=_indent(_draws(turns, d, m), 12), steps=_indent(_steps(turns, d, m, faces, of_distances, of_step), 12),
        looks=_indent(_looks(turns, d, faces, sides, of_distances, of_look), 16),
        flag=layout.FLAG, block=layout.block(int(dtype[-2:])),
    )  # fmt: skip
    return Kernel(source, tuple(constants.values), turns)


def _euler(model: StepModel, constants: Constants, spreads: dict[str, sp.Expr]) -> list[str]:
    d, m = model.factor.shape
    factor = {(i, j): model.factor[i, j] for i in range(d) for j in range(m) if model.factor[i, j] != 0}
    wanted = {f"b{i}": model.drift[i] for i in range(d) if model.drift[i] != 0}
    wanted |= {f"a{i}_{j}": entry for (i, j), entry in factor.items()} | spreads
    lines = _assign(model, constants, list(wanted), list(wanted.values()))
    for i in range(d):
        # the drift comes last: the noise does not have to wait for it
        text = f"x{i}" + "".join(f" + (root_dt * a{i}_{j}) * z{j}" for k, j in factor if k == i)
        lines.append(f"y{i} = {text} + dt * b{i}" if f"b{i}" in wanted else f"y{i} = {text}")
    return lines


def _turns(normals: int) -> int:
    """Return how many steps make a round: the pairs of normals are used up in it."""
    turns = 2 if normals % 2 else 1
    while normals and 2 * turns * normals <= TURN:
        turns *= 2
    return turns


def _draws(turns: int, d: int, m: int) -> list[str]:
    """Move the positions to the beginning of the trail and put the normals where the next ones will be."""
    x, state = _at("p", d, 0), _list("s", 4)
    lines = [*_load(x, layout.trail(d, turns)), *_store(x, layout.trail(d, 0))]
    if m:
        lines += [f"{name} = bits(lanes[{k}, i])" for k, name in enumerate(state)]
    for k in range(0, turns * m, 2):
        # every name is assigned once: numba's analysis of names that change costs more than all else
        new = [f"{name}_" for name in state]
        lines.append(f"z{k}, z{k + 1}, {', '.join(new)} = draw({', '.join(state)})")
        for n in (k, k + 1):
            lines += _store([f"z{n}"], layout.trail(d, 1 + n // m) + n % m)
        state = new
    return [*lines, *(f"lanes[{k}, i] = value({name})" for k, name in enumerate(state) if m)]


def _steps(turns: int, d: int, m: int, faces: int, of_distances: list[str], of_step: list[str]) -> list[str]:
    x, now = _at("x", d, 0), _at("d", faces, 0)
    lines = _load(x, layout.trail(d, 0))
    lines += [f"{_tuple(now)} = distances({', '.join([*x, *of_distances])})", "near0 = R(inf)"]
    for turn in range(turns):
        z, y, then = _at("n", m, turn), _at("x", d, turn + 1), _at("d", faces, turn + 1)
        lines += _load(z, layout.trail(d, turn + 1))
        given = ", ".join([*x, *now, f"near{turn}", *z, *of_step])
        lines += [f"{', '.join([*y, *then])}, near{turn + 1} = step({given})", *_store(y, layout.trail(d, turn + 1))]
        x, now = y, then
    return [*lines, f"near = near{turns}" + "".join(f" + R(0) * {name}" for name in x)]


def _looks(turns: int, d: int, faces: int, sides: list[str], of_distances: list[str], of_look: list[str]) -> list[str]:
    x, now = _at("y", d, 0), _at("e", faces, 0)
    told = ["clock", "when", *sides]
    lines = [*_load(told, layout.CLOCK), *_load(x, layout.trail(d, 0))]
    lines.append(f"{_tuple(now)} = distances({', '.join([*x, *of_distances])})")
    for turn in range(1, turns + 1):
        y, then = _at("y", d, turn), _at("e", faces, turn)
        lines += _load(y, layout.trail(d, turn))
        lines.append(f"{_tuple(then)} = distances({', '.join([*y, *of_distances])})")
        new = [f"{name}_" for name in told]
        lines.append(
            f"{', '.join(new)} = look({', '.join([*told, *x, *now, *y, *then, f'taken + R({turn})', *of_look])})"
        )
        x, now, told = y, then, new
    home = [f"select({told[0]} >= R(1), {name}, start{i})" for i, name in enumerate(x)]
    gone = f"gone = W(gone | bits(select((clock >= R(1)) & ({told[0]} < R(1)), R(1), R(0))))"
    return [*lines, *_store(told, layout.CLOCK), *_store(home, layout.trail(d, turns)), gone]


def _used(names: Sequence[str], lines: Sequence[str]) -> list[str]:
    words = set(re.findall(r"\w+", " ".join(lines)))
    return [name for name in names if name in words]


def _at(prefix: str, count: int, turn: int) -> list[str]:
    return [f"{prefix}{i}_{turn}" for i in range(count)]


def _assign(model: StepModel, constants: Constants, names: Sequence[str], values: Iterable[sp.Expr]) -> list[str]:
    rename = {v: sp.Symbol(f"x{i}", real=True) for i, v in enumerate(model.variables)}
    return KernelPrinter().statements(names, [constants.lift(sp.sympify(e).xreplace(rename)) for e in values])


def _imports(dtype: str, lines: Sequence[str]) -> str:
    called = {"R", "W", "bits", "select", "value", *re.findall(r"\b([a-z_0-9]+)\(", " ".join(lines))} - {
        "distances",
        "draw",
    }
    return f"from escapetime.simulate.kernels.primitives{dtype[-2:]} import {', '.join(sorted(called))}"


def _list(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{i}" for i in range(count)]


def _tuple(names: Sequence[str]) -> str:
    return f"({', '.join(names)},)"


def _unpack(names: Sequence[str]) -> list[str]:
    return [f"{name} = constants[{k}]" for k, name in enumerate(names)]


def _load(names: Sequence[str], row: int) -> list[str]:
    return [f"{name} = lanes[{row + k}, i]" for k, name in enumerate(names)]


def _store(names: Sequence[str], row: int) -> list[str]:
    return [f"lanes[{row + k}, i] = {name}" for k, name in enumerate(names)]


def _indent(lines: Sequence[str], by: int) -> str:
    return "\n".join(" " * by + line for line in lines)
