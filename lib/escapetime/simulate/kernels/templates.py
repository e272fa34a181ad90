"""The fixed parts of generated modules."""

STEP = '''

@primitive
def step({x}{m}, {now}, near0{z}{of_step}):
    """One step: state, distances, and how near to an exit the path came."""
{step}
    return ({y}{n}, {then}, {near})
'''

GEOMETRY = '''\
"""Distance to each face, diffusivity across it, and the gradients of the distances, at one point."""

from numba import carray, cfunc, types
from numpy import nan
{imports}

_pointer = types.CPointer(types.float64)


@cfunc(types.int8(_pointer, _pointer, _pointer), cache=True, error_model="numpy")
def geometry(point_, constants_, out_):
    x, constants, out = carray(point_, {d}), carray(constants_, {size}), carray(out_, {outputs})
    {coordinates} = x
{unpack}
{body}
    return 0
'''

ADVANCE = '''\
"""Advance a group of lanes by rounds of {turns} step(s).

x, y: positions before and after a step; m, n: the rest of the state; d, e: distances to the faces; z: normals; a: their
amplitudes; r: what has no noise; s: stages of the step; near: least of d e - reach spread, negative where the path may
have touched a face; t, p: terms and powers used twice; w: words of the generator; sum: of the state, finite or not.
"""

from numba import carray, cfunc, types
from numpy import inf, nan
from escapetime.simulate.kernels.flags import FLAGS, primitive
from escapetime.simulate.kernels.intrinsics import full_width_vectors
{imports}
from escapetime.simulate.kernels.random{bits} import draw

LANES = {lanes}
_pointer = types.CPointer(types.float{bits})


@primitive
def distances({x}{of_distances}):
    """Signed distance to each face, positive inside."""
{distances}
    return ({then},)
{step_function}

@primitive
def look(clock, when, {sides}, {x}, {now}, {y}, {then}, taken{of_look}):
    """Wind the clock by the step from x to y, and note the step if the path left in it."""
{look}
    # a position that is not finite stops the clock too
    wound = {ticked}
    ticked = select(wound >= R(1), wound, R(0))
    left = (clock >= R(1)) & (ticked < R(1))
    return (
        ticked,
        select(left, taken, when),
        {moved},
    )


@cfunc(types.int64(_pointer, _pointer, types.int64), cache=True, **FLAGS)
def advance(lanes_, constants_, rounds):
    """Return in which blocks of lanes a path left, as the bits of a number."""
    full_width_vectors()
    left = 0
    lanes, constants = carray(lanes_, ({rows}, LANES)), carray(constants_, {size})
{unpack}
    for number in range(rounds):
{draws}
        alarm = W(0)
        for i in range(LANES):
{steps}
            flag = bits(select(near > R(0), R(0), R(1)))
            lanes[{flag}, i] = value(flag)
            alarm = W(alarm | flag)
        if alarm == W(0):
            continue
        taken = R({turns} * number)
        for first in range(0, LANES, {block}):
            alarm = W(0)
            for i in range(first, first + {block}):
                alarm = W(alarm | bits(lanes[{flag}, i]))
            if alarm == W(0):
                continue
            gone = W(0)
            for i in range(first, first + {block}):
{looks}
            if gone != W(0):
                left |= 1 << first // {block}
    return left
'''
