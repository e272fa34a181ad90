"""A root of a covariance: how correlated noise is made of independent numbers."""

from __future__ import annotations

import sympy as sp

from escapetime.errors import InvalidInput

_INDEFINITE = "The covariance {} has a negative eigenvalue; was a sign lost?"


def noise_factor(covariance: sp.Matrix) -> sp.Matrix:
    """Return the lower triangular ``L`` with ``L L^T`` the covariance, without its zero columns.

    Parameters
    ----------
    covariance : sympy.Matrix
        Symmetric, positive semidefinite, shape ``d x d``; it may depend on the position.

    Returns
    -------
    sympy.Matrix
        Shape ``d x m``, where ``m`` is the rank.

    Raises
    ------
    InvalidInput
        If a constant covariance has a negative eigenvalue.

    Examples
    --------
    >>> noise_factor(sp.Matrix([[4, 4], [4, 4]]))
    Matrix([
    [2],
    [2]])
    """  # noqa: DOC502 - raised by what it calls
    whole = triangular_factor(covariance)
    columns = [whole[:, j] for j in range(whole.cols) if not whole[:, j].is_zero_matrix]
    return sp.Matrix.hstack(*columns) if columns else sp.zeros(whole.rows, 0)


def triangular_factor(covariance: sp.Matrix) -> sp.Matrix:
    """Return the lower triangular ``L`` with ``L L^T`` the covariance; a direction without noise has a zero column.

    Parameters
    ----------
    covariance : sympy.Matrix
        Symmetric, positive semidefinite, shape ``d x d``; it may depend on the position.

    Returns
    -------
    sympy.Matrix
        Shape ``d x d``.

    Raises
    ------
    InvalidInput
        If a constant covariance has a negative eigenvalue.

    Examples
    --------
    >>> triangular_factor(sp.Matrix([[4, 4], [4, 8]]))
    Matrix([
    [2, 0],
    [2, 2]])
    """
    d, rest = covariance.rows, covariance.as_mutable()
    scale = max([abs(float(v)) for v in rest if v.is_number], default=0.0)
    columns = []
    for j in range(d):
        pivot = sp.expand(rest[j, j]) if rest[j, j].is_polynomial() else rest[j, j]
        if _vanishes(pivot, scale):
            if any(not _vanishes(rest[i, j], scale) for i in range(j + 1, d)):
                raise InvalidInput(_INDEFINITE.format(covariance.tolist()))
            columns.append(sp.zeros(d, 1))
            continue
        if pivot.is_number and pivot < 0:
            raise InvalidInput(_INDEFINITE.format(covariance.tolist()))
        root = sp.sqrt(pivot)
        column = sp.Matrix([sp.Integer(0)] * j + [root] + [rest[i, j] / root for i in range(j + 1, d)])
        rest -= column * column.T
        columns.append(column)
    return sp.Matrix.hstack(*columns)


def _vanishes(entry: sp.Expr, scale: float) -> bool:
    if entry.is_number:
        return bool(abs(entry) <= 1e-12 * scale)
    # an expression of hundreds of terms is not expanded where one value already tells
    probe = entry.xreplace({s: sp.Float(0.3 + 0.137 * k) for k, s in enumerate(sorted(entry.free_symbols, key=str))})
    value = probe.evalf()
    return not (value.is_number and abs(value) > 1e-9) and sp.expand(entry) == 0
