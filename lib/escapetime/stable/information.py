r"""Differential entropy of the symmetric stable law."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from escapetime.stable._checks import positive, stability
from escapetime.stable.density import LEAST, WHY, pdf


def entropy(alpha: float, *, scale: float = 1.0) -> float:
    r"""Differential entropy :math:`-\int p\log p`, in nats.

    Parameters
    ----------
    alpha : float
        Stability index, 0.1 to 2.
    scale : float
        Scale of the law; it adds its logarithm.

    Returns
    -------
    float
        To eleven digits or more; closed forms are known for the Cauchy law, :math:`\log 4\pi`, and the Gaussian one.

    Examples
    --------
    >>> math.isclose(entropy(1.0), math.log(4 * math.pi))
    True
    """
    return _standard(stability(alpha, LEAST, WHY)) + math.log(positive(scale, "the scale"))


@lru_cache(maxsize=64)
def _standard(alpha: float) -> float:
    # trapezoidal rule in asinh(x / width), where the integrand is smooth and falls exponentially
    width = math.exp((math.log(2) + math.lgamma(1 / alpha) - math.lgamma(3 / alpha)) / 2)
    step = 0.025 if alpha >= 0.5 else 0.01
    w = step * np.arange(int((44 / alpha if alpha < 2 else 5) / step))
    # far out, where sinh overflows, alpha is so small that there is still probability: float64 ends at 1.8e308
    w = w[w < 700 - max(0.0, math.log(width))]
    density = pdf(width * np.sinh(w), alpha)
    with np.errstate(divide="ignore", invalid="ignore"):
        integrand = np.where(density > 0, -density * np.log(density), 0.0) * np.cosh(w)
    return float(2 * step * width * (integrand.sum() - integrand[0] / 2))
