"""What one step of Adai works on: tensors of one group, on one device and of one type."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import torch

Tensors = list[torch.Tensor]
# A number of Python where that costs nothing; a tensor without dimensions where reading it would make a device wait,
# stop a gradient, or end a graph that is recorded or compiled.
Scalar: TypeAlias = Any


class Batch:
    """Parameters with a gradient, their state in the same order, and the options of their group.

    Parameters
    ----------
    group : dict
        The group.
    tensors : list of lists of torch.Tensor
        Parameters, gradients, ``exp_avg``, ``exp_avg_sq``, ``correction`` and ``step``.
    found_inf : torch.Tensor, optional
        Not zero if the step is to be skipped.
    """

    def __init__(
        self, group: dict[str, Any], tensors: list[Tensors], found_inf: torch.Tensor | None = None
    ) -> None:  # fmt: skip
        self.group, self.tensors, self.found_inf = group, tensors, found_inf
        self.params, self.grads, self.exp_avgs, self.exp_avg_sqs, self.corrections, self.steps = tensors
        lr = group["lr"]
        self.lr = lr.reshape(()) if isinstance(lr, torch.Tensor) else lr
        self.eps, self.weight_decay = group["eps"], group["weight_decay"]
        self.beta0, self.beta2 = (float(beta) for beta in group["betas"])
        self.decoupled, self.dampening, self.maximize = group["decoupled"], group["dampening"], group["maximize"]
        self.capturable, self.differentiable = group["capturable"], group["differentiable"]

    def of_one_kind(self) -> list[Batch]:
        """Return batches of one device and one type, complex numbers as pairs of real ones."""
        kinds: dict[tuple[torch.device, torch.dtype], list[int]] = {}
        for i, p in enumerate(self.params):
            kinds.setdefault((p.device, p.dtype), []).append(i)
        parts = []
        for (_, dtype), index in kinds.items():
            part = self.part(index)
            if dtype.is_complex:
                real = [[torch.view_as_real(t) for t in tensors] for tensors in part.tensors[:-1]]
                part = Batch(self.group, [*real, part.steps])
            parts.append(part)
        return parts

    def part(self, index: list[int]) -> Batch:
        """Return these tensors as a batch."""
        return Batch(self.group, [[tensors[i] for i in index] for tensors in self.tensors], self.found_inf)

    @property
    def device(self) -> torch.device:
        """Where all of it is."""
        return self.params[0].device

    @property
    def dtype(self) -> torch.dtype:
        """The type of all of it but the steps."""
        return self.params[0].dtype

    @property
    def wide(self) -> torch.dtype:
        """The type to compute scalars in: at least single precision."""
        return torch.promote_types(self.dtype, torch.float32)

    @property
    def size(self) -> int:
        """How many numbers the parameters are."""
        return sum(p.numel() for p in self.params)

    @property
    def traced(self) -> bool:
        """Whether the steps have to stay tensors."""
        return self.capturable or self.differentiable or torch.compiler.is_compiling()

    @property
    def plain(self) -> bool:
        """Whether all scalars can be numbers of Python."""
        return self.device.type == "cpu" and not self.traced

    @property
    def power(self) -> float:
        """The exponent of the ratio of a second moment to the mean."""
        return 1 / (3 - 2 * self.dampening)

    @property
    def shrink(self) -> Scalar:
        """What decoupled decay multiplies parameters with; one if there is none."""
        if not self.decoupled or not self.weight_decay:
            return 1.0
        return 1 - (float(self.lr) if self.plain else self.lr) * self.weight_decay

    @property
    def step_size(self) -> Scalar:
        """What the corrected average is multiplied with."""
        lr = float(self.lr) if self.plain else self.lr
        return lr * self.beta0 ** (1 - self.dampening) if self.dampening != 1 else lr

    def count(self) -> list[Scalar]:
        """Count the step, and return the bias correction ``1 - beta2**t`` of each second moment."""
        if not self.traced and self.steps[0].is_cpu:  # else the number one would be made a tensor for each of them
            torch._foreach_add_(self.steps, torch.ones(()), alpha=1.0)
        else:
            torch._foreach_add_(self.steps, 1)
        return self.debias()

    def debias(self) -> list[Scalar]:
        """Return the bias correction of each second moment at the present step."""
        if not self.traced:
            return [1 - self.beta2 ** step.item() for step in self.steps]
        if self.beta2 == 0:
            return [1.0] * len(self.steps)
        times = torch.stack(self.steps).to(self.device, self.wide)
        return list(torch.expm1(times * math.log(self.beta2)).neg().unbind())

    def scales(self, mean: Scalar) -> list[tuple[Scalar, Scalar]]:
        """Return factor and lift for each tensor: ``(v * factor + lift) ** power`` is clipped to one minus inertia."""
        # where the mean cannot be told from zero, so that no ratio can be had, the lift makes it one
        full = self.beta0 ** (3 - 2 * self.dampening)
        least = torch.finfo(self.wide).tiny * max(1.0, full)
        debias = self.debias()
        if self.plain:
            known = {d: _number_scale(float(mean) * d, full, least) for d in set(debias)}
            return [known[d] for d in debias]
        mean = torch.as_tensor(mean, device=self.device, dtype=self.wide)
        if isinstance(debias[0], torch.Tensor):
            factors, lifts = _tensor_scale(mean * torch.stack(debias), full, least)
            return list(zip(factors.unbind(), lifts.unbind(), strict=True))
        known = {d: _tensor_scale(mean * d, full, least) for d in set(debias)}
        return [known[d] for d in debias]


# In both a comparison is false for a mean that is not a number, which is then seen in all parameters.
def _number_scale(mean: float, full: float, least: float) -> tuple[float, float]:
    return (0.0, full) if mean < least else (full / mean, 0.0)


def _tensor_scale(mean: torch.Tensor, full: float, least: float) -> tuple[torch.Tensor, torch.Tensor]:
    vanishes = mean < least
    return torch.where(vanishes, 0.0, full / mean.clamp_min(least)), torch.where(vanishes, full, 0.0)
