"""Kramers-Moyal coefficients of a one-step update: the exact jump moments, and what is left of them as dt -> 0."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import combinations_with_replacement
from operator import mul
from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.symbolic._arguments import as_symbols, as_vector
from escapetime.symbolic._expansion import divergent_power, truncated
from escapetime.symbolic.noise_moments import NoiseMoments, expectation

Index = tuple[sp.Symbol, ...]


@dataclass(frozen=True)
class KramersMoyal:
    """The coefficients ``M_{i1..ik} = E[dx_i1 ... dx_ik] / dt`` of an update, finite and in the limit.

    Attributes
    ----------
    variables : tuple of d symbols
        The coordinates, length.
    dt : Symbol
        The time step (for an optimizer: the learning rate).
    finite : mapping from tuples of variables to expressions
        ``M`` at finite ``dt``, exact, length**k / time; keys such as ``(x,)`` and ``(x, y)`` follow the order of
        ``variables``.
    limit : mapping from tuples of variables to expressions
        ``M`` as ``dt -> 0``.
    """

    variables: tuple[sp.Symbol, ...]
    dt: sp.Symbol
    finite: Mapping[Index, sp.Expr]
    limit: Mapping[Index, sp.Expr]

    @property
    def drift(self) -> sp.Matrix:
        """The limit of the first moments, (d, 1): the Ito drift, length / time."""
        return sp.Matrix([self._pick(self.limit, (x,)) for x in self.variables])

    @property
    def diffusion(self) -> sp.Matrix:
        """Half the limit of the second moments, (d, d): ``D``, length**2 / time."""
        xs = self.variables
        return sp.Matrix(len(xs), len(xs), lambda i, j: self._pick(self.limit, (xs[i], xs[j])) / 2)

    @property
    def is_diffusion(self) -> bool:
        """Whether every computed coefficient beyond the second order vanishes in the limit (Pawula's case)."""
        return all(value == 0 for key, value in self.limit.items() if len(key) > 2)

    def expansion(self, *index: sp.Symbol, order: int = 1) -> sp.Expr:
        """Return one coefficient as a series in ``dt``, up to and including ``dt**order``.

        Parameters
        ----------
        *index : symbols
            The variables whose increments are multiplied: ``x, x`` for ``E[dx**2] / dt``.
        order : int, optional
            The highest power of ``dt`` to keep; half-integer powers below it are kept too.

        Returns
        -------
        Expr
            The truncated series, length**k / time.
        """
        return truncated(self._pick(self.finite, index), self.dt, order)

    def _pick(self, table: Mapping[Index, sp.Expr], index: Index) -> sp.Expr:
        # M is symmetric in its indices: one order of them, that of the variables, stands for all
        key = tuple(sorted(index, key=self.variables.index)) if set(index) <= set(self.variables) else index
        if key not in table:
            raise InvalidInput(
                f"expected one to {max(map(len, table))} of the variables {self.variables}, got {index}: "
                "compute the coefficients to a higher order, or correct the name."
            )
        return table[key]


def kramers_moyal_coefficients(
    update: Any,
    variables: Any,
    noises: Any,
    dt: sp.Symbol,
    order: int = 2,
    noise_moments: Mapping[sp.Symbol, NoiseMoments] | None = None,
) -> KramersMoyal:
    """Return all Kramers-Moyal coefficients up to an order of the update ``x' = F(x, xi; dt)``.

    Parameters
    ----------
    update : expression or sequence of d expressions
        ``F``, the state after one step, length; a polynomial in the noises.
    variables : symbol or sequence of d symbols
        The state before the step, length.
    noises : symbol or sequence of m symbols
        Independent random numbers of one step, dimensionless: standard Gaussian unless ``noise_moments`` says else.
    dt : Symbol
        The time step; for an optimizer the learning rate, with whatever is to stay fixed written out (``D``, say).
    order : int, optional
        The largest number of increments multiplied, at least 1.
    noise_moments : mapping from noises to moments, optional
        Raw moments ``E[xi], E[xi**2], ...`` of the noises that are not standard Gaussian: a sequence, or a
        function of the power.

    Returns
    -------
    KramersMoyal
        The coefficients at finite ``dt`` and in the limit.

    Raises
    ------
    InvalidInput
        If a coefficient diverges as ``dt -> 0``.

    Notes
    -----
    Exact at finite ``dt``. If the third and higher coefficients vanish in the limit, the density obeys the
    Fokker-Planck equation in the Ito convention with ``drift`` and ``diffusion``; if a single even one beyond the
    second does not, infinitely many do not.

    References
    ----------
    Risken 1989, sections 4.1-4.3; Pawula 1967 (the alternative in the note).

    Examples
    --------
    Euler's step of ``dx = -U'(x) dt + sqrt(2 D) dW``:

    >>> x, xi = sp.symbols("x xi")
    >>> dt, D = sp.symbols("dt D", positive=True)
    >>> slope = sp.Function("U")(x).diff(x)
    >>> km = kramers_moyal_coefficients(x - slope * dt + sp.sqrt(2 * D * dt) * xi, x, xi, dt, order=4)
    >>> km.drift[0], km.diffusion[0], km.is_diffusion
    (-Derivative(U(x), x), D, True)
    >>> km.finite[x, x]
    2*D + dt*Derivative(U(x), x)**2
    """
    if not isinstance(dt, sp.Symbol):
        raise InvalidInput(f"expected the time step as a sympy Symbol, got {dt!r}: the limit dt -> 0 is taken in it.")
    symbols = as_symbols(variables)
    jumps = moments(update, symbols, noises, order, noise_moments)
    finite = {key: sp.expand(moment / dt) for key, moment in jumps.items()}
    for key, value in finite.items():
        power = divergent_power(value, dt)
        if power is not None:
            increments = "*".join(f"d{x}" for x in key)
            raise InvalidInput(
                f"expected jump moments that vanish with {dt}, got E[{increments}]/{dt} growing like {dt}**({power}): "
                f"scale the noise by sqrt({dt}), or write the optimizer's noise strength so that D stays fixed."
            )
    return KramersMoyal(symbols, dt, finite, {key: truncated(value, dt, 0) for key, value in finite.items()})


def moments(
    update: Any,
    variables: Any,
    noises: Any,
    order: int,
    noise_moments: Mapping[sp.Symbol, NoiseMoments] | None = None,
) -> dict[Index, sp.Expr]:
    """Return the jump moments ``E[dx_i1 ... dx_ik]`` of one step for every ``k`` from 1 to ``order``.

    Parameters
    ----------
    update, variables, noises, order, noise_moments
        As for :func:`kramers_moyal_coefficients`.

    Returns
    -------
    dict from tuples of variables to expressions
        The exact moments, length**k, expanded.

    Raises
    ------
    InvalidInput
        If the order is not a positive integer, or a symbol is both a variable and a noise.

    References
    ----------
    Risken 1989, section 4.1.

    Examples
    --------
    >>> x, s, xi = sp.symbols("x s xi")
    >>> moments(x / 2 + s * xi, x, xi, 2)
    {(x,): -x/2, (x, x): s**2 + x**2/4}
    """
    symbols, random = as_symbols(variables), as_symbols(noises)
    if not isinstance(order, int) or order < 1:
        raise InvalidInput(f"expected an order of at least 1, got {order!r}: 2 gives drift and diffusion.")
    if set(symbols) & set(random):
        raise InvalidInput(f"expected noises apart from the variables {symbols}, got {random}: rename the noises.")
    jumps = dict(zip(symbols, as_vector(update, len(symbols), "update") - sp.Matrix(symbols), strict=True))
    return {
        key: sp.expand(expectation(reduce(mul, (jumps[x] for x in key)), random, noise_moments))
        for key in _indices(symbols, order)
    }


def _indices(variables: Index, order: int) -> Iterator[Index]:
    return (key for k in range(1, order + 1) for key in combinations_with_replacement(variables, k))
