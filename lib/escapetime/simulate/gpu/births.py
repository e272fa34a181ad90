"""What a path needs once, made on the card: its start, its generator, its clock, and the draws of its exit.

The words are those of :mod:`escapetime.simulate.philox`; which of them mean what is said in
:mod:`escapetime.simulate.streams`.
"""

from __future__ import annotations

import triton
import triton.language as tl

LOW, ONES = tl.constexpr(0xFFFFFFFF), tl.constexpr(0xFFFFFFFFFFFFFFFF)
TO_OPEN = tl.constexpr(1.0 - 2.0**-53)
ONE = tl.constexpr(0x3FF << 52)


@triton.jit
def path_block(key: tl.tensor, path: tl.tensor, block: tl.constexpr) -> tl.tuple:
    """Philox4x32-10: the two 64-bit words of a path's block; ``key`` points to the halves of the seed."""
    k0, k1 = tl.load(key).to(tl.uint64), tl.load(key + 1).to(tl.uint64)
    c0, c1 = path & LOW, path >> 32
    c2, c3 = tl.zeros_like(path) + block, tl.zeros_like(path)
    for _ in tl.static_range(10):
        p0, p1 = c0 * 0xD2511F53, c2 * 0xCD9E8D57
        c0, c2 = (p1 >> 32) ^ c1 ^ k0, (p0 >> 32) ^ c3 ^ k1
        c1, c3 = p1 & LOW, p0 & LOW
        k0, k1 = (k0 + 0x9E3779B9) & LOW, (k1 + 0xBB67AE85) & LOW
    return c0 | (c1 << 32), c2 | (c3 << 32)


@triton.jit
def uniform(word: tl.tensor) -> tl.tensor:
    """The upper 52 bits ``k`` of a word as ``(2 k + 1) / 2**53``."""
    return ((word >> 12) | ONE).to(tl.float64, bitcast=True) - TO_OPEN


@triton.jit(do_not_specialize=["lanes", "count"])
def born(
    reals: tl.tensor, words: tl.tensor, steps: tl.tensor, paths: tl.tensor, start: tl.tensor, key: tl.tensor,
    slots: tl.tensor, numbers: tl.tensor, lanes: int, count: int, STATE: tl.constexpr, DIMENSION: tl.constexpr,
    BITS: tl.constexpr, BLOCK: tl.constexpr,
) -> None:  # fmt: skip
    """Put paths of these ``numbers`` into ``slots``, at the start."""
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    there = i < count
    lane, number = tl.load(slots + i, mask=there, other=0), tl.load(numbers + i, mask=there, other=0)
    for k in tl.static_range(STATE):
        tl.store(reals + k * lanes + lane, tl.load(start + k), mask=there)
    for k in tl.static_range(DIMENSION):
        tl.store(reals + (STATE + k) * lanes + lane, tl.load(start + k), mask=there)
    path = number.to(tl.uint64)
    word, _ = path_block(key, path, 2)
    tl.store(reals + (STATE + DIMENSION) * lanes + lane, (1.0 / uniform(word)).to(start.dtype.element_ty), mask=there)
    a, b = path_block(key, path, 0)
    if BITS == 64:
        c, d = path_block(key, path, 1)
        d = tl.where((a | b | c | d) == 0, ONES, d)  # from the all-zero state the generator never returns
        tl.store(words + lane, a.to(tl.int64, bitcast=True), mask=there)
        tl.store(words + lanes + lane, b.to(tl.int64, bitcast=True), mask=there)
        tl.store(words + 2 * lanes + lane, c.to(tl.int64, bitcast=True), mask=there)
        tl.store(words + 3 * lanes + lane, d.to(tl.int64, bitcast=True), mask=there)
    else:
        b = tl.where((a | b) == 0, ONES, b)
        tl.store(words + lane, a.to(tl.uint32).to(tl.int32, bitcast=True), mask=there)
        tl.store(words + lanes + lane, (a >> 32).to(tl.uint32).to(tl.int32, bitcast=True), mask=there)
        tl.store(words + 2 * lanes + lane, b.to(tl.uint32).to(tl.int32, bitcast=True), mask=there)
        tl.store(words + 3 * lanes + lane, (b >> 32).to(tl.uint32).to(tl.int32, bitcast=True), mask=there)
    tl.store(steps + lane, tl.zeros_like(lane), mask=there)
    tl.store(paths + lane, number, mask=there)


@triton.jit(do_not_specialize=["count"])
def exit_draws(out: tl.tensor, key: tl.tensor, numbers: tl.tensor, count: int, BLOCK: tl.constexpr) -> None:
    """Write the four uniforms of an exit, for the face and for the time within the step; ``out`` has 4 rows."""
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    there = i < count
    path = tl.load(numbers + i, mask=there, other=0).to(tl.uint64)
    _, first = path_block(key, path, 2)
    second, third = path_block(key, path, 3)
    fourth, _ = path_block(key, path, 4)
    tl.store(out + i, uniform(first), mask=there)
    tl.store(out + count + i, uniform(second), mask=there)
    tl.store(out + 2 * count + i, uniform(third), mask=there)
    tl.store(out + 3 * count + i, uniform(fourth), mask=there)
