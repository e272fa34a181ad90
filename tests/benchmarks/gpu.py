"""The GPU engine on the card of this machine: is it right, how fast, how near to what the card can do?

``python -m tests.benchmarks.gpu`` writes a table and its numbers to ``book/measured``. With ``--dry-run`` all of it
runs in Triton's interpreter on the CPU, in sizes at which its figures mean nothing, and writes nothing unless told to.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tests.benchmarks.harness import Contestant, contest, table

TARGET, TORCHSDE_TARGET = 5e10, 100.0
CONTROL = 1.02  # a mean that is off by so much has to be noticed


@dataclass(frozen=True)
class Size:
    """How much work a run is."""

    exact: tuple[int, float, float]  # paths, temperature and step of the comparison with quadrature
    horizon: tuple[int, int]  # paths and steps of workload A
    rare: tuple[int, int]  # the same where next to none leave
    peers: tuple[int, int]
    parts: tuple[int, int]  # lanes and rounds of what is measured by itself
    turns: int
    device: str


CARD = Size((10**6, 0.3, 0.02), (1 << 23, 4000), (1 << 22, 50_000), (1 << 22, 60), (1 << 22, 4096), 7, "cuda")
DRY = Size((64, 2.0, 0.05), (128, 32), (128, 32), (256, 4), (256, 4), 1, "cpu")
FORMS = [(dtype, correction) for dtype in ("float32", "float64") for correction in ("none", "bridge")]
TUNINGS = [(128, 1), (128, 2), (128, 4), (256, 2), (256, 4), (256, 8), (512, 4), (512, 8), (1024, 8)]
COLD = 0.02  # temperature at which next to none leave


def main() -> None:
    """Measure, print, write; fail if the engine is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.gpu", description=__doc__)
    parser.add_argument("--write", type=Path, help="folder for the table and its numbers (book/measured)")
    parser.add_argument("--dry-run", action="store_true", help="tiny sizes, in the interpreter, on the CPU")
    parser.add_argument("--tune", action="store_true", help="try other numbers of lanes and warps as well")
    asked = parser.parse_args()
    if asked.dry_run:
        os.environ["TRITON_INTERPRET"] = "1"  # before anything imports a kernel
    size = DRY if asked.dry_run else CARD
    facts = provenance(size.device)
    agreement = [correctness(size, dtype) for dtype in ("float64", "float32")]
    rows, alone = throughput(size), steps_alone(size, asked.tune)
    ceilings = limits(size, facts)
    text = report(facts, agreement, rows, alone, ceilings)
    print(text)
    folder = asked.write or (None if asked.dry_run else Path("book/measured"))
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "gpu.md").write_text(text, encoding="utf-8")
        races = {"throughput": [asdict(row) for row in rows], "steps alone": [asdict(row) for row in alone]}
        numbers = {"on": facts, "agreement": agreement, **races, "limits": ceilings}
        (folder / "gpu.json").write_text(json.dumps(numbers, indent=1), encoding="utf-8")
    if not asked.dry_run and not all(row["agrees"] and row["control fails"] for row in agreement):
        sys.exit("The engine does not agree with the exact route, or the check could not have noticed.")


def provenance(device: str) -> dict[str, Any]:
    """Return when, on what and with what this is measured."""
    import torch

    facts: dict[str, Any] = {
        "date": time.strftime("%Y-%m-%d"), "command": " ".join(["python -m tests.benchmarks.gpu", *sys.argv[1:]]),
        "commit": _said("git", "rev-parse", "--short", "HEAD"), "python": platform.python_version(),
    }  # fmt: skip
    for package in ("torch", "triton", "torchsde"):
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            facts[package] = "not installed, so not compared"
    if device != "cuda":
        return facts | {"card": "none: Triton's interpreter on the CPU", "processors": 132, "MHz": 1755, "arch": 90}
    if not torch.cuda.is_available():
        sys.exit("torch sees no CUDA device here; --dry-run tries the script without one.")
    card = torch.cuda.get_device_properties(0)
    clock = _said("nvidia-smi", "--query-gpu=clocks.max.sm", "--format=csv,noheader,nounits", "--id=0")
    return facts | {
        "card": card.name, "processors": card.multi_processor_count, "arch": 10 * card.major + card.minor,
        "MHz": float(clock or getattr(card, "clock_rate", 0) / 1e3),
        "driver": _said("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader", "--id=0"),
        "CUDA": torch.version.cuda,
    }  # fmt: skip


