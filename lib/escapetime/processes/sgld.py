"""Stochastic gradient Langevin dynamics: gradient descent with white noise injected by hand."""

from __future__ import annotations

from typing import Any

from escapetime.landscape import Landscape
from escapetime.processes.base import Diffusion
from escapetime.processes.minibatch import MinibatchGradient, noisy_descent, positive


def sgld(
    landscape: Landscape, *, lr: float, temperature: float, batch_size: float = 1, covariance: Any = 0,
    noise: Any = "gaussian",
) -> Diffusion:  # fmt: skip
    r"""Make SGLD, :math:`x' = x - \eta\,\tilde g(x) + \sqrt{2\eta T}\;\xi` with standard normal :math:`\xi`.

    Parameters
    ----------
    landscape : Landscape
        The full loss ``U``.
    lr : float
        Learning rate :math:`\eta`, time unit of one step.
    temperature : float
        ``T``, in units of the loss.
    batch_size, covariance, noise
        The stochastic gradient :math:`\tilde g`, as for :func:`~escapetime.processes.sgd.sgd`; by default it is the
        full gradient, without noise.

    Returns
    -------
    Diffusion
        :math:`\mathrm{d}X = -\nabla U\,\mathrm{d}t + \sqrt{2D}\,\mathrm{d}W` in the Ito convention with
        :math:`D = T + \eta C / (2B)`, time in ``lr * steps``. Its ``chain`` is the update above, exactly.

    Raises
    ------
    InvalidInput
        If a number is not positive, or the covariance is not a covariance.

    Notes
    -----
    Valid as a diffusion for small :math:`\eta H`. Without gradient noise the stationary density is close to
    :math:`e^{-U/T}`; the gradient noise of a batch is negligible where :math:`\eta C \ll 2 B T`. Welling and Teh 2011
    (``welling2011``), here at a constant learning rate and with the temperature free.

    Examples
    --------
    >>> process = sgld(Landscape.parse("x**2 / 2"), lr=0.5, temperature=0.25)
    >>> process
    Diffusion(drift=-x, diffusion=0.25, ITO, time in lr * steps)
    >>> process.chain
    Chain(SGLD: x -> -0.5*gradient_x + 0.5*injected_x + x)
    """  # noqa: DOC502 - raised by what it calls
    step, heat = positive(lr, "lr"), positive(temperature, "temperature")
    seen = MinibatchGradient.of(landscape, positive(batch_size, "batch_size"), covariance, noise)
    return noisy_descent("SGLD", landscape, seen, step, heat, heat if seen.covariance.is_zero_matrix else None)
