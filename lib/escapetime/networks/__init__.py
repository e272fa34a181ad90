"""Real data, real losses and the literal optimizer: gradient noise, minibatch SGD of many replicas, minima.

A *loss* here is any torch function ``loss(parameters, inputs, targets)`` that returns one loss per sample:
parameters of shape (d,), inputs of shape (n, ...), targets of shape (n, ...), result of shape (n,).
"""

from escapetime.networks.batches import SCHEMES, BatchStream
from escapetime.networks.curvature import largest_curvatures
from escapetime.networks.data import Dataset, available, breast_cancer, digits, load
from escapetime.networks.ensemble import replica_covariances
from escapetime.networks.gradient_noise import (
    gradient_covariance,
    minibatch_covariance,
    per_sample_gradients,
    per_sample_hessians,
)
from escapetime.networks.losses import Loss, logistic_loss, square_loss
from escapetime.networks.minimize import Minimum, mean_gradient, mean_hessian, minimize
from escapetime.networks.modules import module_loss
from escapetime.networks.noise_curvature import NoiseCurvature, noise_curvature, off_diagonal_mass
from escapetime.networks.running import RunningCovariance
from escapetime.networks.sgd import batch_gradients, sgd_snapshots

__all__ = [
    "SCHEMES",
    "BatchStream",
    "Dataset",
    "Loss",
    "Minimum",
    "NoiseCurvature",
    "RunningCovariance",
    "available",
    "batch_gradients",
    "breast_cancer",
    "digits",
    "gradient_covariance",
    "largest_curvatures",
    "load",
    "logistic_loss",
    "mean_gradient",
    "mean_hessian",
    "minibatch_covariance",
    "minimize",
    "module_loss",
    "noise_curvature",
    "off_diagonal_mass",
    "per_sample_gradients",
    "per_sample_hessians",
    "replica_covariances",
    "sgd_snapshots",
    "square_loss",
]
