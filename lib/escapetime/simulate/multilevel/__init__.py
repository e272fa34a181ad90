"""Rare events by splitting: compiled walks of single paths, what branches them, and what is made of the counts.

The arrows run downwards: ``repetitions`` (runs on threads) < ``branching`` (one run) < ``walker`` (compiled walks of a
model) < ``templates``; ``ratio`` (estimate and interval) stands on its own.
"""
