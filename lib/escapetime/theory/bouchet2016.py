r"""Bouchet and Reygner 2016: the Eyring-Kramers law without detailed balance.

With :math:`\mathrm{d}X = b\,\mathrm{d}t + \sqrt{2D}\,\mathrm{d}W`, quasipotential :math:`\phi`, a sink ``a``, a saddle
``b`` on its boundary and the instanton :math:`\rho_t` from one to the other,

.. math:: \tau = \frac{2\pi}{\lambda_+}\sqrt{\frac{|\det\nabla^2\phi(b)|}{\det\nabla^2\phi(a)}}\;
    e^{\phi(b)-\phi(a)}\exp\int_{-\infty}^{\infty} F(\rho_t)\,\mathrm{d}t,
    \qquad F = \nabla\!\cdot(b + D\nabla\phi) + \partial_i D_{ij}\,\partial_j\phi,

where :math:`\lambda_+` is the one positive eigenvalue of the drift's Jacobian at the saddle. In detailed balance with
constant noise ``F`` vanishes and the law of Eyring and Kramers is left. The last term of ``F`` is that of noise which
depends on the position.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.problem import EscapeTime
from escapetime.processes.base import Diffusion
from escapetime.symbolic.compile import ArrayFunction

SOURCES = ("bouchet2016",)
ENDS = 1e-5  # fraction of the path left out at either end, where the instanton takes for ever
SETTLED = 5.0  # logarithm of the time after which the start at the sink is forgotten
FIXED = 1e-4  # drift at an end, as a fraction of the largest on the path, that counts as none
TINY = 1e-10
ASTRAY = 0.05  # relative mismatch at the saddle beyond which the law is refused
KEEP = 20.0  # how fast the second derivatives along the path are pulled to what they must be

Array = NDArray[np.float64]


def transition_time(process: Diffusion, path: ArrayLike) -> EscapeTime:
    r"""Return the mean time to cross from a sink over a saddle, to leading order for weak noise.

    Parameters
    ----------
    process : Diffusion
        Any drift, any convention; ``D`` invertible.
    path : array-like
        The instanton, from the sink to the saddle, shape ``(n + 1, d)``, for instance
        ``escapetime.paths.minimum_action_path(process, sink, saddle).points``.

    Returns
    -------
    EscapeTime
        ``details``: ``exponent`` (the action of the path), ``prefactor`` (the rest), ``transverse`` (the exponential of
        the integral of ``F``), ``rate`` (:math:`\lambda_+`), ``curvature_ratio`` (the square root), and
        ``mismatch``, how far the second derivatives of the quasipotential across the path, followed to the saddle, are
        from those that the saddle requires: a relative number, small where the path is accurate.

    Raises
    ------
    InvalidInput
        If the path does not lead from a sink to a saddle with one unstable direction.
    RouteNotApplicable
        If the process is not a diffusion, its quasipotential is degenerate at an end, or the path arrives at the
        saddle across the unstable direction, as it does without symmetry where a stable rate is the slower one: the
        quasipotential is then not smooth at the saddle, and the law does not hold.
    NumericalFailure
        If the second derivatives grow without bound along the path, as at a caustic: it is then not the path of least
        action.

    Notes
    -----
    For one saddle and one instanton: with ``k`` equal ones the time is ``k`` times shorter. Across the path the second
    derivatives of :math:`\phi` obey a Riccati equation; along it they follow from the path itself. Bouchet and Reygner
    2016 (``bouchet2016``), equation as transcribed here.

    Examples
    --------
    In one dimension with noise :math:`D = T(1 + x^2)` the law is that of Ito, here without an exponential:

    >>> x = sp.Symbol("x", real=True)
    >>> process = Diffusion((x,), sp.Matrix([x - x**3]), sp.Matrix([[(1 + x**2) / 50]]))
    >>> law = transition_time(process, np.linspace(-1, 0, 201)[:, None])
    >>> round(law.details["prefactor"], 4), round(law.details["exponent"] / 50, 5)  # pi, ln 2 - 1/2
    (3.1416, 0.19315)
    """  # noqa: DOC502 - raised by what it calls
    points = np.asarray(path, dtype=float)
    if not isinstance(process, Diffusion):
        raise RouteNotApplicable(f"This law is about diffusions, not {process}; use escapetime.simulate.")
    if points.ndim != 2 or points.shape[1] != process.dimension or len(points) < 8:
        raise InvalidInput(f"Expected a path of shape (n, {process.dimension}), n at least 8, got {points.shape}.")
    speed = np.linalg.norm(process.drift_at(points), axis=1)
    if max(speed[0], speed[-1]) > FIXED * np.max(speed):
        raise InvalidInput(
            f"The path must begin and end where the drift vanishes, but there it is {speed[0]:.2g} and "
            f"{speed[-1]:.2g}: give the sink and the saddle with more digits."
        )
    sink, saddle = (_FixedPoint.of(process, points[i]) for i in (0, -1))
    if sink.unstable != 0 or saddle.unstable != 1:
        raise InvalidInput(
            "The path must lead from a sink to a saddle with one unstable direction, but its ends have "
            f"{sink.unstable} and {saddle.unstable} of them."
        )
    hessian, integral, exponent, normal = _along(process, points, sink.hessian)
    wanted, found = (normal.T @ h @ normal for h in (saddle.hessian, hessian))
    mismatch = float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted)) if normal.size else 0.0
    if mismatch > ASTRAY:
        raise RouteNotApplicable(
            f"The path does not arrive at the saddle along its unstable direction (mismatch {mismatch:.2g}): the law "
            "needs stable rates there that are faster than the unstable one, or a symmetry. Use escapetime.exact or "
            "escapetime.simulate."
        )
    ratio = math.sqrt(abs(np.linalg.det(saddle.hessian)) / np.linalg.det(sink.hessian))
    prefactor = 2 * math.pi / saddle.rate * ratio * math.exp(integral)
    return EscapeTime(
        mean=prefactor * math.exp(exponent) if exponent < 700 else math.inf, stderr=math.nan, method="Bouchet-Reygner",
        source=SOURCES, time_unit=process.time_unit,
        details={
            "exponent": exponent, "prefactor": prefactor, "transverse": math.exp(integral), "rate": saddle.rate,
            "curvature_ratio": ratio, "mismatch": mismatch,
        },
    )  # fmt: skip


@dataclass(frozen=True)
class _FixedPoint:
    """The linear process around a fixed point: its unstable directions, and the second derivatives there."""

    unstable: int
    rate: float
    hessian: Array

    @classmethod
    def of(cls, process: Diffusion, point: Array) -> _FixedPoint:
        jacobian = ArrayFunction(
            process.variables, list(process.drift.jacobian(process.variables)), (process.dimension,) * 2
        )(point)
        rates, modes = np.linalg.eig(jacobian)
        left = np.linalg.inv(modes)
        noise, sums = left @ process.diffusion_at(point) @ left.T, rates[:, None] + rates
        # B S + S B' + 2 D = 0 in the eigenvectors of B; opposite rates are no harm where no noise couples them
        open_ = np.abs(sums) > TINY * np.max(np.abs(rates))
        coupled = np.abs(noise) > TINY * np.max(np.abs(noise))
        covariance = (modes @ np.where(open_, -2 * noise / np.where(open_, sums, 1.0), 0.0) @ modes.T).real
        if np.any(coupled & ~open_) or np.linalg.cond(covariance) > 1 / TINY:
            raise RouteNotApplicable(
                f"The quasipotential has no definite second derivatives at {point.tolist()}, where the drift's rates "
                f"are {np.round(rates, 6).tolist()}; use escapetime.exact or escapetime.simulate."
            )
        return cls(int(np.sum(rates.real > 0)), float(np.max(rates.real)), np.linalg.inv(covariance))


class _Hamiltonian:
    """:math:`H = b p + p D p`, its derivatives in phase space, and ``F``."""

    def __init__(self, process: Diffusion) -> None:
        d, x = process.dimension, process.variables
        p = tuple(sp.Symbol(f"p_{v}", real=True) for v in x)
        momentum = sp.Matrix(p)
        energy = (process.drift.T * momentum)[0] + (momentum.T * process.diffusion * momentum)[0]
        both, square = (*x, *p), (d, d)
        # what a convention other than Ito's adds to the drift is of the order of the noise
        added = process.to_ito().drift - process.drift
        self.dp = ArrayFunction(both, [-sp.diff(energy, v) for v in x], (d,))
        self.xx = ArrayFunction(both, [sp.diff(energy, v, w) for v in x for w in x], square)
        self.px = ArrayFunction(both, [sp.diff(energy, q, v) for q in p for v in x], square)
        self.ito = ArrayFunction(both, [(added.T * momentum)[0]])


def _along(process: Diffusion, points: Array, initial: Array) -> tuple[Array, float, float, Array]:
    """Follow second derivatives, the integral of ``F`` and the action along the path; the last is a basis across."""
    from scipy.integrate import solve_ivp
    from scipy.interpolate import CubicSpline

    d, hamiltonian = process.dimension, _Hamiltonian(process)
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    curve = CubicSpline(arc / arc[-1], points)
    tangent_at = curve.derivative()
    largest = float(np.max(np.abs(initial)))

    def constrained(hessian: Array, e: Array, given: Array) -> Array:
        """Second derivatives with ``hessian @ e = given``, which holds along the path since p is the gradient."""
        across = np.eye(d) - np.outer(e, e)
        inner = across @ hessian @ across
        return inner + np.outer(e, given) + np.outer(given, e) - e @ given * np.outer(e, e)

    def state(u: float, hessian: Array) -> tuple[Array, Array, Array, Array, float]:
        x, way = curve(u), tangent_at(u)
        drift, diffusion = process.drift_at(x), process.diffusion_at(x)
        metric = np.linalg.inv(diffusion)
        duration = math.sqrt(way @ metric @ way / (drift @ metric @ drift))  # dt / du
        velocity = way / duration
        p = metric @ (velocity - drift) / 2
        both, size = np.concatenate([x, p]), float(np.linalg.norm(velocity))
        full = constrained(hessian, velocity / size, hamiltonian.dp(both) / size)
        return both, full, diffusion, velocity, duration

    def slope(w: float, y: Array) -> Array:
        u = 1 / (1 + math.exp(-w))
        hessian = y[: d * d].reshape(d, d)
        both, full, diffusion, velocity, duration = state(u, hessian)
        dt = duration * u * (1 - u)  # d u / d w = u (1 - u)
        px = hamiltonian.px(both)
        turn = full @ px
        change = -(hamiltonian.xx(both) + turn + turn.T + 2 * full @ diffusion @ full)
        transverse = np.trace(px) + np.trace(diffusion @ full) - hamiltonian.ito(both)
        pull = KEEP * (full - hessian)
        return np.concatenate([(dt * change + pull).ravel(), [dt * transverse, dt * (both[d:] @ velocity)]])

    def caustic(_: float, y: Array) -> float:
        return 1e6 * largest - float(np.max(np.abs(y[: d * d])))

    caustic.terminal = True  # type: ignore[attr-defined]
    reach = math.log((1 - ENDS) / ENDS)
    begin: Any = np.concatenate([initial.ravel(), [0.0, 0.0]])
    flow = solve_ivp(
        slope, (-reach, reach), begin, method="LSODA", rtol=1e-8, atol=1e-9 * largest, events=caustic,
        t_eval=[SETTLED - reach, reach],
    )  # fmt: skip
    if flow.status != 0:
        raise NumericalFailure(
            "The second derivatives of the quasipotential grow without bound along the path: give the path of least "
            "action, at a higher resolution."
        )
    first, last = flow.y[:, 0], flow.y[:, -1]
    # near the ends F and the speed vanish together: their ratio is as good as constant
    transverse = float(slope(SETTLED - reach, first)[-2] + last[-2] - first[-2] + slope(reach, last)[-2])
    _, full, _, velocity, _ = state(1 - ENDS, last[: d * d].reshape(d, d))
    normal = np.linalg.qr(velocity[:, None], mode="complete")[0][:, 1:]
    return full, transverse, float(last[-1]), normal
