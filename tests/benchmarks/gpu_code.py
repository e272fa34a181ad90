"""The machine code of the GPU engine, made without a card: what a step costs, and what a card could do at best.

``python -m tests.benchmarks.gpu_code`` prints instructions per step as JSON. It wants Triton's compiler, so not a
process in which Triton interprets.
"""

from __future__ import annotations

import collections
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from escapetime.simulate.gpu import codegen
from escapetime.simulate.gpu.flight import Tuning
from escapetime.simulate.gpu.module import load
from escapetime.simulate.model import StepModel

# lanes that one multiprocessor serves per clock, by unit; throughputs of arithmetic instructions for compute capability
# 9.0 in NVIDIA's CUDA C++ Programming Guide, and four schedulers that issue one instruction of 32 lanes each
PER_CLOCK = {"issue": 128, "float": 128, "integer and logic": 64, "double": 64, "special": 16}
_FLOAT = {"FFMA", "FMUL", "FADD", "IMAD", "HFMA2"}
_FREE = {"UMOV", "UIADD3", "BRA", "BSSY", "BSYNC", "NOP", "CALL"}


def advance(model: StepModel, dtype: str, correction: str, arch: int = 90) -> dict[str, Any]:
    """Return what one step of one lane takes: instructions by unit and by name, registers, spills, and the ceiling."""
    kernel = codegen.advance(model, dtype, correction)
    tuning = Tuning.of(kernel.layout, interpreted=False)
    real, bits = ("*fp64", 64) if dtype == "float64" else ("*fp32", 32)
    signature = {
        "reals": real, "words": f"*i{bits}", "steps": "*i64", "numbers": real, "lanes": "i32", "rounds": "i32",
        "BLOCK": "constexpr",
    }  # fmt: skip
    code, used = machine_code(load(kernel.source).advance, signature, {"BLOCK": tuning.block}, tuning.warps, arch)
    body = loop(code)
    steps = kernel.layout.turns * tuning.block / (32 * tuning.warps)
    names = collections.Counter(name for name in body)
    units = {"issue": len(body) / steps} | {
        unit: sum(count for name, count in names.items() if _unit(name) == unit) / steps for unit in list(PER_CLOCK)[1:]
    }
    clocks = {unit: count / PER_CLOCK[unit] for unit, count in units.items()}
    return {
        "per step": units, "instructions": {n: round(c / steps, 2) for n, c in names.most_common()}, **used,
        "clocks": max(clocks.values()), "bound by": max(clocks, key=lambda unit: clocks[unit]),
    }  # fmt: skip


def machine_code(
    function: Any, signature: dict[str, str], constants: dict[str, Any], warps: int, arch: int
) -> tuple[list[tuple[int, str]], dict[str, int]]:
    """Return address and text of each instruction, and registers and bytes of local memory."""
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    names = list(signature)
    source = ASTSource(
        fn=function, signature=signature, constexprs={(names.index(k),): v for k, v in constants.items()}
    )
    binary = triton.compile(source, target=GPUTarget("cuda", arch, 32), options={"num_warps": warps}).asm["cubin"]
    tool = Path(triton.__file__).parent / "backends/nvidia/bin/cuobjdump"
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(binary)
        file.flush()
        text, usage = (
            subprocess.run([tool, flag, file.name], capture_output=True, text=True, check=True).stdout
            for flag in ("-sass", "-res-usage")
        )
    code = [(int(a, 16), line) for a, line in re.findall(r"^\s+/\*([0-9a-f]{4,})\*/\s+([^;]*);", text, re.MULTILINE)]
    used = {name.lower(): int(count) for name, count in re.findall(r"(REG|LOCAL|STACK):(\d+)", usage)}
    return code, used


def loop(code: list[tuple[int, str]]) -> list[str]:
    """Return the names of the instructions of the longest loop."""
    found: tuple[int, int] = (0, 0)
    for address, text in code:
        target = re.search(r"\bBRA.* 0x([0-9a-f]+)", text)
        if target and int(target[1], 16) < address:
            found = max(found, (int(target[1], 16), address), key=lambda pair: pair[1] - pair[0])
    inside = (text for address, text in code if found[0] <= address <= found[1])
    return [re.sub(r"^@!?U?P\w+ ", "", text).split()[0].split(".")[0] for text in inside]


def _unit(name: str) -> str:
    if name == "MUFU":
        return "special"
    if name in ("DADD", "DMUL", "DFMA", "DSETP"):
        return "double"
    return "float" if name in _FLOAT else "" if name in _FREE else "integer and logic"


def main() -> None:
    """Print the cost of a step of workload A in each form of the engine."""
    from tests.benchmarks.workloads import double_well

    arch = int(sys.argv[1]) if len(sys.argv) > 1 else 90
    model = StepModel.of(double_well())
    forms = [(dtype, correction) for dtype in ("float32", "float64") for correction in ("none", "bridge")]
    print(
        json.dumps({f"{dtype}, {correction}": advance(model, dtype, correction, arch) for dtype, correction in forms})
    )


if __name__ == "__main__":
    main()
