"""The separable quartic of Styblinski and Tang."""

from __future__ import annotations

import sympy as sp

from escapetime.landscape import Landscape
from escapetime.landscapes._numbers import x


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
