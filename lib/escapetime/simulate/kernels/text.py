"""Names and lines of generated code."""

from __future__ import annotations

import re
from collections.abc import Sequence


def numbered(prefix: str, count: int, turn: int | None = None) -> list[str]:
    """Return names ``x0``, ``x1``, ..., or ``x0_2``, ``x1_2``, ... for what a step of the round has."""
    return [f"{prefix}{i}" if turn is None else f"{prefix}{i}_{turn}" for i in range(count)]


def load(names: Sequence[str], row: int) -> list[str]:
    """Read rows of a lane that follow one another."""
    return [f"{name} = lanes[{row + k}, i]" for k, name in enumerate(names)]


def store(names: Sequence[str], row: int) -> list[str]:
    """Write them."""
    return [f"lanes[{row + k}, i] = {name}" for k, name in enumerate(names)]


def unpack(names: Sequence[str]) -> list[str]:
    """Give the entries of the array ``constants`` names."""
    return [f"{name} = constants[{k}]" for k, name in enumerate(names)]


def tuple_of(names: Sequence[str]) -> str:
    """Return a tuple, be it of one."""
    return f"({', '.join(names)},)"


def used(names: Sequence[str], lines: Sequence[str]) -> list[str]:
    """Return those names that occur."""
    words = set(re.findall(r"\w+", " ".join(lines)))
    return [name for name in names if name in words]


def called(lines: Sequence[str]) -> set[str]:
    """Return the names of the functions that are called."""
    return set(re.findall(r"\b([a-z_0-9]+)\(", " ".join(lines)))


def indent(lines: Sequence[str], by: int) -> str:
    """Join lines, moved to the right."""
    return "\n".join(" " * by + line for line in lines)
