r"""Linear recursions with independent noise, :math:`z' = A_kz + w_k`: mean and covariance after any number of steps.

Two runs of the recursion, one after the other, are a run of the same kind, so that the number of matrix products grows
like the logarithm of the number of steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from escapetime.errors import InvalidInput, NumericalFailure

Array = NDArray[np.float64]
MOST_DOUBLINGS = 120


@dataclass(frozen=True)
class Moments:
    """Mean and covariance of a state ``z``: positions first, then what else the optimizer remembers.

    Attributes
    ----------
    mean : numpy.ndarray, shape (..., n)
        Mean of the state.
    covariance : numpy.ndarray, shape (..., n, n)
        Its covariance.
    positions : int
        How many of its entries are positions, ``d``.
    """

    mean: Array
    covariance: Array
    positions: int

    @property
    def position_mean(self) -> Array:
        """Mean of the positions, shape ``(..., d)``."""
        return self.mean[..., : self.positions]

    @property
    def position_covariance(self) -> Array:
        """Covariance of the positions, shape ``(..., d, d)``."""
        return self.covariance[..., : self.positions, : self.positions]

    @property
    def position_variance(self) -> Array:
        """Variance of each position; of shape ``(...,)`` where there is one."""
        diagonal = np.diagonal(self.position_covariance, axis1=-2, axis2=-1)
        return diagonal[..., 0] if self.positions == 1 else diagonal


@dataclass(frozen=True)
class LinearRecursion:
    r"""The recursion :math:`z' = A_kz + w_k`, :math:`\mathrm{Cov}\,w_k = Q_k`, constant after its first steps.

    Attributes
    ----------
    matrix : numpy.ndarray, shape (..., n, n)
        ``A``, in the steps after the early ones. Leading axes are independent problems.
    noise : numpy.ndarray, shape (..., n, n)
        ``Q``, likewise.
    start : Moments
        Of the state before the first step, independent of the noise.
    early_steps : int
        How many steps differ from those that follow.
    early : callable, optional
        ``A`` and ``Q`` of step ``k``, counted from 1, for ``k`` up to ``early_steps``.

    Examples
    --------
    A random walk with steps of variance 1:

    >>> one = np.eye(1)
    >>> walk = LinearRecursion(one, one, Moments(np.zeros(1), 0 * one, 1))
    >>> float(walk.after(10**6).position_variance)
    1000000.0
    """

    matrix: Array
    noise: Array
    start: Moments
    early_steps: int = 0
    early: Callable[[int], tuple[Array, Array]] | None = None

    @property
    def growth(self) -> Array:
        """Largest absolute eigenvalue of ``A``: the factor by which distances grow in a late step, shape ``(...,)``."""
        return np.asarray(np.abs(np.linalg.eigvals(self.matrix)).max(axis=-1))

    def after(self, steps: int) -> Moments:
        """Mean and covariance after a number of steps.

        Parameters
        ----------
        steps : int
            0 or more.

        Returns
        -------
        Moments
            Exact for noise of any law, up to rounding: about 1e-16 a step, for as long as the start is remembered.

        Raises
        ------
        InvalidInput
            If the number of steps is negative or not whole.
        NumericalFailure
            If the covariance exceeds the largest floating number.
        """
        if steps != int(steps) or steps < 0:
            raise InvalidInput(f"the number of steps must be a whole number, 0 or more, got {steps}")
        mean, covariance = self.start.mean, self.start.covariance
        with np.errstate(over="ignore", invalid="ignore"):
            for k in range(1, min(int(steps), self.early_steps) + 1):
                assert self.early is not None
                mean, covariance = _advance(mean, covariance, *self.early(k))
            left = int(steps) - min(int(steps), self.early_steps)
            if left:
                mean, covariance = _advance(mean, covariance, *_repeat(self.matrix, self.noise, left))
        if not np.all(np.isfinite(covariance)):
            raise NumericalFailure(
                f"after {steps} steps, each multiplying distances by up to {self.growth.max():.6g}, the covariance is "
                "beyond the largest floating number; ask for fewer steps: the quadratic loss ends long before"
            )
        return Moments(mean, covariance, self.start.positions)

    def stationary(self) -> Moments:
        r"""Mean and covariance of the stationary law, :math:`\Sigma = A\Sigma A^T + Q`.

        Returns
        -------
        Moments
            With mean zero.

        Raises
        ------
        InvalidInput
            If there is none, because an eigenvalue of ``A`` is not below 1 in absolute value.
        NumericalFailure
            If the sum does not settle.
        """
        growth = self.growth.max()
        if growth >= 1:
            raise InvalidInput(
                f"a step multiplies distances by up to {growth:.6g}, expected less than 1: there is no stationary law "
                "at a saddle, without curvature, or at a learning rate that is too large; use after(steps)"
            )
        power, total = self.matrix, self.noise
        with np.errstate(under="ignore"):
            for _ in range(MOST_DOUBLINGS):
                added = power @ total @ np.swapaxes(power, -1, -2)
                total, power = total + added, power @ power
                if np.all(np.abs(added) <= 1e-17 * np.abs(total).max(axis=(-1, -2), keepdims=True)):
                    return Moments(np.zeros_like(self.start.mean), _symmetric(total), self.start.positions)
        raise NumericalFailure(
            f"the stationary covariance did not settle; a step multiplies distances by {growth:.17g}, too close to 1"
        )


def _advance(mean: Array, covariance: Array, matrix: Array, noise: Array) -> tuple[Array, Array]:
    moved = (matrix @ mean[..., None])[..., 0]
    return moved, _symmetric(matrix @ covariance @ np.swapaxes(matrix, -1, -2) + noise)


def _repeat(matrix: Array, noise: Array, times: int) -> tuple[Array, Array]:
    """Matrix and noise of that many equal steps taken together."""
    power, total = np.broadcast_to(np.eye(matrix.shape[-1]), matrix.shape), np.zeros_like(noise)
    while times:
        if times & 1:
            total = matrix @ total @ np.swapaxes(matrix, -1, -2) + noise
            power = matrix @ power
        if times := times >> 1:
            noise = _symmetric(noise + matrix @ noise @ np.swapaxes(matrix, -1, -2))
            matrix = matrix @ matrix
    return power, _symmetric(total)


def _symmetric(matrix: Array) -> Array:
    return np.asarray((matrix + np.swapaxes(matrix, -1, -2)) / 2)
