r"""How far a stable walk overshoots a boundary, and the boundary that gives its steps the exits of the process.

A process seen only at steps of length :math:`h` leaves later than the process itself: to leading order as if the
boundary were further out by

.. math:: k_\alpha\,\sigma\,h^{1/\alpha}, \qquad k_\alpha = -\frac{\zeta(1 - 1/\alpha)\,\Gamma(1 - 1/\alpha)}{\pi}
    \qquad (1 < \alpha \le 2),

where :math:`\sigma` is the scale of the noise across the boundary. The constant is the mean of the ladder height's
renewal function, by Spitzer's identity: :math:`\sum_n \mathbb{E}\,S_n^+/n` with :math:`\mathbb{E}\,S^+ = \Gamma(1 -
1/\alpha)/\pi`, its divergent part taken off. At :math:`\alpha = 2` it is that of Siegmund 1979 (``siegmund1979``),
:math:`0.5826\sqrt2`. For :math:`\alpha \le 1` the bias is of order :math:`h` and there is nothing to shift.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.processes.levy import LevyDriven
from escapetime.simulate.model import StepModel


def overshoot_constant(alpha: float) -> float:
    r"""Return :math:`k_\alpha`: the shift of a boundary, in units of the scale of one step.

    Parameters
    ----------
    alpha : float
        Tail index, above 1 and up to 2.

    Returns
    -------
    float
        Positive.

    Raises
    ------
    InvalidInput
        If the index is out of range.

    Examples
    --------
    The Gaussian step of variance 2:

    >>> round(overshoot_constant(2.0) / 2**0.5, 4)
    0.5826
    """
    if not 1 < alpha <= 2:
        raise InvalidInput(
            f"Expected a tail index above 1 and up to 2, where steps overshoot by a mean, got {alpha!r}."
        )
    import mpmath

    at = 1 - 1 / mpmath.mpf(alpha)
    return float(-mpmath.zeta(at) * mpmath.gamma(at) / mpmath.pi)


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
    length = overshoot_constant(process.alpha) * dt ** (1 / process.alpha)
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
