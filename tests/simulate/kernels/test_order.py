"""The order of a step's statements changes neither what they compute nor what the rows hold in the end."""

import re

import numpy as np
import pytest

from escapetime.simulate.kernels.order import lazily
from escapetime.simulate.kernels.rounds import _with_sum


def run(statements, rows):
    scope = {"lanes": np.array(rows, dtype=float)[:, None], "i": 0}
    exec("\n".join(statements), scope)
    return scope["lanes"][:, 0], scope


def program(seed, size=12):
    """A step that reads rows, combines some of them, and writes results over them in another order."""
    rng = np.random.default_rng(seed)
    lines = [f"x{k} = lanes[{size + k}, i] = lanes[{k}, i]" for k in range(size)]
    lines += [f"z{k} = lanes[{2 * size + k}, i]" for k in range(size)]
    for k in range(size):
        a, b = rng.integers(0, size, 2)
        lines.append(f"s{k} = x{a} * {rng.integers(1, 5)} + z{b}" + (f" - s{rng.integers(0, k)}" if k else ""))
    lines += [f"lanes[{k}, i] = s{size - 1 - k}" for k in range(size)]
    lines += [f"lanes[{2 * size + k}, i] = s{k}" for k in rng.permutation(size)]
    return [*lines, "last = x0 + s0"]


@pytest.mark.parametrize("seed", range(8))
def test_another_order_is_the_same_program(seed):
    statements, rows = program(seed), np.random.default_rng(seed).integers(1, 100, 36)
    ordered = lazily(statements)
    assert sorted(ordered) == sorted(statements)
    assert ordered != statements
    assert ordered[-1] == "last = x0 + s0"
    np.testing.assert_array_equal(run(ordered, rows)[0], run(statements, rows)[0])
    # the test notices when a row is read after it was written
    late = sorted(ordered, key=lambda line: line.startswith("z"))
    with pytest.raises(NameError):
        run(late, rows)
    early = sorted(statements, key=lambda line: not line.startswith("lanes"))
    with pytest.raises(NameError):
        run(early, rows)


def test_few_values_wait_at_a_time():
    """Coordinates that know nothing of one another are finished one by one."""
    lines = [f"x{k} = lanes[{k}, i]" for k in range(16)] + [f"z{k} = lanes[{16 + k}, i]" for k in range(16)]
    lines += [f"y{k} = x{k} + z{k}" for k in range(16)] + [f"lanes[{k}, i] = y{k}" for k in range(16)]

    def most_alive(statements):
        last = {name: k for k, line in enumerate(statements) for name in re.findall(r"[xyz]\d+", line)}
        first = {}
        for k, line in enumerate(statements):
            for name in re.findall(r"[xyz]\d+", line):
                first.setdefault(name, k)
        return max(sum(first[n] <= k < last[n] for n in first) for k in range(len(statements)))

    assert most_alive(lines) >= 32
    assert most_alive(lazily(lines)) <= 3


def test_what_is_not_finite_is_noticed_and_nothing_else():
    names = [f"y{k}" for k in range(11)]
    lines = _with_sum([f"lanes[{k}, i] = {name}" for k, name in enumerate(names)], names, "near0")
    for bad in (None, *range(11)):
        values = dict.fromkeys(names, 1e30) | {"R": float, "near0": 0.25}
        for number in () if bad is None else (np.inf, -np.inf, np.nan):
            scope = values | {names[bad]: number, "lanes": np.zeros((11, 1)), "i": 0}
            exec("\n".join(lines), scope)
            assert not scope["near"] > 0
        scope = values | {"lanes": np.zeros((11, 1)), "i": 0}
        exec("\n".join(lines), scope)
        assert scope["near"] == 0.25
