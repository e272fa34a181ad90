"""Kernels are compiled for a card, which takes none: every form of them, and what a step costs there."""

import sys

import pytest
import sympy as sp

import escapetime as et
from escapetime.simulate.model import StepModel

if sys.platform != "linux":
    pytest.skip("there is no wheel of triton for this system", allow_module_level=True)

from escapetime.simulate.gpu import births
from tests.benchmarks import gpu_ceilings, gpu_code

L, TANGLED = et.landscapes, "sin(x) + exp(-x**2) + atan(x) * tanh(x) + abs(x - 2)**3 + sqrt(1 + x**2) + cosh(x) / 50"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_step_of_the_double_well(dtype):
    """The state stays in registers, and float32 does nothing in 64 bits: some 40 instructions a step."""
    problem = et.EscapeProblem(et.langevin(L.double_well(), temperature=0.08), -1.0, et.Interval(-9, 0.5))
    cost = gpu_code.advance(StepModel.of(problem), dtype, "bridge")
    assert cost["local"] == 0
    assert cost["reg"] <= 128
    if dtype == "float32":
        assert cost["per step"]["double"] == 0
        assert 20 < cost["per step"]["issue"] < 60


def test_every_kind_of_expression_is_compiled():
    tangled = et.langevin(et.Landscape.parse(TANGLED), temperature=0.08)
    cost = gpu_code.advance(StepModel.of(et.EscapeProblem(tangled, 0.0, et.Interval(-1, 1))), "float64", "bridge")
    assert cost["per step"]["issue"] > 300
    adam = et.adam(L.double_well_with_valley(), lr=0.1, betas=(0.8, 0.95), covariance=sp.eye(2), noise="laplace")
    problem = et.EscapeProblem(adam, (-1.0, 0.0), et.Box([-2, -1], [0, 1]))
    assert gpu_code.advance(StepModel.of(problem), "float32", "none")["local"] == 0


@pytest.mark.parametrize("bits", [32, 64])
def test_births_and_exit_draws_are_compiled(bits):
    names = ["reals", "words", "steps", "paths", "start", "key", "slots", "numbers"]
    types = [f"*fp{bits}", f"*i{bits}", "*i64", "*i64", f"*fp{bits}", "*i64", "*i64", "*i64"]
    signature = dict(zip(names, types, strict=True)) | {"lanes": "i32", "count": "i32"}
    constants = {"STATE": 2, "DIMENSION": 1, "BITS": bits, "BLOCK": 256}
    signature |= dict.fromkeys(constants, "constexpr")
    code, used = gpu_code.machine_code(births.born, signature, constants, 4, 90)
    assert len(code) > 100
    assert used["local"] == 0
    signature = {"out": "*fp64", "key": "*i64", "numbers": "*i64", "count": "i32", "BLOCK": "constexpr"}
    assert gpu_code.machine_code(births.exit_draws, signature, {"BLOCK": 256}, 4, 90)[1]["local"] == 0


@pytest.mark.parametrize("name", gpu_ceilings.WORK)
def test_what_is_measured_by_itself_is_done(name):
    """Nothing of the loop is optimized away: each of two lanes has its multiply-and-adds, and its square root."""
    kernel, each, dtype = gpu_ceilings.WORK[name]
    real = "*fp64" if dtype.itemsize == 8 else "*fp32"
    code, _ = gpu_code.machine_code(
        kernel, {"out": real, "rounds": "i32", "BLOCK": "constexpr"}, {"BLOCK": 256}, warps=4, arch=90
    )
    names = gpu_code.loop(code)
    if name.startswith("normals"):
        assert names.count("MUFU") >= 2
        assert names.count("LOP3") >= 2 * each * 4
    else:
        assert names.count("FFMA") == 2 * each
