"""Two parabolas glued with a continuous slope: here the Hessian is piecewise constant, literally."""

from __future__ import annotations

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.landscapes._numbers import exactly, x
from escapetime.sample_loss import NoisyLandscape


def two_parabolas(well: float = 4.0, saddle: float = 1.0, barrier: float = 0.25) -> NoisyLandscape:
    r"""Return a parabola up to :math:`\xi`, an inverted one beyond, and the noise ``C_1 = |L''|``.

    :math:`L = \tfrac12 h_a x^2` for :math:`x<\xi` and :math:`\Delta - \tfrac12 h_b (x-b)^2` beyond, with
    :math:`\xi = \sqrt{2\Delta / (h_a (1 + h_a/h_b))}` and :math:`b = \xi (1 + h_a/h_b)`.

    Parameters
    ----------
    well, saddle : float
        Curvature :math:`h_a` at the minimum 0 and absolute curvature :math:`h_b` at the barrier top ``b``; positive.
    barrier : float
        Height :math:`\Delta`; positive.

    Returns
    -------
    NoisyLandscape
        One-dimensional; ``breakpoints`` holds :math:`\xi` (curvature and noise jump there). The parabolas meet at the
        fraction :math:`s = h_b / (h_a + h_b)` of the barrier:
        :math:`\int_0^b L'/C_1 = \Delta (s/h_a + (1-s)/h_b)`.

    Raises
    ------
    InvalidInput
        If a number is not positive.

    Notes
    -----
    For quadrature (:func:`escapetime.exact.quadrature.mean_exit_time`); an EscapeProblem refuses the kink of the slope.
    A chain with a jump of the noise approaches its diffusion only like the square root of the step.

    Examples
    --------
    >>> model = two_parabolas(4, 1, 0.25)
    >>> xi = model.breakpoints[0]
    >>> round(xi, 4), [round(float(model.landscape.grad(p)[0]), 4) for p in (xi - 1e-9, xi + 1e-9)]
    (0.1581, [0.6325, 0.6325])
    """
    if not (well > 0 and saddle > 0 and barrier > 0):
        raise InvalidInput(f"Expected positive curvatures and barrier, got {well!r}, {saddle!r} and {barrier!r}.")
    h_a, h_b, height = exactly(well), exactly(saddle), exactly(barrier)
    seam = sp.sqrt(2 * height / (h_a * (1 + h_a / h_b)))
    top = seam * (1 + h_a / h_b)
    loss = sp.Piecewise((h_a * x**2 / 2, x < seam), (height - h_b * (x - top) ** 2 / 2, True))
    noise = sp.Piecewise((h_a, x < seam), (h_b, True))
    landscape = Landscape(loss, (x,), name="two parabolas", box=[(-float(top), 2 * float(top))])
    return NoisyLandscape(landscape, sp.Matrix([[noise]]), (float(seam),))
