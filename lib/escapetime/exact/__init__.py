"""Deterministic answers: their only error is that of a discretization, and it is reported with the number."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes.base import Diffusion

__all__ = ["Diffusion", "escape_time"]

_SUBMODULES = ("finite_sum", "generator", "moments", "quadrature")

_METHODS = {1: "quadrature", 2: "generator", 3: "generator"}


def escape_time(problem: EscapeProblem, **options: Any) -> EscapeTime:
    """Return the exact mean escape time: by quadrature in one dimension, on a grid in two and three.

    Parameters
    ----------
    problem : EscapeProblem
        The process (a :class:`Diffusion`), the start and the domain.
    **options
        As for :func:`escapetime.exact.quadrature.escape_time` or :func:`escapetime.exact.generator.escape_time`.

    Returns
    -------
    EscapeTime
        ``stderr`` is the estimated numerical error.

    Raises
    ------
    RouteNotApplicable
        If the process is not a diffusion, or has more than three dimensions.
    InvalidInput
        If an option is unknown to the method.

    Examples
    --------
    Brownian motion leaves the unit disk from its center after a mean time 1 / (4 D):

    >>> from escapetime import Ball, EscapeProblem, landscapes, langevin
    >>> T = escape_time(EscapeProblem(langevin(landscapes.flat(2), temperature=0.5), (0, 0), Ball((0, 0), 1)))
    >>> round(T.mean, 4)
    0.5
    """
    dimension = problem.diffusion.dimension
    if dimension not in _METHODS:
        raise RouteNotApplicable(
            f"The exact route answers one to three dimensions, this problem has {dimension}; use "
            "escapetime.simulate.escape_time, or escapetime.theory for the asymptotic law."
        )
    method = importlib.import_module(f"escapetime.exact.{_METHODS[dimension]}").escape_time
    known = [name for name in inspect.signature(method).parameters if name != "problem"]
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise InvalidInput(
            f"In {dimension} dimension(s) the exact route has the options {', '.join(known)}; "
            f"{unknown[0]!r} is not one of them."
        )
    return method(problem, **options)


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return importlib.import_module(f"escapetime.exact.{name}")
    raise AttributeError(f"module 'escapetime.exact' has no attribute {name!r}")
