"""Censored exponential fits, survival curves and the test of exponentiality."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escapetime.errors import InvalidInput
from escapetime.stats import exponential_mle, exponentiality, survival_curve
from escapetime.stats.goodness_of_fit import _null_weights, _upper_tail
from tests.statistics import (
    assert_agrees,
    assert_control_fails,
    assert_covers,
    assert_miscovers,
    assert_not_rejected,
    assert_rejected,
)

LEVEL = 0.95


def cut(times, limit):
    return np.minimum(times, limit), times <= limit


def held(samples, truth, fit):
    intervals = [fit(sample).interval(LEVEL) for sample in samples]
    return sum(low <= truth <= high for low, high in intervals)


# --- the mean ---


def test_complete_interval_is_exact_and_a_mean_off_by_ten_percent_is_seen():
    samples = np.random.default_rng(1).exponential(size=(2000, 100))
    assert_covers(held(samples, 1.0, exponential_mle), 2000, LEVEL)
    assert_miscovers(held(samples, 1.1, exponential_mle), 2000, LEVEL)


@pytest.mark.parametrize(("size", "limit"), [(600, 0.1), (60, math.log(2)), (60, 1.5)])
def test_censored_interval_is_conservative(size, limit):
    samples = np.random.default_rng(2).exponential(size=(2000, size))
    assert_covers(held(samples, 1.0, lambda x: exponential_mle(*cut(x, limit))), 2000, LEVEL, at_least=True)
    assert_miscovers(held(samples, 1.2, lambda x: exponential_mle(*cut(x, limit))), 2000, LEVEL, at_least=True)
    # the same interval when cut runs count as escapes, or are left out
    assert_miscovers(held(samples, 1.0, lambda x: exponential_mle(cut(x, limit)[0])), 2000, LEVEL, at_least=True)
    assert_miscovers(held(samples, 1.0, lambda x: exponential_mle(x[x <= limit])), 2000, LEVEL, at_least=True)


def test_each_end_misses_at_most_half_of_the_error():
    # 5 runs cut at 1.5 means, where a two-sided count could hide a bad end behind a good one
    samples = np.random.default_rng(3).exponential(size=(4000, 5))
    ends = np.array([exponential_mle(*cut(x, 1.5)).interval(LEVEL) for x in samples])
    assert_covers(int((ends[:, 0] <= 1.0).sum()), 4000, 0.975, at_least=True)
    assert_covers(int((ends[:, 1] >= 1.0).sum()), 4000, 0.975, at_least=True)
    assert_miscovers(int((ends[:, 1] >= 1.2).sum()), 4000, 0.975, at_least=True)


def test_estimator_is_unbiased_where_naive_ones_lose_half_and_more():
    times, seen = cut(np.random.default_rng(4).exponential(2.0, size=40_000), 2.0 * math.log(2))
    fit = exponential_mle(times, seen)
    assert_agrees(fit.mean, fit.stderr, 2.0)
    assert_control_fails(fit.mean, fit.stderr, 2.0 * 1.05)
    assert times.mean() == pytest.approx(1.0, rel=0.02)
    assert times[seen].mean() == pytest.approx(2.0 * (1 - math.log(2)), rel=0.02)


def test_after_removes_a_transient():
    # escapes cannot happen before 1: the law beyond is exponential of mean 3
    times = 1.0 + np.random.default_rng(5).exponential(3.0, size=20_000)
    late = exponential_mle(times, after=1.5)
    assert_agrees(late.mean, late.stderr, 3.0)
    whole = exponential_mle(times)
    assert_control_fails(whole.mean, whole.stderr, 3.0)
    assert late.after == 1.5
    assert late.events < 20_000


def test_no_escape_gives_a_one_sided_bound():
    fit = exponential_mle([2.0, 3.0], [False, False])
    assert (fit.mean, fit.stderr, fit.events, fit.censored) == (math.inf, math.inf, 0, 2)
    low, high = fit.interval(LEVEL)
    assert high == math.inf
    assert low == pytest.approx(5.0 / math.log(2 / 0.05), rel=1e-12)


def test_closed_forms():
    fit = exponential_mle([4.0, 6.0, 10.0], [1, 1, 0])
    assert (fit.mean, fit.stderr, fit.total) == (10.0, 10.0 / math.sqrt(2), 20.0)
    # tabulated chi-square quantiles: 14.4494 (0.975, 6 degrees of freedom) and 0.484419 (0.025, 4)
    assert fit.interval(LEVEL) == pytest.approx((40 / 14.4494, 40 / 0.484419), rel=1e-5)


positive = st.floats(1e-3, 1e3)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(positive, st.booleans()), min_size=1, max_size=30), st.floats(1e-6, 1e6), st.floats(0.5, 0.99)
)
def test_fit_scales_with_the_unit_of_time_and_its_interval_holds_the_mean(runs, unit, level):
    times, seen = np.array([t for t, _ in runs]), np.array([s for _, s in runs])
    fit, other = exponential_mle(times, seen), exponential_mle(unit * times, seen)
    assert other.mean == pytest.approx(unit * fit.mean, rel=1e-12)
    low, high = fit.interval(level)
    assert other.interval(level) == pytest.approx((unit * low, unit * high), rel=1e-9)
    assert 0 < low < high
    wide = fit.interval((1 + level) / 2)
    assert wide[0] <= low
    assert high <= wide[1]
    if fit.events:
        assert low < fit.mean * (1 + 1e-12)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (([],), "empty"),
        (([1.0, math.nan],), "entry 1 is nan"),
        (([1.0, math.inf],), "censoring time"),
        (([-1.0, 2.0],), "negative"),
        (([[1.0, 2.0]],), r"shape \(1, 2\)"),
        (([1.0, 2.0], [True]), "shape of times"),
        (([1.0, 2.0], [0.5, 1.0]), "True"),
        (([0.0, 0.0],), "nothing was at risk"),
        ((["a"],), "real numbers"),
    ],
)
def test_bad_times_are_refused(arguments, complaint):
    for estimator in (exponential_mle, survival_curve, exponentiality):
        with pytest.raises(InvalidInput, match=complaint):
            estimator(*arguments)


def test_bad_levels_and_delays_are_refused():
    with pytest.raises(InvalidInput, match="strictly between 0 and 1"):
        exponential_mle([1.0]).interval(95)
    with pytest.raises(InvalidInput, match="no run lasted longer"):
        exponential_mle([1.0], after=2.0)
    with pytest.raises(InvalidInput, match="after must not be negative"):
        exponential_mle([1.0], after=-1.0)


# --- the survival curve ---


def test_survival_by_hand():
    curve = survival_curve([6, 6, 6, 6, 7, 9, 10, 10], [1, 1, 1, 0, 1, 0, 1, 0])
    assert curve.times.tolist() == [6, 7, 10]
    assert curve.at_risk.tolist() == [8, 4, 2]
    assert curve.survival == pytest.approx([5 / 8, 15 / 32, 15 / 64])
    assert curve.median() == 7
    assert np.array_equal(curve.at([0, 6.5, 10]), [1, 5 / 8, 15 / 64])
    assert np.isnan(curve.at(10.1))
    # Greenwood: 3/(8*5) + 1/(4*3) at the second step
    low, high = curve.interval(LEVEL)
    spread = 1.959964 * math.sqrt(3 / 40 + 1 / 12) / abs(math.log(15 / 32))
    assert (low[1], high[1]) == pytest.approx(((15 / 32) ** math.exp(spread), (15 / 32) ** math.exp(-spread)), rel=1e-6)


def test_curve_that_reaches_zero_carries_its_upper_end_over():
    low, high = survival_curve([1.0, 2.0]).interval()
    assert low[1] == 0.0
    assert high[1] == high[0] < 1.0
    assert survival_curve([1.0]).interval() == (0.0, 1.0)
    assert survival_curve([1.0, 2.0], [False, False]).median() == math.inf


def test_survival_interval_covers_and_forgetting_the_cut_does_not():
    rng = np.random.default_rng(6)
    hits = naive = 0
    for _ in range(1000):
        times, limits = rng.exponential(size=100), rng.uniform(0.2, 2.0, size=100)
        seen = times <= limits
        for observed in (seen, None):
            curve = survival_curve(np.minimum(times, limits), observed)
            step = np.searchsorted(curve.times, 0.7, side="right") - 1
            low, high = curve.interval(LEVEL)
            covered = bool(low[step] <= math.exp(-0.7) <= high[step])
            hits, naive = (hits + covered, naive) if observed is seen else (hits, naive + covered)
    assert_covers(hits, 1000, LEVEL)
    assert_miscovers(naive, 1000, LEVEL)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_uncut_curve_is_one_minus_the_empirical_distribution(times):
    data = np.array(times, dtype=float)
    query = np.arange(0.5, 10)
    assert survival_curve(data).at(query) == pytest.approx([(data > t).mean() for t in query], abs=1e-12)


# --- exponentiality ---


def test_limit_law_has_the_published_quantiles():
    # Stephens 1974: upper 10, 5, 2.5 and 1 % points of A^2 for an exponential law with estimated mean
    weights = _null_weights(1.0)
    for level, point in ((0.10, 1.062), (0.05, 1.321), (0.025, 1.591), (0.01, 1.959)):
        assert _upper_tail(point, weights) == pytest.approx(level, rel=0.05)
    # the mean of A^2: 1 with a known mean, and 2 (zeta(3) - 1) less with an estimated one
    assert weights.sum() == pytest.approx(3 - 2 * 1.2020569031595942, rel=1e-5)


@pytest.mark.parametrize(("size", "limit"), [(200, math.inf), (50, math.inf), (200, 0.7), (100, 2.0)])
def test_false_alarms_come_at_the_nominal_rate(size, limit):
    rng = np.random.default_rng(7)
    p = np.array([exponentiality(*cut(rng.exponential(size=size), limit)).p_value for _ in range(1000)])
    assert_covers(int((p >= 0.05).sum()), 1000, 0.95)
    # the same count on Gamma(1.5) times
    q = np.array([exponentiality(*cut(rng.gamma(1.5, size=size), limit)).p_value for _ in range(200)])
    assert_miscovers(int((q >= 0.05).sum()), 200, 0.95)


def test_exponential_passes_and_its_neighbours_fail():
    rng = np.random.default_rng(8)
    times = rng.exponential(5.0, size=5000)
    assert_not_rejected(exponentiality(times).p_value)
    assert_not_rejected(exponentiality(*cut(times, 4.0)).p_value)
    assert_not_rejected(exponentiality(0.5 + times, after=0.5).p_value)
    # a dead time of a tenth of the mean; a second time scale; Weibull laws, complete and cut
    assert_rejected(exponentiality(0.5 + times).p_value)
    assert_rejected(exponentiality(np.where(rng.random(5000) < 0.2, 3 * times, times)).p_value)
    assert_rejected(exponentiality(times ** (1 / 0.9)).p_value)
    assert_rejected(exponentiality(*cut(times ** (1 / 0.85), 4.0)).p_value)


def test_statistic_is_the_integral_it_claims():
    times, seen = cut(np.random.default_rng(9).exponential(size=40), 1.2)
    result = exponentiality(times, seen)
    fit = exponential_mle(times, seen)
    limit = -math.expm1(-1.2 / fit.mean)
    u = limit * (np.arange(400_000) + 0.5) / 400_000
    empirical = np.searchsorted(np.sort(-np.expm1(-times[seen] / fit.mean)), u) / 40
    assert result.statistic == pytest.approx(40 * limit * ((empirical - u) ** 2 / (u * (1 - u))).mean(), rel=1e-3)
    assert (result.size, result.events) == (40, int(seen.sum()))
    assert exponentiality(1e6 * times, seen).statistic == pytest.approx(result.statistic, rel=1e-9)


def test_what_the_test_cannot_do_is_refused_by_name():
    times = np.random.default_rng(10).exponential(size=100)
    with pytest.raises(InvalidInput, match="at least 20 escapes; got 12"):
        exponentiality(times[:12])
    with pytest.raises(InvalidInput, match="one common time"):
        exponentiality(times, np.arange(100) % 2 == 0)
    with pytest.raises(InvalidInput, match="positive escape times"):
        exponentiality(np.append(times, 0.0))
