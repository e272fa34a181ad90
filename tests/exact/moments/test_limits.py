"""One direction: closed forms of the Ornstein-Uhlenbeck process, with and without mass, against 60 digits."""

import mpmath as mp
import numpy as np
import pytest

from escapetime.errors import InvalidInput
from escapetime.exact.moments import (
    overdamped_variance,
    position_response,
    sgd_second_moment,
    thermal_velocity_variance,
    underdamped_variance,
    velocity_response,
)


def precise_integral(h, t, friction, mass):
    """The integral of the squared response, with 60 digits for what cancels."""
    with mp.workdps(60):
        h, t, friction, mass = map(mp.mpf, (h, t, friction, mass))
        split, decay = 2 * mp.sqrt(friction**2 / 4 - h / mass) * t, friction * t
        if abs(split) < mp.mpf(10) ** -14:
            split = mp.mpf(10) ** -14  # the value at 0 to 28 digits
        relative = [mp.expm1(a) / a if a else mp.mpf(1) for a in (split - decay, -split - decay, -decay)]
        return mp.re(t**3 * (relative[0] + relative[1] - 2 * relative[2]) / split**2)


def precise_responses(h, t, friction, mass):
    with mp.workdps(60):
        h, t, friction, mass = map(mp.mpf, (h, t, friction, mass))
        root = mp.sqrt(friction**2 / 4 - h / mass)
        if not root:
            return t * mp.exp(-friction * t / 2), (1 + friction * t / 2) * mp.exp(-friction * t / 2)
        kick = mp.exp(-friction * t / 2) * mp.sinh(root * t) / root
        return kick.real, (mp.exp(-friction * t / 2) * mp.cosh(root * t) + friction / 2 * kick).real


# times in units of one over friction; curvatures in units of mass * friction^2 (equal roots at 1/4)
TIMES = [1e-4, 1e-2, 1.0, 30.0, 1e3, 1e4]
CURVATURES = [0.0, 1e-14, -1e-14, 1e-6, -1e-6, -0.01, 0.1, 0.25, 0.25 * (1 + 1e-10), 0.25 * (1 - 1e-6), 0.3, 40.0]


