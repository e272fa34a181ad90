"""Budgets, overflow, refilled lanes, interrupted and resumed runs: what a path gives depends on seed and path only."""

import threading
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import EscapeTimeWarning
from escapetime.simulate import ensemble, first_passage
from escapetime.simulate.engine import Plan
from escapetime.simulate.gpu import logbook, run
from escapetime.simulate.model import StepModel
from escapetime.simulate.passages import Outcome

x = sp.Symbol("x", real=True)
FIELDS = ("steps", "face", "times", "points")


def well():
    return et.EscapeProblem(et.langevin(et.landscapes.double_well(), temperature=0.5), -1.0, et.Interval(-1.8, -0.2))


def gpu(problem, **options):
    return first_passage(problem, engine="gpu", **{"dt": 0.02, "seed": 5} | options)


def same(a, b):
    return all(np.array_equal(getattr(a, f), getattr(b, f), equal_nan=True) for f in FIELDS)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_lanes_are_refilled_and_chunks_change_nothing(dtype, monkeypatch):
    whole = gpu(well(), paths=60, max_steps=48, dtype=dtype)
    assert 20 < whole.observed.sum() < 60
    monkeypatch.setattr(run, "LEAST", 16)
    monkeypatch.setattr(run.Tuning, "of", classmethod(lambda cls, *rest: cls(16, 1)))  # two programs, then one
    monkeypatch.setattr(logbook, "ROOM", 0)  # no table of all paths on the device
    refilled = gpu(well(), paths=60, max_steps=48, dtype=dtype, chunk=30)
    assert same(whole, refilled)
    few = gpu(well(), paths=16, max_steps=48, dtype=dtype)
    for field in FIELDS:
        np.testing.assert_array_equal(getattr(whole, field)[:16], getattr(few, field))


def test_a_budget_cuts():
    whole, cut = (gpu(well(), paths=60, max_steps=n) for n in (64, 29))
    left = whole.steps <= 29
    left &= whole.observed
    assert 5 < left.sum() < 55
    assert (cut.censored == ~left).all()
    assert (cut.steps[~left] == 29).all()
    np.testing.assert_array_equal(cut.times[left], whole.times[left])
    np.testing.assert_array_equal(cut.times[~left], 29 * 0.02)


def test_what_is_not_finite_is_counted():
    """An inverted quartic: downwards there is an exit, upwards only infinity."""
    process = et.Diffusion((x,), sp.Matrix([x**3]), sp.eye(1))
    problem = et.EscapeProblem(process, 0.0, et.Interval(-1.5, np.inf))
    options = {"paths": 60, "dt": 0.05, "max_steps": 64, "seed": 5}
    with pytest.warns(EscapeTimeWarning, match="overflowed"):
        mine = gpu(problem, **options)
    with pytest.warns(EscapeTimeWarning, match="overflowed"):
        reference = first_passage(problem, engine="reference", **options)
    assert 5 < mine.invalid.sum() < 55
    np.testing.assert_array_equal(mine.face, reference.face)
    assert np.isnan(mine.times[mine.invalid]).all()
    assert (mine.steps[mine.invalid] <= reference.steps[mine.invalid]).all()  # it stops where the number is lost


def test_a_stopped_run_records_what_was_begun():
    plan = Plan(500, 0.02, 5, "bridge", 10**9, 50, "cpu", "float64")
    model, outcome, stop = StepModel.of(well()), Outcome(500, 1), threading.Event()
    told = []

    def report(count):
        told.append(count)
        stop.set()

    run.prepare(model, plan, interpreted=True)(model, plan, outcome, stop, report)
    cut = outcome.started & (outcome.face == -1)
    assert 0 < cut.sum() < 50
    assert outcome.started.sum() == 50
    assert sum(told) == 50 - cut.sum()
    np.testing.assert_allclose(outcome.times[cut], outcome.steps[cut] * 0.02)
    whole = gpu(well(), paths=50, max_steps=64)
    over = outcome.started[:50] & ~cut[:50]
    np.testing.assert_array_equal(outcome.times[:50][over], whole.times[over])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_stopped_run_is_gone_on_with(dtype, monkeypatch):
    """Stopped before anybody left, and again when half had, with paths that wait and a state with memory."""
    valley = et.landscapes.double_well_with_valley()
    process = et.heavy_ball(valley, lr=0.1, momentum=0.8, covariance=4)
    problem = et.EscapeProblem(process, (-1.0, 0.0), et.Box([-1.6, -0.8], [-0.2, 0.8]))
    options = {"paths": 40, "seed": 5, "max_steps": 64, "dtype": dtype, "dt": None}
    whole = gpu(problem, **options)
    assert whole.observed.sum() > 10
    monkeypatch.setattr(run, "LEAST", 4)
    runs = None
    for after in (0, 20):
        stop, over = threading.Event(), []

        def report(count, stop=stop, over=over, after=after):
            over.append(count)
            if sum(over) >= after:
                stop.set()

        with monkeypatch.context() as patch:
            patch.setattr(ensemble, "_bar", lambda paths, progress, report=report: nullcontext(report))
            patch.setattr(ensemble, "threading", SimpleNamespace(Event=lambda stop=stop: stop))
            runs = gpu(problem, resume=runs, chunk=30, **options)
        assert len(runs.checkpoint.flight) > 0
    assert 0 < len(runs.times) <= 40
    assert same(gpu(problem, resume=runs, **options), whole)
