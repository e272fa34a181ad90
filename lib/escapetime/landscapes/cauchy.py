"""A real finite-sum loss with two minima: the location of Cauchy data that come in two clusters."""

from __future__ import annotations

import numpy as np
import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.sample_loss import SampleLoss


def cauchy_location(nodes: int | None = 32) -> SampleLoss:
    r"""Return :math:`\ell = \ln(1 + (x-\theta)^2)` on 500 numbers: 240 around -2, 260 around 2.

    The negative log-likelihood of a Cauchy law, on data that are not Cauchy's: a loss as training makes them, in which
    nothing was arranged. The data are 240 draws of :math:`N(-2, 0.3^2)` and 260 of :math:`N(2, 0.6^2)`, in this order
    from numpy's default generator with seed 3.

    Parameters
    ----------
    nodes : int, optional
        The loss as an expression has this many terms: the data are compressed to so many weighted numbers, see
        :meth:`~escapetime.sample_loss.SampleLoss.compressed`. With 32 of them mean gradient and covariance are those of
        the 500 samples to 1e-8 on the box. None: the 500 samples themselves, for literal minibatches.

    Returns
    -------
    SampleLoss
        One parameter ``theta``, box ``(-4, 4)``.

    Raises
    ------
    InvalidInput
        If the number of nodes is not positive, or above 500.

    Examples
    --------
    >>> model = cauchy_location()
    >>> [p.kind for p in model.landscape.critical_points()]
    ['minimum', 'minimum', 'maximum']
    """
    theta, x = sp.symbols("theta x", real=True)
    generator = np.random.default_rng(3)
    samples = np.concatenate([generator.normal(-2, 0.3, 240), generator.normal(2, 0.6, 260)])
    if nodes is not None and not 1 <= nodes <= len(samples):
        raise InvalidInput(f"Expected between 1 and {len(samples)} nodes, or None for all samples, got {nodes!r}.")
    loss = SampleLoss(
        sp.log(1 + (x - theta) ** 2), (x,), (theta,), samples=samples, name="Cauchy location", box=[(-4, 4)]
    )
    return loss if nodes is None else loss.compressed(nodes)
