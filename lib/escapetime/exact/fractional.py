r"""One dimension, stable noise: the mean escape time from a finite-difference form of the non-local generator.

The mean solves :math:`b\,u' - \sigma^\alpha(-\Delta)^{\alpha/2}u = -1` inside and is zero *everywhere* outside, since a
jump may lead there. The fractional Laplacian is the singular integral

.. math:: (-\Delta)^{\alpha/2}u(x) = c_\alpha\int_0^\infty\frac{2u(x) - u(x-\xi) - u(x+\xi)}{\xi^{1+\alpha}}\,d\xi ,

whose second difference over :math:`\xi^2` is taken linear between grid points, with exact integrals of the weight that
is left (Duo, van Wyk and Zhang 2018). The solution goes to zero at the ends like a power :math:`\alpha/2` of the
distance, which no uniform grid follows: the order is :math:`\alpha/2` there and one inside, where two grids are
extrapolated.
"""

from __future__ import annotations

import math
import warnings

import numpy as np

from escapetime.errors import EscapeTimeWarning, InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.exact.fractional_grid import PECLET, NonlocalGrid
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes.levy import LevyDriven
from escapetime.symbolic.compile import ArrayFunction

CELLS = 1024
REACH = 10.0  # where an infinite end is cut, in distances from the start to the other end
UNRESOLVED = 0.5


