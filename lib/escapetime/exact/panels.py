"""Composite Gauss-Legendre panels: running integrals of positive functions, kept as logarithms.

A mean escape time is an integral of ``exp(U / D)`` times one of ``exp(-U / D)``: each overflows before the product.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ORDER = 20  # nodes in a panel


@cache
def _rule() -> tuple[Array, Array, Array, Array]:
    """Return nodes and weights on (-1, 1), the matrices to running integrals and to Legendre coefficients."""
    nodes, weights = np.polynomial.legendre.leggauss(ORDER)
    legendre = np.polynomial.legendre.legvander(nodes, ORDER)
    k = np.arange(ORDER)
    coefficients = (k[:, None] + 0.5) * legendre[:, :ORDER].T * weights
    # the integral of P_k from -1 to x is (P_{k+1}(x) - P_{k-1}(x)) / (2k + 1), and x + 1 for k = 0
    below = np.concatenate([-np.ones((ORDER, 1)), legendre[:, : ORDER - 1]], axis=1)
    running = (legendre[:, 1:] - below) / (2 * k + 1) @ coefficients
    return nodes, weights, running, coefficients


def log_of(values: Array) -> Array:
    """Logarithm of non-negative numbers; rounding below zero and zero itself give minus infinity."""
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(values, 0.0))


class Panels:
    """A subdivision of an interval, with Gauss-Legendre nodes in each panel.

    Parameters
    ----------
    edges : array_like, shape (p + 1,)
        Ends of the panels, strictly increasing.
    """

    def __init__(self, edges: Array) -> None:
        self.edges = np.asarray(edges, dtype=float)
        self.half = np.diff(self.edges) / 2
        self.points = (self.edges[:-1] + self.half)[:, None] + self.half[:, None] * _rule()[0]

    def bisected(self, where: NDArray[np.bool_] | None = None) -> Panels:
        """Return the panels with those marked (default all) cut in two."""
        middles = self.edges[:-1] + self.half
        return Panels(np.sort(np.concatenate([self.edges, middles if where is None else middles[where]])))

    def tail(self, values: Array) -> Array:
        """Return the last Legendre coefficients of node values ``(p, n)``, relative to the largest; shape ``(p,)``."""
        size = np.abs(values @ _rule()[3].T)
        return np.max(size[:, -3:], axis=1) / np.maximum(np.max(size, axis=1), np.finfo(float).tiny)

    def running(self, values: Array) -> tuple[Array, Array]:
        """Integrate node values ``(p, n)`` from the lower end: to the nodes ``(p, n)`` and the edges ``(p + 1,)``."""
        _, weights, matrix, _ = _rule()
        edges = np.concatenate([[0.0], np.cumsum((values @ weights) * self.half)])
        return edges[:-1, None] + (values @ matrix.T) * self.half[:, None], edges

    def log_running(self, log_values: Array, *, from_upper: bool = False) -> tuple[Array, Array]:
        """Integrate a positive function, given and returned as logarithms, from the lower or from the upper end.

        Parameters
        ----------
        log_values : numpy.ndarray
            Logarithm of the integrand at the nodes, shape ``(p, n)``.
        from_upper : bool
            Integrate from each point to the upper end instead of from the lower end to each point.

        Returns
        -------
        tuple of numpy.ndarray
            Logarithm of the integral at the nodes, shape ``(p, n)``, and at the edges, shape ``(p + 1,)``.
        """
        _, weights, matrix, _ = _rule()
        scaled, peak = self._scaled(log_values)
        inside = log_of(scaled @ (weights - matrix if from_upper else matrix).T) + peak
        total = log_of(scaled @ weights) + peak[:, 0]
        if from_upper:
            edges = np.concatenate([np.logaddexp.accumulate(total[::-1])[::-1], [-np.inf]])
            return np.logaddexp(edges[1:, None], inside), edges
        edges = np.concatenate([[-np.inf], np.logaddexp.accumulate(total)])
        return np.logaddexp(edges[:-1, None], inside), edges

    def log_integrals(self, log_values: Array) -> Array:
        """Integrate a positive function, given as logarithms ``(p, n)``, over each panel; logarithms, ``(p,)``."""
        scaled, peak = self._scaled(log_values)
        return log_of(scaled @ _rule()[1]) + peak[:, 0]

    def _scaled(self, log_values: Array) -> tuple[Array, Array]:
        peak = np.max(log_values, axis=1, keepdims=True)
        peak = np.where(np.isfinite(peak), peak, 0.0)
        return np.exp(log_values - peak) * self.half[:, None], peak
