r"""The symmetric alpha-stable law: constants, density, sampling, Levy measure, and estimates of its index from data.

One convention: the characteristic function is :math:`e^{-|\sigma t|^\alpha}`, so that ``alpha = 2`` is Gaussian with
variance ``2 scale**2`` and ``alpha = 1`` is Cauchy. This room stands on the ground: it knows numpy, scipy, torch and
(if installed) numba, and nothing of processes or routes.
"""

from escapetime.stable import estimators, formulas
from escapetime.stable.constants import (
    absolute_moment,
    driftless_factor,
    grid_shift,
    levy_constant,
    log_cumulant,
    log_moments,
    median_size,
    tail_constant,
)
from escapetime.stable.density import cdf, pdf, sf
from escapetime.stable.diagnose import Diagnosis, diagnose
from escapetime.stable.estimators import TailIndex, tail_index
from escapetime.stable.information import entropy
from escapetime.stable.levy_measure import levy_density, small_jump_variance, tail_mass, unit_moment
from escapetime.stable.quantiles import isf, ppf
from escapetime.stable.sampling import sample
from escapetime.stable.series import tail_series

__all__ = [
    "Diagnosis",
    "TailIndex",
    "absolute_moment",
    "cdf",
    "diagnose",
    "driftless_factor",
    "entropy",
    "estimators",
    "formulas",
    "grid_shift",
    "isf",
    "levy_constant",
    "levy_density",
    "log_cumulant",
    "log_moments",
    "median_size",
    "pdf",
    "ppf",
    "sample",
    "sf",
    "small_jump_variance",
    "tail_constant",
    "tail_index",
    "tail_mass",
    "tail_series",
    "unit_moment",
]
