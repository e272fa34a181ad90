"""The book's figures in one style: readable on a phone, in print, and by the color-blind; some have a slider."""

from escapetime.plots.figures import COLORS, MARKERS, figure, landscape, ratios, style, survival
from escapetime.plots.interactive import Interactive, slides

__all__ = [
    "COLORS",
    "MARKERS",
    "Interactive",
    "figure",
    "landscape",
    "ratios",
    "slides",
    "style",
    "survival",
]
