"""Two and three dimensions: the mean escape time from a sparse generator on nested grids, extrapolated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from escapetime.critical_points import Bounds
from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.exact.backward import Generator
from escapetime.exact.confinement import computational_box
from escapetime.exact.grid import Grid
from escapetime.problem import EscapeProblem, EscapeTime

__all__ = ["Generator", "Grid", "escape_time"]

CELLS = {1: 512, 2: 256, 3: 48}  # on the finest grid, along each axis
UNTRUSTED = 1e-4  # relative error from rounding beyond which no number is returned
TRUNCATION = 1e-7  # exp(-16), see confinement.py
UNRESOLVED = 0.5  # difference of the logarithms on the two finest grids


def escape_time(
    problem: EscapeProblem, *, cells: int | Sequence[int] | None = None, box: Bounds | None = None
) -> EscapeTime:
    """Return the mean escape time of a diffusion in one to three dimensions.

    Parameters
    ----------
    problem : EscapeProblem
        With a :class:`Diffusion` in any convention, whose diffusion matrix is diagonal; it may depend on the position.
    cells : int or sequence of int, optional
        Cells along each axis on the finest of three nested grids, at least 16; up to a quarter more or fewer are used,
        so that nodes lie where they are wanted. Default 256 in two dimensions, 48 in three.
    box : tuple of pairs, optional
        ``((lo, hi), ...)``: where to stop the grid in an unbounded domain. Default, in thermal equilibrium: where the
        loss is 16 temperatures above the pass.

    Returns
    -------
    EscapeTime
        Extrapolated from the two finest grids. ``stderr`` is the estimated numerical error: the difference to what the
        two coarser grids extrapolate to (several times the error), rounding, and what the box cuts off. ``details``
        holds ``exit`` (probability of leaving by each face), ``std`` (standard deviation of the escape time),
        ``log_mean``, ``means`` (on each grid), ``order`` (observed), ``box``, ``cells`` and ``rounding`` (relative).

    Raises
    ------
    RouteNotApplicable
        If the dimension is not 1, 2 or 3, the diffusion matrix is not diagonal, or the domain is unbounded, the process
        not thermal, and no box is given.
    InvalidInput
        If an option or a coefficient is unfit, or the loss does not confine the process.
    NumericalFailure
        If the grid does not resolve the problem, or the escape is too rare: beyond 1e300 where the linear systems are
        factored, beyond about 1e9 jumps where they are iterated (more than 20000 nodes in three dimensions).

    Notes
    -----
    Exponential fitting (Scharfetter and Gummel 1969), with unequal arms at curved boundaries (Shortley and Weller
    1938): second order, before the extrapolation. At the default about 1 s in two dimensions and 5 s in three, and 1e-3
    or better as long as the grid resolves the width ``sqrt(D / |U''|)`` of wells and passes; a strong rotation of the
    drift (``|b| * spacing > D``) needs more cells.

    Examples
    --------
    Brownian motion leaves a square of side 2 from its center after 0.2946854 / D:

    >>> from escapetime import Box, EscapeProblem, landscapes, langevin
    >>> square = EscapeProblem(langevin(landscapes.flat(2), temperature=1.0), (0, 0), Box((-1, -1), (1, 1)))
    >>> round(escape_time(square, cells=64).mean, 6)
    0.294685
    """  # noqa: DOC502 (helpers raise them)
    dimension = problem.diffusion.dimension
    if dimension not in CELLS:
        raise RouteNotApplicable(
            f"A grid answers one to three dimensions, this problem has {dimension}; "
            "use escapetime.simulate.escape_time."
        )
    finest = _cells(cells, dimension)
    where = computational_box(problem, box)
    grids = [Grid.through(problem.start, where, [math.ceil(n / 4) for n in finest], problem.domain.bounds)]
    grids += [grids[0].halved(), grids[0].halved().halved()]
    coarse, middle, fine = (_Answer.on(problem, grid) for grid in grids)
    change, before = fine.log_mean - middle.log_mean, middle.log_mean - coarse.log_mean
    if not abs(change) < UNRESOLVED:
        raise NumericalFailure(
            f"Halving the cells changes the mean escape time from {math.exp(middle.log_mean):.4g} to "
            f"{math.exp(fine.log_mean):.4g}: {' x '.join(map(str, grids[-1].shape))} nodes do not resolve it. "
            "Raise cells, or give a smaller box."
        )
    log_mean, order = fine.log_mean + change / 3, math.log2(abs(before / change)) if change and before else math.nan
    # the extrapolation from the two coarser grids is off by at least 8 times as much as that from the two finer ones
    error = abs(log_mean - middle.log_mean - before / 3) + 2 * fine.rounding + TRUNCATION
    mean = math.exp(log_mean)
    return EscapeTime(
        mean=mean,
        stderr=mean * error,
        method="generator",
        source=("scharfetter1969", "shortley1938"),
        time_unit=problem.process.time_unit,
        details={
            "exit": {name: p + (p - middle.exit[name]) / 3 for name, p in fine.exit.items()},
            "std": fine.std * math.exp(change / 3),
            "log_mean": log_mean,
            "means": tuple(math.exp(a.log_mean) for a in (coarse, middle, fine)),
            "order": order,
            "box": where,
            "cells": tuple(n - 1 for n in grids[-1].shape),
            "rounding": fine.rounding,
        },
    )


def _cells(cells: int | Sequence[int] | None, dimension: int) -> list[int]:
    given: list[Any] = [CELLS[dimension] if cells is None else cells] * dimension
    if isinstance(cells, Sequence):
        given = list(cells)
    if len(given) != dimension or not all(isinstance(n, (int, np.integer)) and n >= 16 for n in given):
        raise InvalidInput(f"Expected cells as an integer, or {dimension} of them, each at least 16, got {cells!r}.")
    return [int(n) for n in given]


@dataclass(frozen=True)
class _Answer:
    """What one grid says about the escape from its origin."""

    log_mean: float
    std: float
    exit: dict[str, float]
    rounding: float

    @classmethod
    def on(cls, problem: EscapeProblem, grid: Grid) -> _Answer:
        generator = Generator(problem.diffusion, grid, problem.domain)
        occupation, rounding = generator.occupation(), generator.rounding()
        mean = float(np.sum(occupation))
        if not (rounding < UNTRUSTED and 0 < mean < math.inf):
            raise NumericalFailure(
                f"The escape is too rare for a grid of {' x '.join(map(str, grid.shape))} nodes in double precision: "
                f"the mean time {mean:.3g} has a relative error of {rounding:.1g} from rounding. Start in the well "
                "that is to be left, raise the temperature, use fewer cells (in three dimensions), or use "
                "escapetime.theory for the asymptotic law."
            )
        exits = {name: float(occupation @ rate) for name, rate in generator.walk.absorption.items()}
        return cls(math.log(mean), generator.standard_deviation(), exits, rounding)
