"""Deterministic answers: their only error is that of a discretization, and it is reported with the number."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes.base import Diffusion
from escapetime.processes.chain import Chain
from escapetime.processes.levy import LevyDriven
from escapetime.processes.underdamped import Underdamped

__all__ = ["escape_time"]

_SUBMODULES = (
    "chain", "committor", "expectation", "finite_sum", "fractional", "fractional_spectral", "generator", "moments",
    "phase_space", "quadrature", "quasi_stationary", "tails",
)  # fmt: skip

# what a method answers, in which dimensions; "auto" takes the first that fits
_METHODS: dict[str, tuple[type, tuple[int, ...]]] = {
    "quadrature": (Diffusion, (1,)),
    "generator": (Diffusion, (1, 2, 3)),
    "phase_space": (Underdamped, (1,)),
    "fractional": (LevyDriven, (1,)),
    "chain": (Chain, (1,)),
}


def escape_time(problem: EscapeProblem, *, method: str = "auto", **options: Any) -> EscapeTime:
    """Return the exact mean escape time: of a diffusion in one to three dimensions, of everything else in one.

    Parameters
    ----------
    problem : EscapeProblem
        The process (a diffusion, a process with inertia or with stable noise, or a chain), the start and the domain.
    method : str
        ``"auto"``: what answers the process as it is, which is ``"quadrature"`` for a diffusion in one dimension,
        ``"generator"`` in two and three, ``"phase_space"`` for a process with inertia in one, ``"fractional"`` for
        stable noise in one, and ``"chain"`` for a chain in one. ``"chain"`` also answers the optimizer's own update
        behind a diffusion (that of ``escapetime.sgd``), learning rate and noise law included; ``"phase_space"`` also
        the limit of a chain with momentum.
    **options
        As for ``escape_time`` of :mod:`escapetime.exact.quadrature`, :mod:`escapetime.exact.generator`,
        :mod:`escapetime.exact.phase_space`, :mod:`escapetime.exact.fractional` or :mod:`escapetime.exact.chain`.

    Returns
    -------
    EscapeTime
        ``stderr`` is the estimated numerical error.

    Raises
    ------
    RouteNotApplicable
        If no method answers the process, or not in this dimension.
    InvalidInput
        If there is no method of that name, or an option is unknown to it.

    Examples
    --------
    Brownian motion leaves the unit disk from its center after a mean time 1 / (4 D):

    >>> from escapetime import Ball, EscapeProblem, landscapes, langevin
    >>> T = escape_time(EscapeProblem(langevin(landscapes.flat(2), temperature=0.5), (0, 0), Ball((0, 0), 1)))
    >>> round(T.mean, 4)
    0.5
    """  # noqa: DOC502 (helpers raise them)
    name = _method(problem, method)
    solve = importlib.import_module(f"escapetime.exact.{name}").escape_time
    known = [option for option in inspect.signature(solve).parameters if option != "problem"]
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise InvalidInput(
            f"The method {name!r}, which answers this problem, has the options {', '.join(known)}; "
            f"{unknown[0]!r} is not one of them."
        )
    return solve(problem, **options)


def _method(problem: EscapeProblem, method: str) -> str:
    if method not in ("auto", *_METHODS):
        names = ", ".join(map(repr, ("auto", *_METHODS)))
        raise InvalidInput(f"Expected method to be one of {names}, got {method!r}.")
    other = isinstance(problem.process, Chain | Underdamped | LevyDriven)
    process: Any = problem.process if other else problem.diffusion
    possible = [name for name, (kind, dimensions) in _METHODS.items() if process.dimension in dimensions]
    fitting = [name for name in possible if isinstance(process, _METHODS[name][0])]
    behind = {"chain": getattr(process, "chain", None), "phase_space": getattr(process, "limit", None)}.get(method)
    if behind is not None and isinstance(behind, _METHODS[method][0]):
        fitting = [name for name in possible if name == method]
    elif method != "auto":
        fitting = [name for name in fitting if name == method]
    if not fitting:
        raise RouteNotApplicable(
            "The exact route answers diffusions in one to three dimensions; processes with inertia or with stable "
            f"noise and chains in one; method={method!r} does not answer this {type(process).__name__} in "
            f"{process.dimension} dimension(s); use "
            "escapetime.simulate.escape_time, or escapetime.theory for the asymptotic law."
        )
    return fitting[0]


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return importlib.import_module(f"escapetime.exact.{name}")
    raise AttributeError(f"module 'escapetime.exact' has no attribute {name!r}")
