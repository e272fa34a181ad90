"""A double well whose minimum can be sharpened alone: barrier, saddle and distance stay."""

from __future__ import annotations

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.landscapes._numbers import exactly, x
from escapetime.sample_loss import NoisyLandscape


def sharpness_wells(well: float, saddle: float = 1.5, barrier: float = 0.25) -> NoisyLandscape:
    r"""Return wells at 0 and 2, the barrier at 1, with noise that goes from ``well`` to ``saddle`` on the way up.

    On ``[0, 1]``: :math:`L' = x(1-x)\,[h_a + (h_b-h_a)x + r x(1-x)]` with :math:`r = 30\,(\Delta - (h_a+h_b)/12)`, and
    :math:`C_1 = h_a + (h_b-h_a)(3x^2 - 2x^3)`; below 0, :math:`L' = h_a x` and :math:`C_1 = h_a`; mirrored at 1.

    Parameters
    ----------
    well, saddle : float
        Curvature :math:`h_a` of the minima and absolute curvature :math:`h_b` of the barrier top; positive.
    barrier : float
        Height :math:`\Delta`.

    Returns
    -------
    NoisyLandscape
        One-dimensional, twice continuously differentiable (the third derivative jumps at 0 and 2), box ``(-1, 3)``;
        ``C_1 = |L''|`` at the three critical points.

    Raises
    ------
    InvalidInput
        If a curvature is not positive, or so large for this barrier that the slope changes sign in between.

    Examples
    --------
    >>> model = sharpness_wells(3)
    >>> [float(model.landscape.value(p)) for p in (0, 1, 2)], [float(model.landscape.hess(p)[0, 0]) for p in (0, 1)]
    ([0.0, 0.25, 0.0], [3.0, -1.5])
    """
    h_a, h_b, height = exactly(well), exactly(saddle), exactly(barrier)
    if not (h_a > 0 and h_b > 0):
        raise InvalidInput(f"Expected positive curvatures, got well={well!r} and saddle={saddle!r}.")
    u = sp.Symbol("u", real=True)
    bracket = h_a + (h_b - h_a) * u + 30 * (height - (h_a + h_b) / 12) * u * (1 - u)
    if any(0 <= root <= 1 for root in sp.Poly(bracket, u).nroots() if root.is_real):
        raise InvalidInput(
            f"A barrier of {barrier!r} is too low for curvatures {well!r} and {saddle!r}: the slope would change sign "
            "between minimum and barrier. Raise the barrier to about a twelfth of their sum."
        )
    climb = sp.expand(sp.integrate(sp.expand(u * (1 - u) * bracket), u))
    noise = h_a + (h_b - h_a) * (3 * u**2 - 2 * u**3)

    def mirrored(inside: sp.Expr, left: sp.Expr) -> sp.Expr:
        other = {u: 2 - x}
        return sp.Piecewise(
            (left.subs(u, x), x < 0), (inside.subs(u, x), x < 1), (sp.expand(inside.subs(other)), x < 2),
            (sp.expand(left.subs(other)), True),
        )  # fmt: skip

    landscape = Landscape(mirrored(climb, h_a * u**2 / 2), (x,), name="wells of given sharpness", box=[(-1, 3)])
    return NoisyLandscape(landscape, sp.Matrix([[mirrored(noise, h_a + 0 * u)]]))
