"""What a Hessian, a noise covariance and a learning rate have to be, before moments are computed from them."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from escapetime.errors import InvalidInput

Matrix = NDArray[np.float64]


def symmetric_pair(hessian: ArrayLike, noise_covariance: ArrayLike) -> tuple[Matrix, Matrix]:
    """Return a Hessian of any sign and a noise covariance as arrays, after checking that they are such.

    Parameters
    ----------
    hessian : array_like, shape (d, d)
        Symmetric, loss / parameter**2.
    noise_covariance : array_like, shape (d, d)
        Symmetric and positive semi-definite, loss**2 / parameter**2.

    Returns
    -------
    hessian, noise_covariance : numpy.ndarray, shape (d, d)
        The same.

    Raises
    ------
    InvalidInput
        When a matrix is not square, finite and symmetric, or the covariance has a negative eigenvalue.
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
    strengths = np.linalg.eigvalsh((noise + noise.T) / 2)
    if strengths[0] < -1e-9 * max(strengths[-1], 0.0) - 1e-300:
        raise InvalidInput(f"the noise covariance has the negative eigenvalue {strengths[0]:.4g}: it is no covariance")
    return curvature, noise


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
    curvature, noise = symmetric_pair(hessian, noise_covariance)
    curvatures, vectors = np.linalg.eigh((curvature + curvature.T) / 2)
    if curvatures[0] <= 0:
        raise InvalidInput(
            f"the smallest eigenvalue of the Hessian is {curvatures[0]:.4g}: a stationary covariance needs a strict "
            "minimum; restrict the problem to the curved directions or add an L2 term"
        )
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
