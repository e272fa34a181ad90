"""Noise over curvature: exact per-sample curvatures, Bartlett's identity on a well-specified model, and coverage."""

import numpy as np
import pytest
import torch

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.networks import (
    Dataset,
    gradient_covariance,
    logistic_loss,
    mean_hessian,
    noise_curvature,
    off_diagonal_mass,
    square_loss,
)
from escapetime.networks.noise_curvature import _directional_curvatures
from tests.statistics import assert_covers, assert_miscovers

TRUTH = torch.tensor([0.7, -0.4, 0.2]).double()


def well_specified(samples: int, seed: int, *, flip: float = 0.0) -> Dataset:
    """Labels drawn from the logistic model at TRUTH; a share `flip` of them is then flipped."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(samples, 3, generator=generator, dtype=torch.float64) * torch.tensor([1.0, 0.5, 2.0]).double()
    uniform = torch.rand(2, samples, generator=generator, dtype=torch.float64)
    y = (uniform[0] < torch.sigmoid(x @ TRUTH)).double()
    return Dataset("logistic", x, torch.where(uniform[1] < flip, 1 - y, y), "test")


def test_matrices_are_those_of_the_parts() -> None:
    data, loss = well_specified(200, seed=0), logistic_loss(0.05)
    result = noise_curvature(loss, TRUTH, data)
    basis = torch.from_numpy(result.directions)
    covariance = basis.T @ gradient_covariance(loss, TRUTH, data) @ basis
    np.testing.assert_allclose(result.covariance, covariance, rtol=1e-10, atol=1e-14)
    hessian = basis.T @ mean_hessian(loss, TRUTH, data) @ basis
    np.testing.assert_allclose(np.diag(result.curvatures), hessian, rtol=1e-10, atol=1e-14)
    assert result.off_diagonal_mass == off_diagonal_mass(covariance.numpy())
    assert np.all(result.ratio_bounds[:, 0] < result.ratio)
    assert np.all(result.ratio < result.ratio_bounds[:, 1])
    assert result.slope_bounds[0] < result.slope < result.slope_bounds[1]


def test_per_sample_curvatures_are_exact() -> None:
    data, vectors = well_specified(50, seed=1), torch.linalg.qr(torch.randn(3, 3).double())[0]
    p = torch.sigmoid(data.inputs @ TRUTH)
    expected = (p * (1 - p))[:, None] * (data.inputs @ vectors) ** 2 + 0.3
    measured = _directional_curvatures(logistic_loss(0.3), TRUTH, data, vectors)
    np.testing.assert_allclose(measured, expected, rtol=1e-11)


def test_slope_of_noise_proportional_to_curvature_is_one() -> None:
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(500, 3, generator=generator, dtype=torch.float64) * torch.tensor([0.1, 1.0, 10.0]).double()
    sign = torch.randint(0, 2, (500,), generator=generator).double() * 2 - 1
    result = noise_curvature(square_loss(), torch.zeros(3).double(), Dataset("pm", x, 0.3 * sign, "test"))
    assert result.slope == pytest.approx(1.0, abs=1e-3)
    np.testing.assert_allclose(result.ratio, 0.09, rtol=0.02)


def test_bootstrap_intervals_cover_bartletts_identity() -> None:
    repetitions, level = 200, 0.9
    held = {0.0: 0, 0.1: 0}
    for seed in range(repetitions):
        for flip in held:
            data = well_specified(500, seed, flip=flip)
            bounds = noise_curvature(logistic_loss(), TRUTH, data, level=level, resamples=200, seed=seed).ratio_bounds
            held[flip] += int(bounds[-1, 0] <= 1 <= bounds[-1, 1])  # the stiffest direction
    assert_covers(held[0.0], repetitions, level)
    assert_miscovers(held[0.1], repetitions, level)  # a tenth of the labels flipped: the model is misspecified


def test_interpolation_has_no_noise() -> None:
    x = torch.randn(20, 2, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    result = noise_curvature(square_loss(), torch.ones(2).double(), Dataset("exact", x, x.sum(dim=1), "test"))
    np.testing.assert_allclose(result.ratio, 0, atol=1e-25)


def test_bad_input_is_refused() -> None:
    data = well_specified(100, seed=4)
    with pytest.raises(InvalidInput, match="probability"):
        noise_curvature(logistic_loss(), TRUTH, data, level=95)
    with pytest.raises(InvalidInput, match="needs at least 10000 resamples"):
        noise_curvature(logistic_loss(), TRUTH, data, level=0.999, resamples=2000)
    flat = Dataset("flat", torch.ones(4, 2).double(), torch.tensor([0.0, 1.0, 0.0, 1.0]).double(), "test")
    with pytest.raises(NumericalFailure, match="strict minimum"):
        noise_curvature(logistic_loss(), torch.zeros(2).double(), flat)


def test_off_diagonal_mass_of_known_matrices() -> None:
    assert off_diagonal_mass(np.diag([1.0, 5.0])) == 0.0
    assert off_diagonal_mass([[0.0, 1.0], [1.0, 0.0]]) == 1.0
