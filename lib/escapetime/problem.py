"""The one object every route answers: a process, a start and a domain; and the one type of answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy as sp

from escapetime.domains import Domain
from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.processes import Diffusion, Process

REACH = 1e3  # how far from the start an unbounded domain is searched for undefined points


@dataclass(frozen=True, eq=False)
class EscapeProblem:
    """How long does ``process``, started at ``start``, stay in ``domain``?

    Parameters
    ----------
    process : Diffusion, Underdamped or Chain
        What moves.
    start : float or sequence of float
        Where it starts, shape ``(d,)``; a bare number in one dimension.
    domain : Domain
        What it must leave.

    Raises
    ------
    InvalidInput
        If dimensions disagree, the start is not inside, the domain has no exit, or the drift is undefined or not
        differentiable somewhere in the domain (searched up to a distance of 1000 from the start).
    """

    process: Process
    start: Any
    domain: Domain

    def __post_init__(self) -> None:
        if not isinstance(self.process, Process):
            raise InvalidInput(
                f"Expected a process such as langevin(U, temperature=0.1), got {type(self.process).__name__}."
            )
        if not isinstance(self.domain, Domain):
            raise InvalidInput(f"Expected a domain such as Interval(-1, 1), got {type(self.domain).__name__}.")
        d = self.process.dimension
        try:
            start = np.atleast_1d(np.array(self.start, dtype=float))
        except (TypeError, ValueError):
            raise InvalidInput(f"Expected the start as {d} number(s), got {self.start!r}.") from None
        if start.shape != (d,) or not np.isfinite(start).all():
            raise InvalidInput(f"Expected the start as {d} finite number(s), one a coordinate, got {self.start!r}.")
        if self.domain.dimension != d:
            raise InvalidInput(
                f"The process lives in {d} dimension(s) and the domain {self.domain} in {self.domain.dimension}; "
                f"use one of {d}."
            )
        if not self.domain.faces(self.process.variables):
            raise InvalidInput(
                f"{self.domain} has no exit: the escape time is infinite. Give at least one finite bound."
            )
        if not bool(self.domain.contains(start)):
            raise InvalidInput(
                f"The start {start.tolist()} is not inside {self.domain}: it has escaped at time 0. "
                "Move the start or the domain."
            )
        object.__setattr__(self, "start", tuple(start.tolist()))
        self._refuse_undefined()

    @property
    def diffusion(self) -> Diffusion:
        """The process, for routes that answer diffusions only; RouteNotApplicable if it is something else."""
        if not isinstance(self.process, Diffusion):
            raise RouteNotApplicable(
                f"This route answers diffusions, not {self.process}; use escapetime.simulate.escape_time."
            )
        return self.process

    def _refuse_undefined(self) -> None:
        process = self.process
        from escapetime.symbolic.zeros import undefined_points

        faces = [face.distance for face in self.domain.faces(process.variables)]
        region = [
            (lo if np.isfinite(lo) else s - REACH, hi if np.isfinite(hi) else s + REACH)
            for s, (lo, hi) in zip(self.start, self.domain.bounds, strict=True)
        ]
        found = undefined_points(process.smooth_expressions, process.variables, region, inside=faces)
        if found:
            nearest = min(found, key=lambda p: float(np.linalg.norm(p.point - np.array(self.start))))
            name = process.landscape.name if process.landscape else "The drift"
            raise InvalidInput(
                f"{name} is undefined or not differentiable near {np.round(nearest.point, 6).tolist()}, "
                f"inside {self.domain} ({nearest.reason}): shrink the domain, "
                "or smooth the expression there (for instance sqrt(x**2 + eps) for abs(x))."
            )


@dataclass(frozen=True, eq=False)
class EscapeTime:
    """A mean escape time and how far to trust it: the answer of every route.

    Attributes
    ----------
    mean : float
        Mean escape time, in ``time_unit``.
    stderr : float
        Standard error (Monte Carlo), estimated numerical error (``exact``), or nan where the method does not know its
        error (an asymptotic formula).
    method : str
        What computed it.
    source : tuple of str
        Keys of the bibliography; see :meth:`cite`.
    time_unit : str
        The unit of ``mean``.
    formula : sympy.Expr, optional
        The closed form, where there is one.
    paths, censored, seed, dt : optional
        Monte Carlo only: number of paths, how many had not left when the step budget ended, the seed, the time step.
    details : mapping
        What else the method reports, by name.
    interval_at : callable, optional
        From a confidence level to the interval, where the method has a better one than the normal.
    """

    mean: float
    stderr: float
    method: str
    source: tuple[str, ...]
    time_unit: str
    formula: sp.Expr | None = None
    paths: int | None = None
    censored: int | None = None
    seed: int | None = None
    dt: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    interval_at: Callable[[float], tuple[float, float]] | None = field(default=None, repr=False)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the interval for the mean at a confidence level in (0, 1).

        Parameters
        ----------
        level : float
            Confidence level. A deterministic method returns ``mean -+ stderr`` whatever the level.

        Returns
        -------
        tuple of float
            Lower and upper end, in ``time_unit``; nan for an asymptotic formula.

        Raises
        ------
        InvalidInput
            If the level is not between 0 and 1.
        """
        if not 0 < level < 1:
            raise InvalidInput(f"A confidence level lies between 0 and 1, got {level!r}; use for instance 0.95.")
        if self.interval_at is not None:
            return self.interval_at(level)
        if self.paths is None:
            return self.mean - self.stderr, self.mean + self.stderr
        from scipy.special import ndtri

        half = float(ndtri(0.5 + level / 2)) * self.stderr
        return self.mean - half, self.mean + half

    def cite(self) -> list[str]:
        """Return the BibTeX entries of the papers behind this number."""
        from escapetime.references import entry

        return [entry(key) for key in self.source]

    def __str__(self) -> str:
        lo, hi = self.interval()
        spread = "" if math.isnan(lo) else f" [{lo:.6g}, {hi:.6g}]"
        return f"{self.mean:.6g}{spread} {self.time_unit} ({self.method})"

    def _repr_html_(self) -> str:
        formula = "" if self.formula is None else f"<br>$\\displaystyle \\tau = {sp.latex(self.formula)}$"
        return f"<p>{self}{formula}</p>"
