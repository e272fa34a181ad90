"""Interval arithmetic: bounds of sympy expressions over boxes, with proof."""

from escapetime.symbolic.intervals.extension import Enclosure, IntervalExtension

__all__ = ["Enclosure", "IntervalExtension"]
