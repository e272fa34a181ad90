"""What is timed: problems, sizes, and who takes part."""

from __future__ import annotations

import importlib.util
import math
import os
import time
from collections.abc import Callable
from functools import partial

import sympy as sp

import escapetime as et
from tests.benchmarks import ceiling, optimizer_peers, peers, stable
from tests.benchmarks.harness import Contestant

Workload = tuple[str, Callable[[], float], list[Contestant]]
SEED = iter(range(1, 10**9))


def simulate(problem: et.EscapeProblem, **options: object) -> float:
    """Run this project's engine; returns the particle-steps up to each exit or cut."""
    return float(et.simulate.first_passage(problem, seed=next(SEED), progress=False, **options).details["steps"])


def double_well(edge: float = peers.EDGE) -> et.EscapeProblem:
    """Return the double well of :mod:`.peers`, or with an exit elsewhere."""
    process = et.langevin(et.landscapes.double_well(), temperature=peers.D)
    return et.EscapeProblem(process, peers.START, et.Interval(-math.inf, edge))


def threads(count: int) -> None:
    """Let torch, and with it the engines, use so many threads."""
    import torch

    torch.set_num_threads(count)


def fixed_horizon() -> Workload:
    """Workload A: one thread, CPU seconds, exits at grid points only, as the peers do it."""
    threads(1)
    paths, steps = 100_352, 4000
    cpu = partial(simulate, double_well(), paths=paths, dt=peers.DT, max_steps=steps, engine="cpu")
    contestants = [
        Contestant("this project, float32", partial(cpu, dtype="float32", correction="none")),
        Contestant("this project, float32, Brownian bridge", partial(cpu, dtype="float32")),
        Contestant("this project, float64", partial(cpu, correction="none")),
        Contestant("this project, float64, Brownian bridge", cpu),
    ]
    built = ceiling.compiled()
    if built is not None:
        flags, function = built

        def run() -> float:
            function(paths, steps, peers.DT, peers.AMPLITUDE, peers.EDGE, peers.START)
            return paths * steps

        contestants.append(Contestant(f"C++, {flags}", run, 0.9))
    slow = {"paths": paths, "steps": 60}
    contestants += [
        Contestant("reference engine (torch), float64, bridge",
                   partial(simulate, double_well(), paths=paths // 8, dt=peers.DT, max_steps=200, engine="reference")),
        Contestant("torch eager, float32", partial(peers.torch_eager, **slow, dtype="float32"), 8),
        Contestant("torch eager, float64", partial(peers.torch_eager, **slow, dtype="float64")),
        Contestant("numpy, float64", partial(peers.numpy_loop, **slow)),
        Contestant("numpy in place, float32", partial(peers.numpy_tuned, **slow)),
    ]  # fmt: skip
    if importlib.util.find_spec("torchsde"):
        contestants += [
            Contestant("torchsde as documented", partial(peers.torchsde_euler, paths, 20, cheap=False), 25),
            Contestant("torchsde, cheap Brownian motion", partial(peers.torchsde_euler, paths, 60, cheap=True), 9),
        ]
    if importlib.util.find_spec("diffrax"):
        contestants += [
            Contestant("diffrax as documented", peers.diffrax_euler(paths // 8, 20, fast=False), 500),
            Contestant("diffrax, its fastest form", peers.diffrax_euler(paths, 60, fast=True), 12),
        ]
    return "Double well, fixed horizon: particle-steps per CPU second of one thread", time.process_time, contestants


def to_the_end() -> Workload:
    """Workload A': until all have left, two threads, wall clock."""
    threads(min(2, os.cpu_count() or 1))
    cpu = partial(simulate, double_well(), paths=100_000, dt=peers.DT, max_steps=10**9, engine="cpu")
    contestants = [
        Contestant("this project, float32", partial(cpu, dtype="float32", correction="none")),
        Contestant("this project, float32, Brownian bridge", partial(cpu, dtype="float32")),
        Contestant("this project, float64, Brownian bridge", cpu),
        # nobody leaves, so nothing is refilled or lost: what early exits cost
        Contestant("this project, float32, fixed horizon without exits",
                   partial(simulate, double_well(edge=50.0), paths=100_000, dt=peers.DT, max_steps=2400,
                           engine="cpu", dtype="float32", correction="none")),
        Contestant("torch with compaction, float32", partial(peers.torch_compacted, 50_000), 20),
        Contestant("numpy with compaction, float32", partial(peers.numpy_compacted, 50_000), 50),
    ]  # fmt: skip
    return (
        "Double well, until all have left: particle-steps per second of two threads",
        time.perf_counter,
        contestants,
    )


def dimensions() -> Workload:
    """More dimensions, one thread: nothing is promised, the rates are reported."""
    threads(1)
    mueller = et.EscapeProblem(
        et.langevin(et.landscapes.mueller_brown(), temperature=15.0), (-0.558, 1.442), et.Exterior([0.623, 0.028], 0.3)
    )
    bowl = et.EscapeProblem(
        et.langevin(et.landscapes.quadratic(*[1.0] * 16), temperature=0.05), [0.0] * 16, et.Ball([0.0] * 16, 2.0)
    )
    cases = (
        ("double well", double_well(), 0.01),
        ("Mueller-Brown, d=2", mueller, 1e-5),
        ("bowl in a ball, d=16", bowl, 0.01),
    )
    contestants = []
    for name, problem, dt in cases:
        for dtype in ("float32", "float64"):
            run = partial(simulate, problem, paths=4096, dt=dt, max_steps=2000, engine="cpu", dtype=dtype)
            contestants.append(Contestant(f"{name}, {dtype}", run))
    return (
        "More dimensions, with Brownian bridge: particle-steps per CPU second of one thread",
        time.process_time,
        contestants,
    )


def optimizers() -> list[Workload]:
    """Heavy ball and Adam as chains, one thread, against the same algorithm in torch."""
    threads(1)
    paths, table = 8192, []
    for d in (2, 16):
        x = sp.symbols(f"x0:{d}", real=True)
        loss = et.Landscape(sum((v**2 - 1) ** 2 for v in x) / 4)
        exit_at = et.HalfSpace([1.0] + [0.0] * (d - 1), peers.EDGE)
        noise = {"lr": optimizer_peers.LR, "covariance": optimizer_peers.COVARIANCE}
        for name, process, peer, target in (
            ("heavy ball", et.heavy_ball(loss, momentum=optimizer_peers.MOMENTUM, **noise),
             optimizer_peers.heavy_ball, 10),
            ("Adam", et.adam(loss, betas=optimizer_peers.BETAS, eps=optimizer_peers.EPS, **noise),
             optimizer_peers.adam, 6 if d == 2 else 10),
        ):  # fmt: skip
            problem = et.EscapeProblem(process, [peers.START] * d, exit_at)
            run = partial(simulate, problem, paths=paths, max_steps=40_000 // d, engine="cpu")
            contestants = [
                Contestant("this project, float32", partial(run, dtype="float32")),
                Contestant("this project, float64", run),
                Contestant("torch eager, float32", partial(peer, d, paths, 400 // d), target),
            ]
            title = f"{name[0].upper()}{name[1:]} in {d} dimensions: particle-steps per CPU second of one thread"
            table.append((title, time.process_time, contestants))
    return table


WORKLOADS: dict[str, Callable[[], Workload | list[Workload]]] = {
    "A": fixed_horizon,
    "A'": to_the_end,
    "optimizers": optimizers,
    "dimensions": dimensions,
    "stable": stable.sampling,
}
