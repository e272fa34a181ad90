"""All zeros of a square system in a box, with proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import sympy as sp

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.symbolic.zeros.arguments import check_box
from escapetime.symbolic.zeros.blocks import Block, independent_blocks
from escapetime.symbolic.zeros.certify import Zero, zeros_from_pieces
from escapetime.symbolic.zeros.search import branch_and_prune, not_isolated
from escapetime.symbolic.zeros.singularities import undefined_points
from escapetime.symbolic.zeros.system import System

MAX_ZEROS = 200_000  # of a product of independent blocks


@dataclass(frozen=True, eq=False)
class ZeroSet:
    """All zeros of a system in a box, in lexicographic order: a sequence of :class:`Zero`.

    Attributes
    ----------
    zeros : tuple of Zero
        Every zero in the box lies in the enclosure of exactly one of them.
    examined : int
        Number of boxes the search looked at.
    """

    zeros: tuple[Zero, ...]
    examined: int

    def __len__(self) -> int:
        return len(self.zeros)

    def __iter__(self) -> Iterator[Zero]:
        return iter(self.zeros)

    def __getitem__(self, index: int) -> Zero:
        return self.zeros[index]

    @property
    def points(self) -> np.ndarray:
        """The points, shape ``(n, d)``."""
        return np.array([z.point for z in self.zeros])

    @property
    def certified(self) -> bool:
        """Whether each of them is proved to exist and to be the only one in its enclosure."""
        return all(z.certified for z in self.zeros)


def isolate_zeros(
    functions: Sequence[sp.Expr],
    variables: Sequence[sp.Symbol],
    box: Sequence[Sequence[float]],
    *,
    jacobian: sp.Matrix | None = None,
    tol: float = 1e-10,
    max_boxes: int = 500_000,
) -> ZeroSet:
    """Find every zero of a square system in a closed box: none is missed, and none that is certified is invented.

    Parameters
    ----------
    functions : sequence of sympy.Expr
        ``d`` functions, for instance the gradient of a loss.
    variables : sequence of sympy.Symbol
        The ``d`` coordinates.
    box : sequence of pairs
        ``((lo, hi), ...)``, in units of the coordinates. A zero within rounding of the boundary counts as inside.
    jacobian : sympy.Matrix, optional
        ``d x d`` derivatives of the functions by the variables, if they are at hand.
    tol : float
        Boxes this small (relative to ``max(1, |x|)``) that are still undecided are reported as degenerate zeros.
    max_boxes : int
        Budget of boxes to look at.

    Returns
    -------
    ZeroSet
        Zeros with a regular Jacobian are certified, and enclosed to a few units in the last place. A zero that is not
        certified stands for one small enclosure that may hold one, several or no zeros: the Jacobian is singular there.

    Raises
    ------
    InvalidInput
        If the system is not square, the box not finite, or a function or derivative undefined somewhere in the box.
    NumericalFailure
        If the zeros are not isolated (a curve of them), or too many for the budget.

    Notes
    -----
    Valid for functions that are continuously differentiable on the box. Branch and prune with interval bounds,
    mean-value forms and Krawczyk's operator (``krawczyk1969``; ``moore2009``, theorem 8.2). Systems that separate into
    blocks of disjoint variables are solved block by block.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> isolate_zeros([x**3 - x], (x,), [(-2, 2)]).points.tolist()
    [[-1.0], [0.0], [1.0]]
    """  # noqa: DOC502 (helpers raise them)
    functions, variables = [sp.sympify(f) for f in functions], tuple(variables)
    corners = check_box(box, variables)
    if len(functions) != len(variables):
        raise InvalidInput(f"Expected as many functions as variables, got {len(functions)} functions of {variables}.")
    derivatives = sp.Matrix(functions).jacobian(variables) if jacobian is None else sp.Matrix(jacobian)
    if derivatives.shape != (len(variables), len(variables)):
        raise InvalidInput(f"Expected a {len(variables)} x {len(variables)} Jacobian, got shape {derivatives.shape}.")
    broken = undefined_points([*functions, *derivatives], variables, box)
    if broken:
        raise InvalidInput(
            f"The functions are not smooth in the box: {broken[0].describe(variables)}; choose a box without it, "
            "or smooth the expression there."
        )
    examined, factors, failure = 0, [], None
    for block in independent_blocks(functions, variables):
        try:
            zeros, boxes = _solve(block, functions, variables, derivatives, corners, tol, max_boxes)
        except NumericalFailure as error:
            failure = error  # harmless if another block turns out to have no zero at all
            continue
        examined += boxes
        if not zeros:
            return ZeroSet((), examined)
        factors.append((block, zeros))
    if failure is not None:
        raise failure
    return ZeroSet(tuple(_combine(factors)), examined)


def _solve(
    block: Block,
    functions: Sequence[sp.Expr],
    variables: Sequence[sp.Symbol],
    derivatives: sp.Matrix,
    corners: np.ndarray,
    tol: float,
    max_boxes: int,
) -> tuple[list[Zero], int]:
    rows, columns = list(block.functions), list(block.variables)
    chosen = [variables[j] for j in columns]
    box = corners[:, columns]
    if not rows:
        raise NumericalFailure(not_isolated(box, chosen, f"no function depends on {chosen[0]}"))
    system = System([functions[i] for i in rows], chosen, derivatives.extract(rows, columns))
    pieces = branch_and_prune(system, box, tol, max_boxes)
    return zeros_from_pieces(system, pieces, box), pieces.examined


def _combine(factors: list[tuple[Block, list[Zero]]]) -> list[Zero]:
    count = int(np.prod([float(len(zeros)) for _, zeros in factors]))
    if count > MAX_ZEROS:
        raise NumericalFailure(f"The blocks of the system have {count} zeros together; give a smaller box.")
    order = np.argsort([j for block, _ in factors for j in block.variables])
    result = []
    for combination in product(*(zeros for _, zeros in factors)):
        columns = zip(*((z.point, z.lower, z.upper) for z in combination), strict=True)
        point, lower, upper = (np.concatenate(parts)[order] for parts in columns)
        result.append(Zero(point, lower, upper, all(z.certified for z in combination)))
    return sorted(result, key=lambda z: tuple(z.point))
