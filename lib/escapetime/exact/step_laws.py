r"""Laws of the noise in one step as probabilities: density, both tails and both mean excesses, accurate far out.

A chain is written with standard normals, :math:`x' = f(x) + s(x)\,\xi(z)`. Here is what is known in closed form of the
number :math:`\xi` for the laws that integral equations are solved for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp

from escapetime.exact.panels import Array
from escapetime.processes.noise_laws import GAUSSIAN, LAPLACE, UNIFORM, NoiseLaw

ROOT2, ROOT3 = math.sqrt(2.0), math.sqrt(3.0)
Function = Callable[[Array], Array]


@dataclass(frozen=True)
class StepLaw:
    r"""A law of mean zero with a density.

    Attributes
    ----------
    number : NoiseLaw
        The number as an expression in normals, by which it is recognized.
    center : tuple of number
        Normals at which that expression is zero.
    density : callable
        Of the law, dimensionless.
    tail, excess : callable
        Probability of exceeding ``t``, and mean excess over it, :math:`E(\xi - t)^+`.
    lower_tail, lower_excess : callable
        The same below ``t``.
    kinks : tuple of float
        Where the density jumps or bends.
    reach : tuple of float
        Beyond, the density is zero or below 1e-42 of its largest value.
    """

    number: NoiseLaw
    center: tuple[Any, ...]
    density: Function
    tail: Function
    excess: Function
    lower_tail: Function
    lower_excess: Function
    kinks: tuple[float, ...]
    reach: tuple[float, float]

    @property
    def symmetric(self) -> bool:
        """Whether the law is that of its negative."""
        return self.tail is self.lower_tail or self.reach[0] == -self.reach[1]

    @property
    def support(self) -> tuple[float, float]:
        """Beyond, the density is zero; infinite ends where it is positive everywhere."""
        low, high = self.reach
        return low if low in self.kinks else -math.inf, high if high in self.kinks else math.inf

    def mirrored(self) -> StepLaw:
        """Return the law of the negative of the number."""

        def flipped(function: Function) -> Function:
            return lambda t: function(-t)

        return replace(
            self,
            density=flipped(self.density),
            tail=flipped(self.lower_tail),
            excess=flipped(self.lower_excess),
            lower_tail=flipped(self.tail),
            lower_excess=flipped(self.excess),
            kinks=tuple(-k for k in reversed(self.kinks)),
            reach=(-self.reach[1], -self.reach[0]),
        )


def _symmetric(
    number: NoiseLaw, density: Function, tail: Function, excess: Function, kinks: tuple[float, ...], reach: float
) -> StepLaw:
    zero = (0,) * len(number.normals)
    return StepLaw(
        number, zero, density, tail, excess, lambda t: tail(-t), lambda t: excess(-t), kinks, (-reach, reach)
    )


def _normal_tail(t: Array) -> Array:
    from scipy.special import ndtr

    return ndtr(-t)


def _normal_excess(t: Array) -> Array:
    from scipy.special import erfcx

    with np.errstate(over="ignore", invalid="ignore"):
        far = _normal_density(t) * (1 - t * math.sqrt(math.pi / 2) * erfcx(t / ROOT2))
    return np.where(t > 0, np.maximum(far, 0.0), _normal_density(t) - t * _normal_tail(t))


def _normal_density(t: Array) -> Array:
    return np.exp(-t * t / 2) / math.sqrt(2 * math.pi)


def _uniform_density(t: Array) -> Array:
    return np.where(np.abs(t) < ROOT3, 1 / (2 * ROOT3), 0.0)


def _uniform_tail(t: Array) -> Array:
    return np.clip((ROOT3 - t) / (2 * ROOT3), 0.0, 1.0)


def _uniform_excess(t: Array) -> Array:
    return np.where(t < -ROOT3, -t, np.maximum(ROOT3 - t, 0.0) ** 2 / (4 * ROOT3))


def _laplace_density(t: Array) -> Array:
    return np.exp(-ROOT2 * np.abs(t)) / ROOT2


def _laplace_tail(t: Array) -> Array:
    half = np.exp(-ROOT2 * np.abs(t)) / 2
    return np.where(t > 0, half, 1 - half)


def _laplace_excess(t: Array) -> Array:
    return np.exp(-ROOT2 * np.abs(t)) / (2 * ROOT2) + np.maximum(-t, 0.0)


def _waiting_density(t: Array) -> Array:
    return np.where(t > -1, np.exp(-np.maximum(t, -1) - 1), 0.0)


def _waiting_tail(t: Array) -> Array:
    return np.exp(-np.maximum(t + 1, 0.0))


def _waiting_lower_tail(t: Array) -> Array:
    return -np.expm1(-np.maximum(t + 1, 0.0))


def _waiting_excess(t: Array) -> Array:
    return np.exp(-np.maximum(t + 1, 0.0)) + np.maximum(-1 - t, 0.0)


def _waiting_lower_excess(t: Array) -> Array:
    above = np.maximum(t + 1, 0.0)
    return np.where(above < 1e-3, above**2 / 2 - above**3 / 6 + above**4 / 24, above + np.expm1(-above))


_Z = sp.symbols("z1:3", real=True)
EXPONENTIAL = NoiseLaw("exponential", _Z, (_Z[0] ** 2 + _Z[1] ** 2) / 2 - 1)

LAWS = (
    _symmetric(GAUSSIAN, _normal_density, _normal_tail, _normal_excess, (), 14.0),
    _symmetric(UNIFORM, _uniform_density, _uniform_tail, _uniform_excess, (-ROOT3, ROOT3), ROOT3),
    _symmetric(LAPLACE, _laplace_density, _laplace_tail, _laplace_excess, (0.0,), 70.0),
    StepLaw(
        EXPONENTIAL, (sp.sqrt(2), 0), _waiting_density, _waiting_tail, _waiting_excess, _waiting_lower_tail,
        _waiting_lower_excess, (-1.0,), (-1.0, 99.0),
    ),
)  # fmt: skip