def _said(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def correctness(size: Size, dtype: str) -> dict[str, Any]:
    """Compare with quadrature; two time steps remove the bias of first order."""
    import escapetime as et

    process = et.langevin(et.landscapes.double_well(), temperature=size.exact[1])
    problem = et.EscapeProblem(process, -1.0, et.Interval(-math.inf, 1.0))
    coarse, fine = (
        et.simulate.escape_time(
            problem, paths=size.exact[0], dt=dt, seed=2, engine="gpu", device=size.device, dtype=dtype, progress=False
        )
        for dt in (2 * size.exact[2], size.exact[2])
    )
    mean, error = 2 * fine.mean - coarse.mean, math.hypot(2 * fine.stderr, coarse.stderr)
    exact = et.exact.escape_time(problem).mean
    off, control = (mean - exact) / error, (mean - CONTROL * exact) / error
    return {
        "dtype": dtype, "paths": size.exact[0], "measured": mean, "stderr": error, "exact": exact, "off by": off,
        "agrees": abs(off) < 4, "control off by": control, "control fails": abs(control) > 4,
    }  # fmt: skip


def throughput(size: Size) -> list[Any]:
    """Race the forms of the engine and its peers, workload A."""
    from tests.benchmarks import gpu_peers
    from tests.benchmarks.workloads import double_well

    ours = [_contestant(size, double_well(), size.horizon, *form) for form in FORMS]
    if size.device == "cuda":  # lanes are refilled while there are paths, and then they thin out
        ours.append(_contestant(size, double_well(), (size.horizon[0], 10**9), "float32", "bridge", ", to the end"))
    target = TORCHSDE_TARGET if size.device == "cuda" else None
    return contest([*ours, *gpu_peers.contestants(size.device, *size.peers, target)], size.turns, time.perf_counter)


def steps_alone(size: Size, tuned: bool) -> list[Any]:
    """Race the forms of the engine where next to none leave, and with ``tuned`` other ways to cut the kernel."""
    import escapetime as et
    from escapetime.simulate.gpu.flight import Tuning
    from tests.benchmarks import peers

    well = et.langevin(et.landscapes.double_well(), temperature=COLD)
    problem = et.EscapeProblem(well, peers.START, et.Interval(-math.inf, 1.0))
    rows = contest([_contestant(size, problem, size.rare, *form) for form in FORMS], size.turns, time.perf_counter)
    usual = Tuning.of
    for block, warps in TUNINGS if tuned else ():
        cut = Tuning(block, warps)
        Tuning.of = classmethod(lambda cls, *rest, cut=cut: cut)  # type: ignore[assignment]
        named = _contestant(size, problem, size.rare, "float32", "none", f", {block} lanes on {warps} warps")
        rows += contest([named], size.turns, time.perf_counter)
        Tuning.of = usual  # type: ignore[method-assign]
    return rows


def _contestant(
    size: Size, problem: Any, work: tuple[int, int], dtype: str, correction: str, told: str = ""
) -> Contestant:
    from tests.benchmarks import peers
    from tests.benchmarks.workloads import simulate

    options = {"dt": peers.DT, "dtype": dtype, "correction": correction, "paths": work[0], "max_steps": work[1]}
    run = partial(simulate, problem, engine="gpu", device=size.device, **options)
    return Contestant(f"this project, {dtype}, {correction}{told}", run)


def limits(size: Size, facts: dict[str, Any]) -> dict[str, Any]:
    """Return what the machine code allows on this card, and what its parts reach by themselves."""
    from tests.benchmarks import gpu_ceilings

    # the compiler is not to be had in a process that interprets
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    command = [sys.executable, "-m", "tests.benchmarks.gpu_code", str(facts["arch"])]
    code = json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    for cost in code.values():
        cost["ceiling"] = facts["processors"] * facts["MHz"] * 1e6 / cost["clocks"]
    runs = [Contestant(name, partial(gpu_ceilings.run, name, *size.parts, size.device)) for name in gpu_ceilings.WORK]
    return {"machine code": code, "parts": {r.name: r.rate for r in contest(runs, size.turns, time.perf_counter)}}


def report(
    facts: dict[str, Any], agreement: list[dict[str, Any]], rows: list[Any], alone: list[Any], ceilings: dict[str, Any]
) -> str:
    """Return it all as Markdown."""
    parts = ["# The GPU engine", "", "; ".join(f"{k}: {v}" for k, v in facts.items() if v) + "."]
    if "driver" not in facts:
        parts += ["", "**A dry run: nothing below was measured on a card; only instruction counts mean something.**"]
    parts += ["", "### Against quadrature", "", "| | measured | exact | off by | a mean off by 2 % is off by |"]
    parts.append("|---|---|---|---|---|")
    for row in agreement:
        measured = f"{row['measured']:.5g} ± {row['stderr']:.2g}"
        parts.append(
            f"| {row['dtype']}, {row['paths']} paths | {measured} | {row['exact']:.5g} | {row['off by']:+.1f} s.e. "
            f"| {row['control off by']:+.1f} s.e. |"
        )
    parts += ["", table("A: double well, fixed horizon, particle-steps per second", rows)]
    parts += [table(f"The same where next to none leave (target {TARGET:.0e})", alone)]
    parts += ["### What the card allows", "", "| | instructions a step | bound by | ceiling | reached |"]
    parts.append("|---|---|---|---|---|")
    rates = {row.name.removeprefix("this project, "): row.rate for row in alone}
    for name, cost in ceilings["machine code"].items():
        count, share = cost["per step"]["issue"], rates[name] / cost["ceiling"]
        parts.append(f"| {name} | {count:.1f} | {cost['bound by']} | {cost['ceiling']:.2e} | {share:.0%} |")
    parts += ["", "| by itself | per second |", "|---|---|"]
    parts += [f"| {name} | {rate:.2e} |" for name, rate in ceilings["parts"].items()]
    return "\n".join([*parts, ""])


if __name__ == "__main__":
    main()
