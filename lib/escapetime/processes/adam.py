"""Adam, as torch.optim.Adam does it."""

from __future__ import annotations

from typing import Any

import sympy as sp

from escapetime.landscape import Landscape
from escapetime.processes.chain import Chain
from escapetime.processes.minibatch import MinibatchGradient, in_range, positive


def adam(
    landscape: Landscape, *, lr: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
    batch_size: float = 1, covariance: Any = 1, noise: Any = "gaussian",
) -> Chain:  # fmt: skip
    r"""Make Adam: means of the gradient and of its square, both corrected for their start at zero.

    .. math::
        m' = \beta_1 m + (1-\beta_1)\tilde g, \quad v' = \beta_2 v + (1-\beta_2)\tilde g^2, \quad
        x' = x - \eta\,\frac{m' / (1-\beta_1^k)}{\sqrt{v' / (1-\beta_2^k)} + \epsilon}

    Parameters
    ----------
    landscape : Landscape
        The full loss ``U``.
    lr : float
        Learning rate :math:`\eta`; one step is that much time.
    betas : tuple of float
        :math:`\beta_1, \beta_2`, from 0 to below 1.
    eps : float
        :math:`\epsilon`, in units of the gradient.
    batch_size, covariance, noise
        The stochastic gradient :math:`\tilde g`, as for :func:`~escapetime.processes.sgd.sgd`.

    Returns
    -------
    Chain
        Positions; two means a coordinate that start at zero; and the two powers :math:`\beta^k`.

    Raises
    ------
    InvalidInput
        If a number is out of range, or the covariance is not a covariance.

    Notes
    -----
    Kingma and Ba 2015, algorithm 1 (``kingma2015``). A decay of weights is a term of the loss here.

    Examples
    --------
    >>> len(adam(Landscape.parse("x**2 / 2"), lr=0.01).memory)
    4
    """  # noqa: DOC502 - raised by what it calls
    step, guard = positive(lr, "lr"), in_range(eps, "eps", 0, float("inf"), closed=True)
    beta1, beta2 = (sp.Float(in_range(b, "betas", 0, 1, closed=True)) for b in betas)
    seen = MinibatchGradient.of(landscape, batch_size, covariance, noise)
    x = landscape.variables
    means, squares, new_means, new_squares = (
        tuple(sp.Symbol(f"{what}_{v}", real=True) for v in x) for what in ("mean", "square", "new_mean", "new_square")
    )
    powers, new_powers = sp.symbols("power1 power2", real=True), sp.symbols("new_power1 new_power2", real=True)
    memory = {**dict.fromkeys((*means, *squares), 0.0), **dict.fromkeys(powers, 1.0)}
    stages = [*seen.stages, (new_powers[0], beta1 * powers[0]), (new_powers[1], beta2 * powers[1])]
    stages += [(n, beta1 * m + (1 - beta1) * g) for n, m, g in zip(new_means, means, seen.gradient, strict=True)]
    stages += [(n, beta2 * v + (1 - beta2) * g**2) for n, v, g in zip(new_squares, squares, seen.gradient, strict=True)]
    size, root = sp.symbols("step_size root_correction", real=True)
    stages += [(size, sp.Float(step) / (1 - new_powers[0])), (root, 1 / sp.sqrt(1 - new_powers[1]))]
    moved = tuple(
        v - size * m / (sp.sqrt(s) * root + sp.Float(guard)) for v, m, s in zip(x, new_means, new_squares, strict=True)
    )
    update = (*moved, *new_means, *new_squares, *new_powers)
    return Chain("Adam", x, memory, seen.normals, tuple(stages), update, step, landscape=landscape)
