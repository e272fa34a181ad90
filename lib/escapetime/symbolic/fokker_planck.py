"""Fokker-Planck and backward operators in n dimensions, under an explicit convention of the stochastic integral."""

from typing import Any

import sympy as sp

from escapetime.symbolic._arguments import Coefficients, as_coefficients
from escapetime.symbolic.conventions import Convention, to_ito_drift

__all__ = ["adjoint_flux", "backward_operator", "fokker_planck_operator", "probability_current", "to_ito_drift"]


def probability_current(
    p: Any, drift: Any, diffusion: Any, variables: Any, convention: Convention | str, noise: Any = None
) -> sp.MutableDenseMatrix:
    """Return the probability current ``J`` of a density, so that ``dp/dt = -div J``.

    Ito: ``J_i = b_i p - d_j(D_ij p)``. Haenggi-Klimontovich: ``J_i = b_i p - D_ij d_j p``. Stratonovich:
    ``J_i = b_i p - (1/2) s_ik d_j(s_jk p)`` with ``s s^T = 2 D``. In one dimension all three are
    ``b p - D**alpha d(D**(1 - alpha) p)``.

    Parameters
    ----------
    p : expression
        The density, length**-d; an undefined function such as ``Function("p")(x, t)`` will do.
    drift : expression or sequence of d expressions
        ``b`` of ``dX = b dt + sqrt(2 D) o dW``, length / time.
    diffusion : expression or matrix, (d, d)
        ``D``, length**2 / time.
    variables : symbol or sequence of d symbols
        The coordinates, length.
    convention : Convention or str
        The convention the equation is written in.
    noise : expression or matrix, (d, m), optional
        ``s``, length / sqrt(time): needed for Stratonovich with a state-dependent, non-diagonal ``D``.

    Returns
    -------
    Matrix, (d, 1)
        ``J``, length**(1-d) / time.

    Notes
    -----
    An identity for every differentiable ``b``, ``D`` and ``p``.

    References
    ----------
    Risken 1989, section 4.7 (n dimensions); Haenggi & Thomas 1982 (conventions).

    Examples
    --------
    >>> x, T = sp.symbols("x T", positive=True)
    >>> probability_current(sp.exp(-x**2 / (2*T)), -x, T, x, "ito")
    Matrix([[0]])
    """
    c, ito = _ito(drift, diffusion, variables, convention, noise)
    # Expanding div(D p) and collecting p lets the terms that the convention added cancel those it takes away.
    return sp.Matrix(
        [
            (ito[i] - sum(sp.diff(c.diffusion[i, j], x) for j, x in enumerate(c.variables))) * p
            - sum(c.diffusion[i, j] * sp.diff(p, x) for j, x in enumerate(c.variables))
            for i in range(len(c.variables))
        ]
    )


def fokker_planck_operator(
    p: Any, drift: Any, diffusion: Any, variables: Any, convention: Convention | str, noise: Any = None
) -> sp.Expr:
    """Return ``L* p = -div J``, the right-hand side of the Fokker-Planck equation ``dp/dt = L* p``.

    Parameters
    ----------
    p, drift, diffusion, variables, convention, noise
        As for :func:`probability_current`.

    Returns
    -------
    Expr
        ``L* p``, length**-d / time.

    References
    ----------
    Risken 1989, section 4.7, "forward" equation.

    Examples
    --------
    >>> x, D = sp.symbols("x D")
    >>> p = sp.Function("p")(x)
    >>> fokker_planck_operator(p, 0, D, x, "ito")
    D*Derivative(p(x), (x, 2))
    """
    current = probability_current(p, drift, diffusion, variables, convention, noise)
    symbols = as_coefficients(drift, diffusion, variables).variables
    return -sum((sp.diff(component, x) for component, x in zip(current, symbols, strict=True)), sp.S.Zero)


def backward_operator(
    u: Any, drift: Any, diffusion: Any, variables: Any, convention: Convention | str, noise: Any = None
) -> sp.Expr:
    """Return ``L u = a . grad u + D : Hess u``, the generator, with ``a`` the Ito drift of the process.

    The mean escape time from ``x`` solves ``L tau = -1`` inside the domain with ``tau = 0`` on its exit.

    Parameters
    ----------
    u : expression
        The observable, any unit.
    drift, diffusion, variables, convention, noise
        As for :func:`probability_current`.

    Returns
    -------
    Expr
        ``L u``, unit of ``u`` / time.

    References
    ----------
    Risken 1989, section 4.7, "backward" equation; Gardiner 2009, section 5.5 (mean exit time).

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> backward_operator((1 - x**2) / 2, 0, 1, x, "ito")
    -1
    """
    c, ito = _ito(drift, diffusion, variables, convention, noise)
    size = range(len(c.variables))
    advection = sum((ito[i] * sp.diff(u, c.variables[i]) for i in size), sp.S.Zero)
    spreading = (c.diffusion[i, j] * sp.diff(u, c.variables[i], c.variables[j]) for i in size for j in size)
    return advection + sum(spreading, sp.S.Zero)


def adjoint_flux(
    u: Any, p: Any, drift: Any, diffusion: Any, variables: Any, convention: Convention | str, noise: Any = None
) -> sp.MutableDenseMatrix:
    """Return the vector ``F = u J + p D grad u`` whose divergence is exactly ``p (L u) - u (L* p)``.

    What is left of integration by parts: the two operators are adjoint on a domain where ``F`` has no flux through
    the boundary, as with ``p = u = 0`` (absorbing) or ``n.J = n.(D grad u) = 0`` (reflecting).

    Parameters
    ----------
    u, p : expression
        Observable and density.
    drift, diffusion, variables, convention, noise
        As for :func:`probability_current`.

    Returns
    -------
    Matrix, (d, 1)
        ``F``, unit of ``u`` times length**(1-d) / time.

    References
    ----------
    Gardiner 2009, section 5.1 (boundary conditions of the forward and backward equations).

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> u, p = sp.Function("u")(x), sp.Function("p")(x)
    >>> adjoint_flux(u, p, 0, 1, x, "ito")[0]
    p(x)*Derivative(u(x), x) - u(x)*Derivative(p(x), x)
    """
    c = as_coefficients(drift, diffusion, variables, noise)
    gradient = sp.Matrix([sp.diff(u, x) for x in c.variables])
    return u * probability_current(p, drift, diffusion, variables, convention, noise) + p * c.diffusion * gradient


def _ito(
    drift: Any, diffusion: Any, variables: Any, convention: Convention | str, noise: Any
) -> tuple[Coefficients, sp.Matrix]:
    c = as_coefficients(drift, diffusion, variables, noise)
    return c, to_ito_drift(c.drift, c.diffusion, c.variables, convention, c.noise)
