r"""The second order of an escape by jumps: two of them do together what neither does alone.

See :mod:`escapetime.theory.imkeller2006` for the statement. The drift between the jumps decides where the second one
starts from, so that this order knows the loss, while the first knows distances only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from escapetime.stable.constants import levy_constant

SMALL = 1e-3  # of the distance to the nearer end
NODES = 801  # of the double exponential rule


@dataclass(frozen=True)
class Well:
    """An interval seen from its minimum.

    Attributes
    ----------
    alpha : float
        Tail index, below 2.
    bottom : float
        The minimum.
    left, right : float
        Distances from it to the ends; one may be infinite.
    stiffness : float
        Second derivative of the loss at the minimum.
    force : callable
        The drift, from positions of shape ``(n,)`` to the same shape.
    """

    alpha: float
    bottom: float
    left: float
    right: float
    stiffness: float
    force: Callable[[np.ndarray], np.ndarray]

    def out_rate(self, x: float) -> float:
        """``h``: rate of jumps out of the interval from ``x``, for noise of scale one."""
        return float(self._rates(np.array([self.right - x]), np.array([self.left + x]))[0])

    def _rates(self, to_right: np.ndarray, to_left: np.ndarray) -> np.ndarray:
        return levy_constant(self.alpha) / self.alpha * (to_right**-self.alpha + to_left**-self.alpha)

    def two_jumps(self, x: float) -> float:
        """Return the second-order term of the mean time, for a start at ``x``."""
        both = min(self.left, self.right)
        c, a = levy_constant(self.alpha), self.alpha

        def slope(s: np.ndarray, rest: np.ndarray, sign: int) -> np.ndarray:
            """``dG/ds`` at ``sign * s``, where ``rest`` is what is left to the end on that side."""
            ahead, behind = (rest, self.left + s) if sign > 0 else (self.right + s, rest)
            gap = self.out_rate(0.0) - self._rates(ahead, behind)
            return gap / self.force(self.bottom + sign * s)

        def rest(s: np.ndarray, to_both: np.ndarray, sign: int) -> np.ndarray:
            return to_both + ((self.right if sign > 0 else self.left) - both)

        def pair(s: np.ndarray, to_both: np.ndarray) -> np.ndarray:
            # near the minimum the difference of the slopes is linear, and lost in rounding: continue it
            at = np.maximum(s, SMALL * both)
            apart = np.where(s < at, both - at, to_both)
            odd = slope(at, rest(at, apart, 1), 1) - slope(at, rest(at, apart, -1), -1)
            return odd * s / at * c / a * (s**-a - both**-a)

        total = _integral(pair, 0.0, both)
        longer = 1 if self.right > both else -1
        end = max(self.left, self.right)
        if end > both:
            outside = 0.0 if math.isinf(end) else end**-a
            at_both = longer * _integral(lambda s, r: slope(s, rest(s, r, longer), longer), 0.0, both)
            beyond = _integral(lambda s, r: slope(s, r, longer) * (s**-a - outside), both, end)
            total += c / a * ((both**-a - outside) * at_both + longer * beyond)
        sign = 1 if x > 0 else -1
        here = 0.0
        if x:
            side = self.right if sign > 0 else self.left
            here = sign * _integral(lambda s, r: slope(s, r + side - abs(x), sign), 0.0, abs(x))
        return -total / self.out_rate(0.0) ** 2 - here / self.out_rate(0.0)


def _integral(f: Callable[[np.ndarray, np.ndarray], np.ndarray], lo: float, hi: float) -> float:
    """Double exponential rule: powers at the ends do no harm. ``f`` gets a point and its distance to the upper end."""
    t = np.linspace(-4.0, 4.0, NODES)
    if math.isinf(hi):
        grown = np.exp(math.pi / 2 * np.sinh(t))
        inner, weight = grown, grown * math.pi / 2 * np.cosh(t)
        keep = (inner > 1e-13) & (inner < 1e13)
        s, to_end, weight = lo + lo * inner[keep], np.full(keep.sum(), np.inf), lo * weight[keep]
    else:
        share = 1 / (1 + np.exp(-math.pi * np.sinh(t)))
        other = 1 / (1 + np.exp(math.pi * np.sinh(t)))
        weight = share * other * math.pi * np.cosh(t) * (hi - lo)
        keep = (share > 1e-13) & (other > 1e-13)
        s, to_end, weight = lo + share[keep] * (hi - lo), other[keep] * (hi - lo), weight[keep]
    return float(np.sum(f(s, to_end) * weight) * (t[1] - t[0]))
