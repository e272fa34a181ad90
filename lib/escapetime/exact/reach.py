"""How far out the integrals of a one-dimensional exit problem have to go, and whether the process comes back at all."""

from __future__ import annotations

import numpy as np

from escapetime.errors import InvalidInput
from escapetime.exact.panels import Array, Panels
from escapetime.exact.scale_speed import ScaleSpeed, resolve_potential
from escapetime.processes.base import Diffusion

PIECES = 32  # panels before refinement between the points and the ends
NEGLIGIBLE = 50.0  # nats: exp(-50) is far below rounding, with room for the bounds that are compared
UNREACHABLE = 700.0  # nats: an exit this much further up than the other one is used with a probability that underflows
MOST_DOUBLINGS = 300


def scale_and_speed(process: Diffusion, ends: tuple[float, float], points: Array, breakpoints: Array) -> ScaleSpeed:
    """Resolve scale and speed between two ends, or as far beyond the points as the process ever goes.

    Parameters
    ----------
    process : Diffusion
        One-dimensional.
    ends : tuple of float
        Lower and upper end, at least one of them finite. An infinite one must be out of reach of the process.
    points : numpy.ndarray
        Where answers are wanted, between the ends, shape ``(k,)``; they become edges of panels.
    breakpoints : numpy.ndarray
        Where the coefficients jump, or have features much narrower than 1/600 of the domain, shape ``(j,)``.

    Returns
    -------
    ScaleSpeed
        The densities. Panels are left out where at most ``exp(-50)`` of the time is spent.

    Raises
    ------
    InvalidInput
        If the diffusion vanishes or a coefficient is undefined between the ends, or nothing brings the process back
        from an infinite end. How the drift goes on out there is sampled, out to 3e6 times the size of the finite part.
    NumericalFailure
        If the coefficients need too many panels.
    """  # noqa: DOC502 (helpers raise them)
    inner = (float(np.min(points)), float(np.max(points)))
    density = _confined(process, ends, inner, np.concatenate([points, breakpoints]))
    while True:
        density = density.kept(*_droppable(density, inner))
        split = density.unresolved()
        if not np.any(split):
            return density
        density = density.halved(split)


def _confined(process: Diffusion, ends: tuple[float, float], inner: tuple[float, float], wanted: Array) -> ScaleSpeed:
    """Resolve the potential, going out on an infinite side until nothing beyond matters."""
    absorbing = (bool(np.isfinite(ends[0])), bool(np.isfinite(ends[1])))
    core = [end if stop else point for end, stop, point in zip(ends, absorbing, inner, strict=True)]
    step = (core[1] - core[0] or 1.0) / PIECES
    wanted = wanted[(wanted >= ends[0]) & (wanted <= ends[1])]
    edges = np.concatenate([np.linspace(core[0], core[1], PIECES + 1), wanted])
    natural = [side for side in (0, 1) if not absorbing[side]]
    ito = process.to_ito()  # what brings a process back is its mean step
    reach = {side: _farthest_push(ito, core[side], 2 * side - 1, step) for side in natural}
    for doubling in range(MOST_DOUBLINGS):
        length = step * 2.0**doubling
        edges = np.unique(np.append(edges, [core[side] + (2 * side - 1) * length for side in natural]))
        if any(length < reach[side] for side in natural):
            continue
        density = ScaleSpeed.on(process, resolve_potential(process, Panels(edges)), absorbing)
        drop = _droppable(density, inner)
        if all(drop[side] > 0 for side in natural):
            return density
    raise InvalidInput(
        f"The process returns from {'-+'[natural[0]]}infinity so slowly that its mean escape time is infinite, or out "
        "of reach of quadrature. Bound the domain on that side."
    )


def _farthest_push(process: Diffusion, origin: float, outward: int, step: float) -> float:
    """Return how far from ``origin`` the drift still points outwards, provided that it points back further out."""
    distances = step * np.geomspace(1e-2, 1e8, 5000)
    with np.errstate(all="ignore"):
        drift = outward * process.drift_at((origin + outward * distances)[:, None])[:, 0]
    distances, drift = distances[~np.isnan(drift)], drift[~np.isnan(drift)]
    if len(drift) == 0 or drift[-1] >= 0:
        verb = "drives the process away to" if len(drift) and drift[-1] > 0 else "does not bring the process back from"
        raise InvalidInput(
            f"The drift {verb} {'-+'[(outward + 1) // 2]}infinity: the mean escape time is infinite. Bound the domain "
            "on that side, or use a loss that rises there."
        )
    return float(np.max(distances[drift >= 0], initial=0.0))


def _droppable(density: ScaleSpeed, inner: tuple[float, float]) -> tuple[int, int]:
    """Count the panels at either end that contribute nothing to the escape from any of the points."""
    return _droppable_below(density, inner[0]), _droppable_below(density.mirrored(), -inner[1])


def _droppable_below(density: ScaleSpeed, lowest: float) -> int:
    exit_here, exit_there = density.absorbing
    inside = int(np.searchsorted(density.panels.edges, lowest))
    if inside < 1 or not exit_there:
        return 0
    speed = density.panels.log_integrals(density.log_speed)[:inside]
    outside = np.logaddexp.accumulate(_from_above(density.panels, density.log_speed)[:inside])
    between = np.append(np.logaddexp.accumulate(speed[::-1])[::-1][1:], -np.inf)
    drop = outside < between - NEGLIGIBLE
    if exit_here:
        scale = density.panels.log_integrals(density.log_scale)[:inside]
        wall = np.append(np.logaddexp.accumulate(scale[::-1])[::-1][1:], -np.inf)
        drop &= wall > np.logaddexp.reduce(_from_above(density.panels, density.log_scale)[inside:]) + UNREACHABLE
    return int(np.max(np.flatnonzero(drop), initial=-1)) + 1


def _from_above(panels: Panels, log_values: Array) -> Array:
    """Bound the integral over each panel from above, resolved or not: the neighbors' nearest nodes count as well."""
    left, right = np.append(-np.inf, log_values[:-1, -1]), np.append(log_values[1:, 0], -np.inf)
    return np.max([np.max(log_values, axis=1), left, right], axis=0) + np.log(2 * panels.half)
