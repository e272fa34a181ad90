r"""The backward operator of a process with inertia in one dimension, on Hermite functions and finite elements.

With :math:`\sigma` a velocity and :math:`z = v / \sigma`, the operator is :math:`T + O`, where

.. math::
    T = v\,\partial_x - \frac{U'}{M}\,\partial_v, \qquad
    O = -\gamma v\,\partial_v + \frac{D(x)}{M^2}\,\partial_v^2 .

``T`` takes even functions of the velocity to odd ones and back, and ``O`` keeps them apart. With the weight
:math:`\rho = g(x)\,e^{-z^2/2}` and :math:`T^\ast = -T - \sigma z\,(\ln g)' - z\,U' / (M\sigma)`, the mean exit time
``u``, even plus odd, is found from

.. math::
    \langle u_o, -T^\ast w\rangle - \langle O u_e, w\rangle + \sum_{\text{exits}} g\,\langle |v|\,u_e, w\rangle_v
    = \langle 1, w\rangle, \qquad -O u_o = T u_e

for all even ``w``: an exit takes what comes with an outward velocity, which ties the odd part there to the even one,
and a wall reflects, which is the absence of a term.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from escapetime.exact.panels import Array
from escapetime.exact.phase_space.elements import Elements
from escapetime.exact.phase_space.hermite import Modes
from escapetime.exact.phase_space.span import Span
from escapetime.symbolic.compile import ArrayFunction

VISITED = 4.0  # exponents above the pass: as high as the velocity's scale looks at the noise


class System:
    r"""The matrix of a process with inertia on an interval, and what it is made of.

    Parameters
    ----------
    span : Span
        The process and its interval.
    start : float
        In the well that is to be left.
    elements : Elements
        In the position.
    modes : int
        Even Hermite functions in the velocity, and as many odd ones.

    Attributes
    ----------
    pin : int
        Node at the bottom of the well.
    scale : float
        :math:`\sigma`: the thermal velocity, or its largest value where the process comes.

    Notes
    -----
    Unknowns are the even part at the nodes, all modes of a node together. Where ``D`` is constant, the odd part is
    eliminated; else it follows, at the Gauss points.
    """

    def __init__(self, span: Span, start: float, elements: Elements, modes: int) -> None:
        self.span, self.elements, self.modes = span, elements, Modes(modes)
        process, x = span.process, elements.nodes
        self.gamma, self.mass, self.constant = process.friction, process.mass, process.constant_diffusion
        rise = span.exponent(x)
        # not at an end, for what is there is about to be absorbed
        self.pin = int(np.clip(_bottom(rise, int(np.argmin(np.abs(x - start)))), 1, len(x) - 2))
        highest = max((rise[self.top(name)] for name in span.exits), default=rise[self.pin])
        self.scale = float(self.thermal(x)[rise <= highest + VISITED].max())

    @property
    def size(self) -> int:
        """Number of unknowns in the even part."""
        return len(self.elements.nodes) * self.modes.count

    def noise(self, x: Array) -> Array:
        """``D`` at positions of shape ``(n,)``."""
        return self.span.process.diffusion_at(x[:, None])[:, 0, 0]

    def thermal(self, x: Array) -> Array:
        """Root of ``D / (gamma M**2)`` at positions of shape ``(n,)``: a velocity."""
        return np.asarray(np.sqrt(self.noise(x) / self.gamma) / self.mass)

    def end(self, name: str) -> int:
        """Node of an end, ``"lower"`` or ``"upper"``."""
        return 0 if name == "lower" else len(self.elements.nodes) - 1

    def top(self, name: str) -> int:
        """Node of the highest place between the bottom of the well and an end."""
        rise = self.span.exponent(self.elements.nodes)
        low, high = sorted((self.pin, self.end(name)))
        return low + int(np.argmax(rise[low : high + 1]))

    def log_weight(self, x: Array) -> Array:
        """Logarithm of the stationary density of the position for small mass, which is 1 at the bottom of the well."""
        bottom = self.elements.nodes[[self.pin]]
        rise = self.span.exponent(x) - self.span.exponent(bottom)
        return -rise - np.log(self.noise(x) / self.noise(bottom))

    @cached_property
    def weight(self) -> Array:
        """The weight :math:`g` at the Gauss points."""
        return np.exp(self.log_weight(self.elements.points))

    def _transport(self, test: bool) -> Any:
        """``T`` from even values at nodes to odd ones at Gauss points, or minus its adjoint."""
        from scipy import sparse

        e, m, x = self.elements, self.modes, self.elements.points
        force = self.span.process.landscape.grad(x[:, None])[:, 0] / (self.mass * self.scale)
        result = self.scale * sparse.kron(e.slopes, m.product)
        result -= sparse.kron(sparse.diags_array(force) @ e.values, m.derivative)
        if test and not self.constant:
            variables, noise = self.span.process.variables, self.span.process.diffusion[0]
            slope = ArrayFunction(variables, [noise.diff(variables[0])])(x[:, None])
            drift = self.gamma * self.mass * force * self.mass * self.scale
            log_slope = -(drift + slope) / self.noise(x)
            result += sparse.kron(sparse.diags_array(self.scale * log_slope + force) @ e.values, m.product)
        return result.tocsr()

    def _friction(self, orders: Array) -> Any:
        """``-O`` at the Gauss points."""
        from scipy import sparse

        here = sparse.eye_array(len(self.elements.points))
        result = sparse.kron(here, sparse.diags_array(self.gamma * orders))
        if not self.constant:
            excess = self.noise(self.elements.points) / (self.mass * self.scale) ** 2 - self.gamma
            result -= sparse.kron(sparse.diags_array(excess), self.modes.curvature(orders))
        return result.tocsr()

    @cached_property
    def measure(self) -> Any:
        """Diagonal matrix: the weight, times that of the rule, for every mode at the Gauss points."""
        from scipy import sparse

        weights = sparse.diags_array(self.elements.weights * self.weight)
        return sparse.kron(weights, sparse.eye_array(self.modes.count)).tocsr()

    @cached_property
    def even_values(self) -> Any:
        """Matrix from the even part at the nodes to the even part at the Gauss points."""
        from scipy import sparse

        return sparse.kron(self.elements.values, sparse.eye_array(self.modes.count)).tocsr()

    @cached_property
    def operators(self) -> tuple[Any, Any, Any]:
        """``T``, minus its adjoint, and ``-O`` on odd functions."""
        transport = self._transport(test=False)
        return transport, self._transport(test=True), self._friction(self.modes.odd)

    @cached_property
    def matrix(self) -> Any:
        """Of the whole problem; with constant noise the odd part is eliminated."""
        from scipy import sparse

        transport, adjoint, odd = self.operators
        even = self.even_values.T @ self.measure @ self._friction(self.modes.even) @ self.even_values
        for name in self.span.exits:
            node = self.end(name)
            only = sparse.csr_array(([self._strength(name)], ([node], [node])), shape=(len(self.elements.nodes),) * 2)
            even = even + sparse.kron(only, self.modes.size)
        if self.constant:
            return (even + adjoint.T @ (self.measure @ sparse.diags_array(1 / odd.diagonal())) @ transport).tocsc()
        return sparse.block_array(
            [[even, adjoint.T @ self.measure], [-self.measure @ transport, self.measure @ odd]]
        ).tocsc()

    def _strength(self, name: str) -> float:
        return float(np.exp(self.log_weight(self.elements.nodes[[self.end(name)]])[0]) * self.scale)

    @cached_property
    def absorbed(self) -> dict[str, Array]:
        """What each exit takes, as a right-hand side."""
        found = {}
        for name in self.span.exits:
            right = np.zeros(self.matrix.shape[0])
            first = self.end(name) * self.modes.count
            right[first : first + self.modes.count] = self._strength(name) * self.modes.size[0]
            found[name] = right
        return found


def _bottom(rise: Array, node: int) -> int:
    """Walk downhill."""
    while True:
        around = [n for n in (node - 1, node, node + 1) if 0 <= n < len(rise)]
        best = min(around, key=lambda n: rise[n])
        if best == node:
            return node
        node = best
