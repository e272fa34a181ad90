"""Systems that separate: groups of functions that share no variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sympy as sp


class Block(NamedTuple):
    """Indices of functions and of the variables that only they depend on."""

    functions: tuple[int, ...]
    variables: tuple[int, ...]


def independent_blocks(functions: Sequence[sp.Expr], variables: Sequence[sp.Symbol]) -> list[Block]:
    """Split a system into blocks with disjoint variables.

    Parameters
    ----------
    functions : sequence of sympy.Expr
        The functions.
    variables : sequence of sympy.Symbol
        The variables.

    Returns
    -------
    list of Block
        Square blocks, and for a variable that occurs nowhere a block without function; the whole system as one block
        if it does not separate that way.

    Examples
    --------
    >>> x, y, z = sp.symbols("x y z")
    >>> independent_blocks([x + z, y**2, x - z], (x, y, z))
    [Block(functions=(0, 2), variables=(0, 2)), Block(functions=(1,), variables=(1,))]
    """
    place = {v: j for j, v in enumerate(variables)}
    blocks: list[tuple[set[int], set[int]]] = [(set(), {j}) for j in range(len(variables))]
    for i, function in enumerate(functions):
        if function == 0:
            continue
        uses = {place[v] for v in function.free_symbols & place.keys()}
        touched = [b for b in blocks if b[1] & uses]
        rest = [b for b in blocks if not b[1] & uses]
        merged = ({i}.union(*(b[0] for b in touched)), set().union(*(b[1] for b in touched)))
        blocks = [*rest, merged]
    if any(len(rows) != len(columns) and rows for rows, columns in blocks):
        return [Block(tuple(range(len(functions))), tuple(range(len(variables))))]
    return [
        Block(tuple(sorted(rows)), tuple(sorted(columns))) for rows, columns in sorted(blocks, key=lambda b: min(b[1]))
    ]
