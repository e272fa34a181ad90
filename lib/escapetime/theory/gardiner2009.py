r"""The exact mean first passage time in one dimension, by Laplace's method: noise that depends on the position.

With :math:`\mathrm{d}X = b\,\mathrm{d}t + \sqrt{2D}\circ_\alpha\mathrm{d}W`, a sink ``a`` and a source ``c`` of the
drift behind which the process escapes,

.. math:: \tau = \frac{2\pi}{\sqrt{|b'(a)|\,b'(c)}}\,\Bigl(\frac{D(c)}{D(a)}\Bigr)^{1/2-\alpha}
    \exp\int_a^c \frac{-b}{D}\,\mathrm{d}x\;(1 + O(D)).

For SGD, :math:`\alpha = 0`, :math:`b = -L'` and :math:`D = \eta C_1 / 2B`: the exponent is
:math:`(2B/\eta)\int L'/C_1` and the prefactor :math:`2\pi\sqrt{C_1(c)/C_1(a)} / \sqrt{L''(a)|L''(c)|}`.
"""

from __future__ import annotations

import math

import numpy as np
import sympy as sp

from escapetime.errors import RouteNotApplicable
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes.base import Diffusion
from escapetime.symbolic.compile import ArrayFunction
from escapetime.symbolic.conventions import Convention

SOURCES = ("gardiner2009", "freidlin2012")
ELSEWHERE = "use exact.escape_time or simulate.escape_time"
BEHIND = 3.0  # widths of the barrier at which the domain may end: Phi(3) = 0.9987
PIECES = 4000


def escape_time(problem: EscapeProblem) -> EscapeTime:
    r"""Return the mean time to escape over the sources of the drift next to the sink that the start belongs to.

    Parameters
    ----------
    problem : EscapeProblem
        A one-dimensional diffusion, in an interval whose finite ends lie behind the first source on their side.

    Returns
    -------
    EscapeTime
        Rates over two ends add. ``details``: ``sink``, ``sources``, ``exponent`` and ``prefactor`` (of the first).

    Raises
    ------
    RouteNotApplicable
        If the problem is of another kind, an end lies before or on a source, another sink lies between, or the exponent
        is below 1.

    Notes
    -----
    For weak noise; the relative error is of the order of ``D`` over the barrier. Gardiner 2009, section 5.5
    (``gardiner2009``); the exponent is the quasipotential of Freidlin and Wentzell (``freidlin2012``).

    Examples
    --------
    >>> import escapetime as et
    >>> model = et.landscapes.matched_quartic()
    >>> process = et.sgd(model.landscape, lr=0.05, batch_size=2, covariance=model.covariance)
    >>> T = escape_time(et.EscapeProblem(process, -1.0, et.Interval(-math.inf, 1.0)))
    >>> round(T.details["prefactor"], 6), round(T.details["exponent"] / 80, 6)  # pi, log(2) - 1/2
    (3.141593, 0.193147)
    """
    process = problem.diffusion
    if process.dimension != 1:
        raise RouteNotApplicable(
            f"This law is for one dimension, the problem has {process.dimension}: use theory.bouchet2016 with a path."
        )
    ((low, high),) = problem.domain.bounds
    sink = _sink(process, problem.start[0], (low, high))
    sources = [_source(process, sink, end) for end in (low, high) if math.isfinite(end)]
    if not sources:
        raise RouteNotApplicable(f"{problem.domain} is not an interval with a finite end: {ELSEWHERE}.")
    ways = [transition_time(process, sink, source) for source in sources]
    best = min(ways, key=lambda w: w.details["exponent"])
    mean = 1 / sum(1 / w.mean for w in ways)
    return EscapeTime(
        mean=mean, stderr=math.nan, method="Laplace of the mean first passage", source=SOURCES,
        time_unit=process.time_unit, details={"sink": sink, "sources": sources, **best.details},
    )  # fmt: skip


