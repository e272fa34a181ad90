"""The fixed parts of the generated Triton module."""

ADVANCE = '''\
"""Advance lanes by rounds of {turns} step(s), the state in registers.

x, y: positions before and after a step; m, n: memory; d, e: distances to the faces; z: normals; c: numbers of the
problem; t, p: terms and powers used twice; s: words of the generator. A bridge touches a face with the chance
2**(rate d e); where that rate is constant the distances are in units in which it is -1.
"""

import triton
import triton.language as tl

{imports}


@triton.jit
def distances({of_distances}):
    """Signed distance to each face, positive inside."""
{distances}
    return {then}


@triton.jit
def step({of_step}):
    """The state after a step, and rates of the bridge."""
{step}
    return {stepped}


@triton.jit
def follow({of_follow}):
    """Take one step and wind the clock; a path that has left stands still, with ``before`` on the other side."""
    inside = clock >= 1.0
    {stepped} = step({given_step})
{freeze}
    {then} = distances({given_distances})
    wound = clock
{wind}
    # a position or a memory that is not finite stops the clock too, at nan
{spoil}
    clock = tl.where(inside, wound, clock)
    taken = tl.where(inside, number, taken)
    return {followed}


@triton.jit(do_not_specialize=["lanes", "rounds"])
def advance(reals, words, steps, numbers, lanes, rounds, BLOCK: tl.constexpr):
    """Each program takes a block of lanes; ``lanes``, a multiple of it, is the length of a row."""
    lane = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
{load}
    taken = tl.zeros([BLOCK], tl.int32)
{load_distances}
    for round in range(rounds):
{loop}
{store}
    tl.store(steps + lane, tl.load(steps + lane) + taken)
'''
