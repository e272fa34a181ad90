"""Runs that were stopped and are gone on with, in this process or another: what was begun is not begun again.

A run that is stopped and continued, as often as one likes, gives the numbers of the run that was not, bit for bit on
the same machine and engine, whatever the number of threads. Paths in flight go on from where they were. Paths that a
step budget had cut are followed again from their start once the budget is larger: their numbers are the same again.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from escapetime.errors import InvalidInput
from escapetime.simulate.engine import Plan
from escapetime.simulate.model import StepModel
from escapetime.simulate.passages import CENSORED, Outcome, Passages


@dataclass(frozen=True, eq=False)
class Flight:
    """Paths between two steps: all that an engine needs to go on.

    Attributes
    ----------
    path : numpy.ndarray
        Path numbers, int64, shape ``(n,)``.
    steps : numpy.ndarray
        Steps taken, int64, shape ``(n,)``.
    words : numpy.ndarray
        States of the generators, shape ``(4, n)``.
    clock : numpy.ndarray
        Clocks of the exits, shape ``(n,)``.
    state : numpy.ndarray
        Positions and memory, shape ``(d + memory, n)``.
    """

    path: NDArray[np.int64]
    steps: NDArray[np.int64]
    words: NDArray[Any]
    clock: NDArray[np.floating]
    state: NDArray[np.floating]

    def __len__(self) -> int:
        return len(self.path)

    def select(self, index: Any) -> Flight:
        """Return the paths at these positions."""
        return Flight(*(getattr(self, f.name)[..., index] for f in fields(self)))

    @staticmethod
    def join(parts: Sequence[Flight]) -> Flight | None:
        """Return the paths of all parts, or None where there is none."""
        whole = [part for part in parts if len(part)]
        if not whole:
            return None
        return Flight(*(np.concatenate([getattr(p, f.name) for p in whole], axis=-1) for f in fields(Flight)))


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What goes with passages so that their run can be gone on with.

    Attributes
    ----------
    identity : mapping
        What the numbers of the run depend on.
    flight : Flight or None
        The paths that were in flight.
    """

    identity: Mapping[str, Any]
    flight: Flight | None = None


@dataclass(frozen=True, eq=False)
class Rest:
    """What is left of a run.

    Attributes
    ----------
    flight : Flight or None
        Paths to go on with, from where they are.
    paths : numpy.ndarray
        Numbers of the paths to follow: those in flight and then others, from their start.
    """

    flight: Flight | None
    paths: NDArray[np.int64]


def identity(model: StepModel, plan: Plan, engine: str) -> dict[str, Any]:
    """Return what the numbers of a run depend on."""
    stages = [part for stage in model.stages for part in stage]
    groups = (model.state, model.start, model.memory.values(), model.normals, stages, model.update, model.distances)
    parts = [part for group in (*groups, model.spreads) for part in group]
    known: dict[sp.Basic, str] = {}
    digest = _hashed("".join(_digest(sp.sympify(part), known) for part in parts))
    named = {name: getattr(plan, name) for name in ("seed", "dt", "scheme", "correction", "dtype", "paths")}
    return {"engine": engine, **named, "problem": digest}


def _digest(expression: sp.Basic, known: dict[sp.Basic, str]) -> str:
    """Return a hash of an expression that is the same in every process; equal parts are looked at once."""
    if expression not in known:
        parts = [_digest(a, known) for a in expression.args]
        known[expression] = _hashed("".join([type(expression).__name__, *parts]) if parts else sp.srepr(expression))
    return known[expression]


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def resume(passages: Passages, known: Mapping[str, Any], max_steps: int, outcome: Outcome) -> Rest:
    """Fill in what an earlier run has found and return what is left.

    Parameters
    ----------
    passages : Passages
        Of the earlier run.
    known : mapping
        The identity of the present one.
    max_steps : int
        Its step budget.
    outcome : Outcome
        Takes what was found.

    Returns
    -------
    Rest
        Paths in flight, paths cut by a smaller budget, paths that were never begun.

    Raises
    ------
    InvalidInput
        If the earlier run is another one, or had a larger budget.
    """
    before = passages.checkpoint
    if before is None or not before.identity:
        raise InvalidInput("These passages do not say which run they are of, so it cannot be resumed: run it anew.")
    for name, value in known.items():
        if before.identity.get(name) != value:
            told = "" if name == "problem" else f": {name} was {before.identity.get(name)!r} and now is {value!r}"
            raise InvalidInput(f"Expected to resume a run with the same {name}{told}; make them agree, or run it anew.")
    if len(passages.steps) and passages.steps.max() > max_steps:
        raise InvalidInput(
            f"Expected max_steps of at least {passages.steps.max()}, the steps already taken, got {max_steps}."
        )
    outcome.store(passages.path, passages.steps, passages.times, passages.face, passages.points)
    flight = before.flight
    undone = ~outcome.started | ((outcome.face == CENSORED) & (outcome.steps < max_steps))
    if flight is None:
        return Rest(None, np.flatnonzero(undone))
    undone[flight.path] = False
    return Rest(flight, np.concatenate((flight.path, np.flatnonzero(undone))))


def suspend(outcome: Outcome, known: Mapping[str, Any], max_steps: int, rest: Rest | None) -> Checkpoint:
    """Return the checkpoint of a run that is over or was stopped; ``rest`` is what it had been given to go on with."""
    parts = list(outcome.flight)
    if rest is not None and rest.flight is not None:  # who was not taken up again stays as he was
        waiting = (outcome.face[rest.flight.path] == CENSORED) & (outcome.steps[rest.flight.path] < max_steps)
        taken = np.concatenate([np.zeros(0, np.int64), *(part.path for part in parts)])
        parts.append(rest.flight.select(waiting & ~np.isin(rest.flight.path, taken)))
    return Checkpoint(known, Flight.join(parts))


_ARRAYS = ("times", "steps", "face", "points", "path")


def save(passages: Passages, file: str | os.PathLike[str]) -> None:
    """Write passages, checkpoint included; see :meth:`escapetime.simulate.passages.Passages.save`."""
    told: dict[str, Any] = {name: getattr(passages, name) for name in ("face_names", "time_unit")}
    arrays = {name: getattr(passages, name) for name in _ARRAYS}
    told["details"] = {k: v for k, v in passages.details.items() if isinstance(v, str | int | float | None)}
    kept = passages.checkpoint or Checkpoint({})
    told["identity"] = dict(kept.identity)
    if kept.flight is not None:
        arrays |= {f"flight_{f.name}": getattr(kept.flight, f.name) for f in fields(Flight)}
    path = Path(file)
    temporary = path.with_name(path.name + ".part")  # whoever is interrupted here still has the old file
    with temporary.open("wb") as stream:
        np.savez_compressed(stream, about=np.array(json.dumps(told)), **arrays)
    os.replace(temporary, path)


def load(file: str | os.PathLike[str]) -> Passages:
    """Read passages; see :meth:`escapetime.simulate.passages.Passages.load`."""
    try:
        with np.load(Path(file), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        told = json.loads(str(arrays.pop("about")))
        in_flight = {f.name: arrays.pop(f"flight_{f.name}") for f in fields(Flight) if f"flight_{f.name}" in arrays}
        checkpoint = Checkpoint(told["identity"], Flight(**in_flight) if in_flight else None)
        return Passages(
            **arrays, face_names=tuple(told["face_names"]), time_unit=told["time_unit"], details=told["details"],
            checkpoint=checkpoint,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise InvalidInput(f"Expected a file written by Passages.save, and {file} is none, or is damaged.") from error
