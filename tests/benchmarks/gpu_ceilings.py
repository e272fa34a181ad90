"""What the parts of a step reach on a card by themselves: generators of random numbers, and multiply-and-add."""

from __future__ import annotations

import torch
import triton
import triton.language as tl

from escapetime.simulate.gpu import random32, random64

draw_32, draw_64 = random32.draw, random64.draw


@triton.jit(do_not_specialize=["rounds"])
def draws_32(out, rounds, BLOCK: tl.constexpr):
    """Two normals a round and lane, summed: all the randomness of two steps in one dimension."""
    lane = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    s0 = lane.to(tl.uint32)
    s1, s2, s3 = s0 + 1, s0 * 3 + 7, s0 * 5 + 11
    total = tl.zeros([BLOCK], tl.float32)
    for _ in range(rounds):
        a, b, s0, s1, s2, s3 = draw_32(s0, s1, s2, s3)
        total += a + b
    tl.store(out + lane, total)


@triton.jit(do_not_specialize=["rounds"])
def draws_64(out, rounds, BLOCK: tl.constexpr):
    """The same in float64."""
    lane = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    s0 = lane.to(tl.uint64)
    s1, s2, s3 = s0 + 1, s0 * 3 + 7, s0 * 5 + 11
    total = tl.zeros([BLOCK], tl.float64)
    for _ in range(rounds):
        a, b, s0, s1, s2, s3 = draw_64(s0, s1, s2, s3)
        total += a + b
    tl.store(out + lane, total)


@triton.jit(do_not_specialize=["rounds"])
def multiply_add(out, rounds, BLOCK: tl.constexpr):
    """Sixteen multiply-and-adds a round and lane, four chains of four."""
    lane = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    a = lane.to(tl.float32) * 1e-9
    b, c, d = a + 0.1, a + 0.2, a + 0.3
    for _ in range(rounds):
        for _ in tl.static_range(4):
            a = a * 0.999 + 0.001
            b = b * 0.999 + 0.001
            c = c * 0.999 + 0.001
            d = d * 0.999 + 0.001
    tl.store(out + lane, a + b + c + d)


WORK = {  # per round and lane, and in what
    "normals of float32": (draws_32, 2, torch.float32),
    "normals of float64": (draws_64, 2, torch.float64),
    "multiply-and-adds of float32": (multiply_add, 16, torch.float32),
}


def run(name: str, lanes: int, rounds: int, device: str) -> float:
    """Do the work and wait for it; returns how much it was."""
    kernel, each, dtype = WORK[name]
    block = min(256, lanes)
    out = torch.empty(lanes, dtype=dtype, device=device)
    kernel[(lanes // block,)](out, rounds, BLOCK=block, num_warps=4)
    assert bool(out.isfinite().all())  # which waits
    return float(each) * lanes * rounds
