"""What an engine has to know of a problem, in symbols: one Euler-Maruyama step and the distances to the exits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy as sp

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.problem import EscapeProblem
from escapetime.processes.base import Diffusion

_TINY = sp.Rational(1, 10**30)  # keeps the gradient of a distance finite where it has a kink: the center of a ball


@dataclass(frozen=True, eq=False)
class StepModel:
    r"""A first-passage problem of an Ito diffusion as expressions; engines compile it and know nothing else.

    One step is :math:`x_1 = (x_0 + b\,\Delta t) + \sum_j (\sqrt{\Delta t}\,L_{ij}) z_j`, summed in order, with one
    standard normal :math:`z_j` for each column of :math:`L`.

    Attributes
    ----------
    variables : tuple of sympy.Symbol
        The ``d`` coordinates.
    start : tuple of float
        Where paths begin.
    drift : tuple of sympy.Expr
        ``b``, the Ito drift.
    factor : sympy.Matrix
        ``L``, lower triangular with its zero columns left out, shape ``d x m``: ``L L^T = 2 D``.
    faces : tuple of str
        Names of the faces of the domain.
    distances : tuple of sympy.Expr
        Signed distance to each face, positive inside.
    gradients : tuple of tuple of sympy.Expr
        Gradient of each distance, a unit vector on the face.
    spreads : tuple of sympy.Expr
        Diffusivity ``n . D n`` along the normal ``n`` of each face.
    """

    variables: tuple[sp.Symbol, ...]
    start: tuple[float, ...]
    drift: tuple[sp.Expr, ...]
    factor: sp.Matrix
    faces: tuple[str, ...]
    distances: tuple[sp.Expr, ...]
    gradients: tuple[tuple[sp.Expr, ...], ...]
    spreads: tuple[sp.Expr, ...]

    @classmethod
    def of(cls, problem: EscapeProblem) -> StepModel:
        """Translate a problem.

        Parameters
        ----------
        problem : EscapeProblem
            Any convention; it is rewritten in Ito form.

        Returns
        -------
        StepModel
            The same law in the form in which it is stepped.

        Raises
        ------
        RouteNotApplicable
            If the process is not a diffusion.
        InvalidInput
            If its diffusion matrix is not positive semidefinite.
        """
        if not isinstance(problem.process, Diffusion):
            raise RouteNotApplicable(
                f"simulate steps diffusions (Gaussian noise); {type(problem.process).__name__} is not one. "
                "Ask et.theory or et.exact, which say what they know of it."
            )
        process = problem.process.to_ito()
        v, d = process.variables, process.dimension
        eigenvalues = np.linalg.eigvalsh(process.diffusion_at(np.array(problem.start)))
        if not eigenvalues[0] >= -1e-12 * max(abs(eigenvalues[-1]), 1.0):
            raise InvalidInput(
                "A diffusion matrix has no negative eigenvalue; at the start "
                f"{list(problem.start)} this one has {eigenvalues[0]:.6g}: was a sign lost?"
            )
        faces = problem.domain.faces(v)
        gradients = tuple(tuple(_regular(sp.diff(face.distance, s)) for s in v) for face in faces)
        return cls(
            v, problem.start, tuple(process.drift), noise_factor(process.diffusion), tuple(face.name for face in faces),
            tuple(face.distance for face in faces), gradients, tuple(_spread(process.diffusion, g, d) for g in
            gradients),
        )  # fmt: skip


def noise_factor(diffusion: sp.Matrix) -> sp.Matrix:
    """Return the lower triangular ``L`` with ``L L^T = 2 D``, without its zero columns.

    Parameters
    ----------
    diffusion : sympy.Matrix
        ``D``, symmetric, positive semidefinite, shape ``d x d``.

    Returns
    -------
    sympy.Matrix
        Shape ``d x m``, where ``m`` is the rank.

    Raises
    ------
    InvalidInput
        If a constant ``D`` has a negative eigenvalue.

    Examples
    --------
    >>> noise_factor(sp.Matrix([[2, 2], [2, 4]]))
    Matrix([
    [2, 0],
    [2, 2]])
    """
    d, rest = diffusion.rows, (2 * diffusion).as_mutable()
    scale = max([abs(float(v)) for v in rest if v.is_number], default=0.0)
    columns = []
    for j in range(d):
        pivot = sp.expand(rest[j, j])
        if _vanishes(pivot, scale):
            if any(not _vanishes(sp.expand(rest[i, j]), scale) for i in range(j + 1, d)):
                raise InvalidInput(_INDEFINITE.format(diffusion.tolist()))
            continue
        if pivot.is_number and pivot < 0:
            raise InvalidInput(_INDEFINITE.format(diffusion.tolist()))
        root = sp.sqrt(pivot)
        column = sp.Matrix([sp.Integer(0)] * j + [root] + [rest[i, j] / root for i in range(j + 1, d)])
        rest -= column * column.T
        columns.append(column)
    return sp.Matrix.hstack(*columns) if columns else sp.zeros(d, 0)


_INDEFINITE = "The diffusion matrix {} has a negative eigenvalue; was a sign lost?"


def _vanishes(entry: sp.Expr, scale: float) -> bool:
    return entry == 0 or bool(entry.is_number and abs(entry) <= 1e-12 * scale)


def _regular(gradient: sp.Expr) -> sp.Expr:
    """Add a tiny number to what is divided by."""
    return gradient.replace(
        lambda e: e.is_Pow and not e.base.is_number and bool(e.exp.is_negative), lambda e: (e.base + _TINY) ** e.exp
    )


def _spread(diffusion: sp.Matrix, gradient: tuple[sp.Expr, ...], d: int) -> sp.Expr:
    if diffusion == diffusion[0, 0] * sp.eye(d):
        return diffusion[0, 0]
    normal = sp.Matrix(gradient)
    squared = (normal.T * normal)[0, 0]
    # away from a curved face the gradient need not have unit length
    return (normal.T * diffusion * normal)[0, 0] / (squared if squared.is_number else squared + _TINY)
