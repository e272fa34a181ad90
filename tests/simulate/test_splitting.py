"""Splitting against the scheme's own integral equation, the generator, direct simulation and closed forms."""

import math
import sys
import warnings

import numpy as np
import pytest
import sympy as sp
import torch
from scipy.special import log_ndtr, ndtr

import escapetime as et
from escapetime.errors import EscapeTimeWarning, InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.simulate import splitting
from escapetime.simulate.multilevel import repetitions
from escapetime.simulate.multilevel.ratio import Ratio
from escapetime.stats import mean_interval
from tests.statistics import assert_agrees, assert_control_fails, assert_covers, assert_miscovers

pytest.importorskip("numba")
QUARTIC = et.Landscape.parse("(x**2 - 1)**2 / 4")
LEFT = et.Interval(-math.inf, 0.0)
x, z = sp.symbols("x z", real=True)


def scheme_steps(drift, spread, start=-1.0, *, upper=0.0, lower=-2.1, bridge=None):
    """Mean number of steps of x' = x + drift(x) + spread N until x' >= upper (``bridge`` = D dt: or touched between).

    Nystroem: u = 1 + int N(y; x + drift, spread^2) u(y) dy on Gauss-Legendre panels as wide as the kernel. The linear
    system is eliminated as a Markov chain, with the chances to leave known in closed form and no subtraction anywhere
    (Grassmann, Taksar and Heyman), so that times of 1e13 steps keep their digits.
    """
    node, weight = np.polynomial.legendre.leggauss(12)
    panels = math.ceil((upper - lower) / (1.5 * spread))
    edges = np.linspace(lower, upper, panels + 1)
    half = (edges[1] - edges[0]) / 2
    at = np.concatenate([[start], (edges[:-1, None] + half * (1 + node)).ravel()])
    weights = np.concatenate([[0.0], np.tile(weight * half, panels)])
    moved, room = at + drift(at), upper - at
    chance = np.exp(-(((at - moved[:, None]) / spread) ** 2) / 2) / (spread * math.sqrt(2 * math.pi)) * weights
    leaves, steps = ndtr((moved - upper) / spread), np.ones(len(at))
    if bridge:
        chance *= -np.expm1(-room[:, None] * room / bridge)
        leaves = leaves + np.exp(drift(at) * room / bridge + log_ndtr(-(room + drift(at)) / spread))
    for n in range(len(at) - 1, 0, -1):
        share = chance[:n, n] / (chance[n, :n].sum() + leaves[n])
        chance[:n, :n] += share[:, None] * chance[n, :n]
        leaves[:n] += share * leaves[n]
        steps[:n] += share * steps[n]
    return float(steps[0] / leaves[0])


def quartic_chain(temperature, lr=0.1):
    """SGD whose noise has this temperature, and its mean number of steps to the saddle."""
    process = et.sgd(QUARTIC, lr=lr, covariance=2 * temperature / lr)
    exact = scheme_steps(lambda at: -lr * (at**3 - at), math.sqrt(2 * temperature * lr))
    return et.EscapeProblem(process, -1.0, LEFT), exact


def quartic_euler(temperature, dt, **where):
    def drift(at):
        return -dt * (at**3 - at)

    return dt * scheme_steps(drift, math.sqrt(2 * temperature * dt), bridge=temperature * dt, **where)


def test_the_reference_tends_to_the_quadrature_with_order_one():
    problem = et.EscapeProblem(et.langevin(QUARTIC, temperature=0.08), -1.0, LEFT)
    exact = et.exact.escape_time(problem).mean
    coarse, fine = (quartic_euler(0.08, dt) / exact - 1 for dt in (0.02, 0.01))
    assert abs(fine) < 0.005
    assert coarse / fine == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize(("temperature", "wrong"), [(0.08, 1.06), (0.02, 1.15), (0.009, 1.3)])
