"""What a step of Adai costs: ``python -m tests.benchmarks.optimizers`` writes a table to ``book/measured``.

Contestants take turns in one process, and costs are compared within a round. One thread is timed in CPU seconds, which
a busy machine does not change, several in seconds.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from escapetime.optim import Adai

EQUAL = [(183_333,)] * 60
ADAM, PEER = "torch Adam, foreach", "pytorch_optimizer Adai"
AT_MOST = {("Adai, foreach", ADAM): 1.5, ("Adai, foreach", PEER): 0.65, ("Adai, fused", ADAM): 0.6}


def resnet18() -> list[tuple[int, ...]]:
    """Return the shapes of the parameters of a residual network for images: 62 tensors, 11.7 million numbers."""
    shapes: list[tuple[int, ...]] = [(64, 3, 7, 7), (64,), (64,)]
    before = 64
    for width in (64, 128, 256, 512):
        for block in range(2):
            shapes += [(width, before, 3, 3), (width,), (width,), (width, width, 3, 3), (width,), (width,)]
            if block == 0 and before != width:
                shapes += [(width, before, 1, 1), (width,), (width,)]
            before = width
    return [*shapes, (1000, 512), (1000,)]


def contestants(shapes: list[tuple[int, ...]]) -> dict[str, torch.optim.Optimizer]:
    """Return optimizers, each with parameters and gradients of its own."""

    def parameters() -> list[torch.nn.Parameter]:
        torch.manual_seed(0)
        made = [torch.nn.Parameter(0.1 * torch.randn(shape)) for shape in shapes]
        for p in made:
            p.grad = 0.01 * torch.randn_like(p)
        return made

    found: dict[str, torch.optim.Optimizer] = {
        ADAM: torch.optim.Adam(parameters(), lr=1e-3, foreach=True),
        "torch Adam, fused": torch.optim.Adam(parameters(), lr=1e-3, fused=True),
        "torch SGD with momentum, foreach": torch.optim.SGD(parameters(), lr=1e-3, momentum=0.9, foreach=True),
        "Adai, loop": Adai(parameters(), lr=1e-3),
        "Adai, foreach": Adai(parameters(), lr=1e-3, foreach=True),
        "Adai, fused": Adai(parameters(), lr=1e-3, fused=True),
        "Adai, fused, dampening 1/2": Adai(parameters(), lr=1e-3, fused=True, dampening=0.5),
    }
    if importlib.util.find_spec("pytorch_optimizer"):
        import pytorch_optimizer

        found[PEER] = pytorch_optimizer.Adai(parameters(), lr=1e-3)
    return found


def race(shapes: list[tuple[int, ...]], threads: int, rounds: int) -> dict[str, Any]:
    """Let all step in turns; return milliseconds and costs relative to others."""
    torch.set_num_threads(threads)
    clock: Callable[[], float] = time.process_time if threads == 1 else time.perf_counter
    optimizers = contestants(shapes)
    for optimizer in optimizers.values():
        for _ in range(2):
            optimizer.step()
    taken: dict[str, list[float]] = {name: [] for name in optimizers}
    for _ in range(rounds):
        for name, optimizer in optimizers.items():
            begin = clock()
            optimizer.step()
            taken[name].append(1e3 * (clock() - begin))
    rows = {}
    for name, optimizer in optimizers.items():
        p = optimizer.param_groups[0]["params"][0]
        ratios = {
            other: np.quantile(np.array(taken[name]) / np.array(taken[other]), (0.1, 0.5, 0.9)).tolist()
            for other in (ADAM, PEER)
            if other in taken
        }
        state = sum(isinstance(v, torch.Tensor) and v.shape == p.shape for v in optimizer.state[p].values())
        rows[name] = {"ms": float(np.median(taken[name])), "cost": ratios, "state": state}
    return {
        "tensors": len(shapes), "numbers": sum(map(math.prod, shapes)), "threads": threads,
        "clock": "CPU seconds" if threads == 1 else "seconds", "rounds": rounds, "rows": rows,
    }  # fmt: skip


def table(result: dict[str, Any]) -> str:
    """Return a Markdown table."""
    threads = "one thread" if result["threads"] == 1 else f"{result['threads']} threads"
    title = f"### {result['numbers'] / 1e6:.1f} million numbers in {result['tensors']} tensors, {threads}"
    lines = [title, "", f"| | ms a step | times {ADAM} | 10 to 90 % | at most | state |", "|---|---|---|---|---|---|"]
    for name, row in result["rows"].items():
        low, middle, high = row["cost"][ADAM]
        limit = AT_MOST.get((name, ADAM), "")
        lines.append(
            f"| {name} | {row['ms']:.3g} | {middle:.2f} | {low:.2f} to {high:.2f} | {limit} | {row['state']} |"
        )
    for (name, other), limit in AT_MOST.items():
        if other != ADAM and other in result["rows"]:
            low, middle, high = result["rows"][name]["cost"][other]
            lines += ["", f"{name}: {middle:.2f} times {other} ({low:.2f} to {high:.2f}; at most {limit})."]
    return "\n".join([*lines, ""])


def provenance() -> str:
    """Return when, on what and with what this is measured."""
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((line.split(":")[1].strip() for line in lines if "model name" in line), cpu)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else math.nan
    tools = [f"{p} {version(p)}" for p in ("torch", "numba", "pytorch_optimizer") if importlib.util.find_spec(p)]
    text = f"{time.strftime('%Y-%m-%d')}, {cpu}, {os.cpu_count()} CPUs (load {load:.1f}), {', '.join(tools)}. float32."
    return text + ("" if importlib.util.find_spec("pytorch_optimizer") else " pytorch_optimizer is not installed.")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.optimizers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="turns of each contestant (7)")
    parser.add_argument(
        "--write", type=Path, default=Path("book/measured"), help="folder for the table and its numbers"
    )
    parser.add_argument("--small", action="store_true", help="a few numbers only: the figures mean nothing")
    asked = parser.parse_args()
    lists = [[(30, 2), (5,)]] if asked.small else [EQUAL, resnet18()]
    about = provenance()
    print(about, flush=True)
    results = []
    for threads in (1, max(2, os.cpu_count() or 1)):
        for shapes in lists:
            results.append(race(shapes, threads, asked.rounds))
            print(table(results[-1]), flush=True)
    note = (
        "State: tensors of the parameter's size that an optimizer keeps. Passes over memory in a step, each tensor of "
        "the parameter's size that is read or written counted once: Adam 7 fused and 18 foreach, Adai 11 fused, of "
        "which 3 before the mean is known, and 26 foreach, most of them within the cache.\n"
    )
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > (os.cpu_count() or 1) + 1:
        note += (
            "\nThe machine had more to do than it has CPUs: threads that wait for one another then wait for others "
            "too, and figures of several threads say little, as their spread shows.\n"
        )
    text = "\n".join([about, "", *map(table, results), note])
    asked.write.mkdir(parents=True, exist_ok=True)
    (asked.write / "optimizers.md").write_text(text, encoding="utf-8")
    numbers = {"on": about, "at most": {" / ".join(pair): v for pair, v in AT_MOST.items()}, "results": results}
    (asked.write / "optimizers.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
