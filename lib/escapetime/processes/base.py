"""Diffusion processes with drift and diffusion as sympy expressions and the convention as part of the object."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.processes.chain import Chain
from escapetime.symbolic.compile import ArrayFunction
from escapetime.symbolic.conventions import Convention


@dataclass(frozen=True, eq=False)
class Diffusion:
    r"""A diffusion process :math:`\mathrm{d}X = b(X)\,\mathrm{d}t + \sqrt{2 D(X)}\,\mathrm{d}W`.

    Parameters
    ----------
    variables : tuple of sympy.Symbol
        The ``d`` coordinates.
    drift : sympy.Matrix
        ``b``, shape ``d x 1``, coordinate per unit of time.
    diffusion : sympy.Matrix
        ``D``, shape ``d x d``, symmetric, squared coordinate per unit of time. (The noise covariance per unit of time
        is ``2 D``.)
    convention : Convention or str
        At which point of a step the noise amplitude is evaluated; see :ref:`ch-conventions`.
    time_unit : str
        What one unit of time is; for optimizers ``"lr * steps"``.
    landscape : Landscape, optional
        The loss behind the drift, where there is one.
    temperature : float, optional
        Set when the drift is ``-grad U`` and ``D`` is this number times the identity: thermal equilibrium.
    chain : Chain, optional
        The optimizer's own update, of which this diffusion is the limit of small steps.

    Raises
    ------
    InvalidInput
        If shapes disagree, ``D`` is not symmetric, or other symbols than the variables remain.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> Diffusion((x,), sp.Matrix([-x]), sp.Matrix([[1 + x**2]]), "stratonovich").to_ito().drift
    Matrix([[0]])
    """

    variables: tuple[sp.Symbol, ...]
    drift: sp.Matrix
    diffusion: sp.Matrix
    convention: Convention | str = Convention.ITO
    time_unit: str = "time"
    landscape: Landscape | None = None
    temperature: float | None = None
    chain: Chain | None = None

    def __post_init__(self) -> None:
        d = len(self.variables)
        object.__setattr__(self, "convention", Convention.parse(self.convention))
        if self.drift.shape != (d, 1) or self.diffusion.shape != (d, d):
            raise InvalidInput(
                f"Expected drift {d} x 1 and diffusion {d} x {d} for {d} variable(s), "
                f"got {self.drift.shape} and {self.diffusion.shape}."
            )
        if (self.diffusion - self.diffusion.T).applyfunc(sp.simplify) != sp.zeros(d, d):
            raise InvalidInput(
                f"A diffusion matrix is symmetric, got {self.diffusion}; did you pass the noise matrix sqrt(2 D)?"
            )
        unknown = (self.drift.free_symbols | self.diffusion.free_symbols) - set(self.variables)
        if unknown:
            names = ", ".join(sorted(map(str, unknown)))
            raise InvalidInput(f"The symbols {names} have no value; substitute numbers before making a process.")

    @property
    def dimension(self) -> int:
        """Number of coordinates ``d``."""
        return len(self.variables)

    @cached_property
    def constant_diffusion(self) -> bool:
        """True when ``D`` does not depend on the position: then all conventions agree."""
        return not self.diffusion.free_symbols

    def drift_at(self, x: Any) -> Any:
        """Drift at points ``x`` of shape ``(..., d)``, numpy or torch; same shape."""
        return self._drift(x)

    def diffusion_at(self, x: Any) -> Any:
        """Diffusion matrix at points ``x`` of shape ``(..., d)``; shape ``(..., d, d)``."""
        return self._diffusion(x)

    def to_ito(self) -> Diffusion:
        """Return the same process written in the Ito convention: the noise-induced drift moves into ``b``."""
        from escapetime.symbolic.fokker_planck import to_ito_drift

        if self.convention is Convention.ITO:
            return self
        drift = to_ito_drift(self.drift, self.diffusion, self.variables, self.convention)
        return Diffusion(
            self.variables,
            sp.Matrix(drift).applyfunc(sp.simplify),
            self.diffusion,
            Convention.ITO,
            self.time_unit,
            self.landscape,
            self.temperature,
            self.chain,
        )

    @property
    def smooth_expressions(self) -> list[sp.Expr]:
        """What has to be defined and differentiable all over a domain."""
        loss = [self.landscape.expression] if self.landscape else []
        return [*loss, *self.drift, *self.diffusion, *self.drift.jacobian(self.variables)]

    @cached_property
    def _drift(self) -> ArrayFunction:
        return ArrayFunction(self.variables, list(self.drift), (self.dimension,))

    @cached_property
    def _diffusion(self) -> ArrayFunction:
        return ArrayFunction(self.variables, list(self.diffusion), (self.dimension, self.dimension))

    def __repr__(self) -> str:
        rows = _plain(self.drift), _plain(self.diffusion)
        return f"Diffusion(drift={rows[0]}, diffusion={rows[1]}, {self.convention.name}, time in {self.time_unit})"  # type: ignore[union-attr]


def _plain(matrix: sp.Matrix) -> str:
    return sp.sstr(matrix[0] if matrix.shape == (1, 1) else matrix.tolist(), full_prec=False)
