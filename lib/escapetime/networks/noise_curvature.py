"""Gradient noise against curvature: the covariance and the Hessian compared along the Hessian's eigen-directions."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch.func import grad, vmap

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.networks.data import Dataset
from escapetime.networks.gradient_noise import per_sample_gradients
from escapetime.networks.losses import Loss
from escapetime.networks.minimize import mean_hessian

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NoiseCurvature:
    """Gradient noise and curvature in the eigenbasis of the Hessian, with bootstrap intervals over the samples.

    Parameters
    ----------
    curvatures : numpy.ndarray, shape (d,)
        Eigenvalues h_i of the Hessian, ascending, loss / parameter**2.
    directions : numpy.ndarray, shape (d, d)
        Its eigenvectors, as columns.
    covariance : numpy.ndarray, shape (d, d)
        Per-sample gradient covariance C_1 in that basis, loss**2 / parameter**2.
    ratio_bounds : numpy.ndarray, shape (d, 2)
        Confidence interval of each ratio C_ii / h_i, loss.
    slope_bounds : tuple of float
        Confidence interval of the log-log slope.
    level : float
        Confidence level of each interval.
    """

    curvatures: Floats
    directions: Floats
    covariance: Floats
    ratio_bounds: Floats
    slope_bounds: tuple[float, float]
    level: float

    @property
    def noise(self) -> Floats:
        """Noise variances C_ii along the eigen-directions, loss**2 / parameter**2."""
        return np.diag(self.covariance).copy()

    @property
    def ratio(self) -> Floats:
        """Ratios C_ii / h_i, in units of loss (nats for a log-likelihood, where 1 is Bartlett's identity)."""
        return self.noise / self.curvatures

    @property
    def slope(self) -> float:
        """Least-squares slope of log C_ii on log h_i, dimensionless: 1 for proportional, nan without noise."""
        return _slope(self.curvatures, self.noise)

    @property
    def off_diagonal_mass(self) -> float:
        """Share of the squared Frobenius norm of the covariance off the diagonal: 0 if it commutes with the Hessian."""
        return off_diagonal_mass(self.covariance)


def off_diagonal_mass(matrix: ArrayLike) -> float:
    """Return the share of a matrix's squared Frobenius norm that lies off its diagonal.

    Parameters
    ----------
    matrix : array_like, shape (d, d)
        Any square matrix but zero.

    Returns
    -------
    float
        Between 0 (diagonal) and 1, dimensionless.

    Examples
    --------
    >>> off_diagonal_mass([[1.0, 1.0], [1.0, 1.0]])
    0.5
    """
    squares = np.asarray(matrix, float) ** 2
    return float(1 - np.trace(squares) / squares.sum())


def noise_curvature(
    loss: Loss, parameters: torch.Tensor, data: Dataset, *, level: float = 0.95, resamples: int = 2000, seed: int = 0
) -> NoiseCurvature:
    r"""Compare the per-sample gradient covariance with the Hessian, direction by direction.

    Parameters
    ----------
    loss : callable
        Per-sample loss, three times differentiable, see :mod:`escapetime.networks`.
    parameters : torch.Tensor, shape (d,)
        Where; usually a minimum. The Hessian of the mean loss must be positive definite there.
    data : Dataset
        n samples.
    level : float
        Confidence level of each interval, a probability. For d intervals at once, divide 1 - level by d.
    resamples : int
        Bootstrap resamples of the data set.
    seed : int
        Seed of the resampling.

    Returns
    -------
    NoiseCurvature
        Ratios, slope and off-diagonal mass.

    Raises
    ------
    InvalidInput
        When `level` is no probability, or is too close to 1 for this many resamples.

    Notes
    -----
    The intervals are percentile bootstrap intervals (Efron and Tibshirani 1993, section 13.3): samples are drawn
    with replacement, the parameters and the directions stay. They say how well n samples determine the ratio *at this
    point along these directions*, not how the minimum itself would move. A curvature that is not positive, in the data
    or in a resample, raises :class:`~escapetime.errors.NumericalFailure`: the ratio then means nothing.

    Examples
    --------
    Square loss and residuals of one size r: the ratio is r**2, that is 2 * loss.

    >>> from escapetime.networks.losses import square_loss
    >>> x, y = torch.tensor([[1.0], [1.0], [2.0], [2.0]]).double(), torch.tensor([0.5, -0.5, 0.5, -0.5]).double()
    >>> result = noise_curvature(square_loss(), torch.zeros(1).double(), Dataset("four", x, y, "example"))
    >>> float(result.ratio[0].round(9))
    0.25
    """
    if not 0 < level < 1:
        raise InvalidInput(f"level is a probability strictly between 0 and 1, got {level}")
    tail = (1 - level) / 2
    if resamples * tail < 5:
        raise InvalidInput(f"level={level} needs at least {math.ceil(5 / tail)} resamples, got {resamples}")
    curvatures, vectors = np.linalg.eigh(mean_hessian(loss, parameters, data).numpy())
    _require_positive(curvatures)
    gradients = per_sample_gradients(loss, parameters, data).numpy() @ vectors
    centered = gradients - gradients.mean(axis=0)
    bends = _directional_curvatures(loss, parameters, data, torch.from_numpy(vectors))
    columns = np.hstack([centered**2, centered, bends])
    ratios, slopes = [], []
    for average in _resampled_means(columns, resamples, seed):
        square, mean, bend = np.split(average, 3)
        _require_positive(bend)
        noise = square - mean**2
        ratios.append(noise / bend)
        slopes.append(_slope(bend, noise))
    low, high = np.quantile(slopes, [tail, 1 - tail])
    return NoiseCurvature(
        curvatures=curvatures,
        directions=vectors,
        covariance=centered.T @ centered / len(data),
        ratio_bounds=np.quantile(ratios, [tail, 1 - tail], axis=0).T,
        slope_bounds=(float(low), float(high)),
        level=level,
    )


def _resampled_means(columns: Floats, resamples: int, seed: int) -> Iterator[Floats]:
    # means of the columns over resampled rows, in blocks: one matrix product is faster than many with a vector
    generator, rows = np.random.default_rng(seed), len(columns)
    block = max(1, 1_000_000 // rows)
    for first in range(0, resamples, block):
        draws = generator.integers(0, rows, (min(block, resamples - first), rows))
        counts = np.stack([np.bincount(draw, minlength=rows) for draw in draws]).astype(float)
        yield from counts @ columns / rows


def _directional_curvatures(loss: Loss, parameters: torch.Tensor, data: Dataset, vectors: torch.Tensor) -> Floats:
    # second derivative of every sample's loss along every direction, (n, d). With weights u the weighted loss is linear
    # in u, so that its second derivative along the direction, differentiated by u, is every sample's own.
    weights, origin = parameters.new_ones(len(data)), parameters.new_zeros(())

    def along(vector: torch.Tensor) -> torch.Tensor:
        def bend(u: torch.Tensor) -> torch.Tensor:
            return grad(grad(lambda s: (u * loss(parameters + s * vector, data.inputs, data.targets)).sum()))(origin)

        return grad(bend)(weights)

    return vmap(along)(vectors.T.contiguous()).T.contiguous().numpy()


def _slope(curvatures: Floats, noise: Floats) -> float:
    if len(noise) < 2 or noise.min() <= 0:  # no line through one point, no logarithm of no noise
        return math.nan
    x, y = np.log(curvatures), np.log(noise)
    return float(np.sum((x - x.mean()) * y) / np.sum((x - x.mean()) ** 2))


def _require_positive(curvatures: Floats) -> None:
    if curvatures.min() <= 0:
        raise NumericalFailure(
            f"the smallest curvature is {curvatures.min():.3g}: noise over curvature needs a strict minimum; add an L2 "
            "term, or more samples than parameters"
        )
