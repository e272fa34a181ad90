"""What an engine runs: the source that was generated for a problem, to be read."""

from __future__ import annotations

import inspect

from escapetime.errors import InvalidInput
from escapetime.problem import EscapeProblem
from escapetime.simulate.engine import Plan
from escapetime.simulate.model import StepModel
from escapetime.simulate.request import plan
from escapetime.simulate.schemes import TIME_STEP


class Source(str):
    """Source code; a notebook shows it as it is, not as a quoted string."""

    def __repr__(self) -> str:
        return str(self)


def source(
    problem: EscapeProblem, engine: str = "cpu", *, dtype: str = "float64", correction: str = "auto",
    scheme: str = "auto",
) -> Source:  # fmt: skip
    """Return the code that an engine generates for a problem.

    Parameters
    ----------
    problem : EscapeProblem
        What would be simulated.
    engine : str
        ``"cpu"``: the two modules that numba compiles, with the numbers they are called with in comments.
        ``"gpu"``: the module that Triton compiles, likewise.
        ``"reference"``: the functions that torch runs, one operation at a time.
    dtype, correction, scheme : str
        As for :func:`escapetime.simulate.first_passage`.

    Returns
    -------
    Source
        A string whose ``repr`` is itself.

    Raises
    ------
    InvalidInput
        If an argument is out of range.
    RouteNotApplicable
        If the engine cannot generate code for this.

    Examples
    --------
    >>> import escapetime as et
    >>> brownian = et.EscapeProblem(et.langevin(et.landscapes.flat(), temperature=0.5), 0.0, et.Interval(-1, 1))
    >>> "y0 = x0 + a0_0 * z0" in source(brownian)
    True
    """  # noqa: DOC502 - raised by what it calls
    asked = plan(
        problem, paths=1, dt=None, seed=0, device="cpu", correction=correction, max_steps=None, chunk=None, dtype=dtype,
        scheme=scheme,
    )  # fmt: skip
    model = StepModel.of(problem, asked.scheme)
    if engine == "cpu":
        return Source(_cpu(model, asked))
    if engine == "reference":
        return Source(_reference(model))
    if engine == "gpu":
        from escapetime.simulate.gpu.codegen import render

        return Source(render(model, asked.dtype, asked.correction))
    raise InvalidInput(f"Expected engine to be 'cpu', 'gpu' or 'reference', got {engine!r}.")


def _cpu(model: StepModel, plan: Plan) -> str:
    from escapetime.simulate.kernels import codegen

    named, stages = codegen.symbols_of(model), dict(model.stages)
    kinds = {v: f", which starts at {s:g}" for v, s in zip(model.variables, model.start, strict=True)}
    kinds |= {v: f", memory that starts at {value}" for v, value in model.memory.items()}
    kinds |= dict.fromkeys(model.normals, ", a standard normal") | dict.fromkeys(stages, ", a stage of the step")
    parts = [f"# {short} is {v}{kinds[v]}" for v, short in named.items()]
    parts += [f"# d{k}, e{k}: distance to the face {name!r}" for k, name in enumerate(model.faces)]
    for kernel in (codegen.advance(model, plan.dtype, plan.correction), codegen.geometry(model)):
        parts += ["", *(f"# c{k} = {value}" for k, value in enumerate(kernel.constants.values)), kernel.source.rstrip()]
    return "\n".join(parts) + "\n"


def _reference(model: StepModel) -> str:
    from escapetime.simulate.torch_rows import compile_rows

    arguments, stages = [*model.state, *model.normals, TIME_STEP], model.stages
    parts = {
        "state after a step, then diffusivity across the faces":
            compile_rows(arguments, [*model.update, *model.spreads], stages),
        f"distances to {', '.join(model.faces)}": compile_rows(model.variables, model.distances),
    }  # fmt: skip
    return "\n".join(f"# {what}\n{inspect.getsource(function)}" for what, function in parts.items())
