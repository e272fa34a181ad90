"""Estimators of the stability index, what biases them, and one function that tries them on data and says so."""

from escapetime.stable.estimators.block import block_log_moment
from escapetime.stable.estimators.block_bias import (
    filtered_index,
    gaussian_correlated_index,
    gaussian_mixture_index,
    gaussian_shifted_index,
)
from escapetime.stable.estimators.characteristic import characteristic
from escapetime.stable.estimators.hill import hill, hill_index
from escapetime.stable.estimators.likelihood import likelihood
from escapetime.stable.estimators.log_cumulant import log_cumulant
from escapetime.stable.estimators.mcculloch import mcculloch
from escapetime.stable.estimators.result import TailIndex
from escapetime.stable.estimators.tail_index import METHODS, tail_index

__all__ = [
    "METHODS",
    "TailIndex",
    "block_log_moment",
    "characteristic",
    "filtered_index",
    "gaussian_correlated_index",
    "gaussian_mixture_index",
    "gaussian_shifted_index",
    "hill",
    "hill_index",
    "likelihood",
    "log_cumulant",
    "mcculloch",
    "tail_index",
]
