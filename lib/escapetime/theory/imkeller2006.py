r"""Imkeller and Pavlyukevich 2006: leaving a well by one large jump, with the next order.

The noise is weak: :math:`\mathrm{d}X = -U'\,\mathrm{d}t + \epsilon\,\mathrm{d}L^\alpha`, in the interval
:math:`(m-b, m+a)` around a minimum ``m``. Between jumps the path rests at ``m``, and it leaves with the first jump that
leads out:

.. math:: \lambda = \epsilon^\alpha\,\frac{c_\alpha}\alpha\,(a^{-\alpha} + b^{-\alpha}), \qquad
    \mathbb{E}\,\tau \to 1/\lambda, \qquad P(\text{right}) \to \frac{a^{-\alpha}}{a^{-\alpha}+b^{-\alpha}} .

Distances count, not heights. The source has noise whose jumps have the measure :math:`|y|^{-1-\alpha}dy`; in that
normalization :math:`c_\alpha` is absent. The constant here is for :math:`\mathbb{E}\,e^{itL_1} = e^{-|t|^\alpha}`.

The next order, derived here, is the chance that two jumps do together what neither does alone. With
:math:`h(x) = \frac{c_\alpha}\alpha[(a-x)^{-\alpha} + (b+x)^{-\alpha}]`, ``x`` counted from ``m``,

.. math:: \mathbb{E}_x\tau = \frac{\epsilon^{-\alpha}}{h(0)} - \frac{\Lambda}{h(0)^2} - \frac{G(x)}{h(0)} + o(1),
    \qquad G(x) = \int_0^x\frac{h(0)-h(s)}{-U'(m+s)}\,ds, \qquad \Lambda = \int G(z)\,\nu(dz) .
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from escapetime.critical_points import descend
from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes.levy import LevyDriven
from escapetime.stable.constants import levy_constant
from escapetime.theory.two_jumps import Well

ELSEWHERE = "use escapetime.exact.fractional or escapetime.simulate"
FLAT = 1e-6


def escape_time(problem: EscapeProblem, *, order: int = 1) -> EscapeTime:
    r"""Return the mean escape time from a well of a one-dimensional process with weak stable noise.

    Parameters
    ----------
    problem : EscapeProblem
        A :class:`~escapetime.processes.levy.LevyDriven` process of index below 2 in an interval with one minimum of its
        loss.
    order : int
        1: the leading law. 2: with the two-jump term, which knows the loss and the start.

    Returns
    -------
    EscapeTime
        ``details`` holds ``rate``, ``exit`` (probability of leaving by each end, leading order) and ``confinement``,
        the number :math:`U''(m)\,r^\alpha/\epsilon^\alpha` (``r``: distance to the nearer end), which has to be large.

    Raises
    ------
    RouteNotApplicable
        If the process, or the dimension is another, there is no minimum, or (order 2) the slope vanishes at an end: at
        a saddle the correction is of order :math:`\epsilon`, not :math:`\epsilon^\alpha`, and not this.
    InvalidInput
        If the order is not 1 or 2.

    Notes
    -----
    Imkeller and Pavlyukevich 2006 (``imkeller2006``), theorem 1, in the normalization of this book. For index near 2
    the noise has to be very weak before single jumps win over many small ones.

    Examples
    --------
    >>> from escapetime import EscapeProblem, Interval, landscapes, levy
    >>> process = levy(landscapes.quadratic(1.0), alpha=1.0, scale=0.01)
    >>> T = escape_time(EscapeProblem(process, 0.0, Interval(-1, 1)))
    >>> round(T.mean / (100 * math.pi / 2), 12)
    1.0
    """  # noqa: DOC502 - raised by what it calls
    process, well = _well(problem)
    if order not in (1, 2) or isinstance(order, bool):
        raise InvalidInput(f"Expected order 1 or 2, got {order!r}.")
    strength = process.noise_power
    mean = 1 / (strength * well.out_rate(0.0))
    if order == 2:
        _require_slopes(problem, well)
        mean += well.two_jumps(float(problem.start[0]) - well.bottom)
    left, right = (0.0 if math.isinf(end) else end**-process.alpha for end in (well.left, well.right))
    names = [face.name for face in problem.domain.faces(process.variables)]
    shares = [share / (left + right) for share in (left, right) if share]
    nearer = min(well.left, well.right)
    return EscapeTime(
        mean, math.nan, "Imkeller-Pavlyukevich", ("imkeller2006",), process.time_unit,
        details={
            "rate": strength * well.out_rate(0.0),
            "exit": dict(zip(names, shares, strict=True)),
            "confinement": well.stiffness * nearer**process.alpha / strength,
        },
    )  # fmt: skip


def transition_rates(process: LevyDriven, minima: Sequence[float], saddles: Sequence[float]) -> np.ndarray:
    r"""Return the rates at which weak stable noise moves the process between wells.

    Parameters
    ----------
    process : LevyDriven
        One-dimensional, of index below 2.
    minima : sequence of float
        ``n`` minima in ascending order.
    saddles : sequence of float
        The ``n - 1`` maxima between them.

    Returns
    -------
    numpy.ndarray, shape (n, n)
        Generator of the chain of wells: rates from row to column, and rows that sum to zero. A jump may lead over a
        well, so that all entries are positive off the diagonal.

    Raises
    ------
    RouteNotApplicable
        If the process is another.
    InvalidInput
        If minima and saddles do not alternate.

    Notes
    -----
    Imkeller and Pavlyukevich 2008 (``imkeller2008``), as transcribed here, in the normalization of this book.

    Examples
    --------
    >>> from escapetime import landscapes, levy
    >>> rates = transition_rates(levy(landscapes.double_well(), alpha=1.0, scale=0.1), [-1, 1], [0])
    >>> bool(np.allclose(rates * np.pi / 0.1, [[-1, 1], [1, -1]]))
    True
    """  # noqa: DOC502 - raised by what it calls
    _require(process)
    bottoms, tops = np.asarray(minima, dtype=float), np.asarray(saddles, dtype=float)
    line = np.insert(tops, np.arange(len(tops) + 1), bottoms) if len(tops) + 1 == len(bottoms) else np.zeros(2)
    if not np.all(np.diff(line) > 0):
        raise InvalidInput(f"Expected minima and the saddles between them in ascending order, got {minima}, {saddles}.")
    edges = np.concatenate([[-np.inf], tops, [np.inf]])
    tail = np.abs(edges[None, :] - bottoms[:, None]) ** -process.alpha
    rates = process.noise_power * levy_constant(process.alpha) / process.alpha * np.abs(np.diff(tail, axis=1))
    np.fill_diagonal(rates, 0.0)
    return rates - np.diag(rates.sum(axis=1))


def _require(process: object) -> LevyDriven:
    if not isinstance(process, LevyDriven) or process.dimension != 1 or process.alpha == 2:
        raise RouteNotApplicable(
            f"This law is for stable noise of index below 2 in one dimension, got {process}; {ELSEWHERE}."
        )
    return process


def _well(problem: EscapeProblem) -> tuple[LevyDriven, Well]:
    process = _require(problem.process)
    landscape, (lo, hi) = process.landscape, problem.domain.bounds[0]
    bottom = None
    if landscape is not None and any(process.drift):
        bottom = descend(landscape, np.array(problem.start), problem.domain.bounds)
    if landscape is None or bottom is None or not bool(problem.domain.contains(bottom)):
        raise RouteNotApplicable(
            f"From the start {problem.start[0]:g} the drift leads to no minimum in {problem.domain}: without a drift "
            f"back, jumps add up (theory.getoor1961); else {ELSEWHERE}."
        )
    m = float(bottom[0])

    def force(x: np.ndarray) -> np.ndarray:
        return -landscape.grad(x[:, None])[:, 0]

    return process, Well(process.alpha, m, m - lo, hi - m, float(landscape.hess(bottom)[0, 0]), force)


def _require_slopes(problem: EscapeProblem, well: Well) -> None:
    ends = [end for end in problem.domain.bounds[0] if math.isfinite(end)]
    for end, pull in zip(ends, well.force(np.array(ends)), strict=True):
        if abs(pull) < FLAT * well.stiffness * abs(end - well.bottom):
            raise RouteNotApplicable(
                f"The slope vanishes at the end {end:g}: paths linger at a saddle, and the correction is of the order "
                f"of the noise's scale, not its power alpha; {ELSEWHERE}."
            )
