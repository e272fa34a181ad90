r"""Scale and speed of a one-dimensional diffusion, on panels fine enough to integrate both.

With :math:`\varphi' = -b / D` in the alpha-convention the scale density is :math:`s' = e^{\varphi} D^{-\alpha}` and the
speed density :math:`m = 1 / (s' D)`: every question about exit is an integral of the two (Karlin and Taylor 1981,
section 15.3). Written so, a jump of ``D`` is no special case; the drift of the Ito form has a delta function there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.exact.panels import Array, Panels
from escapetime.processes.base import Diffusion
from escapetime.symbolic.conventions import Convention

POTENTIAL_TAIL, DENSITY_TAIL = 1e-13, 1e-12  # relative size of the last Legendre coefficients of a resolved panel
FAINT = 1e-8  # of the typical diffusion: what is left of it where refinement towards a zero has ended
MOST_PANELS = 60_000


@dataclass(frozen=True)
class ScaleSpeed:
    """Scale and speed densities of a diffusion at the nodes of panels.

    Attributes
    ----------
    process : Diffusion
        One-dimensional, in any convention.
    panels : Panels
        The subdivision.
    absorbing : tuple of bool
        Whether the lower and the upper end are exits; an end that is not is never reached.
    log_scale, log_diffusion : numpy.ndarray
        Logarithms of ``s'`` (up to a constant) and of ``D`` at the nodes, shape ``(p, n)``.
    """

    process: Diffusion
    panels: Panels
    absorbing: tuple[bool, bool]
    log_scale: Array
    log_diffusion: Array

    @classmethod
    def on(cls, process: Diffusion, panels: Panels, absorbing: tuple[bool, bool]) -> ScaleSpeed:
        """Evaluate the densities on given panels."""
        drift, diffusion = coefficients(process, panels)
        log_diffusion = np.log(diffusion)
        alpha = float(Convention.parse(process.convention).alpha)
        return cls(
            process, panels, absorbing, panels.running(-drift / diffusion)[0] - alpha * log_diffusion, log_diffusion
        )

    @property
    def log_speed(self) -> Array:
        """Logarithm of ``m`` at the nodes, shape ``(p, n)``."""
        return -self.log_scale - self.log_diffusion

    def mirrored(self) -> ScaleSpeed:
        """Return the same seen with the axis reversed (coefficients are not evaluated again)."""
        panels, ends = Panels(-self.panels.edges[::-1]), (self.absorbing[1], self.absorbing[0])
        scale, diffusion = self.log_scale[::-1, ::-1], self.log_diffusion[::-1, ::-1]
        return replace(self, panels=panels, absorbing=ends, log_scale=scale, log_diffusion=diffusion)

    def kept(self, below: int, above: int) -> ScaleSpeed:
        """Return the same without some panels at either end, which then is an end that is never reached."""
        keep = slice(below, len(self.panels.half) - above)
        panels = Panels(self.panels.edges[keep.start : keep.stop + 1])
        absorbing = (self.absorbing[0] and below == 0, self.absorbing[1] and above == 0)
        scale, diffusion = self.log_scale[keep], self.log_diffusion[keep]
        return replace(self, panels=panels, absorbing=absorbing, log_scale=scale, log_diffusion=diffusion)

    def halved(self, where: NDArray[np.bool_] | None = None) -> ScaleSpeed:
        """Return the densities with the marked panels (default all) cut in two.

        Parameters
        ----------
        where : numpy.ndarray of bool, optional
            The panels to cut, shape ``(p,)``.

        Returns
        -------
        ScaleSpeed
            On the new panels.

        Raises
        ------
        NumericalFailure
            If there are more than 60000 panels.
        InvalidInput
            If there are so many because the diffusion vanishes somewhere.
        """  # noqa: DOC502 (helpers raise them)
        if len(self.panels.half) > MOST_PANELS:
            _refuse_so_many(self.process, self.panels)
        return self.on(self.process, self.panels.bisected(where), self.absorbing)

    def unresolved(self) -> NDArray[np.bool_]:
        """Tell on which panels ``s'`` or ``m`` is not yet a polynomial to rounding, shape ``(p,)``."""
        scaled = [np.exp(f - np.max(f, axis=1, keepdims=True)) for f in (self.log_scale, self.log_speed)]
        tail = np.maximum(self.panels.tail(scaled[0]), self.panels.tail(scaled[1]))
        return (tail > DENSITY_TAIL + _grain(self.panels)) & _divisible(self.panels)


