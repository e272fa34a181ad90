"""The overdamped Langevin process: gradient descent in a heat bath, and the yardstick for every other process."""

from __future__ import annotations

import math

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.processes.base import Diffusion
from escapetime.symbolic.conventions import Convention


def langevin(landscape: Landscape, *, temperature: float) -> Diffusion:
    r"""Make the overdamped Langevin process :math:`\mathrm{d}X = -\nabla U(X)\,\mathrm{d}t + \sqrt{2T}\,\mathrm{d}W`.

    Parameters
    ----------
    landscape : Landscape
        The loss ``U``.
    temperature : float
        ``T = D``, in units of the loss (friction is 1, so diffusion constant and temperature are the same number).

    Returns
    -------
    Diffusion
        With stationary density proportional to ``exp(-U / temperature)``.

    Raises
    ------
    InvalidInput
        If the temperature is not a positive finite number.

    Notes
    -----
    The noise is additive, so the conventions of :ref:`ch-conventions` agree. See Kramers 1940 (``kramers1940``) and
    Risken 1989, section 4.

    Examples
    --------
    >>> langevin(Landscape.parse("x**2 / 2"), temperature=0.1)
    Diffusion(drift=-x, diffusion=0.1, ITO, time in t)
    """
    if not isinstance(landscape, Landscape):
        raise InvalidInput(
            f"Expected a Landscape, got {type(landscape).__name__}; "
            "wrap it: Landscape.parse('...') or Landscape(expression)."
        )
    try:
        value = float(temperature)
    except (TypeError, ValueError):
        value = math.nan
    if not 0 < value < math.inf:
        raise InvalidInput(
            f"Expected a positive finite temperature, got {temperature!r}; without noise nothing escapes."
        )
    diffusion = sp.Float(value) * sp.eye(landscape.dimension)
    return Diffusion(landscape.variables, -landscape.gradient, diffusion, Convention.ITO, "t", landscape, value)
