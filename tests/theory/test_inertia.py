"""The heavy ball's escape law: identities, the chain itself by simulation, and what earlier forms of it would say."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.exact import chain, phase_space
from escapetime.theory import inertia
from escapetime.theory.inertia_path import least_action
from tests.statistics import assert_agrees, assert_control_fails

MODEL = et.landscapes.matched_quartic()
ACROSS = et.Interval(-math.inf, 1.0)
x = MODEL.landscape.variables[0]


def law(lr, momentum, size, covariance=MODEL.covariance, dampening=0.0):
    return inertia.transition_time(
        MODEL.landscape, -1.0, 0.0, lr=lr, momentum=momentum, batch_size=size, covariance=covariance,
        dampening=dampening,
    )  # fmt: skip


def test_parametrizations_agree_up_to_the_unit_of_time():
    slow, fast = law(0.005, 0.9, 1), law(0.05, 0.9, 1, dampening=0.9)
    assert slow.mean / 0.005 == pytest.approx(fast.mean / 0.05, rel=1e-5)


def test_without_momentum_it_is_the_exact_chain_of_sgd():
    # the error is of the order of the noise; halved noise, half the error
    errors = []
    for ratio in (20, 40):
        sgd = et.sgd(MODEL.landscape, lr=0.05, batch_size=0.05 * ratio, covariance=MODEL.covariance)
        exact = chain.escape_time(et.EscapeProblem(sgd, -1.0, ACROSS)).mean
        errors.append(exact / law(0.05, 0, 0.05 * ratio).mean - 1)
    assert 0 < errors[1] < 0.05
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.15)


def test_prefactor_is_that_of_a_particle_up_to_the_first_order():
    # with the symmetric mapping; the published mass leaves an error that does not fall with the momentum
    for momentum in (0.0, 0.5, 0.9):
        found, other = [], []
        for lr in (0.08, 0.04):
            details = law(lr, momentum, 40 * lr, covariance=1, dampening=momentum).details
            particle = inertia.kramers_prefactor(well=2, saddle=1, lr=lr, momentum=momentum, dampening=momentum)
            rest = 1 - lr * (1 - momentum) * 3 / (4 * (1 + momentum))
            found.append(details["prefactor"] / float(particle) / rest - 1)
            published = math.pi / math.sqrt(2) * (1 + math.sqrt(1 + 4 * lr / (1 - momentum)))
            other.append(details["prefactor"] / published - 1)
        assert max(map(abs, found)) < 1.5 * 0.08**2
        assert abs(found[1]) < 1.5 * 0.04**2
        assert abs(other[1]) > 5e-3
        assert abs(other[1]) > 5 * abs(found[1])


def test_limit_process_has_the_same_exponent_and_prefactor():
    # noise that depends on the position: the particle's own exact times; ln(exact / law) falls with the noise
    gaps = []
    for ratio in (20, 40):
        ball = et.heavy_ball(
            MODEL.landscape, lr=1e-4, momentum=0.99, batch_size=0.01 * ratio, covariance=MODEL.covariance
        )
        exact = phase_space.escape_time(et.EscapeProblem(ball, -1.0, ACROSS)).mean
        gaps.append(math.log(exact / law(1e-4, 0.99, 0.01 * ratio).mean))
    assert 0 < gaps[1] < 0.03  # the term of inertia is 0.9 and 1.8
    assert gaps[0] / gaps[1] > 1.6


@pytest.mark.parametrize("momentum", [0.9, 0.95])
def test_simulated_heavy_ball(momentum):
    lr, size = 0.1, 2
    step = lr * (1 - momentum)
    ball = et.heavy_ball(MODEL.landscape, lr=step, momentum=momentum, batch_size=size, covariance=MODEL.covariance)
    run = et.simulate.escape_time(et.EscapeProblem(ball, -1.0, ACROSS), paths=4000, seed=11, engine="cpu")
    answer = law(step, momentum, size)
    # what the law leaves out is of the order of the noise: held to be between nothing and what it is for SGD
    sgd = et.sgd(MODEL.landscape, lr=lr, batch_size=size, covariance=MODEL.covariance)
    problem = et.EscapeProblem(sgd, -1.0, ACROSS)
    gap = math.log(et.exact.escape_time(problem).mean / et.theory.gardiner2009.escape_time(problem).mean)
    measured, error = math.log(run.mean), run.stderr / run.mean
    expected = math.log(answer.mean) + gap / 2
    assert_agrees(measured, error, expected, bias=gap / 2)
    details = answer.details
    assert_control_fails(measured, error, expected - details["exponent"] + details["leading"], bias=gap / 2)


def test_least_action_is_least_and_conserved_under_scaling():
    way = least_action(x**3 - x, 1 + x**2, x, (-1.0, 0.0), weight=0.01, momentum=0.9)
    z = np.concatenate([[-1.0], way.points, [0.0]])

    def action(z):
        gap = z[2:] - 1.9 * z[1:-1] + 0.9 * z[:-2] + 0.01 * (z[1:-1] ** 3 - z[1:-1])
        return float(np.sum(gap**2 / (2 * 0.01**2 * (1 + z[1:-1] ** 2))))

    assert action(z) == pytest.approx(way.action, rel=1e-9)
    bump = np.exp(-((np.arange(len(z)) - len(z) / 2) ** 2) / 200)
    bump[[0, 1, -2, -1]] = 0
    for size in (1e-3, -1e-3):
        assert action(z + size * bump) > way.action


def test_refusals():
    with pytest.raises(InvalidInput, match="a minimum and a saddle"):
        inertia.transition_time(MODEL.landscape, 0.0, -1.0, lr=0.1, momentum=0.9)
    with pytest.raises(RouteNotApplicable, match="one dimension"):
        inertia.transition_time(et.landscapes.double_well_with_valley(1, 4), -1.0, 0.0, lr=0.1, momentum=0.9)
    with pytest.raises(RouteNotApplicable, match="exponent"):
        law(0.1, 0.9, 0.01)
    with pytest.raises(NumericalFailure, match="too many steps"):
        law(1e-6, 0.999, 0.02)
    with pytest.raises(NumericalFailure, match="does not end"):
        least_action(x**3 - x, sp.Float(1), x, (-1.0, 0.0), weight=2.5, momentum=0.0)
