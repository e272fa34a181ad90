"""The loops over lanes in a round: take the steps, and look at those who came near an exit."""

from __future__ import annotations

from collections.abc import Sequence

from escapetime.simulate.kernels.layout import CLOCK, Layout
from escapetime.simulate.kernels.order import lazily
from escapetime.simulate.kernels.text import load, numbered, store, tuple_of

FEW = 8  # pairs of normals drawn where the steps take them; more of them would take long to compile


def many_draws(layout: Layout) -> list[str]:
    """Where a round has many normals: draw them beforehand and put them where the next positions will be."""
    count = layout.normals * layout.steps
    if count <= 2 * FEW:
        return []
    x, state = numbered("p", layout.dimension, 0), numbered("w", 4)
    move = [*load(x, layout.trail(layout.steps)), *store(x, layout.trail(0))]
    new = [f"{name}_" for name in state]
    body = [f"{name} = bits(lanes[{k}, i])" for k, name in enumerate(state)]
    body += [f"first, second, {', '.join(new)} = draw({', '.join(state)})"]
    body += ["lanes[above, i] = first", "lanes[below, i] = second", *_keep(new)]
    rows = [
        f"{row} = {layout.trail(1)} + {number} // {layout.normals} * {layout.stride} + {number} % {layout.normals}"
        for row, number in (("above", "n"), ("below", "(n + 1)"))
    ]
    return [*_over_lanes(move), f"for n in range(0, {count}, 2):", *_in(rows), *_in(_over_lanes(body))]


def steps(
    layout: Layout, faces: int, of_distances: Sequence[str], of_step: Sequence[str], step: Sequence[str]
) -> list[str]:
    """Take the steps of a round; all that is noted is how near the path came to an exit."""
    d, memory, count = layout.dimension, layout.memory, layout.normals * layout.steps
    x, m, now = numbered("x", d), numbered("m", memory), numbered("d", faces)
    drawn = count <= 2 * FEW
    if drawn:
        last, first = layout.trail(layout.steps), layout.trail(0)
        lines = [f"{name} = lanes[{first + k}, i] = lanes[{last + k}, i]" for k, name in enumerate(x)]
        lines += _draws(count)
    else:
        lines = [*load(x, layout.trail(0)), *(line for k in range(count) for line in load([f"z{k}"], layout.normal(k)))]
    lines += load(m, layout.kept)
    lines += [f"{tuple_of(now)} = distances({', '.join([*x, *of_distances])})", "near0 = R(inf)"]
    if layout.steps == 1:
        # not as a function: its statements are to come between reads and writes
        y, n, near = numbered("y", d), numbered("n", memory), f"near{faces}"
        lines += [*step, *store(y, layout.trail(1))]
    else:
        y, n, near = x, m, "near0"
        for turn in range(1, layout.steps + 1):
            z = [f"z{(turn - 1) * layout.normals + j}" for j in range(layout.normals)]
            given = ", ".join([*y, *n, *now, near, *z, *of_step])
            y, n = numbered("x", d, turn), numbered("m", memory, turn)
            now, near = numbered("d", faces, turn), f"near{turn}"
            lines += [f"{', '.join([*y, *n, *now])}, {near} = step({given})", *store(y, layout.trail(turn))]
    lines += store(n, layout.kept)
    return _with_sum(lazily(lines), [*y, *n], near)


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


def _draws(count: int) -> list[str]:
    """Draw normals in pairs."""
    state = numbered("w", 4, 0)
    lines = [f"{name} = bits(lanes[{k}, i])" for k, name in enumerate(state)] if count else []
    for k in range(0, count, 2):
        # every name is assigned once: numba's analysis of names that change costs more than all else
        new = numbered("w", 4, k + 2)
        lines.append(f"z{k}, z{k + 1}, {', '.join(new)} = draw({', '.join(state)})")
        state = new
    return [*lines, *(_keep(state) if count else [])]


def _with_sum(lines: Sequence[str], state: Sequence[str], near: str) -> list[str]:
    """Add up the state as it becomes known: where the sum is not finite, there is to be a look."""
    # in pairs, and pairs of pairs: LLVM puts one chain of sums off to the end, and all of the state waits for it
    summed: list[str] = []
    waiting: list[tuple[int, str]] = []  # sums of so many numbers, each fewer than the one before

    def add() -> None:
        (_, second), (count, first) = waiting.pop(), waiting.pop()
        name = f"sum{sum(line.startswith('sum') for line in summed)}"
        summed.append(f"{name} = {first} + {second}")
        waiting.append((2 * count, name))

    for line in lines:
        summed.append(line)
        left, name = line.rsplit(" = ", 1)
        if left.startswith("lanes") and name in state:
            waiting.append((1, name))
            while len(waiting) > 1 and waiting[-1][0] == waiting[-2][0]:
                add()
    while len(waiting) > 1:
        add()
    return [*summed, f"near = {near} + R(0) * {waiting[0][1]}"]


def _keep(state: Sequence[str]) -> list[str]:
    return [f"lanes[{k}, i] = value({name})" for k, name in enumerate(state)]


def _over_lanes(lines: Sequence[str]) -> list[str]:
    return ["for i in range(LANES):", *_in(lines)]


def _in(lines: Sequence[str]) -> list[str]:
    return ["    " + line for line in lines]
