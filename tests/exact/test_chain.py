"""Mean exit times of chains: closed forms, forty digits, known numbers, simulation, and what must be refused."""

import math

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.exact import chain
from escapetime.exact.chain_panels import chain_edges
from escapetime.exact.chain_solution import Solution
from escapetime.exact.chain_step import ChainStep
from escapetime.exact.collocation import Collocation
from tests.simulate.chain_reference import mean_steps
from tests.statistics import assert_agrees, assert_control_fails

DOUBLE_WELL = et.landscapes.double_well()
(x,) = DOUBLE_WELL.variables
MATCHED = 1 + x**2  # the covariance that equals the curvature at minimum and saddle
HESSIAN = sp.Abs(DOUBLE_WELL.hessian[0])
z1, z2 = sp.symbols("z1:3", real=True)
RIGHT = et.NoiseLaw("right-skewed", (z1, z2), (z1**2 + z2**2) / 2 - 1)
LEFT = et.NoiseLaw("left-skewed", (z1, z2), 1 - (z1**2 + z2**2) / 2)
LAWS = ["gaussian", "uniform", "laplace", RIGHT, LEFT]


def answer(process, start, low, high, **options):
    return chain.escape_time(et.EscapeProblem(process.chain, start, et.Interval(low, high)), **options)


def across(lr, batch_size=1.0, covariance=MATCHED, target=1.0, **options):
    process = et.sgd(DOUBLE_WELL, lr=lr, batch_size=batch_size, covariance=covariance)
    return answer(process, -1.0, -math.inf, target, **options)


def linear(keep, spread, noise="gaussian"):
    """x -> keep x - spread xi."""
    lr = 1 - keep
    return et.sgd(et.landscapes.quadratic(1.0), lr=lr, covariance=(spread / lr) ** 2, noise=noise)


# --- closed forms ----------------------------------------------------------------------------------------------------


def tails(noise, spread, low, high):
    """Probability below low and above high, and mean excess beyond each, of -spread * xi, in thirty digits."""
    with mp.workdps(30):
        a, b, s = mp.mpf(low) / spread, mp.mpf(high) / spread, mp.mpf(spread)

        def excess(density, ends):
            below = mp.quad(lambda t: (a - t) * density(t), [ends[0], a]) if ends[0] < a else mp.mpf(0)
            above = mp.quad(lambda t: (t - b) * density(t), [b, ends[1]]) if ends[1] > b else mp.mpf(0)
            less = mp.quad(density, [ends[0], a]) if ends[0] < a else mp.mpf(0)
            more = mp.quad(density, [b, ends[1]]) if ends[1] > b else mp.mpf(0)
            return [float(v) for v in (less, more, s * below, s * above)]

        if noise is RIGHT:  # its negative: exponential downwards from 1
            return excess(lambda t: mp.exp(t - 1), (-mp.inf, mp.mpf(1)))
        if noise is LEFT:
            return excess(lambda t: mp.exp(-t - 1), (mp.mpf(-1), mp.inf))
        density = {
            "gaussian": mp.npdf,
            "laplace": lambda t: mp.exp(-mp.sqrt(2) * abs(t)) / mp.sqrt(2),
            "uniform": lambda t: 1 / (2 * mp.sqrt(3)),
        }[noise]
        end = mp.sqrt(3) if noise == "uniform" else mp.inf
        return excess(density, (-end, end))


@pytest.mark.parametrize("noise", LAWS, ids=str)
def test_independent_positions_leave_after_a_geometric_time(noise):
    """At lr * curvature = 1 a step forgets where it came from: the reciprocal of a probability, whatever the law."""
    low, high, spread = -0.7, 0.9, 0.6
    below, above, under, over = tails(noise, spread, low, high)
    time = answer(linear(0.0, spread, noise), 0.1, low, high)
    gone = below + above
    assert time.mean == pytest.approx(1 / gone, rel=1e-11)
    assert time.details["std"] == pytest.approx(math.sqrt(1 - gone) / gone, rel=1e-9)
    assert time.details["exit"] == pytest.approx({"lower": below / gone, "upper": above / gone}, rel=1e-10)
    measured = time.details["overshoot"]
    if below > 0:
        assert measured["lower"] == pytest.approx(under / below, rel=1e-9)
    if above > 0:
        assert measured["upper"] == pytest.approx(over / above, rel=1e-9)


