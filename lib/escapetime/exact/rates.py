r"""Jump rates of a walk on a grid that approximates a diffusion: exponential fitting (Scharfetter-Gummel, Il'in).

Along an axis the backward operator is :math:`D e^{\varphi} \partial (e^{-\varphi} \partial u)` with
:math:`\partial \varphi = -b / D` (Ito). Taking :math:`\partial \varphi` constant along each edge gives rates that are
positive at any grid spacing, and a walk in detailed balance in thermal equilibrium.
"""

from __future__ import annotations

import numpy as np

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.exact.arms import Arms
from escapetime.exact.grid import Array
from escapetime.processes.base import Diffusion

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(3)


def bernoulli(z: Array) -> Array:
    """Return ``z / (exp(z) - 1)``, continued by 1 at 0.

    Parameters
    ----------
    z : numpy.ndarray
        Any real numbers.

    Returns
    -------
    numpy.ndarray
        Positive, decreasing; 0 where it underflows.

    Examples
    --------
    >>> bernoulli(np.array([-1000.0, 0.0, 1000.0]))
    array([1000.,    1.,    0.])
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return np.where(np.abs(z) < 1e-12, 1 - z / 2, z / np.expm1(z))


def jump_rates(process: Diffusion, arms: Arms) -> Array:
    """Return the rate at which the walk leaves each node along each arm.

    Parameters
    ----------
    process : Diffusion
        In the Ito convention, with a diagonal diffusion matrix.
    arms : Arms
        The nodes and where their arms end.

    Returns
    -------
    numpy.ndarray
        Per unit of time, shape ``(n, d, 2)``; 0 along arms that end at the box.

    Raises
    ------
    RouteNotApplicable
        If the diffusion matrix has off-diagonal entries, or vanishes identically along a coordinate.
    InvalidInput
        If a coefficient is not finite at a node, or the diffusion is not positive there.

    Notes
    -----
    With arms ``l-`` and ``l+`` (Shortley and Weller 1938) the rate along one of them, of length ``l``, is
    ``D / l * B(z) * 2 / (l- + l+)``. Here ``B`` is the Bernoulli function and ``z`` the increase of ``phi`` along the
    arm: the difference of ``U / T`` in thermal equilibrium, a three-point Gauss integral otherwise. Second order in the
    spacing.
    """  # noqa: DOC502 (helpers raise them)
    _require_diagonal(process)
    dimension = process.dimension
    diffusion = _finite(process, process.diffusion_at, arms.points)[:, range(dimension), range(dimension)]
    bad = np.any(diffusion <= 0, axis=1)
    if np.any(bad):
        raise InvalidInput(
            f"The diffusion must be positive in every coordinate, but at {arms.points[bad][0].tolist()} it is "
            f"{diffusion[bad][0].tolist()}. Shrink the domain, or add a floor to the diffusion."
        )
    width = np.sum(arms.length, axis=2) / 2
    rates = np.zeros(arms.length.shape)
    for axis in range(dimension):
        for side in (0, 1):
            goes = (arms.neighbor[:, axis, side] >= 0) | (arms.face[:, axis, side] >= 0)
            length = arms.length[goes, axis, side]
            climb = _climb(process, arms.points[goes], length, axis, 2 * side - 1)
            rates[goes, axis, side] = diffusion[goes, axis] / (length * width[goes, axis]) * bernoulli(climb)
    return rates


def _climb(process: Diffusion, points: Array, length: Array, axis: int, sign: int) -> Array:
    direction = sign * np.eye(process.dimension)[axis]
    if process.landscape is not None and process.temperature is not None:
        loss = process.landscape.value
        return (loss(points + length[:, None] * direction) - loss(points)) / process.temperature
    total = np.zeros(len(points))
    for node, weight in zip((_NODES + 1) / 2, _WEIGHTS / 2, strict=True):
        x = points + (node * length)[:, None] * direction
        drift = _finite(process, process.drift_at, x)[:, axis]
        diffusion = _finite(process, process.diffusion_at, x)[:, axis, axis]
        total -= weight * length * sign * drift / diffusion
    return total


def _finite(process: Diffusion, function: object, x: Array) -> Array:
    with np.errstate(all="ignore"):
        values = np.asarray(function(x))  # type: ignore[operator]
    bad = ~np.isfinite(values.reshape(len(x), -1)).all(axis=1)
    if np.any(bad):
        raise InvalidInput(f"Drift or diffusion is not finite at {x[bad][0].tolist()}: shrink the domain or the box.")
    return values


def _require_diagonal(process: Diffusion) -> None:
    for i in range(process.dimension):
        for j in range(i):
            entry = process.diffusion[i, j]
            if entry != 0 and entry.simplify() != 0:
                raise RouteNotApplicable(
                    "The grid needs a diagonal diffusion matrix, but "
                    f"D[{process.variables[i]}, {process.variables[j]}] is {entry}. Rotate the "
                    "coordinates to the axes of D if it is constant, or use escapetime.simulate."
                )
        if process.diffusion[i, i] == 0:
            raise RouteNotApplicable(
                f"The grid needs noise in every coordinate, but {process.variables[i]} has none (as in underdamped "
                "dynamics); use escapetime.simulate."
            )
