"""(seed, path) fixes everything: chunks, threads, other paths and interruptions leave every bit as it was."""

from dataclasses import fields
from functools import partial

import numpy as np
import pytest
import sympy as sp
import torch

import escapetime as et
from escapetime import simulate
from escapetime.simulate import reference, torch_rows
from escapetime.simulate.lanes import Lanes
from escapetime.simulate.model import StepModel
from escapetime.simulate.request import plan
from escapetime.simulate.stepper import Stepper
from escapetime.simulate.streams import PathStreams

first_passage = partial(simulate.first_passage, engine="reference")
x, y = sp.symbols("x y", real=True)


def tricky():
    """A problem whose functions torch rounds differently in the remainder of a vector (cosh, sinh, a broken power)."""
    drift = sp.Matrix([-sp.sinh(x) + sp.sin(y), -sp.cosh(y) + (1 + y**2) ** sp.Rational(3, 4)])
    diffusion = sp.Matrix([[1 + x**2 / 4, sp.Rational(1, 3)], [sp.Rational(1, 3), sp.cosh(x) / 2]])
    return et.EscapeProblem(et.Diffusion((x, y), drift, diffusion), (0.1, 0.0), et.Ellipsoid([0, 0], [1, 1.5]))


def brownian():
    return et.EscapeProblem(et.langevin(et.landscapes.flat(), temperature=0.5), 0.0, et.Interval(-1, 1))


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def assert_same(a, b):
    for name in ("path", "steps", "face", "times", "points"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


@pytest.mark.parametrize("problem", [tricky, brownian])
def test_chunks_and_threads_change_nothing(problem, threads, monkeypatch):
    monkeypatch.setattr(reference, "WORTH_A_THREAD", 16)  # so that few paths, too, are shared by several threads
    options = {"paths": 80, "dt": 0.04, "seed": 4, "device": "cpu"}
    runs = []
    for count, chunks in ((1, (3, 7, 64, 1000, None)), (2, (1, 5, 63, None)), (3, (2, None))):
        threads(count)
        runs += [first_passage(problem(), chunk=chunk, **options) for chunk in chunks]
        assert torch.get_num_threads() == count
    for other in runs[1:]:
        assert_same(runs[0], other)


def test_chunks_and_threads_change_nothing_when_lanes_are_refilled(threads):
    runs = []
    for count, chunk in ((1, None), (2, None), (2, 1000), (1, 4001)):
        threads(count)
        runs.append(first_passage(brownian(), paths=40_000, dt=0.04, seed=1, chunk=chunk, device="cpu"))
    for other in runs[1:]:
        assert_same(runs[0], other)


def test_without_full_vectors_the_lane_would_show(monkeypatch):
    """The control of the two tests above, on any processor: a function that rounds otherwise in a remainder is felt."""

    def ragged(v):
        out = torch.cosh(v)
        remainder = out.shape[-1] % 8
        return torch.cat([out[: len(out) - remainder], out[len(out) - remainder :] * (1 + 2.0**-52)])

    names = torch_rows.namespace() | {"cosh": ragged}
    monkeypatch.setattr(torch_rows, "namespace", lambda: names)
    options = {"paths": 80, "dt": 0.04, "seed": 4, "device": "cpu"}
    whole = first_passage(tricky(), **options)
    assert_same(whole, first_passage(tricky(), chunk=13, **options))
    monkeypatch.setattr(reference, "WIDTH", 1)
    assert not np.array_equal(whole.times, first_passage(tricky(), chunk=13, **options).times)


def test_a_path_does_not_depend_on_how_many_there_are():
    few, many = (first_passage(brownian(), paths=n, dt=0.02, seed=9) for n in (70, 3000))
    for name in ("steps", "face", "times", "points"):
        np.testing.assert_array_equal(getattr(few, name), getattr(many, name)[:70])


def test_seeds_differ():
    a, b = (first_passage(brownian(), paths=200, dt=0.02, seed=seed) for seed in (0, 1))
    assert not set(a.times) & set(b.times)


def test_single_precision_follows_the_same_paths():
    double, single = (first_passage(brownian(), paths=2000, dt=0.02, seed=2, dtype=d) for d in ("float64", "float32"))
    same = double.steps == single.steps
    assert same.mean() > 0.99  # a path that grazes a face may be rounded across it
    assert np.abs(double.times - single.times)[same].max() < 1e-3
    assert not np.array_equal(double.times, single.times)


def _copy(lanes):
    """What a file would hold."""
    arrays = {f.name: getattr(lanes, f.name).clone() for f in fields(Lanes)[:-1]}
    spare = lanes.streams.spare
    return Lanes(**arrays, streams=PathStreams.restore(lanes.streams.state, None if spare is None else spare.clone()))


def test_a_run_that_was_stopped_and_continued_equals_one_that_was_not():
    options = {
        "device": "cpu",
        "correction": "bridge",
        "max_steps": None,
        "chunk": None,
        "dtype": "float64",
        "scheme": "auto",
    }
    asked = plan(brownian(), paths=256, dt=0.02, seed=3, **options)
    stepper = Stepper(StepModel.of(brownian()), asked)
    through = stepper.born(np.arange(256), 256)
    stepper.advance(through, 50)
    assert 0 < through.inside.sum() < 256
    for stop in (1, 2, 7, 32):  # odd: between the two normals of a pair
        stopped = stepper.born(np.arange(256), 256)
        stepper.advance(stopped, stop)
        continued = _copy(stopped)
        stepper.advance(stopped, 5)  # what is done to the original does not touch the copy
        stepper.advance(continued, 50 - stop)
        for f in fields(Lanes)[:-1]:
            assert torch.equal(getattr(through, f.name), getattr(continued, f.name)), f.name
        assert torch.equal(through.streams.state, continued.streams.state)
