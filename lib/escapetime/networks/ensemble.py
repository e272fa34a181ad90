"""Covariance of an ensemble of replicas, kept apart by replica so that it has an error."""

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from escapetime.errors import InvalidInput


def replica_covariances(snapshots: torch.Tensor, directions: ArrayLike | None = None) -> NDArray[np.float64]:
    r"""Return each replica's share of the ensemble covariance: their mean is the covariance, their spread its error.

    Parameters
    ----------
    snapshots : torch.Tensor, shape (snapshots, replicas, d)
        Parameters, as :func:`~escapetime.networks.sgd.sgd_snapshots` returns them.
    directions : array_like, shape (d, k), optional
        Orthonormal directions, as columns, in which to express the covariance; the coordinates by default.

    Returns
    -------
    numpy.ndarray, shape (replicas, k, k)
        For each replica, the mean over its snapshots of the outer product of the deviation from the mean of the whole
        ensemble, parameter**2, corrected so that the mean over replicas is unbiased however much the snapshots of one
        replica are correlated. Replicas are independent.

    Raises
    ------
    InvalidInput
        When there are fewer than two replicas, or the shapes do not fit.

    Examples
    --------
    >>> covariances = replica_covariances(torch.tensor([[[1.0], [3.0]]]))
    >>> covariances.mean(axis=0)
    array([[2.]])
    """
    if snapshots.ndim != 3 or snapshots.shape[1] < 2:
        raise InvalidInput(
            f"expected shape (snapshots, replicas, d) with two replicas or more, got {tuple(snapshots.shape)}: an "
            "error needs independent runs"
        )
    states = snapshots.double().numpy()
    if directions is not None:
        basis = np.asarray(directions, float)
        if basis.ndim != 2 or len(basis) != states.shape[2]:
            raise InvalidInput(f"directions must have shape ({states.shape[2]}, k), got {basis.shape}")
        states = states @ basis
    deviations = states - states.mean(axis=(0, 1))
    means = deviations.mean(axis=0)
    lost = means.T @ means / (len(means) * (len(means) - 1))  # what measuring the mean from the same data takes away
    return np.einsum("tri,trj->rij", deviations, deviations) / len(states) + lost
