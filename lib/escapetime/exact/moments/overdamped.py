r"""Variance along one direction without inertia: the Ornstein-Uhlenbeck process, and SGD itself.

Both hold at a minimum, at a saddle and where there is no curvature; written with
:math:`\varphi(x)=(e^x-1)/x`, nothing cancels between them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from escapetime.errors import InvalidInput


def exprel(x: ArrayLike) -> NDArray[Any]:
    """Return ``(exp(x) - 1) / x``, real or complex, which is 1 at zero.

    Parameters
    ----------
    x : array_like
        Dimensionless.

    Returns
    -------
    numpy.ndarray
        Infinite where the value exceeds the largest floating number.
    """
    value = np.asarray(x)
    safe = np.where(value == 0, 1, value)
    with np.errstate(over="ignore"):
        return np.where(value == 0, 1.0, np.expm1(safe) / safe)


def overdamped_variance(
    curvature: ArrayLike, diffusion: ArrayLike, time: ArrayLike, *, start: ArrayLike = 0.0
) -> NDArray[np.float64]:
    r"""Variance of :math:`\mathrm{d}X = -HX\,\mathrm{d}t + \sqrt{2D}\,\mathrm{d}W`, for ``H`` of any sign.

    .. math:: \sigma^2(t) = \sigma^2(0)\,e^{-2Ht} + \frac DH\bigl(1-e^{-2Ht}\bigr)

    Parameters
    ----------
    curvature, diffusion : array_like
        ``H`` and ``D``; all arguments broadcast.
    time : array_like
        ``t``, not negative.
    start : array_like
        Variance at time 0.

    Returns
    -------
    numpy.ndarray
        Squared coordinate. Infinite where it exceeds the largest floating number.

    Raises
    ------
    InvalidInput
        If a time, a diffusion or the start is negative, or not a number.

    Notes
    -----
    Exact, and accurate to rounding for ``H t`` however small: the limit is ``2 D t``. Uhlenbeck and Ornstein
    1930 (``uhlenbeck1930``); Xie et al. 2022 (``xie2022``), Theorem 1 as transcribed here.

    Examples
    --------
    >>> overdamped_variance([1.0, 0.0, -1.0], 0.5, 1.0).round(4)
    array([0.4323, 1.    , 3.1945])
    """
    h, d, t, s = (np.asarray(v, float) for v in (curvature, diffusion, time, start))
    for name, value in (("time", t), ("diffusion", d), ("variance at the start", s)):
        if not (np.all(np.isfinite(value)) and np.all(value >= 0)):
            raise InvalidInput(f"the {name} must be a number and not negative, got {value}")
    with np.errstate(over="ignore"):
        kept = np.where(s == 0, 0, s * np.exp(np.where(s == 0, 0, -2 * h * t)))
        return kept + 2 * d * t * exprel(-2 * h * t)


def sgd_second_moment(
    curvature: ArrayLike, lr: float, steps: ArrayLike, *, noise: ArrayLike, growth: ArrayLike = 0.0,
    start: ArrayLike = 0.0,
) -> NDArray[np.float64]:  # fmt: skip
    r"""Second moment about the critical point of SGD on :math:`H\theta^2/2` with noise :math:`c_0 + c_2\theta^2`.

    One step multiplies it by :math:`1+x` and adds :math:`\eta^2c_0`, where
    :math:`x = -2\eta H + \eta^2(H^2+c_2)`, so that

    .. math:: \mathbb{E}\,\theta_T^2 = (1+x)^T\,\mathbb{E}\,\theta_0^2 + \eta^2c_0\,\frac{(1+x)^T-1}{x} .

    Parameters
    ----------
    curvature : array_like
        ``H``, of any sign; all arguments but ``lr`` broadcast.
    lr : float
        Learning rate :math:`\eta`.
    steps : array_like
        ``T``, an integer, or ``inf`` for the stationary value.
    noise, growth : array_like
        :math:`c_0` and :math:`c_2` of the covariance of a *minibatch* gradient: that of one sample over ``B``.
    start : array_like
        Second moment before the first step.

    Returns
    -------
    numpy.ndarray
        Squared coordinate: the variance, if the start is at the critical point. Infinite where it exceeds the largest
        floating number.

    Raises
    ------
    InvalidInput
        If the learning rate is not positive, or a stationary value is asked for where there is none.

    Notes
    -----
    Exact for independent batches on this loss, whatever the law of the noise.

    Examples
    --------
    >>> sgd_second_moment([2.0, 0.0, -2.0], 0.1, 3, noise=1.0).round(6)
    array([0.020496, 0.03    , 0.045136])
    >>> sgd_second_moment(2.0, 0.5, float("inf"), noise=3.0)
    array(0.75)
    """
    if not (np.isfinite(lr) and lr > 0):
        raise InvalidInput(f"lr must be a positive number, got {lr}")
    h, count, c0, c2, s = np.broadcast_arrays(*(np.asarray(v, float) for v in (curvature, steps, noise, growth, start)))
    x = -2 * lr * h + lr**2 * (h**2 + c2)
    if np.any(np.isinf(count) & (x >= 0)):
        raise InvalidInput(
            f"one step multiplies the second moment by {1 + x.max():.6g}, expected less than 1 for a stationary value; "
            "ask for a number of steps, or lower lr at a minimum"
        )
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        log = np.log1p(x) * count
        # 1 + x is (1 - lr H)^2 + lr^2 c2, never negative; after no step nothing is added, however x
        added = np.where(x == 0, count, np.expm1(log) / np.where(x == 0, 1, x))
        return np.where(count == 0, s, np.where(s == 0, 0, np.exp(log) * s) + lr**2 * c0 * added)
