"""The seam between the front and the engines: what an engine is asked, and how it is chosen."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from threading import Event
from typing import Any

from escapetime.errors import DeviceUnavailable, InvalidInput, RouteNotApplicable
from escapetime.simulate.model import StepModel
from escapetime.simulate.passages import Outcome

ENGINES = ("auto", "reference", "cpu", "gpu")


@dataclass(frozen=True)
class Plan:
    """What an engine is asked to do beside the model.

    Attributes
    ----------
    paths : int
        Number of paths, numbered from 0.
    dt : float
        Time step.
    seed : int
        With the path number it fixes every draw.
    correction : str
        ``"bridge"`` or ``"none"``.
    max_steps : int
        Where a path is cut.
    chunk : int or None
        Most paths in flight at once; None leaves it to the engine. It never changes a number.
    device : str
        Name of a torch device.
    dtype : str
        ``"float64"`` or ``"float32"``.
    scheme : str
        How a step is made: one of :mod:`escapetime.simulate.schemes`, and not ``"auto"``.
    resume : Rest or None
        What is left of an earlier run, and all there is to do (:mod:`escapetime.simulate.checkpoint`).
    """

    paths: int
    dt: float
    seed: int
    correction: str
    max_steps: int
    chunk: int | None
    device: str
    dtype: str
    scheme: str = "euler"
    resume: Any = None


Engine = Callable[[StepModel, Plan, Outcome, Event, Callable[[int], None]], None]
"""``engine(model, plan, outcome, stop, report)`` fills ``outcome``; what it writes for a path depends on (seed, path)
only. It calls ``report(count)`` when ``count`` more paths are over, and when ``stop`` is set it returns early with
unfinished paths recorded as cut where they are, and appended to ``outcome.flight`` if they can be gone on with."""


def choose(engine: str, model: StepModel, plan: Plan) -> tuple[str, str, Engine]:
    """Return an engine's name, why it was chosen, and the engine.

    Parameters
    ----------
    engine : str
        One of ``"auto"``, ``"reference"``, ``"cpu"``, ``"gpu"``.
    model : StepModel
        What it has to simulate.
    plan : Plan
        How.

    Returns
    -------
    tuple
        Name, reason, engine. ``"auto"`` is the compiled engine of the device where it can run this, else the reference.

    Raises
    ------
    InvalidInput
        If there is no engine of that name.
    RouteNotApplicable
        If the engine cannot run this.
    DeviceUnavailable
        If there is no card for the engine.
    """  # noqa: DOC502 - raised by what it calls
    if engine not in ENGINES:
        raise InvalidInput(f"Expected engine to be one of {', '.join(map(repr, ENGINES))}, got {engine!r}.")
    compiled = {"cpu": _compiled_for_cpu, "gpu": _compiled_for_gpu}
    if engine in compiled:
        return engine, "asked for", compiled[engine](model, plan)
    from escapetime.simulate.reference import run

    if engine == "reference":
        return "reference", "asked for", run
    name = "gpu" if plan.device.startswith("cuda") else "cpu"
    try:
        return name, "compiled code is the fastest on this device", compiled[name](model, plan)
    except RouteNotApplicable as refusal:
        return "reference", str(refusal), run


def _compiled_for_cpu(model: StepModel, plan: Plan) -> Engine:
    """Return the compiled engine, or refuse."""
    if not plan.device.startswith("cpu"):
        raise RouteNotApplicable(f"The 'cpu' engine runs on the CPU and device={plan.device!r} was asked for.")
    if find_spec("numba") is None:
        raise RouteNotApplicable("The 'cpu' engine needs numba: pip install 'escapetime[compiled]'.")
    from escapetime.simulate.kernels.cpu import prepare

    return prepare(model, plan)


def _compiled_for_gpu(model: StepModel, plan: Plan) -> Engine:
    """Return the engine of cards, which Triton's interpreter runs on the CPU where it is told to, or refuse."""
    interpreted = os.environ.get("TRITON_INTERPRET") == "1"
    if not (interpreted or plan.device.startswith("cuda")):
        raise DeviceUnavailable(
            f"The 'gpu' engine runs on a CUDA device and device={plan.device!r} was asked for, or is all there is; use "
            "engine='auto'. To try it slowly on the CPU, set TRITON_INTERPRET=1 before Python starts."
        )
    if find_spec("triton") is None:
        raise RouteNotApplicable("The 'gpu' engine needs triton: pip install 'escapetime[gpu]', on Linux.")
    from escapetime.simulate.gpu.run import prepare

    return prepare(model, plan, interpreted)


def resolve_device(device: Any, dtype: str) -> str:
    """Return the name of a torch device that is there.

    Parameters
    ----------
    device : str or torch.device
        ``"auto"``: CUDA where there is a card, else the CPU.
    dtype : str
        What it has to hold.

    Returns
    -------
    str
        For instance ``"cpu"`` or ``"cuda:0"``.

    Raises
    ------
    InvalidInput
        If this is not the name of a device.
    DeviceUnavailable
        If the device is not on this machine, or cannot do the arithmetic.
    """
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        wanted = torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise InvalidInput(f"Expected a torch device such as 'auto', 'cpu' or 'cuda:0', got {device!r}.") from error
    if wanted.type == "cuda" and (wanted.index or 0) >= torch.cuda.device_count():
        there = f"{torch.cuda.device_count()} CUDA device(s)"
        raise DeviceUnavailable(f"Device {device!r} was asked for and torch sees {there}; use device='cpu' or 'auto'.")
    try:
        torch.zeros(1, dtype=getattr(torch, dtype), device=wanted).sin().item()
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        message = f"Device {device!r} does not work with {dtype} here; use device='cpu' or 'auto'."
        raise DeviceUnavailable(message) from error
    return str(wanted)
