"""Straight lines through measured points: slopes, their intervals, and observed orders of convergence."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from escapetime.errors import InvalidInput
from escapetime.stats import _checks
from escapetime.stats._checks import Floats


@dataclass(frozen=True)
class SlopeFit:
    """A fitted line ``y = intercept + slope * x``.

    Attributes
    ----------
    slope, intercept : float
        Units of y/x and of y.
    stderr, intercept_stderr : float
        Standard errors of the two, in the same units.
    dof : int
        Degrees of freedom: points minus two.
    chi2 : float or None
        Sum of squared residuals over squared errors, if errors were given.
    p_value : float or None
        Probability of a larger ``chi2`` if the points lie on a line and the errors are right; None without errors or
        without degrees of freedom.
    """

    slope: float
    intercept: float
    stderr: float
    intercept_stderr: float
    dof: int
    chi2: float | None = None
    p_value: float | None = None

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval of the slope.

        Parameters
        ----------
        level : float
            Confidence level.

        Returns
        -------
        tuple of float
            Lower and upper end: Gaussian if the errors of the points were given, Student's if they were estimated
            from the scatter.
        """
        from scipy.special import ndtri, stdtrit

        probability = 0.5 + _checks.level(level) / 2.0
        quantile = float(ndtri(probability) if self.chi2 is not None else stdtrit(self.dof, probability))
        return self.slope - quantile * self.stderr, self.slope + quantile * self.stderr

    def predict(self, x: ArrayLike) -> Floats:
        """Evaluate the line.

        Parameters
        ----------
        x : array_like, shape (...)
            Abscissas.

        Returns
        -------
        ndarray, shape (...)
            Ordinates on the line.
        """
        return self.intercept + self.slope * np.asarray(x, dtype=np.float64)


def slope_fit(x: ArrayLike, y: ArrayLike, yerr: ArrayLike | None = None) -> SlopeFit:
    r"""Fit a line by least squares, weighted if the points carry errors.

    Parameters
    ----------
    x : array_like, shape (n,)
        Abscissas, known exactly, any unit, at least two of them different.
    y : array_like, shape (n,)
        Ordinates, any unit.
    yerr : array_like, shape (n,), optional
        Standard errors of ``y``, same unit, positive. Given: weights :math:`1/\sigma^2`, Gaussian intervals, and a
        chi-square test of the line. Not given: the error is estimated from the scatter, which needs three points.

    Returns
    -------
    SlopeFit
        With ``slope``, ``intercept``, their standard errors, ``interval``, ``chi2``, ``dof`` and ``p_value``.

    Raises
    ------
    InvalidInput
        If shapes differ, points are too few, abscissas are all equal, or errors are not positive.

    Notes
    -----
    Given errors are believed: they are not rescaled to make ``chi2`` come out right. A small ``p_value`` says that the
    line, or the errors, are wrong, and then ``stderr`` means nothing.

    References
    ----------
    Gauss 1823; Student 1908.

    Examples
    --------
    >>> fit = slope_fit([0.0, 1.0, 2.0], [1.0, 3.0, 5.0], yerr=[0.1, 0.1, 0.1])
    >>> round(fit.slope, 12), round(fit.intercept, 12), round(fit.stderr * math.sqrt(2) / 0.1, 12), fit.dof
    (2.0, 1.0, 1.0, 1)
    """
    abscissa, ordinate = _checks.vector(x, "x"), _checks.vector(y, "y")
    sigma = np.ones_like(ordinate) if yerr is None else _checks.vector(yerr, "yerr")
    if not abscissa.shape == ordinate.shape == sigma.shape:
        raise InvalidInput(
            f"x, y and yerr must have one shape; got {abscissa.shape}, {ordinate.shape} and {sigma.shape}."
        )
    if (sigma <= 0.0).any():
        raise InvalidInput(f"yerr holds standard errors and must be positive; got {sigma.min()}.")
    needed = 3 if yerr is None else 2
    if abscissa.size < needed:
        raise InvalidInput(
            f"a slope {'without' if yerr is None else 'with'} given errors needs {needed} points; got {abscissa.size}."
        )
    weight = (sigma.min() / sigma) ** 2
    center = float(np.average(abscissa, weights=weight))
    offset = abscissa - center
    spread = float((weight * offset**2).sum())
    if np.ptp(abscissa) <= 1e-14 * np.abs(abscissa).max():
        raise InvalidInput(f"x must hold at least two different values; all are {abscissa[0]:g}.")
    height = float(np.average(ordinate, weights=weight))
    slope = float((weight * offset * (ordinate - height)).sum()) / spread
    residual = ordinate - height - slope * offset
    dof = abscissa.size - 2
    squares = float((weight * residual**2).sum())
    variance = squares / dof if yerr is None else float(sigma.min()) ** 2  # of a point of weight one
    chi2 = None if yerr is None else squares / variance
    return SlopeFit(
        slope=slope,
        intercept=height - slope * center,
        stderr=math.sqrt(variance / spread),
        intercept_stderr=math.sqrt(variance * (1.0 / float(weight.sum()) + center**2 / spread)),
        dof=dof,
        chi2=chi2,
        p_value=None if chi2 is None or dof == 0 else _chi2_tail(chi2, dof),
    )


def convergence_order(h: ArrayLike, error: ArrayLike) -> SlopeFit:
    r"""Measure the order :math:`p` of a method whose error is :math:`C h^p`, by regression on nested grids.

    Parameters
    ----------
    h : array_like, shape (n,)
        Step sizes, positive, any unit, at least three.
    error : array_like, shape (n,)
        Signed or absolute errors at these steps, any unit; not zero and all of one sign.

    Returns
    -------
    SlopeFit
        Of ``log|error|`` on ``log h``: ``slope`` is the order, ``intercept`` is ``log C``.

    Raises
    ------
    InvalidInput
        If a step is not positive, or an error is zero or changes sign: the steps are then outside the asymptotic range.

    Notes
    -----
    The scatter about the line is the next order's curvature and rounding, not chance: read the interval as how well
    one power describes the data, and drop the coarsest grid to see whether the order moves.

    References
    ----------
    Roache 1998, chapter 5.

    Examples
    --------
    >>> h = np.array([0.4, 0.2, 0.1])
    >>> round(convergence_order(h, 3 * h**2).slope, 12)
    2.0
    """
    step, deviation = _checks.vector(h, "h"), _checks.vector(error, "error")
    if (step <= 0.0).any():
        raise InvalidInput(f"h must be positive; got {step.min()}.")
    if (deviation == 0.0).any() or (np.sign(deviation) != np.sign(deviation[0])).any():
        raise InvalidInput(
            "error must be non-zero and of one sign to follow one power of h; it vanishes or changes sign. "
            "Leave out the steps that are too coarse, or those already at rounding level."
        )
    return slope_fit(np.log(step), np.log(np.abs(deviation)))


def _chi2_tail(chi2: float, dof: int) -> float:
    from scipy.special import gammaincc

    return float(gammaincc(dof / 2.0, chi2 / 2.0))
