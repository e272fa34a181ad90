"""The Triton kernel of a model: many steps of all lanes, exits recorded on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from escapetime.simulate.gpu import templates
from escapetime.simulate.gpu.dialect import own_functions, translate
from escapetime.simulate.gpu.layout import Layout
from escapetime.simulate.gpu.winding import Winding
from escapetime.simulate.kernels.printing import Constants, KernelPrinter
from escapetime.simulate.kernels.text import indent, numbered, used
from escapetime.simulate.model import StepModel
from escapetime.symbolic.assignments import Stage


@dataclass(frozen=True)
class Kernel:
    """Generated source, and what it is called with.

    Attributes
    ----------
    source : str
        A module that defines ``advance``; no number of the problem but small integers is in it.
    constants : Constants
        What it is given behind ``dt`` and its root.
    layout : Layout
        How lanes lie in memory.
    """

    source: str
    constants: Constants
    layout: Layout


def advance(model: StepModel, dtype: str, correction: str) -> Kernel:
    """Generate the kernel of a model.

    Parameters
    ----------
    model : StepModel
        What to step.
    dtype : str
        ``"float64"`` or ``"float32"``: which generator is imported; all else takes the type of what is loaded.
    correction : str
        ``"bridge"`` or ``"none"``.

    Returns
    -------
    Kernel
        To be compiled.

    Raises
    ------
    RouteNotApplicable
        If an expression cannot be generated.
    """  # noqa: DOC502 - raised by the printer
    constants, layout, faces = Constants(), Layout.of(model), len(model.faces)
    d, bits = layout.dimension, dtype[-2:]
    x, y = numbered("x", d), numbered("y", d)
    m, n = numbered("m", layout.memory), numbered("n", layout.memory)
    z, before = numbered("z", layout.normals), numbered("before", d)
    now, then = numbered("d", faces), numbered("e", faces)
    winding = Winding(model, correction)

    distances = _assign(model, constants, dict(zip(then, winding.distances, strict=True)))
    step = _assign(model, constants, dict(zip([*y, *n], model.update, strict=True)) | winding.rates, model.stages)
    # what does not depend on the lane is made a row all the same: the types of a loop must not change
    step += [f"{name} = {name} + tl.zeros_like(x0)" for name in _numbers(model, [*y, *n])]
    parameters = ["dt", "root_dt", *constants.names]
    of_distances, of_step = used(parameters, distances), used(parameters, step)
    parameters = [name for name in parameters if name in {*of_distances, *of_step}]
    told = ["clock", "taken", *before, *x, *m, *winding.carried("d")]
    # distances are made of what was selected, so that they are rounded the same at the beginning of a launch
    freeze = [f"before{i} = tl.where(inside, x{i}, before{i})" for i in range(d)]
    freeze += [f"x{i} = tl.where(inside, y{i}, x{i})" for i in range(d)]
    begin = [f"{', '.join(now)} = distances({', '.join([*x, *of_distances])})"]
    source = templates.ADVANCE.format(
        turns=layout.turns, imports=_imports(bits, [*distances, *step], bool(z)),
        of_distances=", ".join([*x, *of_distances]), distances=indent(distances, 4), then=", ".join(then),
        of_step=", ".join([*x, *m, *z, *of_step]), step=indent(step, 4), stepped=", ".join([*y, *n, *winding.rates]),
        of_follow=", ".join(["number", *told, *z, *parameters]),
        given_step=", ".join([*x, *m, *z, *of_step]), given_distances=", ".join([*x, *of_distances]),
        wind=indent(winding.lines(), 4), spoil=indent([f"wound += 0.0 * {name}" for name in [*y, *n]], 4),
        freeze=indent(freeze, 4), followed=", ".join(["clock", "taken", *before, *x, *n, *winding.carried("e")]),
        load=indent(_load(layout, parameters, ["dt", "root_dt", *constants.names], bits), 4),
        load_distances=indent(begin if winding.bridged else [], 4),
        loop=indent(_loop(layout, told, parameters), 8), store=indent(_store(layout, bits), 4),
    )  # fmt: skip
    return Kernel(source, constants, layout)


def render(model: StepModel, dtype: str, correction: str) -> str:
    """Return the source to be read: what the names mean, the numbers, and the module."""
    kernel = advance(model, dtype, correction)
    kinds = {v: f", which starts at {s:g}" for v, s in zip(model.variables, model.start, strict=True)}
    kinds |= {v: f", memory that starts at {value}" for v, value in model.memory.items()}
    kinds |= dict.fromkeys(model.normals, ", a standard normal")
    kinds |= {name: ", a stage of the step" for name, _ in model.stages}
    parts = [f"# {short} is {v}{kinds[v]}" for v, short in _symbols(model).items()]
    parts += [f"# d{k}, e{k}: distance to the face {name!r}" for k, name in enumerate(model.faces)]
    parts += ["", *(f"# c{k} = {value}" for k, value in enumerate(kernel.constants.values)), kernel.source.rstrip()]
    return "\n".join(parts) + "\n"


def _symbols(model: StepModel) -> dict[sp.Symbol, sp.Symbol]:
    groups = {"x": model.variables, "m": model.memory, "z": model.normals, "g": [name for name, _ in model.stages]}
    return {v: sp.Symbol(f"{prefix}{i}", real=True) for prefix, group in groups.items() for i, v in enumerate(group)}


def _assign(
    model: StepModel, constants: Constants, wanted: dict[str, sp.Expr], stages: Sequence[Stage] = ()
) -> list[str]:
    rename = _symbols(model)

    def lifted(expression: sp.Expr) -> sp.Expr:
        return constants.lift(sp.sympify(expression).xreplace(rename))

    return translate(
        KernelPrinter().statements(
            list(wanted), [lifted(e) for e in wanted.values()], [(rename[name], lifted(e)) for name, e in stages]
        )
    )


def _numbers(model: StepModel, targets: Sequence[str]) -> list[str]:
    """Return which results of a step are the same for all lanes."""
    varying = {*model.state, *model.normals}
    for name, expression in model.stages:
        if expression.free_symbols & varying:
            varying.add(name)
    return [t for t, e in zip(targets, model.update, strict=True) if not sp.sympify(e).free_symbols & varying]


def _imports(bits: str, lines: Sequence[str], noisy: bool) -> str:
    names = own_functions(lines)
    parts = [f"from escapetime.simulate.gpu.functions import {', '.join(names)}"] if names else []
    parts += [f"from escapetime.simulate.gpu.random{bits} import draw"] if noisy else []
    return "\n".join(parts)


def _load(layout: Layout, parameters: Sequence[str], numbers: Sequence[str], bits: str) -> list[str]:
    lines = [f"{name} = tl.load(numbers + {numbers.index(name)})" for name in parameters]
    lines += [f"{name} = tl.load(reals + {k} * lanes + lane)" for k, name in enumerate(layout.names)]
    if layout.normals:
        cast = f"tl.uint{bits}, bitcast=True"
        lines += [f"{s} = tl.load(words + {k} * lanes + lane).to({cast})" for k, s in enumerate(numbered("s", 4))]
    return lines


def _store(layout: Layout, bits: str) -> list[str]:
    lines = [f"tl.store(reals + {k} * lanes + lane, {name})" for k, name in enumerate(layout.names)]
    if layout.normals:
        cast = f"tl.int{bits}, bitcast=True"
        lines += [f"tl.store(words + {k} * lanes + lane, {s}.to({cast}))" for k, s in enumerate(numbered("s", 4))]
    return lines


def _loop(layout: Layout, told: Sequence[str], parameters: Sequence[str]) -> list[str]:
    """Return the steps of a round, each behind the first pair of normals that it needs."""
    lines, drawn = [], 0
    for turn in range(layout.turns):
        while drawn < (turn + 1) * layout.normals:
            lines.append(f"z{drawn}, z{drawn + 1}, s0, s1, s2, s3 = draw(s0, s1, s2, s3)")
            drawn += 2
        z = [f"z{turn * layout.normals + j}" for j in range(layout.normals)]
        number = f"{layout.turns} * round + {turn + 1}"
        lines.append(f"{', '.join(told)} = follow({', '.join([number, *told, *z, *parameters])})")
    return lines