@pytest.mark.parametrize("friction", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("mass", [0.05, 3.0])
def test_variance_of_a_particle_with_mass_to_twelve_digits(friction, mass):
    times = np.array(TIMES) / friction
    for h in mass * friction**2 * np.array(CURVATURES):
        got = underdamped_variance(h, 0.5, times, friction=friction, mass=mass)
        expected = [float(precise_integral(h, t, friction, mass) / mass**2) for t in times]
        np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_responses_and_initial_spread_to_twelve_digits():
    friction, mass = 1.7, 0.6
    times = np.array([1e-4, 0.1, 3.0, 40.0])
    for h in mass * friction**2 * np.array([*CURVATURES, -1.0, -3.0]):
        kick, rest = zip(*(precise_responses(h, t, friction, mass) for t in times), strict=True)
        kick, rest = np.array(kick, float), np.array(rest, float)
        given = {"friction": friction, "mass": mass}
        # complex roots pass through zero: errors are relative to the envelope
        envelope = 1e-12 * np.exp(-friction * times / 2)
        assert np.all(np.abs(velocity_response(h, times, **given) - kick) <= 1e-12 * np.abs(kick) + envelope)
        assert np.all(np.abs(position_response(h, times, **given) - rest) <= 1e-12 * np.abs(rest) + envelope)
        noise = np.array([float(precise_integral(h, t, friction, mass)) for t in times]) * 2 * 0.5 / mass**2
        total = underdamped_variance(h, 0.5, times, **given, velocity_variance=2.0, start=3.0)
        np.testing.assert_allclose(total, noise + 2 * kick**2 + 3 * rest**2, rtol=1e-12)


def test_a_thermal_particle_at_a_minimum_is_stationary():
    h, d, given = 2.0, 0.3, {"friction": 0.8, "mass": 1.5}
    position = d / (given["friction"] * given["mass"] * h)
    thermal = thermal_velocity_variance(d, **given)
    spread = underdamped_variance(h, d, [0.1, 1.0, 20.0], **given, velocity_variance=thermal, start=position)
    np.testing.assert_allclose(spread, position, rtol=1e-12)


def test_free_particles_have_the_closed_forms():
    d, friction, mass, t = 0.7, 2.0, 0.5, 1.3
    given = {"friction": friction, "mass": mass}
    g = friction * t
    still = 2 * t - (3 - 4 * np.exp(-g) + np.exp(-2 * g)) / friction
    warm = 2 * (t - (1 - np.exp(-g)) / friction)
    scale = d / (friction * mass) ** 2
    assert underdamped_variance(0, d, t, **given) == pytest.approx(scale * still, rel=1e-13)
    thermal = thermal_velocity_variance(d, **given)
    assert underdamped_variance(0, d, t, **given, velocity_variance=thermal) == pytest.approx(scale * warm, rel=1e-13)


def test_without_mass_it_is_the_overdamped_law():
    h, d, t = np.array([1.0, 0.0, -1.0]), 0.4, 1.5
    light = underdamped_variance(h, d, t, friction=1e6, mass=1e-6)
    np.testing.assert_allclose(light, overdamped_variance(h, d, t), rtol=1e-5)
    assert np.all(np.abs(light / overdamped_variance(h, d, 1.0001 * t) - 1) > 1e-5)


@pytest.mark.parametrize("ht", [1e-300, 1e-18, 1e-9, 0.3, 20.0, -1e-18, -1e-9, -0.3, -20.0])
def test_overdamped_variance_to_rounding(ht):
    d, t, s = 0.3, 1.7, 0.2
    with mp.workdps(60):
        h = mp.mpf(ht) / mp.mpf(t)
        expected = s * mp.exp(-2 * h * t) + mp.mpf(d) * (-mp.expm1(-2 * h * t)) / h
    assert overdamped_variance(float(h), d, t, start=s) == pytest.approx(float(expected), rel=1e-14)


def test_overdamped_limits_and_overflow():
    assert overdamped_variance(0.0, 0.3, 2.0) == pytest.approx(1.2, rel=1e-15)
    assert overdamped_variance(-1.0, 0.3, 1e4) == np.inf
    assert overdamped_variance(1.0, 0.3, 1e4) == pytest.approx(0.3, rel=1e-15)


@pytest.mark.parametrize("curvature", [2.0, 1e-9, 0.0, -1e-9, -0.8, 9.0, 10.0, 11.0])
@pytest.mark.parametrize("growth", [0.0, 0.7])
def test_second_moment_of_sgd_is_the_recursion(curvature, growth):
    lr, c0, start, moment = 0.1, 1.3, 0.4, 0.4
    for step in range(1, 300):
        moment = (1 - lr * curvature) ** 2 * moment + lr**2 * (c0 + growth * moment)
        if step in {1, 7, 299}:
            got = sgd_second_moment(curvature, lr, step, noise=c0, growth=growth, start=start)
            assert got == pytest.approx(moment, rel=1e-12)


def test_second_moment_of_sgd_is_stationary_where_it_can_be():
    v = sgd_second_moment(2.0, 0.1, np.inf, noise=1.3, growth=0.7)
    assert v == pytest.approx((1 - 0.2) ** 2 * v + 0.01 * (1.3 + 0.7 * v), rel=1e-14)
    assert v == pytest.approx(0.1 * 1.3 / (2.0 * (2 - 0.1 * 2.0) - 0.1 * 0.7), rel=1e-14)
    for curvature, growth in ((0.0, 0.0), (-1.0, 0.0), (20.0, 0.0), (2.0, 40.0)):
        with pytest.raises(InvalidInput, match="expected less than 1"):
            sgd_second_moment(curvature, 0.1, np.inf, noise=1.0, growth=growth)
    assert sgd_second_moment(-1.0, 0.1, 10**5, noise=1.0) == np.inf
    assert sgd_second_moment(-1.0, 0.1, 0, noise=1.0) == 0
    assert sgd_second_moment(-1.0, 0.1, 0, noise=1.0, start=2.0) == 2.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: overdamped_variance(1.0, 0.5, -1.0), "time must be a number"),
        (lambda: overdamped_variance(1.0, -0.5, 1.0), "diffusion must be"),
        (lambda: underdamped_variance(1.0, 0.5, 1.0, friction=0.0, mass=1.0), "friction must be"),
        (lambda: underdamped_variance(1.0, 0.5, 1.0, friction=1.0, mass=-1.0), "mass must be"),
        (lambda: underdamped_variance(1.0, 0.5, -1.0, friction=1.0, mass=1.0), "not negative"),
        (lambda: underdamped_variance(1.0, 0.5, 1.0, friction=1.0, mass=1.0, start=-1), "at the start"),
        (lambda: sgd_second_moment(1.0, -0.1, 3, noise=1.0), "lr must be"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(InvalidInput, match=message):
        call()
