"""Functions of expressions that the Triton language has no name for, made of those it has; in either precision."""

from __future__ import annotations

import triton
import triton.language as tl

NAN = tl.constexpr(float("nan"))


@triton.jit
def with_sign(x: tl.tensor, sign: tl.tensor) -> tl.tensor:
    """``x`` with its sign flipped where the number ``sign`` is negative."""
    return tl.where(sign < 0.0, -x, x)


@triton.jit
def expm1(x: tl.tensor) -> tl.tensor:
    """``exp(x) - 1`` with all its digits near zero."""
    z = tl.where(tl.abs(x) < 0.25, x, 0.0)
    # the series of ten terms, and elsewhere the difference, of which at most two bits are lost
    p = 1.0 + z * (1 / 7) * (
        1.0 + z * (1 / 8) * (1.0 + z * (1 / 9) * (1.0 + z * (1 / 10) * (1.0 + z * (1 / 11) * (1.0 + z * (1 / 12)))))
    )
    p = 1.0 + z * (1 / 2) * (1.0 + z * (1 / 3) * (1.0 + z * (1 / 4) * (1.0 + z * (1 / 5) * (1.0 + z * (1 / 6) * p))))
    return tl.where(tl.abs(x) < 0.25, z * p, tl.exp(x) - 1.0)


@triton.jit
def tan(x: tl.tensor) -> tl.tensor:
    """Tangent."""
    return tl.sin(x) / tl.cos(x)


@triton.jit
def sinh(x: tl.tensor) -> tl.tensor:
    """Hyperbolic sine."""
    a = tl.abs(x)
    e = expm1(tl.where(a < 80.0, a, 80.0))
    root = tl.exp(0.5 * a)  # exp overflows before sinh does
    return with_sign(tl.where(a < 80.0, 0.5 * (e + e / (e + 1.0)), root * (0.5 * root)), x)


@triton.jit
def cosh(x: tl.tensor) -> tl.tensor:
    """Hyperbolic cosine."""
    root = tl.exp(0.5 * tl.abs(x))
    return (0.5 * root) * root + 0.5 / root / root


@triton.jit
def tanh(x: tl.tensor) -> tl.tensor:
    """Hyperbolic tangent."""
    a = tl.abs(x)
    e = expm1(2.0 * tl.where(a < 22.0, a, 22.0))
    return tl.where(x == x, with_sign(e / (e + 2.0), x), x)


@triton.jit
def atan(x: tl.tensor) -> tl.tensor:
    """``atan(x)``, by reduction to ``|x| < tan(pi/8)`` with a single division."""
    a = tl.abs(x)
    middle, large = a > 0.41421356237309503, a > 2.414213562373095
    above = tl.where(large, -1.0, tl.where(middle, a - 1.0, a))
    t = above / tl.where(large, a, tl.where(middle, a + 1.0, 1.0))
    z = t * t
    p = -0.06641246209939734 + z * (0.05693164615637433 + z * (-0.04360824839595269 + z * 0.02128013510139252))
    p = 0.11111106703524272 + z * (-0.09090783528135703 + z * (0.07690083349680073 + z * p))
    p = -0.3333333333333022 + z * (0.19999999999104628 + z * (-0.142857141965252 + z * p))
    base = tl.where(large, 1.5707963267948966, tl.where(middle, 0.7853981633974483, tl.zeros_like(x)))
    return with_sign(base + (t + t * z * p), x)


@triton.jit
def asin(x: tl.tensor) -> tl.tensor:
    """Inverse sine."""
    return atan(x / tl.sqrt((1.0 - x) * (1.0 + x)))


@triton.jit
def acos(x: tl.tensor) -> tl.tensor:
    """Inverse cosine."""
    return 2.0 * atan(tl.sqrt((1.0 - x) / (1.0 + x)))


@triton.jit
def sign(x: tl.tensor) -> tl.tensor:
    """-1, 0 or 1; nan stays nan."""
    return tl.where(x > 0.0, 1.0, tl.where(x < 0.0, -1.0, x))


@triton.jit
def maximum(x: tl.tensor, y: tl.tensor) -> tl.tensor:
    """The larger one; nan if either is."""
    return tl.where(x > y, x, tl.where(x == x, y, x))


@triton.jit
def minimum(x: tl.tensor, y: tl.tensor) -> tl.tensor:
    """The smaller one; nan if either is."""
    return tl.where(x < y, x, tl.where(x == x, y, x))


@triton.jit
def power(x: tl.tensor, y: tl.tensor) -> tl.tensor:
    """``x**y`` for x >= 0."""
    return tl.exp(y * tl.log(x))
