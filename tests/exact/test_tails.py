"""Tail indices against equations that can be solved by hand."""

import math

import numpy as np
import pytest

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.exact.tails import gaussian_tail_index, tail_index


def test_two_values():
    """Doubling with probability p, halving otherwise: 2**alpha = (1 - p) / p."""
    for p in (0.1, 0.25, 0.45):
        assert tail_index([2.0, 0.5], [p, 1 - p]) == pytest.approx(math.log2((1 - p) / p), rel=1e-10)
    assert tail_index([-2.0, 0.5, 0.5, 0.5]) == pytest.approx(math.log2(3), rel=1e-10)
    assert tail_index([0.5, 1.0]) == math.inf


def test_second_and_fourth_moments():
    """E A**2 = mu**2 + s**2 and E A**4 = mu**4 + 6 mu**2 s**2 + 3 s**4 are one at index 2 and 4."""
    lr = 0.3
    assert gaussian_tail_index(1 - lr, math.sqrt(1 - (1 - lr) ** 2)) == pytest.approx(2, abs=1e-9)
    mean = 0.8
    square = (-6 * mean**2 + math.sqrt(36 * mean**4 + 12 * (1 - mean**4))) / 6
    assert gaussian_tail_index(mean, math.sqrt(square)) == pytest.approx(4, abs=1e-9)
    assert gaussian_tail_index(-mean, math.sqrt(square)) == pytest.approx(4, abs=1e-9)


def test_pure_noise_multiplier():
    """E |s z| = s sqrt(2 / pi)."""
    assert gaussian_tail_index(0.0, math.sqrt(math.pi / 2)) == pytest.approx(1, abs=1e-6)


def test_small_learning_rates_approach_the_diffusion():
    """Index 1 + 2 B / lr for h = C = 1, with an error of relative order lr."""
    ratio = 4.0  # B / lr
    gaps = []
    for lr in (0.02, 0.01):
        gaps.append(gaussian_tail_index(1 - lr, lr / math.sqrt(ratio * lr)) / (1 + 2 * ratio) - 1)
    assert gaps[0] / gaps[1] == pytest.approx(2, abs=0.1)
    assert abs(gaps[1]) < 0.02


def test_samples_of_the_law_are_the_law():
    draws = np.random.default_rng(0).normal(0.7, 0.8, 200_000)
    assert tail_index(draws) == pytest.approx(gaussian_tail_index(0.7, 0.8), rel=0.02)


def test_what_has_no_index_is_told():
    with pytest.raises(InvalidInput, match="shrink on average"):
        tail_index([2.0, 0.6])
    with pytest.raises(InvalidInput, match="shrink on average"):
        gaussian_tail_index(1.0, 5.0)
    with pytest.raises(InvalidInput, match="probabilities"):
        tail_index([2.0, 0.5], [0.1, 0.1])
    with pytest.raises(InvalidInput, match="vector"):
        tail_index([])
    with pytest.raises(InvalidInput, match="positive standard"):
        gaussian_tail_index(0.5, 0.0)
    with pytest.raises(NumericalFailure, match="above 10000"):
        gaussian_tail_index(0.9, 0.001)
