"""Bowls, one well and two, in which everything is known in closed form."""

from __future__ import annotations

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.landscapes._numbers import exactly, x


def double_well() -> Landscape:
    """Return the symmetric quartic ``U = (x**2 - 1)**2 / 4``.

    Its minima are at -1 and 1 (``U'' = 2``), the barrier 1/4 between them at 0 (``U'' = -1``).

    Returns
    -------
    Landscape
        One-dimensional, box ``(-2.5, 2.5)``.

    Examples
    --------
    >>> double_well().transitions()[0].barrier
    0.25
    """
    return Landscape((x**2 - 1) ** 2 / 4, (x,), name="double well", box=[(-2.5, 2.5)])


def tilted_double_well(tilt: float = 0.1) -> Landscape:
    """Return ``U = (x**2 - 1)**2 / 4 + tilt * x``: two wells of different depth.

    There are two while ``|tilt| < 2 / (3 sqrt(3)) = 0.385``.

    Parameters
    ----------
    tilt : float
        Slope added, loss per unit of x; positive makes the left well the deeper one.

    Returns
    -------
    Landscape
        One-dimensional, box ``(-2.5, 2.5)``.

    Raises
    ------
    InvalidInput
        If the tilt leaves a single well.
    """
    if not abs(tilt) < 2 / 27**0.5:
        raise InvalidInput(
            f"Expected |tilt| < 2 / (3 sqrt(3)) = 0.3849, got {tilt!r}: beyond that one of the wells is gone."
        )
    return Landscape(
        (x**2 - 1) ** 2 / 4 + exactly(tilt) * x, (x,), name=f"double well tilted by {tilt:g}", box=[(-2.5, 2.5)]
    )


def cubic_well() -> Landscape:
    """Return ``U = x**2 / 2 - x**3 / 3``: one well, and no floor beyond the barrier.

    The minimum is at 0 (``U'' = 1``), the saddle at 1 (``U'' = -1``), the barrier 1/6.

    Returns
    -------
    Landscape
        One-dimensional, box ``(-1, 1.5)``.

    Notes
    -----
    The barrier's third derivative does not vanish, which shows in the exit time at order ``sqrt(D)``.
    """
    return Landscape(x**2 / 2 - x**3 / 3, (x,), name="cubic well", box=[(-1, 1.5)])


def flat(dimension: int = 1) -> Landscape:
    """Return ``U = 0``: pure noise.

    Parameters
    ----------
    dimension : int
        Number of coordinates, at least 1.

    Returns
    -------
    Landscape
        Every point is critical; exit times of balls are known, ``(r**2 - |x|**2) / (2 d D)``.

    Raises
    ------
    InvalidInput
        If the dimension is not a positive integer.
    """
    if not isinstance(dimension, int) or dimension < 1:
        raise InvalidInput(f"Expected a positive integer dimension, got {dimension!r}.")
    variables = (x,) if dimension == 1 else sp.symbols(f"x1:{dimension + 1}", real=True)
    return Landscape(sp.Integer(0), variables, name="flat")


def quadratic(*curvatures: float) -> Landscape:
    """Return ``U = sum(h_i x_i**2) / 2``: a bowl, or a saddle where curvatures are negative.

    Parameters
    ----------
    *curvatures : float
        Hessian eigenvalues ``h_i``, loss per squared coordinate, none zero.

    Returns
    -------
    Landscape
        As many dimensions as curvatures.

    Raises
    ------
    InvalidInput
        If there is none, or one is zero.
    """
    if not curvatures or any(h == 0 for h in curvatures):
        raise InvalidInput(
            f"Expected one or more curvatures, none of them zero, got {curvatures!r}; for no curvature use flat(d)."
        )
    variables = (x,) if len(curvatures) == 1 else sp.symbols(f"x1:{len(curvatures) + 1}", real=True)
    loss = sum(exactly(h) * v**2 for h, v in zip(curvatures, variables, strict=True)) / 2
    return Landscape(loss, variables, name="quadratic", box=[(-1, 1)] * len(variables))
