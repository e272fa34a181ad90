"""Adai on the CPU by compiled kernels: tensors as flat memory, cut into pieces that threads share."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch

from escapetime.optim._adai_batch import Batch, Scalar, Tensors
from escapetime.optim._adai_memory import Copies, flat, put_back

PIECE = 1 << 18  # elements that are added up at a time, by any number of threads: sums do not depend on it
WORTH_A_THREAD = 1 << 17


@torch.compiler.disable
def gather(batch: Batch) -> Scalar:
    """Update the second moments; return the sum of the corrected ones."""
    from escapetime.optim._adai_kernels import second_moments

    debias, sign, decay = batch.count(), *_signs(batch)
    arrays, copies = _arrays(1, batch.exp_avg_sqs, batch.grads, batch.params)

    def work(i: int, piece: slice) -> float:
        v, g, p = (a[piece] for a in arrays[i])
        return second_moments(v, g, p, batch.beta2, sign, decay) / debias[i]

    total = math.fsum(_shared(work, batch))
    put_back(copies)
    return total


@torch.compiler.disable
def move(batch: Batch, mean: Scalar) -> None:
    """Update the averages, their weights and the parameters."""
    from escapetime.optim._adai_kernels import averages

    sign, decay = _signs(batch)
    scales, size = batch.scales(mean), float(batch.step_size)
    half = True if batch.dampening == 0.5 else None
    dampening = None if batch.dampening in (0.5, 1) else float(batch.dampening)
    arrays, copies = _arrays(3, batch.params, batch.exp_avgs, batch.corrections, batch.grads, batch.exp_avg_sqs)

    def work(i: int, piece: slice) -> None:
        factor, lift = scales[i]
        averages(
            *(a[piece] for a in arrays[i]), factor, lift, batch.eps, size, batch.shrink, sign, decay, half, dampening
        )

    _shared(work, batch)
    put_back(copies)


def _signs(batch: Batch) -> tuple[float, float | None]:
    decay = float(batch.weight_decay) if batch.weight_decay and not batch.decoupled else None
    return (-1.0 if batch.maximize else 1.0), decay


def _arrays(changed: int, *lists: Tensors) -> tuple[list[list[Any]], Copies]:
    rows, copies = flat(changed, *lists)
    return [[t.numpy() for t in row] for row in rows], copies


def _shared(work: Callable[[int, slice], Any], batch: Batch) -> list[Any]:
    """Return what the work on each piece returns, in order."""
    pieces = [
        (i, slice(start, start + PIECE)) for i, p in enumerate(batch.params) for start in range(0, p.numel(), PIECE)
    ]
    threads = max(1, min(torch.get_num_threads(), batch.size // WORTH_A_THREAD, len(pieces)))
    if threads == 1:
        return [work(*piece) for piece in pieces]
    found: list[Any] = [None] * len(pieces)
    queue = iter(range(len(pieces)))  # taking the next of a range is one instruction of the interpreter

    def job() -> None:
        for k in queue:
            found[k] = work(*pieces[k])

    helpers = [_pool(os.getpid(), threads - 1).submit(job) for _ in range(threads - 1)]
    job()
    for helper in helpers:
        helper.result()
    return found


@functools.lru_cache(1)
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    """Return a pool of this process: threads do not survive a fork."""
    return ThreadPoolExecutor(threads, "adai")