@pytest.mark.parametrize("barrier", [6.0, 9.0, 20.0, 36.0])
def test_times_that_no_condition_number_survives(barrier):
    """Up to 1e283 steps: the exit is a tail of the normal law, its digits are those of the tail."""
    with mp.workdps(30):
        expected = float(1 / mp.erfc(barrier / mp.sqrt(2)))
    time = answer(linear(0.0, 1 / barrier), 0.3, -1, 1)
    assert time.mean == pytest.approx(expected, rel=1e-11)
    assert time.details["std"] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("start", [-0.5, 0.0, 0.9])
def test_a_walk_with_laplace_steps(start):
    """It overshoots by its scale, whatever the past: E N = 1 + L / c + (L^2 - x^2) / (2 c^2) by optional stopping."""
    lr, reach = 0.3, 1.0
    scale = lr / math.sqrt(2)
    time = answer(et.sgd(et.landscapes.flat(), lr=lr, noise="laplace"), start, -reach, reach)
    steps = 1 + reach / scale + (reach**2 - start**2) / (2 * scale**2)
    assert time.details["steps"] == pytest.approx(steps, rel=1e-12)
    assert time.details["exit"]["upper"] == pytest.approx((start + reach + scale) / (2 * (reach + scale)), rel=1e-12)
    assert time.details["overshoot"] == pytest.approx({"lower": scale, "upper": scale}, rel=1e-12)


@pytest.mark.parametrize("noise", ["gaussian", "uniform", "laplace"])
def test_a_reflected_step_takes_as_long(noise):
    """The laws and the domain are symmetric, so x -> -x/2 + noise leaves as x -> x/2 + noise does."""
    kept, flipped = (answer(linear(keep, 0.3, noise), 0.2, -1, 1) for keep in (0.5, -0.5))
    assert flipped.details["steps"] == pytest.approx(kept.details["steps"], rel=1e-10)


def test_a_mirrored_problem_has_the_mirrored_answer():
    right = answer(et.sgd(DOUBLE_WELL, lr=0.2, covariance=4, noise=RIGHT), -1.0, -math.inf, 0.5)
    left = answer(et.sgd(DOUBLE_WELL, lr=0.2, covariance=4, noise=LEFT), 1.0, -0.5, math.inf)
    assert left.mean == pytest.approx(right.mean, rel=1e-9)
    assert left.details["overshoot"]["lower"] == pytest.approx(right.details["overshoot"]["upper"], rel=1e-8)
    assert left.details["span"] == pytest.approx([-e for e in reversed(right.details["span"])])


def test_a_dilated_loss_is_another_learning_rate():
    """theta -> sqrt(k) theta: SGD at lr on the dilated loss is SGD at k lr on the loss, step by step."""
    k = 2
    dilated = et.Landscape(DOUBLE_WELL.expression.subs(x, sp.sqrt(k) * x), (x,))
    process = et.sgd(dilated, lr=0.05, covariance=k * MATCHED.subs(x, sp.sqrt(k) * x))
    time = answer(process, -1 / math.sqrt(k), -math.inf, 1 / math.sqrt(k))
    assert time.details["steps"] == pytest.approx(across(0.1).details["steps"], rel=1e-11)


# --- forty digits ----------------------------------------------------------------------------------------------------


def legendre_rule(count):
    """Nodes and weights on (-1, 1) to the working precision, by Newton from those of numpy."""
    rule = []
    for guess in np.polynomial.legendre.leggauss(count)[0]:
        t = mp.mpf(float(guess))
        for _ in range(4):
            slope = count * (t * mp.legendre(count, t) - mp.legendre(count - 1, t)) / (t * t - 1)
            t -= mp.legendre(count, t) / slope
        slope = count * (t * mp.legendre(count, t) - mp.legendre(count - 1, t)) / (t * t - 1)
        rule.append((t, 2 / ((1 - t * t) * slope * slope)))
    return rule


