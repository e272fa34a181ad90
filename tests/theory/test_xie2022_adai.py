"""Adai's published laws as transcribed: what they share with those of momentum, and where the recursion differs."""

import numpy as np
import pytest
import sympy as sp

from escapetime.exact import moments
from escapetime.theory.xie2022 import adai, momentum

CURVATURES = np.array([1, 0.3, 0.1, 0.03, 0.01])
MEAN = CURVATURES.mean()


def spreads(steps):
    return np.array([
        float(adai.saddle_spread(curvature=h, mean_curvature=MEAN, lr=0.002, batch_size=100, beta0=0.1, steps=steps))
        for h in CURVATURES
    ])  # fmt: skip


def test_one_minus_the_inertia_is_beta0_on_average():
    left = [1 - adai.inertia(curvature=-h, mean_curvature=MEAN, beta0=0.1) for h in CURVATURES]
    assert float(np.mean(left)) == pytest.approx(0.1)


def test_the_published_drift_is_isotropic():
    late = spreads(10**6) - CURVATURES * 0.002**2 * 10**6 / 100
    np.testing.assert_allclose(late, MEAN * 0.002**2 / (2 * 0.1 * 100), rtol=1e-6)


def test_the_published_spread_is_not_that_of_the_recursion():
    inertia = 1 - 0.1 * CURVATURES / MEAN
    ratio = {
        corrected: moments.adai(-CURVATURES, CURVATURES / 100, 0.002, inertia=inertia, bias_correction=corrected)
        .after(30).position_variance / spreads(30)
        for corrected in (False, True)
    }  # fmt: skip
    assert ratio[False][-1] < 0.05  # a flat direction has hardly moved yet
    assert ratio[True].min() > 1.05  # and with the correction all have moved further
    sgd = CURVATURES[-1] / 100 * 0.002**2 * 30
    harmonic = sum(1 / k for k in range(1, 31))
    flattest = ratio[True][-1] * spreads(30)[-1]
    assert flattest / sgd == pytest.approx(2 - harmonic / 30, rel=0.02)  # the limit of inertia 1: means of all so far


def test_proposition_4_raises_the_time_with_the_curvature_of_others():
    given = {
        "well": 2,
        "saddle": 1,
        "barrier": sp.Rational(1, 4),
        "lr": 0.05,
        "batch_size": 1,
        "path": sp.Rational(1, 2),
    }
    times = [float(adai.transition_time(**given, mean_curvature=m, beta0=0.1)) for m in (1, 5, 20)]
    assert times == sorted(times)
    mu = adai.inertia(curvature=1, mean_curvature=5, beta0=0.1)
    assert times[1] == pytest.approx(float(momentum.transition_time(**given, momentum=mu, dampening=mu)))


def test_theorem_4_falls_like_one_over_the_root():
    bounds = [float(adai.gradient_norm_bound(constants=(1.0, 2.0, 0.5), steps=t - 1)) for t in (100, 400)]
    assert bounds == pytest.approx([0.35, 0.175])
