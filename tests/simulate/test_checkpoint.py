"""A run that is stopped and gone on with is the run that was not stopped, bit for bit."""

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.simulate import ensemble, escape_time, first_passage
from escapetime.simulate.kernels import cpu
from escapetime.simulate.passages import Passages

FIELDS = ("path", "steps", "face", "times", "points")
VALLEY = et.landscapes.double_well_with_valley()
PATHS, FEW = {"cpu": 6000, "reference": 400}, {"cpu": 1, "reference": 100}  # few in flight: then others have to wait


def bridged():
    return et.EscapeProblem(et.langevin(VALLEY, temperature=0.5), (-1, 0), et.Box([-2.0, -2.0], [0.3, 2.0])), {
        "dt": 0.02
    }


def with_memory():
    process = et.adam(VALLEY, lr=0.1, betas=(0.8, 0.95), covariance=30, noise="laplace")
    return et.EscapeProblem(process, (-1.0, 0.0), et.Box([-2.5, -2], [0.1, 2])), {}


def same(one, other):
    return all(np.array_equal(getattr(one, f), getattr(other, f), equal_nan=True) for f in FIELDS)


@pytest.fixture
def stopping(monkeypatch):
    """Return a function that runs until so many paths are over (or to the end) and then stops."""
    monkeypatch.setattr(cpu, "POLL", 0.0)
    threads = torch.get_num_threads()

    def run(problem, after, **options):
        stop, over = threading.Event(), [0]

        @contextmanager
        def bar(paths, progress):
            def report(count):
                over[0] += count
                if over[0] > after:
                    stop.set()

            yield report

        with monkeypatch.context() as patch:
            patch.setattr(ensemble, "_bar", bar)
            patch.setattr(ensemble, "threading", SimpleNamespace(Event=lambda: stop))
            return first_passage(problem, **options)

    yield run
    torch.set_num_threads(threads)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("make", [bridged, with_memory])
@pytest.mark.parametrize("engine", ["cpu", "reference"])
def test_stopped_saved_and_resumed(stopping, tmp_path, engine, make, dtype):
    problem, options = make()
    options |= {"paths": PATHS[engine], "seed": 3, "engine": engine, "dtype": dtype, "max_steps": 320}
    whole = first_passage(problem, **options)
    assert whole.observed.sum() > 50
    assert whole.checkpoint.flight is None
    run, flights = None, []
    for k, share in enumerate([-1, -1, 0.1, 0.5, 1.0]):
        torch.set_num_threads(1 + k % 3)
        run = stopping(problem, share * options["paths"], resume=run, chunk=FEW[engine] if k == 1 else None, **options)
        flights.append(0 if run.checkpoint.flight is None else len(run.checkpoint.flight))
        run.save(tmp_path / "run.npz")
        run = Passages.load(tmp_path / "run.npz")
    assert min(flights[:2]) > 0
    assert flights[-1] == 0
    assert same(run, whole)
    assert run.details["steps"] == whole.details["steps"]
    assert run.face_counts == whole.face_counts
    assert same(first_passage(problem, resume=run, **options), whole)  # nothing left to do


@pytest.mark.parametrize("engine", ["cpu", "reference"])
def test_a_larger_budget_follows_those_that_were_cut(engine):
    problem, options = bridged()
    options |= {"paths": 400, "seed": 3, "engine": engine}
    whole, cut = (first_passage(problem, max_steps=n, **options) for n in (800, 50))
    assert cut.censored.any()
    assert same(first_passage(problem, max_steps=800, resume=cut, **options), whole)
    longer = escape_time(problem, max_steps=800, resume=cut, **options)
    assert same(longer.details["passages"], whole)
    with pytest.raises(InvalidInput, match=r"max_steps of at least \d+, the steps already taken, got 50"):
        first_passage(problem, max_steps=50, resume=whole, **options)


def test_an_interrupted_run_is_resumed(monkeypatch):
    problem, options = bridged()
    options |= {"paths": 300, "seed": 3, "engine": "cpu", "max_steps": 2000}
    first_passage(problem, **options)
    run = cpu._run

    def interrupted(*arguments):
        arguments[-2].set()
        run(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(cpu, "_run", interrupted)
    with pytest.warns(et.errors.EscapeTimeWarning, match="pass these passages as resume="):
        begun = first_passage(problem, **options)
    monkeypatch.undo()
    assert begun.checkpoint is not None
    assert same(first_passage(problem, resume=begun, **options), first_passage(problem, **options))


@pytest.mark.parametrize(
    ("name", "change"),
    [("seed", {"seed": 4}), ("dt", {"dt": 0.01}), ("scheme", {"scheme": "platen"}), ("paths", {"paths": 41}),
     ("correction", {"correction": "none"}), ("engine", {"engine": "reference"}), ("dtype", {"dtype": "float32"})],
)  # fmt: skip
def test_another_run_is_refused(name, change):
    problem, options = bridged()
    options |= {"paths": 40, "engine": "cpu", "max_steps": 100}
    run = first_passage(problem, **options)
    with pytest.raises(InvalidInput, match=rf"the same {name}: {name} was .* and now is"):
        first_passage(problem, resume=run, **options | change)


def test_another_problem_or_no_passages_are_refused(tmp_path):
    problem, options = bridged()
    run = first_passage(problem, paths=40, max_steps=100, **options)
    other = et.EscapeProblem(et.langevin(VALLEY, temperature=0.51), (-1, 0), problem.domain)
    with pytest.raises(InvalidInput, match="the same problem; make them agree"):
        first_passage(other, paths=40, max_steps=100, resume=run, **options)
    with pytest.raises(InvalidInput, match=r"details\['passages'\]"):
        first_passage(problem, resume=escape_time(problem, paths=40, **options), **options)
    by_hand = Passages(run.times, run.steps, run.face, run.points, run.path, run.face_names, "t")
    by_hand.save(tmp_path / "by hand")
    for passages in (by_hand, Passages.load(tmp_path / "by hand")):
        with pytest.raises(InvalidInput, match="which run they are of"):
            first_passage(problem, resume=passages, **options)
    for content in (b"", b"PK nothing", b"not a file of this kind"):
        (tmp_path / "bad").write_bytes(content)
        with pytest.raises(InvalidInput, match=r"Passages\.save"):
            Passages.load(tmp_path / "bad")
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(InvalidInput, match="damaged"):
        Passages.load(tmp_path / "other.npz")


SCRIPT = """
import escapetime as et, sys
from escapetime.simulate.checkpoint import identity
from escapetime.simulate.engine import Plan
from escapetime.simulate.model import StepModel
process = et.adai(et.landscapes.styblinski_tang(2), lr=0.01, covariance=3)
problem = et.EscapeProblem(process, [-2.9, -2.9], et.Ball([-2.9, -2.9], 1.0))
print(identity(StepModel.of(problem), Plan(5, 0.1, 0, "none", 10, None, "cpu", "float64"), "cpu")["problem"])
"""


def test_a_problem_is_recognised_by_another_process():
    digests = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT], env=os.environ | {"PYTHONHASHSEED": seed}, text=True, check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(digests) == 1
