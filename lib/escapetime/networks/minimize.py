"""The minimum of a smooth mean loss to full precision, by damped Newton: the point at which noise is measured."""

from dataclasses import dataclass

import torch
from torch.func import grad, jacrev

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.networks.data import Dataset
from escapetime.networks.losses import Loss


@dataclass(frozen=True, eq=False)
class Minimum:
    """A minimum of the mean loss, with the numbers that prove it.

    Parameters
    ----------
    parameters : torch.Tensor, shape (d,)
        The minimum.
    loss : float
        Mean loss there.
    gradient_norm : float
        Euclidean norm of the mean gradient there, loss / parameter.
    hessian : torch.Tensor, shape (d, d)
        Hessian of the mean loss there, symmetric, loss / parameter**2.
    iterations : int
        Newton steps taken.
    """

    parameters: torch.Tensor
    loss: float
    gradient_norm: float
    hessian: torch.Tensor
    iterations: int


def mean_gradient(loss: Loss, parameters: torch.Tensor, data: Dataset) -> torch.Tensor:
    """Return the gradient of the mean loss over the data set.

    Parameters
    ----------
    loss : callable
        Per-sample loss, see :mod:`escapetime.networks`.
    parameters : torch.Tensor, shape (d,)
        Where.
    data : Dataset
        Samples.

    Returns
    -------
    torch.Tensor, shape (d,)
        Gradient, loss / parameter.
    """
    return grad(lambda p: loss(p, data.inputs, data.targets).mean())(parameters)


def mean_hessian(loss: Loss, parameters: torch.Tensor, data: Dataset) -> torch.Tensor:
    """Return the Hessian of the mean loss over the data set, symmetrized.

    Parameters
    ----------
    loss : callable
        Per-sample loss, see :mod:`escapetime.networks`.
    parameters : torch.Tensor, shape (d,)
        Where.
    data : Dataset
        Samples.

    Returns
    -------
    torch.Tensor, shape (d, d)
        Hessian, loss / parameter**2.

    Notes
    -----
    Reverse over reverse mode: d passes over the data. For d up to a few hundred.
    """
    matrix = jacrev(grad(lambda p: loss(p, data.inputs, data.targets).mean()))(parameters)
    return (matrix + matrix.T) / 2


def minimize(
    loss: Loss, data: Dataset, start: torch.Tensor, *, gradient_norm: float = 1e-10, max_iterations: int = 100
) -> Minimum:
    """Minimize the mean loss by Newton's method with step halving.

    Parameters
    ----------
    loss : callable
        Per-sample loss, twice differentiable; its mean is convex on the way, see :mod:`escapetime.networks`.
    data : Dataset
        Samples.
    start : torch.Tensor, shape (d,)
        First point, float64.
    gradient_norm : float
        Largest gradient norm accepted at the minimum, loss / parameter.
    max_iterations : int
        Newton steps before giving up.

    Returns
    -------
    Minimum
        The minimum, its Hessian and its gradient norm.

    Raises
    ------
    InvalidInput
        When `start` is not a float64 vector.
    NumericalFailure
        When there is no finite minimum within reach: the Hessian is singular, the loss is not convex here, or the
        iteration walks off (a logistic loss on separable data without an L2 term does).

    Notes
    -----
    A small gradient alone proves no minimum: on separable data it vanishes at infinity. The last Newton step must be
    small as well, which it is only near a minimum.

    Examples
    --------
    The mean minimizes the square loss on a constant input:

    >>> from escapetime.networks.losses import square_loss
    >>> data = Dataset("two", torch.ones(2, 1).double(), torch.tensor([1.0, 4.0]).double(), "example")
    >>> float(minimize(square_loss(), data, torch.zeros(1).double()).parameters)
    2.5
    """
    if start.ndim != 1 or start.dtype != torch.float64:
        raise InvalidInput(f"start must be a float64 vector, got {start.dtype} of shape {tuple(start.shape)}")
    point = start.clone()
    for iteration in range(max_iterations + 1):
        slope, curvature = mean_gradient(loss, point, data), mean_hessian(loss, point, data)
        factor, info = torch.linalg.cholesky_ex(curvature)
        if int(info) or not bool(torch.isfinite(curvature).all()):
            break
        step = torch.cholesky_solve(slope[:, None], factor)[:, 0]
        value, size = float(loss(point, data.inputs, data.targets).mean()), float(slope.norm())
        if size <= gradient_norm and float(step.norm()) <= 1e-6 * (1 + float(point.norm())):
            return Minimum(point, value, size, curvature, iteration)
        length = 1.0
        while length > 1e-10 and float(loss(point - length * step, data.inputs, data.targets).mean()) > value:
            length /= 2
        point = point - length * step
    raise NumericalFailure(
        f"no minimum after {iteration} Newton steps: the gradient norm is {float(slope.norm()):.2g} at distance "
        f"{float((point - start).norm()):.3g} from the start. If a linear classifier separates the data, the loss has "
        "no minimum: add an L2 term (ridge > 0). If the loss is not convex here, start closer to the minimum"
    )
