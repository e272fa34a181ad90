r"""The symmetric alpha-stable law: constants, density, sampling, Levy measure, and estimates of its index from data.

One convention: the characteristic function is :math:`e^{-|\sigma t|^\alpha}`, so that ``alpha = 2`` is Gaussian with
variance ``2 scale**2`` and ``alpha = 1`` is Cauchy. This room stands on the ground: it knows numpy, scipy, torch and
(if installed) numba, and nothing of processes or routes.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from escapetime.stable.diagnosis import Diagnosis, diagnose
    from escapetime.stable.estimators import tail_index
    from escapetime.stable.information import entropy
    from escapetime.stable.levy_measure import levy_density, small_jump_variance, tail_mass, unit_moment
    from escapetime.stable.quantiles import isf, ppf
    from escapetime.stable.sampling import sample
    from escapetime.stable.series import tail_series

# torch comes with the first draw, scipy with the first density: the laws of escape need numbers only
_HOMES = {
    "constants": "absolute_moment driftless_factor grid_shift levy_constant log_cumulant log_moments median_size "
    "tail_constant",
    "density": "cdf pdf sf",
    "diagnosis": "Diagnosis diagnose",
    "estimators": "tail_index",
    "information": "entropy",
    "levy_measure": "levy_density small_jump_variance tail_mass unit_moment",
    "quantiles": "isf ppf",
    "sampling": "sample",
    "series": "tail_series",
}
_FROM = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = [
    "Diagnosis",
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


def __getattr__(name: str) -> Any:
    if name in _HOMES or name == "formulas":
        return importlib.import_module(f"escapetime.stable.{name}")
    if name in _FROM:
        return getattr(importlib.import_module(f"escapetime.stable.{_FROM[name]}"), name)
    raise AttributeError(f"module 'escapetime.stable' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
