r"""Mel'nikov and Meshkov 1986: Kramers' turnover, escape of a particle that loses little energy in an oscillation.

With :math:`M\ddot x = -U' - \gamma M\dot x + \sqrt{2\gamma MT}\,\xi`, a minimum ``a`` and a barrier ``b``,

.. math:: \tau = \frac{\pi\gamma M}{\sqrt{H_aH_b}}\Bigl[1+\sqrt{1+\frac{4H_b}{\gamma^2M}}\Bigr]
    \frac{e^{(U_b-U_a)/T}}{\Upsilon(\delta)}, \qquad \delta = \frac{\gamma S_b}{T}, \quad
    S_b = 2\int\sqrt{2M(U_b-U)}\,\mathrm{d}x.

Without :math:`\Upsilon` this is Kramers' law of moderate to strong friction. :math:`\delta` is the energy lost in one
round at the height of the barrier, in units of the temperature. If it is small the particles that could cross are used
up faster than collisions replace them, and

.. math:: \ln\Upsilon(\delta) = \frac1{2\pi}\int_{-\infty}^\infty
    \frac{\ln\bigl(1-e^{-\delta(\lambda^2+1/4)}\bigr)}{\lambda^2+\frac14}\,\mathrm{d}\lambda

lowers the rate: to :math:`\delta` times that of transition state theory as :math:`\delta\to0`.
"""

from __future__ import annotations

import math

import numpy as np
import sympy as sp

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.landscape import Landscape
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes import Underdamped, langevin
from escapetime.theory.kramers1940 import D
from escapetime.theory.ways_out import FAR, find

SOURCES = ("kramers1940", "melnikov1986")
ELSEWHERE = "use simulate.escape_time"
_UPSILON = sp.Function("Upsilon")


def escape_time(problem: EscapeProblem) -> EscapeTime:
    r"""Return the mean time in which a particle with mass crosses a barrier to an end of the domain far behind it.

    Parameters
    ----------
    problem : EscapeProblem
        About an ``Underdamped`` process in one dimension with constant noise, in a well with one way out.

    Returns
    -------
    EscapeTime
        ``formula`` in the temperature ``D`` and the function ``Upsilon``. ``details``: ``kramers`` (the time without
        ``Upsilon``), ``delta``, ``upsilon``, ``action`` (:math:`S_b`), ``minimum``, ``saddle`` and ``barrier_over_D``.

    Raises
    ------
    RouteNotApplicable
        If the process is another, has more dimensions or noise that depends on the position; if the geometry is not
        that of one well and one barrier with the end far behind; or if the barrier is below the temperature.

    Notes
    -----
    :math:`\Upsilon` is always there: it is 1 but for a term of order :math:`e^{-\delta/4}` at moderate friction. It is
    that of a single well, since what has left the domain does not come back; for two wells see :func:`turnover`.
    Corrections are of the order of the temperature over the barrier, and larger in the turnover. Mel'nikov and Meshkov
    1986 (``melnikov1986``); the interpolation with Kramers' prefactor was derived by Pollak, Grabert and Haenggi 1989
    (``pollak1989``), who improve on :math:`\delta`.

    Examples
    --------
    >>> import escapetime as et
    >>> process = et.underdamped_langevin(et.landscapes.double_well(), temperature=0.025, friction=0.01)
    >>> T = escape_time(et.EscapeProblem(process, -1.0, et.Interval(-math.inf, 1.0)))
    >>> round(T.details["delta"], 4), round(T.details["upsilon"], 3)  # 4/3 * 0.01 / 0.025
    (0.5333, 0.293)
    """
    process = problem.process
    if not isinstance(process, Underdamped) or process.dimension != 1:
        raise RouteNotApplicable(
            f"This law is for a particle with mass in one dimension, not for {process}: {ELSEWHERE}."
        )
    friction, mass, heat = float(process.friction), float(process.mass), _temperature(process)
    landscape = process.landscape
    thermal = EscapeProblem(langevin(landscape, temperature=heat), problem.start, problem.domain)
    minimum, ways = find(thermal)
    if len(ways) != 1 or ways[0].clearance < FAR:
        raise RouteNotApplicable(
            f"The turnover law is for one barrier with the end of the domain {FAR:g} thermal widths or more behind it; "
            f"here the ends lie {[round(w.clearance, 2) for w in ways]} widths behind: {ELSEWHERE}."
        )
    saddle = ways[0].saddle
    barrier = saddle.value - minimum.value
    if not heat < barrier < 690 * heat:
        raise RouteNotApplicable(
            f"The law needs a barrier well above the temperature, and a float one below 690 of them; here it is "
            f"{barrier:.4g} against {heat:.4g}: {ELSEWHERE}."
        )
    action = barrier_action(landscape, float(minimum.point[0]), float(saddle.point[0]), mass)
    delta = friction * action / heat
    factor = depopulation(delta)
    well, top = float(minimum.eigenvalues[0]), -float(saddle.eigenvalues[0])
    law = moderate_friction(well, top, friction, mass)
    kramers = float(law) * math.exp(barrier / heat)
    return EscapeTime(
        mean=kramers / factor, stderr=math.nan, method="Kramers with depopulation", source=SOURCES,
        time_unit=process.time_unit, formula=law * sp.exp(sp.Float(barrier) / D) / _UPSILON(friction * action / D),
        details={
            "kramers": kramers, "delta": delta, "upsilon": factor, "action": action, "minimum": minimum,
            "saddle": saddle, "barrier_over_D": barrier / heat,
        },
    )  # fmt: skip