def transition_time(process: Diffusion, sink: float, source: float) -> EscapeTime:
    """Return the mean time to cross from a sink over a source of the drift, to leading order for weak noise.

    Parameters
    ----------
    process : Diffusion
        One-dimensional, any convention.
    sink, source : float
        Neighboring zeros of the drift, the first stable and the second unstable.

    Returns
    -------
    EscapeTime
        ``details``: ``exponent``, ``prefactor``.

    Raises
    ------
    RouteNotApplicable
        If the points are no such zeros, or the exponent is not above 1 (no barrier to speak of) or beyond a float.
    """
    (x,) = process.variables
    slope = ArrayFunction((x,), [sp.diff(process.drift[0], x)])
    rates = [float(slope(np.array([p]))) for p in (sink, source)]
    zeros = [abs(float(process.drift_at(np.array([p]))[0])) for p in (sink, source)]
    if not (rates[0] < 0 < rates[1] and max(zeros) < 1e-6 * max(map(abs, rates)) * abs(source - sink)):
        raise RouteNotApplicable(
            f"Expected a stable and an unstable zero of the drift, got {sink:.6g} and {source:.6g} with slopes "
            f"{rates[0]:.3g} and {rates[1]:.3g}: give the minimum and the top of the barrier."
        )
    exponent = quasipotential(process, sink, source)
    if not 1.0 < exponent < 690.0:
        raise RouteNotApplicable(
            f"The exponent is {exponent:.4g}; the law needs one well above 1, and a float one below 690: {ELSEWHERE}."
        )
    noise = [float(process.diffusion_at(np.array([p]))[0, 0]) for p in (sink, source)]
    power = 0.5 - float(Convention.parse(process.convention).alpha)
    prefactor = 2 * math.pi / math.sqrt(-rates[0] * rates[1]) * (noise[1] / noise[0]) ** power
    return EscapeTime(
        mean=prefactor * math.exp(exponent), stderr=math.nan, method="Laplace of the mean first passage",
        source=SOURCES, time_unit=process.time_unit, details={"exponent": exponent, "prefactor": prefactor},
    )  # fmt: skip


def quasipotential(process: Diffusion, start: float, end: float) -> float:
    r"""Return :math:`\int -b/D`, what it costs to climb from one point to another.

    Parameters
    ----------
    process : Diffusion
        One-dimensional; the drift points from ``end`` to ``start`` in between.
    start, end : float
        Coordinates.

    Returns
    -------
    float
        Dimensionless; to about ten digits where the coefficients are smooth.

    Examples
    --------
    >>> import escapetime as et
    >>> round(quasipotential(et.langevin(et.landscapes.double_well(), temperature=0.05), -1.0, 0.0), 12)
    5.0
    """
    from scipy.integrate import quad

    def cost(z: float) -> float:
        point = np.array([z])
        return -float(process.drift_at(point)[0]) / float(process.diffusion_at(point)[0, 0])

    return float(quad(cost, start, end, epsabs=0.0, epsrel=1e-11, limit=400)[0])


def _zeros(process: Diffusion, low: float, high: float) -> list[tuple[float, bool]]:
    """Return the zeros of the drift between two points, sampled, and whether each is stable."""
    from scipy.optimize import brentq

    def drift(z: float) -> float:
        return float(process.drift_at(np.array([z]))[0])

    grid = np.linspace(low, high, PIECES + 1) + (high - low) / PIECES / math.e
    values = process.drift_at(grid[:, None])[:, 0]
    changes = np.flatnonzero(values[:-1] * values[1:] < 0)
    return [(float(brentq(drift, grid[i], grid[i + 1], xtol=1e-14)), bool(values[i] > 0)) for i in changes]


def _sink(process: Diffusion, start: float, ends: tuple[float, float]) -> float:
    step = np.sign(float(process.drift_at(np.array([start]))[0]))
    spans = [abs(end - start) for end in ends if math.isfinite(end)]
    reach = max(spans, default=1.0)
    low, high = max(ends[0], start - reach), min(ends[1], start + reach)
    stable = [z for z, is_sink in _zeros(process, low, high) if is_sink and (z - start) * step >= -1e-9]
    if not stable:
        raise RouteNotApplicable(f"From the start {start:g} the drift leads to no sink of the domain: {ELSEWHERE}.")
    return min(stable, key=lambda z: abs(z - start))


def _source(process: Diffusion, sink: float, end: float) -> float:
    side = 1.0 if end > sink else -1.0
    found = _zeros(process, min(sink, end), max(sink, end))
    beyond = [(z, is_sink) for z, is_sink in found if (z - sink) * side > 1e-9]
    if len([z for z, is_sink in beyond if not is_sink]) != 1 or any(
        is_sink and abs(z - end) > 1e-6 for z, is_sink in beyond
    ):
        raise RouteNotApplicable(
            f"Between the sink {sink:.6g} and the end {end:.6g} of the domain there is not exactly one barrier: "
            f"{ELSEWHERE}."
        )
    (source,) = (z for z, is_sink in beyond if not is_sink)
    point = np.array([source])
    (x,) = process.variables
    rate = float(ArrayFunction((x,), [sp.diff(process.drift[0], x)])(point))
    width = math.sqrt(float(process.diffusion_at(point)[0, 0]) / rate)
    if abs(end - source) < BEHIND * width:
        raise RouteNotApplicable(
            f"The domain ends {abs(end - source) / width:.2g} widths behind the top of the barrier at {source:.6g}; "
            f"the law is for the way across, {BEHIND:g} or more: move the end, or {ELSEWHERE}."
        )
    return source
