"""The two passes of Adai over the memory of many tensors, as Triton kernels.

A program has a block of one tensor: ``owners`` tells whose it is, ``starts`` where it begins. ``addresses`` has six
columns: parameter, average, its weight, second moment, gradient, step. Scalars come in double precision.
"""

from __future__ import annotations

import triton
import triton.language as tl

COLUMNS = tl.constexpr(6)


@triton.jit
def address(addresses: tl.tensor, owner: tl.tensor, column: tl.constexpr, REAL: tl.constexpr) -> tl.tensor:
    """Where a tensor of the owner begins."""
    return tl.load(addresses + owner * COLUMNS + column).to(tl.pointer_type(REAL))


@triton.jit
def corrected(addresses: tl.tensor, owner: tl.tensor, log_beta2: tl.tensor) -> tl.tensor:
    """The bias correction of the owner's second moments."""
    step = tl.load(address(addresses, owner, 5, tl.float32)).to(tl.float64)
    return 1.0 - tl.exp(step * log_beta2)


@triton.jit
def effective(
    p: tl.tensor, g: tl.tensor, i: tl.tensor, there: tl.tensor, sign: tl.tensor, decay: tl.tensor, WIDE: tl.constexpr,
    DECAY: tl.constexpr,
) -> tl.tensor:  # fmt: skip
    """What the optimizer takes for the gradient."""
    gradient = sign.to(WIDE) * tl.load(g + i, mask=there, other=0.0).to(WIDE)
    if DECAY:
        gradient += decay.to(WIDE) * tl.load(p + i, mask=there, other=0.0).to(WIDE)
    return gradient


@triton.jit
def second_moments(
    sums: tl.tensor, addresses: tl.tensor, owners: tl.tensor, starts: tl.tensor, lengths: tl.tensor, numbers: tl.tensor,
    found_inf: tl.tensor, REAL: tl.constexpr, WIDE: tl.constexpr, DECAY: tl.constexpr, BLOCK: tl.constexpr,
) -> None:  # fmt: skip
    """Update second moments, and write the sum of the corrected ones of each block."""
    block = tl.program_id(0)
    owner = tl.load(owners + block)
    i = tl.load(starts + block) + tl.arange(0, BLOCK)
    there = i < tl.where(tl.load(found_inf) == 0.0, tl.load(lengths + owner), 0)
    v = address(addresses, owner, 3, REAL)
    gradient = effective(
        address(addresses, owner, 0, REAL), address(addresses, owner, 4, REAL), i, there, tl.load(numbers),
        tl.load(numbers + 1), WIDE, DECAY,
    )  # fmt: skip
    kept, taken = tl.load(numbers + 2).to(WIDE), tl.load(numbers + 3).to(WIDE)
    new = kept * tl.load(v + i, mask=there, other=0.0).to(WIDE) + taken * (gradient * gradient)
    tl.store(v + i, new.to(REAL), mask=there)
    total = tl.sum(tl.where(there, new.to(REAL).to(WIDE), 0.0)).to(tl.float64)
    tl.store(sums + block, total / corrected(addresses, owner, tl.load(numbers + 4)))


@triton.jit
def averages(
    mean: tl.tensor, addresses: tl.tensor, owners: tl.tensor, starts: tl.tensor, lengths: tl.tensor, numbers: tl.tensor,
    found_inf: tl.tensor, REAL: tl.constexpr, WIDE: tl.constexpr, DECAY: tl.constexpr, DAMPED: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:  # fmt: skip
    """Update the averages, their weights and the parameters."""
    block = tl.program_id(0)
    owner = tl.load(owners + block)
    i = tl.load(starts + block) + tl.arange(0, BLOCK)
    there = i < tl.where(tl.load(found_inf) == 0.0, tl.load(lengths + owner), 0)
    p, m, q = address(addresses, owner, 0, REAL), address(addresses, owner, 1, REAL), address(addresses, owner, 2, REAL)
    gradient = effective(
        p, address(addresses, owner, 4, REAL), i, there, tl.load(numbers), tl.load(numbers + 1), WIDE, DECAY
    )
    full, least = tl.load(numbers + 5), tl.load(numbers + 6)
    eps, size, shrink = tl.load(numbers + 7).to(WIDE), tl.load(numbers + 8).to(WIDE), tl.load(numbers + 9).to(WIDE)
    scale = tl.load(mean) * corrected(addresses, owner, tl.load(numbers + 4))
    vanishes = scale < least  # false for what is not a number, which then is seen in all parameters
    factor = tl.where(vanishes, 0.0, full / tl.where(vanishes, 1.0, scale)).to(WIDE)
    lift = tl.where(vanishes, full, 0.0).to(WIDE)
    w = factor * tl.load(address(addresses, owner, 3, REAL) + i, mask=there, other=0.0).to(WIDE) + lift
    if DAMPED:
        w = tl.where(w < 1e-37, 1e-37, w)  # what is clipped below has a logarithm
        w = tl.exp(tl.load(numbers + 10).to(WIDE) * tl.log(w))
    w = tl.where(w > 1.0, 1.0, w)
    w = tl.where(w < eps, eps, w)
    gain = w
    if DAMPED:
        gain = tl.exp(tl.load(numbers + 11).to(WIDE) * tl.log(w))
    old = tl.load(m + i, mask=there, other=0.0).to(WIDE)
    average = old - w * old + gain * gradient
    known = tl.load(q + i, mask=there, other=0.0).to(WIDE)
    weight = known + w * (1.0 - known)
    tl.store(m + i, average.to(REAL), mask=there)
    tl.store(q + i, weight.to(REAL), mask=there)
    here = shrink * tl.load(p + i, mask=there, other=0.0).to(WIDE)
    tl.store(p + i, (here - size * average / weight).to(REAL), mask=there)
