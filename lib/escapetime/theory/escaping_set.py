r"""The rate of jumps that lead out of a domain: what replaces the barrier when noise has heavy tails.

Weak noise :math:`A\,dL^\alpha` leaves the well around a minimum ``m`` with its first jump into the *escaping set*
:math:`W = \{y : m + Ay \notin \Omega\}`, so that in any dimension

.. math:: \mathbb{E}\,\tau \to \frac1{\nu(W)} , \qquad \tau\,\nu(W) \to \text{Exp}(1) .

With :math:`g(x) = \inf\{t > 0 : m + x/t \in \Omega\}`, the gauge of a domain that is star-shaped around ``m``,

.. math:: \nu(W) = \frac{c_\alpha}{\alpha}\sum_j\bigl[g(Ae_j)^\alpha + g(-Ae_j)^\alpha\bigr]
    \quad\text{(independent)}, \qquad
    \nu(W) = \frac{2^{\alpha/2}}{\Gamma(1-\alpha/2)}\,\mathbb{E}\,g(AG)^\alpha \quad\text{(isotropic)},

where ``G`` is standard normal. A larger measure of the escaping set means a faster escape. It is not the measure of the
domain: that one is infinite for every domain, since small jumps are infinitely many.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from escapetime.critical_points import descend
from escapetime.domains import Ball, Box, Domain, Ellipsoid, Exterior, HalfSpace
from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes.levy import LevyDriven
from escapetime.stable.constants import levy_constant

Array = NDArray[np.float64]
FAR = 1e12  # in the unit of a direction's length: what has not left by then never does


@dataclass(frozen=True)
class JumpRate:
    """The measure of an escaping set.

    Attributes
    ----------
    value : float
        Jumps out of the domain per unit of time.
    stderr : float
        Its standard error; 0 for a closed form, or a sum over finitely many directions.
    method : str
        ``"directions"``, ``"closed form"`` or ``"sampling"``.
    """

    value: float
    stderr: float
    method: str


def escape_time(problem: EscapeProblem, *, samples: int = 200_000, seed: int = 0) -> EscapeTime:
    r"""Return the mean escape time from a well by one large jump, in any dimension.

    Parameters
    ----------
    problem : EscapeProblem
        With a :class:`~escapetime.processes.levy.LevyDriven` process of index below 2 and a minimum of its loss.
    samples, seed : int
        As for :func:`measure`.

    Returns
    -------
    EscapeTime
        ``stderr`` is nan, as for every asymptotic law; ``details`` holds ``rate`` (a :class:`JumpRate`).

    Raises
    ------
    RouteNotApplicable
        If the process is another, there is no minimum, or the domain is not star-shaped around it.

    Notes
    -----
    Imkeller and Pavlyukevich 2006 (``imkeller2006``) in one dimension, Pavlyukevich 2011 (``pavlyukevich2011``) in
    more, as transcribed here. For noise so weak that between two such jumps the process has time to settle.

    Examples
    --------
    >>> from escapetime import Box, EscapeProblem, landscapes, levy
    >>> process = levy(landscapes.quadratic(1.0, 4.0), alpha=1.0, scale=0.01)
    >>> T = escape_time(EscapeProblem(process, (0, 0), Box((-1, -1), (1, 1))))
    >>> round(T.mean * 4 / math.pi, 10)
    100.0
    """
    process, landscape = problem.process, problem.process.landscape
    bottom = None
    if isinstance(process, LevyDriven) and landscape is not None and any(process.drift):
        bottom = descend(landscape, np.array(problem.start), problem.domain.bounds)
    if not isinstance(process, LevyDriven) or bottom is None or not bool(problem.domain.contains(bottom)):
        raise RouteNotApplicable(
            f"Expected stable noise and a loss with a minimum in {problem.domain}, got {process}: without a drift back "
            "jumps add up (theory.getoor1961); else use escapetime.simulate."
        )
    rate = measure(process, bottom, problem.domain, samples=samples, seed=seed)
    return EscapeTime(
        1 / rate.value, math.nan, "first jump out", ("imkeller2006", "pavlyukevich2011"), process.time_unit,
        details={"rate": rate},
    )  # fmt: skip


def measure(
    process: LevyDriven, center: ArrayLike, domain: Domain, *, samples: int = 200_000, seed: int = 0
) -> JumpRate:
    """Return the rate of jumps that lead from a point out of a domain.

    Parameters
    ----------
    process : LevyDriven
        Its noise; index below 2.
    center : array_like, shape (d,)
        Where the jumps start, inside the domain.
    domain : Domain
        Star-shaped around the center.
    samples : int
        Number of random directions, where there is no closed form.
    seed : int
        Of these.

    Returns
    -------
    JumpRate
        Closed forms: independent sources in any domain; isotropic noise in a half-space, in a ball or ellipsoid around
        its center, in a box with a diagonal matrix, and in one dimension.

    Raises
    ------
    RouteNotApplicable
        If the index is 2, or the domain the outside of a ball.
    InvalidInput
        If the center is not inside.

    Examples
    --------
    >>> from escapetime import Ball, landscapes, levy
    >>> noise = levy(landscapes.flat(2), alpha=1.0, kind="isotropic")
    >>> round(measure(noise, (0, 0), Ball((0, 0), 2.0)).value, 12)
    0.5
    """
    if process.alpha == 2 or isinstance(domain, Exterior):
        raise RouteNotApplicable(
            f"Expected an index below 2 and a domain that is star-shaped, got {process} in {domain}; use "
            "escapetime.simulate."
        )
    at, alpha = np.atleast_1d(np.asarray(center, dtype=float)), process.alpha
    if at.shape != (process.dimension,) or not bool(domain.contains(at)):
        raise InvalidInput(f"Expected a center of {process.dimension} number(s) inside {domain}, got {center!r}.")
    matrix = np.array(process.mixing.tolist(), dtype=float)
    if process.kind == "independent" or matrix.shape[1] == 1 or len(matrix) == 1:
        if process.kind == "isotropic":
            matrix = np.array([[math.hypot(*matrix[0])]]) if len(matrix) == 1 else matrix
        rays = np.concatenate([matrix.T, -matrix.T])
        rays = rays[np.any(rays != 0, axis=1)]
        return JumpRate(
            levy_constant(alpha) / alpha * float(np.sum(gauge(domain, at, rays) ** alpha)), 0.0, "directions"
        )
    exact = _isotropic(matrix, alpha, at, domain)
    factor = 2 ** (alpha / 2) / math.gamma(1 - alpha / 2)
    if exact is not None:
        return JumpRate(exact, 0.0, "closed form")
    normals = np.random.default_rng(seed).standard_normal((samples // 2, matrix.shape[1]))
    values = gauge(domain, at, normals @ matrix.T) ** alpha / 2 + gauge(domain, at, -normals @ matrix.T) ** alpha / 2
    return JumpRate(factor * float(values.mean()), factor * float(values.std()) / math.sqrt(len(values)), "sampling")


def gauge(domain: Domain, center: ArrayLike, rays: ArrayLike) -> Array:
    """Return one over the factor by which each ray has to be stretched to reach the boundary.

    Parameters
    ----------
    domain : Domain
        Star-shaped around the center.
    center : array_like, shape (d,)
        Inside.
    rays : array_like, shape (n, d)
        Not zero.

    Returns
    -------
    numpy.ndarray, shape (n,)
        0 for rays that never leave.

    Examples
    --------
    >>> from escapetime import Box
    >>> gauge(Box((-1, -1), (1, 2)), (0, 0), [[1, 0], [0, 1], [2, 2]]).round(12).tolist()
    [1.0, 0.5, 2.0]
    """
    at, along = np.asarray(center, dtype=float), np.asarray(rays, dtype=float)
    low, high = np.zeros(len(along)), np.ones(len(along))
    for _ in range(40):  # until outside, or for ever inside
        inside = np.min(domain.distance(at + high[:, None] * along), axis=-1) > 0
        if not inside.any() or high.max() > FAR:
            break
        low, high = np.where(inside, high, low), np.where(inside, 4 * high, high)
    never = np.min(domain.distance(at + high[:, None] * along), axis=-1) > 0
    for _ in range(80):
        middle = (low + high) / 2
        inside = np.min(domain.distance(at + middle[:, None] * along), axis=-1) > 0
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return np.where(never, 0.0, 2 / (low + high))


def _isotropic(matrix: Array, alpha: float, at: Array, domain: Domain) -> float | None:
    """Closed forms, some with one integral left."""
    if isinstance(domain, HalfSpace):
        across = float(np.linalg.norm(matrix.T @ domain.normal))
        room = float(np.min(domain.distance(at)))
        return levy_constant(alpha) / alpha * (across / room) ** alpha
    if isinstance(domain, Ball | Ellipsoid) and np.allclose(domain.center, at, rtol=0, atol=1e-12):
        axes = domain.axes if isinstance(domain, Ellipsoid) else np.full(len(at), domain.radius)
        scaled = matrix / np.asarray(axes, dtype=float)[:, None]
        return _of_quadratic(np.linalg.eigvalsh(scaled.T @ scaled), alpha)
    if isinstance(domain, Box) and np.count_nonzero(matrix - np.diag(np.diag(matrix))) == 0:
        return _of_box(np.abs(np.diag(matrix)), domain.upper - at, at - domain.lower, alpha)
    return None


def _of_quadratic(eigenvalues: Array, alpha: float) -> float:
    r"""Integrate :math:`E(\sum\lambda_iG_i^2)^{\alpha/2}` from the Laplace transform of the sum."""
    from scipy.integrate import quad

    top = float(eigenvalues.max())
    ratio = np.clip(eigenvalues / top, 0, None)

    def kernel(u: float) -> float:  # s = exp(u)
        return -math.expm1(-0.5 * float(np.sum(np.log1p(2 * math.exp(u) * ratio)))) * math.exp(-alpha / 2 * u)

    total = sum(quad(kernel, a, b, limit=200, epsabs=0, epsrel=1e-12)[0] for a, b in ((-60, -5), (-5, 5), (5, 200)))
    # below the range the kernel is exp((1 - alpha/2) u) times the sum of the ratios
    total += float(ratio.sum()) * math.exp(-60 * (1 - alpha / 2)) / (1 - alpha / 2)
    return alpha / 2 * (2 * top) ** (alpha / 2) / math.gamma(1 - alpha / 2) ** 2 * total


def _of_box(scales: Array, above: Array, below: Array, alpha: float) -> float:
    """The largest of several independent numbers: an integral over its distribution function."""
    from scipy.integrate import quad
    from scipy.special import ndtr

    keep = scales > 0

    def outside(t: float) -> float:
        with np.errstate(over="ignore"):
            upper, lower = t * above[keep] / scales[keep], t * below[keep] / scales[keep]
        miss = np.log1p(-np.minimum(ndtr(-upper) + ndtr(-lower), 1 - 1e-16))
        return -math.expm1(float(np.sum(miss)))

    size = float(np.max(scales[keep] / np.minimum(above, below)[keep]))
    parts = [(0.0, size), (size, 4 * size), (4 * size, 40 * size)]
    value = sum(
        quad(lambda t: alpha * t ** (alpha - 1) * outside(t), a, b, limit=200, epsabs=0, epsrel=1e-11)[0]
        for a, b in parts
    )
    return 2 ** (alpha / 2) / math.gamma(1 - alpha / 2) * value
