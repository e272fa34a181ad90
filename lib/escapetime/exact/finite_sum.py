r"""Exact second moments of SGD on a finite sum of quadratic losses: multiplicative noise, and random reshuffling.

:mod:`escapetime.exact.moments` treats the gradient noise as independent and of constant covariance. A data set of N
samples breaks both assumptions, and for quadratic sample losses both corrections have closed linear equations.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from escapetime.errors import InvalidInput
from escapetime.exact.moments import Matrix, noise_in_eigenbasis, require_stable


def multiplicative_stationary_covariance(
    hessians: ArrayLike, gradients: ArrayLike, lr: float, batch_size: int
) -> Matrix:
    r"""Stationary covariance of SGD on a finite sum of quadratics: the noise grows with the distance from the minimum.

    With sample losses :math:`\ell_i(e) = g_i \cdot e + \frac12 e \cdot H_i e`, the covariance of the minibatch gradient
    at :math:`e` is quadratic in :math:`e`, and the second moments close:
    :math:`\Sigma = (I - \eta H) \Sigma (I - \eta H) + \frac{\eta^2}{B} [C_1 + \overline{H_i \Sigma H_i} - H \Sigma H]`.

    Parameters
    ----------
    hessians : array_like, shape (N, d, d)
        Hessian of every sample loss, symmetric; their mean is positive definite. Units of loss / parameter**2.
    gradients : array_like, shape (N, d)
        Gradient of every sample loss at the minimum; their mean is zero. Units of loss / parameter.
    lr : float
        Learning rate, parameter**2 / loss.
    batch_size : int
        Samples in a batch, drawn independently and with replacement.

    Returns
    -------
    numpy.ndarray, shape (d, d)
        Covariance of the parameters, parameter**2.

    Raises
    ------
    InvalidInput
        When shapes disagree, the mean gradient is not zero, or the second moment grows without bound at this ``lr``
        and ``batch_size``.

    Notes
    -----
    Exact for quadratic sample losses (least squares). For any other loss it is *part* of the next order in
    ``lr / batch_size``: third and fourth derivatives of the loss contribute at the same order. It solves a linear
    system in d**2 unknowns: fine up to d of about 50. The stability condition is that of Wu, Ma and E 2018.

    Examples
    --------
    Two samples x = 1 and x = 3 of the loss (theta * x - y)**2 / 2 with residuals 3 and -1, batches of one:

    >>> multiplicative_stationary_covariance([[[1.0]], [[9.0]]], [[3.0], [-3.0]], lr=0.1, batch_size=1)
    array([[0.15254237]])
    """
    curvature, slopes = np.asarray(hessians, float), np.asarray(gradients, float)
    if slopes.ndim != 2 or curvature.shape != (*slopes.shape, slopes.shape[1]):
        raise InvalidInput(
            f"expected hessians of shape (N, d, d) and gradients of shape (N, d), got {curvature.shape} and "
            f"{slopes.shape}: pass one Hessian and one gradient per sample"
        )
    scale = math.sqrt(float(np.mean(slopes**2)))
    if np.linalg.norm(slopes.mean(axis=0)) > 1e-6 * scale:
        raise InvalidInput("the gradients do not average to zero: evaluate them at the minimum of the mean loss")
    if batch_size < 1:
        raise InvalidInput(f"batch_size must be at least 1, got {batch_size}")
    samples, d = slopes.shape
    hessian = curvature.mean(axis=0)
    noise = slopes.T @ slopes / samples
    require_stable(noise_in_eigenbasis(hessian, noise)[0], lr)
    flat = curvature.reshape(samples, d * d)
    # mean of H_i (x) H_i, from the Gram matrix of the flattened Hessians: [ab, cd] -> [ac, bd]
    pairs = (flat.T @ flat / samples).reshape(d, d, d, d).transpose(0, 2, 1, 3).reshape(d * d, d * d)
    shrink = np.eye(d) - lr * hessian
    step = np.kron(shrink, shrink) + lr**2 / batch_size * (pairs - np.kron(hessian, hessian))
    radius = float(np.max(np.linalg.eigvalsh((step + step.T) / 2)))
    if radius >= 1:
        raise InvalidInput(
            f"the second moment grows by a factor {radius:.4g} a step at lr={lr} and batch_size={batch_size}: "
            "no stationary covariance exists; lower lr or raise batch_size"
        )
    solution = np.linalg.solve(np.eye(d * d) - step, lr**2 / batch_size * noise.ravel()).reshape(d, d)
    return (solution + solution.T) / 2


def reshuffled_covariance(
    hessian: ArrayLike, sample_covariance: ArrayLike, lr: float, batch_size: int, samples: int
) -> Matrix:
    r"""Covariance of SGD with random reshuffling on a quadratic loss, averaged over the steps of an epoch.

    Each epoch cuts a fresh permutation into :math:`m = \lfloor N/B \rfloor` batches. Two batches of one epoch are
    anticorrelated, with covariance :math:`-C_1/(N-1)`, which removes most of the slow part of the noise:
    for small :math:`\eta h m` the variance is :math:`\eta h m / 3` times that of independent batches (for N = m B).

    Parameters
    ----------
    hessian : array_like, shape (d, d)
        Hessian H at the minimum: symmetric, positive definite. Units of loss / parameter**2.
    sample_covariance : array_like, shape (d, d)
        Covariance C_1 of the gradient of one *sample* (divisor N), loss**2 / parameter**2.
    lr : float
        Learning rate, parameter**2 / loss.
    batch_size : int
        Samples in a batch, B.
    samples : int
        Samples in the data set, N. The N - m B samples left over at the end of an epoch are dropped.

    Returns
    -------
    numpy.ndarray, shape (d, d)
        Covariance of the parameters after steps 1, ..., m of an epoch, averaged over the steps, parameter**2.

    Raises
    ------
    InvalidInput
        When a matrix is unfit, ``lr`` is unstable, or ``batch_size`` is not between 1 and ``samples``.

    Notes
    -----
    Exact when every sample loss has the same Hessian; otherwise the leading term as ``lr * C_1`` tends to zero.

    Examples
    --------
    One batch an epoch is full-batch gradient descent, which has no noise:

    >>> bool(abs(reshuffled_covariance([[1.0]], [[1.0]], lr=0.1, batch_size=8, samples=8)) < 1e-15)
    True
    """
    if not 1 <= batch_size <= samples or samples < 2:
        raise InvalidInput(f"batch_size must lie between 1 and samples={samples} (at least 2), got {batch_size}")
    curvatures, vectors, noise = noise_in_eigenbasis(hessian, sample_covariance)
    require_stable(curvatures, lr)
    shrink = 1 - lr * curvatures
    both = shrink[:, None] * shrink[None, :]
    batches = samples // batch_size
    # after s steps: both**s * start + lr**2 C_1 [N/(B(N-1)) sum_k both**k - (sum_k a_i**k)(sum_k a_j**k)/(N-1)]
    fresh, squares, single = np.zeros_like(both), np.zeros_like(both), np.zeros_like(shrink)
    total, decay, power = np.zeros_like(both), np.zeros_like(both), np.ones_like(both)
    for _ in range(batches):
        squares, single, power = both * squares + 1, shrink * single + 1, power * both
        fresh = (samples / batch_size * squares - single[:, None] * single[None, :]) / (samples - 1)
        total, decay = total + fresh, decay + power
    start = fresh / (1 - power)
    mean = (total + decay * start) / batches
    return vectors @ (lr**2 * noise * mean) @ vectors.T
