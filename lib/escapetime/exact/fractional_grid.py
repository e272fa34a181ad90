"""The generator of a one-dimensional process with stable noise on a uniform grid, as a dense matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from escapetime.errors import InvalidInput
from escapetime.processes.levy import LevyDriven
from escapetime.stable.constants import levy_constant
from escapetime.symbolic.compile import ArrayFunction

Array = NDArray[np.float64]
PECLET = 100.0  # above it central differences of the drift oscillate


@dataclass(frozen=True)
class Answer:
    """What one grid says about a start.

    Attributes
    ----------
    mean, square : float
        Mean and mean square of the escape time.
    upper : float
        Probability of leaving by the upper end.
    """

    mean: float
    square: float
    upper: float


@dataclass(frozen=True)
class NonlocalGrid:
    """The generator on nodes: those between the ends, and an end that is a cut.

    Attributes
    ----------
    nodes : numpy.ndarray, shape (n,)
        Where they are.
    matrix : numpy.ndarray, shape (n, n)
        Rates from row to column, and minus the sum of all rates on the diagonal.
    to_upper : numpy.ndarray, shape (n,)
        Rate of leaving by the upper end.
    peclet : numpy.ndarray, shape (n,)
        Drift over noise at the scale of a cell.
    upwind : numpy.ndarray of bool, shape (n,)
        Where the drift is differenced upwind.
    """

    nodes: Array
    matrix: Array
    to_upper: Array
    peclet: Array
    upwind: NDArray[np.bool_]

    @classmethod
    def of(
        cls, process: LevyDriven, force: ArrayFunction, lo: float, hi: float, cells: int, cut: str | None, how: str
    ) -> NonlocalGrid:
        """Assemble it.

        Parameters
        ----------
        process : LevyDriven
            One-dimensional.
        force : ArrayFunction
            Its drift, compiled.
        lo, hi : float
            Ends of the grid.
        cells : int
            Number of cells.
        cut : str or None
            ``"lower"`` or ``"upper"``: the end that is no exit; what lies beyond it is put there.
        how : str
            ``"auto"``, ``"central"`` or ``"upwind"``.

        Returns
        -------
        NonlocalGrid
            The grid.

        Raises
        ------
        InvalidInput
            If the drift does not point inwards at a cut.
        """
        from scipy.linalg import toeplitz

        h, strength, index = (hi - lo) / cells, process.noise_power, np.arange(cells + 1)
        weights, far = jump_weights(process.alpha, h, cells)
        weights, far = weights * strength, far * strength
        nodes = np.linspace(lo, hi, cells + 1)
        matrix = toeplitz(np.concatenate([[-2 * weights.sum() - 2 * far], weights]))
        at_least = np.concatenate([[0.0], np.cumsum(weights[::-1])[::-1]]) + far  # rate of jumps of k cells or more
        matrix[:, [0, -1]] = 0.0  # jumps to an end and beyond it are counted together
        matrix[0, 0] = matrix[-1, -1] = -2 * weights.sum() - 2 * far
        to_lower, to_upper = at_least[np.maximum(index, 1)], at_least[np.maximum(cells - index, 1)]
        drift = force(nodes[:, None])[:, 0]
        peclet = np.abs(drift) * h ** (process.alpha - 1) / strength
        upwind = np.full(cells + 1, how == "upwind") if how != "auto" else peclet > PECLET
        forward = np.where(upwind, np.maximum(drift, 0) / h, drift / (2 * h))
        backward = np.where(upwind, np.maximum(-drift, 0) / h, -drift / (2 * h))
        forward[0], backward[0] = max(drift[0], 0) / h, 0.0
        forward[-1], backward[-1] = 0.0, max(-drift[-1], 0) / h
        if (cut == "lower" and not forward[0] > 0) or (cut == "upper" and not backward[-1] > 0):
            raise InvalidInput(
                "The drift does not point inwards where the infinite end is cut: the mean may be infinite. Give a box, "
                "or a domain with two finite ends."
            )
        matrix[index, index] -= forward + backward
        matrix[index[:-1], index[1:]] += forward[:-1]
        matrix[index[1:], index[:-1]] += backward[1:]
        if cut == "lower":
            matrix[:, 0] += to_lower
        if cut == "upper":
            matrix[:, -1] += to_upper
        to_upper[-2] += forward[-2]
        keep = index[(0 if cut == "lower" else 1) : (cells + 1 if cut == "upper" else cells)]
        return cls(nodes[keep], matrix[np.ix_(keep, keep)], to_upper[keep], peclet[keep], upwind[keep])

    def solve(self, start: float) -> Answer:
        """Return moments of the escape time from a start between the nodes."""
        from scipy.linalg import lu_factor, lu_solve

        factors = lu_factor(self.matrix)
        mean = lu_solve(factors, -np.ones(len(self.nodes)))
        square = lu_solve(factors, -2 * mean)
        upper = lu_solve(factors, -self.to_upper)
        at = [_interpolated(self.nodes, values, start) for values in (mean, square, upper)]
        return Answer(*at)


def jump_weights(alpha: float, spacing: float, cells: int) -> tuple[Array, float]:
    r"""Return the rates at which the process jumps by whole numbers of cells, and beyond all of them, to one side.

    Parameters
    ----------
    alpha : float
        Tail index, above 0 and below 2; scale one.
    spacing : float
        Length of a cell.
    cells : int
        Number of cells ``n``.

    Returns
    -------
    rates : numpy.ndarray, shape (n,)
        Of a jump by 1, ..., n cells. The first holds the small jumps, as a diffusion.
    beyond : float
        Of a jump by more than ``n`` cells.

    Notes
    -----
    With them :math:`-(-\Delta)^{\alpha/2}u_i = \sum_k w_k(u_{i+k} - 2u_i + u_{i-k})` is exact for quadratic ``u`` up to
    the last cell. Duo, van Wyk and Zhang 2018 (``duo2018``), with the splitting parameter 2.

    Examples
    --------
    >>> rates, beyond = jump_weights(1.0, 0.5, 4)
    >>> bool(np.isclose(np.sum(rates * (0.5 * np.arange(1, 5)) ** 2), 2.0 / np.pi)), round(beyond * np.pi, 12)
    (True, 0.5)
    """
    at = spacing * np.arange(1, cells + 1)
    mu, constant = 2 - alpha, levy_constant(alpha)
    power = at**mu
    before, after = np.concatenate([[0.0], power[:-1]]), np.concatenate([power[1:], power[-1:]])
    rates = constant * (after - before) / (2 * mu * at**2)
    rates[0] = constant * (power[0] + (power[1] - power[0]) / 2) / (mu * at[0] ** 2)
    return rates, constant * float(at[-1]) ** -alpha / alpha


def _interpolated(nodes: Array, values: Array, x: float) -> float:
    """Cubic through the four nodes around a point: one order beyond what is extrapolated."""
    first = int(np.clip(np.searchsorted(nodes, x) - 2, 0, len(nodes) - 4))
    near, total = nodes[first : first + 4], 0.0
    for k in range(4):
        others = np.delete(near, k)
        total += float(values[first + k] * np.prod((x - others) / (near[k] - others)))
    return total
