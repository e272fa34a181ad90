"""The worker: keeps the lanes of a kernel full, records paths that are over. It knows nothing of any problem."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import cfunc, types

from escapetime.simulate.kernels.counter import first_blocks, scalar, uniform
from escapetime.simulate.kernels.exits import find_exit
from escapetime.simulate.kernels.intrinsics import call_advance, fetch_add, offset, small_code
from escapetime.simulate.kernels.layout import BEFORE, CLOCK, WHEN, block, lanes
from escapetime.simulate.passages import CENSORED, INVALID

BITS = 64  # of a lane's numbers; the engine has a second copy of this file for 32
LANES, BLOCK = lanes(BITS), block(BITS)
_MANY = 2048  # rounds of a call at most
_WORTH = 4  # what a call costs, in steps of a lane; a look at everyone costs twice as much


if BITS == 64:

    @scalar
    def seed_lane(words: Any, at: int, seed: np.uint64, path: np.uint64) -> float:
        """Write the state of a path's xoshiro256++ and return what its clock begins with."""
        small_code()
        a, b, c, d, clock = first_blocks(seed, path)
        if (a | b | c | d) == np.uint64(0):
            d = ~d  # from the all-zero state the generator never returns
        words[at], words[at + LANES], words[at + 2 * LANES], words[at + 3 * LANES] = a, b, c, d
        return 1 / uniform(clock)

else:

    @scalar
    def seed_lane(words: Any, at: int, seed: np.uint64, path: np.uint64) -> float:
        """Write the state of a path's xoshiro128++ and return what its clock begins with."""
        small_code()
        a, b, _, _, clock = first_blocks(seed, path)
        if (a | b) == np.uint64(0):
            b = ~b
        words[at], words[at + LANES] = np.uint32(a), np.uint32(a >> np.uint64(32))
        words[at + 2 * LANES], words[at + 3 * LANES] = np.uint32(b), np.uint32(b >> np.uint64(32))
        return 1 / uniform(clock)


_real, _word = types.CPointer(getattr(types, f"float{BITS}")), types.CPointer(getattr(types, f"uint{BITS}"))
_double, _int = types.CPointer(types.float64), types.CPointer(types.int64)
_i = types.int64
SIGNATURE = types.void(
    _i, _i, _real, _word, _i, _i, _i, _real, _real, _double, _i, _i, types.float64, types.uint64, _i, _i, _i, _i, _int,
    _double, _int, _int, _int, _double, _int, _int, _double, types.CPointer(types.uint8), _int, _i, _real, _int,
)  # fmt: skip


