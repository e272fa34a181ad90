"""Measured against predicted: agreement of two numbers, ratios of two means, and many comparisons at once."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.stats import _checks
from escapetime.stats._checks import Floats


@dataclass(frozen=True)
class Agreement:
    """How far a measurement is from a prediction.

    Attributes
    ----------
    difference : float
        Measured minus predicted, in their unit.
    z : float
        Difference in standard errors.
    p_value : float
        Probability of a difference at least this large, either way, if the prediction is right.
    """

    difference: float
    z: float
    p_value: float


def agreement(
    measured: float, stderr: float, predicted: float, *, predicted_stderr: float = 0.0, dof: float | None = None
) -> Agreement:
    """Compare a measured number with a predicted one, in standard errors.

    Parameters
    ----------
    measured : float
        Measured value, any unit.
    stderr : float
        Its standard error, same unit, positive.
    predicted : float
        Predicted value, same unit.
    predicted_stderr : float
        Standard error of the prediction, if it too was measured, independently; same unit.
    dof : float, optional
        Degrees of freedom behind ``stderr``: Student's law instead of the Gaussian.

    Returns
    -------
    Agreement
        With ``difference``, ``z`` and two-sided ``p_value``.

    Raises
    ------
    InvalidInput
        If a standard error or the degrees of freedom are not positive.

    Examples
    --------
    >>> agreement(1.0 + 1.96 * 0.1, 0.1, 1.0).p_value.__round__(4)
    0.05
    """
    from scipy.special import ndtr, stdtr

    own, other = _checks.number(stderr, "stderr", positive=True), _checks.number(predicted_stderr, "predicted_stderr")
    if other < 0.0:
        raise InvalidInput(f"predicted_stderr must not be negative; got {predicted_stderr}.")
    difference = _checks.number(measured, "measured") - _checks.number(predicted, "predicted")
    z = difference / math.hypot(own, other)
    tail = ndtr(-abs(z)) if dof is None else stdtr(_checks.number(dof, "dof", positive=True), -abs(z))
    return Agreement(difference=difference, z=z, p_value=2.0 * float(tail))


def bonferroni(p_values: ArrayLike) -> Floats:
    """Adjust p-values for having looked many times: each times their number, at most one.

    Parameters
    ----------
    p_values : array_like, shape (m,)
        P-values of m tests, dependent or not.

    Returns
    -------
    ndarray, shape (m,)
        Rejecting where these are below ``a`` raises a false alarm anywhere with probability at most ``a``.

    Raises
    ------
    InvalidInput
        If a value is not a probability.

    References
    ----------
    Bonferroni 1936; Dunn 1961.

    Examples
    --------
    >>> bonferroni([0.01, 0.2, 0.5]).tolist()
    [0.03, 0.6000000000000001, 1.0]
    """
    values = _checks.vector(p_values, "p_values")
    if (values < 0.0).any() or (values > 1.0).any():
        raise InvalidInput(f"p_values must lie in [0, 1]; got {values.min()} to {values.max()}.")
    return np.minimum(1.0, values.size * values)


def ratio_interval(
    numerator: float,
    numerator_stderr: float,
    denominator: float,
    denominator_stderr: float,
    level: float = 0.95,
) -> tuple[float, float]:
    """Confidence interval of a ratio of two independent means, by Fieller's theorem.

    Parameters
    ----------
    numerator, denominator : float
        The two estimates, of one unit or of two.
    numerator_stderr, denominator_stderr : float
        Their standard errors, not negative; zero for a number that is known.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Lower and upper end of the true ratio, in units of numerator/denominator.

    Raises
    ------
    InvalidInput
        If a standard error is negative.
    NumericalFailure
        If the denominator is not distinguishable from zero at this level: the set of compatible ratios is unbounded.

    Notes
    -----
    Exact for Gaussian estimates with known errors, at any size of the errors; the linearized (delta) interval is its
    limit for a precise denominator and misses more and more often beyond.

    References
    ----------
    Fieller 1954.

    Examples
    --------
    A known denominator only rescales.

    >>> low, high = ratio_interval(2.0, 0.1, 4.0, 0.0, level=0.6826894921370859)
    >>> round(low, 12), round(high, 12)
    (0.475, 0.525)
    """
    from scipy.special import ndtri

    quantile = float(ndtri(0.5 + _checks.level(level) / 2.0))
    a, b = _checks.number(numerator, "numerator"), _checks.number(denominator, "denominator")
    spread_a = quantile * _checks.number(numerator_stderr, "numerator_stderr")
    spread_b = quantile * _checks.number(denominator_stderr, "denominator_stderr")
    if spread_a < 0.0 or spread_b < 0.0:
        raise InvalidInput(f"standard errors must not be negative; got {numerator_stderr} and {denominator_stderr}.")
    # ratios r with (a - r b)^2 <= spread_a^2 + r^2 spread_b^2
    leading = (b - spread_b) * (b + spread_b)
    if leading <= 0.0:
        raise NumericalFailure(
            f"the denominator {b:g} is within {quantile:.3g} standard errors ({denominator_stderr:g}) of zero, so its "
            f"inverse is unbounded at level {level:g}. Measure it better, or ask for a lower level."
        )
    half_width = math.sqrt(max((a * spread_b) ** 2 + spread_a**2 * leading, 0.0))
    return (a * b - half_width) / leading, (a * b + half_width) / leading
