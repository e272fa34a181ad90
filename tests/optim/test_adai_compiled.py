"""Compiled forms of Adai: torch.compile, threads of the CPU's kernels, and the kernels of a card."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from escapetime.optim import Adai

FOLDER = Path(__file__).parent / "interpreted"
FORMS = {"loop": {}, "foreach": {"foreach": True}, "fused": {"fused": True}}


def steps(form, wrap=lambda step: step, count=4):
    torch.manual_seed(0)
    params = [torch.nn.Parameter(torch.randn(3, 4)), torch.nn.Parameter(torch.randn(7))]
    groups = [{"params": params[:1]}, {"params": params[1:], "betas": (0.2, 0.9)}]
    optimizer = Adai(groups, lr=torch.tensor(0.1) if form == "loop" else 0.1, weight_decay=0.1,
                     **FORMS[form])  # fmt: skip
    step = wrap(optimizer.step)
    for _ in range(count):
        for p in params:
            p.grad = p.detach().sin()
        step()
    return torch.cat([p.detach().flatten() for p in params])


@pytest.mark.filterwarnings("ignore")  # torch's own, while it compiles
@pytest.mark.parametrize("form", FORMS)
def test_steps_can_be_traced(form):
    """As one graph, without a break, where the form has no kernels of its own."""
    torch._dynamo.reset()
    compiled = steps(form, lambda step: torch.compile(step, backend="eager", fullgraph=form != "fused"))
    torch.testing.assert_close(compiled, steps(form), rtol=1e-5, atol=1e-6)


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile makes C++ for a CPU, and g++ is not here")
@pytest.mark.filterwarnings("ignore")
def test_steps_can_be_compiled():
    torch._dynamo.reset()
    compiled = steps("loop", lambda step: torch.compile(step, fullgraph=True))
    torch.testing.assert_close(compiled, steps("loop"), rtol=1e-5, atol=1e-6)


def test_threads_change_nothing():
    """Pieces are added up in one order by any number of threads, one of which could not do all."""
    ends, threads = [], torch.get_num_threads()
    try:
        for count in (1, 2, 3):
            torch.set_num_threads(count)
            torch.manual_seed(0)
            params = [torch.nn.Parameter(torch.randn(n)) for n in (300_000, 10, 600_001)]
            optimizer = Adai(params, lr=0.1, fused=True)
            for _ in range(2):
                for p in params:
                    p.grad = p.detach().sin()
                optimizer.step()
            ends.append(torch.cat([p.detach() for p in params]))
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(ends[0], ends[1])
    assert torch.equal(ends[0], ends[2])


def test_large_tensors_are_cut_where_the_loop_does_not():
    ends = []
    for form in ("loop", "foreach", "fused"):
        torch.manual_seed(0)
        shapes = [(7,), (600, 1100), (3, 2)]
        params = [torch.nn.Parameter(torch.randn(shape, dtype=torch.float64)) for shape in shapes]
        optimizer = Adai(params, lr=0.1, weight_decay=0.1, **FORMS[form])
        for k in range(2):
            for p in params[k:]:
                p.grad = p.detach().sin()
            optimizer.step()
        assert [optimizer.state[p]["step"].item() for p in params] == [2, 2, 2]
        ends.append(torch.cat([p.detach().flatten() for p in params]))
    for end in ends:
        torch.testing.assert_close(end, ends[0], rtol=1e-12, atol=1e-13)


def test_errors_of_helping_threads_are_told(monkeypatch):
    from escapetime.optim import _adai_kernels

    def fails(*args):
        raise ZeroDivisionError

    p = torch.nn.Parameter(torch.ones(1 << 19))
    p.grad = torch.ones_like(p)
    threads = torch.get_num_threads()
    monkeypatch.setattr(_adai_kernels, "second_moments", fails)
    torch.set_num_threads(2)
    try:
        with pytest.raises(ZeroDivisionError):
            Adai([p], lr=0.1, fused=True).step()
    finally:
        torch.set_num_threads(threads)


@pytest.mark.skipif(sys.platform != "linux", reason="there is no wheel of triton for this system")
def test_kernels_of_a_card_in_the_interpreter():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:nbval", "-n", "0", str(FOLDER)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")} | {"TRITON_INTERPRET": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=FOLDER.parents[2])
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) >= 8
    assert "skipped" not in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="there is no wheel of triton for this system")
@pytest.mark.parametrize("real", ["fp64", "fp32", "bf16"])
def test_kernels_are_compiled_for_a_card(real):
    """And nothing is spilled."""
    import triton.language as tl

    from escapetime.optim import _adai_triton
    from tests.benchmarks import gpu_code

    names = {"fp64": tl.float64, "fp32": tl.float32, "bf16": tl.bfloat16}
    shared = {"addresses": "*i64", "owners": "*i64", "starts": "*i64", "lengths": "*i64", "numbers": "*fp64",
              "found_inf": "*fp32"}  # fmt: skip
    wide = tl.float64 if real == "fp64" else tl.float32
    for kernel, first, more in (
        (_adai_triton.second_moments, "sums", {}), (_adai_triton.averages, "mean", {"DAMPED": False}),
    ):  # fmt: skip
        fixed = {"REAL": names[real], "WIDE": wide, "DECAY": True, **more, "BLOCK": 1024}
        signature = {first: "*fp64", **shared, **dict.fromkeys(fixed, "constexpr")}
        code, used = gpu_code.machine_code(kernel, signature, fixed, 4, 90)
        assert used["local"] == 0
        assert used["reg"] <= 128
        assert len(code) > 50