@cfunc(SIGNATURE, cache=True, error_model="numpy")
def work(
    advance: int, geometry: int, lanes: Any, words: Any, carried: int, rows: int, capacity: int, birth: Any,
    constants: Any, constants64: Any, d: int, faces: int, dt: float, seed: int, bridged: int, steps_per_round: int,
    max_steps: int, paths: int, table: Any, scratch: Any, counter: Any, stop: Any, finished: Any, times: Any,
    steps: Any, face: Any, points: Any, started: Any, queue: Any, resumed: int, columns: Any, taken_before: Any,
) -> None:  # fmt: skip
    """Take paths from the queue until there are none left and all of mine are over.

    ``table`` has room for three integers a lane, ``scratch`` for three points and three results of ``geometry``.
    ``lanes`` holds groups of ``rows`` x ``LANES`` numbers and ``words`` are its bits. A path's column changes when
    others are over, which changes none of its numbers; from the row ``carried`` on a round begins with what the last
    one left. The first paths in the queue go on from their ``columns``;
    ``queue`` begins with a negative number if it is that of all paths. When stopped, who is in flight stays in lanes
    and table, and ``finished`` says how many.
    """
    small_code()
    size = rows * LANES
    path_in, born_at, left = table, offset(table, capacity), offset(table, 2 * capacity)
    before, after, point = scratch, offset(scratch, d), offset(scratch, 2 * d)
    values = offset(scratch, 3 * d)
    for lane in range(capacity):  # lanes without a path step on like the others, from the start
        for row in range(rows):
            lanes[lane // LANES * size + row * LANES + lane % LANES] = birth[row]
    now, oldest = 0, 0  # in steps of this worker
    few = int(math.sqrt(4.0 * _WORTH * max_steps)) // steps_per_round
    live, rounds, waiting = 0, 16, True
    while True:
        while waiting and live < capacity:
            turn = fetch_add(counter, 1)
            waiting = turn < paths
            if waiting:
                path = turn if queue[0] < 0 else queue[turn]
                at, number = live // LANES * size + live % LANES, np.uint64(path)
                for row in range(carried, rows):
                    lanes[at + row * LANES] = birth[row]
                lanes[at + CLOCK * LANES] = seed_lane(words, at, seed, number)
                path_in[live], born_at[live] = path, now
                if turn < resumed:
                    for row in range(rows):
                        lanes[at + row * LANES] = columns[turn * rows + row]
                    born_at[live] = now - taken_before[turn]
                    oldest = min(oldest, born_at[live])
                live += 1
        if live == 0:
            return
        for group in range((live + LANES - 1) // LANES):
            left[group] = call_advance(advance, offset(lanes, group * size), constants, rounds)
        began, now = now, now + rounds * steps_per_round
        stopped, lane, before_look = stop[0] != 0, 0, live
        everyone = stopped or now - oldest >= max_steps
        if everyone:
            oldest = now
        while lane < live:
            if lane % BLOCK == 0 and not everyone and (left[lane // LANES] >> (lane % LANES // BLOCK)) & 1 == 0:
                lane += BLOCK
                continue
            at = lane // LANES * size + lane % LANES
            inside = lanes[at + CLOCK * LANES] >= 1
            taken = (now if inside else began + np.int64(lanes[at + WHEN * LANES])) - born_at[lane]
            path, finite = path_in[lane], True
            if inside and taken < max_steps:
                if stopped:
                    face[path], times[path], steps[path], started[path] = CENSORED, taken * dt, taken, 1
                    born_at[lane] = taken
                oldest = min(oldest, born_at[lane])
                lane += 1
                continue
            for j in range(d):
                before[j] = lanes[at + (BEFORE + j) * LANES]
                after[j] = lanes[at + (BEFORE + d + j) * LANES]
                finite = finite and math.isfinite(after[j])
            # a call takes all lanes the same number of steps, so a path may have been taken past its budget
            if inside or taken > max_steps:
                taken = min(taken, max_steps)
                face[path], times[path] = CENSORED, taken * dt
            elif not finite:
                face[path] = INVALID
            else:
                face[path], fraction = find_exit(
                    geometry, constants64, dt, bridged != 0, seed, np.uint64(path), before, after, d, faces, values,
                    point,
                )  # fmt: skip
                times[path] = (taken - 1 + fraction) * dt
                for j in range(d):
                    points[path * d + j] = point[j]
            steps[path], started[path] = taken, 1
            live -= 1
            if lane < live:  # the last lane moves into the gap and is looked at next
                last = live // LANES * size + live % LANES
                for row in range(BEFORE + 2 * d):
                    words[at + row * LANES] = words[last + row * LANES]
                for row in range(carried, rows):
                    words[at + row * LANES] = words[last + row * LANES]
                path_in[lane], born_at[lane] = path_in[live], born_at[live]
        over = before_look - live
        finished[0] += over
        if stopped:
            finished[1] = live
            return
        # a call costs some steps a lane, and half of its steps are lost on paths that leave: best is where the share
        # that left is what a call costs over its steps
        share = over * rounds * steps_per_round
        if share > 2 * _WORTH * before_look:
            rounds = max(rounds // 2, 1)
        elif 2 * share < _WORTH * before_look:
            rounds = min(2 * rounds, _MANY)
        # nor are paths to be taken far beyond their budget
        rounds = max(1, min(rounds, max(few, (oldest + max_steps - now) // steps_per_round + 1)))
