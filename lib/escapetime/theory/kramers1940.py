r"""Kramers 1940, and Eyring's transition-state form in many dimensions: thermal escape over a saddle.

With :math:`\mathrm{d}X = -\nabla U\,\mathrm{d}t + \sqrt{2D}\,\mathrm{d}W`, minimum :math:`a` and saddle :math:`b`,

.. math:: \tau = \frac{2\pi}{|\lambda_b|}\sqrt{\frac{|\det H_b|}{\det H_a}}\;e^{(U_b-U_a)/D}\,(1+O(D)),

where :math:`\lambda_b` is the one negative eigenvalue of the Hessian :math:`H_b` (Kramers 1940, high friction; Bovier,
Eckhoff, Gayrard and Klein 2004 for the proof). This is the time to *get across*: to any point far behind the saddle.
The time to *reach* the saddle is half of it to leading order.
"""

from __future__ import annotations

import math

import sympy as sp

from escapetime.critical_points import CriticalPoint
from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.landscape import Landscape
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.symbolic.laplace import Side, laplace_series
from escapetime.theory.ways_out import FAR, WayOut, find

D = sp.Symbol("D", positive=True)

SOURCES = ("kramers1940", "bovier2004")


def escape_time(problem: EscapeProblem, *, order: int = 0) -> EscapeTime:
    r"""Mean escape time of a thermal particle over one or more saddles.

    Parameters
    ----------
    problem : EscapeProblem
        ``langevin(U, temperature=D)`` started in a well of the domain.
    order : int
        0: the leading order, any dimension. 1, 2: corrections up to ``D**order`` in one dimension with one way out;
        when the domain ends at the saddle itself, the half-integer powers in between are included.

    Returns
    -------
    EscapeTime
        ``formula`` holds the expression in ``D``. ``details``: ``minimum``, ``saddles``, ``barrier`` (loss),
        ``barrier_over_D`` and ``clearance`` (distance from each saddle to the boundary in thermal widths).

    Raises
    ------
    RouteNotApplicable
        If the geometry is not that of one well with saddles on the way out, if the barrier is below ``D``, or if
        corrections are asked for in a case where they are not known.
    InvalidInput
        If the order is not 0, 1 or 2.

    Notes
    -----
    Valid for ``barrier >> D``. A boundary ``z`` thermal widths :math:`\sqrt{D/|\lambda_b|}` behind the saddle
    multiplies the time by the normal distribution function :math:`\Phi(z)`: 1/2 at the saddle, 1 far behind it. Rates
    over several saddles add.
    """
    if order not in (0, 1, 2):
        raise InvalidInput(f"The order of the corrections is 0, 1 or 2, got {order!r}.")
    process = problem.diffusion
    landscape, temperature = process.landscape, process.temperature
    if landscape is None or temperature is None:
        raise RouteNotApplicable(
            "Kramers' law is about langevin(U, temperature=...); for other noise use exact or simulate."
        )
    minimum, ways = find(problem)
    barrier = min(w.saddle.value for w in ways) - minimum.value
    if barrier < temperature:
        raise RouteNotApplicable(
            f"Kramers' law needs a barrier well above the temperature; here {barrier:.4g} against {temperature:.4g}: "
            "use exact or simulate."
        )
    formula = _leading(landscape, minimum, ways) if order == 0 else _corrected(landscape, minimum, ways, order)
    exponent = barrier / temperature
    if exponent > 690:
        raise RouteNotApplicable(
            f"The time is about exp({exponent:.0f}), beyond a float; take ln of the formula {formula}."
        )
    return EscapeTime(
        mean=float(formula.subs(D, temperature)),
        stderr=math.nan,
        method="Kramers" if process.dimension == 1 else "Eyring-Kramers",
        source=SOURCES,
        time_unit=process.time_unit,
        formula=formula,
        details={
            "order": order,
            "minimum": minimum,
            "saddles": [w.saddle for w in ways],
            "barrier": barrier,
            "barrier_over_D": exponent,
            "clearance": [w.clearance for w in ways],
        },
    )


