"""The largest curvatures of a mean loss from products of its Hessian with vectors: the matrix is never formed."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.func import grad

from escapetime.errors import InvalidInput
from escapetime.networks.data import Dataset
from escapetime.networks.losses import Loss


def largest_curvatures(
    loss: Loss, parameters: torch.Tensor, data: Dataset, count: int = 1, *, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the largest eigenvalues of the Hessian of the mean loss, by Lanczos iteration.

    Parameters
    ----------
    loss : callable
        Per-sample loss, twice differentiable, see :mod:`escapetime.networks`.
    parameters : torch.Tensor, shape (d,)
        Where.
    data : Dataset
        Samples.
    count : int
        How many, less than d.
    seed : int
        Seed of the first vector; the result does not depend on it but for rounding.

    Returns
    -------
    values : numpy.ndarray, shape (count,)
        Eigenvalues, descending, loss / parameter**2.
    vectors : numpy.ndarray, shape (d, count)
        Unit eigenvectors, as columns.

    Raises
    ------
    InvalidInput
        When `count` is not between 1 and d - 1.

    Examples
    --------
    >>> from escapetime.networks.losses import square_loss
    >>> x = torch.diag(torch.tensor([1.0, 2.0, 3.0])).double()
    >>> values, _ = largest_curvatures(square_loss(), torch.zeros(3).double(), Dataset("x", x, x[0], "example"), 2)
    >>> values.round(9)  # the Hessian is the mean of x x^T
    array([3.        , 1.33333333])
    """
    from scipy.sparse.linalg import LinearOperator, eigsh

    d = len(parameters)
    if not 1 <= count < d:
        raise InvalidInput(f"count must lie between 1 and d - 1 = {d - 1}, got {count}")
    slope = grad(lambda p: loss(p, data.inputs, data.targets).mean())

    def product(vector: NDArray[np.float64]) -> NDArray[np.float64]:
        direction = torch.from_numpy(np.ascontiguousarray(vector, float).reshape(-1))
        return grad(lambda p: slope(p) @ direction)(parameters).numpy()

    start = np.random.default_rng(seed).standard_normal(d)
    operator = LinearOperator((d, d), matvec=product, dtype=float)
    values, vectors = eigsh(operator, k=count, which="LA", v0=start, tol=1e-10, ncv=min(d, max(2 * count + 1, 20)))
    order = np.argsort(values)[::-1]
    return values[order], vectors[:, order]
