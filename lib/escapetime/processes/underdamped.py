"""Processes with inertia: a particle with mass and friction, in a heat bath or driven by the noise of a minibatch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.processes.minibatch import positive
from escapetime.symbolic.compile import ArrayFunction


@dataclass(frozen=True, eq=False)
class Underdamped:
    r"""A particle with mass and friction under noise that may depend on the position, started at rest.

    .. math::
        \mathrm{d}X &= V\,\mathrm{d}t, \\
        M\,\mathrm{d}V &= -(\nabla U + \gamma M V)\,\mathrm{d}t + \sqrt{2 D(X)}\,\mathrm{d}W .

    Parameters
    ----------
    landscape : Landscape
        The loss ``U``.
    diffusion : sympy.Matrix
        ``D``, shape ``d x d``, symmetric, in the position: half the covariance of the random force per unit of time.
    friction : float or sequence of float
        :math:`\gamma`, one over time; a number for each coordinate, or one for all.
    mass : float or sequence of float
        ``M``, likewise.
    time_unit : str
        What one unit of time is; for optimizers ``"lr * steps"``.
    temperature : float, optional
        Set in thermal equilibrium: ``D`` is then diagonal with the entries :math:`\gamma_i M_i T`.

    Raises
    ------
    InvalidInput
        If shapes disagree, ``D`` is not symmetric or holds other symbols, or a number is not positive.

    Notes
    -----
    The position is smooth in time, so that the conventions of :ref:`ch-conventions` agree also where ``D`` varies. For
    small mass at fixed :math:`\gamma M` the position follows the Ito diffusion with ``D / (gamma M)**2`` and drift
    ``-grad U / (gamma M)``.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> Underdamped(Landscape(x**2 / 2), sp.Matrix([[1 + x**2]]), friction=2.0, mass=0.5)
    Underdamped(U=x**2/2, diffusion=x**2 + 1, friction=2, mass=0.5, time in t)
    """

    landscape: Landscape
    diffusion: sp.Matrix
    friction: Any
    mass: Any
    time_unit: str = "t"
    temperature: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.landscape, Landscape):
            raise InvalidInput(
                f"Expected a Landscape, got {type(self.landscape).__name__}; wrap it: Landscape.parse('...')."
            )
        d = self.dimension
        object.__setattr__(self, "friction", _one_or_each(self.friction, "friction", d))
        object.__setattr__(self, "mass", _one_or_each(self.mass, "mass", d))
        matrix = sp.Matrix(self.diffusion)
        object.__setattr__(self, "diffusion", matrix)
        if matrix.shape != (d, d) or (matrix - matrix.T).applyfunc(sp.simplify) != sp.zeros(d, d):
            raise InvalidInput(
                f"Expected a symmetric {d} x {d} diffusion matrix, one row for each of {list(self.variables)}, got "
                f"{matrix}."
            )
        unknown = matrix.free_symbols - set(self.variables)
        if unknown:
            raise InvalidInput(f"The diffusion holds the symbols {sorted(map(str, unknown))}; substitute numbers.")

    @property
    def variables(self) -> tuple[sp.Symbol, ...]:
        """The ``d`` coordinates of the position; a domain is a set of positions."""
        return self.landscape.variables

    @property
    def dimension(self) -> int:
        """Number of coordinates ``d`` of the position."""
        return self.landscape.dimension

    @property
    def frictions(self) -> tuple[float, ...]:
        """The friction of each coordinate."""
        return self.friction if isinstance(self.friction, tuple) else (self.friction,) * self.dimension

    @property
    def masses(self) -> tuple[float, ...]:
        """The mass of each coordinate."""
        return self.mass if isinstance(self.mass, tuple) else (self.mass,) * self.dimension

    @cached_property
    def constant_diffusion(self) -> bool:
        """True when ``D`` does not depend on the position."""
        return not self.diffusion.free_symbols

    def diffusion_at(self, x: Any) -> Any:
        """Diffusion matrix at positions ``x`` of shape ``(..., d)``; shape ``(..., d, d)``."""
        return self._diffusion(x)

    @cached_property
    def _diffusion(self) -> ArrayFunction:
        return ArrayFunction(self.variables, list(self.diffusion), (self.dimension, self.dimension))

    @property
    def smooth_expressions(self) -> list[sp.Expr]:
        """What has to be defined and differentiable all over a domain: the loss, its gradient and ``D``."""
        return [self.landscape.expression, *self.landscape.gradient, *self.diffusion]

    def __repr__(self) -> str:
        matrix = self.diffusion
        noise = sp.sstr(matrix[0] if matrix.shape == (1, 1) else matrix.tolist(), full_prec=False)
        kind = f"diffusion={noise}" if self.temperature is None else f"temperature={self.temperature:g}"
        unit = f", time in {self.time_unit}" if self.temperature is None else ""
        return (
            f"Underdamped(U={sp.sstr(self.landscape.expression, full_prec=False)}, {kind}, "
            f"friction={_shown(self.friction)}, mass={_shown(self.mass)}{unit})"
        )


def underdamped_langevin(
    landscape: Landscape, *, temperature: float, friction: float, mass: float = 1.0
) -> Underdamped:
    r"""Make the underdamped Langevin (Klein-Kramers) process; it starts at rest.

    Parameters
    ----------
    landscape : Landscape
        The loss ``U``.
    temperature : float
        ``T``, in units of the loss; the stationary density is proportional to
        :math:`e^{-(U + M v^2 / 2) / T}`.
    friction : float
        :math:`\gamma`, one over time. For large friction and times scaled by :math:`\gamma M` it is
        :func:`~escapetime.processes.langevin.langevin`.
    mass : float
        ``M``.

    Returns
    -------
    Underdamped
        The process.

    Raises
    ------
    InvalidInput
        If a number is not positive.

    Notes
    -----
    Kramers 1940 (``kramers1940``); Risken 1989, chapter 10.

    Examples
    --------
    >>> underdamped_langevin(Landscape.parse("x**2 / 2"), temperature=0.1, friction=2.0)
    Underdamped(U=x**2/2, temperature=0.1, friction=2, mass=1)
    """
    if not isinstance(landscape, Landscape):
        raise InvalidInput(f"Expected a Landscape, got {type(landscape).__name__}; wrap it: Landscape.parse('...').")
    heat, rate, weight = positive(temperature, "temperature"), positive(friction, "friction"), positive(mass, "mass")
    diffusion = sp.Float(rate * weight * heat) * sp.eye(landscape.dimension)
    return Underdamped(landscape, diffusion, rate, weight, temperature=heat)


def _one_or_each(value: Any, name: str, dimension: int) -> float | tuple[float, ...]:
    if not isinstance(value, Sequence):
        return positive(value, name)
    if len(value) != dimension:
        raise InvalidInput(f"Expected {name} as a number, or one for each of {dimension} coordinate(s), got {value!r}.")
    numbers = tuple(positive(v, name) for v in value)
    return numbers[0] if len(set(numbers)) == 1 else numbers


def _shown(number: float | tuple[float, ...]) -> str:
    return f"({', '.join(f'{v:g}' for v in number)})" if isinstance(number, tuple) else f"{number:g}"