def test_diffusions_up_to_1e13_steps(temperature, wrong):
    problem, dt = et.EscapeProblem(et.langevin(QUARTIC, temperature=temperature), -1.0, LEFT), 0.05
    answer, scheme = splitting(problem, dt=dt, runs=32, seed=0), quartic_euler(temperature, dt)
    assert_agrees(answer.mean, answer.stderr, scheme)
    assert_control_fails(answer.mean, answer.stderr, wrong * scheme)
    # the scheme itself is 2 % fast at this step
    assert scheme == pytest.approx(et.exact.escape_time(problem).mean, rel=0.03)


def test_a_chain_at_1e12_steps_within_five_percent():
    problem, exact = quartic_chain(0.0101)
    assert 1e12 < exact < 2e12
    answer = splitting(problem, runs=200, seed=0)
    steps, error = answer.mean / 0.1, answer.stderr / 0.1
    assert error / steps < 0.025
    assert steps == pytest.approx(exact, rel=0.05)
    assert_agrees(steps, error, exact)
    assert_control_fails(steps, error, 1.15 * exact)
    low, high = answer.interval(0.99)
    assert low / 0.1 < exact < high / 0.1
    assert answer.time_unit == "lr * steps"
    assert answer.details["steps"] < 1e-3 * exact


def test_intervals_cover():
    problem, exact = quartic_chain(0.05)
    answers = [splitting(problem, particles=100, runs=10, burn_in=1000, seed=seed) for seed in range(80)]

    def hits(level, truth=exact):
        ends = np.array([answer.interval(level) for answer in answers]) / 0.1
        return int(np.sum((ends[:, 0] <= truth) & (truth <= ends[:, 1])))

    assert_covers(hits(0.95), 80, 0.95)
    assert_covers(hits(0.5), 80, 0.5)
    assert_miscovers(hits(0.5), 80, 0.95)
    assert_miscovers(hits(0.95, 1.15 * exact), 80, 0.95)
    # and the ratio of means is not biased beyond its error
    means = np.array([answer.mean for answer in answers]) / 0.1
    assert_agrees(means.mean(), means.std(ddof=1) / math.sqrt(80), exact)
    assert_control_fails(means.mean(), means.std(ddof=1) / math.sqrt(80), 1.06 * exact)


def test_two_dimensions_against_the_generator():
    bent = et.Landscape.parse("(x**2 - 1)**2 / 4 + (y - x**2 / 2)**2")
    problem = et.EscapeProblem(et.langevin(bent, temperature=0.035), (-1.0, 0.5), et.Box((-2.5, -2.5), (0.0, 3.0)))
    exact = et.exact.escape_time(problem).mean
    answer = splitting(problem, dt=0.02, runs=16, seed=0)
    # what the scheme is off in one dimension at this step and temperature
    along = et.EscapeProblem(et.langevin(QUARTIC, temperature=0.035), -1.0, LEFT)
    bias = 2 * abs(quartic_euler(0.035, 0.02) / et.exact.escape_time(along).mean - 1) * exact
    assert bias < 0.02 * exact
    assert_agrees(answer.mean, answer.stderr, exact, bias=bias)
    assert_control_fails(answer.mean, answer.stderr, 1.15 * exact, bias=bias)


@pytest.mark.parametrize(
    ("process", "paths"),
    [
        (et.heavy_ball(QUARTIC, lr=0.05, momentum=0.9, covariance=0.12), 3000),
        (et.adam(QUARTIC, lr=0.1, betas=(0.9, 0.999), covariance=1.0), 10_000),
    ],
)
def test_optimizers_with_memory_against_direct_simulation(process, paths):
    problem = et.EscapeProblem(process, -1.0, LEFT)
    direct = et.simulate.escape_time(problem, paths=paths, seed=1)
    answer = splitting(problem, seed=0)
    assert answer.details["level"] == "energy"
    error = math.hypot(direct.stderr, answer.stderr)
    assert_agrees(answer.mean, error, direct.mean)
    assert_control_fails(answer.mean, error, 1.2 * direct.mean)


