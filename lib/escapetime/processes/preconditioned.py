"""Diffusions of an optimizer that divides each coordinate of its gradient by the root of a mean of its square."""

from __future__ import annotations

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.processes.base import Diffusion
from escapetime.processes.chain import Chain
from escapetime.symbolic.conventions import Convention

TIME = "lr * steps"


def divided(
    landscape: Landscape, covariance: sp.Matrix, roots: list[sp.Expr], lr: float, chain: Chain | None = None
) -> Diffusion:
    r"""Make the diffusion of ``x -> x - lr * gradient / roots``.

    Parameters
    ----------
    landscape : Landscape
        The loss.
    covariance : sympy.Matrix
        Of the gradient of a minibatch, shape ``d x d``.
    roots : list of expression
        What each coordinate is divided by, units of the gradient.
    lr : float
        Learning rate.
    chain : Chain, optional
        Whose limit this is.

    Returns
    -------
    Diffusion
        In the Ito convention, time in ``lr * steps``.
    """
    drift = sp.Matrix([-g / r for g, r in zip(landscape.gradient, roots, strict=True)])
    d = len(roots)
    # on the diagonal the square of a ratio, so that it is seen to be constant where it is
    own = [(sp.sqrt(c) / r) ** 2 for c, r in zip(covariance.diagonal(), roots, strict=True)]
    diffusion = sp.Matrix(
        d, d, lambda i, j: sp.Float(lr) / 2 * (own[i] if i == j else covariance[i, j] / (roots[i] * roots[j]))
    )
    return Diffusion(landscape.variables, drift, diffusion, Convention.ITO, TIME, landscape, None, chain)


def moving(landscape: Landscape, covariance: sp.Matrix, lr: float, new: float) -> Diffusion:
    r"""Make the diffusion of position and second moment together, to first order in ``new``.

    Parameters
    ----------
    landscape : Landscape
        The loss.
    covariance : sympy.Matrix
        Of the gradient of a minibatch, diagonal and positive.
    lr : float
        Learning rate.
    new : float
        :math:`1-\beta_2`.

    Returns
    -------
    Diffusion
        Of the ``d`` coordinates and as many logarithms of second moments, ``log_square_x``.

    Raises
    ------
    InvalidInput
        If the covariance is not diagonal, or zero along a coordinate.
    """
    if not covariance.is_diagonal() or any(c == 0 for c in covariance.diagonal()):
        raise InvalidInput(f"Expected a diagonal covariance with nothing zero on its diagonal, got {covariance}.")
    fresh, step = sp.Float(new), sp.Float(lr)
    logs = tuple(sp.Symbol(f"log_square_{v}", real=True) for v in landscape.variables)
    ratio = [c * sp.exp(-s) for c, s in zip(covariance.diagonal(), logs, strict=True)]
    # a step divides by the root of beta2 v + new g^2, which knows its own gradient: means of normal g to first order
    drift = [
        -g * sp.exp(-s / 2) / (1 + fresh / 2 * (3 * q - 1))
        for g, s, q in zip(landscape.gradient, logs, ratio, strict=True)
    ]
    drift += [fresh / step * (q - 1) - fresh**2 / (2 * step) * (3 * q**2 - 2 * q + 1) for q in ratio]
    noise = [step / 2 * q / (1 + fresh * (3 * q - 1)) for q in ratio] + [fresh**2 / step * q**2 for q in ratio]
    return Diffusion(
        (*landscape.variables, *logs), sp.Matrix(drift), sp.diag(*noise), Convention.ITO, TIME
    )  # fmt: skip
