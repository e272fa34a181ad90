"""Is the step small enough? Checked before a run: an unstable scheme, or optimizer, looks like escape."""

from __future__ import annotations

import functools
import math
import warnings
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from escapetime.critical_points import descend
from escapetime.errors import EscapeTimeWarning, InvalidInput, NumericalFailure
from escapetime.problem import EscapeProblem
from escapetime.processes import Underdamped
from escapetime.simulate.engine import Plan
from escapetime.simulate.model import StepModel
from escapetime.symbolic.assignments import Stage
from escapetime.symbolic.compile import ArrayFunction

STABLE = 2.0  # the Euler scheme multiplies a displacement by 1 - curvature * dt each step; so does BAOAB, by frequency
COARSE = 0.5  # above this fraction of a relaxation time the bias of the scheme shows
GOOD = 0.2
REMEMBERED = 64  # chains whose step is not compiled again
_SHIFT, _ROUNDING = 1e-5, 1e-6  # of the differences that stand for a derivative


def stiffness(problem: EscapeProblem) -> float:
    """Return the largest rate at which the process contracts, at the start and at the minimum below it.

    Parameters
    ----------
    problem : EscapeProblem
        With a landscape, the minimum is where steepest descent from the start ends, if that is inside the domain.

    Returns
    -------
    float
        One over time. Diffusions: the largest eigenvalue of the symmetric part of minus the Jacobian of the drift.
        Underdamped: the largest frequency. 0 if none is positive.
    """
    process: Any = problem.process
    if isinstance(process, Underdamped):
        hessian, light = process.landscape.hess, 1 / np.sqrt(np.array(process.masses))
        scaled = (light[:, None] * hessian(p) * light for p in _points(problem))
        return max(math.sqrt(max(0.0, float(np.linalg.eigvalsh(h)[-1]))) for h in scaled)
    process = process.to_ito()
    d = process.dimension
    jacobian = ArrayFunction(process.variables, list(process.drift.jacobian(process.variables)), (d, d))
    rates = [float(np.max(np.linalg.eigvalsh(-(j + j.T) / 2))) for j in map(jacobian, _points(problem))]
    return max(0.0, *rates)


def _points(problem: EscapeProblem) -> list[NDArray[np.float64]]:
    start, landscape = np.array(problem.start), problem.process.landscape
    if landscape is None:
        return [start]
    if not landscape.grad(start).any():  # at rest: there is nothing to follow, and what follows is slow to import
        return [start, start]
    try:
        bottom = descend(landscape, start, problem.domain.bounds)
    except NumericalFailure:  # a flat valley: there is no single lowest point, and none is stiffer than the start
        bottom = None
    return [start] if bottom is None else [start, bottom]


def growth(problem: EscapeProblem, model: StepModel) -> float:
    """Return the factor by which one step of a chain without noise multiplies small displacements from a minimum.

    Parameters
    ----------
    problem : EscapeProblem
        With a landscape; the minimum is where steepest descent from the start ends.
    model : StepModel
        Its chain.

    Returns
    -------
    float
        Spectral radius of the Jacobian of the step, memory included; nan without a landscape, where no minimum is
        found, where the step is not differentiable there (optimizers that divide by the gradient's size), or where
        memory does not rest (bias corrections: early steps say nothing about later ones).
    """
    landscape = problem.process.landscape
    if landscape is None or len(points := _points(problem)) < 2:
        return math.nan
    if np.linalg.eigvalsh(landscape.hess(points[-1]))[0] < 0:
        return math.nan  # descent from a saddle stays there, and to leave one is no instability
    import torch

    step = _compiled((*model.state, *model.normals), model.update, model.stages)
    memory = model.initial(1.0)[len(model.start) :]
    first = torch.tensor([*points[-1], *memory], dtype=torch.float64)[:, None]

    def after(states: torch.Tensor) -> torch.Tensor:
        quiet = torch.zeros(states.shape[1], dtype=torch.float64)
        moved = step(*states.unbind(), *[quiet] * len(model.normals))
        return torch.stack([torch.as_tensor(row, dtype=torch.float64).expand(quiet.shape) for row in moved])

    center = after(first)  # a flag for the first step is gone
    if not np.allclose(after(center), center, rtol=0, atol=_SHIFT):
        return math.nan

    def jacobian(size: float) -> NDArray[np.float64]:
        # one call for all columns: each state differs from the center in one component
        shift = size * torch.eye(len(center), dtype=torch.float64)
        forward, backward = np.split(after(torch.cat([center + shift, center - shift], dim=1)).numpy(), 2, axis=1)
        return (forward - backward) / (2 * size)

    near, far = jacobian(_SHIFT), jacobian(10 * _SHIFT)
    # what divides by the size of the gradient has no derivative where there is no gradient
    smooth = np.isfinite(near).all() and np.allclose(near, far, rtol=1e-3, atol=1e-3)
    return float(np.max(np.abs(np.linalg.eigvals(near)))) if smooth else math.nan


@functools.lru_cache(REMEMBERED)
def _compiled(variables: tuple[sp.Symbol, ...], update: tuple[sp.Expr, ...], stages: tuple[Stage, ...]) -> Any:
    from escapetime.simulate.torch_rows import compile_rows

    return compile_rows(variables, update, stages)


def check_step(problem: EscapeProblem, model: StepModel, plan: Plan) -> float:
    """Refuse a step that is unstable, and warn of one that is coarse.

    Parameters
    ----------
    problem : EscapeProblem
        What is to be simulated.
    model : StepModel
        How it is stepped.
    plan : Plan
        With the time step, in the process's unit of time.

    Returns
    -------
    float
        The stability limit of the time step, ``2 / stiffness``: infinite without a restoring force. nan for a chain,
        whose step is part of it.

    Raises
    ------
    InvalidInput
        If ``dt`` is not below the limit, or a chain diverges from the minimum it starts in.

    Warns
    -----
    EscapeTimeWarning
        If ``dt`` exceeds half a relaxation time.
    """
    if plan.scheme == "chain":
        factor = growth(problem, model)
        if factor > 1 + _ROUNDING:
            raise InvalidInput(
                f"The optimizer is unstable at the minimum it starts in: without noise a step multiplies a small "
                f"displacement by {factor:.4g}. Take a smaller learning rate (it is {plan.dt:g})."
            )
        return math.nan
    rate, dt = stiffness(problem), plan.dt
    if rate * dt >= STABLE:
        raise InvalidInput(
            f"The time step dt={dt:g} is unstable: the process contracts at rate {rate:.4g}, so the scheme needs "
            f"dt < {STABLE / rate:.4g}; take dt <= {GOOD / rate:.2g} for a small bias."
        )
    if rate * dt > COARSE:
        warnings.warn(
            f"The time step dt={dt:g} is {rate * dt:.2g} relaxation times, so the mean is biased by the scheme; "
            f"dt <= {GOOD / rate:.2g} is better.",
            EscapeTimeWarning,
            stacklevel=4,
        )
    return STABLE / rate if rate else np.inf
