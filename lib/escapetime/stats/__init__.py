"""Estimators of escape times and slopes: intervals whose coverage is stated, tests with a known error rate.

This package stands on the ground: it knows numpy and scipy, and nothing of landscapes, processes or routes.
A time carries whatever unit the caller measured it in, and every mean, error and interval end comes back in that unit.
"""

from escapetime.stats.comparison import Agreement, agreement, bonferroni, ratio_interval
from escapetime.stats.exponential import ExponentialFit, exponential_mle
from escapetime.stats.goodness_of_fit import GoodnessOfFit, exponentiality
from escapetime.stats.mean import MeanEstimate, mean_estimate, mean_interval
from escapetime.stats.regression import SlopeFit, convergence_order, slope_fit
from escapetime.stats.survival import SurvivalCurve, survival_curve

__all__ = [
    "Agreement",
    "ExponentialFit",
    "GoodnessOfFit",
    "MeanEstimate",
    "SlopeFit",
    "SurvivalCurve",
    "agreement",
    "bonferroni",
    "convergence_order",
    "exponential_mle",
    "exponentiality",
    "mean_estimate",
    "mean_interval",
    "ratio_interval",
    "slope_fit",
    "survival_curve",
]
