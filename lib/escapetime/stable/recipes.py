r"""The formulas of Chambers, Mallows and Stuck, and of Kanter, as one formula with different numbers.

With an angle :math:`\varphi` uniform on (0, turn) and a waiting time :math:`W` (exponential, mean one),

.. math:: X = \pm\, f \sin(a_0 + a_1\varphi)\,(\sin\varphi)^{-p}\,
          \bigl(\sin(b_0 + b_1\varphi) / W\bigr)^{q}.

Angles are counted from where the law's tail is, so that the farthest values have all their digits, and each sine is
written so that it loses none where it is small. Without signs it is the root of the first sine that counts. Nothing is
singular at ``alpha = 1`` (it gives the cotangent) or at ``alpha = 2`` (it gives Box and Muller's normal number), so
there is no branch near either.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Numbers of the formula: `turn`, `a0`, `a1`, `b0`, `b1`, `angle` (p), `waiting` (q), `factor` (f), `signs`."""

    turn: float
    a0: float
    a1: float
    b0: float
    b1: float
    angle: float
    waiting: float
    factor: float
    signs: int


def symmetric(alpha: float, scale: float) -> Recipe:
    """Symmetric stable numbers of that scale.

    Parameters
    ----------
    alpha : float
        Stability index in (0, 2].
    scale : float
        Scale.

    Returns
    -------
    Recipe
        After Chambers, Mallows and Stuck 1976 (``chambers1976``), in the complement of their angle.
    """
    half = math.pi / 2
    if alpha >= 1:
        a0 = b0 = (2 - alpha) * half
        a1, b1 = alpha, alpha - 1
    else:
        a0 = b0 = alpha * half
        a1, b1 = -alpha, 1 - alpha
    return Recipe(half, a0, a1, b0, b1, 1 / alpha, (1 - alpha) / alpha, scale, 1)


def root_of_positive(alpha: float, scale: float) -> Recipe:
    r"""The factor :math:`\sigma\sqrt{2A}` by which a normal vector becomes an isotropic stable one.

    A is positive and stable with index g = alpha / 2: :math:`E e^{-sA} = e^{-s^g}`.

    Parameters
    ----------
    alpha : float
        Stability index in (0, 2).
    scale : float
        Scale.

    Returns
    -------
    Recipe
        After Kanter 1975 (``kanter1975``), its square root.
    """
    g = alpha / 2
    delta = math.pi * (1 - g)
    a0, a1 = (delta, g) if g >= 0.5 else (math.pi * g, -g)
    return Recipe(math.pi, a0, a1, delta, g - 1, 0.5 / g, 0.5 * (1 - g) / g, scale * math.sqrt(2), 0)
