r"""Large deviations of SGD itself: the exponent where minibatch noise is not Gaussian.

As the learning rate falls at a fixed batch size of ``B`` independent samples,

.. math:: \ln\tau \sim \frac B\eta\int_a^b q^*(\theta)\,\mathrm{d}\theta, \qquad
    E\,e^{-q^* g(\theta; x)} = 1, \quad q^* > 0,

with ``g`` the gradient of one sample, whose mean is :math:`L' > 0` on the way up from ``a`` to ``b``. Gaussian samples
give :math:`q^* = 2L'/C_1`, the exponent of the diffusion. Others do not: no central limit theorem holds at the scale of
exponents. The equation is that of Cramer and Lundberg for the ruin of an insurer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.sample_loss import SampleLoss
from escapetime.symbolic.compile import ArrayFunction

LogMgf = Callable[[float], float]

MOST = 1e6  # largest root looked for, in units of 1 / spread
NODES = 60


def _uniform(t: float) -> float:
    z = abs(math.sqrt(3) * t)
    return z * z / 6 if z < 1e-4 else z + math.log(-math.expm1(-2 * z) / (2 * z))


LOG_MGF: dict[str, tuple[LogMgf, float]] = {
    "gaussian": (lambda t: t * t / 2, math.inf),
    "rademacher": (lambda t: abs(t) + math.log1p(math.exp(-2 * abs(t))) - math.log(2), math.inf),
    "uniform": (_uniform, math.inf),
    "laplace": (lambda t: -math.log1p(-t * t / 2), math.sqrt(2)),
    "exponential": (lambda t: -t - math.log1p(-t), 1.0),
    "mirrored exponential": (lambda t: t - math.log1p(t), math.inf),
}
"""Logarithm of ``E exp(t xi)`` for laws of mean 0 and variance 1, and the ``t > 0`` at which it becomes infinite.

``exponential`` is a waiting time minus its mean, skewed to large values; ``mirrored exponential`` its negative.
"""


def cramer_root(slope: float, spread: float, law: str = "gaussian") -> float:
    r"""Return the positive root ``q`` of :math:`E\,e^{-q (m + \sigma\xi)} = 1`.

    Parameters
    ----------
    slope : float
        ``m``, the mean gradient, positive: against the escape.
    spread : float
        :math:`\sigma`, standard deviation of the gradient of one sample.
    law : str
        Of :math:`\xi`, a key of :data:`LOG_MGF`.

    Returns
    -------
    float
        ``q``, 1 / (loss / coordinate); infinite if no sample pushes outwards (:math:`m + \sigma\xi \ge 0` always).

    Raises
    ------
    InvalidInput
        If a number is not positive, or the law unknown.

    Examples
    --------
    >>> cramer_root(0.5, 2.0)  # 2 m / sigma**2
    0.25
    >>> cramer_root(1.5, 1.0, "rademacher")
    inf
    """
    if law not in LOG_MGF:
        raise InvalidInput(f"Expected the law as one of {', '.join(map(repr, LOG_MGF))}, got {law!r}.")
    if not (slope > 0 and spread > 0):
        raise InvalidInput(f"Expected a positive slope and spread, got {slope!r} and {spread!r}.")
    if law == "gaussian":
        return 2 * slope / spread**2
    # -q m + ln E exp(-q sigma xi): the law of -xi
    mirror = {"exponential": "mirrored exponential", "mirrored exponential": "exponential"}
    log_mgf, end = LOG_MGF[mirror.get(law, law)]
    return _root(lambda t: log_mgf(t) - t * slope / spread, end) / spread


def exponent(
    landscape: Landscape, minimum: float, saddle: float, *, covariance: Any = 1, law: str = "gaussian"
) -> float:
    r"""Return :math:`\int_a^b q^*\,\mathrm{d}\theta`, the limit of :math:`\frac{\eta}{B}\ln\tau` of SGD.

    Parameters
    ----------
    landscape : Landscape
        One-dimensional.
    minimum, saddle : float
        The ends of the climb.
    covariance : number, expression or 1 x 1 matrix
        Variance of the gradient of one sample.
    law : str
        Of the noise of one sample, a key of :data:`LOG_MGF`.

    Returns
    -------
    float
        In units of coordinate squared / loss; infinite where SGD cannot climb.

    Notes
    -----
    For batches of ``B`` independent samples. (A batch whose *mean* has this law counts as one sample with the variance
    divided by ``B``.) Azizian, Iutzeler, Malick and Mertikopoulos 2024 (``azizian2024``); in one dimension the root is
    that of Cramer and Lundberg.

    Examples
    --------
    >>> from escapetime import landscapes
    >>> well = landscapes.double_well()
    >>> [round(exponent(well, -1, 0, law=law), 4) for law in ("gaussian", "rademacher", "exponential")]
    [0.5, 0.5376, 0.8278]
    """
    value = covariance[0] if isinstance(covariance, sp.MatrixBase) else sp.sympify(covariance)
    spread = ArrayFunction(landscape.variables, [sp.sqrt(value)])

    def root(theta: NDArray[np.float64]) -> float:
        slope = float(landscape.grad(theta)[0])
        return math.copysign(cramer_root(abs(slope), float(spread(theta)), law), 1.0)

    return _integral(root, minimum, saddle)


def sample_exponent(loss: SampleLoss, minimum: float, saddle: float) -> float:
    r"""Return :math:`\int_a^b q^*\,\mathrm{d}\theta` for literal minibatches, with replacement, from a finite data set.

    Parameters
    ----------
    loss : SampleLoss
        One parameter; with samples.
    minimum, saddle : float
        The ends of the climb.

    Returns
    -------
    float
        The limit of :math:`\frac{\eta}{B}\ln\tau`; infinite where no sample pushes outwards.

    Examples
    --------
    Quadratic sample losses, half with their minimum at -1 and half at 1: the noise is plus or minus one.

    >>> t, x = sp.symbols("theta x", real=True)
    >>> loss = SampleLoss((t - x) ** 2 / 2, (x,), samples=[-1, 1])
    >>> round(sample_exponent(loss, 0, 0.5), 6)
    0.274847
    """
    sign = math.copysign(1.0, saddle - minimum)
    weights = loss.weights

    def root(theta: NDArray[np.float64]) -> float:
        g = sign * loss.gradients(theta)[:, 0]
        if not (g < 0).any():
            return math.inf
        size, worst = float(np.sqrt(np.mean(g**2))), float(np.max(-g))

        def log_mgf(t: float) -> float:
            q = t / size
            return q * worst + math.log(float(weights @ np.exp(-q * (g + worst))))

        return _root(log_mgf, math.inf) / size

    return _integral(root, minimum, saddle)


def _integral(root: Callable[[NDArray[np.float64]], float], minimum: float, saddle: float) -> float:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    points = (minimum + saddle) / 2 + abs(saddle - minimum) / 2 * nodes
    return float(abs(saddle - minimum) / 2 * (weights @ [root(np.array([p])) for p in points]))


def _root(function: LogMgf, end: float) -> float:
    """Return the positive root of a convex function that is zero and falls at zero, and may end in infinity."""
    from scipy.optimize import brentq

    inside = 1e-3 if end == math.inf else end / 2
    high = inside
    while not function(high) > 0:
        high = 2 * high if end == math.inf else end - (end - high) / 4
        if high > MOST or end - high < 1e-15 * end:
            return math.inf
    low = high
    while function(low) >= 0:
        low /= 2
    return float(brentq(function, low, high, xtol=1e-300, rtol=1e-13))
