"""Run the benchmarks: ``python -m tests.benchmarks [--rounds N] [--write FILE] [workload ...]``."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.harness import Row, contest, table
from tests.benchmarks.workloads import WORKLOADS


def main() -> None:
    """Run workloads, print their tables and write them."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="workload", help=f"of {', '.join(WORKLOADS)}; default all")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each contestant (7)")
    parser.add_argument("--write", type=Path, default=Path("book/measured"), help="folder for tables and numbers")
    asked = parser.parse_args()
    unknown = set(asked.workloads) - set(WORKLOADS)
    if unknown:
        parser.error(f"no workload called {', '.join(sorted(unknown))}")
    results: dict[str, list[Row]] = {}
    texts = [_provenance()]
    print(texts[0], flush=True)
    for name in asked.workloads or WORKLOADS:
        made = WORKLOADS[name]()
        for title, clock, contestants in made if isinstance(made, list) else [made]:
            results[title] = contest(contestants, asked.rounds, clock)
            texts.append(table(title, results[title]))
            print(texts[-1], flush=True)
    if not asked.workloads or "start" in asked.workloads:
        texts.append(_start())
        print(texts[-1])
    asked.write.mkdir(parents=True, exist_ok=True)
    (asked.write / "simulation.md").write_text("\n".join(texts), encoding="utf-8")
    numbers = {name: [asdict(row) for row in rows] for name, rows in results.items()}
    (asked.write / "simulation.json").write_text(json.dumps({"on": texts[0], "results": numbers}, indent=1))


def _provenance() -> str:
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        names = [
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ]
        cpu = names[0] if names else cpu
    tools = [f"{p} {version(p)}" for p in ("numpy", "numba", "torch", "torchsde", "diffrax", "jax") if _there(p)]
    missing = [p for p in ("torchsde", "diffrax") if not _there(p)]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    text = f"{time.strftime('%Y-%m-%d')}, {cpu}, {os.cpu_count()} CPUs (load {load:.1f}), {', '.join(tools)}.\n"
    return text + (f"Not installed, so not compared: {', '.join(missing)}.\n" if missing else "")


def _there(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


_FIRST_CALL = """
import sys, time
import escapetime as et
import torch
problem = et.EscapeProblem(et.langevin(et.landscapes.double_well(), temperature=0.08), -1.0, et.Interval(-9.0, 0.5))
begin = time.perf_counter()
et.simulate.first_passage(problem, paths=100, dt=0.01, engine="cpu")
print(time.perf_counter() - begin)
"""


def _start() -> str:
    """Time the first call of a process, without and with the cache, in processes of their own."""
    import tempfile

    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"ESCAPETIME_CACHE": folder}
        for _ in range(4):
            out = subprocess.run(
                [sys.executable, "-c", _FIRST_CALL], env=environment, capture_output=True, text=True, check=True
            )
            seconds.append(float(out.stdout))
    cached = sorted(seconds[1:])[1]
    return (
        f"### First call of a process\n\ncompiling {seconds[0]:.2f} s (target 3), cached {cached:.2f} s (target 0.5)\n"
    )


if __name__ == "__main__":
    main()
