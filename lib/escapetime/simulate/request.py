"""Check what a caller asks of a simulation before anything runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.problem import EscapeProblem
from escapetime.processes import LevyDriven, Process
from escapetime.simulate.engine import Plan, resolve_device
from escapetime.simulate.passages import Passages
from escapetime.simulate.schemes import resolve

WORK = 10**10  # path-steps a run may cost unless told otherwise: some minutes
LEAST_STEPS = 100_000
DEFAULT_STEP = 1e-2
CORRECTIONS = ("auto", "bridge", "shift", "none")
DTYPES = ("float64", "float32")


def plan(
    problem: EscapeProblem, *, paths: int, dt: float | None, seed: int, device: Any, correction: str,
    max_steps: int | None, chunk: int | None, dtype: str, scheme: str,
) -> Plan:  # fmt: skip
    """Return a checked plan; the arguments are those of :func:`escapetime.simulate.first_passage`."""
    if not isinstance(problem, EscapeProblem):
        raise InvalidInput(f"Expected an EscapeProblem (process, start, domain), got {type(problem).__name__}.")
    paths = _count(paths, "paths")
    scheme = resolve(problem.process, scheme)
    _refuse_short_tails(problem.process, str(dtype).removeprefix("torch."))
    return Plan(
        paths=paths,
        dt=_time_step(problem, scheme, dt),
        seed=_seed(seed),
        correction=_correction(problem.process, scheme, _choice(correction, "correction", CORRECTIONS)),
        max_steps=max(LEAST_STEPS, WORK // paths) if max_steps is None else _count(max_steps, "max_steps"),
        chunk=None if chunk is None else _count(chunk, "chunk"),
        device=resolve_device(device, _choice(str(dtype).removeprefix("torch."), "dtype", DTYPES)),
        dtype=str(dtype).removeprefix("torch."),
        scheme=scheme,
    )


def earlier(resume: Any) -> Passages | None:
    """Return the passages of a run to go on with."""
    if resume is not None and not isinstance(resume, Passages):
        raise InvalidInput(
            f"Expected resume as the Passages of an earlier run, got {type(resume).__name__}; an EscapeTime has them "
            "in details['passages'], and Passages.load(file) reads them."
        )
    return resume


def _time_step(problem: EscapeProblem, scheme: str, dt: float | None) -> float:
    chain = problem.process.chain if scheme == "chain" else None  # type: ignore[union-attr]
    if chain is not None:
        if dt is not None and dt != chain.time_step:
            raise InvalidInput(
                f"The step of the chain {chain.name!r} is its learning rate, {chain.time_step:g}: leave dt out"
                + (", or take scheme='euler' to simulate its diffusion." if problem.process is not chain else ".")
            )
        return chain.time_step
    if dt is None:
        return DEFAULT_STEP
    try:
        step = float(dt)
    except (TypeError, ValueError):
        step = math.nan
    if not 0 < step < math.inf:
        raise InvalidInput(f"Expected a positive finite time step dt, got {dt!r}; try 1e-2 relaxation times.")
    return step


def _refuse_short_tails(process: Process, dtype: str) -> None:
    """Normals in float32 have angles of some 23 bits: rarer than 1e-7 a stable number made of them means nothing."""
    chain = getattr(process, "chain", None)
    drawn = isinstance(process, LevyDriven) or (
        chain is not None and any(e.has(sp.atan) for _, e in chain.stages)  # an angle: only stable noise takes one
    )
    if dtype == "float32" and drawn:
        raise InvalidInput(
            "Stable noise is simulated in dtype='float64': from normals of float32 the largest jumps, which decide "
            "escapes, come out wrong from a probability of 1e-7 on."
        )


def _correction(process: Process, scheme: str, correction: str) -> str:
    if isinstance(process, LevyDriven) and scheme != "chain":
        if correction == "bridge":
            raise InvalidInput("Paths with jumps have no Brownian bridge: take correction='shift', or 'none'.")
        if correction == "shift" and process.alpha <= 1:
            raise InvalidInput(
                f"The overshoot of a step has no mean for alpha={process.alpha:g}: correction='shift' is for alpha "
                "above 1; the bias of correction='none' is of order dt."
            )
        return ("shift" if process.alpha > 1 else "none") if correction == "auto" else correction
    if correction == "shift":
        raise InvalidInput("correction='shift' is for equations with stable noise (levy); leave it out.")
    if scheme != "chain":
        return "bridge" if correction == "auto" else correction
    if correction == "bridge":
        raise InvalidInput("A chain is nowhere between its steps: correction='bridge' is for diffusions; leave it out.")
    return "none"


def _count(value: Any, name: str) -> int:
    whole = isinstance(value, int | np.integer) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole or value < 1:
        raise InvalidInput(f"Expected {name} as a positive integer, got {value!r}.")
    return int(value)


def _seed(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= value < 2**64:
        raise InvalidInput(f"Expected a seed as an integer from 0 to 2**64 - 1, got {value!r}; try seed=0.")
    return int(value)


def _choice(value: str, name: str, choices: Sequence[str]) -> str:
    if value not in choices:
        raise InvalidInput(f"Expected {name} to be one of {', '.join(map(repr, choices))}, got {value!r}.")
    return value
