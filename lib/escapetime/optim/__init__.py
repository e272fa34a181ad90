"""Optimizers for real training, to the standard of ``torch.optim``."""

from escapetime.optim.adai import Adai, AdaiW
from escapetime.optim.sgld import SGLD

__all__ = ["SGLD", "Adai", "AdaiW"]
