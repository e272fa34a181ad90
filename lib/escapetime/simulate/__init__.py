"""Monte Carlo: first passages of the process itself, path by path, on any device torch knows.

The arrows run downwards: ``first_passage`` (the front) < ``ensemble`` (one run) < the engines behind the seam of
``engine``: ``reference`` (torch: ``stepper``, ``exits``, ``lanes``) and ``kernels`` (generated and compiled) <
``streams``, ``brownian_bridge``, ``model``. ``source`` shows what an engine generates.
``splitting`` stands beside them, on ``multilevel``: rare events, for which single paths are walked and branched.
"""

from escapetime.simulate.first_passage import escape_time, first_passage
from escapetime.simulate.passages import Passages
from escapetime.simulate.source import source
from escapetime.simulate.splitting import splitting

__all__ = ["Passages", "escape_time", "first_passage", "source", "splitting"]
