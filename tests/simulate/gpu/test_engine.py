"""What can be said of the GPU engine without a card: who gets it, what it refuses, and that its source can be read."""

import importlib
import subprocess
import sys

import pytest
import sympy as sp
import torch

import escapetime as et
from escapetime.errors import DeviceUnavailable, RouteNotApplicable
from escapetime.simulate import engine as seam
from escapetime.simulate import first_passage, source
from escapetime.simulate.engine import Plan
from escapetime.simulate.model import StepModel

x = sp.Symbol("x", real=True)


def well():
    return et.EscapeProblem(et.langevin(et.landscapes.double_well(), temperature=0.3), -1.0, et.Interval(-1.8, 0.0))


def on_card(**changes):
    return Plan(**{"paths": 5, "dt": 0.05, "seed": 0, "correction": "bridge", "max_steps": 10, "chunk": None,
                   "device": "cuda:0", "dtype": "float64"} | changes)  # fmt: skip


def test_importing_the_library_does_not_import_triton():
    code = "import sys, escapetime.simulate, escapetime.simulate.engine; assert 'triton' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_it_is_the_engine_of_cards(monkeypatch):
    model = StepModel.of(well())
    monkeypatch.setattr(seam, "find_spec", lambda name: object())
    name, reason, _ = seam.choose("auto", model, on_card())
    assert (name, reason) == ("gpu", "compiled code is the fastest on this device")
    assert seam.choose("gpu", model, on_card())[:2] == ("gpu", "asked for")
    object.__setattr__(model, "update", (sp.floor(x),))
    name, reason, _ = seam.choose("auto", model, on_card())
    assert name == "reference"
    assert "floor" in reason
    with pytest.raises(RouteNotApplicable, match="floor"):
        seam.choose("gpu", model, on_card())
    monkeypatch.setattr(seam, "find_spec", lambda name: None)
    with pytest.raises(RouteNotApplicable, match=r"escapetime\[gpu\]"):
        seam.choose("gpu", model, on_card())
    name, reason, _ = seam.choose("auto", model, on_card())
    assert name == "reference"
    assert "triton" in reason


def test_without_a_card_it_says_what_to_do(monkeypatch):
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceUnavailable, match="engine='auto'"):
        first_passage(well(), paths=5, engine="gpu")
    with pytest.raises(DeviceUnavailable, match="runs on a CUDA device"):
        first_passage(well(), paths=5, engine="gpu", device="cpu")


@pytest.mark.skipif(sys.platform != "linux", reason="there is no wheel of triton for this system")
def test_the_interpreter_has_to_be_asked_for_in_time(monkeypatch):
    importlib.import_module("escapetime.simulate.gpu.births")
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    with pytest.raises(DeviceUnavailable, match="before Python starts"):
        first_passage(well(), paths=5, engine="gpu", device="cpu")


def test_the_source_can_be_read():
    code = source(well(), "gpu")
    assert repr(code) == str(code)
    assert "# x0 is x, which starts at -1" in code
    assert "# d0, e0: distance to the face 'lower'" in code
    assert "from escapetime.simulate.gpu.random64 import draw" in code
    assert "random32" in source(well(), "gpu", dtype="float32")
    assert "tl.exp2" in code
    assert "tl.exp2" not in source(well(), "gpu", correction="none")
    compile(code, "kernel", "exec")
    # numbers of the problem are arguments
    other = et.EscapeProblem(et.langevin(et.landscapes.double_well(), temperature=0.7), -0.9, et.Interval(-1.9, 0.0))
    assert code[code.index('"""') :] == source(other, "gpu")[source(other, "gpu").index('"""') :]
