"""Stochastic gradient descent: its own update, and the diffusion that it approaches as the learning rate falls."""

from __future__ import annotations

from typing import Any

import sympy as sp

from escapetime.landscape import Landscape
from escapetime.processes.base import Diffusion
from escapetime.processes.chain import Chain
from escapetime.processes.minibatch import MinibatchGradient, positive
from escapetime.symbolic.conventions import Convention


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
    update = tuple(v - sp.Float(step) * g for v, g in zip(landscape.variables, seen.gradient, strict=True))
    chain = Chain("SGD", landscape.variables, {}, seen.normals, seen.stages, update, step, landscape=landscape)
    diffusion = seen.covariance * sp.Float(step) / 2
    isotropic = diffusion == diffusion[0, 0] * sp.eye(landscape.dimension) and diffusion[0, 0].is_number
    return Diffusion(
        landscape.variables, -landscape.gradient, diffusion, Convention.ITO, "lr * steps", landscape,
        float(diffusion[0, 0]) if isotropic else None, chain,
    )  # fmt: skip
