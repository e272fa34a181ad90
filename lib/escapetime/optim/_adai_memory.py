"""Tensors as flat memory, for kernels."""

from __future__ import annotations

import torch

from escapetime.optim._adai_batch import Tensors

Copies = list[tuple[torch.Tensor, torch.Tensor]]


def flat(changed: int, *lists: Tensors) -> tuple[list[Tensors], Copies]:
    """Return tensors of one dimension, in lists by parameter; and which are copies, of the first ``changed`` lists."""
    rows, copies = [], []
    for tensors in zip(*lists, strict=True):
        # memory in any order will do if it has no gaps, and if a parameter and its state have the same order
        order, row = _order(tensors[0]), []
        for k, t in enumerate(tensors):
            seen = t.detach().permute(order)
            whole = seen.contiguous()
            if k < changed and whole.data_ptr() != seen.data_ptr():
                copies.append((seen, whole))
            row.append(whole.view(-1))
        rows.append(row)
    return rows, copies


def put_back(copies: Copies) -> None:
    """Write what was changed in a copy to where it was copied from."""
    for place, value in copies:
        place.copy_(value)


def _order(t: torch.Tensor) -> list[int]:
    """Return the axes from the one with the longest strides to the one with the shortest."""
    axes = list(range(t.dim()))
    return axes if t.is_contiguous() else sorted(axes, key=lambda axis: -t.stride(axis))
