"""Checks that optimizers share."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

from escapetime.errors import InvalidInput


class NotSupported(InvalidInput, RuntimeError):
    """A combination that an optimizer does not have: torch raises RuntimeError where this project has InvalidInput."""


def number(value: Any, name: str, wanted: str, accepts: Callable[[float], bool]) -> float:
    """Return the number, or say what was wanted in its place."""
    try:
        found = float(value.detach() if isinstance(value, torch.Tensor) else value)
    except (TypeError, ValueError, RuntimeError):  # torch's for tensors of several elements
        found = math.nan
    if isinstance(value, bool) or not accepts(found):
        raise InvalidInput(f"Expected {name} as {wanted}, got {value!r}.")
    return found


def not_negative(value: Any, name: str) -> float:
    """Return the number unless it is negative or not finite."""
    return number(value, name, "a finite number that is not negative", lambda x: 0 <= x < math.inf)


def learning_rate(lr: Any) -> None:
    """Refuse what is no learning rate."""
    if isinstance(lr, torch.Tensor) and lr.numel() != 1:
        raise InvalidInput(f"Expected lr as a number or a tensor of one element, got one of {lr.numel()}.")
    not_negative(lr, "lr")


def dense(gradient: torch.Tensor) -> torch.Tensor:
    """Return the gradient unless it is sparse."""
    if gradient.layout is not torch.strided:
        raise NotSupported("Expected dense gradients, got a sparse one: make the embedding with sparse=False.")
    return gradient
