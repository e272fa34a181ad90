r"""The most probable escape of SGD with momentum, step by step: the exponent at any learning rate.

In one dimension the heavy ball :math:`x_{n+1} - (1+\beta)x_n + \beta x_{n-1} = -\eta\beta_3\tilde g(x_n)` with Gaussian
gradients of variance :math:`C_1/B` has a density :math:`e^{-S}`, up to the amplitude, for a sequence of positions:

.. math:: S = \sum_n\frac{B\,\bigl[x_{n+1} - (1+\beta)x_n + \beta x_{n-1} + \eta\beta_3L'(x_n)\bigr]^2}
    {2\eta^2\beta_3^2\,C_1(x_n)}.

Its least value from the minimum to the saddle is the exponent of the escape time for weak noise, with no learning rate
taken to zero, and the paths near by give the amplitude. :mod:`escapetime.symbolic.momentum_wkb` has the first terms in
the learning rate of both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from escapetime.errors import NumericalFailure
from escapetime.symbolic.compile import ArrayFunction

Array = NDArray[np.float64]
Functions = Callable[[Array], Array]

WAIT = 16.0  # e-foldings at either end: what is cut off is about exp(-2 WAIT)
MOST_STEPS = 1_000_000
ITERATIONS = 300
UNTRUSTED = 0.02
SHORT = 1e-3  # of the way, where the amplitude is taken: it is smooth at the saddle


@dataclass(frozen=True)
class LeastAction:
    """The most probable escape.

    Attributes
    ----------
    action : float
        The exponent.
    points : ndarray, shape (n,)
        Positions, one a step.
    amplitude : float
        Logarithm of the density's amplitude at the saddle over that at the minimum, in position and momentum: paths
        near the most probable one, integrated out as Gaussians.
    """

    action: float
    points: Array
    amplitude: float


def least_action(
    slope: sp.Expr, variance: sp.Expr, variable: sp.Symbol, ends: tuple[float, float], *, weight: float, momentum: float
) -> LeastAction:
    r"""Return the most probable way of SGD with momentum from a minimum to a saddle, by Newton's method.

    Parameters
    ----------
    slope : expression
        :math:`L'`.
    variance : expression
        :math:`C_1/B`, variance of the gradient of a batch, positive.
    variable : sympy.Symbol
        ``x``.
    ends : tuple of float
        Minimum and saddle.
    weight : float
        :math:`\eta\beta_3`, learning rate times one minus the dampening.
    momentum : float
        :math:`\beta`, from 0 to below 1.

    Returns
    -------
    LeastAction
        The action to about ten digits, the amplitude to about three.

    Raises
    ------
    NumericalFailure
        If the descent does not settle, or the way takes so many steps (some ten thousand) that the amplitude is lost.

    Notes
    -----
    For Gaussian gradients and weak noise. Derived here.

    Examples
    --------
    Constant noise, where the exponent is that of a thermal particle but for terms of second order:

    >>> x = sp.Symbol("x", real=True)
    >>> way = least_action(x**3 - x, sp.Float(0.1), x, (-1.0, 0.0), weight=0.01, momentum=0.9)
    >>> round(way.action * 0.1 * 0.1, 5)  # 2 Delta, nearly
    0.49958
    """  # noqa: DOC502 - raised by what it calls
    root = 1 / sp.sqrt(sp.sympify(variance) * sp.Float(weight) ** 2)
    force = -(1 + momentum) * variable + weight * slope
    functions = ArrayFunction((variable,), [sp.diff(f, variable, k) for f in (root, force) for k in range(3)], (6,))
    points = _descent(sp.lambdify(variable, slope, "math"), ends, weight, momentum)[::-1]
    return _newton(lambda z: functions(z[:, None]).T, points, ends, momentum)


def chain_multipliers(curvature: float, weight: float, momentum: float) -> tuple[complex, complex]:
    """Return the two factors by which a step multiplies deviations where the loss has a curvature; larger one first.

    Parameters
    ----------
    curvature : float
        Of the loss, negative at a saddle.
    weight, momentum : float
        As for :func:`least_action`.

    Returns
    -------
    tuple of complex
        Roots of ``z**2 - (1 + momentum - weight * curvature) * z + momentum``.

    Examples
    --------
    >>> chain_multipliers(-1.0, 0.5, 0.0)  # 1 + lr
    (1.5, 0.0)
    """
    half = (1 + momentum - weight * curvature) / 2
    spread = np.emath.sqrt(half**2 - momentum)
    pair = sorted((half + spread, half - spread), key=abs, reverse=True)
    return pair[0].item(), pair[1].item()


def _descent(slope: Callable[[float], float], ends: tuple[float, float], weight: float, beta: float) -> Array:
    """Return the way down without noise; backwards it is close to the most probable way up."""
    a, b = ends
    near = math.exp(-WAIT) * abs(b - a)
    x, step = b + math.copysign(near, a - b), 0.0
    points: list[float] = []
    while abs(x - a) + abs(step) > near or not points:
        step = beta * step - weight * slope(x)
        x += step
        points.append(x)
        if len(points) > MOST_STEPS or abs(x - a) > 2 * abs(b - a):
            raise NumericalFailure(
                f"Without noise the way down from {b:g} does not end at {a:g} within {MOST_STEPS} steps: the learning "
                "rate is too large or too small for this law, or another minimum lies between."
            )
    return np.array(points)


def _newton(functions: Functions, z: Array, ends: tuple[float, float], beta: float) -> LeastAction:
    """Damped Newton on the sum of squares; the matrix of second derivatives has five diagonals."""
    from scipy.linalg import LinAlgError, solveh_banded

    a, b = ends
    here, damping = _Step(functions, np.concatenate([[a, a], z, [b, b]]), beta), 1e-3
    for _ in range(ITERATIONS):
        bands, size = here.bands, float(np.mean(np.abs(here.bands[2])))
        while True:
            matrix = bands.copy()
            matrix[2] += damping * size
            try:
                move = -solveh_banded(matrix, here.gradient)
            except LinAlgError:
                move = np.full_like(here.gradient, np.nan)
            path = here.path.copy()
            path[2:-2] += move
            new = _Step(functions, path, beta)
            if new.action <= here.action * (1 + 1e-14):
                break
            damping = max(4 * damping, 1e-14)
            if damping > 1e8:
                raise NumericalFailure("The way of least action was not found: the action does not fall any more.")
        gain, here, damping = here.action - new.action, new, damping / 10
        if gain <= 1e-13 * here.action and np.max(np.abs(move)) < 1e-6 * abs(b - a):
            return LeastAction(here.action, here.path[1:-1], _amplitude(functions, here.path, beta))
    raise NumericalFailure(f"The way of least action was not found in {ITERATIONS} steps of Newton's method.")


class _Step:
    """The action of a path whose two first and two last points are fixed, with its first and second derivatives."""

    def __init__(self, functions: Functions, path: Array, beta: float) -> None:
        self.path = path
        u, u1, u2, g, g1, g2 = functions(path[1:-1])
        gap = path[2:] + beta * path[:-2] + g
        self.roots, rho = u, u * gap
        self.action = float(rho @ rho) / 2 if np.isfinite(rho).all() else math.inf
        below, here, above = u * beta, u1 * gap + u * g1, u
        gradient = rho * here
        gradient[:-1] += (rho * below)[1:]
        gradient[1:] += (rho * above)[:-1]
        bands = np.zeros((3, len(rho)))
        bands[2] = here**2 + rho * (u2 * gap + 2 * u1 * g1 + u * g2)
        bands[2, :-1] += (below**2)[1:]
        bands[2, 1:] += (above**2)[:-1]
        bands[1, 1:] = (below * here + rho * u1 * beta)[1:] + (here * above + rho * u1)[:-1]
        bands[0, 2:] = (below * above)[1:-1]
        self.gradient, self.bands = gradient[1:-1], bands[:, 1:-1].copy()

    def fluctuation(self) -> float:
        """Return minus the logarithm of what the paths around this one add up to, in common units."""
        from scipy.linalg import LinAlgError, cholesky_banded

        try:
            factor = cholesky_banded(self.bands)
        except LinAlgError as error:
            raise NumericalFailure("The way found is not one of least action: paths beside it cost less.") from error
        return float(np.sum(np.log(factor[2])) - np.sum(np.log(self.roots)))


def _amplitude(functions: Functions, path: Array, beta: float) -> float:
    """Stop the path short of the saddle, where it would stay for ever, and compare with staying at the minimum."""
    found = []
    for short in (SHORT, 3 * SHORT):
        stop = int(np.flatnonzero(np.abs(path - path[-1]) > short * abs(path[-1] - path[0]))[-1]) + 1
        stay = _Step(functions, np.full(stop, path[0]), beta)
        found.append(stay.fluctuation() - _Step(functions, path[:stop], beta).fluctuation())
    if abs(found[0] - found[1]) > UNTRUSTED:
        raise NumericalFailure(
            f"The way takes too many steps, {len(path)}, for the paths around it to be told apart in double precision: "
            "the learning rate is so small that the limit process will do."
        )
    return found[0]
