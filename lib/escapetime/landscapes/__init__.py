"""The catalogue: landscapes on which things are known, each with the facts that make it worth having."""

from escapetime.landscapes.cauchy import cauchy_location
from escapetime.landscapes.mueller import mueller_brown
from escapetime.landscapes.parabolas import two_parabolas
from escapetime.landscapes.quartic import matched_quartic
from escapetime.landscapes.sharpness import sharpness_wells
from escapetime.landscapes.styblinski import styblinski_tang
from escapetime.landscapes.valleys import double_well_with_valley, matched_valley
from escapetime.landscapes.wells import cubic_well, double_well, flat, quadratic, tilted_double_well

__all__ = [
    "cauchy_location", "cubic_well", "double_well", "double_well_with_valley", "flat", "matched_quartic",
    "matched_valley", "mueller_brown", "quadratic", "sharpness_wells", "styblinski_tang", "tilted_double_well",
    "two_parabolas",
]  # fmt: skip
