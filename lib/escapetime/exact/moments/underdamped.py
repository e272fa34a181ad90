r"""A particle with mass near a critical point: the linear Klein-Kramers equation, at minima, saddles and in between.

.. math:: M\ddot x = -\gamma M\dot x - Hx + \sqrt{2D}\,\xi(t)

A kick of unit velocity is answered by :math:`G(t) = (e^{\lambda_+t}-e^{\lambda_-t})/(\lambda_+-\lambda_-)`, where
:math:`\lambda_\pm` are the roots of :math:`\lambda^2+\gamma\lambda+H/M=0`; the noise adds up to

.. math:: \mathrm{Var}\,x(t) = \frac{2D}{M^2}\int_0^tG(u)^2\,\mathrm{d}u .

The integral in closed form cancels where the roots are close to one another. It is then done by Gauss's rule,
which does not: the integrand is positive and entire.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from escapetime.errors import InvalidInput
from escapetime.exact.moments.overdamped import exprel

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)
_REACH = 100.0  # relaxation times after which the integrand is below rounding: it falls like e^{-x/2} at least


def velocity_response(curvature: ArrayLike, time: ArrayLike, *, friction: float, mass: float) -> NDArray[np.float64]:
    r"""Mean position at time ``t`` of a particle that starts at the critical point with velocity 1, ``G(t)``.

    Parameters
    ----------
    curvature, time : array_like
        ``H`` of any sign, and ``t``; they broadcast.
    friction, mass : float
        :math:`\gamma` and ``M``; the force of friction on velocity ``v`` is :math:`\gamma M v`.

    Returns
    -------
    numpy.ndarray
        Time. Without curvature it is :math:`(1-e^{-\gamma t})/\gamma`.

    Examples
    --------
    >>> velocity_response([0.0, 5.0], 2.0, friction=1.0, mass=2.0).round(4)
    array([0.8647, 0.0346])
    """
    root, slow, t = _roots(curvature, time, friction, mass)
    with np.errstate(over="ignore"):
        return _times_exp(t * exprel(-2 * root * t).astype(complex), slow * t)


def position_response(curvature: ArrayLike, time: ArrayLike, *, friction: float, mass: float) -> NDArray[np.float64]:
    r"""Mean position at time ``t`` of a particle that starts at rest at distance 1, :math:`G' + \gamma G`.

    Parameters
    ----------
    curvature, time, friction, mass
        As for :func:`velocity_response`.

    Returns
    -------
    numpy.ndarray
        Dimensionless; 1 without curvature.

    Examples
    --------
    >>> position_response([0.0, 4.0], 2.0, friction=5.0, mass=1.0).round(4)
    array([1.    , 0.1803])
    """
    root, slow, t = _roots(curvature, time, friction, mass)
    with np.errstate(over="ignore"):
        rest = (1 + np.exp(-2 * root * t)) / 2 + friction * t / 2 * exprel(-2 * root * t)
        return _times_exp(rest, slow * t)


def thermal_velocity_variance(diffusion: ArrayLike, *, friction: float, mass: float) -> NDArray[np.float64]:
    r"""Stationary variance of the velocity, :math:`D/(\gamma M^2)`, which does not depend on the curvature.

    Parameters
    ----------
    diffusion : array_like
        ``D``.
    friction, mass : float
        :math:`\gamma` and ``M``.

    Returns
    -------
    numpy.ndarray
        Squared coordinate over squared time.

    Examples
    --------
    >>> thermal_velocity_variance(0.5, friction=2.0, mass=0.5)
    array(1.)
    """
    _check(friction, mass)
    return np.asarray(np.asarray(diffusion, float) / (friction * mass**2))


def underdamped_variance(
    curvature: ArrayLike, diffusion: ArrayLike, time: ArrayLike, *, friction: float, mass: float,
    velocity_variance: ArrayLike = 0.0, start: ArrayLike = 0.0,
) -> NDArray[np.float64]:  # fmt: skip
    r"""Variance of the position of a particle with mass, at time ``t`` after it was at the critical point.

    Parameters
    ----------
    curvature : array_like
        ``H``, of any sign; arrays broadcast.
    diffusion, time : array_like
        ``D`` and ``t``, not negative.
    friction, mass : float
        :math:`\gamma` and ``M``.
    velocity_variance, start : array_like
        Variances of velocity and position at time 0, the two independent. A thermal start takes
        :func:`thermal_velocity_variance`.

    Returns
    -------
    numpy.ndarray
        Squared coordinate. Infinite where it exceeds the largest floating number.

    Raises
    ------
    InvalidInput
        If friction or mass is not positive, or one of the others negative or not a number.

    Notes
    -----
    Exact, to a relative error of 1e-12: for real, equal and complex roots, :math:`\gamma t` large or small, and
    :math:`Ht\to0`. Chandrasekhar 1943 (``chandrasekhar1943``); Risken 1989 (``risken1989``), chapter 10.

    Examples
    --------
    Free, and long after the start, it spreads like :math:`2D(t - \frac{3}{2\gamma})/(\gamma M)^2`:

    >>> underdamped_variance(0.0, 0.5, [10.0, 100.0], friction=1.0, mass=1.0).round(3)
    array([ 8.5, 98.5])

    At a minimum the stationary variance is :math:`D/(\gamma MH)`:

    >>> round(float(underdamped_variance(4.0, 0.5, 50.0, friction=1.0, mass=1.0)), 6)
    0.125
    """
    d, v, s = (np.asarray(value, float) for value in (diffusion, velocity_variance, start))
    for name, value in (("diffusion", d), ("variance of the velocity", v), ("variance at the start", s)):
        if not (np.all(np.isfinite(value)) and np.all(value >= 0)):
            raise InvalidInput(f"the {name} must be a number and not negative, got {value}")
    given = {"friction": friction, "mass": mass}
    total = 2 * d / mass**2 * _integral(curvature, time, friction, mass)
    if np.any(v):
        total = total + v * velocity_response(curvature, time, **given) ** 2
    if np.any(s):
        total = total + s * position_response(curvature, time, **given) ** 2
    return np.asarray(total)


def _integral(curvature: ArrayLike, time: ArrayLike, friction: float, mass: float) -> NDArray[np.float64]:
    root, slow, t = _roots(curvature, time, friction, mass)
    split, decay = 2 * root * t, friction * t  # 2 lambda_+- t = -decay +- split
    apart = np.abs(split) >= np.maximum(4.0, decay / 2)
    with np.errstate(over="ignore", invalid="ignore"):
        bend = exprel(2 * slow * t) + exprel(-decay - split) - 2 * exprel(-decay)
        closed = np.where(apart, (bend / np.where(apart, split, 1) ** 2).real, 0.0)
    # the same integral over s = u / t, with the squared hyperbolic sine written so that it is 1 at split = 0
    reach = np.minimum(1.0, _REACH / np.maximum(decay, 1e-300))
    s = reach[..., None] * (1 + _NODES) / 2
    half = np.where(apart, 0, split)[..., None] * s / 2
    shape = np.where(half == 0, 1, np.sinh(half) / np.where(half == 0, 1, half))
    rule = np.sum(_WEIGHTS * s**2 * np.exp(-decay[..., None] * s) * (shape**2).real, axis=-1) * reach / 2
    return np.asarray(t**3 * np.where(apart, closed, rule))


def _roots(curvature: ArrayLike, time: ArrayLike, friction: float, mass: float) -> tuple[Any, Any, Any]:
    """Half the difference of the two roots, the larger root (or that with positive imaginary part), the time."""
    _check(friction, mass)
    h, t = np.broadcast_arrays(np.asarray(curvature, float), np.asarray(time, float))
    if not (np.all(np.isfinite(h)) and np.all(np.isfinite(t)) and np.all(t >= 0)):
        raise InvalidInput(f"expected numbers for the curvature and times that are not negative, got {h} and {t}")
    root = np.sqrt((friction**2 / 4 - h / mass).astype(complex))
    # -friction / 2 + root cancels for a small curvature, its conjugate form does not
    slow = np.where(root.imag == 0, -(h / mass) / (friction / 2 + root.real), -friction / 2 + root)
    return root, slow, t


def _times_exp(factor: Any, exponent: Any) -> NDArray[np.float64]:
    value = factor * np.exp(np.where(exponent.imag == 0, exponent.real, exponent))
    return np.asarray(value.real)


def _check(friction: float, mass: float) -> None:
    for name, value in (("friction", friction), ("mass", mass)):
        if not (np.isfinite(value) and value > 0):
            raise InvalidInput(f"the {name} must be a positive number, got {value}")
