"""Conventions of a stochastic integral, and the drift that moving from one to another costs."""

from enum import Enum
from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.symbolic._arguments import as_coefficients, vanishes


class Convention(Enum):
    """Where in the step a state-dependent noise amplitude is evaluated: at its start, middle or end.

    In one dimension ``dX = b dt + sqrt(2 D) o dW`` reads ``sqrt(2 D)`` at ``X + alpha dX``: ``alpha = 0`` is Ito,
    1/2 Stratonovich, 1 Haenggi-Klimontovich (also called isothermal or anti-Ito). In n dimensions the name
    Haenggi-Klimontovich stands for the current ``J = b p - D grad p``, which no longer depends on a choice of noise
    matrix; it agrees with the end-of-step rule where that matrix is diagonal, and need not otherwise.

    References
    ----------
    Haenggi & Thomas 1982 (the alpha family); Klimontovich 1990 (the kinetic form).

    Examples
    --------
    >>> [convention.alpha for convention in Convention]
    [0, 1/2, 1]
    >>> Convention.parse("Stratonovich")
    <Convention.STRATONOVICH: 'stratonovich'>
    """

    ITO = "ito"
    STRATONOVICH = "stratonovich"
    HAENGGI_KLIMONTOVICH = "haenggi-klimontovich"

    @property
    def alpha(self) -> sp.Rational:
        """The fraction of the step at which the noise amplitude is read: 0, 1/2 or 1."""
        return _ALPHA[self]

    @classmethod
    def parse(cls, value: "Convention | str") -> "Convention":
        """Return the convention that a name, in any of its usual spellings, stands for.

        Parameters
        ----------
        value : Convention or str
            A member, or a name; case, hyphens, spaces and umlauts do not matter.

        Returns
        -------
        Convention
            The member meant.

        Raises
        ------
        InvalidInput
            If the name is not one of the three conventions.

        Examples
        --------
        >>> Convention.parse("Hänggi-Klimontovich").alpha
        1
        """
        if isinstance(value, cls):
            return value
        key = str(value).lower().replace("ô", "o").replace("ä", "ae")
        key = "".join(letter for letter in key if letter.isalpha())
        if key not in _SPELLINGS:
            raise InvalidInput(
                f"expected a convention of the stochastic integral, got {value!r}: "
                "write 'ito', 'stratonovich' or 'haenggi-klimontovich', or give a member of Convention."
            )
        return _SPELLINGS[key]


_ALPHA = {
    Convention.ITO: sp.Integer(0),
    Convention.STRATONOVICH: sp.Rational(1, 2),
    Convention.HAENGGI_KLIMONTOVICH: sp.Integer(1),
}
_SPELLINGS = {
    "ito": Convention.ITO,
    "stratonovich": Convention.STRATONOVICH,
    "haenggiklimontovich": Convention.HAENGGI_KLIMONTOVICH,
    "hanggiklimontovich": Convention.HAENGGI_KLIMONTOVICH,
    "hk": Convention.HAENGGI_KLIMONTOVICH,
    "isothermal": Convention.HAENGGI_KLIMONTOVICH,
    "kinetic": Convention.HAENGGI_KLIMONTOVICH,
}


