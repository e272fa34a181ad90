"""Adai: momentum whose inertia adapts to each parameter."""

from __future__ import annotations

from typing import Any

import sympy as sp

from escapetime.landscape import Landscape
from escapetime.processes.chain import Chain
from escapetime.processes.minibatch import MinibatchGradient, in_range, positive


def adai(
    landscape: Landscape, *, lr: float, betas: tuple[float, float] = (0.1, 0.99), eps: float = 1e-3,
    batch_size: float = 1, covariance: Any = 1, noise: Any = "gaussian",
) -> Chain:  # fmt: skip
    r"""Make Adai: the inertia of a coordinate is high where its squared gradient is below the mean of all.

    .. math::
        v' = \beta_2 v + (1-\beta_2)\tilde g^2, \quad \hat v = \frac{v'}{1-\beta_2^k}, \quad
        \mu = \mathrm{clip}\Big(1 - \beta_0\frac{\hat v}{\bar v}, 0, 1-\epsilon\Big), \quad
        m' = \mu m + (1-\mu)\tilde g, \quad x' = x - \eta\,\frac{m'}{1-\prod\mu}

    Parameters
    ----------
    landscape : Landscape
        The full loss ``U``; its coordinates are all the parameters, and :math:`\bar v` is the mean over them.
    lr : float
        Learning rate :math:`\eta`; one step is that much time.
    betas : tuple of float
        :math:`\beta_0` (positive; it sets the mean of :math:`1 - \mu`) and :math:`\beta_2` (from 0 to below 1).
    eps : float
        One minus the largest inertia, above 0 and below 1.
    batch_size, covariance, noise
        The stochastic gradient :math:`\tilde g`, as for :func:`~escapetime.processes.sgd.sgd`.

    Returns
    -------
    Chain
        Positions; for each coordinate a momentum, a second moment and the product of its inertias; and
        :math:`\beta_2^k`.

    Raises
    ------
    InvalidInput
        If a number is out of range, or the covariance is not a covariance.

    Notes
    -----
    Xie et al. 2022 (``xie2022``), algorithm as transcribed here. In one dimension :math:`\hat v = \bar v`, so that the
    inertia is :math:`1 - \beta_0` throughout.

    Examples
    --------
    >>> len(adai(Landscape.parse("x**2 / 2 + y**2"), lr=0.01).memory)
    7
    """  # noqa: DOC502 - raised by what it calls
    step, beta0 = positive(lr, "lr"), sp.Float(positive(betas[0], "betas[0]"))
    beta2 = sp.Float(in_range(betas[1], "betas[1]", 0, 1, closed=True))
    largest = sp.Float(1 - in_range(eps, "eps", 0, 1))
    seen = MinibatchGradient.of(landscape, batch_size, covariance, noise)
    x = landscape.variables
    names = "momentum square product new_momentum new_square new_product inertia"
    momenta, squares, products, new_momenta, new_squares, new_products, inertias = (
        tuple(sp.Symbol(f"{what}_{v}", real=True) for v in x) for what in names.split()
    )
    power, new_power, mean = sp.symbols("power new_power mean_square", real=True)
    memory = {**dict.fromkeys((*momenta, *squares), 0.0), **dict.fromkeys(products, 1.0), power: 1.0}
    stages = [*seen.stages, (new_power, beta2 * power)]
    stages += [(n, beta2 * v + (1 - beta2) * g**2) for n, v, g in zip(new_squares, squares, seen.gradient, strict=True)]
    # the correction 1 / (1 - beta2^k) is in both the square and the mean, and cancels
    stages.append((mean, sum(new_squares) / len(x)))
    ratio = [1 - beta0 * v / mean for v in new_squares]
    stages += [(i, sp.Min(sp.Max(r, 0), largest)) for i, r in zip(inertias, ratio, strict=True)]
    mixed = [i * m + (1 - i) * g for i, m, g in zip(inertias, momenta, seen.gradient, strict=True)]
    stages += [*zip(new_momenta, mixed, strict=True)]
    stages += [(n, p * i) for n, p, i in zip(new_products, products, inertias, strict=True)]
    moved = tuple(v - sp.Float(step) * m / (1 - p) for v, m, p in zip(x, new_momenta, new_products, strict=True))
    update = (*moved, *new_momenta, *new_squares, *new_products, new_power)
    return Chain("Adai", x, memory, seen.normals, tuple(stages), update, step, landscape=landscape)
