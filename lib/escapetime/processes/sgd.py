"""Stochastic gradient descent: its own update, and the diffusion that it approaches as the learning rate falls."""

from __future__ import annotations

from typing import Any

import sympy as sp

from escapetime.landscape import Landscape
from escapetime.processes.base import Diffusion
from escapetime.processes.minibatch import MinibatchGradient, noisy_descent, positive


def sgd(
    landscape: Landscape, *, lr: float, batch_size: float = 1, covariance: Any = 1, noise: Any = "gaussian"
) -> Diffusion:
    r"""Make SGD, :math:`x' = x - \eta\,(\nabla U(x) + \sqrt{C(x)/B}\;\xi)`.

    Parameters
    ----------
    landscape : Landscape
        The full loss ``U``.
    lr : float
        Learning rate :math:`\eta`, time unit of one step.
    batch_size : float
        ``B``: samples drawn with replacement in a batch.
    covariance : number, expression, matrix or ``"hessian"``
        ``C(x)``, the covariance of the gradient of one sample, (loss / coordinate) squared; a scalar multiplies the
        identity.
    noise : str or NoiseLaw
        The law of :math:`\xi`: ``"gaussian"``, ``"rademacher"``, ``"uniform"``, ``"laplace"`` or a
        :class:`~escapetime.processes.noise_laws.NoiseLaw`.

    Returns
    -------
    Diffusion
        :math:`\mathrm{d}X = -\nabla U\,\mathrm{d}t + \sqrt{2D}\,\mathrm{d}W` in the Ito convention with
        :math:`D = \eta C / (2B)`, time in ``lr * steps``. Its ``chain`` is the update above, exactly; `et.simulate`
        runs the chain unless told otherwise, `et.theory` and `et.exact` answer the diffusion.

    Raises
    ------
    InvalidInput
        If a number is not positive, or the covariance is not a covariance.

    Notes
    -----
    Valid as a diffusion for small :math:`\eta H`; the law of ``noise`` enters it through its variance only. Mandt,
    Hoffman and Blei 2017 (``mandt2017``).

    Examples
    --------
    >>> sgd(Landscape.parse("x**2 / 2"), lr=0.1, batch_size=2).chain
    Chain(SGD: x -> -0.1*gradient_x + x)
    """  # noqa: DOC502 - raised by what it calls
    step = positive(lr, "lr")
    seen = MinibatchGradient.of(landscape, batch_size, covariance, noise)
    first = seen.covariance[0, 0] * sp.Float(step) / 2
    isotropic = first.is_number and seen.covariance == seen.covariance[0, 0] * sp.eye(landscape.dimension)
    return noisy_descent("SGD", landscape, seen, step, 0.0, float(first) if isotropic else None)