def moderate_friction(well: float, saddle: float, friction: float, mass: float) -> sp.Expr:
    r"""Return Kramers' prefactor for moderate to strong friction.

    Parameters
    ----------
    well, saddle : number or expression
        Curvatures, the second as an absolute value.
    friction, mass : number or expression
        :math:`\gamma` and ``M``.

    Returns
    -------
    sympy.Expr
        :math:`\frac{\pi\gamma M}{\sqrt{H_aH_b}}\bigl[1+\sqrt{1+4H_b/\gamma^2M}\bigr]`, a time. Kramers 1940
        (``kramers1940``).

    Examples
    --------
    Without friction, transition state theory: :math:`2\pi` over the frequency of the well.

    >>> h_a, h_b, m, g = sp.symbols("H_a H_b M gamma", positive=True)
    >>> sp.limit(moderate_friction(h_a, h_b, g, m), g, 0)
    2*pi*sqrt(M)/sqrt(H_a)
    """
    h_a, h_b, rate, m = map(sp.sympify, (well, saddle, friction, mass))
    return sp.pi * rate * m / sp.sqrt(h_a * h_b) * (1 + sp.sqrt(1 + 4 * h_b / (rate**2 * m)))


def depopulation(delta: float) -> float:
    r"""Return :math:`\Upsilon(\delta)`, by which slow exchange of energy lowers the rate of escape.

    Parameters
    ----------
    delta : float
        :math:`\delta`, energy lost in one round at the height of the barrier over the temperature; positive.

    Returns
    -------
    float
        Between 0 and 1: :math:`\delta e^{\zeta(1/2)\sqrt{\delta/\pi}}` for small :math:`\delta`, 1 for large.

    Raises
    ------
    InvalidInput
        If it is not positive.

    Examples
    --------
    >>> [round(depopulation(d), 6) for d in (1e-6, 1.0, 30.0)]
    [1e-06, 0.442978, 0.999892]
    """
    if not delta > 0:
        raise InvalidInput(f"Expected a positive loss of energy, got {delta!r}.")
    # lambda = cot(x) / 2; what happens at x of the order of sqrt(delta) needs panels of its own
    low = min(0.01 * math.sqrt(delta), math.pi / 4)
    edges = np.geomspace(low, math.pi / 2, 3 + int(3 * math.log(math.pi / 2 / low)))
    nodes, weights = np.polynomial.legendre.leggauss(24)
    half = np.diff(edges)[:, None] / 2
    x = edges[:-1, None] + half * (1 + nodes)
    rate = np.log(-np.expm1(-delta / (4 * np.sin(x) ** 2)))
    return math.exp(2 / math.pi * float(np.sum(half * weights * rate)))


def turnover(delta: float, other: float | None = None) -> float:
    r"""Return the factor of the rate for one well, or for two between which the particle may return.

    Parameters
    ----------
    delta : float
        :math:`\delta_1` of the well it starts in.
    other : float, optional
        :math:`\delta_2` of the well behind the barrier. None: what has crossed is gone.

    Returns
    -------
    float
        :math:`\Upsilon(\delta_1)`, or :math:`\Upsilon(\delta_1)\Upsilon(\delta_2)/\Upsilon(\delta_1+\delta_2)` for
        the rate of exchange between two wells.

    Examples
    --------
    Particles that hardly lose energy cross back as often as forth: half of what crosses one equal well stays.

    >>> round(turnover(1e-8, 1e-8) / turnover(1e-8), 3)
    0.5
    """
    if other is None:
        return depopulation(delta)
    return depopulation(delta) * depopulation(other) / depopulation(delta + other)


def barrier_action(landscape: Landscape, minimum: float, saddle: float, mass: float = 1.0) -> float:
    r"""Return the action of the orbit that just reaches the barrier, :math:`S_b = 2\int\sqrt{2M(U_b-U)}\,\mathrm{d}x`.

    Parameters
    ----------
    landscape : Landscape
        The loss, in one dimension.
    minimum, saddle : float
        The well and the top of its barrier.
    mass : float
        ``M``.

    Returns
    -------
    float
        Loss times time: the loss of energy in one round is :math:`\gamma S_b`.

    Raises
    ------
    RouteNotApplicable
        If the well has no wall as high as the barrier on the other side.

    Examples
    --------
    >>> import escapetime as et
    >>> round(barrier_action(et.landscapes.double_well(), -1.0, 0.0), 10)  # 4/3
    1.3333333333
    """
    from scipy.integrate import quad
    from scipy.optimize import brentq

    def depth(z: float) -> float:
        return float(landscape.value(np.array([saddle])) - landscape.value(np.array([z])))

    reach = minimum - saddle
    while depth(minimum + reach) > 0:
        reach *= 1.5
        if abs(reach) > 1e3 * abs(minimum - saddle):
            raise RouteNotApplicable(f"Across from {saddle:g} the well at {minimum:g} has no wall as high: no orbit.")
    wall = float(brentq(depth, minimum, minimum + reach, xtol=1e-14))
    # squares take the root out of the turning point
    speed = quad(lambda s: math.sqrt(max(depth(wall + (saddle - wall) * s * s), 0.0)) * 2 * s, 0, 1, epsabs=1e-12)[0]
    return 2 * math.sqrt(2 * mass) * abs(saddle - wall) * float(speed)


def _temperature(process: Underdamped) -> float:
    if not process.constant_diffusion:
        raise RouteNotApplicable(
            "The turnover law is for constant noise, but here it depends on the position: for the heavy ball "
            f"theory.inertia.transition_time has the law at moderate friction; else {ELSEWHERE}."
        )
    return float(process.diffusion[0, 0]) / (float(process.friction) * float(process.mass))
