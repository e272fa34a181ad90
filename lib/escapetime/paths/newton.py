"""Newton's method for curves: corners move across the path only, and are then spaced evenly along it again."""

from __future__ import annotations

from typing import Any

import numpy as np

from escapetime.errors import NumericalFailure
from escapetime.paths.action import Array, Segments

ITERATIONS = 300
STILL = 1e-9  # largest move of a corner, as a fraction of the length, at which the path has converged
PUSH = 0.02  # how far a path that is stationary but not least is pushed off, as a fraction of its length


def evenly(points: Array, segments: int) -> Array:
    """Return a path of equal steps through the same places.

    Parameters
    ----------
    points : numpy.ndarray
        Shape ``(n + 1, d)``, no two neighbors alike.
    segments : int
        Number of steps wanted.

    Returns
    -------
    numpy.ndarray
        On a cubic spline through the points, shape ``(segments + 1, d)``, with the same ends.

    Examples
    --------
    >>> evenly(np.array([[0.0], [0.1], [1.0]]), 4).ravel().round(6).tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    from scipy.interpolate import CubicSpline

    for _ in range(3):  # chords stand for arcs: each round improves on the last
        along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
        curve = CubicSpline(along, points)
        ends = points[0].copy(), points[-1].copy()
        points = curve(np.linspace(0.0, along[-1], segments + 1))
        points[0], points[-1] = ends
    return points


def minimize(segments: Segments, points: Array) -> Array:
    """Return the path of locally least geometric action with the same ends and number of steps.

    Parameters
    ----------
    segments : Segments
        The action.
    points : numpy.ndarray
        Where to begin, evenly spaced, shape ``(n + 1, d)``.

    Returns
    -------
    numpy.ndarray
        Evenly spaced, same shape. The action's second variation there is positive: a path that is merely stationary is
        left along its direction of descent.

    Raises
    ------
    NumericalFailure
        If it has not converged after 300 steps.
    """
    from scipy.linalg import LinAlgError, eig_banded, solveh_banded

    count, d = len(points) - 1, segments.dimension
    if d == 1:
        return points
    length = float(np.sum(np.linalg.norm(np.diff(points, axis=0), axis=1)))
    damping = 0.0
    for _ in range(ITERATIONS):
        normals = _normals(points)
        gradient, band = _reduced(segments, points, normals)
        value, scale = float(np.sum(segments.cost(points))), float(np.mean(np.abs(band[0])))
        while True:
            damped = band.copy()
            damped[0] += damping * scale
            try:
                move = solveh_banded(damped, -gradient.ravel(), lower=True).reshape(gradient.shape)
            except LinAlgError:
                damping = max(4 * damping, 1e-6)
                continue
            moved = points.copy()
            moved[1:-1] += np.einsum("nij,nj->ni", normals, move)
            largest = float(np.max(np.abs(move)))
            if largest <= STILL * length or float(np.sum(segments.cost(moved))) < value:
                break
            damping = max(4 * damping, 1e-6)
        points = evenly(moved, count)
        if largest <= STILL * length:
            lowest, mode = eig_banded(band, lower=True, select="i", select_range=(0, 0))
            if lowest[0] > 0:
                return points
            push = mode[:, 0].reshape(gradient.shape)
            push *= PUSH * length / np.max(np.abs(push)) * (1.0 if np.sum(push) >= 0 else -1.0)
            points[1:-1] += np.einsum("nij,nj->ni", normals, push)
            points = evenly(points, count)
        damping = 0.0 if damping < 1e-6 else damping / 8
    raise NumericalFailure(
        f"The path of least action was not found in {ITERATIONS} steps: give a path closer to it to begin with, or "
        "split it at the fixed points that it passes."
    )


def _normals(points: Array) -> Array:
    """Orthonormal bases across the path at its inner corners, shape ``(n - 1, d, d - 1)``."""
    tangent = points[2:] - points[:-2]
    return np.linalg.qr(tangent[:, :, None], mode="complete")[0][:, :, 1:]


def _reduced(segments: Segments, points: Array, normals: Array) -> tuple[Array, Any]:
    """Gradient ``(n - 1, d - 1)`` and Hessian, as lower bands, with respect to moves across the path."""
    gradient, diagonal, beside = segments.derivatives(points)
    width = normals.shape[2]
    across = np.einsum("nij,ni->nj", normals, gradient)
    own = np.einsum("nia,nij,njb->nab", normals, diagonal, normals)
    next_to = np.einsum("nia,nij,njb->nab", normals[:-1], beside, normals[1:])
    band = np.zeros((2 * width, len(normals), width))
    for column in range(width):
        for row in range(column, width):
            band[row - column, :, column] = own[:, row, column]
        for row in range(width):
            band[width + row - column, :-1, column] = next_to[:, column, row]
    return across, band.reshape(2 * width, -1)
