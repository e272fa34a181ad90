"""The published statements about momentum as transcribed: their short forms, limits and where they cannot be right."""

import numpy as np
import pytest
import sympy as sp

from escapetime.theory import xie2021
from escapetime.theory.xie2022 import momentum

H, n, B, b, T, d = sp.symbols("H eta B beta T d", positive=True)
GIVEN = {"well": 2, "saddle": 1, "barrier": sp.Rational(1, 4), "batch_size": B, "path": sp.Rational(1, 2)}


def test_mapping_solves_the_equation_of_motion_of_the_update():
    # m' = b m + (1 - d) g, x' = x - n m': (v' - v) / n = -friction v - g / mass for the velocity v = -m
    m, g = sp.symbols("m g")
    change = (-(b * m + (1 - d) * g) + m) / n
    law = momentum.friction(lr=n, momentum=b) * m - g / momentum.mass(lr=n, dampening=d)
    assert sp.simplify(change - law) == 0


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("dampening", [0, b, d])
def test_short_form_is_the_limit_of_small_curvature(sign, dampening):
    given = {"lr": n, "batch_size": B, "momentum": b, "dampening": dampening, "steps": T}
    long = momentum.saddle_spread(curvature=sign * H, **given) / H
    assert sp.simplify(sp.limit(long, H, 0) - momentum.saddle_spread_short(curvature=H, **given) / H) == 0


def test_both_parametrizations_have_one_spread_and_two_times():
    # heavy ball with (n, dampening 0) is heavy ball with (n / (1 - b), dampening b), step by step
    slow, fast = {"lr": n, "dampening": 0}, {"lr": n / (1 - b), "dampening": b}
    spread = [momentum.saddle_spread_short(curvature=H, batch_size=B, momentum=b, steps=T, **k) for k in (slow, fast)]
    assert sp.simplify(spread[0] - spread[1]) == 0
    times = [momentum.transition_time(**GIVEN, momentum=b, **k) for k in (slow, fast)]
    # equal numbers of steps are times in the ratio 1 - b; published: 1
    assert sp.simplify(times[0] / times[1] - 1) == 0


def test_exponent_is_that_of_sgd_at_the_effective_learning_rate():
    log = sp.expand_log(sp.log(momentum.transition_time(**GIVEN, momentum=b, dampening=b, lr=n)), force=True)
    sgd = sp.expand_log(sp.log(xie2021.transition_time(**GIVEN, lr=n)), force=True)
    assert sp.simplify(sp.diff(log - sgd, B)) == 0


def test_published_spread_counts_twice():
    # a nearly flat direction, from rest: the exact moments of the chain are below those of SGD, the published above
    steps, lr, beta, flat = 30, 0.02, 0.9, 1e-6
    published = float(
        momentum.saddle_spread(curvature=-flat, lr=lr, batch_size=1, momentum=beta, dampening=beta, steps=steps)
    )
    weight = [(1 - beta ** (steps - k)) for k in range(steps)]  # of the noise of step k in the position
    exact = lr**2 * flat * float(np.sum(np.square(weight)))
    assert published / exact == pytest.approx(34.5 / 17.0, rel=0.01)
    assert exact / (lr**2 * flat) < steps < published / (lr**2 * flat)
