r"""The Levy measure of stable noise: how often jumps of which size and direction come.

A stable process with scale :math:`\sigma` makes jumps :math:`y` at the rate :math:`\nu(dy)` per unit of time, and
:math:`\nu` of a set that keeps away from zero is the rate of jumps into it. Three measures occur:

- ``"isotropic"``: :math:`\sigma^\alpha C_{d,\alpha}\|y\|^{-d-\alpha}\,dy`;
- ``"independent"``: carried by the axes, :math:`\sigma^\alpha c_\alpha|y_i|^{-1-\alpha}\,dy_i` on each;
- ``"mixing"``: the image of the second under a matrix, carried by the directions of its columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from escapetime.errors import InvalidInput
from escapetime.stable._checks import Floats, dimension, positive, stability
from escapetime.stable.constants import absolute_moment, levy_constant, tail_constant

KINDS = ("independent", "isotropic", "mixing")


def levy_density(y: ArrayLike, alpha: float, *, scale: float = 1.0, d: int = 1) -> Any:
    r"""Density of the (isotropic) Levy measure at distance ``|y|``.

    Parameters
    ----------
    y : array_like
        Jump sizes (norms if ``d > 1``), not zero, in the unit of the scale.
    alpha : float
        Stability index in (0, 2].
    scale : float
        Scale of the process at time one.
    d : int
        Dimension; for independent coordinates take 1, on each axis.

    Returns
    -------
    numpy.ndarray or float
        Rate per unit of time and of d-dimensional volume.

    Examples
    --------
    >>> float(levy_density(2.0, 1.0) * np.pi)
    0.25
    """
    a, n, s = stability(alpha), dimension(d), positive(scale, "the scale")
    return levy_constant(a, n) * s**a * np.abs(np.asarray(y, dtype=np.float64)) ** (-n - a)


def tail_mass(
    r: ArrayLike,
    alpha: float,
    *,
    scale: float = 1.0,
    d: int = 1,
    kind: str = "independent",
    matrix: ArrayLike | None = None,
) -> Any:
    r"""Rate of jumps longer than r, :math:`\nu(\|y\| > r)`.

    Parameters
    ----------
    r : array_like
        Distances, positive, in the unit of the scale.
    alpha : float
        Stability index in (0, 2].
    scale : float
        Scale of the process at time one.
    d : int
        Dimension; not needed with a matrix.
    kind : str
        ``"independent"``, ``"isotropic"`` or ``"mixing"``.
    matrix : array_like, shape (d, k), optional
        For mixing: columns are the directions along which the k independent sources push.

    Returns
    -------
    numpy.ndarray or float
        Per unit of time. Infinite jump activity shows as divergence at r = 0.

    Examples
    --------
    >>> round(float(tail_mass(2.0, 1.0, d=3) * np.pi), 12)  # three axes, each 2 / (pi r)
    3.0
    >>> bool(np.isclose(tail_mass(1.0, 1.5, kind="mixing", matrix=np.eye(2)), tail_mass(1.0, 1.5, d=2)))
    True
    """
    a, n, s = stability(alpha), dimension(d), positive(scale, "the scale")
    columns = mixing_matrix(matrix, kind)
    if columns is not None:
        mass = tail_constant(a) * float((np.linalg.norm(columns, axis=0) ** a).sum())
    else:
        mass = tail_constant(a, n) if kind == "isotropic" else n * tail_constant(a)
    return mass * s**a * np.asarray(r, dtype=np.float64) ** -a


def small_jump_variance(cut: float, alpha: float, *, scale: float = 1.0) -> float:
    r"""Variance per unit of time of all jumps up to a size, :math:`\int_{|y|\le\delta} y^2\,\nu(dy)`, on one axis.

    With it a Gaussian can stand for the small jumps of a process that is cut at `cut`.

    Parameters
    ----------
    cut : float
        Largest jump, in the unit of the scale.
    alpha : float
        Stability index in (0, 2).
    scale : float
        Scale of the process at time one.

    Returns
    -------
    float
        Unit of the scale squared, per unit of time.

    Raises
    ------
    InvalidInput
        For ``alpha = 2``, where there are no jumps.

    References
    ----------
    Asmussen and Rosinski 2001 (``asmussen2001``).

    Examples
    --------
    >>> round(small_jump_variance(1.0, 1.0) * np.pi, 12)
    2.0
    """
    a, s = stability(alpha), positive(scale, "the scale")
    if a == 2:
        raise InvalidInput("Expected alpha < 2: the Gaussian process has no jumps, and variance 2 scale**2 per time.")
    return 2 * levy_constant(a) * s**a * positive(cut, "the cut") ** (2 - a) / (2 - a)


def unit_moment(alpha: float, d: int) -> float:
    r"""Mean of :math:`|\theta_1|^\alpha` for a uniform direction :math:`\theta` in d dimensions.

    Projected on any axis, isotropic noise of scale one is stable noise of scale one. So ``tail_constant(alpha, d)``
    times this is ``tail_constant(alpha)``.

    Parameters
    ----------
    alpha : float
        Stability index in (0, 2].
    d : int
        Dimension.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> round(unit_moment(2.0, 4), 12), round(unit_moment(1.0, 2) * np.pi, 12)
    (0.25, 2.0)
    """
    a, n = stability(alpha), dimension(d)
    if n == 1:
        return 1.0
    from scipy.special import poch

    # moments of a normal vector: E|g_1|**a over E||g||**a
    return absolute_moment(a, 2.0) / (2**a * float(poch(n / 2, a / 2)))


def mixing_matrix(matrix: ArrayLike | None, kind: str) -> Floats | None:
    """Return the matrix of a mixing law, or None for the other kinds; refuses what does not fit together."""
    if kind not in KINDS:
        raise InvalidInput(f"Expected the kind of noise to be one of {', '.join(map(repr, KINDS))}; got {kind!r}.")
    if (matrix is None) == (kind == "mixing"):
        raise InvalidInput(
            "Expected a matrix with kind='mixing' and only there; got "
            + ("none." if matrix is None else f"one with kind={kind!r}.")
        )
    if matrix is None:
        return None
    columns = np.asarray(matrix, dtype=np.float64)
    if columns.ndim != 2 or not columns.size or not np.isfinite(columns).all():
        raise InvalidInput(f"Expected a finite mixing matrix of shape (d, k), got shape {columns.shape}.")
    return columns