def forty_digits(keep, spread, start, panels=4, count=20):
    """Mean steps of x -> keep x + spread xi out of (-1, 1): the even solution on (0, 1), by LU in forty digits."""
    with mp.workdps(40):
        keep, spread = mp.mpf(keep), mp.mpf(spread)
        half = mp.mpf(1) / (2 * panels)
        rule = [((2 * k + 1) * half + half * t, half * w) for k in range(panels) for t, w in legendre_rule(count)]

        def row(at):
            return [w * (mp.npdf(y, keep * at, spread) + mp.npdf(-y, keep * at, spread)) for y, w in rule]

        matrix = mp.eye(len(rule)) - mp.matrix([row(y) for y, _ in rule])
        u = mp.lu_solve(matrix, mp.ones(len(rule), 1))
        return float(1 + sum(a * b for a, b in zip(row(mp.mpf(start)), u, strict=True)))


def test_forty_digits_agree_where_double_precision_has_none():
    keep, spread, start = 0.5, 0.1, 0.25
    expected = forty_digits(keep, spread, start)
    assert expected > 1e15
    time = answer(linear(keep, spread), start, -1, 1)
    assert time.details["steps"] == pytest.approx(expected, rel=1e-11)
    assert abs(time.details["steps"] - expected) * 0.5 <= time.stderr
    # the same integral equation, solved with subtractions
    naive = mean_steps(lambda v: keep * v, lambda v: spread + 0 * v, start, -1.0, 1.0)
    assert abs(naive / expected - 1) > 1e-3


# --- an independent program, and numbers known beforehand ------------------------------------------------------------


@pytest.mark.parametrize(("lr", "batch"), [(0.1, 1.0), (0.05, 1.0), (0.2, 2.0)])
def test_dense_reference(lr, batch):
    expected = mean_steps(lambda v: v - lr * (v**3 - v), lambda v: lr * np.sqrt((1 + v**2) / batch), -1.0, -4.0, 1.0)
    time = across(lr, batch)
    assert time.details["steps"] == pytest.approx(expected, rel=1e-9)
    assert time.mean == pytest.approx(lr * time.details["steps"], rel=1e-15)
    assert (time.time_unit, time.method) == ("lr * steps", "chain")


def slope(abscissae, times):
    return float(np.polyfit(abscissae, np.log(times), 1)[0])


def test_measured_slopes_of_the_sheet():
    batches = np.linspace(0.6, 1.4, 5)
    assert slope(batches, [across(0.05, b).details["steps"] for b in batches]) == pytest.approx(7.566, abs=5e-4)
    rates = np.array([0.036, 0.05, 0.08])
    assert slope(1 / rates, [across(r).mean for r in rates]) == pytest.approx(0.3815, abs=3e-4)


def test_rare_escapes_of_the_sheet():
    """Where splitting found 1.5e5 to 3.1e12 steps, a ratio of .97 to 1 to this equation."""
    times = [across(0.05, b) for b in (1.0, 3.2)]
    assert [t.details["steps"] for t in times] == pytest.approx([148299.27119, 3.1711405440e12], rel=1e-10)
    assert times[1].stderr < 1e-11 * times[1].mean


@pytest.mark.parametrize(
    ("lr", "log_mean"), [(0.1, 10.88), (0.05, 14.86), (0.025, 18.22)], ids=["0.1", "0.05", "0.025"]
)
def test_noise_that_vanishes_at_the_inflection_point(lr, log_mean):
    time = across(lr, 10 * lr, HESSIAN, target=0.0)
    assert math.log(time.mean) == pytest.approx(log_mean, abs=0.005)
    assert time.stderr < 1e-6 * time.mean


def test_the_sheet_lacked_digits_at_the_inflection_point():
    """53144 there; this is 53149.81644, on panels of two kinds, both with an end at the zero of the noise."""
    time = across(0.1, 1.0, HESSIAN, target=0.0)
    assert time.mean == pytest.approx(53149.8164445, rel=1e-8)
    step = ChainStep.of(et.sgd(DOUBLE_WELL, lr=0.1, covariance=HESSIAN).chain, -1.0)
    edges = np.sort(np.append(np.linspace(-5, 0, 62), -1 / math.sqrt(3)))
    other = Solution.of(Collocation(step, edges, (False, True), 20), -1.0).steps / 10
    assert other == pytest.approx(53149.8164445, rel=1e-9)


