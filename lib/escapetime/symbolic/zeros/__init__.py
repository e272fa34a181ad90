"""Zeros and singularities of systems of expressions in a box, with proof by interval arithmetic."""

from escapetime.symbolic.zeros.certify import Zero
from escapetime.symbolic.zeros.isolate import ZeroSet, isolate_zeros
from escapetime.symbolic.zeros.singularities import Singularity, undefined_points

__all__ = ["Singularity", "Zero", "ZeroSet", "isolate_zeros", "undefined_points"]
