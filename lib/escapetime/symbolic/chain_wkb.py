r"""WKB of a chain with small steps: how the exponent of its escape time differs from that of its diffusion.

A chain :math:`x' = x + \Delta` whose step has the cumulant generating function :math:`\ln E\,e^{p\Delta} = h\,H(x, p)`,
with ``h`` the time of a step, has the quasi-stationary density :math:`e^{-W}`. To leading order for weak noise, the
most probable way to a point obeys

.. math:: x_{n+1} = x_n + h\,\partial_p H(x_n, p_{n+1}), \qquad p_n = p_{n+1} + h\,\partial_x H(x_n, p_{n+1}),
    \qquad p_n = W'(x_n):

the symplectic Euler method, which conserves not ``H`` but a nearby function, order by order in ``h``:

.. math:: \tilde H = H - \frac h2 H_p H_x + \frac{h^2}{12}\bigl(H_{pp}H_x^2 + H_{xx}H_p^2 + 4H_{xp}H_xH_p\bigr) + \dots

Along the way up :math:`\tilde H = 0`, an algebraic equation for :math:`W'`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput


def modified_hamiltonian(
    hamiltonian: Any, position: sp.Symbol, momentum: sp.Symbol, order: int = 1
) -> tuple[sp.Expr, ...]:
    r"""Return the coefficients of what the symplectic Euler method conserves, in powers of the step.

    Parameters
    ----------
    hamiltonian : expression
        :math:`H(x, p)`, 1 / time.
    position, momentum : Symbol
        ``x`` and ``p``.
    order : int
        Highest power of the step, 0 to 2.

    Returns
    -------
    tuple of order + 1 expressions
        :math:`H, H_1, \dots` with :math:`\tilde H = H + h H_1 + h^2 H_2`.

    Raises
    ------
    InvalidInput
        If the order is not 0, 1 or 2.

    Notes
    -----
    Hairer, Lubich and Wanner 2006 (``hairer2006``), chapter IX; the sign is that of the chain above.

    Examples
    --------
    >>> x, p = sp.symbols("x p")
    >>> modified_hamiltonian(p**2 / 2 + x**2 / 2, x, p)
    (p**2/2 + x**2/2, -p*x/2)
    """
    if order not in {0, 1, 2}:
        raise InvalidInput(f"Expected an order of 0, 1 or 2, got {order!r}.")
    h = sp.sympify(hamiltonian)
    dx, dp = sp.diff(h, position), sp.diff(h, momentum)
    xx, pp, xp = sp.diff(dx, position), sp.diff(dp, momentum), sp.diff(dx, momentum)
    return (h, -dx * dp / 2, (pp * dx**2 + xx * dp**2 + 4 * xp * dx * dp) / 12)[: order + 1]


def chain_slopes(drift: Any, diffusion: Any, variable: sp.Symbol, order: int = 1) -> tuple[sp.Expr, ...]:
    r"""Return the slope of the exponent of a Gaussian chain in powers of its step, :math:`W' = w_0 + h w_1 + \dots`.

    Parameters
    ----------
    drift : expression
        ``b``: a step has the mean :math:`h\,b(x)`. For SGD, ``h`` is the learning rate and ``b = -L'``.
    diffusion : expression
        ``D``: a step has the variance :math:`2 h D(x)`. For SGD :math:`D = \eta C_1 / 2B`.
    variable : Symbol
        ``x``.
    order : int
        Highest power of the step, 0 to 2.

    Returns
    -------
    tuple of order + 1 expressions
        :math:`w_0 = -b/D` (that of the diffusion), :math:`w_1`, ...; the exponent of the escape time is the integral of
        their sum from the sink to the source of the drift.

    Raises
    ------
    InvalidInput
        If the order is not 0, 1 or 2.

    Notes
    -----
    For weak noise at fixed step, and then for small steps. :math:`\int w_1` reduces by parts to
    :math:`\frac14\int b^2 D'/D^2`, which vanishes for constant ``D``. As ``D`` is of the order of the step for SGD, the
    first correction to the exponent does not vanish with the learning rate; it is proportional to the batch size.

    Examples
    --------
    The integral by parts, with undefined functions:

    >>> x = sp.Symbol("x")
    >>> b, D = sp.Function("b")(x), sp.Function("D")(x)
    >>> w = chain_slopes(b, D, x)
    >>> sp.simplify(w[1] - b**2 * D.diff(x) / (4 * D**2) + (b**2 / (4 * D)).diff(x))
    0
    """  # noqa: DOC502 (a helper raises it)
    p, step = sp.Dummy("p"), sp.Dummy("h")
    b, noise = sp.sympify(drift), sp.sympify(diffusion)
    parts = modified_hamiltonian(b * p + noise * p**2, variable, p, order)
    found = [sp.cancel(-b / noise) if b.is_rational_function() and noise.is_rational_function() else -b / noise]
    for n in range(1, order + 1):
        trial = sum(step**k * w for k, w in enumerate(found))
        residual = sum(step**k * part.subs(p, trial) for k, part in enumerate(parts[: n + 1]))
        rest = sp.diff(residual, step, n).subs(step, 0) / sp.factorial(n)
        found.append(sp.simplify(rest / b))  # dH/dp = -b on the way up
    return tuple(found)
