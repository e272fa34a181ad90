r"""Exact second moments of SGD near a minimum: linear systems for the stationary covariance, at finite learning rate.

Near a minimum with Hessian :math:`H`, the deviation :math:`e` of SGD from the minimum obeys
:math:`e' = (I - \eta H) e - \eta \xi`. In the eigenbasis of :math:`H` every equation of this module is one division.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from escapetime.errors import InvalidInput

Matrix = NDArray[np.float64]


def stationary_covariance(hessian: ArrayLike, noise_covariance: ArrayLike, lr: float) -> Matrix:
    r"""Stationary covariance of SGD on a quadratic loss with independent gradient noise, at finite learning rate.

    It solves the discrete Lyapunov equation
    :math:`\Sigma = (I - \eta H) \Sigma (I - \eta H) + \eta^2 C`, that is
    :math:`\Sigma H + H \Sigma - \eta H \Sigma H = \eta C`.

    Parameters
    ----------
    hessian : array_like, shape (d, d)
        Hessian H at the minimum: symmetric, positive definite. Units of loss / parameter**2.
    noise_covariance : array_like, shape (d, d)
        Covariance C of the gradient of one *minibatch mean*, loss**2 / parameter**2.
    lr : float
        Learning rate, parameter**2 / loss.

    Returns
    -------
    numpy.ndarray, shape (d, d)
        Covariance of the parameters, parameter**2.

    Notes
    -----
    Exact when the loss is quadratic and C does not depend on the parameters; otherwise it is the leading term as
    ``lr * C`` tends to zero. Raises :class:`~escapetime.errors.InvalidInput` when H is not positive definite, C is not
    a covariance, or ``lr`` times the largest eigenvalue of H is 2 or more: the iteration then has no stationary law.
    Reference: Mandt, Hoffman and Blei 2017, section 4 (small learning rate); Liu, Ziyin and Ueda 2021 (finite).

    Examples
    --------
    One direction: lr * C / (h * (2 - lr * h)).

    >>> stationary_covariance([[2.0]], [[3.0]], lr=0.5)
    array([[0.75]])
    """
    curvatures, vectors, noise = noise_in_eigenbasis(hessian, noise_covariance)
    require_stable(curvatures, lr)
    h, k = curvatures[:, None], curvatures[None, :]
    return vectors @ (lr * noise / (h + k - lr * h * k)) @ vectors.T


def continuous_stationary_covariance(hessian: ArrayLike, noise_covariance: ArrayLike, lr: float) -> Matrix:
    r"""Stationary covariance of the Ornstein-Uhlenbeck limit of SGD, blind to the size of ``lr * H``.

    It solves :math:`\Sigma H + H \Sigma = \eta C`. When C and H commute, it is :math:`\frac{\eta}{2} C H^{-1}`.

    Parameters
    ----------
    hessian : array_like, shape (d, d)
        Hessian H at the minimum: symmetric, positive definite. Units of loss / parameter**2.
    noise_covariance : array_like, shape (d, d)
        Covariance C of the gradient of one minibatch mean, loss**2 / parameter**2.
    lr : float
        Learning rate, parameter**2 / loss.

    Returns
    -------
    numpy.ndarray, shape (d, d)
        Covariance of the parameters, parameter**2.

    Notes
    -----
    Valid for ``lr`` times the largest eigenvalue of H much smaller than 1. Raises
    :class:`~escapetime.errors.InvalidInput` when H is not positive definite or C is not a covariance.
    Reference: Mandt, Hoffman and Blei 2017, section 4.

    Examples
    --------
    >>> continuous_stationary_covariance([[2.0]], [[3.0]], lr=0.5)
    array([[0.375]])
    """
    curvatures, vectors, noise = noise_in_eigenbasis(hessian, noise_covariance)
    require_rate(lr)
    return vectors @ (lr * noise / (curvatures[:, None] + curvatures[None, :])) @ vectors.T


def noise_in_eigenbasis(hessian: ArrayLike, noise_covariance: ArrayLike) -> tuple[Matrix, Matrix, Matrix]:
    """Write the gradient noise in the eigenbasis of the Hessian, after checking that both matrices make sense.

    Parameters
    ----------
    hessian : array_like, shape (d, d)
        Symmetric and positive definite, loss / parameter**2.
    noise_covariance : array_like, shape (d, d)
        Symmetric and positive semi-definite, loss**2 / parameter**2.

    Returns
    -------
    curvatures : numpy.ndarray, shape (d,)
        Eigenvalues of the Hessian, ascending, loss / parameter**2.
    vectors : numpy.ndarray, shape (d, d)
        Its eigenvectors, as columns.
    noise : numpy.ndarray, shape (d, d)
        The noise covariance in that basis, loss**2 / parameter**2.

    Raises
    ------
    InvalidInput
        When a matrix is not square, finite and symmetric, or has an eigenvalue of the wrong sign.
    """
    curvature, noise = np.asarray(hessian, float), np.asarray(noise_covariance, float)
    for name, matrix in (("hessian", curvature), ("noise covariance", noise)):
        if matrix.ndim != 2 or matrix.shape != curvature.shape or matrix.shape[0] != matrix.shape[1]:
            raise InvalidInput(
                f"expected two square matrices of one size, got {curvature.shape} and {noise.shape}: "
                "pass the Hessian and the noise covariance in the same coordinates"
            )
        if not np.all(np.isfinite(matrix)):
            raise InvalidInput(f"the {name} has entries that are not finite")
        if not np.allclose(matrix, matrix.T, rtol=0, atol=1e-9 * (np.abs(matrix).max() + 1e-300)):
            raise InvalidInput(f"the {name} is not symmetric: pass (A + A.T) / 2 if the difference is rounding")
    curvatures, vectors = np.linalg.eigh((curvature + curvature.T) / 2)
    if curvatures[0] <= 0:
        raise InvalidInput(
            f"the smallest eigenvalue of the Hessian is {curvatures[0]:.4g}: a stationary covariance needs a strict "
            "minimum; restrict the problem to the curved directions or add an L2 term"
        )
    strengths = np.linalg.eigvalsh((noise + noise.T) / 2)
    if strengths[0] < -1e-9 * max(strengths[-1], 0.0) - 1e-300:
        raise InvalidInput(f"the noise covariance has the negative eigenvalue {strengths[0]:.4g}: it is no covariance")
    return curvatures, vectors, vectors.T @ noise @ vectors


def require_rate(lr: float) -> None:
    """Refuse a learning rate that is not a positive number.

    Parameters
    ----------
    lr : float
        Learning rate, parameter**2 / loss.

    Raises
    ------
    InvalidInput
        When it is zero, negative or not finite.
    """
    if not (math.isfinite(lr) and lr > 0):
        raise InvalidInput(f"lr must be a positive number, got {lr}")


def require_stable(curvatures: Matrix, lr: float) -> None:
    """Refuse a learning rate at which gradient descent itself diverges.

    Parameters
    ----------
    curvatures : numpy.ndarray, shape (d,)
        Eigenvalues of the Hessian, ascending, loss / parameter**2.
    lr : float
        Learning rate, parameter**2 / loss.

    Raises
    ------
    InvalidInput
        When ``lr`` times the largest curvature is 2 or more, or ``lr`` is not a positive number.
    """
    require_rate(lr)
    if lr * curvatures[-1] >= 2:
        raise InvalidInput(
            f"lr * largest curvature is {lr * curvatures[-1]:.4g}, expected less than 2: the iteration diverges and "
            f"has no stationary covariance; use lr below {2 / curvatures[-1]:.4g}"
        )