def escape_time(
    problem: EscapeProblem, *, cells: int = CELLS, box: tuple[float, float] | None = None, differences: str = "auto"
) -> EscapeTime:
    r"""Return the mean escape time of a one-dimensional process with stable noise.

    Parameters
    ----------
    problem : EscapeProblem
        One-dimensional, with a :class:`~escapetime.processes.levy.LevyDriven` process of index below 2.
    cells : int
        Of the finest of three grids, at least 64. The matrices are dense: memory grows with its square.
    box : tuple of float, optional
        Where to cut an infinite end. By default ten times as far from the start as the other end; the drift must point
        inwards there. What jumps further out is put at the cut, as if the drift brought it back at once.
    differences : str
        ``"central"`` or ``"upwind"`` for the drift. ``"auto"``: central, and upwind where the drift is too strong for
        the grid, with a warning if that is around the start.

    Returns
    -------
    EscapeTime
        ``stderr`` is the estimated numerical error: how far the extrapolations from two pairs of grids are apart, and
        for an infinite end what moving the cut to half the distance changes. ``details`` holds ``exit`` (probability
        of leaving by each end), ``std``, ``means`` on each grid, ``peclet`` (around the start) and ``upwind`` (how
        many nodes had upwind differences).

    Raises
    ------
    RouteNotApplicable
        If the process is not driven by stable noise with index below 2, or not one-dimensional.
    InvalidInput
        If an option is unfit, or the drift points out of an infinite end.
    NumericalFailure
        If the grid does not resolve the problem.

    Warns
    -----
    EscapeTimeWarning
        If upwind differences were needed.

    Notes
    -----
    Duo, van Wyk and Zhang 2018 (``duo2018``). Relative error about 1e-4 at the default, for weak to moderate drift.

    Examples
    --------
    Without drift the mean exit time from (-1, 1) is ``(1 - x**2)**(alpha/2) / gamma(1 + alpha)`` (Getoor 1961):

    >>> from escapetime import EscapeProblem, Interval, landscapes, levy
    >>> T = escape_time(EscapeProblem(levy(landscapes.flat(), alpha=1.0), 0.0, Interval(-1, 1)), cells=256)
    >>> round(T.mean, 3)
    1.0
    """  # noqa: DOC502 (helpers raise them)
    process, start = _checked(problem, cells, differences), problem.start[0]
    (lo, hi), cut = _ends(problem, box)
    force = ArrayFunction(process.variables, list(process.drift), (1,))
    sizes = (cells // 4, cells // 2, cells)
    grids = [NonlocalGrid.of(process, force, lo, hi, n, cut, differences) for n in sizes]
    answers = [grid.solve(start) for grid in grids]
    coarse, middle, fine = (a.mean for a in answers)
    if not (abs(fine - middle) < UNRESOLVED * abs(fine) and fine > 0):
        raise NumericalFailure(
            f"Halving the cells changes the mean escape time from {middle:.4g} to {fine:.4g}: {cells} cells do not "
            "resolve it. Raise cells, or give a smaller box."
        )
    mean = 2 * fine - middle
    error = abs(mean - (2 * middle - coarse))
    if cut is not None:
        inner = (lo + start) / 2 if cut == "lower" else lo, (hi + start) / 2 if cut == "upper" else hi
        half = [NonlocalGrid.of(process, force, *inner, n, cut, differences).solve(start).mean for n in sizes[:2]]
        error += abs(2 * half[1] - half[0] - (2 * middle - coarse))
    names = tuple(face.name for face in problem.domain.faces(process.variables))
    upper = 2 * answers[2].upper - answers[1].upper
    exits = {"lower": 1 - upper, "upper": upper} if len(names) == 2 else {names[0]: 1.0}
    square = 2 * answers[2].square - answers[1].square
    # far out, towards a cut, a strong drift only brings back: there upwind differences cost nothing
    near = np.abs(grids[2].nodes - start) <= min(hi - start, start - lo)
    peclet = float(grids[2].peclet[near].max())
    if differences == "auto" and grids[2].upwind[near].any():
        warnings.warn(
            f"The drift is strong for this grid (Peclet number {peclet:.3g}; above {PECLET:g} central differences "
            "oscillate): upwind differences were taken there, whose error is larger. Raise cells, or ask for "
            "differences='upwind' if that is what you want.",
            EscapeTimeWarning,
            stacklevel=2,
        )
    return EscapeTime(
        mean=mean,
        stderr=error,
        method="fractional finite differences",
        source=("duo2018",),
        time_unit=process.time_unit,
        details={
            "exit": exits,
            "std": math.sqrt(max(square - mean**2, 0.0)),
            "means": (coarse, middle, fine),
            "peclet": peclet,
            "upwind": int(grids[2].upwind.sum()),
            "box": (lo, hi),
        },
    )


def _checked(problem: EscapeProblem, cells: int, differences: str) -> LevyDriven:
    process = problem.process
    if not isinstance(process, LevyDriven) or process.dimension != 1 or process.alpha == 2:
        raise RouteNotApplicable(
            f"The non-local generator answers stable noise of index below 2 in one dimension, got {process}; use "
            "escapetime.simulate, or quadrature for Gaussian noise (langevin)."
        )
    if isinstance(cells, bool) or not isinstance(cells, int | np.integer) or cells < 64:
        raise InvalidInput(f"Expected cells as an integer of at least 64, got {cells!r}.")
    if differences not in ("auto", "central", "upwind"):
        raise InvalidInput(f"Expected differences to be 'auto', 'central' or 'upwind', got {differences!r}.")
    return process


def _ends(problem: EscapeProblem, box: tuple[float, float] | None) -> tuple[tuple[float, float], str | None]:
    """Return the interval of the grid, and which of its ends is a cut and no exit."""
    (lo, hi), start = problem.domain.bounds[0], problem.start[0]
    reach = REACH * (hi - start if math.isinf(lo) else start - lo)
    wanted = box if box is not None else (start - reach, start + reach)
    if len(wanted) != 2 or not all(map(math.isfinite, wanted)) or not wanted[0] < start < wanted[1]:
        raise InvalidInput(f"Expected box as two finite numbers around the start {start:g}, got {box!r}.")
    if math.isfinite(lo) and math.isfinite(hi):
        return (lo, hi), None
    return ((wanted[0], hi), "lower") if math.isinf(lo) else ((lo, wanted[1]), "upper")
