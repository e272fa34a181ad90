"""The covariance of an ensemble: unbiased whatever the correlation of a replica's snapshots, with an honest error."""

import numpy as np
import pytest
import torch

from escapetime.errors import InvalidInput
from escapetime.networks import replica_covariances
from tests.statistics import assert_agrees, assert_control_fails


@pytest.mark.parametrize("memory", [0.0, 0.999])
def test_unbiased_for_few_replicas_at_any_correlation(memory: float) -> None:
    rng = np.random.default_rng(0)
    experiments, replicas, length = 4000, 3, 4
    states = [rng.standard_normal((experiments, replicas))]
    for _ in range(length - 1):
        states.append(memory * states[-1] + np.sqrt(1 - memory**2) * rng.standard_normal((experiments, replicas)))
    snapshots = torch.from_numpy(np.stack(states, axis=1)[..., None])
    estimates = np.array([replica_covariances(s).mean() for s in snapshots])
    error = estimates.std() / np.sqrt(experiments)
    assert_agrees(estimates.mean(), error, 1.0)
    assert_control_fails(estimates.mean(), error, 0.9)


def test_directions_rotate_the_covariance() -> None:
    snapshots = torch.randn(5, 7, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    basis = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))[0]
    rotated = replica_covariances(snapshots, basis)
    np.testing.assert_allclose(rotated, basis.T @ replica_covariances(snapshots) @ basis, atol=1e-14)
    np.testing.assert_allclose(replica_covariances(snapshots, basis[:, :2]), rotated[:, :2, :2], atol=1e-14)


def test_bad_input_is_refused() -> None:
    with pytest.raises(InvalidInput, match="independent runs"):
        replica_covariances(torch.zeros(10, 1, 2))
    with pytest.raises(InvalidInput, match="directions must have shape"):
        replica_covariances(torch.zeros(10, 4, 2), np.eye(3))
