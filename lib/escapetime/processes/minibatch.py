"""What a stochastic optimizer sees in a step: the gradient of the loss and the noise of a minibatch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.processes.base import Diffusion
from escapetime.processes.chain import Chain
from escapetime.processes.noise_laws import noise_law
from escapetime.symbolic.assignments import Stage
from escapetime.symbolic.conventions import Convention
from escapetime.symbolic.noise_factor import noise_factor


@dataclass(frozen=True)
class MinibatchGradient:
    """The stochastic gradient of a step, as stages of a chain.

    Attributes
    ----------
    normals : tuple of sympy.Symbol
        What it draws.
    stages : tuple of (Symbol, Expr)
        One assignment for each coordinate.
    gradient : tuple of sympy.Symbol
        The names that hold it.
    covariance : sympy.Matrix
        Of the minibatch mean, ``C / B``, shape ``d x d``, (loss / coordinate) squared.
    """

    normals: tuple[sp.Symbol, ...]
    stages: tuple[Stage, ...]
    gradient: tuple[sp.Symbol, ...]
    covariance: sp.Matrix

    @classmethod
    def of(cls, landscape: Landscape, batch_size: float, covariance: Any, noise: Any) -> MinibatchGradient:
        """Build it from what every optimizer is given; see :func:`escapetime.processes.sgd.sgd`.

        Parameters
        ----------
        landscape : Landscape
            The loss.
        batch_size : float
            Samples in a batch.
        covariance : number, expression, matrix, ``"hessian"``
            Of the gradient of one sample.
        noise : str or NoiseLaw
            The law of the noise.

        Returns
        -------
        MinibatchGradient
            Its stages.

        Raises
        ------
        InvalidInput
            If an argument is not what it should be.
        """
        if not isinstance(landscape, Landscape):
            raise InvalidInput(
                f"Expected a Landscape, got {type(landscape).__name__}; "
                "wrap it: Landscape.parse('...') or Landscape(expression)."
            )
        law = noise_law(noise)
        matrix = sample_covariance(landscape, covariance) / sp.Float(positive(batch_size, "batch_size"))
        factor = noise_factor(matrix)
        draws = [law.draw(j) for j in range(factor.cols)]
        numbers = sp.Matrix([number for _, number in draws]) if draws else sp.zeros(0, 1)
        noisy = landscape.gradient + (factor * numbers if draws else sp.zeros(landscape.dimension, 1))
        names = tuple(sp.Symbol(f"gradient_{v}", real=True) for v in landscape.variables)
        normals = tuple(z for fresh, _ in draws for z in fresh)
        return cls(normals, tuple(zip(names, noisy, strict=True)), names, matrix)


def noisy_descent(
    name: str, landscape: Landscape, seen: MinibatchGradient, lr: float, heat: float, temperature: float | None
) -> Diffusion:
    r"""Make :math:`x' = x - \eta\,\tilde g + \sqrt{2\eta T}\;\xi`, the chain and the diffusion that it approaches.

    Parameters
    ----------
    name : str
        Of the chain.
    landscape : Landscape
        The loss ``U``.
    seen : MinibatchGradient
        The stochastic gradient :math:`\tilde g`.
    lr : float
        Learning rate :math:`\eta`, time unit of one step.
    heat : float
        ``T`` of injected standard normals :math:`\xi`, in units of the loss; 0 for none.
    temperature : float or None
        That of the diffusion, if it has one.

    Returns
    -------
    Diffusion
        With drift :math:`-\nabla U` and :math:`D = T + \eta C / (2B)`, in the Ito convention, time in ``lr * steps``.

    Examples
    --------
    >>> loss = Landscape.parse("x**2 / 2")
    >>> noisy_descent("SGLD", loss, MinibatchGradient.of(loss, 1, 0, "gaussian"), 0.5, 0.25, 0.25)
    Diffusion(drift=-x, diffusion=0.25, ITO, time in lr * steps)
    """
    x, step = landscape.variables, sp.Float(lr)
    update, normals = [v - step * g for v, g in zip(x, seen.gradient, strict=True)], seen.normals
    diffusion = seen.covariance * step / 2
    if heat:
        injected = tuple(sp.Symbol(f"injected_{v}", real=True) for v in x)
        size = sp.sqrt(2 * step * sp.Float(heat))
        update = [u + size * z for u, z in zip(update, injected, strict=True)]
        normals, diffusion = (*normals, *injected), sp.Float(heat) * sp.eye(len(x)) + diffusion
    chain = Chain(name, x, {}, normals, seen.stages, tuple(update), lr, landscape=landscape)
    return Diffusion(x, -landscape.gradient, diffusion, Convention.ITO, "lr * steps", landscape, temperature, chain)


def sample_covariance(landscape: Landscape, covariance: Any) -> sp.Matrix:
    """Return the covariance of one sample's gradient as a matrix in the landscape's variables.

    Parameters
    ----------
    landscape : Landscape
        The loss.
    covariance : number, expression, str, matrix or sequence of sequences
        A scalar means that multiple of the identity; ``"hessian"`` the Hessian, for losses that are log-likelihoods of
        a true model, where the two agree at the minimum.

    Returns
    -------
    sympy.Matrix
        Shape ``d x d``.

    Raises
    ------
    InvalidInput
        If it has another shape, is not symmetric, or holds other symbols.
    """
    d = landscape.dimension
    if isinstance(covariance, str):
        if covariance != "hessian":
            raise InvalidInput(f"Expected the covariance as a number, matrix or 'hessian', got {covariance!r}.")
        return sp.Matrix(landscape.hessian)
    try:
        value = sp.sympify(covariance.tolist() if hasattr(covariance, "tolist") else covariance)
        matrix = sp.Matrix(value) if isinstance(value, sp.MatrixBase | list | tuple | sp.Tuple) else value * sp.eye(d)
    except (TypeError, ValueError, sp.SympifyError) as error:
        raise InvalidInput(f"Expected the covariance as a number, expression or matrix, got {covariance!r}.") from error
    if matrix.shape != (d, d) or (matrix - matrix.T).applyfunc(sp.simplify) != sp.zeros(d, d):
        raise InvalidInput(
            f"Expected a symmetric {d} x {d} covariance, one row for each of {list(landscape.variables)}, got {matrix}."
        )
    unknown = matrix.free_symbols - set(landscape.variables)
    if unknown:
        raise InvalidInput(f"The covariance holds the symbols {sorted(map(str, unknown))}; substitute numbers.")
    return matrix


def positive(value: Any, name: str) -> float:
    """Return a positive finite number, or say what was expected."""
    return in_range(value, name, 0.0, math.inf)


def in_range(value: Any, name: str, low: float, high: float, *, closed: bool = False) -> float:
    """Return a number above ``low`` (or equal, where ``closed``) and below ``high``, or say what was expected."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not (low <= number < high if closed else low < number < high):
        raise InvalidInput(f"Expected {name} {'from' if closed else 'above'} {low:g} to below {high:g}, got {value!r}.")
    return number
