r"""The form that all the optimizers share on a quadratic loss, in stacks of matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from escapetime.errors import InvalidInput
from escapetime.exact.moments.checks import require_rate, symmetric_pair
from escapetime.exact.moments.recursion import Array, LinearRecursion, Moments


def momentum_recursion(
    hessian: ArrayLike, noise: ArrayLike, lr: float, momentum: ArrayLike, weight: ArrayLike, *, start: ArrayLike,
    correct: bool, size: ArrayLike | None = None, first_weight: float | None = None, incoming: Any = 0.0,
) -> LinearRecursion:  # fmt: skip
    """Momentum with one decay, weight and step size a coordinate; ``correct`` divides step k by ``1 - momentum**k``."""
    curvature, covariance = pair(hessian, noise)
    require_rate(lr)
    beta, w, s = (entries(v, curvature, "momentum") for v in (momentum, weight, lr if size is None else size))
    if not (np.all(beta >= 0) and np.all(beta < 1)):
        raise InvalidInput(f"momentum (inertia, beta1) must be from 0 to below 1, got {momentum!r}")
    d = curvature.shape[-1]
    batch = np.broadcast_shapes(curvature.shape[:-1], beta.shape, w.shape, s.shape)

    def law(step_size: Array, share: Array) -> tuple[Array, Array]:
        kick = np.broadcast_to((share[..., None] * np.eye(d)), (*batch, d))
        move = -step_size[..., None] * kick
        keep = np.broadcast_to(beta[..., None] * np.eye(d), (*batch, d))
        top = np.concatenate([np.eye(d) + move @ curvature, -step_size[..., None] * keep], axis=-1)
        matrix = np.concatenate([top, np.concatenate([kick @ curvature, keep], axis=-1)], axis=-2)
        enter = np.concatenate([move, kick], axis=-2)
        return matrix, enter @ covariance @ np.swapaxes(enter, -1, -2)

    matrix, noise_of_step = law(s, w)
    early_steps, early = 0, None
    if correct and beta.max() > 0:
        # afterwards the correction is 1 to rounding
        early_steps = math.ceil(math.log(1e-17) / math.log(beta.max()))

        def early(k: int) -> tuple[Array, Array]:
            return law(s / (1 - beta**k), w)

    elif first_weight is not None and np.any(first_weight != w):
        early_steps, share = 1, np.full_like(w, first_weight)

        def early(k: int) -> tuple[Array, Array]:
            return law(s, share)

    spread = np.zeros_like(matrix)
    if isinstance(incoming, str):
        if incoming != "stationary":
            raise InvalidInput(f"incoming must be None, 'stationary' or numbers, got {incoming!r}")
        entering = w[..., None] * np.eye(d)
        noisy = entering @ covariance @ entering
        spread[..., d:, d:] = noisy / (1 - beta[..., None] * beta[..., None, :])
        incoming = 0.0
    mean = np.zeros(matrix.shape[:-1])
    mean[..., :d] += entries(start, curvature, "start")
    mean[..., d:] += entries(incoming, curvature, "incoming")
    return LinearRecursion(matrix, noise_of_step, Moments(mean, spread, d), early_steps, early)


def pair(hessian: ArrayLike, noise: ArrayLike) -> tuple[Array, Array]:
    """Hessian and covariance as stacks of matrices: (1, 1) for a number, (n, 1, 1) for n directions, (d, d)."""
    curvature, covariance = np.asarray(hessian, float), np.asarray(noise, float)
    if curvature.ndim == 2:
        return symmetric_pair(curvature, covariance)
    if curvature.ndim > 2 or covariance.ndim > 1:
        raise InvalidInput(
            f"expected a Hessian and a covariance that are numbers, arrays of one axis or matrices, got the shapes "
            f"{curvature.shape} and {covariance.shape}"
        )
    curvature, covariance = np.broadcast_arrays(curvature, covariance)
    if not (np.all(np.isfinite(curvature)) and np.all(covariance >= 0)):
        raise InvalidInput(
            f"expected finite curvatures and variances that are not negative, got {hessian!r} and {noise!r}"
        )
    return curvature[..., None, None], covariance[..., None, None]


def entries(value: ArrayLike, curvature: Array, name: str) -> Array:
    """One number a coordinate, broadcasting against the last axis of a position."""
    numbers = np.asarray(value, float)
    if not np.all(np.isfinite(numbers)):
        raise InvalidInput(f"{name} must be finite, got {value!r}")
    return np.atleast_1d(numbers) if curvature.ndim == 2 else numbers[..., None]
