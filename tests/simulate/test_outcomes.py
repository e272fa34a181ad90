"""What happens when not every path leaves: budgets, overflow, interruption, bad arguments."""

from functools import partial

import numpy as np
import pytest
import sympy as sp
import torch

import escapetime as et
from escapetime import simulate
from escapetime.errors import (
    DeviceUnavailable,
    EscapeTimeWarning,
    InvalidInput,
    NumericalFailure,
    RouteNotApplicable,
)
from escapetime.simulate import Passages, ensemble, reference
from escapetime.stats import exponential_mle
from tests.simulate.interrupts import interrupt_in

escape_time = partial(simulate.escape_time, engine="reference")
first_passage = partial(simulate.first_passage, engine="reference")
x = sp.Symbol("x", real=True)


def brownian():
    return et.EscapeProblem(et.langevin(et.landscapes.flat(), temperature=0.5), 0.0, et.Interval(-1, 1))


def well(temperature=0.1, upper=1.0):
    process = et.langevin(et.landscapes.double_well(), temperature=temperature)
    return et.EscapeProblem(process, -1.0, et.Interval(-np.inf, upper))


def runaway(start=0.0):
    """An inverted quartic: downwards there is an exit, upwards only infinity."""
    process = et.Diffusion((x,), sp.Matrix([x**3]), sp.Matrix([[1]]))
    return et.EscapeProblem(process, start, et.Interval(-3, np.inf))


def test_cut_paths_are_counted_and_the_exponential_law_is_said():
    options = {"paths": 400, "dt": 0.02, "seed": 3}
    problem = well(temperature=0.2)
    whole, cut = (first_passage(problem, max_steps=n, **options) for n in (None, 501))
    left = whole.steps <= 501
    assert cut.censored.sum() == (~left).sum() > 50
    np.testing.assert_array_equal(cut.times[left], whole.times[left])
    np.testing.assert_array_equal(cut.face[left], whole.face[left])
    np.testing.assert_array_equal(cut.times[~left], 501 * 0.02)
    assert (cut.steps[~left] == 501).all()
    assert np.isnan(cut.points[~left]).all()
    assert "cut" in repr(cut)

    answer = escape_time(problem, max_steps=501, **options)
    fit = exponential_mle(cut.times, cut.observed)
    assert (answer.mean, answer.interval(0.9)) == (fit.mean, fit.interval(0.9))
    assert answer.censored == cut.censored.sum()
    assert f"exponential law fitted to {left.sum()} exits and {(~left).sum()} cut paths" in answer.method
    assert "exponential" not in escape_time(brownian(), paths=100).method


def test_nothing_within_the_budget_is_refused_with_a_way_out():
    with pytest.raises(RouteNotApplicable, match=r"None of 50 paths left within 200 steps of 0.01.*et\.exact"):
        escape_time(well(temperature=0.01), paths=50, max_steps=200)
    options = {"paths": 50, "max_steps": 200, "engine": "reference"}
    comparison = et.compare(well(temperature=0.01), routes=["simulate"], **options)
    assert "simulate" in comparison.refusals


def test_overflow_is_counted_reported_and_never_averaged_in():
    with pytest.warns(EscapeTimeWarning, match="of 500 paths overflowed and are excluded"):
        answer = escape_time(runaway(), paths=500, dt=0.01, max_steps=4000)
    passages = answer.details["passages"]
    invalid = answer.details["invalid"]
    assert 100 < invalid < 400
    assert answer.paths == 500 - invalid
    assert passages.invalid.sum() == invalid
    assert np.isnan(passages.times[passages.invalid]).all()
    assert answer.mean == pytest.approx(np.mean(passages.times[~passages.invalid]))
    assert not (passages.invalid & (passages.observed | passages.censored)).any()
    assert "invalid" in repr(passages)


def test_nothing_but_overflow_is_a_failure():
    with pytest.warns(EscapeTimeWarning), pytest.raises(NumericalFailure, match="All 20 paths overflowed"):
        escape_time(runaway(start=30.0), paths=20, dt=0.001)


def test_the_answer_says_how_it_was_made():
    answer = escape_time(brownian(), paths=300, dt=0.04, seed=5)
    assert (answer.paths, answer.censored, answer.seed, answer.dt, answer.time_unit) == (300, 0, 5, 0.04, "t")
    details = answer.details
    assert (details["engine"], details["engine_reason"]) == ("reference", "asked for")
    assert details["faces"] == details["passages"].face_counts
    assert details["steps"] == details["passages"].steps.sum()
    assert details["device"] in ("cpu", "cuda")
    assert isinstance(details["passages"], Passages)
    assert any("killed diffusion" in entry for entry in answer.cite())
    assert escape_time(brownian(), paths=1).mean > 0
    chosen = simulate.escape_time(brownian(), paths=5).details
    assert chosen["engine"] in ("reference", "cpu", "gpu")
    assert chosen["engine_reason"]


