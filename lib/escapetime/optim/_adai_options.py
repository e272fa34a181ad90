"""Options of Adai: which are in range, and which exclude one another."""

from __future__ import annotations

from typing import Any

import torch

from escapetime.errors import InvalidInput
from escapetime.optim._options import NotSupported, learning_rate, not_negative, number


def check(group: dict[str, Any]) -> None:
    """Refuse a group whose options cannot be used."""
    learning_rate(group["lr"])
    try:
        beta0, beta2 = group["betas"]
    except (TypeError, ValueError):
        raise InvalidInput(f"Expected betas as two numbers, got {group['betas']!r}.") from None
    not_negative(beta0, "betas[0]")
    number(beta2, "betas[1]", "a number from 0 to below 1", lambda x: 0 <= x < 1)
    number(group["eps"], "eps", "a number above 0 and up to 1", lambda x: 0 < x <= 1)
    not_negative(group["weight_decay"], "weight_decay")
    number(group["dampening"], "dampening", "a number from 0 to 1", lambda x: 0 <= x <= 1)
    if group["foreach"] and isinstance(group["lr"], torch.Tensor) and not group["capturable"]:
        raise NotSupported("lr as a Tensor is not supported for capturable=False and foreach=True")
    if group["fused"] and group["foreach"]:
        raise NotSupported("`fused` and `foreach` cannot be `True` together.")
    for one, other in (("fused", "differentiable"), ("foreach", "differentiable"), ("fused", "capturable")):
        if group[one] and group[other]:
            raise NotSupported(f"`{one}` does not support `{other}`")
