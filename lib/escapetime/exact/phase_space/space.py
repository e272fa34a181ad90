"""Questions to a process with inertia in one dimension, answered from its matrix in phase space."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.exact.panels import Array
from escapetime.exact.phase_space.elements import GAUSS, ORDER, Elements
from escapetime.exact.phase_space.hermite import hermite
from escapetime.exact.phase_space.span import Span
from escapetime.exact.phase_space.system import System


class PhaseSpace:
    r"""A process with inertia on an interval, position and velocity: one object, many questions.

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

    Notes
    -----
    Where ``D`` is constant, the odd part is eliminated, the matrix is symmetric and positive definite, and the mean
    exit time grows to its limit from below: the approximation is variational. Where it varies, both parts are kept.

    Nothing is lost where escape is rare. The unknown at the bottom of the well is pinned, which leaves a well
    conditioned matrix; its solution, with the stationary density for weight, carries the flux of the escape, which is
    read where the well ends.

    Klein-Kramers equation: Kramers 1940 (``kramers1940``); Hermite functions for it: Risken 1989, chapter 10.
    """

    def __init__(self, span: Span, start: float, elements: Elements, modes: int) -> None:
        self.system = System(span, start, elements, modes)

    def exit_time(self, x: float, *, velocity: float | None = 0.0) -> float:
        """Return the mean exit time from a position.

        Parameters
        ----------
        x : float
            Inside the interval.
        velocity : float, optional
            At the start; None: drawn from the normal law with the variance ``D / (gamma M**2)`` at the start.

        Returns
        -------
        float
            In the process's unit of time.
        """
        return float(self._times @ self._functional(x, velocity))

    def standard_deviation(self, x: float, *, velocity: float | None = 0.0) -> float:
        """Return the standard deviation of the exit time from a position; as :meth:`exit_time`."""
        # E T^2 is what is gathered at the rate 2 E T on the way
        s, (even, odd) = self.system, (part.ravel() for part in self._parts(self._times))
        _, adjoint, friction = s.operators
        right, odd = s.even_values.T @ (s.measure @ (s.even_values @ even)), s.measure @ odd
        if s.constant:
            right -= adjoint.T @ (odd / friction.diagonal())
        else:
            right = np.concatenate([right, odd])
        second = 2 * float(self._solve(right) @ self._functional(x, velocity))
        return float(np.sqrt(max(second - self.exit_time(x, velocity=velocity) ** 2, 0.0)))

    def exit_probability(self, name: str, x: float, *, velocity: float | None = 0.0) -> float:
        """Return the probability to leave by the ``"lower"`` or the ``"upper"`` end; as :meth:`exit_time`."""
        return float(self._solve(self.system.absorbed[name]) @ self._functional(x, velocity))

    def stationary(self) -> tuple[Array, Array, Array]:
        """Return positions, the stationary density there and the mean squared velocity there, for walls all around.

        Returns
        -------
        tuple of numpy.ndarray
            At the Gauss points of the elements; the integral of the density by their weights is 1.

        Raises
        ------
        InvalidInput
            If the process can leave.
        """
        system, elements = self.system, self.system.elements
        if system.span.exits:
            raise InvalidInput("A process that leaves has no stationary density: make the Span without exits.")
        even = (elements.values @ self._parts(self._visits)[0]) * system.weight[:, None]
        density = even[:, 0]
        # z^2 = 1 + sqrt(2) h_2
        squared = system.scale**2 * (1 + np.sqrt(2) * even[:, 1] / density)
        return elements.points, density / float(elements.weights @ density), squared

    @cached_property
    def flux_error(self) -> float:
        """Relative difference of the flux through neighboring cuts: rounding, for the discrete flux is the same."""
        fluxes = [self._flux(shift) for shift in (-1, 0, 1)]
        return float(np.ptp(fluxes) / abs(fluxes[1]))

    # --- excursions from the bottom of the well ----------------------------------------------------------------------

    @property
    def _pinned(self) -> int:
        return self.system.pin * self.system.modes.count

    @cached_property
    def _factors(self) -> tuple[Any, Array, Any]:
        from scipy import sparse
        from scipy.sparse.linalg import splu

        matrix, pinned, count = self.system.matrix, self._pinned, self.system.modes.count
        size = np.abs(matrix.diagonal())
        blocks = size[: self.system.size].reshape(-1, count)
        blocks[:, 0] = np.maximum(blocks[:, 0], blocks[:, 1])  # friction does not act on the constant
        scale, others = 1 / np.sqrt(size), np.delete(np.arange(len(size)), pinned)
        diagonal = sparse.diags_array(scale)
        scaled = (diagonal @ matrix @ diagonal).tocsc()[others][:, others]
        options = {"diag_pivot_thresh": 0.0, "options": {"SymmetricMode": True}}
        try:
            return splu(scaled.tocsc(), permc_spec="MMD_AT_PLUS_A", **options), scale, others
        except RuntimeError as error:
            raise NumericalFailure(
                f"The matrix of the phase space is singular to rounding ({error}): give fewer modes or a smaller box."
            ) from error

    def _excursion(self, right: Array, at_pin: float, transposed: bool = False) -> Array:
        factors, scale, others = self._factors
        answer = np.empty(len(scale))
        answer[self._pinned] = at_pin
        answer[others] = factors.solve(scale[others] * right[others], "T" if transposed else "N") * scale[others]
        return answer

    @cached_property
    def _visits(self) -> Array:
        """The stationary density over the weight, 1 at the bottom, while what leaves is put back there."""
        row = self.system.matrix[[self._pinned]].toarray()[0]
        return self._excursion(-row, 1.0, transposed=True)

    @cached_property
    def _returning(self) -> Array:
        column = self.system.matrix[:, [self._pinned]].toarray()[:, 0]
        return self._excursion(-column, 1.0)

    def _flux(self, shift: int = 0) -> float:
        """What leaves the well for each unit of the density at its bottom."""
        # The matrix annihilates constants away from the exits. So what it makes of a function that is 1 in the well and
        # 0 beyond has entries where the function falls only: nothing cancels, however small the flux.
        system, count = self.system, self.system.modes.count
        last = len(system.elements.nodes) - 1
        low, high, touched = 0, last, []
        for name in system.span.exits:
            element = system.top(name) // ORDER + shift
            if name == "upper":
                high = int(np.clip(element * ORDER, system.pin, last - 1))
                touched.append(high // ORDER)
            else:
                low = int(np.clip((element + 1) * ORDER, 1, system.pin))
                touched.append((low - 1) // ORDER)
        well = np.zeros(system.matrix.shape[0])
        well[low * count : (high + 1) * count : count] = 1.0
        rows = [np.arange(ORDER * e * count, (ORDER * (e + 1) + 1) * count) for e in touched]
        if not system.constant:
            rows += [system.size + np.arange(GAUSS * e * count, GAUSS * (e + 1) * count) for e in touched]
        falls = np.unique(np.concatenate(rows))
        return float(self._visits[falls] @ (system.matrix @ well)[falls])

    def _solve(self, right: Array) -> Array:
        rate = self._flux()
        if not rate > 0:
            raise NumericalFailure(
                "The flux of the escape is lost in rounding: it is too rare, or not resolved. Raise cells and modes, "
                "or use escapetime.simulate.splitting."
            )
        return self._excursion(right, 0.0) + self._returning * float(self._visits @ right) / rate

    # --- answers -----------------------------------------------------------------------------------------------------

    @cached_property
    def _times(self) -> Array:
        system, right = self.system, np.zeros(self.system.matrix.shape[0])
        density = system.elements.weights * system.weight
        right[: system.size : system.modes.count] = system.elements.values.T @ density
        return self._solve(right)

    def _functional(self, x: float, velocity: float | None) -> Array:
        """The value at a place, of an answer."""
        system, (nodes, points) = self.system, self.system.elements.at(x)
        result = np.zeros(system.matrix.shape[0])
        if velocity is None:
            spread = float(system.thermal(np.array([x]))[0] / system.scale)
            result[: system.size] = np.kron(nodes, system.modes.mean(spread))
            return result
        values = hermite(2 * system.modes.count, np.array([velocity / system.scale]))[:, 0]
        result[: system.size], odd = np.kron(nodes, values[::2]), np.kron(points, values[1::2])
        if system.constant:
            transport, _, friction = system.operators
            result[: system.size] += transport.T @ (odd / friction.diagonal())
        else:
            result[system.size :] = odd
        return result

    def _parts(self, answer: Array) -> tuple[Array, Array]:
        """Even part at the nodes and odd part at the Gauss points, a row each."""
        even = answer[: self.system.size]
        odd = answer[self.system.size :]
        if self.system.constant:
            transport, _, friction = self.system.operators
            odd = (transport @ even) / friction.diagonal()
        return even.reshape(-1, self.system.modes.count), odd.reshape(-1, self.system.modes.count)
