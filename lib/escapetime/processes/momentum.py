"""SGD with momentum, as torch.optim.SGD does it."""

from __future__ import annotations

from typing import Any

import sympy as sp

from escapetime.landscape import Landscape
from escapetime.processes.chain import Chain
from escapetime.processes.minibatch import MinibatchGradient, in_range, positive
from escapetime.processes.underdamped import Underdamped


def heavy_ball(
    landscape: Landscape, *, lr: float, momentum: float, batch_size: float = 1, covariance: Any = 1,
    dampening: float = 0.0, noise: Any = "gaussian",
) -> Chain:  # fmt: skip
    r"""Make SGD with momentum: :math:`m' = \beta m + (1 - d)\,\tilde g`, :math:`x' = x - \eta\,m'`.

    Parameters
    ----------
    landscape : Landscape
        The full loss ``U``.
    lr : float
        Learning rate :math:`\eta`; one step is that much time.
    momentum : float
        :math:`\beta`, from 0 to below 1.
    batch_size, covariance, noise
        The stochastic gradient :math:`\tilde g`, as for :func:`~escapetime.processes.sgd.sgd`.
    dampening : float
        ``d``, from 0 to below 1. As in ``torch.optim.SGD`` the first step is not dampened.

    Returns
    -------
    Chain
        Positions, and one momentum a coordinate that starts at zero. Its ``limit`` is the particle of
        :class:`~escapetime.processes.underdamped.Underdamped`, in the time ``lr * steps``, with the velocity ``-m``,
        the friction :math:`(1-\beta)/\eta`, the mass :math:`\eta/(1-d)` and :math:`D = \eta C/(2B)`.

    Raises
    ------
    InvalidInput
        If a number is out of range, or the covariance is not a covariance.

    Notes
    -----
    Polyak 1964 (``polyak1964``) up to the arrangement of the learning rate. With ``dampening=0`` a constant gradient
    moves the position ``1 / (1 - momentum)`` times as fast as SGD, while time is counted as ``lr * steps``.

    The limit has the mean and covariance of one step to leading order in :math:`\eta`, at fixed friction and mass.
    It holds where one step changes little of both: :math:`1-\beta \ll 1`, and :math:`\eta(1-d)H \ll 1` for
    curvatures ``H``. The law of ``noise`` enters it through its variance only, and the first step, which is not
    dampened, is forgotten after a time :math:`1/\gamma`.

    Examples
    --------
    >>> heavy_ball(Landscape.parse("x**2 / 2"), lr=0.1, momentum=0.9).memory
    {momentum_x: 0.0}
    >>> heavy_ball(Landscape.parse("x**2 / 2"), lr=0.5, momentum=0.75, dampening=0.75).limit
    Underdamped(U=x**2/2, temperature=0.25, friction=0.5, mass=2)
    """  # noqa: DOC502 - raised by what it calls
    step, beta = positive(lr, "lr"), in_range(momentum, "momentum", 0, 1, closed=True)
    damp = in_range(dampening, "dampening", 0, 1, closed=True)
    seen = MinibatchGradient.of(landscape, batch_size, covariance, noise)
    kept = tuple(sp.Symbol(f"momentum_{v}", real=True) for v in landscape.variables)
    memory = dict.fromkeys(kept, 0.0)
    weight: sp.Expr = sp.Integer(1)
    last: tuple[sp.Expr, ...] = ()
    if damp:
        first = sp.Symbol("first_step", real=True)  # 1 before the first step, 0 ever after
        memory[first], weight, last = 1.0, 1 - sp.Float(damp) * (1 - first), (sp.Integer(0),)
    new = tuple(sp.Symbol(f"new_momentum_{v}", real=True) for v in landscape.variables)
    mixed = [sp.Float(beta) * m + weight * g for m, g in zip(kept, seen.gradient, strict=True)]
    stages = (*seen.stages, *zip(new, mixed, strict=True))
    moved = tuple(v - sp.Float(step) * m for v, m in zip(landscape.variables, new, strict=True))
    return Chain(
        "heavy ball", landscape.variables, memory, seen.normals, stages, (*moved, *new, *last), step,
        landscape=landscape, limit=_limit(landscape, step, beta, damp, seen.covariance),
    )  # fmt: skip


def _limit(landscape: Landscape, step: float, beta: float, damp: float, covariance: sp.Matrix) -> Underdamped:
    friction, mass = (1 - beta) / step, step / (1 - damp)
    diffusion = covariance * sp.Float(step) / 2
    same = diffusion[0, 0]
    thermal = same.is_number and same > 0 and diffusion == same * sp.eye(landscape.dimension)
    temperature = float(same) / (friction * mass) if thermal else None
    return Underdamped(landscape, diffusion, friction, mass, "lr * steps", temperature)
