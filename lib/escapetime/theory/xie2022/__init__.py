"""Xie, Wang, Zhang, Sato and Sugiyama 2022: how optimizers leave saddles and minima, as transcribed here.

One file an optimizer. Each function is a published statement in this book's notation, as a sympy formula; the wording
has not been checked against the paper (``xie2022``). What is exact in its place is elsewhere in the library: moments of
linear systems in :mod:`escapetime.exact.moments`, escape laws in :mod:`escapetime.theory.inertia` and
:mod:`escapetime.theory.gardiner2009`.
"""

from escapetime.theory.xie2022 import adai, adam, momentum, sgd

__all__ = ["adai", "adam", "momentum", "sgd"]
