"""Means, slopes, ratios and agreement."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.stats import (
    agreement,
    bonferroni,
    convergence_order,
    mean_estimate,
    mean_interval,
    ratio_interval,
    slope_fit,
)
from tests.statistics import assert_covers, assert_miscovers

LEVEL = 0.95

# --- means ---


def test_mean_interval_of_skew_times_covers_where_student_misses():
    # Gamma(0.3): skewness 3.7, as of escape times that mix fast and slow paths
    samples = np.random.default_rng(1).gamma(0.3, size=(2000, 100))
    ends = np.array([mean_interval(sample) for sample in samples])
    assert_covers(int(((ends[:, 0] <= 0.3) & (ends[:, 1] >= 0.3)).sum()), 2000, LEVEL)
    assert_covers(int((ends[:, 1] >= 0.3).sum()), 2000, 0.975, 1e-5)
    center, half = samples.mean(axis=1), 1.9842 * samples.std(axis=1, ddof=1) / 10
    assert_miscovers(int((center + half >= 0.3).sum()), 2000, 0.975)
    assert_miscovers(int(((ends[:, 0] <= 0.36) & (ends[:, 1] >= 0.36)).sum()), 2000, LEVEL)


def test_symmetric_samples_get_students_interval():
    low, high = mean_interval([-1.0, 0.0, 1.0, 2.0, 3.0])
    # Student's 97.5 % point with four degrees of freedom is 2.776445
    assert (low, high) == pytest.approx((1 - 2.776445 * math.sqrt(0.5), 1 + 2.776445 * math.sqrt(0.5)), rel=1e-6)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(
    st.lists(st.integers(0, 50), min_size=3, max_size=20).filter(lambda v: len(set(v)) > 1),
    st.integers(-100, 100),
    st.sampled_from([0.01, 1.0, 1e4]),
)
def test_mean_interval_is_equivariant(values, shift, scale):
    data = np.array(values, dtype=float)
    low, high = mean_interval(data)
    assert low < high
    assert mean_interval(scale * data + shift) == pytest.approx(
        (scale * low + shift, scale * high + shift), rel=1e-6, abs=1e-6
    )
    assert mean_interval(-data) == pytest.approx((-high, -low), rel=1e-6, abs=1e-9)


def test_bad_samples_are_refused():
    with pytest.raises(InvalidInput, match="at least two"):
        mean_estimate([1.0])
    with pytest.raises(InvalidInput, match="all equal"):
        mean_estimate([0.1] * 10)
    with pytest.raises(InvalidInput, match="strictly between"):
        mean_interval([1.0, 2.0], level=1.0)


# --- slopes ---


def test_slope_agrees_with_normal_equations_and_with_scipy():
    from scipy.stats import linregress

    x, y = np.array([0.0, 1.0, 2.0, 4.0]), np.array([1.0, 2.5, 2.0, 5.5])
    fit, reference = slope_fit(x, y), linregress(x, y)
    assert (fit.slope, fit.intercept) == pytest.approx((reference.slope, reference.intercept))
    assert (fit.stderr, fit.intercept_stderr) == pytest.approx((reference.stderr, reference.intercept_stderr))
    assert (fit.chi2, fit.p_value, fit.dof) == (None, None, 2)
    yerr = np.array([0.1, 0.2, 0.2, 0.5])
    design = np.column_stack([np.ones(4), x])
    covariance = np.linalg.inv(design.T @ (design / yerr[:, None] ** 2))
    intercept, slope = covariance @ design.T @ (y / yerr**2)
    weighted = slope_fit(x, y, yerr)
    assert (weighted.slope, weighted.intercept) == pytest.approx((slope, intercept))
    assert (weighted.stderr, weighted.intercept_stderr) == pytest.approx(np.sqrt(np.diag(covariance))[::-1])
    assert weighted.chi2 == pytest.approx((((y - design @ [intercept, slope]) / yerr) ** 2).sum())
    assert weighted.p_value == pytest.approx(math.exp(-weighted.chi2 / 2))  # two degrees of freedom
    assert weighted.predict([1.0, 2.0]) == pytest.approx([intercept + slope, intercept + 2 * slope])


def test_slope_intervals_cover_and_wrong_errors_do_not():
    rng = np.random.default_rng(2)
    x, sigma = np.arange(6.0), np.array([0.1, 0.1, 0.2, 0.4, 0.8, 1.6])
    noise = rng.normal(size=(2000, 6))
    weighted = [slope_fit(x, 1 - 2 * x + sigma * e, sigma) for e in noise]
    scatter = [slope_fit(x, 1 - 2 * x + 0.3 * e) for e in noise]
    for fits in (weighted, scatter):
        assert_covers(sum(low <= -2 <= high for low, high in (f.interval(LEVEL) for f in fits)), 2000, LEVEL)
    optimist = [slope_fit(x, 1 - 2 * x + sigma * e, 0.8 * sigma) for e in noise]
    assert_miscovers(sum(low <= -2 <= high for low, high in (f.interval(LEVEL) for f in optimist)), 2000, LEVEL)
    gaussian = sum(abs(f.slope + 2) <= 1.96 * f.stderr for f in scatter)  # ignores that four degrees of freedom are few
    assert_miscovers(gaussian, 2000, LEVEL)
    # the chi-square test of the line is calibrated, and sees errors that are 20 % too small
    assert_covers(sum(f.p_value >= 0.05 for f in weighted), 2000, 0.95)
    assert_miscovers(sum(f.p_value >= 0.05 for f in optimist), 2000, 0.95)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=3, max_size=12).filter(
        lambda p: len({x for x, _ in p}) > 1
    ),
    st.integers(-5, 5),
    st.integers(-5, 5),
)
def test_adding_a_line_moves_the_fit_by_that_line(points, slope, intercept):
    x, y = np.array(points, dtype=float).T
    fit, moved = slope_fit(x, y), slope_fit(x, y + intercept + slope * x)
    assert (moved.slope, moved.intercept) == pytest.approx((fit.slope + slope, fit.intercept + intercept), abs=1e-9)
    assert moved.stderr == pytest.approx(fit.stderr, abs=1e-7)


def test_two_points_with_errors_have_a_slope_but_no_test():
    fit = slope_fit([0, 1], [0, 3], [1.0, 1.0])
    assert (fit.slope, fit.dof, fit.p_value) == (3.0, 0, None)
    assert fit.stderr == pytest.approx(math.sqrt(2))


def test_bad_points_are_refused():
    with pytest.raises(InvalidInput, match="needs 3 points; got 2"):
        slope_fit([0, 1], [0, 1])
    with pytest.raises(InvalidInput, match="one shape"):
        slope_fit([0, 1, 2], [0, 1])
    with pytest.raises(InvalidInput, match="two different values"):
        slope_fit([1, 1, 1], [0, 1, 2])
    with pytest.raises(InvalidInput, match="standard errors and must be positive"):
        slope_fit([0, 1, 2], [0, 1, 2], [1, 0, 1])


def test_observed_order_and_its_interval():
    h = 0.4 * 0.5 ** np.arange(5)
    fit = convergence_order(h, -(3 * h**2 + h**3))
    low, high = fit.interval(0.99)
    assert 2.0 < fit.slope < 2.1
    assert low > 1.9
    assert high < 2.2
    assert convergence_order(h, 3 * h**2).intercept == pytest.approx(math.log(3))
    # finer grids bring the observed order closer to the true one
    assert convergence_order(h[2:], 3 * h[2:] ** 2 + h[2:] ** 3).slope < fit.slope


def test_errors_that_follow_no_power_are_refused():
    with pytest.raises(InvalidInput, match="changes sign"):
        convergence_order([0.4, 0.2, 0.1], [0.1, -0.01, 0.001])
    with pytest.raises(InvalidInput, match="vanishes"):
        convergence_order([0.4, 0.2, 0.1], [0.1, 0.01, 0.0])
    with pytest.raises(InvalidInput, match="h must be positive"):
        convergence_order([0.4, 0.2, 0.0], [0.1, 0.01, 0.001])


# --- ratios, agreement, many tests ---


def test_ratio_interval_covers_where_the_linearized_one_misses():
    rng = np.random.default_rng(3)
    a, b = rng.normal(10.0, 0.5, size=2000), rng.normal(1.0, 0.25, size=2000)
    ends = np.array([ratio_interval(p, 0.5, q, 0.25, 0.9) for p, q in zip(a, b, strict=True) if q > 0.25 * 1.65])
    # where the denominator is not clearly positive the interval is refused: its set holds (almost) any ratio
    refused = int((b <= 0.25 * 1.65).sum())
    assert_covers(int(((ends[:, 0] <= 10) & (ends[:, 1] >= 10)).sum()) + refused, 2000, 0.9)
    linear = 1.644854 * np.hypot(0.5 / a, 0.25 / b) * np.abs(a / b)
    assert_miscovers(int((a / b + linear >= 10).sum()), 2000, 0.95)
    assert_miscovers(int(((ends[:, 0] <= 13) & (ends[:, 1] >= 13)).sum()) + refused, 2000, 0.9)


def test_ratio_limits():
    delta = 1.959964 * math.hypot(1e-4 / 2, 1e-4 / 4) * 0.5
    assert ratio_interval(2.0, 1e-4, 4.0, 1e-4) == pytest.approx((0.5 - delta, 0.5 + delta), rel=1e-6)
    assert ratio_interval(2.0, 0.0, 4.0, 0.0) == (0.5, 0.5)
    low, high = ratio_interval(2.0, 0.1, -4.0, 0.1)
    assert low < -0.5 < high < 0
    with pytest.raises(NumericalFailure, match=r"standard errors .* of zero"):
        ratio_interval(1.0, 0.1, 0.1, 0.1)
    with pytest.raises(InvalidInput, match="negative"):
        ratio_interval(1.0, -0.1, 1.0, 0.1)


def test_agreement():
    result = agreement(12.0, 3.0, 2.0, predicted_stderr=4.0)
    assert (result.difference, result.z) == (10.0, 2.0)
    assert result.p_value == pytest.approx(0.0455003, rel=1e-5)
    assert agreement(2.776445, 1.0, 0.0, dof=4).p_value == pytest.approx(0.05, rel=1e-6)
    for bad in ({"stderr": 0.0}, {"stderr": math.nan}, {"stderr": 1.0, "predicted_stderr": -1.0}):
        with pytest.raises(InvalidInput):
            agreement(1.0, predicted=1.0, **bad)


def test_bonferroni():
    assert bonferroni([0.001, 0.4, 0.9]) == pytest.approx([0.003, 1.0, 1.0])
    with pytest.raises(InvalidInput, match=r"\[0, 1\]"):
        bonferroni([0.5, 1.5])
