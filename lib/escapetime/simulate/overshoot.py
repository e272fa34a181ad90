r"""How far a stable walk overshoots a boundary, and the boundary that gives its steps the exits of the process.

A process seen only at steps of length :math:`h` leaves later than the process itself: to leading order as if the
boundary were further out by

.. math:: k_\alpha\,\sigma\,h^{1/\alpha}, \qquad k_\alpha = -\frac{\zeta(1 - 1/\alpha)\,\Gamma(1 - 1/\alpha)}{\pi}
    \qquad (1 < \alpha \le 2),

where :math:`\sigma` is the scale of the noise across the boundary and the constant is
:func:`escapetime.stable.constants.grid_shift`, at :math:`\alpha = 2` that of Siegmund 1979 (``siegmund1979``). For
:math:`\alpha \le 1` the bias is of order :math:`h` and there is nothing to shift.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.processes.levy import LevyDriven
from escapetime.simulate.model import StepModel
from escapetime.stable.constants import grid_shift


def shifted(model: StepModel, process: LevyDriven, dt: float) -> StepModel:
    """Return the model with every face moved inwards by the overshoot of a step.

    Parameters
    ----------
    model : StepModel
        Of the process.
    process : LevyDriven
        Its noise; ``alpha`` above 1.
    dt : float
        Time step.

    Returns
    -------
    StepModel
        The same but for its distances.

    Raises
    ------
    InvalidInput
        If the start would be outside.
    """
    length = grid_shift(process.alpha) * dt ** (1 / process.alpha)
    moved = tuple(
        distance - sp.Float(length) * _across(process, gradient)
        for distance, gradient in zip(model.distances, model.gradients, strict=True)
    )
    here = dict(zip(model.variables, model.start, strict=True))
    nearest = min((float(d.subs(here)), name) for d, name in zip(moved, model.faces, strict=True))
    if nearest[0] <= 0:
        raise InvalidInput(
            f"The start is closer to the face {nearest[1]!r} than a step of dt={dt:g} overshoots: take a smaller dt, "
            "or correction='none'."
        )
    return replace(model, distances=moved)


def _across(process: LevyDriven, normal: tuple[sp.Expr, ...]) -> sp.Expr:
    """Scale of the noise along a unit vector."""
    mixing = process.mixing
    if process.kind == "isotropic" and mixing * mixing.T == mixing[0, 0] ** 2 * sp.eye(mixing.rows):
        return sp.Abs(mixing[0, 0])
    # tiny rationals, which keep kinks away, would be integers too large for an engine once powers are taken
    parts = [p.replace(_tiny, sp.Float) for p in process.mixing.T * sp.Matrix(normal)]
    if len(parts) == 1:
        return sp.Abs(parts[0])
    power = sp.Integer(2) if process.kind == "isotropic" else sp.Float(process.alpha)
    return sum((sp.Abs(part) ** power for part in parts), sp.Integer(0)) ** (1 / power)


def _tiny(expression: sp.Basic) -> bool:
    return isinstance(expression, sp.Rational) and expression.q > 10**15
