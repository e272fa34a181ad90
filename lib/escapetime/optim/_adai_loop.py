"""Adai, one tensor after another: the form to read, and the one that a gradient can be taken through."""

from __future__ import annotations

import torch

from escapetime.optim._adai_batch import Batch, Scalar


def gather(batch: Batch) -> Scalar:
    """Update the second moments; return the sum of the corrected ones."""
    total: Scalar = 0.0
    for i, debias in enumerate(batch.count()):
        g, v = gradient(batch, i), batch.exp_avg_sqs[i]
        v.mul_(batch.beta2).addcmul_(g, g, value=1 - batch.beta2)
        part = v.sum(dtype=batch.wide)
        total = total + (part.item() if batch.plain else part) / debias
    return total


def move(batch: Batch, mean: Scalar) -> None:
    """Update the averages, their weights and the parameters."""
    for i, scale in enumerate(batch.scales(mean)):
        (_differentiably if batch.differentiable else _in_place)(batch, i, *scale)


def gradient(batch: Batch, i: int) -> torch.Tensor:
    """Return what the optimizer takes for the gradient, never in the place of the gradient."""
    g = -batch.grads[i] if batch.maximize else batch.grads[i]
    return g.add(batch.params[i], alpha=batch.weight_decay) if batch.weight_decay and not batch.decoupled else g


def weight(batch: Batch, v: torch.Tensor, factor: Scalar, lift: Scalar) -> torch.Tensor:
    """Return one minus the inertia."""
    if batch.plain:
        w = v * factor
        if lift:
            w += lift
    else:
        w = v.to(batch.wide) * factor + lift
    if batch.dampening != 1:
        w = w.pow(batch.power)
    w = w.clamp(batch.eps, 1.0) if batch.differentiable else w.clamp_(batch.eps, 1.0)
    return w.to(v.dtype)


def _in_place(batch: Batch, i: int, factor: Scalar, lift: Scalar) -> None:
    p, g, m, q = batch.params[i], gradient(batch, i), batch.exp_avgs[i], batch.corrections[i]
    w = weight(batch, batch.exp_avg_sqs[i], factor, lift)
    q.addcmul_(q, w, value=-1).add_(w)
    if batch.dampening == 1:
        m.lerp_(g, w)
    else:
        m.addcmul_(m, w, value=-1).addcmul_(g, w.pow(batch.dampening))
    if batch.decoupled and batch.weight_decay:
        p.mul_(batch.shrink)
    size = batch.step_size
    if isinstance(size, torch.Tensor):
        p.sub_(m / q * size)
    else:
        p.addcdiv_(m, q, value=-size)


def _differentiably(batch: Batch, i: int, factor: Scalar, lift: Scalar) -> None:
    """Leave what a backward pass needs as it was: each new value is made from copies, and then put into its place."""
    g, p, m, q = gradient(batch, i), batch.params[i], batch.exp_avgs[i], batch.corrections[i]
    w = weight(batch, batch.exp_avg_sqs[i].clone(), factor, lift)
    old, average, known = p.clone(), m.clone(), q.clone()
    gain = w if batch.dampening == 1 else w.pow(batch.dampening)
    average, known = average - w * average + gain * g, known - w * known + w
    if batch.decoupled and batch.weight_decay:
        old = old * batch.shrink
    m.copy_(average)
    q.copy_(known)
    p.copy_(old - average / known * batch.step_size)
