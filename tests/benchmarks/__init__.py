"""Benchmarks: this project against its peers, interleaved in one run. ``python -m tests.benchmarks --help``."""