def test_steps_that_fold_the_well():
    """At lr = 0.2 a step from beyond 1.4 turns back; simulation gave 611 -+ 10 where a fixed grid did not converge."""
    assert across(0.2, 2.0, HESSIAN, target=0.0).mean == pytest.approx(607.568, abs=1e-3)


# --- how far out -----------------------------------------------------------------------------------------------------


def test_a_short_domain_is_no_substitute_for_an_infinite_one():
    """Noise that grows outwards: stopping at -1.5 loses most of the time, and from -4 on the end is out of reach."""
    free = across(0.1, 1.0, HESSIAN, target=0.0)
    assert free.details["span"][0] < -3
    process = et.sgd(DOUBLE_WELL, lr=0.1, covariance=HESSIAN)
    short, long = (answer(process, -1.0, low, 0.0).mean for low in (-1.5, -4.5))
    assert short < 0.1 * free.mean
    assert long == pytest.approx(free.mean, rel=1e-7)


def test_heavy_tails_are_followed_out():
    """Multiplicative noise on a parabola: a stationary density like a power, so that far ends matter."""
    process = et.sgd(et.landscapes.quadratic(1.0), lr=0.2, covariance=4 * (1 + x**2))
    free, far, near = (answer(process, 0.0, low, 10.0) for low in (-math.inf, -1000.0, -6.0))
    assert free.details["span"][0] < -10_000
    assert free.mean == pytest.approx(far.mean, rel=1e-6)
    assert near.mean < 0.2 * free.mean


# --- order of convergence --------------------------------------------------------------------------------------------


def errors(step, grids, order, exact):
    return np.array(
        [abs(Solution.of(Collocation(step, e, (False, True), order), -1.0).steps / exact - 1) for e in grids]
    )


@pytest.mark.parametrize(("order", "panels"), [(2, (48, 68, 96, 136)), (3, (48, 58, 68, 82))])
def test_order_of_convergence(order, panels):
    """p Gauss-Legendre nodes in panels of width h: h^(2 p), for the kernel is smooth."""
    process = et.sgd(DOUBLE_WELL, lr=0.1, batch_size=0.5, covariance=MATCHED)
    step, exact = ChainStep.of(process.chain, -1.0), across(0.1, 0.5).details["steps"]
    found = errors(step, [np.linspace(-6.2, 1, n + 1) for n in panels], order, exact)
    rate = -np.polyfit(np.log(panels), np.log(found), 1)[0]
    assert rate == pytest.approx(2 * order, abs=0.3)


def test_geometric_convergence_in_the_number_of_nodes():
    process = et.sgd(DOUBLE_WELL, lr=0.1, batch_size=0.5, covariance=MATCHED)
    step, exact = ChainStep.of(process.chain, -1.0), across(0.1, 0.5).details["steps"]
    orders, edges = np.arange(3, 10), np.linspace(-6.2, 1, 17)
    found = np.array([errors(step, [edges], p, exact)[0] for p in orders])
    assert np.polyfit(orders, np.log(found), 1)[0] < math.log(0.1)  # a digit for every node in a panel
    assert errors(step, [edges], 16, exact)[0] < 1e-12


def test_jumps_of_the_density_keep_the_order_where_panels_end_at_them():
    process = et.sgd(DOUBLE_WELL, lr=0.1, batch_size=0.5, covariance=MATCHED, noise="uniform")
    step = ChainStep.of(process.chain, -1.0)
    exact = answer(process, -1.0, -math.inf, 1.0).details["steps"]
    cut = [chain_edges(step, -6.2, 1.0, np.array([]), 500)]
    for _ in range(2):
        cut.append(np.sort(np.concatenate([cut[-1], (cut[-1][1:] + cut[-1][:-1]) / 2])))
    kept = errors(step, cut, 4, exact)
    uniform = errors(step, [np.linspace(-6.2, 1, len(e)) for e in cut], 4, exact)
    assert np.log2(kept[:-1] / kept[1:]).min() > 3.5
    assert uniform[-1] > 50 * kept[-1]


