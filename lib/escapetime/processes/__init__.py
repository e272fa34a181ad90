"""Stochastic processes: what an optimizer, or a thermal particle, does on a landscape. One file a family."""

from escapetime.processes.adai import adai
from escapetime.processes.adam import adam, adam_limit
from escapetime.processes.base import Diffusion
from escapetime.processes.chain import Chain
from escapetime.processes.langevin import langevin
from escapetime.processes.levy import LevyDriven, levy, levy_adam, levy_sgd
from escapetime.processes.maier_stein import maier_stein
from escapetime.processes.momentum import heavy_ball
from escapetime.processes.noise_laws import NoiseLaw
from escapetime.processes.sgd import sgd
from escapetime.processes.sgld import sgld
from escapetime.processes.underdamped import Underdamped, underdamped_langevin

Process = Diffusion | Underdamped | LevyDriven | Chain
"""What an escape problem can be about."""

__all__ = [
    "Chain", "Diffusion", "LevyDriven", "NoiseLaw", "Process", "Underdamped", "adai", "adam", "adam_limit",
    "heavy_ball", "langevin", "levy", "levy_adam", "levy_sgd", "maier_stein", "sgd", "sgld", "underdamped_langevin",
]  # fmt: skip
