r"""The level of a process with memory: an energy, for the position alone says little of how near the exit a state is.

A path that swings in a well gains energy over many swings; each swing takes it back to the attractor, and no splitting
by position can keep what was gained. The loss :math:`U` with :math:`\sum_i w_i m_i^2 / 2` orders such states. The
weights of the momenta are found by equipartition: :math:`w_i \langle m_i^2 \rangle = T`, with the temperature :math:`T`
of the virial theorem, :math:`d\,T = \langle (x - \bar x) \cdot \nabla U \rangle`, both seen in the well. Memory
of one sign (second moments, powers of decay rates) is no momentum. For the underdamped process this is its
energy.
"""

from __future__ import annotations

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from escapetime.landscape import Landscape
from escapetime.simulate.model import StepModel

CENTERED = 0.2  # a momentum is positive, and negative, at least this often


def energy(model: StepModel, landscape: Landscape) -> tuple[sp.Expr, tuple[sp.Symbol, ...]]:
    """Return the energy of a state, and the names of the weights in it, one for each piece of memory.

    Parameters
    ----------
    model : StepModel
        With memory.
    landscape : Landscape
        Its loss.

    Returns
    -------
    tuple
        The expression in variables, memory and weights; the weights.
    """
    weights = tuple(sp.Symbol(f"weight{k}", real=True) for k in range(len(model.memory)))
    kinetic = sum(w * m**2 for w, m in zip(weights, model.memory, strict=True)) / 2
    return landscape.expression + kinetic, weights


def equipartition(states: NDArray[np.float64], landscape: Landscape) -> NDArray[np.float64]:
    """Return the weights of the pieces of memory.

    Parameters
    ----------
    states : numpy.ndarray
        A sample of states about the attractor, shape ``(n, size)``.
    landscape : Landscape
        The loss.

    Returns
    -------
    numpy.ndarray
        Shape ``(size - d,)``; zero for what is not a momentum, all zero if nothing is.
    """
    d = landscape.dimension
    position, memory = states[:, :d], states[:, d:]
    virial = (position - position.mean(axis=0)) * landscape.grad(position)
    temperature = max(float(virial.sum(axis=1).mean()) / d, 0.0)
    square = (memory**2).mean(axis=0)
    signs = np.minimum((memory > 0).mean(axis=0), (memory < 0).mean(axis=0))
    momentum = (signs > CENTERED) & np.isfinite(square)
    return np.where(momentum, temperature / np.where(momentum, square, 1.0), 0.0)
