"""Symbolic stochastic calculus: Kramers-Moyal, Fokker-Planck, conventions and Laplace's method, in sympy alone."""

from escapetime.symbolic.conventions import Convention, convert_drift, noise_induced_drift, to_ito_drift
from escapetime.symbolic.discrete_updates import euler_maruyama_update, sgd_update
from escapetime.symbolic.fokker_planck import (
    adjoint_flux,
    backward_operator,
    fokker_planck_operator,
    probability_current,
)
from escapetime.symbolic.kramers_moyal import KramersMoyal, kramers_moyal_coefficients, moments
from escapetime.symbolic.kramers_series import KramersSeries, mean_saddle_time_series, mean_transition_time_series
from escapetime.symbolic.laplace import LaplaceSeries, laplace_formulas, laplace_series
from escapetime.symbolic.laplace_nd import laplace_series_nd
from escapetime.symbolic.modified_equations import ModifiedEquation, modified_equation, short_time_moments
from escapetime.symbolic.noise_moments import expectation, moments_from_cumulants
from escapetime.symbolic.stationary import detailed_balance_potential, stationary_density_1d

__all__ = [
    "Convention",
    "KramersMoyal",
    "KramersSeries",
    "LaplaceSeries",
    "ModifiedEquation",
    "adjoint_flux",
    "backward_operator",
    "convert_drift",
    "detailed_balance_potential",
    "euler_maruyama_update",
    "expectation",
    "fokker_planck_operator",
    "kramers_moyal_coefficients",
    "laplace_formulas",
    "laplace_series",
    "laplace_series_nd",
    "mean_saddle_time_series",
    "mean_transition_time_series",
    "modified_equation",
    "moments",
    "moments_from_cumulants",
    "noise_induced_drift",
    "probability_current",
    "sgd_update",
    "short_time_moments",
    "stationary_density_1d",
    "to_ito_drift",
]
