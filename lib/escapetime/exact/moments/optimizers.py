r"""The optimizers' own updates on a quadratic loss as linear recursions: SGD, momentum, Adam and Adai, ``v`` frozen.

All have one form, with a momentum and per coordinate a weight :math:`w` and a step size :math:`s_k`:

.. math:: m' = \beta m + w\,(H\theta + \xi), \qquad \theta' = \theta - s_k\,m', \qquad \mathrm{Cov}\,\xi = C .

A Hessian is a number or an array of shape ``(n,)``, for ``n`` independent directions at once, or a matrix of shape
``(d, d)``; the noise covariance ``C``, of a *minibatch*, has the same form.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from escapetime.errors import InvalidInput
from escapetime.exact.moments.checks import require_rate
from escapetime.exact.moments.forms import entries, momentum_recursion, pair
from escapetime.exact.moments.recursion import LinearRecursion, Moments


def sgd(hessian: ArrayLike, noise: ArrayLike, lr: float, *, start: ArrayLike = 0.0) -> LinearRecursion:
    r"""SGD on a quadratic loss, :math:`\theta' = \theta - \eta(H\theta + \xi)`.

    Parameters
    ----------
    hessian, noise : array_like
        ``H`` of any sign and ``C``: numbers, arrays of shape (n,), or matrices.
    lr : float
        :math:`\eta`.
    start : array_like
        Position before the first step, relative to the critical point.

    Returns
    -------
    LinearRecursion
        Its state is the position.

    Raises
    ------
    InvalidInput
        If Hessian or covariance are not such, or the learning rate is not positive.

    Examples
    --------
    >>> round(float(sgd(-1.0, 1.0, lr=0.1).after(2).position_variance), 6)
    0.0221
    """  # noqa: DOC502 - raised by what it calls
    curvature, covariance = pair(hessian, noise)
    require_rate(lr)
    d = curvature.shape[-1]
    matrix = np.eye(d) - lr * curvature
    mean = np.zeros(matrix.shape[:-1]) + entries(start, curvature, "start")
    return LinearRecursion(matrix, lr**2 * covariance, Moments(mean, np.zeros_like(matrix), d))


def heavy_ball(
    hessian: ArrayLike, noise: ArrayLike, lr: float, *, momentum: float, dampening: float = 0.0,
    incoming: ArrayLike | str | None = None, start: ArrayLike = 0.0,
) -> LinearRecursion:  # fmt: skip
    r"""SGD with momentum on a quadratic loss, as ``torch.optim.SGD`` does it.

    Parameters
    ----------
    hessian, noise, lr, start
        As for :func:`sgd`.
    momentum : float
        :math:`\beta`, from 0 to below 1.
    dampening : float
        ``d``; :math:`w = 1 - d`.
    incoming : None, "stationary" or array_like
        The momentum before the first step: none (then the first step is not dampened, as in torch), that of pure
        gradient noise, with mean 0 and covariance :math:`w^2C/(1-\beta^2)`, or given numbers without variance.

    Returns
    -------
    LinearRecursion
        Its state is the position and then the momentum.

    Raises
    ------
    InvalidInput
        If an argument is out of range.

    Examples
    --------
    At a minimum the stationary variance has a closed form:

    >>> n, b, H, C = 0.1, 0.9, 2.0, 3.0
    >>> variance = heavy_ball(H, C, n, momentum=b).stationary().position_variance
    >>> bool(np.isclose(variance, n * C * (1 + b) / (H * (1 - b) * (2 * (1 + b) - n * H)), rtol=1e-12))
    True
    """
    if not 0 <= dampening < 1:
        raise InvalidInput(f"dampening must be from 0 to below 1, got {dampening}")
    fresh = incoming is None
    first = 1.0 if fresh else 1 - dampening
    return momentum_recursion(
        hessian, noise, lr, momentum, 1 - dampening, start=start, first_weight=first, correct=False,
        incoming=0.0 if incoming is None else incoming,
    )  # fmt: skip


def adam(
    hessian: ArrayLike, noise: ArrayLike, lr: float, *, beta1: float, second_moment: ArrayLike, eps: float = 0.0,
    bias_correction: bool = True, start: ArrayLike = 0.0,
) -> LinearRecursion:  # fmt: skip
    r"""Adam with its second moment frozen: :math:`\beta = \beta_1`, :math:`w = 1-\beta_1`, :math:`s = \eta/\sqrt v`.

    Parameters
    ----------
    hessian, noise, lr, start
        As for :func:`sgd`.
    beta1 : float
        :math:`\beta_1`, from 0 to below 1.
    second_moment : array_like
        ``v``, one or one a coordinate; at a critical point it is the variance of the minibatch gradient.
    eps : float
        Added to the root of ``v``.
    bias_correction : bool
        Whether step ``k`` divides by :math:`1-\beta_1^k`, as Adam does.

    Returns
    -------
    LinearRecursion
        Its state is the position and then the mean of the gradient.

    Raises
    ------
    InvalidInput
        If an argument is out of range.

    Notes
    -----
    Valid while ``v`` changes little: :math:`1-\beta_2` small against one over the number of steps, or the position
    within the reach where noise outweighs the mean gradient. Kingma and Ba 2015 (``kingma2015``).

    Examples
    --------
    The first step is the learning rate times a number of variance 1, if corrected:

    >>> adam([-0.1, 2.0], [0.1, 2.0], 0.01, beta1=0.9, second_moment=[0.1, 2.0]).after(1).position_variance * 1e4
    array([1., 1.])
    """
    v = np.asarray(second_moment, float)
    if not (np.all(v >= 0) and np.all(np.sqrt(v) + eps > 0)):
        raise InvalidInput(f"the second moment must be positive, got {second_moment!r}")
    size = lr / (np.sqrt(v) + eps)
    return momentum_recursion(hessian, noise, lr, beta1, 1 - beta1, start=start, size=size, correct=bias_correction)


def adai(
    hessian: ArrayLike, noise: ArrayLike, lr: float, *, inertia: ArrayLike, bias_correction: bool = True,
    start: ArrayLike = 0.0,
) -> LinearRecursion:  # fmt: skip
    r"""Adai with its inertia frozen: :math:`\beta = \mu`, :math:`w = 1-\mu`, per coordinate.

    Parameters
    ----------
    hessian, noise, lr, start
        As for :func:`sgd`.
    inertia : array_like
        :math:`\mu`, from 0 to below 1, one or one a coordinate.
    bias_correction : bool
        Whether step ``k`` divides by :math:`1-\mu^k`, as Adai does.

    Returns
    -------
    LinearRecursion
        Its state is the position and then the momentum.

    Raises
    ------
    InvalidInput
        If an argument is out of range.

    Notes
    -----
    Valid while the second moments, which set the inertia, change little. Xie et al. 2022 (``xie2022``).

    Examples
    --------
    Without inertia it is SGD:

    >>> round(float(adai(-1.0, 1.0, 0.1, inertia=0.0).after(2).position_variance), 6)
    0.0221
    """  # noqa: DOC502 - raised by what it calls
    mu = np.asarray(inertia, float)
    return momentum_recursion(hessian, noise, lr, mu, 1 - mu, start=start, correct=bias_correction)
