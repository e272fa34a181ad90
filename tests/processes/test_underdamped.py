"""Processes with inertia, and the one that momentum follows."""

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.symbolic.assignments import without_stages

x, y = sp.symbols("x y", real=True)
SURFACE = et.Landscape(x**4 / 4 - x**2 / 2 + y**2 + x * y / 3)
COVARIANCE = sp.Matrix([[1 + x**2, sp.Rational(1, 2)], [sp.Rational(1, 2), 2]])


def one_step(chain, sample):
    """Mean and covariance of the state after one step, in exact arithmetic: Gaussian noise enters linearly."""
    update = without_stages(chain.stages, sp.Matrix(chain.update))
    update = update.xreplace(sample)
    root = update.jacobian(chain.normals)
    return update.xreplace(dict.fromkeys(chain.normals, 0)), root * root.T


@pytest.mark.parametrize("mass", [0.5, 2.0])
def test_one_step_of_momentum_has_the_moments_of_its_limit(mass):
    """At fixed friction and mass: velocities to rounding, positions to leading order in the step."""
    friction, batch, place, velocity = 0.8, 4, {x: 0.7, y: -0.3}, sp.Matrix([0.4, -0.6])
    errors = []
    for lr in (1e-3, 5e-4):
        options = {"momentum": 1 - friction * lr, "dampening": 1 - lr / mass, "batch_size": batch}
        chain = et.heavy_ball(SURFACE, lr=lr, covariance=COVARIANCE, **options)
        limit = chain.limit
        assert (limit.friction, limit.mass) == pytest.approx((friction, mass))
        memory = dict(zip(chain.memory, (*-velocity, 0), strict=True))  # the step after the first
        mean, covariance = one_step(chain, memory | place)
        force = -SURFACE.gradient.xreplace(place) / mass - friction * velocity
        noise = 2 * limit.diffusion.xreplace(place) / mass**2
        expected = [*(velocity * lr), *(force * lr), *(noise * lr)]
        moved = mean[:2, 0] - sp.Matrix([place[x], place[y]])
        got = [*moved, *(-mean[2:4, 0] - velocity), *covariance[2:4, 2:4]]
        errors.append([float(g / e) - 1 for g, e in zip(got, expected, strict=True)])
    np.testing.assert_allclose(np.array(errors)[:, 2:], 0, atol=1e-9)
    np.testing.assert_allclose(np.divide(*errors)[:2], 2, rtol=1e-3)


def test_thermal_noise_is_recognized():
    limit = et.heavy_ball(SURFACE, lr=0.1, momentum=0.9, covariance=0.4, batch_size=2).limit
    assert limit.friction == pytest.approx(1.0)
    assert limit.mass == pytest.approx(0.1)
    assert limit.temperature == pytest.approx(0.1 * 0.4 / 2 / 2 / (1.0 * 0.1))
    assert limit.time_unit == "lr * steps"
    assert et.heavy_ball(SURFACE, lr=0.1, momentum=0.9, covariance=COVARIANCE).limit.temperature is None
    assert et.heavy_ball(SURFACE, lr=0.1, momentum=0.9, covariance=0).limit.temperature is None
    assert et.levy_adam(SURFACE, lr=0.1, alpha=1.5).limit is None
    bath = et.underdamped_langevin(SURFACE, temperature=0.2, friction=3.0, mass=0.5)
    assert bath.diffusion == sp.Float(3.0 * 0.5 * 0.2) * sp.eye(2)
    assert bath.constant_diffusion


def test_stretching_the_learning_rate_is_dampening():
    """Heavy ball without dampening is the dampened one at lr / (1 - beta): so are their limits, in their own times."""
    beta, lr = 0.75, 0.1
    plain = et.heavy_ball(SURFACE, lr=lr, momentum=beta, covariance=COVARIANCE).limit
    damped = et.heavy_ball(SURFACE, lr=lr / (1 - beta), momentum=beta, dampening=beta, covariance=COVARIANCE).limit
    clock = 1 / (1 - beta)  # times of the dampened process per time of the plain one
    assert plain.friction == pytest.approx(damped.friction * clock)
    assert plain.mass * clock**2 == pytest.approx(damped.mass)
    # of the random force: M dV = sqrt(2 D) dW, with dt' = clock dt, has D' = D clock
    assert float((damped.diffusion - plain.diffusion * clock).subs({x: 0.3}).norm()) < 1e-12


def test_numbers_for_each_coordinate():
    both = et.Underdamped(SURFACE, COVARIANCE, friction=(1.0, 2.0), mass=0.5)
    assert (both.frictions, both.masses) == ((1.0, 2.0), (0.5, 0.5))
    assert "friction=(1, 2), mass=0.5" in repr(both)
    assert et.Underdamped(SURFACE, COVARIANCE, friction=(1.0, 1.0), mass=1).friction == 1.0
    np.testing.assert_allclose(both.diffusion_at(np.array([[2.0, 0.0]])), [[[5.0, 0.5], [0.5, 2.0]]])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: et.Underdamped(SURFACE, sp.eye(1), 1.0, 1.0), "symmetric 2 x 2"),
        (lambda: et.Underdamped(SURFACE, sp.Matrix([[1, x], [0, 1]]), 1.0, 1.0), "symmetric 2 x 2"),
        (lambda: et.Underdamped(SURFACE, sp.Symbol("s") * sp.eye(2), 1.0, 1.0), "holds the symbols"),
        (lambda: et.Underdamped(SURFACE, sp.eye(2), (1.0, 2.0, 3.0), 1.0), "one for each of 2"),
        (lambda: et.Underdamped(SURFACE, sp.eye(2), 1.0, -1.0), "mass"),
        (lambda: et.Underdamped(x, sp.eye(2), 1.0, 1.0), "Landscape"),
    ],
)
def test_bad_arguments_are_told(make, message):
    with pytest.raises(InvalidInput, match=message):
        make()
