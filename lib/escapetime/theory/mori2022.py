r"""Mori, Ziyin, Liu and Ueda 2022: noise in proportion to the loss turns exponential escape into a power law.

Near a minimum of the square loss the covariance of one sample's gradient is about :math:`C = 2 U(\theta) H^*`. With
:math:`n` directions of equal curvature :math:`h`, :math:`D = T\,U` with :math:`T = \eta h / B`: the stationary law is
:math:`U^{-1/T-1}`, the barrier is that of :math:`\ln U`, and

.. math:: \tau = \frac{2\pi}{|\lambda_s|}\sqrt{\frac{|\det H_s|}{\det H_*}}\;
    \Bigl(\frac{U_s}{U_*}\Bigr)^{B/(\eta h) + 1 - n/2}.
"""

from __future__ import annotations

import math

import sympy as sp

from escapetime.critical_points import CriticalPoint
from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.processes.base import Diffusion
from escapetime.symbolic.conventions import Convention

SOURCES = ("mori2022",)


def exponent(*, lr: float, batch_size: float, curvature: float, dimension: int = 1) -> float:
    r"""Return the power :math:`B/(\eta h) + 1 - n/2` of the ratio of losses in the escape time.

    Parameters
    ----------
    lr, batch_size : float
        Learning rate :math:`\eta` and batch size ``B``.
    curvature : float
        :math:`h`, the curvature that the noise follows, loss per squared coordinate.
    dimension : int
        ``n``, the number of directions of that curvature.

    Returns
    -------
    float
        A pure number.

    Raises
    ------
    InvalidInput
        If a number is not positive.

    Notes
    -----
    Mori et al. 2022 (``mori2022``), as transcribed here. For :math:`\eta h \ll 1`.

    Examples
    --------
    >>> exponent(lr=0.1, batch_size=2, curvature=4.0)
    5.5
    """
    if not (min(lr, batch_size, curvature) > 0 and dimension >= 1):
        raise InvalidInput(
            "Expected lr, batch_size and curvature above 0 and a dimension of at least 1, got "
            f"{(lr, batch_size, curvature, dimension)}."
        )
    return batch_size / (lr * curvature) + 1 - dimension / 2


def process(landscape: Landscape, *, lr: float, batch_size: float, curvature: float) -> Diffusion:
    r"""Make the diffusion that the law is about: :math:`D = (\eta h / B)\,U(x)` times the identity (Ito).

    Parameters
    ----------
    landscape : Landscape
        The loss ``U``, positive wherever the process goes.
    lr, batch_size, curvature : float
        As for :func:`exponent`.

    Returns
    -------
    Diffusion
        :math:`\mathrm{d}X = -\nabla U\,\mathrm{d}t + \sqrt{2D}\,\mathrm{d}W`, time in ``lr * steps``.

    Raises
    ------
    InvalidInput
        If a number is not positive.
    """  # noqa: DOC502 - raised by what it calls
    exponent(lr=lr, batch_size=batch_size, curvature=curvature)
    matrix = sp.Float(lr * curvature / batch_size) * landscape.expression * sp.eye(landscape.dimension)
    return Diffusion(landscape.variables, -landscape.gradient, matrix, Convention.ITO, "lr * steps", landscape)


def transition_time(
    landscape: Landscape,
    minimum: CriticalPoint,
    saddle: CriticalPoint,
    *,
    lr: float,
    batch_size: float,
    curvature: float,
) -> float:
    r"""Return the mean time to cross from a minimum over a saddle, with the noise of :func:`process`.

    Parameters
    ----------
    landscape : Landscape
        The loss, positive at the minimum.
    minimum, saddle : CriticalPoint
        The saddle with one negative eigenvalue.
    lr, batch_size, curvature : float
        As for :func:`exponent`.

    Returns
    -------
    float
        In units of ``lr * steps``.

    Raises
    ------
    InvalidInput
        If the points are of another kind, a number is not positive, or the loss at the minimum is not.

    Notes
    -----
    Mori et al. 2022 (``mori2022``) for the power; the prefactor is derived in :ref:`ch-paths`. Valid where
    :math:`\eta h / B` is small against :math:`\ln(U_s/U_*)`.

    Examples
    --------
    >>> U = Landscape.parse("(x**2 - 1)**2 / 4 + 1/20", box=[(-2, 2)])
    >>> round(transition_time(U, U.minima()[0], U.saddles()[0], lr=0.1, batch_size=1, curvature=2.0))
    84625
    """
    if minimum.index != 0 or saddle.index != 1:
        raise InvalidInput(f"Expected a minimum and a saddle of index 1, got {minimum!r} and {saddle!r}.")
    if not minimum.value > 0:
        raise InvalidInput(f"The loss at the minimum must be positive, got {minimum.value:g}: without it, no noise.")
    power = exponent(lr=lr, batch_size=batch_size, curvature=curvature, dimension=landscape.dimension)
    ratio = math.sqrt(abs(math.prod(saddle.eigenvalues)) / math.prod(minimum.eigenvalues))
    return 2 * math.pi / abs(float(saddle.eigenvalues[0])) * ratio * (saddle.value / minimum.value) ** power
