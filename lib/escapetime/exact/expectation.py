r"""Expectations at a fixed time, without any chance: of a one-dimensional diffusion, and of an optimizer's chain.

Both are evolved backwards from the observable: :math:`u(t, x) = \mathbb{E}[f(X_t) \mid X_0 = x]` solves
:math:`\partial_t u = b u' + D u''`, and one step of a chain is :math:`u'(x) = \mathbb{E}[u(F(x, z))]`. The function of
``x`` is held as a polynomial through Chebyshev points of a box.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.processes.base import Diffusion
from escapetime.processes.chain import Chain
from escapetime.symbolic.assignments import without_stages

Array = NDArray[np.float64]
GAUSS = 32  # even: then the sign of a normal has the mean zero that it should have


@dataclass(frozen=True)
class Expectation:
    """A mean at a fixed time.

    Attributes
    ----------
    value : float
        In the unit of the observable.
    error : float
        How much it changed from two thirds of the points to all of them.
    """

    value: float
    error: float


def diffusion_expectation(
    process: Diffusion, observable: Any, start: float, time: float, *, box: tuple[float, float], points: int = 120
) -> Expectation:
    """Return the mean of an observable of a one-dimensional diffusion at a fixed time.

    Parameters
    ----------
    process : Diffusion
        One-dimensional, any convention.
    observable : sympy expression
        ``f``, a smooth function of the process's variable.
    start : float
        Where it starts.
    time : float
        The time, in the process's unit.
    box : tuple of float
        Where the process lives, with room to spare; the drift points inwards at both ends.
    points : int
        Chebyshev points.

    Returns
    -------
    Expectation
        Spectrally accurate for smooth coefficients, as long as the ends of the box are hardly ever reached.

    Raises
    ------
    RouteNotApplicable
        If the process has more than one dimension.
    InvalidInput
        If the start is not in the box, the drift points out of it, or the time is not positive.
    NumericalFailure
        If two thirds of the points give something altogether different.

    Notes
    -----
    Gardiner 2009, section 3.6 (the backward equation); Trefethen 2000 (``trefethen2000``), chapters 6 and 7.

    Examples
    --------
    >>> from escapetime import langevin, landscapes
    >>> process = langevin(landscapes.quadratic(1.0), temperature=0.1)
    >>> x = process.variables[0]
    >>> mean = diffusion_expectation(process, x**2, 1.0, 1.0, box=(-4, 4))
    >>> abs(mean.value - (math.exp(-2) + 0.1 * (1 - math.exp(-2)))) < 1e-10
    True
    """  # noqa: DOC502 - raised by what it calls
    if process.dimension != 1:
        raise RouteNotApplicable(f"Expected one dimension, got {process.dimension}: use escapetime.simulate.")
    if not (math.isfinite(time) and time > 0):
        raise InvalidInput(f"Expected a positive time, got {time!r}.")
    ito, f = process.to_ito(), _function(observable, process.variables[0])

    def solve(count: int) -> float:
        from scipy.linalg import expm

        nodes, slope = _chebyshev(count, box)
        drift, spread = ito.drift_at(nodes[:, None])[:, :1], ito.diffusion_at(nodes[:, None])[:, :1, 0]
        if not drift[0, 0] > 0 > drift[-1, 0]:
            raise InvalidInput(
                f"Expected a drift that points inwards at both ends of the box {box}, got {drift[0, 0]:.4g} and "
                f"{drift[-1, 0]:.4g}: take a wider box."
            )
        # what is at an end comes from inside, so that the equation closes there without the second derivative
        spread[[0, -1]] = 0.0
        whole = expm(time * (drift * slope + spread * (slope @ slope))) @ f(nodes)
        return float((_interpolation(nodes, np.array([start])) @ whole)[0])

    return _checked(solve, start, box, points)


def chain_expectation(
    process: Diffusion | Chain,
    observable: Any,
    start: float,
    steps: int,
    *,
    box: tuple[float, float],
    points: int = 120,
) -> Expectation:
    """Return the mean of an observable of a one-dimensional chain after a number of steps.

    Parameters
    ----------
    process : Chain, or a Diffusion that has one
        One position, no memory, at most two normals a step.
    observable : sympy expression
        ``f``, a smooth function of the chain's variable.
    start : float
        Where it starts.
    steps : int
        How many steps.
    box : tuple of float
        Where the chain lives, so wide that a step from either end comes back inside; what would land outside lands on
        the end.
    points : int
        Chebyshev points.

    Returns
    -------
    Expectation
        The mean over the normals of a step is a Gauss sum, exact to rounding where the step is smooth in them, and
        where it depends on one through its sign.

    Raises
    ------
    RouteNotApplicable
        If the process has no chain, or one with memory, more dimensions or more normals.
    InvalidInput
        If the start is not in the box or the number of steps is not a positive integer.
    NumericalFailure
        If two thirds of the points give something altogether different.

    Notes
    -----
    A chain of weak order ``n`` and the diffusion it follows differ by ``O(lr**n)``; Li, Tai and E 2019 (``li2019``).

    Examples
    --------
    >>> from escapetime import landscapes, sgd
    >>> process = sgd(landscapes.quadratic(1.0), lr=0.5)
    >>> round(chain_expectation(process, process.variables[0] ** 2, 1.0, 1, box=(-6, 6)).value, 12)
    0.5
    """  # noqa: DOC502 - raised by what it calls
    chain = process.chain
    if chain is None or chain.dimension != 1 or chain.memory or len(chain.normals) > 2:
        raise RouteNotApplicable(
            f"Expected a chain of one position without memory and with at most two normals a step, got {process}: use "
            "escapetime.simulate."
        )
    if not isinstance(steps, int) or steps < 1:
        raise InvalidInput(f"Expected a positive whole number of steps, got {steps!r}.")
    move = without_stages(chain.stages, chain.update[0])
    step = sp.lambdify([*chain.variables, *chain.normals], move, ["scipy", "numpy"])
    f = _function(observable, chain.variables[0])
    draws, weights = _gauss(len(chain.normals))

    def solve(count: int) -> float:
        nodes, _ = _chebyshev(count, box)
        landing = np.clip(step(nodes[:, None], *draws), *box)
        matrix = _interpolation(nodes, np.broadcast_to(landing, (count, len(weights))).ravel())
        average = np.tensordot(matrix.reshape(count, len(weights), count), weights, axes=(1, 0))
        values = f(nodes)
        for _ in range(steps):
            values = average @ values
        return float((_interpolation(nodes, np.array([start])) @ values)[0])

    return _checked(solve, start, box, points)


def _checked(solve: Callable[[int], float], start: float, box: tuple[float, float], points: int) -> Expectation:
    if not (box[0] < start < box[1] and math.isfinite(box[1] - box[0])):
        raise InvalidInput(f"Expected a start inside the finite box {box}, got {start!r}.")
    if not isinstance(points, int) or points < 12:
        raise InvalidInput(f"Expected at least 12 points, got {points!r}.")
    coarse, fine = solve(2 * points // 3), solve(points)
    error = abs(fine - coarse)
    if not error < 0.1 * (abs(fine) + abs(coarse)) + 1e-6:
        raise NumericalFailure(
            f"The mean is {coarse:.6g} with {2 * points // 3} points and {fine:.6g} with {points}: the step or the "
            f"observable varies too fast for them in the box {box}; take more points or a smaller box."
        )
    return Expectation(fine, error)


def _function(observable: Any, variable: sp.Symbol) -> Callable[[Array], Array]:
    expression = sp.sympify(observable)
    if expression.free_symbols - {variable}:
        raise InvalidInput(f"Expected an observable in {variable}, got {expression}.")
    made = sp.lambdify(variable, expression, ["scipy", "numpy"])
    return lambda x: np.broadcast_to(made(x), x.shape)


def _gauss(count: int) -> tuple[tuple[Array, ...], Array]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(GAUSS)
    weights = weights / weights.sum()
    if count == 0:
        return (), np.ones(1)
    if count == 1:
        return (nodes[None, :],), weights
    first, second = np.meshgrid(nodes, nodes, indexing="ij")
    return (first.reshape(1, -1), second.reshape(1, -1)), np.outer(weights, weights).ravel()


def _chebyshev(count: int, box: tuple[float, float]) -> tuple[Array, Array]:
    """Return the points and the matrix that differentiates a polynomial given by its values at them."""
    nodes = -np.cos(np.pi * np.arange(count) / (count - 1))
    sizes = _barycentric(count)
    apart = nodes[:, None] - nodes[None, :] + np.eye(count)
    slope = sizes[None, :] / sizes[:, None] / apart
    np.fill_diagonal(slope, 0.0)
    np.fill_diagonal(slope, -slope.sum(axis=1))
    half = (box[1] - box[0]) / 2
    return box[0] + half * (nodes + 1), slope / half


def _barycentric(count: int) -> Array:
    signs = np.where(np.arange(count) % 2, -1.0, 1.0)
    signs[[0, -1]] /= 2
    return signs


def _interpolation(nodes: Array, at: Array) -> Array:
    """Return the matrix from values at the points to values elsewhere, by the barycentric formula."""
    gap = at[:, None] - nodes[None, :]
    hit = np.abs(gap) < 1e-14 * (nodes[-1] - nodes[0])
    weights = _barycentric(len(nodes)) / np.where(hit, 1.0, gap)
    weights[hit.any(axis=1)] = 0.0
    weights[hit] = 1.0
    return weights / weights.sum(axis=1, keepdims=True)
