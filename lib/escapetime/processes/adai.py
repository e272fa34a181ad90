"""Adai: momentum whose inertia adapts to each parameter."""

from __future__ import annotations

from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.processes.chain import Chain
from escapetime.processes.minibatch import MinibatchGradient, in_range, positive
from escapetime.processes.underdamped import Underdamped


def adai(
    landscape: Landscape, *, lr: float, betas: tuple[float, float] = (0.1, 0.99), eps: float = 1e-3,
    weight_decay: float = 0.0, decoupled: bool = False, dampening: float = 1.0, batch_size: float = 1,
    covariance: Any = 1, noise: Any = "gaussian",
) -> Chain:  # fmt: skip
    r"""Make Adai: the inertia of a coordinate is high where its squared gradient is below the mean of all.

    .. math::
        v' &= \beta_2 v + (1-\beta_2)\tilde g^2, \qquad \hat v = \frac{v'}{1-\beta_2^k}, \\
        \mu &= \mathrm{clip}\Big(1 - \beta_0\Big(\frac{\hat v}{\bar v}\Big)^{1/(3-2d)},\ 0,\ 1-\epsilon\Big), \\
        m' &= \mu m + (1-\mu)^d\,\tilde g, \\
        x' &= x - \eta\beta_0^{1-d}\,\frac{m'}{1-\prod\mu}

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
    weight_decay : float
        :math:`\lambda`, one over time, 0 or more.
    decoupled : bool
        Whether the decay shrinks the position by :math:`1-\eta\lambda` in each step (AdaiW), or adds
        :math:`\lambda x` to the gradient, before its square is taken (the default).
    dampening : float
        ``d``, from 0 to 1. With 1, the algorithm as it was first given, the momentum is an average of gradients.
        Below 1 a coordinate moves as if its learning rate were higher by
        :math:`(\bar v/\hat v)^{(1-d)/(3-2d)}`.
    batch_size, covariance, noise
        The stochastic gradient :math:`\tilde g`, as for :func:`~escapetime.processes.sgd.sgd`.

    Returns
    -------
    Chain
        Positions; for each coordinate a momentum, a second moment and the product of its inertias; and
        :math:`\beta_2^k`. Its ``limit``, where the covariance does not depend on the position and no decay is
        decoupled, is the process with the inertia that this covariance sets: for :math:`\beta_2` near 1, and gradients
        small against their noise.

    Raises
    ------
    InvalidInput
        If a number is out of range, or the covariance is not a covariance.

    Notes
    -----
    Xie et al. 2022 (``xie2022``), algorithm as transcribed here. In one dimension :math:`\hat v = \bar v`, so that the
    inertia is :math:`1 - \beta_0` throughout. The inertia does not change when all gradients are multiplied by one
    number. It is not defined as long as all of them have been zero: start off critical points, or with noise.

    Examples
    --------
    >>> len(adai(Landscape.parse("x**2 / 2 + y**2"), lr=0.01).memory)
    7
    """
    step, beta0 = positive(lr, "lr"), sp.Float(positive(betas[0], "betas[0]"))
    beta2 = sp.Float(in_range(betas[1], "betas[1]", 0, 1, closed=True))
    largest = sp.Float(1 - in_range(eps, "eps", 0, 1))
    decay = sp.Float(in_range(weight_decay, "weight_decay", 0, float("inf"), closed=True))
    if not 0 <= dampening <= 1:
        raise InvalidInput(f"Expected dampening from 0 to 1, got {dampening!r}.")
    damp = sp.Rational(str(float(dampening)))
    seen = MinibatchGradient.of(landscape, batch_size, covariance, noise)
    x, gradient, stages = landscape.variables, seen.gradient, [*seen.stages]
    names = "momentum square product new_momentum new_square new_product inertia decayed"
    momenta, squares, products, new_momenta, new_squares, new_products, inertias, decayed = (
        tuple(sp.Symbol(f"{what}_{v}", real=True) for v in x) for what in names.split()
    )
    if decay and not decoupled:
        stages += [(n, g + decay * v) for n, g, v in zip(decayed, gradient, x, strict=True)]
        gradient = decayed
    power, new_power, mean = sp.symbols("power new_power mean_square", real=True)
    memory = {**dict.fromkeys((*momenta, *squares), 0.0), **dict.fromkeys(products, 1.0), power: 1.0}
    stages.append((new_power, beta2 * power))
    stages += [(n, beta2 * v + (1 - beta2) * g**2) for n, v, g in zip(new_squares, squares, gradient, strict=True)]
    # the correction 1 / (1 - beta2^k) is in both the square and the mean, and cancels
    stages.append((mean, sum(new_squares) / len(x)))
    stages += [(i, _inertia(v, mean, beta0, damp, largest)) for i, v in zip(inertias, new_squares, strict=True)]
    mixed = [i * m + (1 - i) ** damp * g for i, m, g in zip(inertias, momenta, gradient, strict=True)]
    stages += [*zip(new_momenta, mixed, strict=True)]
    stages += [(n, p * i) for n, p, i in zip(new_products, products, inertias, strict=True)]
    kept = 1 - sp.Float(step) * decay if decoupled and decay else sp.Integer(1)
    rate = sp.Float(step) * beta0 ** (1 - damp)
    moved = tuple(kept * v - rate * m / (1 - p) for v, m, p in zip(x, new_momenta, new_products, strict=True))
    update = (*moved, *new_momenta, *new_squares, *new_products, new_power)
    limit = None if decoupled and decay else _limit(landscape, step, damp, beta0, largest, decay, seen.covariance)
    return Chain("Adai", x, memory, seen.normals, tuple(stages), update, step, landscape=landscape, limit=limit)


def _inertia(square: sp.Expr, mean: sp.Expr, beta0: sp.Expr, damp: sp.Expr, largest: sp.Expr) -> sp.Expr:
    return sp.Min(sp.Max(1 - beta0 * (square / mean) ** (1 / (3 - 2 * damp)), 0), largest)


def _limit(
    landscape: Landscape, step: float, damp: sp.Expr, beta0: sp.Expr, largest: sp.Expr, decay: sp.Expr,
    covariance: sp.Matrix,
) -> Underdamped | None:  # fmt: skip
    if covariance.free_symbols or not covariance.trace():
        return None
    mean = covariance.trace() / covariance.rows
    frictions, masses = [], []
    for square in covariance.diagonal():
        left = 1 - _inertia(square, mean, beta0, damp, largest)
        frictions.append(float(left / step))
        masses.append(float(step / (left**damp * beta0 ** (1 - damp))))
    if decay:
        penalty = decay * sum(v**2 for v in landscape.variables) / 2
        landscape = Landscape(landscape.expression + penalty, landscape.variables, box=landscape.box)
    return Underdamped(landscape, covariance * sp.Float(step) / 2, frictions, masses, "lr * steps")
