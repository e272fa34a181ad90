"""Monte Carlo: first passages of the process itself, path by path, on any device torch knows.

The arrows run downwards: ``first_passage`` (the front) < ``ensemble`` (one run) < ``reference`` (an engine behind the
seam of ``engine``) < ``stepper``, ``exits`` < ``lanes``, ``streams``, ``brownian_bridge``, ``model``.
"""

from escapetime.simulate.first_passage import escape_time, first_passage
from escapetime.simulate.passages import Passages

__all__ = ["Passages", "escape_time", "first_passage"]
