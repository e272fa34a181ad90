"""Per-sample losses as plain torch functions of a parameter vector, with an optional L2 term."""

import math
from collections.abc import Callable

import torch

from escapetime.errors import InvalidInput

Loss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""``loss(parameters, inputs, targets)``, one loss per sample, differentiable in the parameters."""


def logistic_loss(ridge: float = 0.0) -> Loss:
    r"""Return the negative log-likelihood of logistic regression, plus an L2 term in every sample.

    :math:`\ell = \log(1 + e^{-m}) + \frac{\lambda}{2} \lVert\theta\rVert^2` with the margin
    :math:`m = (2y - 1)\, x \cdot \theta` of a sample with label y in {0, 1}.

    Parameters
    ----------
    ridge : float
        Coefficient of the L2 term, not negative, loss / parameter**2. It applies to the intercept too.

    Returns
    -------
    callable
        ``loss(parameters (d,), inputs (n, d), targets (n,))`` of shape (n,), in nats.

    Examples
    --------
    >>> zero, x, y = torch.zeros(1), torch.tensor([[2.0]]), torch.tensor([1.0])
    >>> round(float(logistic_loss()(zero, x, y)), 6) == round(math.log(2), 6)
    True
    """
    _require_ridge(ridge)

    def loss(parameters: torch.Tensor, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        margins = (2 * targets - 1) * (inputs @ parameters)
        return _l2(parameters, ridge) - torch.nn.functional.logsigmoid(margins)

    return loss


def square_loss(ridge: float = 0.0) -> Loss:
    r"""Return half the squared residual of linear regression, plus an L2 term in every sample.

    :math:`\ell = \frac12 (x \cdot \theta - y)^2 + \frac{\lambda}{2} \lVert\theta\rVert^2`.

    Parameters
    ----------
    ridge : float
        Coefficient of the L2 term, not negative, loss / parameter**2.

    Returns
    -------
    callable
        ``loss(parameters (d,), inputs (n, d), targets (n,))`` of shape (n,), in units of target**2.

    Examples
    --------
    >>> float(square_loss()(torch.ones(1), torch.tensor([[2.0]]), torch.tensor([5.0])))
    4.5
    """
    _require_ridge(ridge)

    def loss(parameters: torch.Tensor, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return (inputs @ parameters - targets) ** 2 / 2 + _l2(parameters, ridge)

    return loss


def _l2(parameters: torch.Tensor, ridge: float) -> torch.Tensor:
    return ridge / 2 * (parameters**2).sum()


def _require_ridge(ridge: float) -> None:
    if not (math.isfinite(ridge) and ridge >= 0):
        raise InvalidInput(f"ridge must be zero or a positive number, got {ridge}")
