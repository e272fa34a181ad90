"""The fixed part of the module that is generated for a model: paths that are walked one after the other.

A walk is scalar code: a path that is branched starts at another place than its neighbors and ends at another step, so
that lanes would mostly wait for each other. What a path needs to go on is in a few small arrays:

``x, d``
    its state, and its distances to the faces;
``words, spare``
    its generator, and the second normal of a pair of which one has been used.

The attractor's neighborhood is where the height is below ``low`` *and* no exit is as near as ``far``: an energy is low
in every well, and only one is the first.
"""

WALKS = '''\
"""Walks of single paths: {size} numbers of state, {normals} normals a step, {faces} face(s)."""

import numpy as np
from numba import njit
from numpy import nan
from escapetime.simulate.kernels.counter import path_block, scalar, uniform
from escapetime.simulate.kernels.flags import FLAGS, primitive
from escapetime.simulate.kernels.primitives64 import {primitives}
from escapetime.simulate.kernels.random64 import draw, next_word

SIZE, NORMALS, FACES = {size}, {normals}, {faces}
EXIT = {exit}
LOOK = 1 << 12  # steps between looks at whether to stop
W = np.uint64


@primitive
def step(x, z, y, c):
    """The state after a step."""
{step}


@primitive
def distances(x, d, c):
    """Signed distance to each face, positive inside."""
{distances}


@primitive
def level(x, d, c):
    """How far a state is on the way to the exit."""
{level}
    return height


@primitive
def nearest(d):
    """The distance to the nearest face."""
    least = d[0]
    for k in range(1, FACES):
        least = min(least, d[k])
    return least


@primitive
def survival(x, d, e, c):
    """The chance that a step between two points inside has not touched a face."""
    chance = R(1)
{survival}
    return chance


@primitive
def put(source, target):
    """Copy a state; a slice would take numba two seconds to compile."""
    for i in range(SIZE):
        target[i] = source[i]


@primitive
def advance(words):
    """The next word of a generator."""
    word, words[0], words[1], words[2], words[3] = next_word(words[0], words[1], words[2], words[3])
    return word


@scalar
def begin(seed, path, words, spare):
    """Give a path its generator."""
    words[0], words[1] = path_block(seed, path, W({block}))
    words[2], words[3] = path_block(seed, path, W({block} + 1))
    if words[0] | words[1] | words[2] | words[3] == W(0):
        words[3] = W(1)
    spare[1] = R(0)


@primitive
def move(x, d, y, e, z, words, spare, c):
    """Take one step; whether the path is still inside."""
    for j in range(NORMALS):
        if spare[1] > R(0):
            z[j] = spare[0]
            spare[1] = R(0)
        else:
            z[j], spare[0], words[0], words[1], words[2], words[3] = draw(words[0], words[1], words[2], words[3])
            spare[1] = R(1)
    step(x, z, y, c)
    distances(y, e, c)
    inside = True
    for k in range(FACES):
        inside &= e[k] > R(0)
    chance = survival(x, d, e, c) if inside else R(0)
    put(y, x)
    for k in range(FACES):
        d[k] = e[k]
    return inside and (chance >= R(1) or uniform(advance(words)) < chance)


@scalar
def finite(x):
    """Whether no number of the state has overflowed."""
    total = R(0)
    for i in range(SIZE):
        total += R(0) * x[i]
    return total == R(0)


@njit(**FLAGS, cache=True)
def look(x, c):
    """The height of a state, and its distance to the nearest face."""
    d = np.empty(FACES)
    distances(x, d, c)
    return level(x, d, c), nearest(d)


@njit(**FLAGS, cache=True)
def survey(seed, path, home, skipped, states, heights, distant, c):
    """Write what some paths that begin at home, one a row, go through after some steps; what leaves begins anew."""
    x, d, y, e, z = np.empty(SIZE), np.empty(FACES), np.empty(SIZE), np.empty(FACES), np.empty(max(NORMALS, 1))
    words, spare = np.empty(4, np.uint64), np.empty(2)
    begin(seed, path, words, spare)
    for row in range(states.shape[0]):
        put(home, x)
        distances(x, d, c)
        for number in range(-skipped, states.shape[1]):
            if not move(x, d, y, e, z, words, spare, c):
                put(home, x)
                distances(x, d, c)
            if number >= 0:
                put(x, states[row, number])
                heights[row, number], distant[row, number] = level(x, d, c), nearest(d)


@njit(**FLAGS, cache=True)
def loops(seed, path, start, skipped, low, high, far, scale, most, limit, c, halt, found, times, states, told):
    """Follow one path that begins anew when it leaves, and write the states in which it comes up from below ``low``.

    told: steps in all, overflows, stuck; loops begun and steps from below ``low`` to above ``high`` in them; exits in
    the steps skipped.
    """
    x, d, y, e, z = np.empty(SIZE), np.empty(FACES), np.empty(SIZE), np.empty(FACES), np.empty(max(NORMALS, 1))
    words, spare = np.empty(4, np.uint64), np.empty(2)
    begin(seed, path, words, spare)
    put(start, x)
    distances(x, d, c)
    taken, since, count, rising = 0, 0, 0, level(x, d, c) < low and nearest(d) > far
    counted = rising and skipped == 0
    while count < len(found):
        inside = move(x, d, y, e, z, words, spare, c)
        taken += 1
        since += 1
        if since % LOOK == 0 and (halt[0] != 0 or since >= limit):
            if since >= limit:
                told[2] += 1
            break
        height = level(x, d, c)
        if rising and (not inside or height >= high):
            if counted and (inside or finite(x)):
                found[count, 0] = int(min((height - high) * scale, R(most))) if inside else EXIT
                times[count, 0] = 0
                put(x, states[count, 0])
                told[3] += 1
                told[4] += since
                count += 1
            rising = False
            since = 0
        if not inside:
            told[1] += 0 if finite(x) else 1
            told[5] += 1 if taken <= skipped else 0
            put(start, x)
            distances(x, d, c)
            height = level(x, d, c)
            since = 0
        if not rising and height < low and nearest(d) > far:
            rising = True
            counted = taken >= skipped
            since = 0
    told[0] += taken


@njit(**FLAGS, cache=True)
def excursions(
    seed, first, slots, donors, floor, low, high, far, scale, most, limit, c, halt, found, times, states, counts, tops,
    ends, told, peak
):
    """Walk the paths of some slots until they are below ``low`` or outside, and note where they first reach a level.

    With donors, a path first takes over one of them at the first state above ``floor``. told: steps, overflows, stuck.
    """
    x, d, y, e, z = np.empty(SIZE), np.empty(FACES), np.empty(SIZE), np.empty(FACES), np.empty(max(NORMALS, 1))
    words, spare = np.empty(4, np.uint64), np.empty(2)
    for k in range(len(slots)):
        i = slots[k]
        begin(seed, first + W(k), words, spare)
        if len(donors):
            j = donors[min(int(uniform(advance(words)) * len(donors)), len(donors) - 1)]
            n = 0
            while found[j, n] <= floor:
                n += 1
            found[i, 0] = found[j, n]
            times[i, 0] = times[j, n]
            put(states[j, n], states[i, 0])
        put(states[i, 0], x)
        distances(x, d, c)
        best, count, taken = found[i, 0], 1, 0
        going = best != EXIT
        while going:
            inside = move(x, d, y, e, z, words, spare, c)
            taken += 1
            if taken % LOOK == 0 and (halt[0] != 0 or taken >= limit):
                if taken >= limit:
                    told[2] += 1
                told[0] += taken
                return
            height = (level(x, d, c) - high) * scale
            reached = best
            if not inside:
                going = False
                if finite(x):
                    reached = EXIT
                else:
                    told[1] += 1
            elif height >= best + 1:
                peak[0] = max(peak[0], height)
                reached = int(min(height, R(most)))
            elif height < (low - high) * scale and nearest(d) > far:
                going = False
                told[1] += 0 if finite(x) else 1
            if reached > best:
                best = reached
                found[i, count] = best
                times[i, count] = times[i, 0] + taken
                put(x, states[i, count])
                count += 1
        counts[i], tops[i], ends[i] = count, best, times[i, 0] + taken
        told[0] += taken
'''
