"""The order of statements: what a lane holds is read where it is needed and written as soon as it is known.

Else a step in many dimensions begins with its whole state in registers, and there are not so many.
"""

from __future__ import annotations

import re
from collections.abc import Sequence


def lazily(statements: Sequence[str]) -> list[str]:
    """Put statements in an order in which few values wait at a time.

    Parameters
    ----------
    statements : sequence of str
        ``a, b = f(c)``, ``x = lanes[3, i]``, ``x = lanes[2, i] = lanes[3, i]``, ``lanes[3, i] = x``: in an order in
        which they could run, every name assigned once and every row read at most once.

    Returns
    -------
    list of str
        The same. Writes of names come as what they need is cheapest to have; what none of them needs comes last.

    Examples
    --------
    >>> rows = ["x = lanes[0, i]", "y = lanes[1, i]", "u = x * y", "v = 2 * y"]
    >>> print(*lazily([*rows, "lanes[0, i] = u", "lanes[1, i] = v"]), sep="; ")
    y = lanes[1, i]; v = 2 * y; lanes[1, i] = v; x = lanes[0, i]; u = x * y; lanes[0, i] = u
    """
    needs = _needs(statements)
    whole: list[int] = []  # the statement and all that it needs, as the bits of a number
    for k, mine in enumerate(needs):
        bits = 1 << k
        for n in mine:
            bits |= whole[n]
        whole.append(bits)
    order: list[str] = []
    done = 0

    def place(k: int) -> None:
        nonlocal done
        while missing := [n for n in needs[k] if not done >> n & 1]:
            # the one with most to do first: a value that is had at once would wait for it
            place(max(missing, key=lambda n: (whole[n] & ~done).bit_count()))
        order.append(statements[k])
        done |= 1 << k

    writes = [k for k, line in enumerate(statements) if re.fullmatch(r"lanes\[\d+, i\] = \w+", line)]
    while writes:
        nearest = min(writes, key=lambda k: (whole[k] & ~done).bit_count())
        writes.remove(nearest)
        place(nearest)
    for k in range(len(statements)):
        if not done >> k & 1:
            place(k)
    return order


def _needs(statements: Sequence[str]) -> list[list[int]]:
    """Return which of those before it each statement needs, and for a write the read of what it replaces."""
    made: dict[str, int] = {}
    read: dict[str, int] = {}
    needs = []
    for k, line in enumerate(statements):
        *left, right = line.split(" = ")
        mine = [made[name] for name in dict.fromkeys(re.findall(r"\w+", right)) if name in made]
        if left[0].startswith("lanes"):
            mine += [read[row]] if (row := _row(left[0])) in read else []
        else:
            made |= dict.fromkeys(re.findall(r"\w+", left[0]), k)
        if row := _row(right):
            read[row] = k
        needs.append(mine)
    return needs


def _row(text: str) -> str:
    found = re.search(r"lanes\[(\d+), i\]", text)
    return found[1] if found else ""
