"""Any torch module as a per-sample loss of one flat parameter vector, which is what the rest of the package takes."""

from collections.abc import Callable

import torch
from torch.func import functional_call

from escapetime.errors import InvalidInput
from escapetime.networks.losses import Loss


def module_loss(
    module: torch.nn.Module, criterion: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], *, ridge: float = 0.0
) -> tuple[Loss, torch.Tensor]:
    r"""Return a module's per-sample loss, and its parameters as one vector.

    Parameters
    ----------
    module : torch.nn.Module
        Maps inputs (n, ...) to outputs (n, ...), each sample by itself. It is not changed.
    criterion : callable
        ``criterion(outputs, targets)``, one loss per sample, shape (n,): torch's losses with ``reduction="none"``.
    ridge : float
        Coefficient :math:`\lambda` of an L2 term :math:`\frac\lambda2\lVert\theta\rVert^2` in every sample,
        loss / parameter**2.

    Returns
    -------
    loss : callable
        See :mod:`escapetime.networks`; ready for `torch.func`.
    parameters : torch.Tensor, shape (d,)
        A copy of the module's parameters in the order of ``named_parameters()``, float64.

    Raises
    ------
    InvalidInput
        When the module has no parameters, or is in training mode with layers that then make the loss of a sample
        random (dropout) or dependent on the rest of its batch (batch normalization).

    Examples
    --------
    >>> layer = torch.nn.Linear(2, 1, bias=False)
    >>> loss, parameters = module_loss(layer, lambda out, y: (out[:, 0] - y) ** 2 / 2)
    >>> x, y = torch.tensor([[1.0, 2.0]]).double(), torch.tensor([1.0]).double()
    >>> loss(torch.tensor([1.0, 1.0]).double(), x, y)
    tensor([2.], dtype=torch.float64)
    """
    for part in module.modules():
        mixes = isinstance(part, torch.nn.modules.batchnorm._BatchNorm | torch.nn.modules.dropout._DropoutNd)
        if mixes and part.training:
            raise InvalidInput(
                f"{type(part).__name__} in training mode gives a sample no loss of its own: call module.eval() first"
            )
    named = {name: value.detach().double().clone() for name, value in module.named_parameters()}
    if not named:
        raise InvalidInput(f"{type(module).__name__} has no parameters")
    buffers = {
        name: value.double() if value.is_floating_point() else value.clone() for name, value in module.named_buffers()
    }
    sizes = [value.numel() for value in named.values()]

    def loss(parameters: torch.Tensor, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        parts = zip(named.items(), torch.split(parameters, sizes), strict=True)
        weights = {name: part.view(value.shape) for (name, value), part in parts}
        value = criterion(functional_call(module, {**weights, **buffers}, (inputs,)), targets)
        return value + ridge / 2 * (parameters**2).sum()

    return loss, torch.cat([value.flatten() for value in named.values()])
