"""Adai and AdaiW as torch optimizers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from escapetime.optim import _adai_foreach, _adai_loop
from escapetime.optim._adai_batch import Batch, Tensors
from escapetime.optim._adai_options import check
from escapetime.optim._options import NotSupported, dense

OPTIONS = ("weight_decay", "decoupled", "dampening", "maximize", "foreach", "fused", "capturable", "differentiable")


class Adai(torch.optim.Optimizer):
    r"""Gradient descent whose inertia is high where squared gradients are below the mean of all.

    Element by element, with :math:`v`, :math:`m` and :math:`Q = 1 - \prod\mu` from zero:

    .. math::
        v' &= \beta_2 v + (1-\beta_2) g^2 \\
        \hat v &= \frac{v'}{1-\beta_2^t}, \qquad \bar v = \frac1d \sum \hat v \\
        1 - \mu &= \mathrm{clip}\Big(\beta_0 (\hat v/\bar v)^{1/(3-2\delta)}, \epsilon, 1\Big) \\
        m' &= \mu m + (1-\mu)^{\delta} g \\
        Q' &= \mu Q + (1-\mu) \\
        \theta' &= \theta - \eta \beta_0^{1-\delta}\, m' / Q'

    The mean :math:`\bar v` is one number: over all elements of all parameters of all groups that have a gradient in
    this step. The dampening :math:`\delta` is 1 unless asked otherwise.

    Parameters
    ----------
    params : iterable
        Parameters, named parameters or dictionaries of parameter groups, as for every torch optimizer.
    lr : float
        Learning rate :math:`\eta`, parameter**2 / loss; may be a tensor of one element.
    betas : tuple of float
        :math:`\beta_0`, which sets the mean of :math:`1 - \mu` and may differ between groups, not negative; and
        :math:`\beta_2`, memory of squared gradients, from 0 to below 1.
    eps : float
        One minus the largest inertia, above 0 and up to 1. It guards no denominator.
    weight_decay : float
        :math:`\lambda`. Unless ``decoupled``, :math:`g + \lambda\theta` takes the place of ``g`` everywhere.
    decoupled : bool
        Multiply parameters with :math:`1 - \eta\lambda` instead, and leave the gradient alone: AdaiW.
    dampening : float
        :math:`\delta`, from 0 to 1.
    maximize : bool
        Ascend instead of descend.
    foreach : bool, optional
        Whether to update many tensors at a time. By default where all of them are on a CUDA device.
    fused : bool, optional
        Whether to update with compiled kernels: numba on the CPU (float32 and float64), Triton on CUDA devices. By
        default not. A first step compiles them, unless they are in the cache of numba or Triton. Gradients that
        ``torch.amp.GradScaler`` has scaled are unscaled where they are.
    capturable : bool
        Keep step counts on the device, so that a CUDA graph can hold the step. Not together with ``fused``.
    differentiable : bool
        Let gradients pass through the step, to the parameters before it, their gradients and ``lr``.

    Raises
    ------
    InvalidInput
        If a number is out of range, or options exclude one another.

    Notes
    -----
    Xie et al. 2022 (``xie2022``), algorithm as transcribed here; ``dampening`` below 1 is its generalized form.

    Where it is not Adam: squared gradients set the inertia, not the length of a step, so that the learning rate is that
    of SGD, and with dampening 1 the first step is SGD's. The mean couples all parameters: one gradient that is not a
    number spoils every parameter, and where a training shards parameters between processes the mean is that of the
    shard. Schedules that cycle momentum take ``betas[0]`` for it: give ``OneCycleLR`` and ``CyclicLR``
    ``cycle_momentum=False``.

    Only ratios of squared gradients enter, so that inertia does not depend on the scale of the loss. If the mean is
    below the smallest normal number of the type, no ratio can be had, and it is taken as one, its value for equal
    gradients however small: all inertia is then :math:`1 - \beta_0`.

    State: three tensors for each parameter, of its type, where Adam has two: ``exp_avg`` is :math:`m`, ``exp_avg_sq``
    is :math:`v` and ``correction`` is :math:`Q`. The last cannot be had from the number of steps, because each element
    has inertias of its own. It is kept in place of their product, from which it is one minus, for then an inertia near
    one loses no digits. ``step`` counts by parameter, from its first gradient. An average with an inertia of 0.999
    moves by a thousandth, which bfloat16 does not resolve: keep such parameters in float32.

    Each step reads gradients and second moments twice, for the mean has to be known before anything moves. Fused, it
    passes 11 times over memory of the parameters' size, where fused Adam does 7 times. The kernels for CUDA devices
    are tested in Triton's interpreter, and have not been run on a card.

    Real and imaginary parts of complex parameters are parameters of their own.

    Examples
    --------
    >>> weight = torch.nn.Parameter(torch.tensor([1.0, 1.0], dtype=torch.float64))
    >>> optimizer = Adai([weight], lr=0.25)
    >>> (weight[0] ** 2 + weight[1] ** 2 / 8).backward()
    >>> optimizer.step()
    >>> weight.tolist()
    [0.5, 0.9375]
    """

    def __init__(
        self, params: Any, lr: float | torch.Tensor, betas: tuple[float, float] = (0.1, 0.99), eps: float = 1e-3,
        weight_decay: float = 0.0, decoupled: bool = False, dampening: float = 1.0, *, maximize: bool = False,
        foreach: bool | None = None, fused: bool | None = None, capturable: bool = False,
        differentiable: bool = False,
    ) -> None:  # fmt: skip
        defaults = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "decoupled": decoupled,
            "dampening": dampening, "maximize": maximize, "foreach": foreach, "fused": fused,
            "capturable": capturable, "differentiable": differentiable,
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
            If a number is out of range, or options exclude one another.
        """  # noqa: DOC502 - raised by what it calls
        check({**self.defaults, **param_group})
        super().add_param_group(param_group)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Fill in options that an older state does not have, and make tensors of step counts."""
        super().__setstate__(state)
        for group in self.param_groups:
            for name in OPTIONS:
                group.setdefault(name, self.defaults[name])
            for p in group["params"]:
                own = self.state.get(p, {})
                if own and not isinstance(own["step"], torch.Tensor):
                    own["step"] = torch.full_like(_first_step(p, group), float(own["step"]))

    @property
    def _step_supports_amp_scaling(self) -> bool:
        """Whether ``torch.amp.GradScaler`` leaves to the step to unscale gradients and to skip."""
        return all(group["fused"] for group in self.param_groups)

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
            If a gradient is sparse, or ``fused`` is asked for where there is no kernel.
        """  # noqa: DOC502 - raised by what it calls
        _refuse_graphs(self.param_groups)
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.set_grad_enabled(self.defaults["differentiable"]):
            self._step()
        return loss

    def _step(self) -> None:
        batches = []
        for group in self.param_groups:
            lists: list[Any] = [[] for _ in range(6)]
            self._init_group(group, *lists)
            if lists[0]:
                batches += Batch(group, lists).of_one_kind()
        scale, found_inf = getattr(self, "grad_scale", None), getattr(self, "found_inf", None)
        if scale is not None or found_inf is not None:  # only where all groups are fused
            from escapetime.optim._adai_fused import unscale

            batches = unscale(batches, scale, found_inf)
        size = sum(batch.size for batch in batches)
        if not size:
            return
        forms = [_form(batch) for batch in batches]
        total: Any = 0.0
        for form, batch in zip(forms, batches, strict=True):
            part = form.gather(batch)
            total = total + (part.to(total.device) if isinstance(total, torch.Tensor) else part)
        for form, batch in zip(forms, batches, strict=True):
            form.move(batch, total / size)

    def _init_group(
        self, group: dict[str, Any], params: Tensors, grads: Tensors, exp_avgs: Tensors, exp_avg_sqs: Tensors,
        corrections: Tensors, steps: Tensors,
    ) -> None:  # fmt: skip
        """Fill the lists; so named and so called, ``torch.compile`` runs it and does not trace it."""
        for p in group["params"]:
            if p.grad is None:
                continue
            gradient = dense(p.grad)
            state = self.state[p]
            if not state:
                state["step"] = _first_step(p, group)
                for name in ("exp_avg", "exp_avg_sq", "correction"):
                    state[name] = torch.zeros_like(p, memory_format=torch.preserve_format)
            params.append(p)
            grads.append(gradient)
            exp_avgs.append(state["exp_avg"])
            exp_avg_sqs.append(state["exp_avg_sq"])
            corrections.append(state["correction"])
            steps.append(state["step"])


class AdaiW(Adai):
    """Adai with decoupled weight decay: ``Adai(..., decoupled=True)``, in all groups.

    Parameters
    ----------
    params, lr, betas, eps, weight_decay, dampening, maximize, foreach, fused, capturable, differentiable
        As for :class:`Adai`.

    Notes
    -----
    Xie et al. 2022 (``xie2022``), as transcribed here.

    Examples
    --------
    >>> weight = torch.nn.Parameter(torch.tensor([1.0], dtype=torch.float64))
    >>> weight.grad = torch.tensor([0.5], dtype=torch.float64)
    >>> AdaiW([weight], lr=0.5, weight_decay=0.25).step()
    >>> weight.item()
    0.625
    """

    def __init__(
        self, params: Any, lr: float | torch.Tensor, betas: tuple[float, float] = (0.1, 0.99), eps: float = 1e-3,
        weight_decay: float = 0.0, dampening: float = 1.0, *, maximize: bool = False, foreach: bool | None = None,
        fused: bool | None = None, capturable: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr, betas, eps, weight_decay, True, dampening, maximize=maximize, foreach=foreach, fused=fused,
            capturable=capturable, differentiable=differentiable,
        )  # fmt: skip

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Load the state of either class."""
        super().__setstate__(state)
        for group in self.param_groups:
            group["decoupled"] = True


def _first_step(p: torch.Tensor, group: dict[str, Any]) -> torch.Tensor:
    # elsewhere on the host, where reading it costs nothing
    return torch.zeros((), dtype=torch.float32, device=p.device if group["capturable"] or group["fused"] else "cpu")


def _form(batch: Batch) -> Any:
    if batch.group["fused"]:
        from escapetime.optim import _adai_fused

        return _adai_fused.form(batch)
    foreach = batch.group["foreach"]
    if foreach is None and batch.group["fused"] is None:
        plain = all(type(p) in (torch.Tensor, torch.nn.Parameter) and p.is_cuda for p in batch.params)
        foreach = plain and not batch.differentiable and (batch.capturable or not isinstance(batch.lr, torch.Tensor))
    return _adai_foreach if foreach else _adai_loop


def _refuse_graphs(groups: list[dict[str, Any]]) -> None:
    if torch.compiler.is_compiling() or not torch.cuda.is_available() or not torch.cuda.is_current_stream_capturing():
        return
    if not all(group["capturable"] for group in groups):
        raise NotSupported("Expected capturable=True in every group while a CUDA graph is captured, got False.")