def noise_induced_drift(
    diffusion: Any, variables: Any, convention: Convention | str, noise: Any = None
) -> sp.MutableDenseMatrix:
    """Return the drift that a convention adds to the Ito drift because the noise depends on the state.

    Ito: 0. Haenggi-Klimontovich: ``d_j D_ij``. Stratonovich: ``(1/2) s_jk d_j s_ik`` with ``s s^T = 2 D``; for a
    diagonal ``D`` and the diagonal root this is ``(1/2) d_i D_ii``, and for a constant ``D`` (constant root) it is 0.

    Parameters
    ----------
    diffusion : expression or matrix, (d, d)
        ``D``, length**2 / time; in one dimension an expression will do.
    variables : symbol or sequence of d symbols
        The coordinates, length.
    convention : Convention or str
        The convention the stochastic differential equation is written in.
    noise : expression or matrix, (d, m), optional
        ``s`` with ``s s^T = 2 D``, length / sqrt(time). Only the Stratonovich convention reads it, and needs it only
        where ``D`` is neither diagonal nor constant, because there the roots of ``D`` disagree.

    Returns
    -------
    Matrix, (d, 1)
        The noise-induced drift, length / time.

    Raises
    ------
    InvalidInput
        If the Stratonovich drift needs ``noise`` and none is given, or if ``noise`` is not a root of ``2 D``.

    Notes
    -----
    An algebraic identity; ``D`` must be differentiable, and for Stratonovich positive where the root is taken.

    References
    ----------
    Gardiner 2009, chapter 4 (Stratonovich to Ito); Risken 1989, section 3.3.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> [noise_induced_drift(1 + x**2, x, c)[0] for c in Convention]
    [0, x, 2*x]
    """
    coefficients = as_coefficients(None, diffusion, variables, noise)
    xs, matrix, root = coefficients.variables, coefficients.diffusion, coefficients.noise
    convention = Convention.parse(convention)
    if convention is Convention.ITO:
        return sp.zeros(len(xs), 1)
    if convention is Convention.HAENGGI_KLIMONTOVICH:
        return sp.Matrix([sum(sp.diff(matrix[i, j], x) for j, x in enumerate(xs)) for i in range(len(xs))])
    if root is not None:
        _require_root(root, matrix)
        return sp.Matrix(
            [
                sp.Rational(1, 2)
                * sum(root[j, k] * sp.diff(root[i, k], x) for j, x in enumerate(xs) for k in range(root.cols))
                for i in range(len(xs))
            ]
        )
    if matrix.is_diagonal():
        return sp.Matrix([sp.diff(matrix[i, i], x) / 2 for i, x in enumerate(xs)])
    if all(sp.diff(entry, x) == 0 for entry in matrix for x in xs):
        return sp.zeros(len(xs), 1)
    raise InvalidInput(
        f"expected the noise matrix s (s s^T = 2 D) beside a state-dependent, non-diagonal D = {matrix}, got none: "
        "the Stratonovich equation depends on which root is meant; pass noise=, or state the equation as Ito."
    )


def to_ito_drift(
    drift: Any, diffusion: Any, variables: Any, convention: Convention | str, noise: Any = None
) -> sp.MutableDenseMatrix:
    """Return the drift of the Ito equation with the same law as the given one.

    Parameters
    ----------
    drift : expression or sequence of d expressions
        ``b`` of ``dX = b dt + sqrt(2 D) o dW``, length / time.
    diffusion, variables, convention, noise
        As for :func:`noise_induced_drift`.

    Returns
    -------
    Matrix, (d, 1)
        ``b`` plus the noise-induced drift, length / time.

    References
    ----------
    Gardiner 2009, chapter 4.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> to_ito_drift(-x, 1 + x**2, x, "haenggi-klimontovich")[0]
    x
    """
    return convert_drift(drift, diffusion, variables, convention, Convention.ITO, noise)


def convert_drift(
    drift: Any, diffusion: Any, variables: Any, source: Convention | str, target: Convention | str, noise: Any = None
) -> sp.MutableDenseMatrix:
    """Return the drift to write in the target convention so that the law of the process stays the same.

    Parameters
    ----------
    drift : expression or sequence of d expressions
        ``b`` in the source convention, length / time.
    diffusion, variables, noise
        As for :func:`noise_induced_drift`.
    source, target : Convention or str
        The convention the drift is given in, and the one it is wanted in.

    Returns
    -------
    Matrix, (d, 1)
        The drift in the target convention, length / time.

    References
    ----------
    Gardiner 2009, chapter 4.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> convert_drift(-x, x**2, x, "ito", "stratonovich")[0]
    -2*x
    """
    given = as_coefficients(drift, diffusion, variables, noise).drift
    added = noise_induced_drift(diffusion, variables, source, noise)
    removed = noise_induced_drift(diffusion, variables, target, noise)
    return given + added - removed


def _require_root(root: sp.Matrix, matrix: sp.Matrix) -> None:
    residual = root * root.T - 2 * matrix
    if not all(vanishes(entry) for entry in residual):
        raise InvalidInput(
            f"expected a noise matrix s with s s^T = 2 D, got one with s s^T - 2 D = {residual}: "
            "pass the root of 2 D (not of D), or leave noise out where D is diagonal."
        )
