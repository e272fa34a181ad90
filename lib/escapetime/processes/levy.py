"""Processes driven by stable noise: a Lévy-driven equation, and optimizers whose gradient noise is stable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape
from escapetime.processes.adam import adam
from escapetime.processes.chain import Chain
from escapetime.processes.minibatch import positive
from escapetime.processes.stable_noise import checked_index, stable_law, symmetric_stable

KINDS = ("independent", "isotropic")


@dataclass(frozen=True, eq=False)
class LevyDriven:
    r"""A process :math:`\mathrm{d}X = b(X)\,\mathrm{d}t + A\,\mathrm{d}L^\alpha`, where
    :math:`\mathbb{E}\,e^{i\langle t, L_s\rangle} = e^{-s\psi(t)}`.

    Made by :func:`levy` and :func:`levy_sgd`.

    Attributes
    ----------
    variables : tuple of sympy.Symbol
        The ``d`` coordinates.
    drift : sympy.Matrix
        ``b``, shape ``d x 1``, coordinate per unit of time.
    alpha : float
        Tail index, above 0 and up to 2. At 2 this is a diffusion with :math:`D = A A^T`.
    mixing : sympy.Matrix
        ``A``, shape ``d x m``, numbers, coordinate per (unit of time) ** (1 / alpha).
    kind : str
        ``"independent"``: the ``m`` coordinates of ``L`` are, :math:`\psi(t) = \sum|t_i|^\alpha`.
        ``"isotropic"``: :math:`\psi(t) = \lVert t\rVert^\alpha`. In one dimension they are the same.
    time_unit : str
        What one unit of time is.
    landscape : Landscape, optional
        The loss behind the drift.
    chain : Chain, optional
        The optimizer's own update, whose limit of small steps this is.
    """

    variables: tuple[sp.Symbol, ...]
    drift: sp.Matrix
    alpha: float
    mixing: sp.Matrix
    kind: str = "independent"
    time_unit: str = "time"
    landscape: Landscape | None = None
    chain: Chain | None = None

    @property
    def dimension(self) -> int:
        """Number of coordinates ``d``."""
        return len(self.variables)

    @property
    def noise_power(self) -> float:
        r""":math:`\sigma^\alpha` of a one-dimensional process, all its sources together, per unit of time."""
        parts = [abs(float(entry)) for entry in self.mixing.row(0)]
        power = 2.0 if self.kind == "isotropic" else self.alpha
        return float(sum(part**power for part in parts) ** (self.alpha / power))

    @property
    def smooth_expressions(self) -> list[sp.Expr]:
        """What has to be defined and differentiable all over a domain."""
        loss = [self.landscape.expression] if self.landscape else []
        return [*loss, *self.drift, *self.drift.jacobian(self.variables)]

    def to_ito(self) -> LevyDriven:
        """Return itself: the noise does not depend on the position, so that all conventions agree."""
        return self

    def __repr__(self) -> str:
        drift, mixing = (
            sp.sstr(m[0] if m.shape == (1, 1) else m.tolist(), full_prec=False) for m in (self.drift, self.mixing)
        )
        return (
            f"LevyDriven(drift={drift}, alpha={self.alpha:g}, mixing={mixing}, {self.kind}, time in {self.time_unit})"
        )


def levy(landscape: Landscape, *, alpha: float, scale: Any = 1.0, kind: str = "independent") -> LevyDriven:
    r"""Make the overdamped motion with stable noise, :math:`\mathrm{d}X = -\nabla U\,\mathrm{d}t + A\,\mathrm{d}L`.

    Parameters
    ----------
    landscape : Landscape
        The loss ``U``.
    alpha : float
        Tail index, above 0 and up to 2. ``levy(U, alpha=2, scale=s)`` is ``langevin(U, temperature=s**2)``.
    scale : float, sequence of float or matrix
        ``A``: a number for every coordinate, one number a coordinate, or a ``d x m`` matrix of numbers, in units of
        the coordinate per (unit of time) ** (1 / alpha).
    kind : str
        ``"independent"``, whose jumps go along the columns of ``A``, or ``"isotropic"``, whose jumps have no preferred
        direction before ``A`` acts on them.

    Returns
    -------
    LevyDriven
        The process.

    Raises
    ------
    InvalidInput
        If the index or the scale is out of range.

    Notes
    -----
    Samorodnitsky and Taqqu 1994 (``samorodnitsky1994``). A unit of ``L`` in unit time has the law ``exp(-|t|**alpha)``,
    not that with the Lévy measure ``|y|**(-1 - alpha) dy``: see :mod:`escapetime.stable.constants`.

    Examples
    --------
    >>> levy(Landscape.parse("x**2 / 2"), alpha=1.5, scale=0.1)
    LevyDriven(drift=-x, alpha=1.5, mixing=0.1, independent, time in t)
    """
    if not isinstance(landscape, Landscape):
        raise InvalidInput(f"Expected a Landscape, got {type(landscape).__name__}; wrap it: Landscape.parse('...').")
    if kind not in KINDS:
        raise InvalidInput(f"Expected kind to be one of {', '.join(map(repr, KINDS))}, got {kind!r}.")
    matrix = mixing_matrix(landscape, scale)
    return LevyDriven(
        landscape.variables, -landscape.gradient, checked_index(alpha), matrix, kind, "t", landscape=landscape
    )


def levy_sgd(landscape: Landscape, *, lr: float, alpha: float, scale: Any = 1.0) -> LevyDriven:
    r"""Make SGD with stable gradient noise, :math:`x' = x - \eta\,(\nabla U(x) + \Sigma S)`.

    Parameters
    ----------
    landscape : Landscape
        The full loss ``U``.
    lr : float
        Learning rate :math:`\eta`; one step is that much time.
    alpha : float
        Tail index of the noise, above 0 and up to 2.
    scale : float, sequence of float or matrix
        :math:`\Sigma`, as for :func:`levy`, in units of the gradient. The numbers of ``S`` are independent.

    Returns
    -------
    LevyDriven
        :math:`\mathrm{d}X = -\nabla U\,\mathrm{d}t + \eta^{1-1/\alpha}\,\Sigma\,\mathrm{d}L` with the update as its
        ``chain``: the two agree for small steps *relative to the noise*; for ``alpha`` below 1 the noise of the
        equation grows as the learning rate falls.

    Raises
    ------
    InvalidInput
        If a number is out of range.

    Notes
    -----
    Zhou et al. 2020 (``zhou2020``), section on SGD, as transcribed here; :math:`\epsilon = \eta^{(\alpha-1)/\alpha}`.

    Examples
    --------
    >>> levy_sgd(Landscape.parse("x**2 / 2"), lr=0.01, alpha=2.0, scale=0.5)
    LevyDriven(drift=-x, alpha=2, mixing=0.05, independent, time in lr * steps)
    """  # noqa: DOC502 - raised by what it calls
    step = positive(lr, "lr")
    limit = levy(landscape, alpha=alpha, scale=scale)
    x, noise = landscape.variables, limit.mixing
    draws, normals = [], []
    for j in range(noise.cols):
        pair = sp.symbols(f"z{j}_1 z{j}_2", real=True)
        normals += pair
        draws.append((sp.Symbol(f"stable_{j}", real=True), symmetric_stable(limit.alpha, *pair)))
    kicks = noise * sp.Matrix([name for name, _ in draws])
    update = tuple(v - sp.Float(step) * (g + k) for v, g, k in zip(x, landscape.gradient, kicks, strict=True))
    chain = Chain(
        "SGD with stable noise", x, {}, tuple(normals), tuple(draws), update, step, landscape=landscape
    )  # fmt: skip
    strength = sp.Float(step ** (1 - 1 / limit.alpha))
    return LevyDriven(
        x, limit.drift, limit.alpha, strength * noise, "independent", "lr * steps", landscape=landscape, chain=chain
    )


def levy_adam(
    landscape: Landscape, *, lr: float, alpha: float, scale: Any = 1.0, betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> Chain:  # fmt: skip
    r"""Make Adam with stable gradient noise: its own update, in which :math:`\tilde g = \nabla U + \Sigma S`.

    Parameters
    ----------
    landscape : Landscape
        The full loss ``U``.
    lr : float
        Learning rate :math:`\eta`; one step is that much time.
    alpha : float
        Tail index of the noise, above 0 and up to 2.
    scale : float or sequence of float
        :math:`\Sigma`, one number for every coordinate or one a coordinate, in units of the gradient.
    betas, eps
        As for :func:`~escapetime.processes.adam.adam`.

    Returns
    -------
    Chain
        For ``alpha`` below 2 the mean square of the gradient is infinite and the second moment never settles: no
        equation with a constant preconditioner is its limit, so that ``limit`` is None.

    Raises
    ------
    InvalidInput
        If a number is out of range, or the scale is not diagonal.

    Notes
    -----
    Zhou et al. 2020 (``zhou2020``), section on Adam, as transcribed here, treats it as the motion with a fixed
    preconditioner: that is ``levy(U, alpha=..., scale=...)`` with the scales divided by it.

    Examples
    --------
    >>> len(levy_adam(Landscape.parse("x**2 / 2"), lr=0.01, alpha=1.5).memory)
    4
    """
    if not isinstance(landscape, Landscape):
        raise InvalidInput(f"Expected a Landscape, got {type(landscape).__name__}; wrap it: Landscape.parse('...').")
    matrix, law = mixing_matrix(landscape, scale), stable_law(alpha)
    if not matrix.is_diagonal():
        raise InvalidInput(
            f"Expected one scale a coordinate, since Adam divides coordinate by coordinate, got {scale!r}."
        )
    made = adam(landscape, lr=lr, betas=betas, eps=eps, covariance=matrix * matrix, noise=law)
    return replace(made, name="Adam with stable noise", limit=None)


def mixing_matrix(landscape: Landscape, scale: Any) -> sp.Matrix:
    """Return the matrix that a scale stands for, or say what was expected.

    Parameters
    ----------
    landscape : Landscape
        It says how many rows there are.
    scale : float, sequence of float or matrix
        A number for every coordinate, one a coordinate, or ``d`` rows.

    Returns
    -------
    sympy.Matrix
        Shape ``d x m``, numbers.

    Raises
    ------
    InvalidInput
        If it has another shape, entries that are not finite numbers, or nothing but zeros.
    """
    d = landscape.dimension
    try:
        value = sp.sympify(scale.tolist() if hasattr(scale, "tolist") else scale)
        if isinstance(value, sp.MatrixBase):
            matrix = sp.Matrix(value)
        elif isinstance(value, list | tuple | sp.Tuple):
            matrix = sp.Matrix(value) if value and isinstance(value[0], list | tuple | sp.Tuple) else sp.diag(*value)
        else:
            matrix = value * sp.eye(d)
        numbers = [float(entry) for entry in matrix]
    except (TypeError, ValueError, sp.SympifyError) as error:
        raise InvalidInput(f"Expected the scale as a number, {d} of them or a matrix, got {scale!r}.") from error
    finite = all(abs(number) < float("inf") for number in numbers)
    if matrix.rows != d or not finite or not any(numbers):
        raise InvalidInput(
            f"Expected the scale as a positive number, {d} of them, or a matrix of {d} rows that is not zero, got "
            f"{scale!r}."
        )
    if matrix.is_diagonal() and min(numbers) < 0:
        raise InvalidInput(f"Expected scales that are not negative, got {scale!r}.")
    return matrix
