"""The compiled engine: the reference's paths, whatever the lanes, threads and chunks, and honest refusals."""

import math
import threading
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
import torch

import escapetime as et
from escapetime.errors import EscapeTimeWarning, InvalidInput, RouteNotApplicable
from escapetime.simulate import engine as seam
from escapetime.simulate import escape_time, first_passage, source
from escapetime.simulate.engine import Plan
from escapetime.simulate.kernels import cpu
from escapetime.simulate.model import StepModel
from escapetime.simulate.passages import Outcome
from tests.simulate.interrupts import interrupt_in
from tests.statistics import assert_agrees, assert_control_fails

x, y = sp.symbols("x y", real=True)
FIELDS = ("steps", "face", "times", "points")


def langevin(landscape, temperature, start, domain):
    return et.EscapeProblem(et.langevin(landscape, temperature=temperature), start, domain)


def brownian():
    return langevin(et.landscapes.flat(), 0.5, 0.0, et.Interval(-1, 1))


def well(temperature=0.15):
    return langevin(et.landscapes.double_well(), temperature, -1.0, et.Interval(-1.8, 0.5))


def correlated():
    noise = sp.Matrix([[1, sp.Rational(1, 2)], [sp.Rational(1, 2), 1 + y**2 / 4]])
    return et.EscapeProblem(et.Diffusion((x, y), sp.Matrix([-x, -y]), noise), [0, 0], et.Box([-1, -9], [9, 1.5]))


def multiplicative():
    process = et.Diffusion((x,), sp.Matrix([-x]), sp.Matrix([[sp.Float(0.2) * (1 + x**2)]]), "stratonovich")
    return et.EscapeProblem(process, 0.0, et.Interval(-1.5, 1))


def runaway():
    return et.EscapeProblem(et.Diffusion((x,), sp.Matrix([x**3]), sp.eye(1)), 0.0, et.Interval(-3, np.inf))


L = et.landscapes
PROBLEMS = {
    "well": (well, 0.01),
    "three dimensions": (lambda: langevin(L.flat(3), 0.5, [0.1, 0, 0], et.Ball([0, 0, 0], 1)), 0.005),
    "ellipsoid": (lambda: langevin(L.quadratic(1.0, 2.0), 0.5, [0.1, 0.2], et.Ellipsoid([0, 0], [1, 1.5])), 0.01),
    "half-space": (lambda: langevin(L.double_well_with_valley(), 0.2, [-1, 0], et.HalfSpace([1, 0.2], 0.1)), 0.01),
    "Mueller-Brown": (lambda: langevin(L.mueller_brown(), 40, [-0.558, 1.442], et.Exterior([0.623, 0.028], 0.5)), 4e-5),
    "sublevel": (lambda: langevin(L.cubic_well(), 0.1, 0.0, et.Sublevel(L.cubic_well(), 0.16)), 0.01),
    "state-dependent": (multiplicative, 0.01),
    "correlated": (correlated, 0.01),
}