def test_bounded_noise_that_hardly_reaches_the_saddle():
    """What lies beyond the reach of a step has weights of either sign; a rare escape keeps its digits all the same."""
    process = et.sgd(et.landscapes.tilted_double_well(0.2), lr=0.1, covariance=0.6 + x**2 / 4, noise="uniform")
    time = answer(process, -1.0, -math.inf, 1.2)
    step = ChainStep.of(process.chain, -1.0)
    edges = chain_edges(step, -4.0, 1.2, np.array([]), 500)
    edges = np.sort(np.append(edges, edges[:-1] + 0.43 * np.diff(edges)))
    other = Solution.of(Collocation(step, edges, (False, True), 17), -1.0)
    assert time.details["steps"] == pytest.approx(other.steps, rel=1e-9)
    assert time.mean > 1e7


# --- simulation ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", LAWS, ids=str)
def test_simulation_of_the_chain(noise):
    process = et.sgd(DOUBLE_WELL, lr=0.2, batch_size=0.5, covariance=1 + x**2 / 2, noise=noise)
    problem = et.EscapeProblem(process, -1.0, et.Interval(-2.2, 0.5))
    exact = et.exact.escape_time(problem, method="chain")
    simulated = et.simulate.escape_time(problem, paths=200_000, seed=11, engine="cpu")
    assert simulated.censored == 0
    assert_agrees(simulated.mean, simulated.stderr, exact.mean, bias=exact.stderr)
    assert_control_fails(simulated.mean, simulated.stderr, exact.mean * 1.015)
    deviation = simulated.stderr * math.sqrt(200_000)
    assert deviation == pytest.approx(exact.details["std"], rel=0.02)


# --- the limit of small steps ----------------------------------------------------------------------------------------


def test_the_chain_approaches_the_diffusion_linearly():
    """At fixed D, chain / diffusion = 1 + (lr / 4)(|U''(saddle)| - U''(minimum)) = 1 - lr / 4 as lr falls."""
    diffusion, rates = 0.025, np.array([0.05, 0.025, 0.0125])
    exact = et.exact.escape_time(
        et.EscapeProblem(et.langevin(DOUBLE_WELL, temperature=diffusion), -1.0, et.Interval(-math.inf, 1.0))
    ).mean
    excess = np.array([across(lr, covariance=2 * diffusion / lr).mean / exact - 1 for lr in rates])
    assert np.all(np.abs(np.diff(excess / rates)) < 0.05)
    first = np.polyfit(rates, excess / rates, 2)[-1]
    assert first == pytest.approx(-0.25, rel=0.05)


# --- dispatch and refusals -------------------------------------------------------------------------------------------


def test_the_exact_route_knows_chains():
    process = et.sgd(DOUBLE_WELL, lr=0.1)
    diffusion, own = (et.EscapeProblem(p, -1.0, et.Interval(-math.inf, 1.0)) for p in (process, process.chain))
    answers = {
        "chain": (et.exact.escape_time(own), et.exact.escape_time(own, method="chain")),
        "quadrature": (et.exact.escape_time(diffusion), et.exact.escape_time(diffusion, method="quadrature")),
    }
    for name, pair in answers.items():
        assert [a.method for a in pair] == [name, name]
    asked = et.exact.escape_time(diffusion, method="chain")
    assert asked.mean == answers["chain"][0].mean
    assert asked.mean < 0.98 * answers["quadrature"][0].mean
    assert [e.split("{")[1].split(",")[0] for e in asked.cite()] == ["atkinson1997", "grassmann1985"]


def test_the_exact_route_refuses_by_name():
    process = et.sgd(DOUBLE_WELL, lr=0.1)
    problem = et.EscapeProblem(process, -1.0, et.Interval(-math.inf, 1.0))
    own = et.EscapeProblem(process.chain, -1.0, et.Interval(-math.inf, 1.0))
    with pytest.raises(InvalidInput, match=r"one of 'auto', 'quadrature', .*'chain', got 'walk'"):
        et.exact.escape_time(problem, method="walk")
    with pytest.raises(InvalidInput, match=r"'chain'.* has the options breakpoints, max_nodes; 'cells' is not"):
        et.exact.escape_time(own, cells=32)
    with pytest.raises(RouteNotApplicable, match="method='quadrature' does not answer this Chain in 1"):
        et.exact.escape_time(own, method="quadrature")
    with pytest.raises(RouteNotApplicable, match="method='chain' does not answer this Diffusion"):
        et.exact.escape_time(
            et.EscapeProblem(et.langevin(DOUBLE_WELL, temperature=0.1), -1.0, problem.domain), method="chain"
        )
    plane = et.sgd(et.landscapes.double_well_with_valley(1, 1), lr=0.1).chain
    with pytest.raises(RouteNotApplicable, match=r"chains in one; method='auto' .* Chain in 2"):
        et.exact.escape_time(et.EscapeProblem(plane, (-1.0, 0.0), et.HalfSpace([1, 0], 0.5)))


