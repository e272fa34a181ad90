"""The symmetric alpha-stable law: constants, density, sampling, Levy measure, and estimates of its index from data."""

from escapetime.stable import formulas
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
from escapetime.stable.levy_measure import levy_density, small_jump_variance, tail_mass, unit_moment
from escapetime.stable.quantiles import isf, ppf
from escapetime.stable.sampling import sample
from escapetime.stable.series import tail_series

__all__ = [
    "absolute_moment",
    "cdf",
    "driftless_factor",
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
    "tail_mass",
    "tail_series",
    "unit_moment",
]
