r"""The two power series of the symmetric stable law: at the center in powers of x, in the tail in powers of 1/x."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from escapetime.stable._checks import Floats, stability

_TERMS = 120
_SMALL = 1e-17


@lru_cache(maxsize=64)
def center_terms(alpha: float, largest: float) -> tuple[Floats, float]:
    """Return coefficients of ``x**(2 k)`` in the density, and the x up to which they give it to rounding.

    Parameters
    ----------
    alpha : float
        Stability index.
    largest : float
        Ask for no more than this x.

    Returns
    -------
    tuple
        Coefficients with their signs, and the reach.
    """
    from scipy.special import gammaln

    # for alpha < 1 the series diverges: it is cut where its terms are smallest, and used where those are below rounding
    k = np.arange(1, _TERMS)
    logs = gammaln((2 * k + 1) / alpha) - gammaln(2 * k + 1) - gammaln(1 / alpha)
    reach = np.exp((np.log(_SMALL) - logs) / (2 * k))
    best = int(np.argmax(reach >= largest)) if (reach >= largest).any() else int(np.argmax(reach))
    first = np.exp(gammaln(1 + 1 / alpha)) / np.pi
    kept = np.where(k % 2, -1.0, 1.0)[:best] * np.exp(logs[:best])
    return first * np.concatenate(([1.0], kept)), min(largest, float(reach[best]))


def near_center(terms: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Return the probability between 0 and x, and the density, from the series at the center."""
    from numpy.polynomial.polynomial import polyval

    square, k = x * x, np.arange(len(terms))
    return x * polyval(square, terms / (2 * k + 1)), np.asarray(polyval(square, terms), dtype=np.float64)


def tail_series(x: Floats, alpha: float, terms: int) -> Floats:
    r"""Partial sum of the series of P(X > x) in powers of :math:`x^{-\alpha}`, for scale one.

    .. math:: P(X > x) = \frac1\pi \sum_{k \ge 1} \frac{(-1)^{k+1}}{k!}\,
              \Gamma(\alpha k)\sin\frac{\pi\alpha k}{2}\; x^{-\alpha k}

    Parameters
    ----------
    x : array_like
        Where, positive, in units of the scale.
    alpha : float
        Stability index in (0, 2].
    terms : int
        How many terms.

    Returns
    -------
    numpy.ndarray
        Of the shape of `x`. For ``alpha < 1`` the series converges; for ``alpha > 1`` it is asymptotic, and the error
        is about the first term left out as long as terms fall. At ``alpha = 2`` all terms vanish.

    References
    ----------
    Zolotarev 1986, section 2.4; Nolan 2020, section 3.5 (``nolan2020``).

    Examples
    --------
    The Cauchy law: ``arctan(1 / x) / pi``.

    >>> bool(np.isclose(tail_series(10.0, 1.0, 20), np.arctan(0.1) / np.pi, rtol=1e-14))
    True
    """
    from scipy.special import gammaln

    alpha = stability(alpha)
    k = np.arange(1, terms + 1)
    power = -alpha * np.log(np.asarray(x, dtype=np.float64))[..., None] * k
    signs = np.where(k % 2, 1.0, -1.0) * sin_half(alpha, k)
    # smallest first; the sum is what the digits of the first term allow
    return (signs * np.exp(gammaln(alpha * k) - gammaln(k + 1) + power))[..., ::-1].sum(-1) / np.pi


def sin_half(alpha: float, k: ArrayLike = 1) -> Floats:
    """``sin(pi alpha k / 2)`` for integers k, accurate where it nearly vanishes (alpha close to 2)."""
    from scipy.special import sindg

    reduced = np.asarray(k) * (2.0 - alpha)  # exact to rounding, and small where the sine is
    # sin(pi k - t) = -(-1)**k sin(t)
    return np.where(np.asarray(k) % 2, 1.0, -1.0) * sindg(90.0 * reduced)
