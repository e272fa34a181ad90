"""Adai, many tensors at a time."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from escapetime.optim._adai_batch import Batch, Scalar, Tensors

# On a CPU a pass over all tensors would push out of the cache what the next pass needs: so many for each thread stay.
CACHED = 1 << 18


def gather(batch: Batch) -> Scalar:
    """Update the second moments; return the sum of the corrected ones."""
    debias, sums, owners = batch.count(), [], []
    for bunch, index in _bunches(batch):
        squares, g = bunch.exp_avg_sqs, _gradients(bunch)
        torch._foreach_mul_(squares, batch.beta2)
        torch._foreach_addcmul_(squares, g, g, 1 - batch.beta2)
        owners += index
        if batch.device.type == "cpu":
            sums += [v.sum(dtype=batch.wide) for v in squares]
        else:  # in one launch
            sums += torch._foreach_norm(squares, 1, dtype=batch.wide)
    corrections = [debias[i] for i in owners]
    if batch.plain:
        return sum(s.item() / d for s, d in zip(sums, corrections, strict=True))
    torch._foreach_div_(sums, corrections)
    return torch.stack(sums).sum()


def move(batch: Batch, mean: Scalar) -> None:
    """Update the averages, their weights and the parameters."""
    scales = batch.scales(mean)
    for bunch, index in _bunches(batch):
        _move(bunch, [scales[i] for i in index])


def _move(batch: Batch, scales: list[tuple[Scalar, Scalar]]) -> None:
    w, p, m, q = _weights(batch, scales), batch.params, batch.exp_avgs, batch.corrections
    torch._foreach_addcmul_(q, q, w, -1)
    torch._foreach_add_(q, w)
    if batch.dampening == 1:
        torch._foreach_lerp_(m, _gradients(batch), w)
    else:
        torch._foreach_addcmul_(m, m, w, -1)
        torch._foreach_pow_(w, batch.dampening)
        torch._foreach_addcmul_(m, _gradients(batch), w, 1)
    if batch.decoupled and batch.weight_decay:
        torch._foreach_mul_(p, _near(batch, batch.shrink))
    size = _near(batch, batch.step_size)
    if isinstance(size, torch.Tensor):
        change = torch._foreach_div(m, q)
        torch._foreach_mul_(change, size)
        torch._foreach_sub_(p, change)
    else:
        torch._foreach_addcdiv_(p, m, q, -size)


def _near(batch: Batch, scalar: Scalar) -> Scalar:
    return scalar.to(batch.device) if isinstance(scalar, torch.Tensor) else scalar


def _weights(batch: Batch, scales: list[tuple[Scalar, Scalar]]) -> Tensors:
    factors, lifts = [s[0] for s in scales], [s[1] for s in scales]
    v = batch.exp_avg_sqs
    if batch.plain:
        w = torch._foreach_mul(v, factors)
        if any(lifts):
            torch._foreach_add_(w, lifts)
    else:
        v = [x.to(batch.wide) for x in v]
        same = not batch.traced and all(f is factors[0] for f in factors)  # one scalar for all is one launch for all
        w = torch._foreach_mul(v, factors[0] if same else factors)
        torch._foreach_add_(w, lifts[0] if same else lifts)
    if batch.dampening != 1:
        torch._foreach_pow_(w, batch.power)
    torch._foreach_clamp_min_(w, batch.eps)
    torch._foreach_clamp_max_(w, 1.0)
    return [x.to(batch.dtype) for x in w]


def _gradients(batch: Batch) -> Tensors:
    """Return what the optimizer takes for the gradients, never in the place of the gradients."""
    g = list(torch._foreach_neg(batch.grads)) if batch.maximize else batch.grads
    if batch.weight_decay and not batch.decoupled:
        return list(torch._foreach_add(g, batch.params, alpha=batch.weight_decay))
    return g


def _bunches(batch: Batch) -> Iterator[tuple[Batch, list[int]]]:
    """Yield parts that are worked through one after another, and to which tensor each of theirs belongs."""
    if batch.device.type != "cpu" or torch.compiler.is_compiling():
        yield batch, list(range(len(batch.params)))
        return
    index: list[int] = []
    filled, cached = 0, CACHED * torch.get_num_threads()
    for i, p in enumerate(batch.params):
        if p.numel() > 2 * cached and all(tensors[i].is_contiguous() for tensors in batch.tensors):
            cuts = [tensors[i].view(-1).split(cached) for tensors in batch.tensors[:-1]]
            for pieces in zip(*cuts, strict=True):
                yield Batch(batch.group, [*([piece] for piece in pieces), [batch.steps[i]]]), [i]
            continue
        if index and filled + p.numel() > cached:
            yield batch.part(index), index
            index, filled = [], 0
        index.append(i)
        filled += p.numel()
    if index:
        yield batch.part(index), index
