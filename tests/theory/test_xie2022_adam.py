"""Propositions 1 and 2 as transcribed: what they hold, and by which factor the second is off."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.exact import moments
from escapetime.theory.xie2022 import adam, momentum

H_A, H_B, DELTA, ETA, B, S, BETA = sp.symbols("H_a H_b Delta eta B s beta", positive=True)


def test_saddle_spread_is_that_of_heavy_ball_with_the_noise_divided_out():
    steps = sp.Symbol("T", positive=True)
    ball = momentum.saddle_spread_short(
        curvature=H_A, lr=ETA, batch_size=B, momentum=BETA, dampening=BETA, steps=steps
    )  # fmt: skip
    ours = adam.saddle_spread(lr=ETA, momentum=BETA, steps=steps)
    assert sp.simplify(ball / (H_A / B) - ours) == 0


@pytest.mark.parametrize("curvature", [-1.0, -0.01, 0.01, 1.0])
def test_saddle_spread_counts_twice(curvature):
    # with the second moment frozen the recursion is linear, and its moments exact
    square = abs(curvature) / 100
    chain = moments.adam(curvature, square, 0.002, beta1=0.9, second_moment=square, bias_correction=False)
    exact = float(np.ravel(chain.after(30).position_variance)[0])
    assert 0.3 < exact / float(adam.saddle_spread(lr=0.002, momentum=0.9, steps=30)) < 0.8


def test_minimum_law_has_the_published_dependence():
    time = adam.transition_time(well=H_A, saddle=H_B, barrier=DELTA, lr=ETA, batch_size=B, path=S, momentum=BETA)
    exponent = 2 * sp.sqrt(B) * DELTA / ETA * (S / sp.sqrt(H_A) + (1 - S) / sp.sqrt(H_B))
    small = sp.limit(sp.simplify(time / sp.exp(exponent)), ETA, 0)
    assert sp.simplify(small - 2 * sp.pi / H_B * (H_B / H_A) ** sp.Rational(1, 4)) == 0
    across = adam.transition_time(
        well=H_A, saddle=H_B, barrier=DELTA, lr=ETA, batch_size=B, path=S, momentum=BETA, determinants=16 * H_B / H_A
    )  # fmt: skip
    assert sp.simplify(across / time) == 2


@pytest.mark.parametrize(("batch", "table", "last"), [(0.075, 19.49, 0.01), (1.0, 5.337, 0.001), (100.0, 0.534, 0.001)])
def test_prefactor_is_off_by_the_root_of_batch_over_curvature(batch, table, last):
    model = et.landscapes.matched_quartic()
    climb = float(sp.integrate(_ROOT_SLOPE, (_X, -1, 0)))
    lr = 2 * math.sqrt(batch) * climb / 40
    limit = et.adam_limit(model.landscape, lr=lr, eps=0, batch_size=batch, covariance=model.covariance)
    exact = et.exact.escape_time(et.EscapeProblem(limit, -1.0, et.Interval(-math.inf, 1.0)))
    prefactor = math.exp(exact.details["log_mean"] - 40)
    assert prefactor == pytest.approx(table, abs=last / 2)
    s = adam.path_parameter(climb, well=2, saddle=1, barrier=0.25)
    published = adam.transition_time(well=2, saddle=1, barrier=0.25, lr=1e-9, batch_size=1e-9, path=0)
    published = float(published / sp.exp(2 * math.sqrt(1e-9) * 0.25 / 1e-9))
    assert published == pytest.approx(5.284, rel=1e-3)
    assert prefactor / published == pytest.approx(1 / math.sqrt(batch), rel=0.015)
    assert (abs(prefactor / published - 1) < 0.015) == (batch == 1)
    assert 0.42 < s < 0.43


def test_equal_curvatures_leave_no_parameter():
    with pytest.raises(InvalidInput, match="no value of s"):
        adam.path_parameter(1, well=2, saddle=2, barrier=1)


_X = sp.Symbol("x", real=True)
_ROOT_SLOPE = (_X**3 - _X) / sp.sqrt(1 + _X**2)