def test_an_interrupted_run_returns_what_it_has(monkeypatch):
    interrupt_in(monkeypatch, reference, looks=15)
    with pytest.warns(EscapeTimeWarning, match=r"Interrupted: \d+ of 200000 paths had left"):
        run = first_passage(well(temperature=0.06), paths=200_000, dt=0.01, seed=1, chunk=2000, max_steps=10**5)
    assert 0 < run.observed.sum() < len(run.times) < 200_000
    assert run.censored.sum() == len(run.times) - run.observed.sum()
    np.testing.assert_allclose(run.times[run.censored], run.steps[run.censored] * 0.01)
    assert np.isfinite(exponential_mle(run.times, run.observed).mean)
    # those that had left are exactly those of a run that was not interrupted
    first = first_passage(well(temperature=0.06), paths=64, dt=0.01, seed=1, max_steps=int(run.steps[:64].max()))
    done = run.observed[:64]
    np.testing.assert_array_equal(run.times[:64][done], first.times[done])


def test_an_error_in_a_worker_comes_out(monkeypatch):
    def fail(*_):
        raise MemoryError("no room")

    monkeypatch.setattr("escapetime.simulate.stepper.Stepper.advance", fail)
    with pytest.raises(MemoryError, match="no room"):
        first_passage(brownian(), paths=10_000)


def test_a_time_step_beyond_stability_is_refused():
    with pytest.raises(InvalidInput, match=r"dt=1 is unstable.*rate 2,.*dt < 1; take dt <= 0.1"):
        escape_time(well(), paths=10, dt=1.0)
    with pytest.warns(EscapeTimeWarning, match="relaxation times"):
        escape_time(well(temperature=0.5), paths=10, dt=0.4)
    # the start is on a slope: the curvature that matters is that of the minimum below
    steep = et.Landscape.parse("100*x**4 + 50*x**2 - 50*x")
    with pytest.raises(InvalidInput, match="dt < "):
        escape_time(et.EscapeProblem(et.langevin(steep, temperature=1.0), 0.0, et.Interval(-2, 2)), paths=10, dt=0.012)
    assert escape_time(brownian(), paths=10, dt=1.0).details["stable_dt"] == np.inf


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"paths": 0}, "paths as a positive integer, got 0"),
        ({"paths": 2.5}, "paths as a positive integer"),
        ({"dt": 0.0}, "positive finite time step dt, got 0.0"),
        ({"dt": float("nan")}, "positive finite time step"),
        ({"dt": "small"}, "positive finite time step"),
        ({"seed": -1}, "seed as an integer"),
        ({"seed": 1.5}, "seed as an integer"),
        ({"chunk": 0}, "chunk as a positive integer"),
        ({"max_steps": -3}, "max_steps as a positive integer"),
        ({"correction": "magic"}, "correction to be one of 'auto', 'bridge', 'shift', 'none', got 'magic'"),
        ({"dtype": "float16"}, "dtype to be one of"),
        ({"engine": "warp"}, "engine to be one of"),
        ({"device": "abacus"}, "torch device"),
        ({"device": 1.5}, "torch device"),
    ],
)
def test_bad_arguments_name_the_value_and_the_expectation(options, message):
    with pytest.raises(InvalidInput, match=message):
        first_passage(brownian(), **options)


def test_what_is_not_a_problem_or_not_a_process_is_refused():
    with pytest.raises(InvalidInput, match="EscapeProblem"):
        first_passage(brownian().process, paths=10)
    with pytest.raises(InvalidInput, match="Expected a process"):
        et.EscapeProblem(object(), 0.0, et.Interval(-1, 1))


def test_a_device_that_is_not_there():
    with pytest.raises(DeviceUnavailable, match=r"torch sees .* CUDA device.*'cpu'"):
        first_passage(brownian(), paths=10, device=f"cuda:{torch.cuda.device_count()}")
    with pytest.raises(DeviceUnavailable, match="does not work with float64"):
        first_passage(brownian(), paths=10, device="meta")


def test_the_progress_bar_is_quiet_unless_asked_for(capfd, monkeypatch):
    monkeypatch.setattr(ensemble, "PATIENCE", 0.0)
    first_passage(brownian(), paths=200, dt=0.04)
    assert capfd.readouterr() == ("", "")
    first_passage(brownian(), paths=200, dt=0.04, progress=True)
    out, err = capfd.readouterr()
    assert not out
    assert "200" in err
