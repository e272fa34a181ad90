"""escapetime: how long noisy optimizers stay in a minimum, answered by theory, exact numerics and simulation.

One problem (a process, a start, a domain), four routes that share no code: see :class:`EscapeProblem` and
:func:`compare`.
"""

import importlib
from typing import TYPE_CHECKING, Any

from escapetime import domains, errors, landscapes, theory
from escapetime.domains import Ball, Box, Ellipsoid, Exterior, HalfSpace, Interval, Sublevel
from escapetime.landscape import Landscape
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.processes import (
    Chain,
    Diffusion,
    LevyDriven,
    NoiseLaw,
    Underdamped,
    adai,
    adam,
    adam_limit,
    heavy_ball,
    langevin,
    levy,
    levy_adam,
    levy_sgd,
    maier_stein,
    sgd,
    sgld,
    underdamped_langevin,
)
from escapetime.sample_loss import NoisyLandscape, SampleLoss

if TYPE_CHECKING:
    from escapetime import exact, ledger, networks, optim, paths, plots, simulate, stable, stats, symbolic
    from escapetime.comparison import compare
    from escapetime.ledger import Ledger

__version__ = "0.1.0"

__all__ = [
    "Ball", "Box", "Chain", "Diffusion", "Ellipsoid", "EscapeProblem", "EscapeTime", "Exterior", "HalfSpace",
    "Interval", "Landscape", "Ledger", "LevyDriven", "NoiseLaw", "NoisyLandscape", "SampleLoss", "Sublevel",
    "Underdamped", "adai", "adam", "adam_limit", "compare", "domains", "errors", "exact", "heavy_ball",
    "landscapes", "langevin", "ledger", "levy", "levy_adam", "levy_sgd", "maier_stein", "networks", "optim",
    "paths", "plots", "sgd", "sgld", "simulate", "stable", "stats", "symbolic", "theory", "underdamped_langevin",
]  # fmt: skip

# what is slow to import (torch, scipy, matplotlib) comes when it is first touched; type checkers read it above
_LAZY = {"exact", "ledger", "networks", "optim", "paths", "plots", "simulate", "stable", "stats", "symbolic"}
_LAZY_NAMES = {"compare": "comparison", "Ledger": "ledger"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return importlib.import_module(f"escapetime.{name}")
    if name in _LAZY_NAMES:
        return getattr(importlib.import_module(f"escapetime.{_LAZY_NAMES[name]}"), name)
    raise AttributeError(f"module 'escapetime' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
