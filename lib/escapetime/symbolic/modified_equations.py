r"""Stochastic modified equations of SGD: the diffusion that matches the moments of its step to a given order.

SGD moves by :math:`\Delta = -\eta (g + \sqrt{C}\,\xi)`. A diffusion matches it to weak order ``n`` if their moments
over one step agree up to an error of order :math:`\eta^{n+1}`. What "order" means depends on what is held fixed as
:math:`\eta \to 0`: the covariance ``C`` (a fixed batch size: the noise then fades), or the diffusion
:math:`D = \eta C / 2` (a fixed temperature: the noise then stays).
"""

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.symbolic._arguments import as_coefficients, as_symbols, vanishes
from escapetime.symbolic.fokker_planck import backward_operator

Index = tuple[sp.Symbol, ...]


@dataclass(frozen=True)
class ModifiedEquation:
    """An Ito diffusion that follows SGD to a weak order.

    Attributes
    ----------
    variables : tuple of d symbols
        The parameters, length.
    drift : Matrix, (d, 1)
        ``b``, length / time, time in ``lr * steps``.
    diffusion : Matrix, (d, d)
        ``D`` of ``dX = b dt + sqrt(2 D) dW``, length**2 / time.
    order : int
        The weak order.
    held : str
        What is fixed as the learning rate falls: ``"covariance"`` or ``"diffusion"``.
    """

    variables: tuple[sp.Symbol, ...]
    drift: sp.Matrix
    diffusion: sp.Matrix
    order: int
    held: str


def modified_equation(
    loss: Any, covariance: Any, variables: Any, lr: Any, *, order: int = 2, held: str = "covariance"
) -> ModifiedEquation:
    r"""Return the stochastic modified equation of SGD to weak order 1 or 2.

    Order 1 is :math:`b = -\nabla L`, :math:`D = \eta C / 2`. Order 2 adds :math:`-\frac{\eta}{4}\nabla|\nabla L|^2` to
    the drift where the covariance is held. Where the diffusion is held it adds
    :math:`-\frac{\eta}{2}(H\nabla L - D_{jk}\partial_j\partial_k\nabla L)`, and :math:`\frac{\eta}{2}(HD + DH)`
    to ``D``.

    Parameters
    ----------
    loss : expression
        The full loss ``L``; undefined functions will do.
    covariance : expression or matrix, (d, d)
        ``C``, the covariance of the minibatch gradient, (loss / length)**2.
    variables : symbol or sequence of d symbols
        The parameters, length.
    lr : symbol or number
        The learning rate, the duration of a step.
    order : int
        1 or 2.
    held : str
        What is fixed as the learning rate falls: ``"covariance"`` (the batch size is fixed; any law of the noise) or
        ``"diffusion"`` (the temperature is fixed; Gaussian noise, the same everywhere).

    Returns
    -------
    ModifiedEquation
        Drift and diffusion, in the Ito convention.

    Raises
    ------
    InvalidInput
        If the order is not 1 or 2, or ``held`` is something else.
    RouteNotApplicable
        If the diffusion is held and depends on the state: no diffusion is of weak order 2 then.

    Notes
    -----
    Holds at times of order one, for smooth ``L`` and ``C``; a weak order says nothing about escape times, which are
    exponentially long. Li, Tai and E 2019 (``li2019``) for the held covariance; Shardlow 2006 (``shardlow2006``) for
    the held diffusion, and why it must be constant.

    Examples
    --------
    >>> x, eta = sp.symbols("x eta", positive=True)
    >>> sp.factor(modified_equation(x**2 / 2, 1, x, eta).drift[0])
    -x*(eta + 2)/2
    """
    if order not in (1, 2):
        raise InvalidInput(f"Expected order 1 or 2, got {order!r}: higher ones are not worked out here.")
    if held not in ("covariance", "diffusion"):
        raise InvalidInput(f"Expected held='covariance' or held='diffusion', got {held!r}.")
    symbols = as_symbols(variables)
    gradient = sp.Matrix([sp.diff(sp.sympify(loss), x) for x in symbols])
    step = sp.sympify(lr)
    c = as_coefficients(-gradient, covariance, symbols)
    drift, diffusion = c.drift, step * c.diffusion / 2
    if order == 2:
        hessian, size = gradient.jacobian(symbols), range(len(symbols))
        bend = hessian * gradient
        if held == "diffusion":
            if not all(vanishes(sp.diff(entry, x)) for entry in diffusion for x in symbols):
                raise RouteNotApplicable(
                    f"No diffusion matches the third moment of the step to second order where D = {diffusion} depends "
                    "on the state and is held fixed: use order=1, or held='covariance'."
                )
            for i in size:
                bend[i] -= sum(
                    diffusion[j, k] * sp.diff(gradient[i], symbols[j], symbols[k]) for j in size for k in size
                )
            diffusion = diffusion + step / 2 * (hessian * diffusion + diffusion * hessian)
        drift = drift - step / 2 * bend
    return ModifiedEquation(symbols, drift, diffusion, order, held)


def short_time_moments(
    drift: Any, diffusion: Any, variables: Any, time: sp.Symbol, degree: int, order: int = 2
) -> dict[Index, sp.Expr]:
    r"""Return the moments ``E[dx_i1 ... dx_ik]`` of an Ito diffusion after a short time, as series in that time.

    They are :math:`\sum_n \frac{t^n}{n!} \mathcal{L}^n f` with the generator :math:`\mathcal{L}` and ``f`` the product
    of the displacements, at the start. Drift and diffusion may hold the time themselves.

    Parameters
    ----------
    drift, diffusion, variables
        As for :func:`~escapetime.symbolic.fokker_planck.backward_operator`, Ito.
    time : Symbol
        The time ``t``.
    degree : int
        The largest number of displacements multiplied, at least 1.
    order : int
        The highest power of the time to keep, at least 1.

    Returns
    -------
    dict from tuples of variables to expressions
        The moments up to ``time**order``, length**k.

    Raises
    ------
    InvalidInput
        If the degree or the order is not a positive integer.

    Notes
    -----
    Smooth coefficients; the remainder is of order ``time**(order + 1)``. Kloeden and Platen 1992, section 5.2.

    Examples
    --------
    >>> x, t = sp.symbols("x t")
    >>> short_time_moments(-x, 1, x, t, 2)
    {(x,): t**2*x/2 - t*x, (x, x): t**2*x**2 - 2*t**2 + 2*t}
    """
    if not all(isinstance(n, int) and n >= 1 for n in (degree, order)):
        raise InvalidInput(f"Expected a degree and an order of at least 1, got {degree!r} and {order!r}.")
    symbols = as_symbols(variables)
    origin = {x: sp.Dummy(str(x), real=True) for x in symbols}
    at_start = {dummy: x for x, dummy in origin.items()}
    found: dict[Index, sp.Expr] = {}
    for k in range(1, degree + 1):
        for key in combinations_with_replacement(symbols, k):
            term = sp.prod([x - origin[x] for x in key])
            total = sp.S.Zero
            for n in range(1, order + 1):
                term = backward_operator(term, drift, diffusion, symbols, "ito")
                total += time**n / sp.factorial(n) * term.xreplace(at_start)
            found[key] = _cut(total, time, order)
    return found


def _cut(expression: sp.Expr, time: sp.Symbol, order: int) -> sp.Expr:
    terms = sp.Add.make_args(sp.expand(expression))
    return sum((t for t in terms if t.as_powers_dict().get(time, 0) <= order), sp.S.Zero)
