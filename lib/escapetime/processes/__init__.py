"""Stochastic processes: what an optimizer, or a thermal particle, does on a landscape. One file a family."""

from escapetime.processes.base import Diffusion
from escapetime.processes.langevin import langevin

__all__ = ["Diffusion", "langevin"]
