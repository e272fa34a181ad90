"""Krawczyk's operator on arrays of boxes: where the zeros of a box can be, and whether there is exactly one.

For a box ``X = c + [-r, r]``, a matrix ``Y`` near the inverse of the Jacobian, and the interval Jacobian ``J`` over
``X``, every zero in ``X`` lies in ``K = c - Y f(c) + (I - Y J)(X - c)``. If ``K`` lies in the interior of ``X`` then
``X`` holds exactly one zero (``krawczyk1969``; ``moore2009``, theorem 8.2).

Interval matrices are handled as midpoint and radius; every radius is enlarged by a bound of the rounding errors.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_EPS = 2.0**-52
_TINY = 1e-300


class Contraction(NamedTuple):
    """What Krawczyk's operator says about ``m`` boxes ``center + [-radius, radius]``.

    Attributes
    ----------
    lower, upper : numpy.ndarray
        Shape ``(m, d)``: all zeros of the box lie between them. ``nan`` where the operator gives nothing.
    unique : numpy.ndarray
        Boolean, shape ``(m,)``: the box is proved to hold exactly one zero.
    """

    lower: np.ndarray
    upper: np.ndarray
    unique: np.ndarray


def krawczyk(
    center: np.ndarray,
    radius: np.ndarray,
    value: tuple[np.ndarray, np.ndarray],
    jacobian: tuple[np.ndarray, np.ndarray],
) -> Contraction:
    """Apply Krawczyk's operator to ``m`` boxes in ``d`` dimensions.

    Parameters
    ----------
    center, radius : numpy.ndarray
        The boxes, shape ``(m, d)``; the radius is at least the distance from the center to each face.
    value : pair of numpy.ndarray
        Bounds of the functions at the centers, each of shape ``(m, d)``.
    jacobian : pair of numpy.ndarray
        Bounds of their Jacobian over the boxes, each of shape ``(m, d, d)``; first index function, second variable.

    Returns
    -------
    Contraction
        The image, and where it proves existence and uniqueness.
    """
    with np.errstate(all="ignore"):  # unbounded slopes give nan, which proves nothing
        return _krawczyk(center, radius, value, jacobian)


def _krawczyk(
    center: np.ndarray,
    radius: np.ndarray,
    value: tuple[np.ndarray, np.ndarray],
    jacobian: tuple[np.ndarray, np.ndarray],
) -> Contraction:
    d = center.shape[-1]
    unit = 4 * (d + 2) * _EPS  # bounds the relative error of any sum of d products, twice over
    slope, slope_radius = midpoint_radius(*jacobian)
    f, f_radius = midpoint_radius(*value)
    inverse = _inverses(slope)
    size = np.abs(inverse)
    step = _apply(inverse, f)
    residual = np.abs(np.eye(d) - inverse @ slope) + size @ slope_radius + unit * (size @ np.abs(slope) + np.eye(d))
    reach = _apply(residual, radius) + _apply(size, f_radius) + unit * _apply(size, np.abs(f))
    reach = reach * (1 + 2 * unit) + unit * (np.abs(center) + np.abs(step)) + _TINY
    unique = np.all(np.abs(step) + reach < radius, axis=-1)
    return Contraction(center - step - reach, center - step + reach, unique)


def midpoint_radius(lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return midpoint and radius such that ``midpoint + [-radius, radius]`` contains ``[lower, upper]``."""
    middle = 0.5 * lower + 0.5 * upper
    return middle, np.maximum(upper - middle, middle - lower) * (1 + 4 * _EPS) + _TINY


def _apply(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    return np.einsum("mij,mj->mi", matrix, vector)


def _inverses(matrices: np.ndarray) -> np.ndarray:
    """Return approximate inverses; ``nan`` for matrices that are singular or not finite."""
    d = matrices.shape[-1]
    if d == 1:
        return np.where(matrices == 0, np.nan, 1.0 / matrices)
    determinant = np.linalg.det(np.where(np.isfinite(matrices), matrices, np.nan))
    regular = np.isfinite(determinant) & (determinant != 0)
    result = np.full_like(matrices, np.nan)
    result[regular] = np.linalg.inv(matrices[regular])
    return result