def test_the_energy_of_heavy_ball_takes_splitting_where_the_position_does_not():
    problem = et.EscapeProblem(et.heavy_ball(QUARTIC, lr=0.05, momentum=0.9, covariance=0.06), -1.0, LEFT)

    def scatter(**options):
        p = splitting(problem, runs=16, seed=0, **options).details["probabilities"]
        return p.std(ddof=1) / p.mean()

    assert scatter() < 0.6
    with pytest.warns(EscapeTimeWarning, match="runs scatter"):
        assert scatter(level="x") > 1.0


def test_a_second_well_on_the_way_out_is_counted_and_told():
    problem = et.EscapeProblem(et.langevin(QUARTIC, temperature=0.08), -1.0, et.Interval(-math.inf, 1.5))
    scheme = quartic_euler(0.08, 0.04, upper=1.5)
    with pytest.warns(EscapeTimeWarning, match=r"another well on the way to its exit, near \[1.0\]"):
        answer = splitting(problem, dt=0.04, particles=300, runs=24, seed=0)
    assert_agrees(answer.mean, answer.stderr, scheme)
    assert_control_fails(answer.mean, answer.stderr, 1.25 * scheme)


def test_a_start_on_the_slope_reaches_the_attractor_or_leaves():
    problem = et.EscapeProblem(et.langevin(QUARTIC, temperature=0.03), -0.15, LEFT)
    scheme = quartic_euler(0.03, 0.05, start=-0.15)
    answer = splitting(problem, dt=0.05, seed=0)
    assert 0.3 < answer.details["reach"] < 0.8
    assert_agrees(answer.mean, answer.stderr, scheme)
    assert_control_fails(answer.mean, answer.stderr, 1.12 * scheme)


def test_ties_of_a_walk_on_a_lattice():
    # from 0, steps of 1/10 to either side, until 1 is reached: 100 steps; three or four levels in all
    walk = et.Chain("walk", (x,), {}, (z,), (), (x + sp.sign(z) / 10,), 1.0, "steps")
    answer = splitting(et.EscapeProblem(walk, 0.0, et.Interval(-0.95, 0.95)), seed=0)
    assert_agrees(answer.mean, answer.stderr, 100.0)
    assert_control_fails(answer.mean, answer.stderr, 103.0)


def test_numbers_depend_on_the_seed_alone():
    problem, _ = quartic_chain(0.03)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = splitting(problem, particles=100, runs=6, seed=4)
        torch.set_num_threads(2)
        two = splitting(problem, particles=100, runs=6, seed=4)
        more = splitting(problem, particles=100, runs=9, seed=4)
    finally:
        torch.set_num_threads(threads)
    assert one.mean == two.mean
    assert one.interval() == two.interval()
    assert np.array_equal(one.details["probabilities"], two.details["probabilities"])
    assert np.array_equal(more.details["probabilities"][:6], one.details["probabilities"])
    assert splitting(problem, particles=100, runs=6, seed=5).mean != one.mean