CUBIC = et.NoiseLaw("cubic", (z1,), z1**3 / sp.sqrt(15))
SADDLE = et.landscapes.cubic_well()
ENCLOSED = et.sgd(DOUBLE_WELL, lr=0.1, covariance=HESSIAN, noise="uniform")
NEGATIVE = et.sgd(DOUBLE_WELL, lr=0.1, covariance=3 * x**2 - 1)


@pytest.mark.parametrize(
    ("process", "start", "domain", "options", "error", "message"),
    [
        (et.heavy_ball(DOUBLE_WELL, lr=0.1, momentum=0.9), -1, (-2, 1), {}, RouteNotApplicable, "memory momentum_x"),
        (et.langevin(DOUBLE_WELL, temperature=0.1), -1, (-2, 1), {}, RouteNotApplicable, "has none; make the process"),
        (et.sgd(DOUBLE_WELL, lr=0.1, noise="rademacher"), -1, (-2, 1), {}, RouteNotApplicable, "finitely many"),
        (et.sgd(DOUBLE_WELL, lr=0.1, noise=CUBIC), -1, (-2, 1), {}, RouteNotApplicable, "laws gaussian, uniform"),
        (et.sgd(DOUBLE_WELL, lr=5e-4), -1, (-2, 1), {}, RouteNotApplicable, "learning rate is so small"),
        (ENCLOSED, -1, (-2, 1), {}, InvalidInput, "is bounded, and never takes"),
        (et.sgd(DOUBLE_WELL, lr=0.1), -1, (-2, 1), {"max_nodes": 64}, RouteNotApplicable, "panels, and 4 are allowed"),
        (et.sgd(DOUBLE_WELL, lr=0.1, covariance=(x + 1) ** 2), -0.5, (-2, 1), {}, InvalidInput, "come.* to rest"),
        (NEGATIVE, -1, (-2, 1), {}, InvalidInput, "not a real number at"),
        (et.sgd(SADDLE, lr=0.1), 0, (-1, math.inf), {}, InvalidInput, r"back from \+infinity"),
        (et.sgd(et.landscapes.flat(), lr=0.1), 0, (-math.inf, 1), {}, InvalidInput, "back from -infinity"),
        (linear(0.0, 0.02), 0, (-1, 1), {}, NumericalFailure, "beyond 1e300"),
    ],
)  # fmt: skip
def test_refusals_name_what_is_wrong(process, start, domain, options, error, message):
    problem = et.EscapeProblem(getattr(process, "chain", None) or process, start, et.Interval(*domain))
    with pytest.raises(error, match=message):
        chain.escape_time(problem, **options)


def test_a_domain_in_two_parts_is_refused():
    """The chain can jump from one into the other without leaving; a diffusion cannot."""
    both = et.Sublevel(DOUBLE_WELL, 0.2)
    with pytest.raises(RouteNotApplicable, match="another part near"):
        et.exact.escape_time(et.EscapeProblem(et.sgd(DOUBLE_WELL, lr=0.1).chain, -1.0, both))


def test_a_jump_of_the_update_is_found_or_named():
    """A covariance that jumps: refused without its breakpoint, solved with it."""
    jumping = et.sgd(
        et.landscapes.quadratic(1.0), lr=0.5, covariance=sp.Piecewise((1, x < sp.Rational(1, 3)), (2, True))
    )
    with pytest.raises(NumericalFailure, match="breakpoints"):
        answer(jumping, 0.0, -1, 1, max_nodes=300)
    time = answer(jumping, 0.0, -1, 1, breakpoints=[1 / 3], max_nodes=300)
    low, high = (answer(et.sgd(et.landscapes.quadratic(1.0), lr=0.5, covariance=c), 0.0, -1, 1).mean for c in (2, 1))
    assert low < time.mean < high
    assert time.stderr < 1e-9 * time.mean
