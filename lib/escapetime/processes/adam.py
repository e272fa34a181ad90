"""Adam, as torch.optim.Adam does it, and the diffusions that it approaches as the learning rate falls."""

from __future__ import annotations

from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.processes import preconditioned
from escapetime.processes.base import Diffusion
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
        Positions; two means a coordinate that start at zero; and the two powers :math:`\beta^k`. Its ``limit`` is the
        ``"quasi-static"`` one of :func:`adam_limit`, where the covariance has a positive diagonal.

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
    limit = None
    if all(seen.covariance.diagonal()):
        limit = preconditioned.divided(landscape, seen.covariance, _roots(seen.covariance, guard), step)
    return Chain("Adam", x, memory, seen.normals, tuple(stages), update, step, landscape=landscape, limit=limit)


def adam_limit(
    landscape: Landscape, *, lr: float, second_moment: str = "quasi-static", at: Any = None,
    betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, batch_size: float = 1, covariance: Any = 1,
    noise: Any = "gaussian",
) -> Diffusion:  # fmt: skip
    r"""Make the diffusion that Adam approaches as its learning rate falls; which one, the second moment decides.

    With :math:`c = C(x)/B` the covariance of the noise, coordinate by coordinate:

    .. math:: \mathrm{d}X = -\frac{U'}{\sqrt v+\epsilon}\,\mathrm{d}t
        + \frac{\sqrt{\eta\,c}}{\sqrt v+\epsilon}\,\mathrm{d}W

    Parameters
    ----------
    landscape, lr, betas, eps, batch_size, covariance, noise
        As for :func:`adam`.
    second_moment : str
        ``"quasi-static"``: :math:`v = c(x)`, it follows the noise, and the diffusion is :math:`\eta/2`.
        ``"frozen"``: :math:`v = c` at one point, SGD with another learning rate.
        ``"moving"``: ``v`` has an equation of its own, with fluctuations; one more coordinate for each, its logarithm.
    at : sequence of float, optional
        Where a frozen second moment was formed: the minimum that is left. A number in one dimension.

    Returns
    -------
    Diffusion
        In the Ito convention, time in ``lr * steps``. For the first two kinds ``chain`` is Adam itself.

    Raises
    ------
    InvalidInput
        If an argument is out of range, the noise vanishes, ``second_moment`` is none of the three, or ``at`` is missing
        where it is needed or given where it is not; for ``"moving"``, if the covariance is not diagonal, or ``eps`` is
        not 0.

    Notes
    -----
    With ``r`` the relaxation rate per step (:func:`escapetime.theory.preconditioned.relaxation`), and noise that
    outweighs the gradient: quasi-static for :math:`r\ll1-\beta_2\ll1`, frozen for :math:`1-\beta_2\ll r\ll1`, moving
    for any ratio of the two, :math:`\beta_2` above 0.95 and normal noise. :math:`\beta_1` enters none of them, as long
    as :math:`1-\beta_1` is well above both rates.

    Examples
    --------
    >>> well = Landscape.parse("(x**2 - 1)**2 / 4")
    >>> adam_limit(well, lr=0.5, eps=0, batch_size=4)
    Diffusion(drift=-2.0*x*(x**2 - 1), diffusion=0.25, ITO, time in lr * steps)
    >>> adam_limit(well, lr=0.5, eps=0, second_moment="moving").variables
    (x, log_square_x)
    """
    kinds = ("quasi-static", "frozen", "moving")
    if second_moment not in kinds:
        raise InvalidInput(f"Expected second_moment to be one of {', '.join(map(repr, kinds))}, got {second_moment!r}.")
    if (at is not None) != (second_moment == "frozen"):
        raise InvalidInput("A frozen second moment needs at=, the minimum where it was formed; the others take none.")
    chain = adam(
        landscape, lr=lr, betas=betas, eps=eps, batch_size=batch_size, covariance=covariance, noise=noise
    )  # fmt: skip
    seen, step = MinibatchGradient.of(landscape, batch_size, covariance, noise), chain.time_step
    if chain.limit is None:
        raise InvalidInput("The gradient noise vanishes along a coordinate: Adam's second moment has no mean there.")
    if second_moment == "moving":
        if eps != 0:
            raise InvalidInput(f"A moving second moment needs eps=0, got {eps!r}.")
        return preconditioned.moving(landscape, seen.covariance, step, 1 - float(betas[1]))
    frozen = seen.covariance
    if at is not None:
        frozen = frozen.subs(dict(zip(landscape.variables, _point(at, landscape.dimension), strict=True)))
    return preconditioned.divided(landscape, seen.covariance, _roots(frozen, eps), step, chain)


def _roots(covariance: sp.Matrix, eps: float) -> list[sp.Expr]:
    return [sp.sqrt(c) + (sp.Float(eps) if eps else 0) for c in covariance.diagonal()]


def _point(at: Any, dimension: int) -> list[float]:
    values = [float(v) for v in (at if hasattr(at, "__len__") else [at])]
    if len(values) != dimension:
        raise InvalidInput(f"Expected the point at= as {dimension} number(s), got {at!r}.")
    return values