def test_an_interrupt_keeps_the_runs_that_are_finished(monkeypatch):
    problem, _ = quartic_chain(0.03)
    whole = splitting(problem, particles=100, runs=40, seed=4)

    def interrupted(jobs, **_):
        for job in jobs[:3]:
            job.result()
        raise KeyboardInterrupt

    monkeypatch.setattr(repetitions, "wait", interrupted)
    with pytest.warns(EscapeTimeWarning, match="of 40 runs were finished"):
        answer = splitting(problem, particles=100, runs=40, seed=4)
    done = answer.details["runs"]
    assert 3 <= done < 40
    assert answer.details["reason"] == "interrupted"
    assert set(answer.details["probabilities"]) <= set(whole.details["probabilities"])

    def at_once(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(repetitions, "wait", at_once)
    monkeypatch.setattr(repetitions.Run, "__call__", lambda _: (_ for _ in ()).throw(repetitions.Stopped))
    with pytest.raises(KeyboardInterrupt):
        splitting(problem, particles=100, runs=4)


def test_a_progress_bar_when_asked(capsys, monkeypatch):
    problem, _ = quartic_chain(0.05)
    monkeypatch.setattr(repetitions, "PATIENCE", 0.0)
    splitting(problem, particles=50, runs=4, progress=True)
    assert "/4" in capsys.readouterr().err
    splitting(problem, particles=50, runs=4)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"runs": 1}, "runs as an integer, 2 or more"),
        ({"particles": 10}, "particles as an integer, 20 or more"),
        ({"particles": "many"}, "particles as an integer"),
        ({"level": "y + x"}, "expression in x, got .* with y"),
        ({"level": "log(x)"}, "not a finite number at the start"),
        ({"dt": 3.0}, "unstable"),
        ({"seed": -1}, "seed"),
        ({"scheme": "exact"}, "scheme"),
    ],
)
def test_bad_arguments_are_named(options, message):
    problem = et.EscapeProblem(et.langevin(QUARTIC, temperature=0.05), -1.0, LEFT)
    with pytest.raises(InvalidInput, match=message):
        splitting(problem, **options)


def test_what_cannot_be_split_is_refused(monkeypatch):
    problem = et.EscapeProblem(et.langevin(QUARTIC, temperature=0.05), -1.0, LEFT)
    with pytest.raises(RouteNotApplicable, match="level stays at"):
        splitting(problem, level="0*x + 3", particles=20, runs=2)
    with pytest.raises(RouteNotApplicable, match="neither back at the attractor nor outside after 2 steps"):
        splitting(problem, particles=20, runs=2, max_steps=2, burn_in=0, dt=1e-5)
    strange = et.Chain("strange", (x,), {}, (z,), (), (x / 2 + sp.gamma(z**2 + 1) / 9,), 1.0)
    with pytest.raises(RouteNotApplicable, match="gamma"):
        splitting(et.EscapeProblem(strange, 0.0, et.Interval(-1, 1)))
    # the module, which the function of the same name hides
    monkeypatch.setattr(sys.modules["escapetime.simulate.splitting"], "find_spec", lambda name: None)
    with pytest.raises(RouteNotApplicable, match=r"escapetime\[compiled\]"):
        splitting(problem)


def test_runs_that_find_no_way_out_are_not_an_answer():
    # a level without slope above the attractor: whole generations die out
    problem = et.EscapeProblem(et.langevin(QUARTIC, temperature=0.009), -1.0, LEFT)
    with pytest.raises(NumericalFailure, match="None of 2 runs of 20 particles found a way out"):
        splitting(problem, level="tanh(200 * (x + 1))", particles=20, runs=2, dt=0.05)


def test_ratio_is_the_mean_where_the_denominator_is_known():
    numerator = np.array([3.0, 5.0, 4.0, 8.0, 4.5])
    ratio = Ratio(numerator, np.full(5, 2.0))
    assert ratio.value == pytest.approx(numerator.mean() / 2)
    assert ratio.stderr == pytest.approx(numerator.std(ddof=1) / 2 / math.sqrt(5))
    assert ratio.interval(0.9) == pytest.approx(np.array(mean_interval(numerator, 0.9)) / 2)


def test_ratio_is_open_above_where_the_denominator_may_be_zero():
    ratio = Ratio(np.array([1.0, 1.1, 0.9, 1.0]), np.array([0.0, 0.0, 0.0, 1.0]))
    low, high = ratio.interval(0.95)
    assert 0 < low < ratio.value
    assert high == math.inf


def test_the_answer_cites_and_says_what_it_did():
    problem, _ = quartic_chain(0.05)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answer = splitting(problem, particles=100, runs=4)
    assert answer.method == "adaptive multilevel splitting of the chain"
    assert len(answer.cite()) == len(answer.source)
    assert answer.details["reason"] == "as asked"
    assert answer.details["level"] == "distance"
    assert (answer.paths, answer.censored, answer.dt) == (400, 0, 0.1)
