"""One-step updates ``x' = F(x, xi; dt)`` with Gaussian noises: what Kramers-Moyal coefficients are computed from."""

from typing import Any

import sympy as sp

from escapetime.symbolic._arguments import as_coefficients, as_square, as_symbols, as_vector
from escapetime.symbolic.noise_factor import triangular_factor


def euler_maruyama_update(
    drift: Any, diffusion: Any, variables: Any, dt: sp.Symbol
) -> tuple[sp.MutableDenseMatrix, tuple[sp.Symbol, ...]]:
    """Return one Euler-Maruyama step ``x' = x + b dt + sqrt(dt) (2 D)^(1/2) xi`` of an Ito equation, and its noises.

    Parameters
    ----------
    drift : expression or sequence of d expressions
        ``b``, length / time.
    diffusion : expression or matrix, (d, d)
        ``D``, length**2 / time; positive semidefinite.
    variables : symbol or sequence of d symbols
        The state, length.
    dt : Symbol
        The time step.

    Returns
    -------
    tuple of a (d, 1) matrix and d symbols
        The update, and the standard Gaussian noises it uses.

    References
    ----------
    Kloeden & Platen 1992, section 10.2.

    Examples
    --------
    >>> x, dt, D = sp.symbols("x dt D", positive=True)
    >>> euler_maruyama_update(-x, D, x, dt)[0][0]
    sqrt(2)*sqrt(D)*sqrt(dt)*xi_1 - dt*x + x
    """
    c = as_coefficients(drift, diffusion, variables)
    noises = _noises(len(c.variables))
    return sp.Matrix(c.variables) + dt * c.drift + sp.sqrt(dt) * triangular_factor(2 * c.diffusion) * sp.Matrix(
        noises
    ), noises


def sgd_update(
    gradient: Any, covariance: Any, variables: Any, lr: sp.Symbol
) -> tuple[sp.MutableDenseMatrix, tuple[sp.Symbol, ...]]:
    """Return one step ``x' = x - lr g - lr C^(1/2) xi`` of stochastic gradient descent, and its noises.

    To hold the diffusion ``D = lr C / 2`` fixed as ``lr -> 0``, pass ``covariance=2 * D / lr``.

    Parameters
    ----------
    gradient : expression or sequence of d expressions
        ``g``, the gradient of the full loss, loss / length.
    covariance : expression or matrix, (d, d)
        ``C``, the covariance of the minibatch gradient, (loss / length)**2; positive semidefinite.
    variables : symbol or sequence of d symbols
        The parameters, length.
    lr : Symbol
        The learning rate, which is also the time step.

    Returns
    -------
    tuple of a (d, 1) matrix and d symbols
        The update, and the standard Gaussian noises it uses.

    References
    ----------
    Mandt, Hoffman & Blei 2017, section 3 (constant learning rate).

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> lr, D = sp.symbols("lr D", positive=True)
    >>> update, noises = sgd_update(x, 2 * D / lr, x, lr)
    >>> update[0].equals(x - lr * x - sp.sqrt(2 * D * lr) * noises[0])
    True
    """
    symbols = as_symbols(variables)
    size = len(symbols)
    noises = _noises(size)
    slope = as_vector(gradient, size, "gradient")
    root = triangular_factor(as_square(covariance, size, "covariance"))
    return sp.Matrix(symbols) - lr * slope - lr * root * sp.Matrix(noises), noises


def _noises(size: int) -> tuple[sp.Symbol, ...]:
    return tuple(sp.Symbol(f"xi_{i + 1}", real=True) for i in range(size))
