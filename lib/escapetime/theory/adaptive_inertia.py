r"""What the noise of Adai's own averages does: the mean inertia of a coordinate, and the bias of its steps.

The inertia :math:`\mu_t = 1-\beta_0v_t/\bar v_t` is made of squared gradients, the last one among them. So it
fluctuates, and it is correlated with the gradient that it weighs. Both effects vanish as :math:`\beta_2\to1`. Derived
here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp


def mean_inertia(
    *, second_moment: Any, second_moments: Sequence[Any], beta0: Any, beta2: Any, kurtosis: Any = 3
) -> sp.Expr:
    r"""Return the mean inertia of a coordinate in a steady state, to first order in :math:`1-\beta_2`.

    .. math:: \langle\mu\rangle = 1-\beta_0r\Bigl[1+\frac{(K-1)(1-\beta_2)}{1+\beta_2}
        \Bigl(\frac1{n^2}\sum_jr_j^2-\frac rn\Bigr)\Bigr], \qquad r = \frac{s}{\bar s}

    Parameters
    ----------
    second_moment : number or expression
        ``s``, mean squared gradient of the coordinate.
    second_moments : sequence of numbers or expressions
        Those of all coordinates, this one included.
    beta0, beta2 : number or expression
        As for :func:`escapetime.adai`.
    kurtosis : number or expression
        ``K``, fourth moment of a gradient over the square of the second; 3 for Gaussian noise.

    Returns
    -------
    sympy.Expr
        Dimensionless. The bounds 0 and :math:`1-\epsilon` are left out, and gradients taken as independent from step to
        step and coordinate to coordinate.

    Examples
    --------
    Where all coordinates are alike there is nothing to correct:

    >>> mean_inertia(second_moment=2, second_moments=[2, 2], beta0=sp.Rational(1, 10), beta2=sp.Rational(99, 100))
    9/10
    """
    all_moments, b2 = list(map(sp.sympify, second_moments)), sp.sympify(beta2)
    count = len(all_moments)
    mean = sum(all_moments) / count
    ratio, spread = sp.sympify(second_moment) / mean, (sp.sympify(kurtosis) - 1) * (1 - b2) / (1 + b2)
    common = sum((s / mean) ** 2 for s in all_moments) / count**2
    return 1 - sp.sympify(beta0) * ratio * (1 + spread * (common - ratio / count))


def self_weight(*, inertia: Any, beta2: Any) -> sp.Expr:
    r"""Return how much a gradient's own square changes the weight that it has in all steps together.

    .. math:: \sum_{t\ge s}(1-\mu_s)\,\mu_{s+1}\cdots\mu_t
        = 1+\frac{(1-\beta_2)^2}{1-\beta_2\mu}\Bigl(\frac{g_s^2}{\sigma^2}-1\Bigr)+\dots

    Parameters
    ----------
    inertia : number or expression
        :math:`\mu`, mean inertia of the coordinate.
    beta2 : number or expression
        :math:`\beta_2`.

    Returns
    -------
    sympy.Expr
        The coefficient of :math:`g_s^2/\sigma^2-1`. To first order in the fluctuations, for so many coordinates that
        :math:`\bar v` does not fluctuate; squares of other steps have a mean of zero in it.

    Notes
    -----
    A large gradient is taken up with a weight that is higher by :math:`1-\beta_2`, and then forgotten faster, because
    its square stays in the average. The two nearly cancel.

    Examples
    --------
    Without memory of squares nothing cancels:

    >>> self_weight(inertia=0.9, beta2=0)
    1
    """
    mu, b2 = sp.sympify(inertia), sp.sympify(beta2)
    return (1 - b2) ** 2 / (1 - b2 * mu)


def gradient_bias(*, inertia: Any, beta2: Any, third_moment: Any, variance: Any) -> sp.Expr:
    r"""Return the gradient at which Adai's mean step vanishes, where the noise is skewed.

    .. math:: \nabla L = -\frac{(1-\beta_2)^2}{1-\beta_2\mu}\,\frac{\kappa_3}{\sigma^2}

    Parameters
    ----------
    inertia : number or expression
        :math:`\mu`, mean inertia of the coordinate.
    beta2 : number or expression
        :math:`\beta_2`.
    third_moment, variance : number or expression
        :math:`\kappa_3` and :math:`\sigma^2` of the minibatch gradient's noise.

    Returns
    -------
    sympy.Expr
        Loss / coordinate. For small learning rates and many coordinates, so that :math:`\bar v` does not fluctuate; to
        leading order in :math:`1-\beta_2` at fixed inertia. For a batch of ``B`` samples it is smaller by ``1 / B``.

    Examples
    --------
    >>> gradient_bias(inertia=0.9, beta2=0.99, third_moment=1, variance=1)
    -0.000917431192660552
    """
    return -self_weight(inertia=inertia, beta2=beta2) * sp.sympify(third_moment) / sp.sympify(variance)
