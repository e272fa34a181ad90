"""Branch and prune: cut a box into pieces until each is proved empty, proved to hold one zero, or too small to cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import sympy as sp

from escapetime.errors import NumericalFailure
from escapetime.symbolic.intervals.arithmetic import round_down, round_up
from escapetime.symbolic.zeros.clusters import hull, separate
from escapetime.symbolic.zeros.system import System

POINTLIKE = 1e-3  # an undecided cluster smaller than this fraction of the box may be a degenerate zero, not a curve

_INFLATION = 1.25  # a zero on the face of a piece is inside the piece's blown-up copy
_CUT = 0.4871  # off centre, so that cuts avoid the symmetric places where zeros like to be
_BATCH = 64  # a call on this many pieces costs as much as on one
_PATIENCE, _MANY = 10, 500  # rounds, or pieces, after which second derivatives are worth their cost
_CROWD = 2000  # so many undecided pieces around one point: the Jacobian is singular there, and cutting on is in vain


@dataclass
class Pieces:
    """What a search found; every box is an array of shape ``(2, d)``, lower and upper corner.

    Attributes
    ----------
    regions, enclosures : list of numpy.ndarray
        In each region there is exactly one zero, and it lies in the enclosure.
    undecided : list of numpy.ndarray
        Boxes at the limit of resolution that may hold zeros.
    examined, rounds : int
        Number of boxes looked at, and of passes over all that were left.
    """

    regions: list[np.ndarray] = field(default_factory=list)
    enclosures: list[np.ndarray] = field(default_factory=list)
    undecided: list[np.ndarray] = field(default_factory=list)
    examined: int = 0
    rounds: int = 0


def branch_and_prune(system: System, box: np.ndarray, tol: float, max_boxes: int) -> Pieces:
    """Enclose all zeros of a system in a box.

    Parameters
    ----------
    system : System
        Defined and continuously differentiable on the box.
    box : numpy.ndarray
        Shape ``(2, d)``: lower and upper corner.
    tol : float
        Boxes this small (relative to ``max(1, |x|)``) are not cut further.
    max_boxes : int
        Budget of boxes to look at.

    Returns
    -------
    Pieces
        Every zero in the box lies in one of the regions or in one of the undecided boxes.

    Raises
    ------
    NumericalFailure
        If the budget does not suffice.
    """
    found = Pieces()
    span = box[1] - box[0]
    lower, upper = _cut(box[:1], box[1:], np.broadcast_to(1 / span, (1, len(span), len(span))))
    while len(lower):
        found.rounds += 1
        found.examined += len(lower)
        if found.examined > max_boxes:
            evidence = f"after {found.examined} boxes {len(lower)} are undecided"
            raise NumericalFailure(not_isolated(hull(lower, upper), system.functions.variables, evidence))
        keep = system.may_vanish(lower, upper)
        lower, upper = lower[keep], upper[keep]
        center = 0.5 * lower + 0.5 * upper
        radius = np.maximum(upper - center, center - lower) * _INFLATION + 1e-300
        image, keep, slopes = system.contract(center, radius, found.rounds > _PATIENCE or len(lower) > _MANY)
        low, high = np.fmax(lower, image.lower), np.fmin(upper, image.upper)  # fmax passes over nan: no news
        keep &= np.all(low <= high, axis=1) & ~image.unique
        for i in np.flatnonzero(image.unique):
            region = np.stack([round_up(center[i] - radius[i]), round_down(center[i] + radius[i])])
            found.regions.append(region)
            found.enclosures.append(np.stack([image.lower[i], image.upper[i]]))
            keep &= ~np.all((lower >= region[0]) & (upper <= region[1]), axis=1)
        shrunk = np.prod(high - low, axis=1) < 0.5 * np.prod(upper - lower, axis=1)
        lower, upper, slopes, shrunk = low[keep], high[keep], slopes[keep], shrunk[keep]
        settled = _at_the_limit(system, lower, upper, tol)
        found.undecided += list(np.stack([lower[settled], upper[settled]], axis=1))
        for crowd in _crowds(lower, upper, span):
            found.undecided.append(hull(lower[crowd], upper[crowd]))
            settled[crowd] = True
        again, halve = ~settled & shrunk, ~settled & ~shrunk
        more = _cut(lower[halve], upper[halve], slopes[halve])
        lower, upper = np.concatenate([lower[again], more[0]]), np.concatenate([upper[again], more[1]])
    return found


def _at_the_limit(system: System, lower: np.ndarray, upper: np.ndarray, tol: float) -> np.ndarray:
    """Return which boxes are below the tolerance, or so small that the functions there are lost in rounding."""
    width = (upper - lower) / np.maximum(1.0, np.maximum(np.abs(lower), np.abs(upper)))
    small = np.all(width <= tol, axis=1)
    suspects = np.flatnonzero(~small & np.all(width < POINTLIKE, axis=1))
    for weight in (0.5, 0.01, 0.99):
        points = (1 - weight) * lower[suspects] + weight * upper[suspects]
        suspects = suspects[system.may_vanish(points, points)]
    small[suspects] = True
    return small


def _crowds(lower: np.ndarray, upper: np.ndarray, span: np.ndarray) -> list[np.ndarray]:
    """Return the groups of many boxes that are packed around one point."""
    if len(lower) <= _CROWD:
        return []
    pad = 0.05 * POINTLIKE * span
    groups = [g for g in separate(lower - pad, upper + pad) if len(g) > _CROWD // 2]
    return [g for g in groups if np.all(np.ptp(hull(lower[g], upper[g]), axis=0) <= POINTLIKE * span)]


def _cut(lower: np.ndarray, upper: np.ndarray, slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut boxes in two, or in more while there are few, across the axis along which the functions vary most."""
    while len(lower) > 0:
        lower, upper, slopes = _halve(lower, upper, slopes)
        if len(lower) >= _BATCH:
            break
    return lower, upper


def _halve(lower: np.ndarray, upper: np.ndarray, slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    width = upper - lower
    change = np.minimum(slopes, 1e300) * width[:, None, :]
    change = np.where(np.isnan(change), 1e300, change)
    share = change / np.maximum(change.sum(axis=2, keepdims=True), 1e-300)
    # each function votes with the share of its variation along each axis; a small bonus for long sides breaks ties
    across = np.argmax(share.sum(axis=1) + 1e-3 * width / width.max(axis=1, keepdims=True), axis=1)
    rows = np.arange(len(lower))
    at = (1 - _CUT) * lower[rows, across] + _CUT * upper[rows, across]
    left, right = upper.copy(), lower.copy()
    left[rows, across] = right[rows, across] = at
    return np.concatenate([lower, right]), np.concatenate([left, upper]), np.concatenate([slopes, slopes])


def not_isolated(region: np.ndarray, variables: Sequence[sp.Symbol], evidence: str) -> str:
    """Return what to say of zeros that are not isolated, or cannot be isolated in reasonable time."""
    where = ", ".join(f"{a:.6g} <= {v} <= {b:.6g}" for v, a, b in zip(variables, *region, strict=True))
    return (
        f"The zeros in {where} cannot be told apart: {evidence}. They form a curve or a surface (a symmetry), or are "
        "too degenerate or too many: break the symmetry, factor the expression, give a smaller box, or raise max_boxes."
    )
