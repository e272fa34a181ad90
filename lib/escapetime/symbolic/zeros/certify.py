"""From the pieces of a search to zeros: sharpened, without duplicates, each with its certificate or without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from escapetime.errors import NumericalFailure
from escapetime.symbolic.intervals.arithmetic import round_down, round_up
from escapetime.symbolic.zeros.clusters import hull, separate
from escapetime.symbolic.zeros.decimals import simplest
from escapetime.symbolic.zeros.search import POINTLIKE, Pieces, not_isolated
from escapetime.symbolic.zeros.system import System

_SHARP = 2e-15  # width of an enclosure, relative to the box or to the zero, at which sharpening ends


@dataclass(frozen=True, eq=False)
class Zero:
    """A zero of a system, or a place too degenerate to tell.

    Attributes
    ----------
    point : numpy.ndarray
        Best estimate, inside the enclosure, shape ``(d,)``.
    lower, upper : numpy.ndarray
        Corners of the enclosure, shape ``(d,)``.
    certified : bool
        True: the enclosure is proved to hold exactly one zero. False: it may hold one, several or none.
    """

    point: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    certified: bool


def zeros_from_pieces(system: System, pieces: Pieces, box: np.ndarray) -> list[Zero]:
    """Turn the result of a search in ``box`` (shape ``(2, d)``) into its zeros.

    Parameters
    ----------
    system : System
        The equations.
    pieces : Pieces
        What the search found.
    box : numpy.ndarray
        Lower and upper corner.

    Returns
    -------
    list of Zero
        Those whose enclosure meets the box.

    Raises
    ------
    NumericalFailure
        If undecided boxes form a cluster that is no point.
    """
    d = box.shape[1]
    regions, undecided = list(pieces.regions), np.array(pieces.undecided).reshape(-1, 2, d)
    enclosures = list(pieces.enclosures)
    degenerate = []
    pad = 0.05 * POINTLIKE * np.ptp(box, axis=0)  # rounding leaves gaps in the cloud around a degenerate zero
    for group in separate(undecided[:, 0] - pad, undecided[:, 1] + pad):
        cluster = hull(undecided[group, 0], undecided[group, 1])
        if any(np.all((cluster[0] >= r[0]) & (cluster[1] <= r[1])) for r in regions):
            continue
        center = cluster.mean(axis=0)
        radius = np.ptp(cluster, axis=0) + 1e-14 * np.abs(cluster).max(axis=0) + 1e-300
        image, possible, _ = system.contract(center[None], radius[None])
        if image.unique[0]:
            regions.append(np.stack([round_up(center - radius), round_down(center + radius)]))
            enclosures.append(np.stack([image.lower[0], image.upper[0]]))
        elif possible[0]:
            degenerate.append(cluster)
    sharp = _sharpen(system, np.array(enclosures).reshape(-1, 2, d), np.ptp(box, axis=0))
    zeros = [Zero(_point(system, e, box, True), e[0], e[1], True) for e in _distinct(sharp, regions) if _meets(e, box)]
    for cluster in degenerate:
        if np.any(np.ptp(cluster, axis=0) > POINTLIKE * np.ptp(box, axis=0)):
            evidence = "they fill this region to the limit of resolution"
            raise NumericalFailure(not_isolated(cluster, system.functions.variables, evidence))
        zeros.append(Zero(_point(system, cluster, box, False), cluster[0], cluster[1], False))
    return zeros


def _meets(enclosure: np.ndarray, box: np.ndarray) -> bool:
    return bool(np.all((enclosure[1] >= box[0]) & (enclosure[0] <= box[1])))


def _sharpen(system: System, enclosures: np.ndarray, span: np.ndarray) -> np.ndarray:
    """Contract boxes that hold one zero each, shape ``(n, 2, d)``, to a few units in the last place."""
    for second_order in (False, True):
        active = np.flatnonzero(_width(enclosures, span) > _SHARP)
        while len(active):
            lower, upper = enclosures[active, 0], enclosures[active, 1]
            center = 0.5 * lower + 0.5 * upper
            radius = np.maximum(upper - center, center - lower) * (1 + 1e-15) + 1e-300
            image, _, _ = system.contract(center, radius, second_order)
            enclosures[active] = np.stack([np.fmax(lower, image.lower), np.fmin(upper, image.upper)], axis=1)
            improved = np.any(np.ptp(enclosures[active], axis=1) < 0.9 * (upper - lower), axis=1)
            active = active[improved & (_width(enclosures[active], span) > _SHARP)]
    return enclosures


def _width(boxes: np.ndarray, span: np.ndarray) -> np.ndarray:
    return np.max(np.ptp(boxes, axis=1) / np.maximum(span, np.abs(boxes).max(axis=1)), axis=1)


def _distinct(enclosures: np.ndarray, regions: list[np.ndarray]) -> list[np.ndarray]:
    """Drop enclosures of a zero that is enclosed already: one that lies in a region known to hold a single zero."""
    kept: list[int] = []
    corners = np.array(regions).reshape(-1, 2, enclosures.shape[-1])
    for i, enclosure in enumerate(enclosures):
        inside_kept = np.all((enclosure[0] >= corners[kept, 0]) & (enclosure[1] <= corners[kept, 1]), axis=1)
        holds_kept = np.all((enclosures[kept, 0] >= corners[i, 0]) & (enclosures[kept, 1] <= corners[i, 1]), axis=1)
        if not (inside_kept | holds_kept).any():
            kept.append(i)
    return [enclosures[i] for i in kept]


def _point(system: System, enclosure: np.ndarray, box: np.ndarray, certified: bool) -> np.ndarray:
    """Return where Newton's method ends in the enclosure, or a number with fewer digits if that is as good."""
    sharp = certified and float(_width(enclosure[None], np.ptp(box, axis=0))[0]) < 1e-13
    point = np.clip(enclosure.mean(axis=0) if sharp else _newton(system, enclosure), *box)
    # ten digits that hit an enclosure of width 1e-14 are hardly chance: 1, not 0.9999999999999998
    simple = np.clip(simplest(enclosure[0], enclosure[1], point, places=10 if sharp else 16), *box)
    return simple if sharp or _size(system, simple) <= _size(system, point) else point


def _newton(system: System, enclosure: np.ndarray) -> np.ndarray:
    point = best = 0.5 * enclosure[0] + 0.5 * enclosure[1]
    for _ in range(60):
        value = np.mean(system.functions(point[None], point[None])[:2], axis=0)[0]
        slope = np.mean(system.jacobian(point[None], point[None])[:2], axis=0)[0].reshape(len(point), -1)
        if not (np.isfinite(value).all() and np.isfinite(slope).all()):
            break
        point = np.clip(point - np.linalg.lstsq(slope, value, rcond=1e-12)[0], *enclosure)
        if not _size(system, point) < _size(system, best):
            break
        best = point
    return best


def _size(system: System, point: np.ndarray) -> float:
    return float(np.max(np.abs(np.mean(system.functions(point[None], point[None])[:2], axis=0))))
