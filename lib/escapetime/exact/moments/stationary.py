r"""The stationary covariance of SGD near a minimum, at finite learning rate and in the limit of a small one.

Near a minimum with Hessian :math:`H`, the deviation :math:`e` of SGD from the minimum obeys
:math:`e' = (I - \eta H) e - \eta \xi`. In the eigenbasis of :math:`H` every equation of this module is one division.
"""

from numpy.typing import ArrayLike

from escapetime.exact.moments.checks import Matrix, noise_in_eigenbasis, require_rate, require_stable


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
