"""Timing that survives a busy machine: contestants take turns, and only ratios within a round are compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Run = Callable[[], float]


@dataclass(frozen=True)
class Contestant:
    """Something that does work.

    Attributes
    ----------
    name : str
        As the table says it.
    run : callable
        Does some work and returns how much: particle-steps that somebody asked for.
    target : float or None
        How many times faster the project has promised to be.
    """

    name: str
    run: Run
    target: float | None = None


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes
    ----------
    name : str
        The contestant.
    rate : float
        Median of its rates, work per second.
    ratio : tuple of float
        10 %, 50 % and 90 % quantiles over the rounds of how many times faster the first contestant is.
    target : float or None
        Its target.
    """

    name: str
    rate: float
    ratio: tuple[float, float, float]
    target: float | None


def contest(
    contestants: Sequence[Contestant], rounds: int, clock: Callable[[], float] = time.process_time
) -> list[Row]:
    """Let contestants take turns and compare them with the first.

    Parameters
    ----------
    contestants : sequence of Contestant
        The first is this project's.
    rounds : int
        How often each runs, after once to warm up.
    clock : callable
        ``time.process_time`` for CPU seconds of one thread, ``time.perf_counter`` for wall clock.

    Returns
    -------
    list of Row
        In the order of the contestants.
    """
    rates = np.empty((len(contestants), rounds))
    for contestant in contestants:
        contestant.run()
    for r in range(rounds):
        for c, contestant in enumerate(contestants):
            begin = clock()
            work = contestant.run()
            rates[c, r] = work / (clock() - begin)
    return [
        Row(c.name, float(np.median(rates[k])), tuple(np.quantile(rates[0] / rates[k], (0.1, 0.5, 0.9))), c.target)
        for k, c in enumerate(contestants)
    ]


def table(title: str, rows: Sequence[Row]) -> str:
    """Return a Markdown table."""
    lines = [f"### {title}", "", "| | rate | the first is faster by | 10 to 90 % | promised |", "|---|---|---|---|---|"]
    for row in rows:
        low, middle, high = row.ratio
        target = "" if row.target is None else f"{row.target:g}"
        spread = "" if row is rows[0] else f"{_plain(low)} to {_plain(high)}"
        lines.append(f"| {row.name} | {row.rate:.2e} | {_plain(middle)} | {spread} | {target} |")
    return "\n".join([*lines, ""])


def _plain(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}"
