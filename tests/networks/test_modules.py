"""Modules as losses: against torch's own autograd, sample by sample, with the plain loops that nobody would run."""

from functools import partial

import pytest
import torch
from torch.nn.functional import cross_entropy

from escapetime.errors import InvalidInput
from escapetime.networks import (
    Dataset,
    RunningCovariance,
    gradient_covariance,
    largest_curvatures,
    mean_hessian,
    module_loss,
    per_sample_gradients,
)

CRITERION = partial(cross_entropy, reduction="none")


@pytest.fixture(scope="module")
def net() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)).double()


@pytest.fixture(scope="module")
def data() -> Dataset:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(30, 3, generator=generator, dtype=torch.float64)
    y = torch.nn.functional.one_hot((x[:, 0] > 0).long(), 2).double()
    return Dataset("random", x, y, "test")


def test_every_gradient_is_that_of_a_loop(net: torch.nn.Module, data: Dataset) -> None:
    loss, parameters = module_loss(net, CRITERION)
    rows = []
    for x, y in zip(data.inputs, data.targets, strict=True):
        value = CRITERION(net(x[None]), y[None]).sum()
        rows.append(torch.cat([g.flatten() for g in torch.autograd.grad(value, list(net.parameters()))]))
    expected = torch.stack(rows)
    torch.testing.assert_close(per_sample_gradients(loss, parameters, data), expected)
    torch.testing.assert_close(
        gradient_covariance(loss, parameters, data, chunk=7), torch.cov(expected.T, correction=0)
    )


def test_the_module_is_not_changed_and_its_precision_does_not_matter(net: torch.nn.Module, data: Dataset) -> None:
    before = [p.clone() for p in net.parameters()]
    loss, parameters = module_loss(net, CRITERION, ridge=0.3)
    loss(parameters + 1, data.inputs, data.targets)
    assert all(torch.equal(p, q) for p, q in zip(before, net.parameters(), strict=True))
    single = torch.nn.Linear(3, 2)
    _, flat = module_loss(single, CRITERION)
    assert flat.dtype == torch.float64
    assert flat.shape == (8,)
    plain = CRITERION(net(data.inputs), data.targets) + 0.15 * (parameters**2).sum()
    torch.testing.assert_close(loss(parameters, data.inputs, data.targets), plain.detach())


@pytest.mark.parametrize("layer", [torch.nn.BatchNorm1d(3), torch.nn.Dropout(0.5)])
def test_samples_without_a_loss_of_their_own_are_refused(layer: torch.nn.Module, data: Dataset) -> None:
    mixed = torch.nn.Sequential(torch.nn.Linear(3, 3), layer, torch.nn.Linear(3, 2))
    with pytest.raises(InvalidInput, match="training mode"):
        module_loss(mixed.train(), CRITERION)
    loss, parameters = module_loss(mixed.eval(), CRITERION)
    assert per_sample_gradients(loss, parameters, data).shape == (30, len(parameters))


def test_a_module_without_parameters_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no parameters"):
        module_loss(torch.nn.Tanh(), CRITERION)


def test_largest_curvatures_are_those_of_the_matrix(net: torch.nn.Module, data: Dataset) -> None:
    loss, parameters = module_loss(net, CRITERION)
    values, vectors = largest_curvatures(loss, parameters, data, 3)
    h, v = torch.linalg.eigh(mean_hessian(loss, parameters, data))
    torch.testing.assert_close(torch.from_numpy(values), h.flip(0)[:3], rtol=1e-9, atol=0)
    overlap = torch.from_numpy(vectors).T @ v.flip(1)[:, :3]
    torch.testing.assert_close(overlap.abs(), torch.eye(3).double(), rtol=0, atol=1e-6)
    with pytest.raises(InvalidInput, match="count"):
        largest_curvatures(loss, parameters, data, len(parameters))


def test_rows_in_parts() -> None:
    rows = 1e6 + torch.randn(50, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    running = RunningCovariance(3)
    for part in (rows[:1], rows[1:1], rows[1:20], rows[20:]):
        running.update(part)
    torch.testing.assert_close(running.covariance, torch.cov(rows.T, correction=0), rtol=1e-8, atol=0)
    torch.testing.assert_close(running.mean, rows.mean(dim=0))
    with pytest.raises(InvalidInput, match="rows of 3 numbers"):
        running.update(rows[:, :2])
