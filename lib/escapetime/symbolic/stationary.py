"""Stationary states without a current: the density in one dimension, the potential in n where there is one."""

from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.symbolic._arguments import as_coefficients, vanishes
from escapetime.symbolic.conventions import Convention, to_ito_drift


def stationary_density_1d(drift: Any, diffusion: Any, variable: Any, convention: Convention | str) -> sp.Expr:
    """Return the zero-current density ``D**-(1 - alpha) exp(int b / D)``, without its normalization.

    Parameters
    ----------
    drift : expression
        ``b``, length / time.
    diffusion : expression
        ``D > 0``, length**2 / time.
    variable : symbol
        The coordinate, length.
    convention : Convention or str
        The convention the equation is written in; it sets ``alpha``.

    Returns
    -------
    Expr
        A positive function of the variable, proportional to the stationary density where that has a finite integral.
        An integral that sympy cannot do stays an ``Integral``.

    Raises
    ------
    InvalidInput
        If there is more than one variable, or the diffusion vanishes identically.

    Notes
    -----
    Holds wherever ``D > 0``. Whether the result can be normalized is not examined.

    References
    ----------
    Risken 1989, section 5.2; Haenggi & Thomas 1982.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> [stationary_density_1d(-x, 1 + x**2, x, c) for c in Convention]
    [(x**2 + 1)**(-3/2), 1/(x**2 + 1), 1/sqrt(x**2 + 1)]
    """
    c = as_coefficients(drift, diffusion, variable)
    if len(c.variables) != 1:
        raise InvalidInput(
            f"expected one variable, got {c.variables}: in n dimensions the current need not vanish; "
            "use detailed_balance_potential, which says whether it does."
        )
    strength = c.diffusion[0]
    if vanishes(strength):
        raise InvalidInput("expected a diffusion D > 0, got D = 0: without noise there is no stationary density.")
    exponent = sp.integrate(sp.simplify(c.drift[0] / strength), c.variables[0])
    alpha = Convention.parse(convention).alpha
    return sp.powsimp(strength ** (alpha - 1) * sp.exp(sp.expand(exponent)))


def detailed_balance_potential(
    drift: Any, diffusion: Any, variables: Any, convention: Convention | str, noise: Any = None
) -> sp.Expr:
    """Return ``Phi`` with stationary density ``exp(-Phi)`` and zero current, if the process has such a potential.

    Zero current asks for ``grad Phi = D^-1 (div D - a)`` with ``a`` the Ito drift (``-D^-1 b`` under
    Haenggi-Klimontovich); that is possible exactly where the right-hand side has no curl.

    Parameters
    ----------
    drift, diffusion, variables, convention, noise
        As for :func:`~escapetime.symbolic.fokker_planck.probability_current`.

    Returns
    -------
    Expr
        ``Phi``, dimensionless, up to a constant. An integral that sympy cannot do stays an ``Integral``.

    Raises
    ------
    RouteNotApplicable
        If the field is not a gradient (no detailed balance: the stationary state carries a current), or the
        diffusion matrix is singular.

    Notes
    -----
    The domain is taken to be simply connected; ``D`` must be invertible. Whether ``exp(-Phi)`` can be normalized is
    not examined.

    References
    ----------
    Risken 1989, section 6.4 (detailed balance).

    Examples
    --------
    >>> x, y = sp.symbols("x y", real=True)
    >>> T = sp.Symbol("T", positive=True)
    >>> U = x**4 / 4 + x**2 * y**2
    >>> sp.expand(detailed_balance_potential([-U.diff(x), -U.diff(y)], T * sp.eye(2), (x, y), "ito"))
    x**4/(4*T) + x**2*y**2/T
    """
    c = as_coefficients(drift, diffusion, variables, noise)
    ito = to_ito_drift(c.drift, c.diffusion, c.variables, convention, c.noise)
    if vanishes(c.diffusion.det()):
        raise RouteNotApplicable(
            f"expected an invertible diffusion matrix, got det D = 0 for D = {c.diffusion}: a coordinate without noise "
            "has no detailed balance of this form; for underdamped dynamics use the Gibbs density of its energy."
        )
    size = range(len(c.variables))
    divergence = sp.Matrix([sum(sp.diff(c.diffusion[i, j], x) for j, x in enumerate(c.variables)) for i in size])
    field = (c.diffusion.inv() * (divergence - ito)).applyfunc(sp.simplify)
    for i in size:
        for j in range(i):
            curl = sp.diff(field[i], c.variables[j]) - sp.diff(field[j], c.variables[i])
            if not vanishes(curl):
                raise RouteNotApplicable(
                    f"expected a gradient field D^-1 (div D - a), got one with curl {sp.simplify(curl)} in the plane "
                    f"({c.variables[j]}, {c.variables[i]}): the process has no detailed balance, so its quasipotential "
                    "must come from the Hamilton-Jacobi equation or a minimum action path."
                )
    return _potential_of(field, c.variables)


def _potential_of(field: sp.Matrix, variables: tuple[sp.Symbol, ...]) -> sp.Expr:
    # Integrate a curl-free field one coordinate after the other: what is left depends on the later ones only.
    potential = sp.S.Zero
    for component, x in zip(field, variables, strict=True):
        rest = sp.simplify(component - sp.diff(potential, x))
        potential += sp.integrate(sp.expand(rest), x)
    return potential
