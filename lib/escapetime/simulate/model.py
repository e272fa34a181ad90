"""What an engine has to know of a problem, in symbols: one step of the scheme and the distances to the exits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.problem import EscapeProblem
from escapetime.processes import Diffusion, Process
from escapetime.simulate.schemes import TIME_STEP, resolve, step
from escapetime.symbolic.assignments import Stage

_TINY = sp.Rational(1, 10**30)  # keeps the gradient of a distance finite where it has a kink: the center of a ball


@dataclass(frozen=True, eq=False)
class StepModel:
    r"""A first-passage problem as expressions; engines compile it and know nothing else.

    The state is the position, ``d`` coordinates, followed by memory. In a step the engine draws one standard normal for
    each symbol in ``normals``, evaluates the stages in order and then the update.

    Attributes
    ----------
    variables : tuple of sympy.Symbol
        The ``d`` coordinates of the position.
    start : tuple of float
        Where paths begin, ``d`` numbers.
    memory : dict of sympy.Symbol to sympy.Expr
        What else the state holds, and its value before the first step: an expression in the variables, there at the
        start, and ``dt``.
    normals : tuple of sympy.Symbol
        Standard normals of a step, ``m`` of them.
    stages : tuple of (sympy.Symbol, sympy.Expr)
        Named intermediate results.
    update : tuple of sympy.Expr
        The state after the step, ``d + len(memory)`` expressions in variables, memory, normals, stages and ``dt``
        (:data:`escapetime.simulate.schemes.TIME_STEP`).
    faces : tuple of str
        Names of the faces of the domain.
    distances : tuple of sympy.Expr
        Signed distance to each face, positive inside; functions of the variables.
    gradients : tuple of tuple of sympy.Expr
        Gradient of each distance, a unit vector on the face.
    spreads : tuple of sympy.Expr
        Diffusivity ``n . D n`` along the normal ``n`` of each face at the start of a step; zero where the position is
        smooth in time, or moves in jumps.
    scheme : str
        Name of the scheme.
    """

    variables: tuple[sp.Symbol, ...]
    start: tuple[float, ...]
    memory: dict[sp.Symbol, sp.Expr]
    normals: tuple[sp.Symbol, ...]
    stages: tuple[Stage, ...]
    update: tuple[sp.Expr, ...]
    faces: tuple[str, ...]
    distances: tuple[sp.Expr, ...]
    gradients: tuple[tuple[sp.Expr, ...], ...]
    spreads: tuple[sp.Expr, ...]
    scheme: str = "euler"

    @classmethod
    def of(cls, problem: EscapeProblem, scheme: str = "auto") -> StepModel:
        """Translate a problem.

        Parameters
        ----------
        problem : EscapeProblem
            A diffusion in any convention (it is rewritten in Ito form), an underdamped process or a chain.
        scheme : str
            One of :mod:`escapetime.simulate.schemes`.

        Returns
        -------
        StepModel
            The same law in the form in which it is stepped.

        Raises
        ------
        RouteNotApplicable
            If the scheme cannot step the process.
        InvalidInput
            If the diffusion matrix is not positive semidefinite.
        """  # noqa: DOC502 - raised by what it calls
        process = problem.process
        chosen = resolve(process, scheme)
        if isinstance(process, Diffusion):
            _check_semidefinite(process.to_ito(), problem.start)
        taken, v = step(process, chosen), process.variables
        faces = problem.domain.faces(v)
        gradients = tuple(tuple(_regular(sp.diff(face.distance, s)) for s in v) for face in faces)
        spreads = tuple(_spread(process, chosen, gradient) for gradient in gradients)
        return cls(
            v, problem.start, taken.memory, taken.normals, taken.stages, taken.update,
            tuple(face.name for face in faces), tuple(face.distance for face in faces), gradients, spreads, chosen,
        )  # fmt: skip

    @property
    def state(self) -> tuple[sp.Symbol, ...]:
        """Variables and then memory: the order of ``update`` and of :meth:`initial`."""
        return (*self.variables, *self.memory)

    def initial(self, dt: float) -> tuple[float, ...]:
        """Return the state before the first step of length ``dt``."""
        known = dict(zip(self.variables, self.start, strict=True)) | {TIME_STEP: dt}
        values = (value if value.is_Number else sp.N(value.subs(known)) for value in self.memory.values())
        return (*self.start, *map(float, values))


def _check_semidefinite(process: Diffusion, start: tuple[float, ...]) -> None:
    eigenvalues = np.linalg.eigvalsh(process.diffusion_at(np.array(start)))
    if not eigenvalues[0] >= -1e-12 * max(abs(eigenvalues[-1]), 1.0):
        raise InvalidInput(
            "A diffusion matrix has no negative eigenvalue; at the start "
            f"{list(start)} this one has {eigenvalues[0]:.6g}: was a sign lost?"
        )


def _regular(gradient: sp.Expr) -> sp.Expr:
    """Add a tiny number to what is divided by."""
    return gradient.replace(
        lambda e: e.is_Pow and not e.base.is_number and bool(e.exp.is_negative), lambda e: (e.base + _TINY) ** e.exp
    )


def _spread(process: Process, scheme: str, gradient: tuple[sp.Expr, ...]) -> sp.Expr:
    if not isinstance(process, Diffusion) or scheme == "chain":
        return sp.Integer(0)
    diffusion = process.diffusion
    if diffusion == diffusion[0, 0] * sp.eye(process.dimension):
        return diffusion[0, 0]
    normal = sp.Matrix(gradient)
    squared = (normal.T * normal)[0, 0]
    # away from a curved face the gradient need not have unit length
    return (normal.T * diffusion * normal)[0, 0] / (squared if squared.is_number else squared + _TINY)
