"""Three-valued logic on arrays of boxes: a condition surely holds, possibly holds, or fails.

A condition is a pair ``(surely, possibly)`` of boolean arrays, so that it fits where an interval array does.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from escapetime.symbolic.intervals.arithmetic import Interval

Condition = tuple[np.ndarray, np.ndarray]


def less(a: Interval, b: Interval) -> Condition:
    """Return the condition ``a < b``."""
    return a[1] < b[0], a[0] < b[1]


def less_equal(a: Interval, b: Interval) -> Condition:
    """Return the condition ``a <= b``."""
    return a[1] <= b[0], a[0] <= b[1]


def equal(a: Interval, b: Interval) -> Condition:
    """Return the condition ``a == b``: sure only for two equal numbers."""
    return (a[0] == a[1]) & (b[0] == b[1]) & (a[0] == b[0]), (a[0] <= b[1]) & (b[0] <= a[1])


def negation(c: Condition) -> Condition:
    """Return the condition that ``c`` fails."""
    return ~c[1], ~c[0]


def conjunction(*cs: Condition) -> Condition:
    """Return the condition that all of ``cs`` hold."""
    return reduce(np.logical_and, [c[0] for c in cs]), reduce(np.logical_and, [c[1] for c in cs])


def disjunction(*cs: Condition) -> Condition:
    """Return the condition that one of ``cs`` holds."""
    return reduce(np.logical_or, [c[0] for c in cs]), reduce(np.logical_or, [c[1] for c in cs])