def same(a, b):
    return all(np.array_equal(getattr(a, f), getattr(b, f), equal_nan=True) for f in FIELDS)


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.mark.parametrize("correction", ["bridge", "none"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_paths_are_those_of_the_reference(name, correction):
    """Rounding differs (fused operations, other elementary functions); it may move an exit across a step, rarely."""
    problem, dt = PROBLEMS[name][0](), PROBLEMS[name][1]
    options = {"paths": 300, "dt": dt, "seed": 7, "correction": correction, "max_steps": 4000}
    compiled, reference = (first_passage(problem, engine=e, **options) for e in ("cpu", "reference"))
    agree = (compiled.face == reference.face) & (compiled.steps == reference.steps)
    assert agree.mean() > 0.99
    left = agree & compiled.observed
    assert left.sum() > 60
    np.testing.assert_allclose(compiled.times[agree], reference.times[agree], rtol=1e-9)
    np.testing.assert_allclose(compiled.points[left], reference.points[left], rtol=0, atol=1e-8)
    other = first_passage(problem, engine="cpu", **options | {"seed": 8})
    assert (other.steps == reference.steps).mean() < 0.5


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_lanes_chunks_and_threads_change_nothing(threads, dtype):
    options = {"dt": 0.01, "seed": 5, "dtype": dtype, "engine": "cpu"}
    runs = []
    for count, chunk in ((1, None), (1, 1), (2, 64), (3, None)):
        threads(count)
        runs.append(first_passage(well(), paths=3000, chunk=chunk, **options))
    few = first_passage(well(), paths=37, **options)
    assert all(same(runs[0], other) for other in runs[1:])
    for field in FIELDS:
        np.testing.assert_array_equal(getattr(runs[0], field)[:37], getattr(few, field))


def test_a_budget_cuts_and_what_is_not_finite_is_counted():
    whole, cut = (first_passage(well(), paths=500, dt=0.01, engine="cpu", max_steps=n) for n in (10**6, 777))
    left = whole.steps <= 777
    assert 50 < left.sum() < 450
    assert (cut.censored == ~left).all()
    assert (cut.steps[~left] == 777).all()
    np.testing.assert_array_equal(cut.times[left], whole.times[left])
    np.testing.assert_array_equal(cut.times[~left], 777 * 0.01)

    options = {"paths": 400, "dt": 0.01, "max_steps": 4000}
    with pytest.warns(EscapeTimeWarning, match="overflowed"):
        runs = [first_passage(runaway(), engine="cpu", chunk=chunk, **options) for chunk in (None, 5)]
    with pytest.warns(EscapeTimeWarning, match="overflowed"):
        reference = first_passage(runaway(), engine="reference", **options)
    assert 100 < runs[0].invalid.sum() < 350
    assert same(*runs)
    np.testing.assert_array_equal(runs[0].face, reference.face)


def test_a_stopped_run_records_what_was_begun():
    problem = langevin(L.double_well(), 0.02, -1.0, et.Interval(-np.inf, 1.0))
    plan = Plan(10_000, 0.01, 0, "bridge", 10**9, None, "cpu", "float64")
    model, outcome, stop = StepModel.of(problem), Outcome(10_000, 1), threading.Event()
    timer = threading.Timer(0.3, stop.set)
    timer.start()
    cpu.prepare(model, plan)(model, plan, outcome, stop, lambda count: None)
    begun, cut = outcome.started, outcome.started & (outcome.face == -1)
    # whoever left in time made room for another path; those in flight were cut where they were
    assert 0 < cut.sum() <= cpu.IN_FLIGHT * torch.get_num_threads()
    assert begun[: begun.sum()].all()
    np.testing.assert_allclose(outcome.times[cut], outcome.steps[cut] * 0.01)
    assert outcome.steps[begun].min() > 0


def test_an_interrupt_is_served_while_kernels_run(monkeypatch):
    problem = langevin(L.double_well(), 0.04, -1.0, et.Interval(-np.inf, 1.0))
    first_passage(problem, paths=5, max_steps=10, dt=0.01, engine="cpu")  # compiled
    interrupt_in(monkeypatch, cpu, looks=10)
    with pytest.warns(EscapeTimeWarning, match=r"Interrupted: \d+ of 100000 paths had left"):
        run = first_passage(problem, paths=100_000, dt=0.01, engine="cpu")
    assert 0 < len(run.times) < 100_000


def test_float32_agrees_with_the_exact_mean():
    """Brownian exit is exact in law, and so is the check: what float32 costs is below the noise of 4e5 paths."""
    answer = escape_time(brownian(), paths=400_000, dt=0.05, seed=3, dtype="float32", engine="cpu")
    assert_agrees(answer.mean, answer.stderr, 1.0)
    assert_control_fails(answer.mean, answer.stderr, 1.008)
    faces = answer.details["faces"]
    assert_agrees(faces["lower"], math.sqrt(400_000) / 2, 200_000)
    single, double = (
        escape_time(well(0.3), paths=60_000, dt=0.02, seed=3, dtype=t, engine="cpu") for t in ("float32", "float64")
    )
    assert single.mean != double.mean
    assert_agrees(single.mean - double.mean, math.hypot(single.stderr, double.stderr), 0.0)
    assert_control_fails(single.mean - 1.04 * double.mean, math.hypot(single.stderr, double.stderr), 0.0)


def test_the_result_says_which_engine_and_why(monkeypatch):
    def made_by(problem=None, **options):
        details = first_passage(problem or brownian(), paths=5, dt=0.05, **options).details
        return details["engine"], details["engine_reason"]

    assert made_by() == ("cpu", "compiled code is the fastest on this device")
    assert made_by(engine="cpu") == ("cpu", "asked for")
    # the reference cannot run this one either: only the choice is of interest
    model = replace(StepModel.of(brownian()), update=(sp.floor(x),))
    plan = Plan(5, 0.05, 0, "bridge", 10, None, "cpu", "float64")
    name, reason, _ = seam.choose("auto", model, plan)
    assert name == "reference"
    assert "floor" in reason
    with pytest.raises(RouteNotApplicable, match="floor"):
        seam.choose("cpu", model, plan)
    on_card = Plan(5, 0.05, 0, "bridge", 10, None, "cuda:0", "float64")
    with pytest.raises(RouteNotApplicable, match="runs on the CPU"):
        seam.choose("cpu", StepModel.of(brownian()), on_card)
    monkeypatch.setattr(seam, "find_spec", lambda name: None)
    assert seam.choose("auto", StepModel.of(brownian()), on_card)[0] == "reference"
    assert made_by()[0] == "reference"
    with pytest.raises(RouteNotApplicable, match=r"escapetime\[compiled\]"):
        made_by(engine="cpu")


def test_the_source_can_be_read():
    code = source(well())
    assert repr(code) == str(code)
    assert "# x0 is x, which starts at -1" in code
    assert "# c2 = 0.547722557505166*sqrt(dt)" in code
    assert "y0 = x0 + a0_0 * z0 + r0" in code
    assert "exp_negative" in code
    assert "exp_negative" not in source(well(), correction="none")
    assert "random32" in source(well(), dtype="float32")
    assert "def _lambdifygenerated" in source(well(), "reference")
    with pytest.raises(InvalidInput, match="engine"):
        source(well(), "abacus")
    with pytest.raises(InvalidInput, match="dtype"):
        source(well(), dtype="float16")
    with pytest.raises(InvalidInput, match="EscapeProblem"):
        source(well().process)
