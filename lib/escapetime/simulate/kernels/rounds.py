"""The loops over lanes in a round: draw the normals, take the steps, and look at those who came near an exit."""

from __future__ import annotations

from collections.abc import Sequence

from escapetime.simulate.kernels.layout import CLOCK, Layout
from escapetime.simulate.kernels.text import load, numbered, store, tuple_of

FEW = 8  # pairs of normals drawn with the generator in registers; more of them would take long to compile


def draws(layout: Layout) -> list[str]:
    """Move the positions to the beginning of the trail and put the normals where the next ones will be."""
    state, count = numbered("s", 4), layout.normals * layout.steps
    x = numbered("p", layout.dimension, 0)
    move = [*load(x, layout.trail(layout.steps)), *store(x, layout.trail(0))]
    read = [f"{name} = bits(lanes[{k}, i])" for k, name in enumerate(state)]
    if count > 2 * FEW:
        new = [f"{name}_" for name in state]
        body = [*read, f"first, second, {', '.join(new)} = draw({', '.join(state)})"]
        body += ["lanes[above, i] = first", "lanes[below, i] = second", *_keep(new)]
        rows = [
            f"{row} = {layout.trail(1)} + {number} // {layout.normals} * {layout.stride} + {number} % {layout.normals}"
            for row, number in (("above", "n"), ("below", "(n + 1)"))
        ]
        return [*_over_lanes(move), f"for n in range(0, {count}, 2):", *_in(rows), *_in(_over_lanes(body))]
    lines = [*move, *(read if count else [])]
    for k in range(0, count, 2):
        # every name is assigned once: numba's analysis of names that change costs more than all else
        new = [f"{name}_" for name in state]
        lines.append(f"z{k}, z{k + 1}, {', '.join(new)} = draw({', '.join(state)})")
        lines += [*store([f"z{k}"], layout.normal(k)), *store([f"z{k + 1}"], layout.normal(k + 1))]
        state = new
    return _over_lanes([*lines, *(_keep(state) if count else [])])


def steps(layout: Layout, faces: int, of_distances: Sequence[str], of_step: Sequence[str]) -> list[str]:
    """Take the steps of a round; all that is noted is how near the path came to an exit."""
    d, memory = layout.dimension, layout.memory
    x, m, now = numbered("x", d, 0), numbered("m", memory, 0), numbered("d", faces, 0)
    lines = [*load(x, layout.trail(0)), *load(m, layout.kept)]
    lines += [f"{tuple_of(now)} = distances({', '.join([*x, *of_distances])})", "near0 = R(inf)"]
    for turn in range(layout.steps):
        z, y, n = numbered("z", layout.normals, turn), numbered("x", d, turn + 1), numbered("m", memory, turn + 1)
        then = numbered("d", faces, turn + 1)
        lines += load(z, layout.trail(turn + 1))
        given = ", ".join([*x, *m, *now, f"near{turn}", *z, *of_step])
        lines += [f"{', '.join([*y, *n, *then])}, near{turn + 1} = step({given})", *store(y, layout.trail(turn + 1))]
        x, m, now = y, n, then
    # what is not finite calls for a look
    near = f"near = near{layout.steps}" + "".join(f" + R(0) * {name}" for name in (*x, *m))
    return [*lines, *store(m, layout.kept), near]


def looks(
    layout: Layout, faces: int, sides: Sequence[str], of_distances: Sequence[str], of_look: Sequence[str]
) -> list[str]:
    """Wind the clock along the trail; who has left goes on from the start."""
    d, last = layout.dimension, layout.steps
    m = numbered("m", layout.memory)
    x, now, told = numbered("y", d, 0), numbered("e", faces, 0), ["clock", "when", *sides]
    lines = [*load(told, CLOCK), *load(x, layout.trail(0)), *load(m, layout.kept)]
    lines.append(f"{tuple_of(now)} = distances({', '.join([*x, *of_distances])})")
    for turn in range(1, last + 1):
        y, then = numbered("y", d, turn), numbered("e", faces, turn)
        lines += load(y, layout.trail(turn))
        if turn == last and m:  # with memory that is not finite a path ends as with such a position
            lines.append(f"spoilt = y0_{turn}" + "".join(f" + R(0) * {name}" for name in m))
            y = ["spoilt", *y[1:]]
        lines.append(f"{tuple_of(then)} = distances({', '.join([*y, *of_distances])})")
        new = [f"{name}_" for name in told]
        taken = f"taken + R({turn})"
        lines.append(f"{', '.join(new)} = look({', '.join([*told, *x, *now, *y, *then, taken, *of_look])})")
        x, now, told = y, then, new
    home = [f"select({told[0]} >= R(1), {name}, start{i})" for i, name in enumerate([*x, *m])]
    gone = f"gone = W(gone | bits(select((clock >= R(1)) & ({told[0]} < R(1)), R(1), R(0))))"
    return [*lines, *store(told, CLOCK), *store(home[:d], layout.trail(last)), *store(home[d:], layout.kept), gone]


def _keep(state: Sequence[str]) -> list[str]:
    return [f"lanes[{k}, i] = value({name})" for k, name in enumerate(state)]


def _over_lanes(lines: Sequence[str]) -> list[str]:
    return ["for i in range(LANES):", *_in(lines)]


def _in(lines: Sequence[str]) -> list[str]:
    return ["    " + line for line in lines]
