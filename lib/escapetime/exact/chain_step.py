r"""A one-dimensional chain as :math:`x' = f(x) + s(x)\,\xi`: read off its symbols, with the law of :math:`\xi`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.exact.panels import Array
from escapetime.exact.step_laws import LAWS, StepLaw
from escapetime.processes.chain import Chain
from escapetime.symbolic.assignments import without_stages
from escapetime.symbolic.compile import ArrayFunction

TRIALS = 64  # random points at which an update must agree with what was read off it
SETTLING = 300  # steps without noise
SIMULATE = "use escapetime.simulate.escape_time"


@dataclass(frozen=True, eq=False)
class ChainStep:
    """One step of a chain.

    Attributes
    ----------
    mean : sympy.Expr
        ``f``, where the step goes without noise.
    spread : sympy.Expr
        ``s``, in front of the noise; its sign is of no account.
    law : StepLaw
        Of the noise, as it is where the spread is taken positive.
    variable : sympy.Symbol
        ``x``.
    """

    mean: sp.Expr
    spread: sp.Expr
    law: StepLaw
    variable: sp.Symbol

    def __post_init__(self) -> None:
        object.__setattr__(self, "_function", ArrayFunction((self.variable,), (self.mean, self.spread), (2,)))

    def at(self, points: Array) -> tuple[Array, Array]:
        """Return ``f`` and ``|s|`` at points of shape ``(n,)``.

        Parameters
        ----------
        points : numpy.ndarray
            Shape ``(n,)``.

        Returns
        -------
        tuple of numpy.ndarray
            Each of shape ``(n,)``.

        Raises
        ------
        InvalidInput
            If one of them is not a number there.
        """
        values = self.unchecked(points)
        bad = ~np.isfinite(values).all(axis=1)
        if bad.any():
            raise InvalidInput(
                f"The update {sp.sstr(self.mean, full_prec=False)} or its noise {sp.sstr(self.spread, full_prec=False)}"
                f" is not a real number at {points[bad][0]:g}: shrink the domain, or give a covariance that is not "
                "negative there."
            )
        return values[:, 0], np.abs(values[:, 1])

    def unchecked(self, points: Array) -> Array:
        """Return ``f`` and ``s`` at points of shape ``(n,)``, whatever they are; shape ``(n, 2)``."""
        with np.errstate(all="ignore"):
            return self._function(np.asarray(points, dtype=float)[:, None])  # type: ignore[attr-defined]

    def settled(self, start: float) -> float:
        """Return where steps without noise lead from a start; where they do not settle, the start."""
        point = start
        for _ in range(SETTLING):
            before, point = point, float(self.unchecked(np.array([point]))[0, 0])
            if not abs(point - start) < 1e6:
                return start
        return point if abs(point - before) < 0.1 * (1 + abs(point)) else start

    @classmethod
    def of(cls, chain: Chain, near: float) -> ChainStep:
        """Read the step off a chain.

        Parameters
        ----------
        chain : Chain
            With one variable and no memory.
        near : float
            Where the chain starts, in units of the variable: the update is tried out around this point.

        Returns
        -------
        ChainStep
            The step.

        Raises
        ------
        RouteNotApplicable
            If its noise has no density that is known here.
        """
        (x,), update = chain.variables, without_stages(chain.stages, chain.update[0])
        if not update.free_symbols & set(chain.normals):
            raise RouteNotApplicable(f"{chain.name} has no noise in its step: follow it by hand, or give it noise.")
        for law in LAWS:
            step = _affine(update, x, chain.normals, law)
            if step is not None and _agrees(step, law, update, chain.normals, near):
                return step._oriented(near)
        raise RouteNotApplicable(
            f"The noise in the step {sp.sstr(update, full_prec=False)} is not f(x) + s(x) times a number of the laws "
            f"{', '.join(law.number.name for law in LAWS)}. (With finitely many outcomes, as rademacher has, the mean "
            f"time jumps at a dense set of starts: no interpolation converges.) For other noise {SIMULATE}."
        )

    def _oriented(self, near: float) -> ChainStep:
        """Return the step with the law that goes with a positive spread."""
        if self.law.symmetric:
            return self
        values = np.array([sp.N(self.spread.subs(self.variable, near + shift)) for shift in (-1.0, -0.1, 0.1, 1.0)])
        signs = {int(np.sign(float(v))) for v in values if v.is_real and v != 0}
        if len(signs) != 1:
            raise RouteNotApplicable(
                f"The noise {self.spread} of a law that is not symmetric changes its sign; {SIMULATE}."
            )
        law = self.law.mirrored() if signs == {-1} else self.law
        return ChainStep(self.mean, self.spread, law, self.variable)


def chain_of(process: Any) -> Chain:
    """Return the chain of a process, if it has one variable and no memory.

    Parameters
    ----------
    process : Process
        A chain, or a diffusion that has one.

    Returns
    -------
    Chain
        The chain.

    Raises
    ------
    RouteNotApplicable
        If there is none, or it has more variables or a memory.
    """
    chain = getattr(process, "chain", None)
    if not isinstance(chain, Chain):
        raise RouteNotApplicable(
            f"The integral equation is that of an optimizer's own update, and {process} has none; make the process "
            "with escapetime.sgd, or ask for the diffusion (method='auto')."
        )
    if chain.dimension != 1 or chain.memory:
        kept = f" and the memory {', '.join(map(str, chain.memory))}" if chain.memory else ""
        raise RouteNotApplicable(
            f"The integral equation is solved for one variable without memory; {chain.name} has {chain.dimension} "
            f"variable(s){kept}; {SIMULATE}."
        )
    return chain


def _affine(update: sp.Expr, x: sp.Symbol, normals: tuple[sp.Symbol, ...], law: StepLaw) -> ChainStep | None:
    """Read ``f`` and ``s`` off an update, supposing that its noise has this law."""
    if len(normals) != len(law.number.normals) or update.has(sp.sign, sp.Heaviside):
        return None
    half = sp.Rational(1, 2)
    slope = sp.diff(law.number.expression, law.number.normals[0]).subs(dict.fromkeys(law.number.normals, half))
    spread = sp.diff(update, normals[0]).subs(dict.fromkeys(normals, half)) / slope
    mean = update.subs(dict(zip(normals, law.center, strict=True)))
    if (mean.free_symbols | spread.free_symbols) - {x}:
        return None
    return ChainStep(sp.sympify(mean), sp.sympify(spread), law, x)


def _agrees(step: ChainStep, law: StepLaw, update: sp.Expr, normals: tuple[sp.Symbol, ...], near: float) -> bool:
    rng = np.random.default_rng(0)
    x, z = near + rng.normal(size=(TRIALS, 1)) * 0.3 * (1 + abs(near)), rng.normal(size=(TRIALS, len(normals)))
    number = ArrayFunction(law.number.normals, (law.number.expression,))(z)
    read = step.unchecked(x[:, 0])
    with np.errstate(all="ignore"):
        told = ArrayFunction((step.variable, *normals), (update,))(np.hstack([x, z]))
    expected = read[:, 0] + read[:, 1] * number
    real = np.isfinite(told) & np.isfinite(expected)
    scale = np.abs(read[:, 1]) + 1e-3 * np.abs(read[:, 0])
    return bool(real.any() and np.all(np.abs(told - expected)[real] <= 1e-9 * scale[real]))
