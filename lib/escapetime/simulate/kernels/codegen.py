"""The kernels of a model: many steps of all lanes of a group, and the geometry of the exits.

A round of a few steps has two parts. First all lanes step, and all that is kept of the exits is how near a lane came to
one. Only if a lane came near enough for its bridge to touch a face, which is rare while paths stay in a well, is the
round looked at again: clocks, exits, positions on both sides of the exit. A lane whose path has left goes on from the
start, where it disturbs nobody, until the worker gives it another path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from escapetime.simulate.kernels import rounds, templates
from escapetime.simulate.kernels.layout import FLAG, Layout, block, lanes, steps_of_round
from escapetime.simulate.kernels.printing import Constants, KernelPrinter
from escapetime.simulate.kernels.text import called, indent, numbered, tuple_of, unpack, used
from escapetime.simulate.model import StepModel
from escapetime.symbolic.assignments import Stage

# a bridge with d0 d1 > SURE * spread touches with a chance that is below the resolution of one minus that chance
SURE = {"float64": 38.0, "float32": 17.5}


@dataclass(frozen=True)
class Kernel:
    """Generated source and the numbers it is called with.

    Attributes
    ----------
    source : str
        A module that defines the one function; no number of the problem but small integers is in it.
    constants : Constants
        Its parameters.
    layout : Layout
        How the lanes lie in memory.
    """

    source: str
    constants: Constants
    layout: Layout


def symbols_of(model: StepModel) -> dict[sp.Symbol, sp.Symbol]:
    """Return what the symbols of a model are called in its kernels: x, m, z, s with numbers."""
    groups = {"x": model.variables, "m": model.memory, "z": model.normals, "s": [name for name, _ in model.stages]}
    return {v: sp.Symbol(f"{prefix}{i}", real=True) for prefix, group in groups.items() for i, v in enumerate(group)}


def geometry(model: StepModel) -> Kernel:
    """Return the kernel that evaluates distances, spreads and gradients at one point, in float64."""
    constants = Constants()
    expressions = [*model.distances, *model.spreads, *(g for gradient in model.gradients for g in gradient)]
    # what is zero everywhere, such as most of the gradients of a box, is left as it is
    body = _assign(model, constants, {f"out[{k}]": e for k, e in enumerate(expressions) if e != 0})
    source = templates.GEOMETRY.format(
        imports=_imports("float64", body), d=len(model.variables), outputs=len(expressions),
        size=len(constants.values) + 1, coordinates=tuple_of(numbered("x", len(model.variables))),
        unpack=indent(unpack(constants.names), 4), body=indent(body, 4),
    )  # fmt: skip
    return Kernel(source, constants, Layout(len(model.variables), 0, 0, 0))


def advance(model: StepModel, dtype: str, correction: str) -> Kernel:
    """Return the kernel that advances a group of lanes; its numbers are those of :func:`parameters`."""
    constants, faces, bits = Constants(), len(model.faces), int(dtype[-2:])
    d, memory, normals = len(model.variables), len(model.memory), len(model.normals)
    spreads = {f"spread{k}": s for k, s in enumerate(model.spreads) if correction == "bridge" and s != 0}
    x, y, sides = numbered("x", d), numbered("y", d), [*numbered("before", d), *numbered("after", d)]
    m, n, now, then = numbered("m", memory), numbered("n", memory), numbered("d", faces), numbered("e", faces)

    distances = _assign(model, constants, dict(zip(then, model.distances, strict=True)))
    step = _step(model, constants, [*y, *n], spreads)
    look = _assign(model, constants, spreads)
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
    of_distances, of_look = used(parameters, distances), used(parameters, look)
    of_step = used(parameters, [*step, *margins, *of_distances])
    step.append(f"{tuple_of(then)} = distances({', '.join([*y, *of_distances])})")
    step += [f"near{k + 1} = nearer(near{k}, {margin})" for k, margin in enumerate(margins)]
    layout = Layout(d, memory, normals, steps_of_round(normals, len(step)))
    function = "" if layout.steps == 1 else templates.STEP.format(
        x=", ".join(x), y=", ".join(y), m=_more(m), n=_more(n), z=_more(numbered("z", normals)), now=", ".join(now),
        then=", ".join(then), of_step=_more(of_step), step=indent(step, 4), near=f"near{faces}",
    )  # fmt: skip
    source = templates.ADVANCE.format(
        bits=bits, lanes=lanes(bits), rows=layout.rows, turns=layout.steps, size=len(parameters) + d + memory,
        imports=_imports(dtype, [*distances, *step, *look]), step_function=function,
        of_distances=_more(of_distances), of_look=_more(of_look),
        unpack=indent(unpack([*parameters, *numbered("start", d + memory)]), 4),
        x=", ".join(x), y=", ".join(y), now=", ".join(now), then=", ".join(then), sides=", ".join(sides),
        distances=indent(distances, 4), look=indent(look, 4),
        ticked=" * ".join(["clock", *chances]) + "".join(f" + R(0) * {name}" for name in y),
        moved=",\n        ".join([*(f"select(left, x{i}, before{i})" for i in range(d)),
                                  *(f"select(left, y{i}, after{i})" for i in range(d))]),
        draws=indent(rounds.many_draws(layout), 8),
        steps=indent(rounds.steps(layout, faces, of_distances, of_step, step), 12),
        looks=indent(rounds.looks(layout, faces, sides, of_distances, of_look), 16),
        flag=FLAG, block=block(bits),
    )  # fmt: skip
    return Kernel(source, constants, layout)


def parameters(kernel: Kernel, dt: float, dtype: str, initial: Sequence[float]) -> list[float]:
    """Return what ``advance`` is called with: dt, its root, the reach of a bridge, constants, state at the start."""
    return [dt, dt**0.5, SURE[dtype] * dt, *kernel.constants.at(dt), *initial]


def _step(model: StepModel, constants: Constants, targets: Sequence[str], spreads: dict[str, sp.Expr]) -> list[str]:
    parts = [] if model.stages else [affine(update, model.normals) for update in model.update]
    split = [part for part in parts if part is not None]
    if len(split) < len(targets):
        return _assign(model, constants, dict(zip(targets, model.update, strict=True)) | spreads, model.stages)
    wanted: dict[str, sp.Expr] = {}
    sums = []
    for i, (target, symbol, (rest, amplitudes)) in enumerate(zip(targets, model.state, split, strict=True)):
        itself = symbol in sp.Add.make_args(rest)
        rest -= symbol if itself else 0
        terms = [str(symbols_of(model)[symbol])] if itself else []
        terms += [f"a{i}_{j} * z{j}" for j, amplitude in enumerate(amplitudes) if amplitude != 0]
        wanted |= {f"a{i}_{j}": amplitude for j, amplitude in enumerate(amplitudes) if amplitude != 0}
        if rest != 0 or not terms:
            # it comes last: the noise does not have to wait for it
            wanted[f"r{i}"] = rest
            terms.append(f"r{i}")
        sums.append(f"{target} = {' + '.join(terms)}")
    return _assign(model, constants, wanted | spreads) + sums


def affine(expression: sp.Expr, normals: Sequence[sp.Symbol]) -> tuple[sp.Expr, list[sp.Expr]] | None:
    """Return the rest and the factors of the normals of an expression that is affine in them, else None."""
    factors = [sp.diff(expression, z) for z in normals]
    if any(factor.free_symbols & set(normals) for factor in factors):
        return None
    return expression.xreplace(dict.fromkeys(normals, sp.Integer(0))), factors


def _assign(
    model: StepModel, constants: Constants, wanted: dict[str, sp.Expr], stages: Sequence[Stage] = ()
) -> list[str]:
    rename = symbols_of(model)

    def lifted(expression: sp.Expr) -> sp.Expr:
        return constants.lift(sp.sympify(expression).xreplace(rename))

    return KernelPrinter().statements(
        list(wanted), [lifted(e) for e in wanted.values()], [(rename[name], lifted(e)) for name, e in stages]
    )


def _imports(dtype: str, lines: Sequence[str]) -> str:
    names = {"R", "W", "bits", "select", "value", *called(lines)} - {"distances"}
    return f"from escapetime.simulate.kernels.primitives{dtype[-2:]} import {', '.join(sorted(names))}"


def _more(names: Sequence[str]) -> str:
    return "".join(f", {name}" for name in names)