def coefficients(process: Diffusion, panels: Panels) -> tuple[Array, Array]:
    """Evaluate drift and diffusion at the nodes, each ``(p, n)``.

    Parameters
    ----------
    process : Diffusion
        One-dimensional.
    panels : Panels
        Where.

    Returns
    -------
    tuple of numpy.ndarray
        Drift and diffusion.

    Raises
    ------
    InvalidInput
        If one is not finite or the diffusion is not positive.
    """
    with np.errstate(all="ignore"):
        points = panels.points[..., None]
        drift, diffusion = process.drift_at(points)[..., 0], process.diffusion_at(points)[..., 0, 0]
    bad = ~(np.isfinite(drift) & np.isfinite(diffusion))
    if np.any(bad):
        raise InvalidInput(f"Drift or diffusion is not finite at x = {panels.points[bad][0]:.6g}: shrink the domain.")
    if np.any(diffusion <= 0):
        _refuse_vanishing(panels.points[diffusion <= 0][0], diffusion[diffusion <= 0][0])
    return drift, diffusion


def resolve_potential(process: Diffusion, panels: Panels) -> Panels:
    """Refine panels until ``b / D`` is a polynomial to rounding on each, or a jump is enclosed to rounding.

    Parameters
    ----------
    process : Diffusion
        One-dimensional.
    panels : Panels
        Where to begin.

    Returns
    -------
    Panels
        The refined panels.

    Raises
    ------
    InvalidInput
        If the diffusion vanishes or a coefficient is undefined.
    NumericalFailure
        If too many panels are needed.
    """  # noqa: DOC502 (helpers raise them)
    while True:
        drift, diffusion = coefficients(process, panels)
        slope = drift / diffusion
        increment = np.maximum(np.max(np.abs(slope), axis=1) * panels.half, 1e-300)
        unresolved = panels.tail(slope) > POTENTIAL_TAIL * (1 + 0.1 / increment) + _grain(panels)
        split = unresolved & _divisible(panels)
        faint = unresolved & ~split & (np.min(diffusion, axis=1) < FAINT * np.median(diffusion))
        if np.any(faint):
            _refuse_vanishing(panels.edges[:-1][faint][0], float(np.min(diffusion[faint])))
        if not np.any(split):
            return panels
        if len(panels.half) > MOST_PANELS:
            _refuse_so_many(process, panels)
        panels = panels.bisected(split)


def _refuse_vanishing(x: float, value: float) -> NoReturn:
    raise InvalidInput(
        f"The diffusion must be positive throughout the domain, but it is {value:.3g} near x = {x:.6g}: without noise "
        "there the process may never pass. Shrink the domain, or add a floor to the diffusion."
    )


def _size(panels: Panels) -> Array:
    return np.maximum(np.abs(panels.edges[:-1]), np.abs(panels.edges[1:]))


def _grain(panels: Panels) -> Array:
    """Bound the relative noise in a smooth function that comes from rounding the coordinate, far from the origin."""
    return 8 * np.finfo(float).eps * _size(panels) / panels.half


def _divisible(panels: Panels) -> NDArray[np.bool_]:
    return panels.half > 1e-14 * np.maximum(_size(panels), np.median(panels.half))


def _refuse_so_many(process: Diffusion, panels: Panels) -> NoReturn:
    drift, diffusion = coefficients(process, panels)
    faintest = np.unravel_index(np.argmin(diffusion), diffusion.shape)
    if diffusion[faintest] < FAINT * np.median(diffusion, axis=None):
        _refuse_vanishing(panels.points[faintest], diffusion[faintest])
    span = float(np.sum(np.abs(np.diff(panels.running(drift / diffusion)[1]))))
    raise NumericalFailure(
        f"More than {MOST_PANELS} panels are needed: drift / diffusion, integrated up and down over the domain, comes "
        f"to {span:.3g}, so either the noise is too weak for quadrature or the drift oscillates without end. Shrink "
        "the domain, or use escapetime.theory."
    )
