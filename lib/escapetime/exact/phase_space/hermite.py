r"""Hermite functions of the velocity: normalized :math:`h_n(z)`, orthonormal under the standard normal density.

.. math::
    z h_n = \sqrt{n+1}\,h_{n+1} + \sqrt n\,h_{n-1}, \qquad h_n' = \sqrt n\,h_{n-1} .

Even and odd ones are kept apart, for transport takes each to the other, and friction with noise keeps the parity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from escapetime.exact.panels import Array


def hermite(count: int, z: Array) -> Array:
    """Return ``h_0 ... h_{count-1}`` at ``z``, shape ``(count, len(z))``."""
    table = np.ones((count, len(z)))
    if count > 1:
        table[1] = z
    for n in range(1, count - 1):
        table[n + 1] = (z * table[n] - np.sqrt(n) * table[n - 1]) / np.sqrt(n + 1)
    return table


@dataclass(frozen=True)
class Modes:
    """The first ``count`` even and the first ``count`` odd Hermite functions, and matrices between them.

    Parameters
    ----------
    count : int
        Of each parity.

    Examples
    --------
    The mean size of a standard normal:

    >>> round(float(Modes(8).size[0, 0]), 6)
    0.797885
    """

    count: int

    @property
    def even(self) -> Array:
        """Orders 0, 2, 4, ..."""
        return np.arange(0.0, 2 * self.count, 2)

    @property
    def odd(self) -> Array:
        """Orders 1, 3, 5, ..."""
        return np.arange(1.0, 2 * self.count, 2)

    @property
    def product(self) -> Any:
        """Multiplication by ``z``, from even to odd."""
        from scipy import sparse

        # column n: sqrt(n + 1) in the row of n + 1, sqrt(n) in the row of n - 1
        return sparse.diags_array([np.sqrt(self.odd), np.sqrt(self.even[1:])], offsets=[0, 1]).tocsr()

    @property
    def derivative(self) -> Any:
        """The derivative, from even to odd."""
        from scipy import sparse

        return sparse.diags_array([np.sqrt(self.even[1:])], offsets=[1]).tocsr()

    def curvature(self, orders: Array) -> Any:
        """Return the second derivative, within the functions of one parity."""
        from scipy import sparse

        return sparse.diags_array([np.sqrt(orders[1:] * (orders[1:] - 1))], offsets=[1]).tocsr()

    @property
    def size(self) -> Array:
        """Multiplication by the size of ``z``, within the even ones; positive definite, shape ``(count, count)``.

        Half of each entry is an integral over positive ``z``. By parts, and with the equation of Sturm and Liouville,
        which gives the integral of an even function times an odd one, only values at 0 are left.
        """
        m, n = np.meshgrid(self.even, self.even, indexing="ij")
        at_zero = self.mean(0.0)
        return np.sqrt(2 / np.pi) * np.outer(at_zero, at_zero) * (1 + m + n) / (1 - (m - n) ** 2)

    def mean(self, spread: float) -> Array:
        """Return the means of the even functions under a normal law of this standard deviation; 0 is a point."""
        at_zero = np.cumprod([1.0, *(-np.sqrt((n - 1) / n) for n in self.even[1:])])
        return at_zero * (1 - spread**2) ** (self.even / 2)
