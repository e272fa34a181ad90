"""Mean exit times of one-dimensional chains with Gaussian steps, from their integral equation: no sampling, no engine.

For x -> f(x) + s(x) xi the mean number of steps u solves u = 1 + K u on the domain, K(x, y) = N(y; f(x), s(x)^2).
Gauss-Legendre panels no wider than the smallest s make the Nystroem solution exact to rounding.
"""

import numpy as np


def mean_steps(f, s, start, low, high):
    """Mean number of steps to leave (low, high); ``low`` may be far below anything that is ever visited."""
    grid = np.linspace(low, high, 2000)
    panels = int(np.ceil((high - low) / (0.8 * s(grid).min())))
    nodes, weights = np.polynomial.legendre.leggauss(8)
    edges = np.linspace(low, high, panels + 1)
    half = (edges[1:] - edges[:-1])[:, None] / 2
    y = (edges[:-1, None] + half + half * nodes).ravel()
    w = (half * weights).ravel()

    def kernel(x):
        x = np.atleast_1d(x)[:, None]
        return np.exp(-0.5 * ((y - f(x)) / s(x)) ** 2) / (np.sqrt(2 * np.pi) * s(x)) * w

    u = np.linalg.solve(np.eye(len(y)) - kernel(y), np.ones(len(y)))
    return float(1 + (kernel(start) @ u)[0])
