"""The underdamped Langevin process: a particle with mass in a heat bath, the thermal yardstick of momentum."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.processes.minibatch import positive


@dataclass(frozen=True, eq=False)
class Underdamped:
    r"""The process :math:`\mathrm{d}X = V\,\mathrm{d}t`,
    :math:`M\,\mathrm{d}V = -(\nabla U + \gamma M V)\,\mathrm{d}t + \sqrt{2\gamma M T}\,\mathrm{d}W`.

    Made by :func:`underdamped_langevin`.

    Attributes
    ----------
    landscape : Landscape
        The loss ``U``.
    temperature : float
        ``T``, in units of the loss.
    friction : float
        :math:`\gamma`, one over time.
    mass : float
        ``M``.
    time_unit : str
        ``"t"``.
    """

    landscape: Landscape
    temperature: float
    friction: float
    mass: float
    time_unit: str = "t"

    @property
    def variables(self) -> tuple[sp.Symbol, ...]:
        """The ``d`` coordinates of the position; a domain is a set of positions."""
        return self.landscape.variables

    @property
    def dimension(self) -> int:
        """Number of coordinates ``d`` of the position."""
        return self.landscape.dimension

    @property
    def smooth_expressions(self) -> list[sp.Expr]:
        """What has to be defined and differentiable all over a domain: the loss and its gradient."""
        return [self.landscape.expression, *self.landscape.gradient]

    def __repr__(self) -> str:
        return (
            f"Underdamped(U={sp.sstr(self.landscape.expression, full_prec=False)}, temperature={self.temperature:g}, "
            f"friction={self.friction:g}, mass={self.mass:g})"
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
    return Underdamped(
        landscape, positive(temperature, "temperature"), positive(friction, "friction"), positive(mass, "mass")
    )
