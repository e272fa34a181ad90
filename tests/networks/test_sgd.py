"""Literal SGD: against torch.optim.SGD step by step, and its stationary law against exact second moments."""

import numpy as np
import pytest
import torch

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.exact.finite_sum import multiplicative_stationary_covariance
from escapetime.exact.moments import stationary_covariance
from escapetime.networks import (
    BatchStream,
    Dataset,
    batch_gradients,
    gradient_covariance,
    logistic_loss,
    minimize,
    per_sample_gradients,
    sgd_snapshots,
    square_loss,
)
from tests.statistics import assert_agrees, assert_control_fails


@pytest.fixture(scope="module")
def data() -> Dataset:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(60, 3, generator=generator, dtype=torch.float64)
    y = (x[:, 0] + torch.randn(60, generator=generator, dtype=torch.float64) > 0).double()
    return Dataset("random", x, y, "test")


@pytest.mark.parametrize("batch_size", [1, 8, 50, 200])
def test_batch_gradients_are_means_over_the_batch(data: Dataset, batch_size: int) -> None:
    generator = torch.Generator().manual_seed(1)
    points = torch.randn(4, 3, generator=generator, dtype=torch.float64)
    indices = torch.randint(0, 60, (4, batch_size), generator=generator)
    expected = torch.stack(
        [per_sample_gradients(logistic_loss(0.1), p, data)[i].mean(dim=0) for p, i in zip(points, indices, strict=True)]
    )
    torch.testing.assert_close(batch_gradients(logistic_loss(0.1), points, data, indices), expected)


@pytest.mark.parametrize("scheme", ["independent", "distinct", "reshuffled"])
def test_the_path_of_a_replica_is_that_of_torch_sgd(data: Dataset, scheme: str) -> None:
    loss, replicas = logistic_loss(0.1), 3
    snapshots = sgd_snapshots(
        loss, data, torch.zeros(3).double(), lr=0.3, batch_size=7, replicas=replicas, burn_in=5, snapshots=4,
        spacing=6, scheme=scheme, seed=2,
    )  # fmt: skip
    batches = BatchStream(60, 7, replicas, scheme=scheme, seed=2).draw(29)
    for replica in range(replicas):
        parameters = torch.zeros(3, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.SGD([parameters], lr=0.3)
        for step, batch in enumerate(batches[:, replica], start=1):
            optimizer.zero_grad()
            loss(parameters, data.inputs[batch], data.targets[batch]).mean().backward()
            optimizer.step()
            if step in (11, 17, 23, 29):
                torch.testing.assert_close(parameters.detach(), snapshots[(step - 11) // 6, replica])


def test_least_squares_has_the_multiplicative_stationary_covariance(data: Dataset) -> None:
    loss, lr, batch_size = square_loss(), 0.3, 4
    minimum = minimize(loss, data, torch.zeros(3).double())
    gradients = per_sample_gradients(loss, minimum.parameters, data)
    hessians = data.inputs[:, :, None] * data.inputs[:, None, :]
    states = sgd_snapshots(
        loss, data, minimum.parameters, lr=lr, batch_size=batch_size, replicas=4000, burn_in=60, snapshots=10, spacing=5
    )
    deviations = (states - minimum.parameters).numpy()
    products = np.einsum("tri,trj->rij", deviations, deviations) / len(deviations)
    measured, error = products.mean(axis=0), products.std(axis=0, ddof=1) / np.sqrt(len(products))
    assert_agrees(measured, error, multiplicative_stationary_covariance(hessians, gradients, lr, batch_size))
    covariance = gradient_covariance(loss, minimum.parameters, data) / batch_size
    assert_control_fails(measured, error, stationary_covariance(minimum.hessian, covariance, lr))


def test_a_diverging_learning_rate_is_reported(data: Dataset) -> None:
    with pytest.raises(NumericalFailure, match="diverged at lr=50"):
        sgd_snapshots(
            square_loss(), data, torch.ones(3).double(), lr=50, batch_size=4, replicas=2, burn_in=500, snapshots=1,
            spacing=1,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lr": 0.0}, "lr must be"),
        ({"snapshots": 0}, "snapshots >= 1"),
        ({"spacing": 0}, "spacing >= 1"),
        ({"burn_in": -1}, "burn_in >= 0"),
        ({"start": torch.zeros(5, 3).double()}, "shape"),
        ({"scheme": "none"}, "unknown scheme"),
    ],
)
def test_bad_input_is_refused(data: Dataset, arguments: dict, message: str) -> None:
    valid = {
        "start": torch.zeros(3).double(), "lr": 0.1, "batch_size": 4, "replicas": 2, "burn_in": 0, "snapshots": 1,
        "spacing": 1,
    }  # fmt: skip
    with pytest.raises(InvalidInput, match=message):
        sgd_snapshots(square_loss(), data, **(valid | arguments))
