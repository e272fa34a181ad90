r"""Gradient descent along averages of noisy gradients: how fast the gradient vanishes, with constants.

For :math:`m' = \mu m + (1-\mu)g`, :math:`\theta' = \theta - \eta m'`, each coordinate with its own inertia
:math:`0\le\mu_i<1` that does not change, started at :math:`m = 0`, the point

.. math:: z = \theta - \eta\,\frac{\mu}{1-\mu}\,m

does plain SGD, :math:`z' = z - \eta g`, with the gradient of a point :math:`\theta` nearby. What is lost against SGD is
the distance of the two. Derived here, after the analysis of the stochastic heavy ball by Yan et al. 2018
(``yan2018``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput

SOURCES = ("yan2018",)


def gradient_norm_bound(
    *, gap: Any, smoothness: Any, lr: Any, steps: Any, second_moments: Sequence[Any], inertias: Sequence[Any]
) -> sp.Expr:
    r"""Return a bound on the squared gradient, averaged over the first ``T`` steps and over the noise.

    .. math::
        \frac1T\sum_{t<T}\mathbb E\|\nabla L(\theta_t)\|^2 \le{}& \frac{2\,\mathrm{gap}}{\eta T} + \ell\eta\sum_i s_i \\
        &+ \ell^2\eta^2\sum_i\Bigl(\frac{\mu_i}{1-\mu_i}\Bigr)^2 s_i

    Parameters
    ----------
    gap : number or expression
        Loss at the start minus the greatest lower bound of the loss.
    smoothness : number or expression
        :math:`\ell`, Lipschitz constant of the gradient, loss / squared coordinate.
    lr, steps : number or expression
        :math:`\eta` and ``T``.
    second_moments : sequence of numbers or expressions
        :math:`s_i`, bounds on the mean over the ``T`` steps of :math:`\mathbb E\,g_i^2`, one a coordinate.
    inertias : sequence of numbers or expressions
        :math:`\mu_i`, from 0 to below 1.

    Returns
    -------
    sympy.Expr
        (Loss / coordinate) squared.

    Raises
    ------
    InvalidInput
        If the two sequences have not the same length.

    Notes
    -----
    For an unbiased gradient: :math:`\mathbb E[g\,|\,\theta,m] = \nabla L(\theta)`. The step is not corrected for the
    start at zero. For an inertia that depends on the gradients, as that of Adai, the proof does not hold: there the
    bound says what its frozen form can do.

    Examples
    --------
    Without inertia it is the bound of SGD:

    >>> d, l, n, T, s = sp.symbols("gap l eta T s", positive=True)
    >>> gradient_norm_bound(gap=d, smoothness=l, lr=n, steps=T, second_moments=[s], inertias=[0])
    eta*l*s + 2*gap/(T*eta)
    """  # noqa: DOC502 - raised by what it calls
    strength = sum(map(sp.sympify, second_moments))
    ell, eta, far = sp.sympify(smoothness), sp.sympify(lr), delay(second_moments=second_moments, inertias=inertias)
    return 2 * sp.sympify(gap) / (eta * sp.sympify(steps)) + ell * eta * strength + (ell * eta) ** 2 * strength * far


def rate_constants(
    *, gap: Any, smoothness: Any, scale: Any, steps: Any, second_moments: Sequence[Any], inertias: Sequence[Any]
) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    r"""Return the three terms of :func:`gradient_norm_bound` times :math:`\sqrt T`, for :math:`\eta = C/\sqrt T`.

    Parameters
    ----------
    gap, smoothness, steps, second_moments, inertias
        As for :func:`gradient_norm_bound`.
    scale : number or expression
        ``C``.

    Returns
    -------
    tuple of sympy.Expr
        The first two do not depend on ``T``; the third, from the inertia, falls like :math:`1/\sqrt T`.

    Raises
    ------
    InvalidInput
        If the two sequences have not the same length.

    Examples
    --------
    >>> c, T = sp.symbols("C T", positive=True)
    >>> half = sp.Rational(1, 2)
    >>> rate_constants(gap=1, smoothness=1, scale=c, steps=T, second_moments=[1], inertias=[half])
    (2/C, C, C**2/sqrt(T))
    """  # noqa: DOC502 - raised by what it calls
    strength = sum(map(sp.sympify, second_moments))
    ell, c, far = sp.sympify(smoothness), sp.sympify(scale), delay(second_moments=second_moments, inertias=inertias)
    return 2 * sp.sympify(gap) / c, ell * c * strength, (ell * c) ** 2 * strength * far / sp.sqrt(sp.sympify(steps))


def delay(*, second_moments: Sequence[Any], inertias: Sequence[Any]) -> sp.Expr:
    r"""Return the mean of :math:`(\mu_i/(1-\mu_i))^2` over the coordinates, weighted with their second moments.

    Parameters
    ----------
    second_moments, inertias : sequence of numbers or expressions
        :math:`s_i` and :math:`\mu_i`, one each a coordinate.

    Returns
    -------
    sympy.Expr
        Squared number of steps. At most :math:`(\mu_{\max}/(1-\mu_{\max}))^2`; for the inertias that Adai gives to
        these second moments, :math:`1-\mu_i = \mathrm{clip}(\beta_0s_i/\bar s,\epsilon,1)`, at most
        :math:`1/(\beta_0\epsilon)`, because coordinates of high inertia are those of small gradients.

    Raises
    ------
    InvalidInput
        If the two sequences have not the same length.

    Examples
    --------
    >>> delay(second_moments=[1, 1], inertias=[0, sp.Rational(1, 2)])
    1/2
    """
    moments, kept = list(map(sp.sympify, second_moments)), list(map(sp.sympify, inertias))
    if len(moments) != len(kept) or not moments:
        raise InvalidInput(
            f"Expected one inertia for each second moment, got {len(kept)} and {len(moments)}; repeat a common inertia."
        )
    return sum(s * (m / (1 - m)) ** 2 for s, m in zip(moments, kept, strict=True)) / sum(moments)
