"""Losses and their minima, against closed forms."""

import math

import pytest
import torch

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.networks import (
    Dataset,
    breast_cancer,
    logistic_loss,
    mean_gradient,
    mean_hessian,
    minimize,
    square_loss,
)


@pytest.fixture(scope="module")
def data() -> Dataset:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(40, 3, generator=generator, dtype=torch.float64)
    y = (x.sum(dim=1) + torch.randn(40, generator=generator, dtype=torch.float64) > 0).double()
    return Dataset("random", x, y, "test")


@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_logistic_loss_gradient_and_hessian(data: Dataset, ridge: float) -> None:
    loss, point = logistic_loss(ridge), torch.tensor([0.3, -1.0, 2.0]).double()
    x, y = data.inputs, data.targets
    p = torch.sigmoid(x @ point)
    likelihood = -(y * p.log() + (1 - y) * (1 - p).log())
    torch.testing.assert_close(loss(point, x, y), likelihood + ridge / 2 * point @ point)
    torch.testing.assert_close(mean_gradient(loss, point, data), x.T @ (p - y) / 40 + ridge * point)
    expected = (x.T * (p * (1 - p))) @ x / 40 + ridge * torch.eye(3).double()
    torch.testing.assert_close(mean_hessian(loss, point, data), expected)


def test_logistic_loss_far_from_the_boundary() -> None:
    x, y = torch.tensor([[1000.0], [-1000.0]]).double(), torch.tensor([0.0, 0.0]).double()
    assert logistic_loss()(torch.ones(1).double(), x, y).tolist() == [1000.0, 0.0]


def test_square_loss_is_least_squares(data: Dataset) -> None:
    minimum = minimize(square_loss(), data, torch.zeros(3).double())
    expected = torch.linalg.lstsq(data.inputs, data.targets[:, None]).solution[:, 0]
    torch.testing.assert_close(minimum.parameters, expected)
    torch.testing.assert_close(minimum.hessian, data.inputs.T @ data.inputs / 40)


@pytest.mark.parametrize("start", [0.0, 5.0])
def test_the_minimum_is_one(data: Dataset, start: float) -> None:
    minimum = minimize(logistic_loss(0.01), data, torch.full((3,), start).double())
    assert minimum.gradient_norm <= 1e-10
    assert float(mean_gradient(logistic_loss(0.01), minimum.parameters, data).norm()) == minimum.gradient_norm
    assert float(torch.linalg.eigvalsh(minimum.hessian)[0]) > 0.01
    assert minimum.loss < math.log(2)


def test_separable_data_have_no_minimum_without_an_l2_term() -> None:
    data = breast_cancer()
    with pytest.raises(NumericalFailure, match="add an L2 term"):
        minimize(logistic_loss(), data, torch.zeros(31).double())
    assert minimize(logistic_loss(0.1), data, torch.zeros(31).double()).gradient_norm <= 1e-10


def test_a_loss_that_is_not_convex_is_refused(data: Dataset) -> None:
    def hill(parameters: torch.Tensor, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return -(parameters**2).sum() * torch.ones_like(targets)

    with pytest.raises(NumericalFailure, match="not convex"):
        minimize(hill, data, torch.ones(3).double())


def test_bad_input_is_refused(data: Dataset) -> None:
    for ridge in (-0.1, math.nan):
        with pytest.raises(InvalidInput, match="ridge"):
            logistic_loss(ridge)
        with pytest.raises(InvalidInput, match="ridge"):
            square_loss(ridge)
    for start in (torch.zeros(3), torch.zeros(1, 3).double()):
        with pytest.raises(InvalidInput, match="float64 vector"):
            minimize(logistic_loss(), data, start)
