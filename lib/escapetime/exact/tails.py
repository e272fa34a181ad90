r"""Tails of SGD on quadratic sample losses: a random multiplier makes the stationary law a power law."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from escapetime.errors import InvalidInput, NumericalFailure

SMALLEST, LARGEST = 1e-3, 1e4
REACH, CELLS = 12.0, 40_000


def tail_index(multipliers: ArrayLike, weights: ArrayLike | None = None) -> float:
    r"""Tail index of the stationary law of :math:`x' = A x + b` with an independent random factor ``A`` in each step.

    It is the :math:`\alpha > 0` with :math:`\mathbb{E}|A|^\alpha = 1`; then
    :math:`\mathbb{P}(|x| > r) \sim c\,r^{-\alpha}`. For SGD on sample losses with curvatures ``h``, ``A = 1 - lr h``.

    Parameters
    ----------
    multipliers : array_like, shape (n,)
        Values of ``A``.
    weights : array_like, shape (n,), optional
        Their probabilities; equal by default.

    Returns
    -------
    float
        The index; infinite if ``|A|`` never exceeds one. Moments below it are finite.

    Raises
    ------
    InvalidInput
        If shapes disagree, weights are not probabilities, or ``log |A|`` has a mean that is not negative: there is no
        stationary law then.
    NumericalFailure
        If the index is larger than 10,000.

    Notes
    -----
    ``A`` and ``b`` must have no common fixed point, and ``log |A|`` no lattice for the constant ``c`` to exist. Kesten
    1973 (``kesten1973``); for SGD, Gurbuzbalaban, Simsekli and Zhu 2021 (``gurbuzbalaban2021``).

    Examples
    --------
    >>> round(tail_index([2.0, 0.5], [1 / 3, 2 / 3]), 12)
    1.0
    """  # noqa: DOC502 - raised by what it calls
    values = np.abs(np.asarray(multipliers, dtype=float))
    masses = np.full(values.shape, 1.0 / max(values.size, 1)) if weights is None else np.asarray(weights, dtype=float)
    if values.ndim != 1 or not values.size or masses.shape != values.shape or not np.isfinite(values).all():
        raise InvalidInput(
            f"Expected finite multipliers in a vector and as many weights, got {values.shape} and {masses.shape}."
        )
    if masses.min() < 0 or not math.isclose(masses.sum(), 1.0, rel_tol=1e-9):
        raise InvalidInput(f"Expected weights that are probabilities, got a sum of {masses.sum():.6g}.")
    if values[masses > 0].max() <= 1:
        return math.inf
    with np.errstate(divide="ignore"):
        logs = np.log(values)

    def log_moment(alpha: float) -> float:
        top = alpha * logs.max()
        return top + math.log(float(masses @ np.exp(alpha * logs - top)))

    return _root(log_moment)


def gaussian_tail_index(mean: float, std: float) -> float:
    r"""Tail index where the multiplier is normal: SGD with curvature noise, ``mean = 1 - lr h``, ``std = lr s``.

    Parameters
    ----------
    mean, std : float
        Of the multiplier ``A``; the second is positive.

    Returns
    -------
    float
        The :math:`\alpha` with :math:`\mathbb{E}|A|^\alpha = 1`.

    Raises
    ------
    InvalidInput
        If the standard deviation is not positive, or there is no stationary law.
    NumericalFailure
        If the index is larger than 10,000.

    Notes
    -----
    The moment is :math:`\sigma^\alpha 2^{\alpha/2}\,\Gamma(\tfrac{1+\alpha}{2})\,\pi^{-1/2}\,
    {}_1F_1(-\tfrac{\alpha}{2}; \tfrac12; -\tfrac{\mu^2}{2\sigma^2})`, evaluated here as an integral. For
    small learning rates it is close to that of the Ito diffusion, :math:`1 + 2 h / (\eta s^2)`. Sources as for
    :func:`tail_index`.

    Examples
    --------
    Of a multiplier with mean square one the index is 2:

    >>> round(gaussian_tail_index(0.6, 0.8), 10)
    2.0
    """  # noqa: DOC502 - raised by what it calls
    if not (math.isfinite(mean) and math.isfinite(std) and std > 0):
        raise InvalidInput(f"Expected a finite mean and a positive standard deviation, got {mean!r} and {std!r}.")

    def log_moment(alpha: float) -> float:
        # the integrand has its peak where the power and the density balance
        peak = (abs(mean) + math.sqrt(mean**2 + 4 * alpha * std**2)) / 2
        low, high = -abs(mean) - REACH * std, peak + REACH * std
        width = (high - low) / CELLS
        at = low + width * (np.arange(CELLS) + 0.5)
        logs = alpha * np.log(np.abs(at)) - (at - abs(mean)) ** 2 / (2 * std**2)
        top = float(logs.max())
        return top + math.log(float(np.exp(logs - top).sum()) * width / (std * math.sqrt(2 * math.pi)))

    return _root(log_moment)


def _root(log_moment: Callable[[float], float]) -> float:
    from scipy.optimize import brentq

    # convex, zero at zero: there is one positive root exactly where it falls at first
    if log_moment(SMALLEST) >= 0:
        raise InvalidInput(
            "Expected multipliers that shrink on average (E log |A| < 0), got ones that do not: the iteration has no "
            "stationary law; use a smaller learning rate or a larger batch."
        )
    high = 1.0
    while log_moment(high) < 0:
        high *= 2
        if high > LARGEST:
            raise NumericalFailure(f"The tail index is above {LARGEST:g}: for all that can be measured, a light tail.")
    return float(brentq(log_moment, SMALLEST, high, xtol=1e-13, rtol=1e-13))
