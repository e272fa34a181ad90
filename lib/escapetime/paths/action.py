r"""The Freidlin-Wentzell action of a path, with its derivatives.

With :math:`\mathrm{d}X = b\,\mathrm{d}t + \sqrt{2D}\,\mathrm{d}W` a tube around a path :math:`\varphi` has, for small
noise, a probability of about :math:`e^{-S}` with

.. math:: S = \tfrac14\int \|\dot\varphi - b(\varphi)\|^2\,\mathrm{d}t, \qquad \|v\|^2 = v^\top D^{-1} v .

The least value over all speeds along a given curve does not depend on the parametrization,

.. math:: \hat S = \tfrac12\int \bigl(\|\varphi'\|\,\|b\| - \langle\varphi', b\rangle\bigr)\,\mathrm{d}u .

``S`` is a pure number: the exponent of the escape time itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.processes.base import Diffusion
from escapetime.symbolic.compile import ArrayFunction

Array = NDArray[np.float64]


class Segments:
    """The geometric action of straight segments, by the midpoint rule, with first and second derivatives.

    Parameters
    ----------
    process : Diffusion
        Any drift; a diffusion matrix that can be inverted, constant or not. The drift is taken as given: what a
        convention adds to it is of higher order in the noise.

    Raises
    ------
    RouteNotApplicable
        If the process is not a diffusion, or its diffusion matrix is singular.
    """

    def __init__(self, process: Diffusion) -> None:
        if not isinstance(process, Diffusion):
            raise RouteNotApplicable(
                f"An action belongs to a diffusion, got {type(process).__name__}; use escapetime.simulate."
            )
        if process.diffusion.det() == 0:
            raise RouteNotApplicable(
                "The action needs noise in every direction: the diffusion matrix must be invertible, but its "
                "determinant is 0."
            )
        d, x = process.dimension, process.variables
        delta = tuple(sp.Symbol(f"delta_{v}", real=True) for v in x)
        metric = process.diffusion.inv()
        covector = metric * process.drift
        speed = sp.sqrt((process.drift.T * covector)[0])
        step = sp.Matrix(delta)
        cost = (sp.sqrt((step.T * metric * step)[0]) * speed - (step.T * covector)[0]) / 2
        both = (*x, *delta)
        first = [sp.diff(cost, v) for v in both]
        second = [sp.diff(g, v) for g in first for v in both]
        self.process, self.dimension = process, d
        self._cost = ArrayFunction(both, [cost])
        self._first = ArrayFunction(both, first, (2 * d,))
        self._second = ArrayFunction(both, second, (2 * d, 2 * d))
        self._metric = ArrayFunction(x, list(metric), (d, d))

    def cost(self, points: Array) -> Array:
        """Action of each segment of a polygon with corners ``points`` of shape ``(n + 1, d)``; shape ``(n,)``."""
        return self._cost(_middle_and_step(points))

    def derivatives(self, points: Array) -> tuple[Array, Array, Array]:
        """Differentiate the action of a polygon with respect to its inner corners.

        Parameters
        ----------
        points : numpy.ndarray
            Shape ``(n + 1, d)``.

        Returns
        -------
        tuple of numpy.ndarray
            Gradient ``(n - 1, d)``; the blocks of the Hessian on the diagonal ``(n - 1, d, d)`` and between a corner
            and the next, ``(n - 2, d, d)``.
        """
        d, at = self.dimension, _middle_and_step(points)
        gradient, hessian = self._first(at), self._second(at)
        m, s = gradient[:, :d] / 2, gradient[:, d:]
        mm, ms, ss = hessian[:, :d, :d] / 4, hessian[:, :d, d:] / 2, hessian[:, d:, d:]
        sm = np.swapaxes(ms, 1, 2)
        left, right = mm - ms - sm + ss, mm + ms + sm + ss
        return (m + s)[:-1] + (m - s)[1:], right[:-1] + left[1:], (mm + ms - sm - ss)[1:-1]

    def metric(self, points: Array) -> Array:
        """Inverse of the diffusion matrix at points of shape ``(n, d)``; shape ``(n, d, d)``."""
        return self._metric(points)


def action(process: Diffusion, points: ArrayLike, times: ArrayLike | None = None) -> float:
    r"""Return the Freidlin-Wentzell action of a path.

    Parameters
    ----------
    process : Diffusion
        :math:`\mathrm{d}X = b\,\mathrm{d}t + \sqrt{2D}\,\mathrm{d}W` with invertible ``D``.
    points : array-like
        The path, shape ``(n + 1, d)``.
    times : array-like, optional
        When it is where, increasing, shape ``(n + 1,)``. Without them the least action over all speeds.

    Returns
    -------
    float
        A pure number, the exponent of a probability; second order in the spacing (midpoint rule).

    Raises
    ------
    InvalidInput
        If shapes disagree, or times do not increase.
    RouteNotApplicable
        If the diffusion matrix is singular.

    Notes
    -----
    Freidlin and Wentzell (``freidlin2012``), chapters 3 and 4; for the form without times Heymann and Vanden-Eijnden
    2008 (``heymann2008``).

    Examples
    --------
    Uphill in a potential the least action is twice the rise over twice the temperature, here (1/2) / 0.1:

    >>> import escapetime as et
    >>> process = et.langevin(et.Landscape.parse("x**2 / 2"), temperature=0.1)
    >>> round(action(process, [[0.0], [0.5], [1.0]]), 12)
    5.0
    """  # noqa: DOC502 - raised by what it calls
    path = checked_points(process, points)
    segments = Segments(process)
    if times is None:
        return float(np.sum(segments.cost(path)))
    t = np.asarray(times, dtype=float)
    if t.shape != path.shape[:1] or not np.all(np.diff(t) > 0):
        raise InvalidInput(f"Expected {len(path)} increasing times, one a point, got shape {t.shape}.")
    middle, pause = (path[:-1] + path[1:]) / 2, np.diff(t)
    miss = np.diff(path, axis=0) / pause[:, None] - process.drift_at(middle)
    return float(np.sum(pause * np.einsum("ni,nij,nj->n", miss, segments.metric(middle), miss)) / 4)


def checked_points(process: Any, points: ArrayLike) -> Array:
    """Return a path as an array of shape ``(n + 1, d)`` with ``n >= 2``, or say what is wrong with it."""
    path = np.asarray(points, dtype=float)
    if path.ndim != 2 or path.shape[1] != process.dimension or len(path) < 3 or not np.isfinite(path).all():
        raise InvalidInput(
            f"Expected a path as finite points of shape (n, {process.dimension}) with n at least 3, got {path.shape}."
        )
    return path


def _middle_and_step(points: Array) -> Array:
    return np.concatenate([(points[:-1] + points[1:]) / 2, np.diff(points, axis=0)], axis=1)
