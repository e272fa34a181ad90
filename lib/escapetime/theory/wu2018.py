r"""Wu, Ma and E 2018: which interpolating minima SGD can stay at, escape without a barrier.

At a minimum where every sample has zero gradient, SGD on the quadratic approximation is a product of random matrices,
:math:`\theta' = (I - \eta H_{\mathcal B})\,\theta`. With batches of ``B`` out of ``N`` without replacement,

.. math:: \mathbb E\|\theta'\|^2 = \theta^\top A\,\theta, \qquad
    A = (I - \eta H)^2 + c\,\Sigma, \quad c = \frac{\eta^2 (N-B)}{B(N-1)}, \quad
    \Sigma = \frac1N\sum_i H_i^2 - H^2 .

The condition of the source, :math:`\lambda_{\max}(A) \le 1`, keeps the mean square from growing in any step. It is
sufficient. The threshold itself is that of the recursion of all second moments, see :func:`growth`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from escapetime.errors import InvalidInput

SOURCES = ("wu2018",)

Array = NDArray[np.float64]


def stability(hessians: ArrayLike, *, lr: float, batch_size: int) -> float:
    r"""Return :math:`\lambda_{\max}(A)`: the largest factor by which the mean square can grow in one step.

    Parameters
    ----------
    hessians : array-like
        Hessian of each sample's loss, shape ``(N, d, d)``, symmetric, loss per squared coordinate.
    lr : float
        Learning rate :math:`\eta`.
    batch_size : int
        Samples of a batch, drawn without replacement, from 1 to ``N``.

    Returns
    -------
    float
        A pure number; the source calls the minimum stable where it is at most 1.

    Raises
    ------
    InvalidInput
        If shapes or numbers are unfit.

    Notes
    -----
    Wu, Ma and E 2018 (``wu2018``), as transcribed here. About a quadratic model and independent batches.

    Examples
    --------
    One direction, curvatures 0 and 2, single samples: (1 - lr)**2 + lr**2 = 1 at lr = 1:

    >>> stability([[[0.0]], [[2.0]]], lr=1.0, batch_size=1)
    1.0
    """  # noqa: DOC502 - raised by what it calls
    samples, weight = _checked(hessians, lr, batch_size)
    mean, d = samples.mean(axis=0), samples.shape[1]
    step = np.eye(d) - lr * mean
    spread = np.einsum("nij,njk->ik", samples, samples) / len(samples) - mean @ mean
    return float(np.linalg.eigvalsh(step @ step + weight * spread)[-1])


def second_moment(moment: ArrayLike, hessians: ArrayLike, *, lr: float, batch_size: int) -> Array:
    r"""Return :math:`\mathbb E[\theta'\theta'^\top]` after one step from :math:`\mathbb E[\theta\theta^\top]`.

    Parameters
    ----------
    moment : array-like
        Second moments before the step, squared coordinate, shape ``(d, d)``.
    hessians, lr, batch_size
        As for :func:`stability`.

    Returns
    -------
    numpy.ndarray
        :math:`(I-\eta H) M (I-\eta H)` plus ``c`` times :math:`\frac1N\sum_i H_i M H_i - H M H`, exactly; shape
        ``(d, d)``.

    Raises
    ------
    InvalidInput
        If shapes or numbers are unfit.

    Examples
    --------
    >>> second_moment([[1.0]], [[[0.0]], [[2.0]]], lr=0.5, batch_size=1)
    array([[0.5]])
    """  # noqa: DOC502 - raised by what it calls
    samples, weight = _checked(hessians, lr, batch_size)
    m, mean = np.asarray(moment, dtype=float), samples.mean(axis=0)
    step = np.eye(len(mean)) - lr * mean
    spread = np.einsum("nij,jk,nkl->il", samples, m, samples) / len(samples) - mean @ m @ mean
    return step @ m @ step + weight * spread


def growth(hessians: ArrayLike, *, lr: float, batch_size: int) -> float:
    """Return the factor by which second moments grow per step in the long run.

    Parameters
    ----------
    hessians, lr, batch_size
        As for :func:`stability`.

    Returns
    -------
    float
        The spectral radius of :func:`second_moment` as a linear map: the mean square stays bounded only if it is at
        most 1. It is never above :func:`stability`.

    Raises
    ------
    InvalidInput
        If shapes or numbers are unfit.

    Examples
    --------
    >>> growth([[[0.0]], [[2.0]]], lr=1.0, batch_size=1)
    1.0
    """  # noqa: DOC502 - raised by what it calls
    samples, weight = _checked(hessians, lr, batch_size)
    mean, d = samples.mean(axis=0), samples.shape[1]
    step = np.eye(d) - lr * mean
    spread = np.einsum("nij,nkl->ikjl", samples, samples).reshape(d * d, d * d) / len(samples) - np.kron(mean, mean)
    return float(np.max(np.abs(np.linalg.eigvals(np.kron(step, step) + weight * spread))))


def _checked(hessians: ArrayLike, lr: float, batch_size: int) -> tuple[Array, float]:
    samples = np.asarray(hessians, dtype=float)
    if samples.ndim != 3 or samples.shape[1] != samples.shape[2] or len(samples) < 2:
        raise InvalidInput(f"Expected Hessians of shape (N, d, d) with N at least 2, got {samples.shape}.")
    if not (lr > 0 and 1 <= batch_size <= len(samples)):
        raise InvalidInput(
            f"Expected lr above 0 and a batch_size from 1 to {len(samples)}, got {lr!r} and {batch_size!r}."
        )
    count = len(samples)
    return samples, lr**2 * (count - batch_size) / (batch_size * (count - 1))
