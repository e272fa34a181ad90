"""The gradient of every sample, its covariance over the data set, and the covariance of a minibatch mean."""

from collections.abc import Iterable, Iterator

import torch
from torch.func import grad, jacrev, vmap

from escapetime.errors import InvalidInput
from escapetime.networks.data import Dataset
from escapetime.networks.losses import Loss
from escapetime.networks.running import RunningCovariance

_NUMBERS = 1 << 24  # of gradients in memory at once: 128 MiB


def per_sample_gradients(loss: Loss, parameters: torch.Tensor, data: Dataset) -> torch.Tensor:
    """Return the gradient of every sample's loss, by vectorized reverse-mode differentiation.

    Parameters
    ----------
    loss : callable
        Per-sample loss, see :mod:`escapetime.networks`.
    parameters : torch.Tensor, shape (d,)
        Where.
    data : Dataset
        n samples.

    Returns
    -------
    torch.Tensor, shape (n, d)
        One gradient per row, loss / parameter.

    Examples
    --------
    >>> from escapetime.networks.losses import square_loss
    >>> data = Dataset("two", torch.tensor([[1.0], [2.0]]).double(), torch.zeros(2).double(), "example")
    >>> per_sample_gradients(square_loss(), torch.tensor([3.0]).double(), data).flatten().tolist()
    [3.0, 12.0]
    """

    def one(point: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return loss(point, x[None], y[None])[0]

    return vmap(grad(one), in_dims=(None, 0, 0))(parameters, data.inputs, data.targets)


def per_sample_hessians(loss: Loss, parameters: torch.Tensor, data: Dataset) -> torch.Tensor:
    """Return the Hessian of every sample's loss; for small models, since n d**2 numbers are kept.

    Parameters
    ----------
    loss : callable
        Per-sample loss, see :mod:`escapetime.networks`.
    parameters : torch.Tensor, shape (d,)
        Where.
    data : Dataset
        n samples.

    Returns
    -------
    torch.Tensor, shape (n, d, d)
        Hessians, loss / parameter**2.

    Examples
    --------
    >>> from escapetime.networks.losses import square_loss
    >>> data = Dataset("two", torch.tensor([[1.0], [2.0]]).double(), torch.zeros(2).double(), "example")
    >>> per_sample_hessians(square_loss(), torch.tensor([3.0]).double(), data).flatten().tolist()
    [1.0, 4.0]
    """

    def one(point: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return loss(point, x[None], y[None])[0]

    return vmap(jacrev(grad(one)), in_dims=(None, 0, 0))(parameters, data.inputs, data.targets)


def gradient_covariance(
    loss: Loss,
    parameters: torch.Tensor,
    data: Dataset | Iterable[Dataset],
    *,
    directions: torch.Tensor | None = None,
    chunk: int | None = None,
) -> torch.Tensor:
    r"""Return the covariance of one sample's gradient over the data set, divisor n.

    :math:`C_1 = \frac1n \sum_i (g_i - \bar g)(g_i - \bar g)^T`: the data set is the population that SGD draws from,
    so that the divisor is n and not n - 1.

    Parameters
    ----------
    loss : callable
        Per-sample loss, see :mod:`escapetime.networks`.
    parameters : torch.Tensor, shape (d,)
        Where.
    data : Dataset or iterable of Dataset
        n samples, or parts of a data set that is never in memory as a whole.
    directions : torch.Tensor, shape (d, k), optional
        Columns on which to project: the result is V^T C_1 V, and no d x d matrix is formed.
    chunk : int, optional
        Samples whose gradients are in memory at once; by default as many as fit in 128 MiB. The result is the same to
        rounding.

    Returns
    -------
    torch.Tensor, shape (d, d) or (k, k)
        Covariance, loss**2 / parameter**2.

    Raises
    ------
    InvalidInput
        When there are no samples, `chunk` is not positive, or the directions have the wrong length.

    Notes
    -----
    One pass, merged chunk by chunk: see :class:`~escapetime.networks.running.RunningCovariance`.

    Examples
    --------
    >>> from escapetime.networks.losses import square_loss
    >>> data = Dataset("two", torch.tensor([[1.0], [2.0]]).double(), torch.zeros(2).double(), "example")
    >>> float(gradient_covariance(square_loss(), torch.tensor([3.0]).double(), data))  # gradients 3 and 12
    20.25
    """
    if directions is not None and (directions.ndim != 2 or len(directions) != len(parameters)):
        raise InvalidInput(f"directions must have shape ({len(parameters)}, k), got {tuple(directions.shape)}")
    running = RunningCovariance(len(parameters) if directions is None else directions.shape[1])
    size = chunk if chunk is not None else max(1, _NUMBERS // len(parameters))
    for whole in [data] if isinstance(data, Dataset) else data:
        for part in _chunks(whole, size):
            gradients = per_sample_gradients(loss, parameters, part)
            running.update(gradients if directions is None else gradients @ directions)
    return running.covariance


def minibatch_covariance(
    covariance: torch.Tensor, batch_size: int, *, samples: int | None = None, replacement: bool = True
) -> torch.Tensor:
    r"""Return the covariance of the mean gradient of one random batch.

    :math:`C_1/B` for B independent draws, :math:`\frac{C_1}{B}\frac{N-B}{N-1}` for B distinct samples out of N.

    Parameters
    ----------
    covariance : torch.Tensor, shape (d, d)
        Covariance C_1 of one sample's gradient, divisor N, loss**2 / parameter**2.
    batch_size : int
        Samples in a batch, B.
    samples : int, optional
        Samples in the data set, N; needed without replacement.
    replacement : bool
        Whether one sample can occur twice in a batch.

    Returns
    -------
    torch.Tensor, shape (d, d)
        Covariance, loss**2 / parameter**2.

    Raises
    ------
    InvalidInput
        When the batch is empty, or is drawn without replacement and `samples` is missing or smaller than the batch.

    Notes
    -----
    Exact for one batch. Batches of one epoch of random reshuffling are correlated: see
    :func:`escapetime.exact.finite_sum.reshuffled_covariance`. Reference: Cochran 1977, theorem 2.2.

    Examples
    --------
    Of three samples with gradients -1, 0 and 1 (variance 2/3), pairs have the means -1/2, 0 and 1/2 (variance 1/6):

    >>> pairs = minibatch_covariance(torch.tensor([[2 / 3]]), 2, samples=3, replacement=False)
    >>> round(float(pairs), 6) == round(1 / 6, 6)
    True
    """
    if batch_size < 1:
        raise InvalidInput(f"batch_size must be at least 1, got {batch_size}")
    if replacement:
        return covariance / batch_size
    if samples is None or samples < max(batch_size, 2):
        raise InvalidInput(
            f"without replacement, samples must be at least 2 and at least batch_size={batch_size}; got {samples}"
        )
    return covariance / batch_size * ((samples - batch_size) / (samples - 1))


def _chunks(data: Dataset, size: int) -> Iterator[Dataset]:
    if size < 1:
        raise InvalidInput(f"chunk must be at least 1, got {size}")
    for first in range(0, len(data), size):
        part = slice(first, first + size)
        yield Dataset(data.name, data.inputs[part], data.targets[part], data.provenance, data.features)
