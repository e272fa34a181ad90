"""What an engine runs: the source that was generated for a problem, to be read."""

from __future__ import annotations

import inspect

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.problem import EscapeProblem
from escapetime.simulate.model import StepModel
from escapetime.simulate.request import CORRECTIONS, DTYPES


class Source(str):
    """Source code; a notebook shows it as it is, not as a quoted string."""

    def __repr__(self) -> str:
        return str(self)


def source(
    problem: EscapeProblem, engine: str = "cpu", *, dtype: str = "float64", correction: str = "bridge"
) -> Source:
    """Return the code that an engine generates for a problem.

    Parameters
    ----------
    problem : EscapeProblem
        What would be simulated.
    engine : str
        ``"cpu"``: the two modules that numba compiles, with the numbers they are called with in comments.
        ``"reference"``: the functions that torch runs, one operation at a time.
    dtype, correction : str
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
    >>> "y0 = x0 + (root_dt * a0_0) * z0" in source(brownian)
    True
    """
    for value, name, choices in ((dtype, "dtype", DTYPES), (correction, "correction", CORRECTIONS)):
        if value not in choices:
            raise InvalidInput(f"Expected {name} to be one of {', '.join(map(repr, choices))}, got {value!r}.")
    if not isinstance(problem, EscapeProblem):
        raise InvalidInput(f"Expected an EscapeProblem (process, start, domain), got {type(problem).__name__}.")
    model = StepModel.of(problem)
    if engine == "cpu":
        return Source(_cpu(model, dtype, correction))
    if engine == "reference":
        return Source(_reference(model))
    if engine == "gpu":
        raise RouteNotApplicable("This version has no compiled 'gpu' engine; use engine='cpu' or 'reference'.")
    raise InvalidInput(f"Expected engine to be 'cpu' or 'reference', got {engine!r}.")


def _cpu(model: StepModel, dtype: str, correction: str) -> str:
    from escapetime.simulate.kernels import codegen

    parts = [
        f"# x{i} is {v}, which starts at {s:g}"
        for i, (v, s) in enumerate(zip(model.variables, model.start, strict=True))
    ]
    parts += [f"# d{k}, e{k}: distance to the face {name!r}" for k, name in enumerate(model.faces)]
    for kernel in (codegen.advance(model, dtype, correction), codegen.geometry(model)):
        parts += ["", *(f"# c{k} = {value!r}" for k, value in enumerate(kernel.constants)), kernel.source.rstrip()]
    return "\n".join(parts) + "\n"


def _reference(model: StepModel) -> str:
    from escapetime.simulate.torch_rows import compile_rows

    named = {
        "drift": model.drift,
        "noise factor, row by row": tuple(model.factor),
        f"distances to {', '.join(model.faces)}": model.distances,
        "diffusivity across the faces": model.spreads,
    }
    return "\n".join(
        f"# {what}\n{inspect.getsource(compile_rows(model.variables, expressions))}"
        for what, expressions in named.items()
    )
