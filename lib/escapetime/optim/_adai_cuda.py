"""Adai on a CUDA device: one launch for each of the two passes, over all tensors of a batch."""

from __future__ import annotations

import functools
import math
from typing import Any

import torch

from escapetime.optim._adai_batch import Batch, Scalar, Tensors
from escapetime.optim._adai_memory import Copies, flat, put_back

BLOCK = 1024


@torch.compiler.disable
def gather(batch: Batch) -> Scalar:
    """Update the second moments; return the sum of the corrected ones."""
    from escapetime.optim._adai_triton import second_moments

    torch._foreach_add_(batch.steps, 1 if batch.found_inf is None else 1 - batch.found_inf)
    rows, copies = _rows(batch)
    owners, starts, lengths = _blocks(tuple(p.numel() for p in batch.params), batch.device)
    sums = torch.zeros(len(owners), dtype=torch.float64, device=batch.device)
    if len(owners):
        second_moments[(len(owners),)](
            sums, _addresses(batch, rows), owners, starts, lengths, _numbers(batch), _skip(batch),
            DECAY=_coupled(batch), **_types(batch),
        )  # fmt: skip
    put_back(copies)
    return sums.sum()


@torch.compiler.disable
def move(batch: Batch, mean: Scalar) -> None:
    """Update the averages, their weights and the parameters."""
    from escapetime.optim._adai_triton import averages

    rows, copies = _rows(batch)
    owners, starts, lengths = _blocks(tuple(p.numel() for p in batch.params), batch.device)
    if len(owners):
        averages[(len(owners),)](
            torch.as_tensor(mean, dtype=torch.float64, device=batch.device), _addresses(batch, rows), owners,
            starts, lengths, _numbers(batch), _skip(batch), DECAY=_coupled(batch), DAMPED=batch.dampening != 1,
            **_types(batch),
        )  # fmt: skip
    put_back(copies)


def _rows(batch: Batch) -> tuple[list[Tensors], Copies]:
    return flat(4, batch.params, batch.exp_avgs, batch.corrections, batch.exp_avg_sqs, batch.grads)


def _addresses(batch: Batch, rows: list[Tensors]) -> torch.Tensor:
    table = (t.data_ptr() for row, step in zip(rows, batch.steps, strict=True) for t in (*row, step))
    return _sent(tuple(table), torch.int64, batch.device)


def _numbers(batch: Batch) -> torch.Tensor:
    coupled, wide = _coupled(batch), torch.finfo(batch.wide)
    full = batch.beta0 ** (3 - 2 * batch.dampening)
    values = (
        -1.0 if batch.maximize else 1.0, batch.weight_decay if coupled else 0.0, batch.beta2, 1 - batch.beta2,
        math.log(batch.beta2) if batch.beta2 else -math.inf, full, wide.tiny * max(1.0, full), batch.eps,
        float(batch.step_size), float(batch.shrink), batch.power, batch.dampening,
    )  # fmt: skip
    return _sent(tuple(map(float, values)), torch.float64, batch.device)


def _coupled(batch: Batch) -> bool:
    return bool(batch.weight_decay) and not batch.decoupled


def _skip(batch: Batch) -> torch.Tensor:
    return _sent((0.0,), torch.float32, batch.device) if batch.found_inf is None else batch.found_inf


def _types(batch: Batch) -> dict[str, Any]:
    import triton.language as tl

    names = {
        torch.float64: tl.float64,
        torch.float32: tl.float32,
        torch.float16: tl.float16,
        torch.bfloat16: tl.bfloat16,
    }
    return {"REAL": names[batch.dtype], "WIDE": names[batch.wide], "BLOCK": BLOCK}


@functools.lru_cache(16)
def _blocks(lengths: tuple[int, ...], device: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the owner and the start of each block, and the length of each tensor."""
    counts = [-(-n // BLOCK) for n in lengths]
    owners = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(counts, dtype=torch.int64))
    starts = torch.cat([torch.arange(n) * BLOCK for n in counts])
    return owners.to(device), starts.to(device), torch.tensor(lengths, dtype=torch.int64, device=device)


@functools.lru_cache(64)
def _sent(values: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """Return a tensor on the device: what has not changed since it was sent is not sent again."""
    return torch.tensor(values, dtype=dtype, device=device)
