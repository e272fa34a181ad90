"""The suite's own checks can fail, and the budget cannot be overdrawn."""

import pytest

from tests import statistics


def test_the_budget_is_what_it_says():
    # 4.611 is the two-sided Gaussian quantile of 4e-6
    assert statistics.agrees(4.60, 1.0, 0.0)
    assert not statistics.agrees(4.62, 1.0, 0.0)
    # entries share one check: each gets its part of the probability
    assert statistics.agrees([4.62, 0.0], 1.0, 0.0)
    assert not statistics.agrees([4.80, 0.0], 1.0, 0.0)
    assert statistics.agrees(5.0, 1.0, 0.0, bias=0.6)


def test_a_failed_check_and_a_powerless_control_raise():
    with pytest.raises(AssertionError, match="off by 9"):
        statistics.assert_agrees(10.0, 1.0, 1.0)
    with pytest.raises(AssertionError, match="no power"):
        statistics.assert_control_fails(1.0, 1.0, 1.1)
    with pytest.raises(AssertionError, match="not positive"):
        statistics.assert_agrees(1.0, 0.0, 1.0)
    with pytest.raises(AssertionError, match="not compatible"):
        statistics.assert_covers(850, 1000, 0.95)
    with pytest.raises(AssertionError, match="no power"):
        statistics.assert_miscovers(949, 1000, 0.95)
    with pytest.raises(AssertionError, match="rejects"):
        statistics.assert_not_rejected(1e-6)


def test_too_wide_intervals_fail_unless_they_only_promise_a_bound():
    assert not statistics.covers(1000, 1000, 0.95)
    assert statistics.covers(1000, 1000, 0.95, at_least=True)
    assert not statistics.covers(0, 1000, 0.95, at_least=True)


def test_overdrawing_the_budget_fails(monkeypatch):
    monkeypatch.setattr(statistics, "_spent", statistics.SUITE - 1.5 * statistics.PER_TEST)
    statistics.assert_agrees(0.0, 1.0, 0.0)
    with pytest.raises(AssertionError, match="budget"):
        statistics.assert_agrees(0.0, 1.0, 0.0)


def test_spending_is_counted(monkeypatch):
    monkeypatch.setattr(statistics, "_spent", 0.0)
    statistics.assert_not_rejected(0.5)
    statistics.assert_covers(950, 1000, 0.95)
    statistics.assert_control_fails(10.0, 1.0, 0.0)  # a control is free
    assert statistics.spent() == pytest.approx(2 * statistics.PER_TEST)
