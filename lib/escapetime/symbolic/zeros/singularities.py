"""Where expressions are undefined, or jump: the places at which a loss, its gradient or its Hessian break down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp

from escapetime.errors import NumericalFailure
from escapetime.symbolic.intervals import IntervalExtension
from escapetime.symbolic.zeros.arguments import check_box
from escapetime.symbolic.zeros.clusters import hull, separate
from escapetime.symbolic.zeros.decimals import simplest

_BEAM = 1024  # pieces followed at once: enough to meet every isolated point, and a sample of a curve


@dataclass(frozen=True, eq=False)
class Singularity:
    """A small box in which an expression may be undefined or jump.

    As an array it is its bounds, ``numpy.asarray(s)[i] == (lower, upper)`` of coordinate ``i``.

    Attributes
    ----------
    lower, upper : numpy.ndarray
        Corners, shape ``(d,)``. A coordinate on which the breakdown does not depend spans the whole box.
    reason : str
        What breaks down, for instance ``"x vanishes in a denominator"``.
    """

    lower: np.ndarray
    upper: np.ndarray
    reason: str

    @property
    def point(self) -> np.ndarray:
        """The point in the box with fewest digits, shape ``(d,)``."""
        return simplest(self.lower, self.upper, 0.5 * self.lower + 0.5 * self.upper)

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        return np.stack([self.lower, self.upper], axis=-1).astype(dtype or float)

    def describe(self, variables: Sequence[sp.Symbol]) -> str:
        """Return a sentence without its full stop: what breaks down, and where."""
        place = ", ".join(
            f"{v} = {c:.6g}" for v, c, w in zip(variables, self.point, self.upper - self.lower, strict=True) if w < 1e-6
        )
        return f"{self.reason} near {place or 'every point of the box'}"


def undefined_points(
    expressions: Sequence[sp.Expr],
    variables: Sequence[sp.Symbol],
    box: Sequence[Sequence[float]],
    *,
    inside: Sequence[sp.Expr] = (),
    tol: float = 1e-9,
    limit: int = 64,
    max_boxes: int = 200_000,
) -> list[Singularity]:
    """Find where expressions are undefined or discontinuous in a box; an empty list is a proof that they are nowhere.

    Give a loss with its gradient and Hessian to ask where it is not twice continuously differentiable: the derivative
    of ``Abs(x)`` is ``sign(x)``, which jumps at 0.

    Parameters
    ----------
    expressions : sequence of sympy.Expr
        What should be smooth.
    variables : sequence of sympy.Symbol
        The ``d`` coordinates.
    box : sequence of pairs
        ``((lo, hi), ...)``, closed, in units of the coordinates.
    inside : sequence of sympy.Expr
        Only points at which all of these are >= 0 count (the faces of a domain).
    tol : float
        Width of the boxes returned, relative to ``max(1, |x|)``.
    limit : int
        At most so many boxes are returned.
    max_boxes : int
        Budget of boxes to look at.

    Returns
    -------
    list of Singularity
        All of them if they are isolated; a sample if they form a curve or a surface. A removable singularity
        (``sin(x)/x`` at 0) counts, and so does a place that rounding does not let tell from one.

    Raises
    ------
    InvalidInput
        If the box is not finite or an expression holds an unknown symbol or function.
    NumericalFailure
        If the budget does not suffice for a proof.

    Notes
    -----
    Interval arithmetic (``moore2009``): where no operation can leave its domain on a box, the
    expression is defined there. Branches of a ``Piecewise`` join only where algebra proves that they do.

    Examples
    --------
    >>> x, y = sp.symbols("x y", real=True)
    >>> [s.describe((x,)) for s in undefined_points([sp.log(x + 1), 1 / x], (x,), [(-0.5, 1)])]
    ['x vanishes in a denominator near x = 0']
    >>> undefined_points([sp.log(x**2 + y**2 + 1)], (x, y), [(-9, 9), (-9, 9)])
    []
    """  # noqa: DOC502 (helpers raise them)
    corners = check_box(box, variables)
    if IntervalExtension(expressions, variables).total:
        return []  # most losses end here
    walls = IntervalExtension(inside, variables) if inside else None
    groups: dict[frozenset[int], list[sp.Expr]] = {}
    for expression in dict.fromkeys(map(sp.sympify, expressions)):
        extension = IntervalExtension([expression], variables)
        if not extension.total:
            groups.setdefault(extension.hazards, []).append(expression)
    result: list[Singularity] = []
    for hazards, members in groups.items():
        extension = IntervalExtension(members, variables)
        axes = [i for i in range(len(variables)) if walls or i in hazards]
        boxes = _locate(extension, walls, corners, axes, tol, max_boxes)
        result += [Singularity(b[0], b[1], extension.blame(*b)[0]) for b in _thin(boxes, limit)]
    return _thin(result, limit)


def _locate(
    extension: IntervalExtension,
    walls: IntervalExtension | None,
    box: np.ndarray,
    axes: list[int],
    tol: float,
    max_boxes: int,
) -> list[np.ndarray]:
    batches, examined = [(box[:1], box[1:])], 0
    found: list[np.ndarray] = []
    while batches and not found:
        lower, upper = batches.pop()
        while len(lower):
            examined += len(lower)
            if examined > max_boxes:
                raise NumericalFailure(
                    f"{max_boxes} boxes in {extension.variables} do not suffice to prove the expressions defined: "
                    "give a smaller box, simplify the expressions, or raise max_boxes."
                )
            bad = extension(lower, upper).undefined.any(axis=1)
            if walls is not None:
                bad &= ~(walls(lower, upper).upper < 0).any(axis=1)
            lower, upper = lower[bad], upper[bad]
            width = ((upper - lower) / np.maximum(1.0, np.maximum(np.abs(lower), np.abs(upper))))[:, axes]
            small = np.all(width <= tol, axis=1)
            found += list(np.stack([lower[small], upper[small]], axis=1))
            lower, upper = _bisect(lower[~small], upper[~small], np.array(axes)[np.argmax(width[~small], axis=1)])
            if len(lower) > _BEAM:  # follow every other piece down first; the rest only if that finds nothing
                batches.append((lower[1::2], upper[1::2]))
                lower, upper = lower[::2], upper[::2]
    return list(_merged(found, tol))


def _bisect(lower: np.ndarray, upper: np.ndarray, across: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = np.arange(len(lower))
    left, right = upper.copy(), lower.copy()
    left[rows, across] = right[rows, across] = 0.5 * lower[rows, across] + 0.5 * upper[rows, across]
    # neighbours stay neighbours, so that every other piece is a fair sample
    return np.stack([lower, right], axis=1).reshape(-1, lower.shape[1]), np.stack([left, upper], axis=1).reshape(
        -1, lower.shape[1]
    )


def _merged(boxes: list[np.ndarray], tol: float) -> Iterator[np.ndarray]:
    if not boxes:
        return
    lower, upper = np.array(boxes)[:, 0], np.array(boxes)[:, 1]
    for group in separate(lower, upper):
        whole, first = hull(lower[group], upper[group]), boxes[group[0]]
        one_point = np.all(
            np.ptp(whole, axis=0)
            <= np.maximum(np.ptp(first, axis=0), 20 * tol * np.maximum(1.0, np.abs(whole).max(axis=0)))
        )
        yield from [whole] if one_point else [boxes[i] for i in group]


def _thin(items: list, limit: int) -> list:
    return items if len(items) <= limit else [items[i] for i in np.linspace(0, len(items) - 1, limit).astype(int)]
