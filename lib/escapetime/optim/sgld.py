"""Stochastic gradient Langevin dynamics as a torch optimizer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

from escapetime.errors import InvalidInput
from escapetime.optim._options import dense, learning_rate, not_negative

GENERATORS = "generators"


class SGLD(torch.optim.Optimizer):
    r"""Gradient descent with injected white noise: :math:`\theta' = \theta - \eta g + \sqrt{2\eta T}\;\xi`.

    Every component of :math:`\xi` is an independent standard normal, fresh in each step. Parameters without a gradient
    are left alone, and draw nothing.

    Parameters
    ----------
    params : iterable
        Parameters, named parameters or dictionaries of parameter groups, as for every torch optimizer.
    lr : float
        Learning rate :math:`\eta`, parameter**2 / loss; may be a tensor of one element.
    temperature : float
        ``T``, in units of the loss. Zero is plain gradient descent.
    weight_decay : float
        Added to the gradient times the parameter, as in ``torch.optim.SGD``: a term of the loss, so that the noise
        samples the loss with it.
    maximize : bool
        Ascend instead of descend; the noise is the same.
    foreach : bool, optional
        Whether to update all parameters of a group together. By default where they are on a GPU. Draws the same numbers
        either way.
    seed : int, optional
        Seed of the noise. The optimizer then owns one generator a device, and ``state_dict`` holds their states, so
        that a run continues after loading as if it had not stopped. By default torch's global generator draws.
    generator : torch.Generator, optional
        Draws instead; not together with ``seed``. Its state is the caller's to save.

    Raises
    ------
    InvalidInput
        If a number is negative or not finite, or both ``seed`` and ``generator`` are given.

    Notes
    -----
    With the full gradient and small :math:`\eta` the stationary density is close to :math:`e^{-L/T}`; on a quadratic
    of curvature ``h`` the stationary variance is exactly :math:`T / (h (1 - \eta h / 2))`. To sample the posterior of a
    model on ``N`` samples from the mean loss of a batch, take ``T = 1 / N``. Welling and Teh 2011 (``welling2011``),
    with a constant learning rate. Not differentiable, not capturable.

    Examples
    --------
    >>> weight = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
    >>> optimizer = SGLD([weight], lr=0.1, temperature=0.0)
    >>> loss = ((weight - 1.0) ** 2).sum() / 2
    >>> loss.backward()
    >>> optimizer.step()
    >>> weight.tolist()
    [0.1, 0.1]
    """

    def __init__(
        self, params: Any, lr: float | torch.Tensor, temperature: float, *, weight_decay: float = 0.0,
        maximize: bool = False, foreach: bool | None = None, seed: int | None = None,
        generator: torch.Generator | None = None,
    ) -> None:  # fmt: skip
        if seed is not None and generator is not None:
            raise InvalidInput("Expected a seed or a generator, got both: a generator carries its own seed.")
        self.seed, self.generator = seed, generator
        self._own: dict[str, torch.Generator] = {}
        defaults = {
            "lr": lr, "temperature": temperature, "weight_decay": weight_decay, "maximize": maximize,
            "foreach": foreach,
        }  # fmt: skip
        super().__init__(params, defaults)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters with options of its own.

        Parameters
        ----------
        param_group : dict
            ``params``, and whichever options are to differ from the defaults.

        Raises
        ------
        InvalidInput
            If a number is negative or not finite.
        """  # noqa: DOC502 - raised by what it calls
        learning_rate(param_group.get("lr", self.defaults["lr"]))
        for name in ("temperature", "weight_decay"):
            not_negative(param_group.get(name, self.defaults[name]), name)
        super().add_param_group(param_group)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Fill in options that an older state does not have."""
        super().__setstate__(state)
        for group in self.param_groups:
            for name in ("weight_decay", "maximize", "foreach"):
                group.setdefault(name, self.defaults[name])

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take one step.

        Parameters
        ----------
        closure : callable, optional
            Evaluates the model again and returns the loss.

        Returns
        -------
        float or tensor or None
            What the closure returns.

        Raises
        ------
        InvalidInput
            If a gradient is sparse or a parameter is complex.
        """  # noqa: DOC502 - raised by what it calls
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            moved = [p for p in group["params"] if p.grad is not None]
            if moved:
                self._move(moved, group)
        return loss

    def _move(self, params: list[torch.Tensor], group: dict[str, Any]) -> None:
        for p in params:
            _require_plain(p)
        gradients = [p.grad for p in params if p.grad is not None]
        lr, heat = float(group["lr"]), float(group["temperature"])
        if group["maximize"]:
            gradients = list(torch._foreach_neg(gradients))
        if group["weight_decay"]:
            gradients = list(torch._foreach_add(gradients, params, alpha=group["weight_decay"]))
        size = math.sqrt(2 * lr * heat)
        noise = [self._draw(p) for p in params] if size else []
        foreach = group["foreach"] if group["foreach"] is not None else all(p.is_cuda for p in params)
        if foreach:
            torch._foreach_add_(params, gradients, alpha=-lr)
            if noise:
                torch._foreach_add_(params, noise, alpha=size)
            return
        for i, p in enumerate(params):
            p.add_(gradients[i], alpha=-lr)
            if noise:
                p.add_(noise[i], alpha=size)

    def _draw(self, p: torch.Tensor) -> torch.Tensor:
        source = self.generator
        if self.seed is not None:
            source = self._own_generator(str(p.device))
        return torch.randn(p.shape, dtype=p.dtype, device=p.device, generator=source)

    def _own_generator(self, device: str) -> torch.Generator:
        if device not in self._own:
            self._own[device] = torch.Generator(device).manual_seed(self.seed)
        return self._own[device]

    def state_dict(self) -> dict[str, Any]:
        """Return the state: options of the groups, and with ``seed`` where each generator is.

        Returns
        -------
        dict
            With ``state``, ``param_groups`` and, where the optimizer owns generators, ``generators``.
        """
        found = super().state_dict()
        if self.seed is not None:
            found[GENERATORS] = {device: g.get_state() for device, g in self._own.items()}
        return found

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Load a state, the generators' states with it if this optimizer was made with a seed.

        Parameters
        ----------
        state_dict : dict
            From :meth:`state_dict`.
        """
        super().load_state_dict({k: v for k, v in state_dict.items() if k != GENERATORS})
        if self.seed is not None:
            self._own.clear()
            for device, state in state_dict.get(GENERATORS, {}).items():
                self._own_generator(device).set_state(state.cpu())


def _require_plain(p: torch.Tensor) -> None:
    if p.grad is not None:
        dense(p.grad)
    if torch.is_complex(p):
        raise InvalidInput(f"Expected real parameters, got {p.dtype}: optimize torch.view_as_real(parameter).")
