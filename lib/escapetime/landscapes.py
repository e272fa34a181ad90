"""The catalogue: landscapes on which things are known, each with the facts that make it worth having."""

from __future__ import annotations

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape

x, y = sp.symbols("x y", real=True)


def _exact(value: float) -> sp.Expr:
    return sp.nsimplify(value, rational=True) if not isinstance(value, sp.Basic) else value


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
        (x**2 - 1) ** 2 / 4 + _exact(tilt) * x, (x,), name=f"double well tilted by {tilt:g}", box=[(-2.5, 2.5)]
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
    loss = sum(_exact(h) * v**2 for h, v in zip(curvatures, variables, strict=True)) / 2
    return Landscape(loss, variables, name="quadratic", box=[(-1, 1)] * len(variables))


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
    stiffness = _exact(well) + _exact(saddle - well) * (1 - x**2) ** 2
    return Landscape(
        (x**2 - 1) ** 2 / 4 + stiffness * y**2 / 2, (x, y), name="double well with valley", box=[(-2, 2), (-2, 2)]
    )


def styblinski_tang(dimension: int = 2) -> Landscape:
    """Return ``sum(x_i**4 - 16 x_i**2 + 5 x_i) / 2``: 3**d critical points, the lowest near (-2.9035, ...).

    Parameters
    ----------
    dimension : int
        Number of coordinates.

    Returns
    -------
    Landscape
        Separable, box ``(-5, 5)**d``; the global minimum is -39.16617 d.
    """
    variables = (x,) if dimension == 1 else sp.symbols(f"x1:{dimension + 1}", real=True)
    loss = sum(v**4 - 16 * v**2 + 5 * v for v in variables) / 2
    return Landscape(loss, variables, name="Styblinski-Tang", box=[(-5, 5)] * dimension)


def mueller_brown() -> Landscape:
    """Return the Mueller-Brown potential: three minima, two saddles, curved paths between them.

    Returns
    -------
    Landscape
        Two-dimensional, box ``(-1.5, 1.2) x (-0.5, 2)``. Minima near (-0.558, 1.442) with value -146.70,
        (0.623, 0.028) with -108.17 and (-0.050, 0.467) with -80.77; saddles near (-0.822, 0.624) with -40.66 and
        (0.212, 0.293) with -72.25.

    Notes
    -----
    Mueller and Brown 1979 (``mueller1979``), the sum of four Gaussians with their constants.
    """
    heights, centers = (
        (-200, -100, -170, 15),
        ((1, 0), (0, sp.Rational(1, 2)), (-sp.Rational(1, 2), sp.Rational(3, 2)), (-1, 1)),
    )
    a, b, c = (
        (-1, -1, -sp.Rational(13, 2), sp.Rational(7, 10)),
        (0, 0, 11, sp.Rational(3, 5)),
        (-10, -10, -sp.Rational(13, 2), sp.Rational(7, 10)),
    )
    loss = sum(
        height * sp.exp(a[k] * (x - u) ** 2 + b[k] * (x - u) * (y - v) + c[k] * (y - v) ** 2)
        for k, (height, (u, v)) in enumerate(zip(heights, centers, strict=True))
    )
    return Landscape(loss, (x, y), name="Mueller-Brown", box=[(-1.5, 1.2), (-0.5, 2.0)])
