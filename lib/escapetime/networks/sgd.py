"""Literal minibatch SGD for many replicas at once: real batches of real samples, real gradients."""

import math

import torch
from torch.func import grad, vmap

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.networks.batches import BatchStream
from escapetime.networks.data import Dataset
from escapetime.networks.losses import Loss

_BLOCK = 1 << 21  # batch indices in memory at once


def batch_gradients(loss: Loss, parameters: torch.Tensor, data: Dataset, indices: torch.Tensor) -> torch.Tensor:
    """Return the gradient of the mean loss of one batch per replica.

    Parameters
    ----------
    loss : callable
        Per-sample loss, see :mod:`escapetime.networks`.
    parameters : torch.Tensor, shape (replicas, d)
        One point per replica.
    data : Dataset
        n samples.
    indices : torch.Tensor, shape (replicas, batch)
        Samples of each replica's batch, int64; a repeated index counts as often as it occurs.

    Returns
    -------
    torch.Tensor, shape (replicas, d)
        Gradients, loss / parameter.

    Notes
    -----
    A batch is gathered, or, when it is so large that this would be slower, every sample is evaluated and weighted by
    its number of occurrences. Both are the same sum; rounding differs.
    """
    size = indices.shape[1]
    if 6 * size < len(data):  # measured: about where the two cost the same

        def gathered(point: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return loss(point, x, y).mean()

        return vmap(grad(gathered))(parameters, data.inputs[indices], data.targets[indices])

    def weighted(point: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        return (loss(point, data.inputs, data.targets) * weights).sum()

    weights = parameters.new_zeros(len(indices), len(data))
    weights.scatter_add_(1, indices, weights.new_full((1, 1), 1 / size).expand(indices.shape))
    return vmap(grad(weighted))(parameters, weights)


def sgd_snapshots(
    loss: Loss,
    data: Dataset,
    start: torch.Tensor,
    *,
    lr: float,
    batch_size: int,
    replicas: int,
    burn_in: int,
    snapshots: int,
    spacing: int,
    scheme: str = "independent",
    seed: int = 0,
) -> torch.Tensor:
    """Run plain SGD, ``p = p - lr * gradient``, in many independent replicas, and keep the parameters now and then.

    Parameters
    ----------
    loss : callable
        Per-sample loss, see :mod:`escapetime.networks`.
    data : Dataset
        n samples.
    start : torch.Tensor, shape (d,) or (replicas, d)
        First point of every replica.
    lr : float
        Learning rate, parameter**2 / loss.
    batch_size : int
        Samples in a batch.
    replicas : int
        Independent runs, each with its own stream of batches.
    burn_in : int
        Steps before the first snapshot's interval begins.
    snapshots : int
        Snapshots kept of each replica.
    spacing : int
        Steps between snapshots; the first is taken `spacing` steps after the burn-in.
    scheme : str
        How batches are drawn, one of :data:`escapetime.networks.SCHEMES`.
    seed : int
        Seed; replica r depends on (seed, r) alone.

    Returns
    -------
    torch.Tensor, shape (snapshots, replicas, d)
        Parameters. Snapshots of one replica are correlated; replicas are independent.

    Raises
    ------
    InvalidInput
        When the learning rate or a count is out of range, or `start` has the wrong shape.
    NumericalFailure
        When a replica diverges.
    """
    if not (math.isfinite(lr) and lr > 0):
        raise InvalidInput(f"lr must be a positive number, got {lr}")
    if burn_in < 0 or snapshots < 1 or spacing < 1:
        raise InvalidInput(
            f"expected burn_in >= 0, snapshots >= 1 and spacing >= 1, got {burn_in}, {snapshots} and {spacing}"
        )
    if start.ndim not in (1, 2) or (start.ndim == 2 and len(start) != replicas):
        raise InvalidInput(f"start must have shape (d,) or ({replicas}, d), got {tuple(start.shape)}")
    stream = BatchStream(len(data), batch_size, replicas, scheme=scheme, seed=seed)
    points = start.expand(replicas, -1).clone()
    kept = []
    for steps in [burn_in, *[spacing] * snapshots]:
        for block in _blocks(steps, max(1, _BLOCK // (replicas * batch_size))):
            for indices in stream.draw(block):
                points = points - lr * batch_gradients(loss, points, data, indices)
        if not bool(torch.isfinite(points).all()):
            raise NumericalFailure(f"SGD diverged at lr={lr}, batch_size={batch_size}: lower lr or raise batch_size")
        kept.append(points)
    return torch.stack(kept[1:])


def _blocks(steps: int, size: int) -> list[int]:
    return [size] * (steps // size) + ([steps % size] if steps % size else [])