def transition_time(landscape: Landscape, minimum: CriticalPoint, saddle: CriticalPoint) -> sp.Expr:
    r"""Return the Eyring-Kramers time over one saddle to leading order, as an expression in the temperature ``D``.

    Parameters
    ----------
    landscape : Landscape
        The loss.
    minimum, saddle : CriticalPoint
        Nondegenerate, the saddle of index 1.

    Returns
    -------
    sympy.Expr
        :math:`\frac{2\pi}{|\lambda_b|}\sqrt{|\det H_b| / \det H_a}\,e^{(U_b-U_a)/D}`, exact where the critical
        points are rational.

    Raises
    ------
    InvalidInput
        If the points are not a minimum and an index-1 saddle.

    Examples
    --------
    >>> from escapetime import landscapes
    >>> U = landscapes.double_well_with_valley(1, 4)
    >>> transition_time(U, U.minima()[0], U.saddles()[0])
    2*sqrt(2)*pi*exp(1/(4*D))
    """
    if minimum.index != 0 or saddle.index != 1:
        raise InvalidInput(f"Expected a minimum and a saddle of index 1, got {minimum!r} and {saddle!r}.")
    a, b = (_exactly(landscape, p) for p in (minimum, saddle))
    hessian_a, hessian_b = landscape.hessian.subs(a), landscape.hessian.subs(b)
    height = sp.nsimplify(landscape.expression.subs(b) - landscape.expression.subs(a), rational=False)
    unstable = sp.Float(saddle.eigenvalues[0])
    for eigenvalue in hessian_b.eigenvals() if landscape.dimension <= 2 and hessian_b.is_symbolic() is False else ():
        if abs(float(eigenvalue) - float(unstable)) < 1e-9 * abs(float(unstable)):
            unstable = eigenvalue
    ratio = sp.Abs(hessian_b.det()) / hessian_a.det()
    return sp.simplify(2 * sp.pi / sp.Abs(unstable) * sp.sqrt(ratio)) * sp.exp(height / D)


def _leading(landscape: Landscape, minimum: CriticalPoint, ways: list[WayOut]) -> sp.Expr:
    times = [transition_time(landscape, minimum, w.saddle) * _boundary_factor(w) for w in ways]
    return times[0] if len(times) == 1 else 1 / sum(1 / t for t in times)


def _corrected(landscape: Landscape, minimum: CriticalPoint, ways: list[WayOut], order: int) -> sp.Expr:
    """Multiply the Laplace series of the well by that of the barrier, each to ``D**order``."""
    way = ways[0]
    touching = abs(way.clearance) < 1e-6
    if landscape.dimension > 1 or len(ways) > 1 or not (touching or way.clearance >= FAR):
        raise RouteNotApplicable(
            "Corrections to Kramers' law are known here in one dimension with one way out, for a boundary at the "
            f"saddle or far behind it; this problem has dimension {landscape.dimension} and boundaries "
            f"{[w.clearance for w in ways]} thermal widths behind the saddles. Use order=0, or exact.escape_time."
        )
    (x,) = landscape.variables
    U = landscape.expression
    a, b = (_exactly(landscape, p)[x] for p in (minimum, way.saddle))
    side: Side = "both" if not touching else "left" if b > a else "right"
    series = laplace_series(U, x, a, D, order=order) * laplace_series(-U, x, b, D, order=order, side=side)
    terms = [sp.nsimplify(c, rational=False) for c in series.coefficients[: int(order / series.step) + 1]]
    correction = sum((c * D ** (k * series.step) for k, c in enumerate(terms)), sp.S.Zero)
    return sp.simplify(series.prefactor / D) * correction


def _boundary_factor(way: WayOut) -> sp.Expr:
    """Return Phi(clearance), exactly 1/2 and 1 at the saddle and far behind it; in between it depends on ``D``."""
    if way.clearance >= FAR:
        return sp.Integer(1)
    if abs(way.clearance) < 1e-6:
        return sp.Rational(1, 2)
    return sp.Float((1 + math.erf(way.clearance / math.sqrt(2))) / 2)


def _exactly(landscape: Landscape, point: CriticalPoint) -> dict[sp.Symbol, sp.Expr]:
    """Replace the coordinates by rational numbers where those solve the gradient equation exactly."""
    guess = {
        v: sp.nsimplify(round(float(c), 9), rational=True)
        for v, c in zip(landscape.variables, point.point, strict=True)
    }
    if all(sp.simplify(g.subs(guess)) == 0 for g in landscape.gradient):
        return guess
    return {v: sp.Float(c) for v, c in zip(landscape.variables, point.point, strict=True)}
