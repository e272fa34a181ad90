r"""Zhou et al. 2020: SGD and Adam as motions with stable noise, as transcribed here.

The optimizer's motion is
:math:`\mathrm{d}w = -Q^{-1}\nabla F\,\mathrm{d}t + \epsilon\,Q^{-1}\Sigma\,\mathrm{d}L^\alpha` with
:math:`\epsilon = \eta^{(\alpha-1)/\alpha}`, time in ``lr * steps`` and, for Adam, a constant preconditioner ``Q``;
for SGD it is one. With the escaping set :math:`W = \{y : Q^{-1}\Sigma y \notin \Omega\}` around the minimum,
Theorem 1 says that for :math:`u > -1` and weak noise

.. math:: \mathbb{E}\,e^{-u\,m(W)\,\Theta\,\Gamma} \approx \frac{1}{1+u}, \qquad
    \Theta = \frac2\alpha\,\epsilon^\alpha ,

so that the escape time :math:`\Gamma` is exponential with the rate :math:`m(W)\,\Theta`. If ``m`` is the Levy measure,
the factor :math:`2/\alpha` is counted twice: :math:`\Theta` is the rate of jumps longer than one, and belongs to ``m``
normalized to that rate. Correct is the rate :math:`\epsilon^\alpha\nu(W)`,
:func:`escapetime.theory.escaping_set.measure`. The wording has not been checked against the paper.
"""

from __future__ import annotations

import math

from escapetime.errors import InvalidInput
from escapetime.stable.constants import levy_constant

NORMALIZATIONS = ("characteristic function", "unit density")


def published_rate(rate: float, alpha: float, *, normalization: str = "characteristic function") -> float:
    r"""Return the rate that Theorem 1 gives when its ``m`` is read as the Levy measure.

    Parameters
    ----------
    rate : float
        The correct rate :math:`\epsilon^\alpha\nu(W)`, per unit of time.
    alpha : float
        Tail index, above 0 and below 2.
    normalization : str
        Of the Levy measure: ``"characteristic function"``, that of the noise as the paper defines it,
        :math:`c_\alpha|y|^{-1-\alpha}dy`; or ``"unit density"``, :math:`|y|^{-1-\alpha}dy`, for which the
        :math:`\Theta` is right in one dimension.

    Returns
    -------
    float
        Per unit of time.

    Raises
    ------
    InvalidInput
        If a number is out of range or the normalization unknown.

    Notes
    -----
    Zhou et al. 2020 (``zhou2020``), Theorem 1, as transcribed here.

    Examples
    --------
    >>> published_rate(1.0, 1.0)
    2.0
    >>> round(published_rate(1.0, 1.0, normalization="unit density") / math.pi, 12)
    2.0
    """
    if not (0 < alpha < 2 and rate > 0):
        raise InvalidInput(f"Expected an index between 0 and 2 and a positive rate, got {alpha!r} and {rate!r}.")
    if normalization not in NORMALIZATIONS:
        raise InvalidInput(f"Expected normalization to be one of {NORMALIZATIONS}, got {normalization!r}.")
    twice = 2 / alpha * rate
    return twice if normalization == NORMALIZATIONS[0] else twice / levy_constant(alpha)


def effective_noise(lr: float, alpha: float) -> float:
    r"""Return :math:`\epsilon = \eta^{(\alpha-1)/\alpha}`, the strength of the noise in the equation's time.

    Parameters
    ----------
    lr : float
        Learning rate.
    alpha : float
        Tail index.

    Returns
    -------
    float
        Grows as the learning rate falls if ``alpha`` is below 1: a small step is not a small noise then.

    Examples
    --------
    >>> effective_noise(0.01, 2.0), effective_noise(0.01, 0.5)
    (0.1, 100.0)
    """
    return float(lr) ** ((alpha - 1) / alpha)


def largest_move(betas: tuple[float, float]) -> float:
    r"""Return how far one shock, however large, moves a parameter under Adam, in units of the learning rate.

    Parameters
    ----------
    betas : tuple of float
        :math:`\beta_1 < \sqrt{\beta_2}`, as for ``torch.optim.Adam``.

    Returns
    -------
    float
        :math:`\frac{1-\beta_1}{\sqrt{1-\beta_2}\,(1-\beta_1/\sqrt{\beta_2})}`: the shock enters the square under the
        root as it enters the mean, and the two decay together.

    Raises
    ------
    InvalidInput
        If the moves do not add up to a finite sum.

    Notes
    -----
    Derived here, for a settled optimizer and a shock that outweighs all else. A basin of a half-width beyond this many
    learning rates is not left by one jump, and the law above does not apply to Adam itself.

    Examples
    --------
    >>> round(largest_move((0.9, 0.999)), 3)
    31.766
    """
    beta1, beta2 = betas
    if not (beta1 >= 0 and 0 < beta2 < 1 and beta1 < math.sqrt(beta2)):
        raise InvalidInput(f"Expected betas with beta1 below the root of beta2, both below 1, got {betas!r}.")
    return (1 - beta1) / (math.sqrt(1 - beta2) * (1 - beta1 / math.sqrt(beta2)))


def impulse_peak(lr: float, curvature: float, momentum: float) -> float:
    r"""Return how far a unit shock moves SGD with averaged gradients at most, in units of learning rate times shock.

    Parameters
    ----------
    lr : float
        Learning rate.
    curvature : float
        Of the loss, positive.
    momentum : float
        :math:`\beta`, from 0 to below 1; the gradients are averaged, :math:`m' = \beta m + (1-\beta)g`.

    Returns
    -------
    float
        1 without momentum; below 1 with it, and near 1 if :math:`\eta H \ll 1-\beta`: averaging neither changes the
        tail index nor, then, the jumps.

    Raises
    ------
    InvalidInput
        If a number is out of range.

    Notes
    -----
    Derived here: the rate of escape by one jump is that of SGD times this number to the power alpha.

    Examples
    --------
    >>> impulse_peak(0.1, 1.0, 0.0)
    1.0
    """
    if not (lr > 0 and curvature > 0 and 0 <= momentum < 1 and lr * curvature < 2):
        raise InvalidInput(
            f"Expected lr * curvature between 0 and 2 and a momentum in [0, 1), got {lr!r}, {curvature!r} and "
            f"{momentum!r}."
        )
    position, mean, peak = 0.0, 1 - momentum, 0.0
    while abs(mean) > 1e-16 or abs(position) > 0.5 * peak:
        position += mean  # in units of minus the learning rate
        peak = max(peak, abs(position))
        mean = momentum * mean - (1 - momentum) * lr * curvature * position
    return peak
