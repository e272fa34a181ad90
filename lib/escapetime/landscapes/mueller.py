"""The four Gaussians of Mueller and Brown."""

from __future__ import annotations

import sympy as sp

from escapetime.landscape import Landscape
from escapetime.landscapes._numbers import x, y


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
