"""A double well in x with a valley in y whose stiffness changes along the way."""

from __future__ import annotations

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.landscapes._numbers import exactly, x, y
from escapetime.sample_loss import NoisyLandscape


def double_well_with_valley(well: float = 1.0, saddle: float = 4.0) -> Landscape:
    """Return the double well in x with a valley in y, of stiffness ``well`` at the minima and ``saddle`` at 0.

    ``U = (x**2 - 1)**2 / 4 + k(x) y**2 / 2`` with ``k = well + (saddle - well) (1 - x**2)**2``.

    Parameters
    ----------
    well, saddle : float
        Transverse curvature at the minima (-1, 0), (1, 0) and at the saddle (0, 0); positive.

    Returns
    -------
    Landscape
        Two-dimensional, box ``(-2, 2) x (-2, 2)``. The Eyring-Kramers factor of the transverse direction is
        ``sqrt(saddle / well)``; with ``saddle == well`` the problem separates.

    Raises
    ------
    InvalidInput
        If a curvature is not positive.
    """
    if not (well > 0 and saddle > 0):
        raise InvalidInput(f"Expected positive transverse curvatures, got well={well!r}, saddle={saddle!r}.")
    stiffness = exactly(well) + exactly(saddle - well) * (1 - x**2) ** 2
    return Landscape(
        (x**2 - 1) ** 2 / 4 + stiffness * y**2 / 2, (x, y), name="double well with valley", box=[(-2, 2), (-2, 2)]
    )


def matched_valley(well: float = 1.0, saddle: float = 4.0) -> NoisyLandscape:
    """Return the double well with a valley and gradient noise ``C_1 = diag(1 + x**2, k(x))``.

    Along x it is the noise of :func:`~escapetime.landscapes.quartic.matched_quartic`; across, noise equals curvature.
    So ``C_1`` is the absolute Hessian at the minima and at the saddle.

    Parameters
    ----------
    well, saddle : float
        Transverse curvature ``k`` at the minima and at the saddle; positive.

    Returns
    -------
    NoisyLandscape
        Two-dimensional. On ``y = 0`` the quasipotential is that of the quartic, ``log(2) - 1/2`` times ``2 B / lr``.

    Examples
    --------
    >>> model = matched_valley()
    >>> model.covariance.subs({x: 0, y: 0}), model.landscape.hessian.subs({x: 0, y: 0})
    (Matrix([
    [1, 0],
    [0, 4]]), Matrix([
    [-1, 0],
    [ 0, 4]]))
    """
    landscape = double_well_with_valley(well, saddle)
    stiffness = sp.diff(landscape.expression, y, 2)
    return NoisyLandscape(landscape, sp.diag(1 + x**2, stiffness))
