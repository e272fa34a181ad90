r"""Gurbuzbalaban, Simsekli and Zhu 2021: heavy tails of SGD on least squares with Gaussian data.

Rows of the data are normal with covariance :math:`\sigma^2 I_d`, and each step draws ``b`` fresh ones. The error of SGD
then obeys :math:`w' = Mw + q` with :math:`M = I - \frac\eta b\sum_i a_ia_i^T`: a random matrix that now and then
stretches. Whatever the direction of ``w``, the factor :math:`\lVert Mw\rVert / \lVert w\rVert` has the same law, so
that factors of successive steps are independent, and the moment is

.. math:: h(s) = \mathbb{E}\bigl[((1-eX)^2 + e^2XY)^{s/2}\bigr], \qquad e = \frac{\eta\sigma^2}{b},
    \quad X\sim\chi^2_b, \quad Y\sim\chi^2_{d-1} .

Where the mean logarithm :math:`h'(0)` is negative there is a stationary law, and its tail is a power law with the index
:math:`\alpha` that solves :math:`h(\alpha) = 1` (Kesten 1973): no datum is heavy-tailed, the iterates are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from escapetime.errors import InvalidInput, NumericalFailure

Floats = NDArray[np.float64]
LARGEST = 500.0  # index that is still looked for
NODES, FINEST = 10, 2.0**-26  # of a panel; width of the panel next to a singular point


@dataclass(frozen=True)
class Growth:
    """The law of the factor by which one step multiplies an error's length, as a quadrature rule.

    Attributes
    ----------
    logs : numpy.ndarray
        Logarithm of the factor at the nodes.
    log_weights : numpy.ndarray
        Logarithm of their probabilities.
    """

    logs: Floats
    log_weights: Floats

    @property
    def mean_log(self) -> float:
        """Mean logarithm: there is a stationary law where it is negative."""
        return float(np.exp(self.log_weights) @ self.logs)

    def log_moment(self, power: float) -> float:
        """Logarithm of the factor's moment ``h(power)``.

        Parameters
        ----------
        power : float
            Not negative.

        Returns
        -------
        float
            0 at power 0.
        """
        exponents = power * self.logs + self.log_weights
        top = float(exponents.max())
        return top + math.log(float(np.exp(exponents - top).sum()))


def growth(*, lr: float, batch_size: int, dimension: int, variance: float = 1.0, reach: float = 4.0) -> Growth:
    r"""Return the law of :math:`\lVert Mw\rVert/\lVert w\rVert`.

    Parameters
    ----------
    lr : float
        Learning rate :math:`\eta`; ``lr * variance`` has no dimension.
    batch_size : int
        Fresh rows in a step, ``b``.
    dimension : int
        Parameters, ``d``.
    variance : float
        Of each number in a row, :math:`\sigma^2`.
    reach : float
        Moments up to this power are accurate.

    Returns
    -------
    Growth
        Nodes and weights.

    Raises
    ------
    InvalidInput
        If a number is not positive, or not whole where it has to be.

    Examples
    --------
    The second moment is a polynomial, :math:`1 - 2eb + e^2b(b+d+1)`:

    >>> law = growth(lr=0.4, batch_size=2, dimension=3)
    >>> round(math.exp(law.log_moment(2.0)), 12) == round(1 - 0.8 + 0.04 * 2 * 6, 12)
    True
    """
    for value, name in ((lr, "lr"), (variance, "variance"), (reach, "reach")):
        if not (math.isfinite(value) and value > 0):
            raise InvalidInput(f"Expected {name} to be a positive number, got {value!r}.")
    for count, name in ((batch_size, "batch_size"), (dimension, "dimension")):
        if count != int(count) or count < 1:
            raise InvalidInput(f"Expected {name} to be a whole number of at least 1, got {count!r}.")
    e = lr * variance / batch_size
    # roots of the chi-square numbers; the factor vanishes where the first is 1 / sqrt(e) and the second is 0
    u, log_u = _chi(int(batch_size), 1 / math.sqrt(e), reach)
    along = np.abs((1 - math.sqrt(e) * u) * (1 + math.sqrt(e) * u))
    if dimension == 1:
        return Growth(np.log(along), log_u)
    v, log_v = _chi(int(dimension) - 1, 0.0, reach)
    across = e * u[:, None] * v
    return Growth(np.log(np.hypot(along[:, None], across)).ravel(), (log_u[:, None] + log_v).ravel())


def tail_index(*, lr: float, batch_size: int, dimension: int, variance: float = 1.0) -> float:
    r"""Return the exponent of the tail of stationary SGD, the positive root of :math:`h(\alpha) = 1`.

    Parameters
    ----------
    lr, batch_size, dimension, variance
        As for :func:`growth`.

    Returns
    -------
    float
        :math:`\alpha`: moments of the iterates below it are finite.

    Raises
    ------
    InvalidInput
        If a number is out of range, or there is no stationary law: the error grows on average.
    NumericalFailure
        If the index is larger than 500.

    Notes
    -----
    Gurbuzbalaban, Simsekli and Zhu 2021 (``gurbuzbalaban2021``), as transcribed here; the theorem on products is that
    of Kesten 1973 (``kesten1973``). Rows must be drawn afresh; with a fixed data set the factors are bounded.

    Examples
    --------
    >>> round(tail_index(lr=0.5, batch_size=1, dimension=2), 9)
    2.0
    >>> round(tail_index(lr=0.625, batch_size=1, dimension=2), 3)
    1.159
    """
    from scipy.optimize import brentq

    power = 2.0
    while power <= 2 * LARGEST:
        law = growth(lr=lr, batch_size=batch_size, dimension=dimension, variance=variance, reach=power)
        if law.mean_log >= 0:
            raise InvalidInput(
                f"Expected a learning rate at which errors shrink on average, but the mean logarithm of a step's "
                f"factor is {law.mean_log:.3g} at lr = {lr:g}: there is no stationary law; lower lr."
            )
        if law.log_moment(power) > 0:
            # log h is convex and zero at zero: the root lies beyond its minimum
            low = power / 2 if power > 2 else _falling(law)
            if law.log_moment(low) >= 0:  # the last reach stopped just short of the root
                return low
            return float(brentq(law.log_moment, low, power, xtol=1e-13, rtol=1e-13))
        power *= 2
    raise NumericalFailure(f"The tail index is above {LARGEST:g}: for all that can be measured, a light tail.")


def critical_rate(*, batch_size: int, dimension: int, variance: float = 1.0) -> float:
    r"""Return the learning rate beyond which the iterates have no variance: :math:`\frac{2b}{(d+b+1)\sigma^2}`.

    Parameters
    ----------
    batch_size, dimension, variance
        As for :func:`growth`.

    Returns
    -------
    float
        The learning rate at which the index is 2.

    Notes
    -----
    It is where :math:`h(2) = 1`. SGD with the mean of all data would be stable up to :math:`2/\sigma^2`.

    Examples
    --------
    >>> critical_rate(batch_size=1, dimension=2)
    0.5
    """
    return 2 * batch_size / ((dimension + batch_size + 1) * variance)


def _falling(law: Growth) -> float:
    low = 1.0
    while law.log_moment(low) >= 0 and low > 1e-9:
        low /= 2
    return low


def _chi(freedom: int, special: float, reach: float) -> tuple[Floats, Floats]:
    # Gauss-Legendre on panels of width at most one half that shrink towards 0 and the special point
    end = math.sqrt(freedom + 2 * reach) + 9
    edges = {0.0, end} | set(np.arange(0.5, end, 0.5).tolist())
    for point in (0.0, special):
        if point < end:
            near = [point + sign * 2.0**-k for k in range(2, int(-math.log2(FINEST)) + 1) for sign in (-1, 1)]
            edges |= {point, *(x for x in near if 0 < x < end)}
    sides = np.array(sorted(edges))
    sides = sides[np.concatenate(([True], np.diff(sides) > FINEST / 4))]
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(sides)[:, None] / 2
    x = ((sides[:-1] + sides[1:])[:, None] / 2 + half * nodes).ravel()
    with np.errstate(divide="ignore"):
        log_weights = np.log((half * weights).ravel())
    log_density = (freedom - 1) * np.log(x) - x * x / 2 - math.lgamma(freedom / 2) - (freedom / 2 - 1) * math.log(2)
    return x, log_density + log_weights
