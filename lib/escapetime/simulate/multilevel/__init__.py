"""Rare events by splitting: compiled walks of single paths, what branches them, and what is made of the counts.

The arrows run downwards: ``answer`` (from runs to a result) < ``repetitions`` (runs on threads), ``surfaces`` (what is
found out before them) < ``branching`` (one run) < ``walker`` (compiled walks of a model) < ``templates``. ``ratio``
(estimate and interval), ``energy`` (the level where there is momentum) and ``wells`` stand on their own.
"""
