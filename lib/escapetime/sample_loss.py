r"""A loss together with the noise of its minibatch gradients: from one formula for one sample, or stated.

SGD is not defined by the loss alone. What a minibatch adds is the covariance of the gradient of one sample,

.. math:: C_1(\theta) = \operatorname{Cov}_x \nabla_\theta\,\ell(\theta; x), \qquad L(\theta) = E_x\,\ell(\theta; x),

and both follow from the loss of one sample and the law of the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.symbolic.compile import ArrayFunction
from escapetime.symbolic.noise_moments import expectation

MOST_TERMS = 200  # samples that are written out in one expression


@dataclass(frozen=True, eq=False)
class NoisyLandscape:
    """A landscape and the covariance of the gradient noise on it, stated rather than derived.

    Attributes
    ----------
    landscape : Landscape
        The mean loss ``L``.
    covariance : sympy.Matrix
        ``C_1``, shape ``d x d``, (loss / coordinate) squared.
    breakpoints : tuple of float
        In one dimension: where a coefficient jumps, for the ``breakpoints`` of `escapetime.exact.quadrature`.
    """

    landscape: Landscape
    covariance: sp.Matrix
    breakpoints: tuple[float, ...] = ()


class SampleLoss:
    r"""The loss of one sample :math:`\ell(\theta; x)` and the law of ``x``: mean loss and gradient covariance follow.

    Parameters
    ----------
    expression : sympy.Expr
        The loss of one sample, in the parameters and the data symbols.
    data : sequence of sympy.Symbol
        The ``m`` numbers that make one sample.
    variables : sequence of sympy.Symbol, optional
        The ``d`` parameters in order. Default: all other symbols, sorted by name.
    samples : array_like, optional
        A finite data set of shape ``(N, m)``, or ``(N,)`` for ``m = 1``. Default: the data are independent standard
        normals, and the expression a polynomial in them.
    weights : array_like, optional
        Probability of each sample, shape ``(N,)``. Default equal.
    name : str, optional
        For figures and tables.
    box : sequence of pairs, optional
        Region of interest of the parameters.

    Raises
    ------
    InvalidInput
        If shapes disagree, weights are no probabilities, or the expression holds no parameter.

    Examples
    --------
    Multiplicative noise from a random slope and a random curvature:

    >>> t, x1, x2 = sp.symbols("theta x1 x2", real=True)
    >>> loss = SampleLoss(t**2 / 2 + x1 * t + x2 * t**2 / 2, (x1, x2))
    >>> loss.landscape.expression, loss.covariance
    (theta**2/2, Matrix([[theta**2 + 1]]))

    Least squares on two points; the covariance is that of drawing one of them:

    >>> SampleLoss((t - x1) ** 2 / 2, (x1,), samples=[-1, 3]).covariance
    Matrix([[4]])
    """

    def __init__(
        self,
        expression: sp.Expr,
        data: Sequence[sp.Symbol],
        variables: Sequence[sp.Symbol] | None = None,
        *,
        samples: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        name: str | None = None,
        box: Sequence[Sequence[float]] | None = None,
    ) -> None:
        self.expression, self.data = sp.sympify(expression), tuple(data)
        rest = self.expression.free_symbols - set(self.data)
        self.variables = tuple(sorted(rest, key=str)) if variables is None else tuple(variables)
        if not self.variables or rest - set(self.variables):
            raise InvalidInput(
                f"Expected a loss in the parameters {list(self.variables)} and the data {list(self.data)}, got "
                f"{self.expression}: name every parameter in variables, and give all other symbols numbers."
            )
        self.name, self.box = name or str(self.expression), box
        self.samples: NDArray[np.float64] | None = None
        self.weights: NDArray[np.float64] | None = None
        if samples is not None:
            self.samples = _table(samples, len(self.data))
            self.weights = _probabilities(weights, len(self.samples))
        elif weights is not None:
            raise InvalidInput("Weights belong to samples, and there are none: give samples, or leave weights out.")

    @cached_property
    def sample_gradient(self) -> sp.Matrix:
        """Symbolic gradient of the loss of one sample, ``d x 1``, in parameters and data."""
        return sp.Matrix([sp.diff(self.expression, v) for v in self.variables])

    @cached_property
    def landscape(self) -> Landscape:
        """The mean loss ``L``."""
        return Landscape(_tidy(self._mean(self.expression)), self.variables, name=self.name, box=self.box)

    @cached_property
    def covariance(self) -> sp.Matrix:
        """The covariance ``C_1`` of the gradient of one sample, ``d x d``, (loss / coordinate) squared.

        Of a finite data set with divisor ``N``: it is the whole population that minibatches are drawn from.
        """
        g, mean = self.sample_gradient, self.landscape.gradient
        if self.samples is None:
            centered = g - mean
            return (centered * centered.T).applyfunc(lambda e: _tidy(self._mean(e)))
        return ((g * g.T).applyfunc(self._mean) - mean * mean.T).applyfunc(_tidy)

    def gradients(self, theta: ArrayLike) -> NDArray[np.float64]:
        """Gradient of every sample of a finite data set, without any sum being written out.

        Parameters
        ----------
        theta : array_like
            Parameters, shape ``(..., d)``.

        Returns
        -------
        numpy.ndarray
            Shape ``(..., N, d)``.

        Raises
        ------
        InvalidInput
            If the data are normals, of which there are too many to list.
        """
        if self.samples is None:
            raise InvalidInput("The data are normals, of which there is no list: give the loss a finite data set.")
        points = np.asarray(theta, dtype=float)[..., None, :]
        shape = np.broadcast_shapes(points.shape[:-1], (len(self.samples),))
        rows = [np.broadcast_to(part, (*shape, part.shape[-1])) for part in (points, self.samples)]
        return self._gradients(np.concatenate(rows, axis=-1))

    def batch_gradient(self, theta: NDArray[np.float64], batch: NDArray[np.int64]) -> NDArray[np.float64]:
        """Mean gradient of one batch at each point.

        Parameters
        ----------
        theta : numpy.ndarray
            Parameters, shape ``(n, d)``.
        batch : numpy.ndarray of int
            Rows of ``samples``, shape ``(n, B)``.

        Returns
        -------
        numpy.ndarray
            Shape ``(n, d)``.

        Raises
        ------
        InvalidInput
            If the data are normals.
        """
        if self.samples is None:
            raise InvalidInput("The data are normals, of which there is no list: give the loss a finite data set.")
        rows = self.samples[batch]
        parts = np.broadcast_to(theta[:, None, :], (*rows.shape[:-1], theta.shape[-1]))
        return self._gradients(np.concatenate([parts, rows], axis=-1)).mean(axis=1)

    def compressed(self, nodes: int) -> SampleLoss:
        """Replace a finite data set of single numbers by few weighted ones: Gauss's rule for the empirical law.

        Parameters
        ----------
        nodes : int
            How many; at most the number of different samples.

        Returns
        -------
        SampleLoss
            With the same mean for polynomials in the datum up to degree ``2 nodes - 1``. For a loss that is analytic in
            the datum, value and covariance converge geometrically in ``nodes``; compare two values of it.

        Raises
        ------
        InvalidInput
            If the data are normals, or a sample is more than one number, or there are fewer different samples.

        Notes
        -----
        Golub and Welsch 1969 (``golub1969``), by the Lanczos process with full reorthogonalization.

        Examples
        --------
        >>> t, x = sp.symbols("theta x", real=True)
        >>> few = SampleLoss((t - x) ** 4, (x,), samples=np.linspace(-1, 1, 1001)).compressed(3)
        >>> few.samples.ravel().round(3), few.weights.round(3)  # close to Legendre's nodes
        (array([-0.775,  0.   ,  0.775]), array([0.278, 0.444, 0.278]))
        """
        if self.samples is None or self.weights is None or self.samples.shape[1] != 1:
            raise InvalidInput("Only a finite data set of single numbers can be compressed: one column of samples.")
        values = np.unique(self.samples[:, 0])
        if not 1 <= nodes <= len(values):
            raise InvalidInput(f"Expected between 1 and {len(values)} nodes, as many as there are values, got {nodes}.")
        x, w = _gauss(self.samples[:, 0], self.weights, nodes)
        return SampleLoss(
            self.expression, self.data, self.variables, samples=x, weights=w, name=self.name, box=self.box
        )

    @cached_property
    def _gradients(self) -> ArrayFunction:
        return ArrayFunction((*self.variables, *self.data), list(self.sample_gradient), (len(self.variables),))

    def _mean(self, expression: sp.Expr) -> sp.Expr:
        if self.samples is None or self.weights is None:
            return expectation(expression, self.data)
        if len(self.samples) > MOST_TERMS:
            raise InvalidInput(
                f"A sum over {len(self.samples)} samples is too long an expression to be of use (at most {MOST_TERMS} "
                "terms): take compressed(32), which keeps the law of the data."
            )
        terms = [
            _number(w) * expression.xreplace({s: _number(v) for s, v in zip(self.data, row, strict=True)})
            for w, row in zip(self.weights, self.samples, strict=True)
        ]
        return sp.Add(*terms)

    def __repr__(self) -> str:
        law = "standard normals" if self.samples is None else f"{len(self.samples)} samples"
        return f"SampleLoss({self.expression}, data={list(self.data)}: {law})"


def _table(samples: ArrayLike, columns: int) -> NDArray[np.float64]:
    table = np.asarray(samples, dtype=float)
    table = table[:, None] if table.ndim == 1 else table
    if table.ndim != 2 or table.shape[1] != columns or not len(table) or not np.isfinite(table).all():
        raise InvalidInput(f"Expected finite samples of shape (N, {columns}), got shape {np.shape(samples)}.")
    return table


def _probabilities(weights: ArrayLike | None, count: int) -> NDArray[np.float64]:
    given = np.full(count, 1 / count) if weights is None else np.asarray(weights, dtype=float)
    if given.shape != (count,) or not (given > 0).all() or abs(given.sum() - 1) > 1e-9:
        raise InvalidInput(f"Expected {count} positive weights that sum to 1, got {weights!r}.")
    return given


def _number(value: float) -> sp.Expr:
    """Return small fractions exactly: sums over small data sets then come out exact."""
    exact = sp.Rational(*float(value).as_integer_ratio()).limit_denominator(10_000)
    return exact if abs(float(exact) - value) <= 2e-16 * abs(value) else sp.Float(value)


def _tidy(expression: sp.Expr) -> sp.Expr:
    return sp.expand(expression) if expression.is_polynomial() else expression


def _gauss(values: NDArray[Any], weights: NDArray[Any], nodes: int) -> tuple[NDArray[Any], NDArray[Any]]:
    center, spread = float(weights @ values), float(np.ptp(values)) or 1.0
    scaled, basis = (values - center) / spread, np.zeros((nodes, len(values)))
    diagonal, beside, q = np.zeros(nodes), np.zeros(max(nodes - 1, 0)), np.sqrt(weights)
    for k in range(nodes):
        basis[k] = q / np.linalg.norm(q)
        q = scaled * basis[k]
        diagonal[k] = q @ basis[k]
        for _ in range(2):  # once is not enough when the values are clustered
            q = q - basis[: k + 1].T @ (basis[: k + 1] @ q)
        if k < nodes - 1:
            beside[k] = np.linalg.norm(q)
    x, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))
    mass = vectors[0] ** 2
    return center + spread * x, mass / mass.sum()
