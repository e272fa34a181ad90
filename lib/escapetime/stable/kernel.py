r"""The sampler compiled for CPUs: one loop that LLVM turns into vector instructions, with no branch and no call in it.

Logarithm, sine and exponential are polynomials of this file, good to a few units in the last place where they are
used: logarithms of numbers in (0, 1e3), sines on [0, pi]. The simulation's engines have such functions too; this room
stands on the ground and may not use theirs.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic

_FLAGS = {"fastmath": {"contract", "nsz"}, "error_model": "numpy", "nogil": True}
_inline = njit(**_FLAGS, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
U = np.uint64
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
_MAGIC = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to an integer, which its low bits then hold


@intrinsic
def _bits(typing_context: Any, x: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.uint64(types.float64), build


@intrinsic
def _value(typing_context: Any, x: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.uint64), build


@intrinsic
def _full_width(typing_context: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), build


@_inline
def words(index: np.uint64, use: np.uint64, low: np.uint64, high: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Philox4x32-10 (Salmon et al. 2011): the 128 bits that belong to a number, see :mod:`.bits`."""
    c0, c1, c2, c3 = index & U(0xFFFFFFFF), index >> U(32), use, U(0x5AB1E)
    for turn in range(10):
        k0 = (low + U(turn) * U(0x9E3779B9)) & U(0xFFFFFFFF)
        k1 = (high + U(turn) * U(0xBB67AE85)) & U(0xFFFFFFFF)
        p0, p1 = U(0xD2511F53) * c0, U(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (
            (p1 >> U(32)) ^ c1 ^ k0,
            p1 & U(0xFFFFFFFF),
            (p0 >> U(32)) ^ c3 ^ k1,
            p0 & U(0xFFFFFFFF),
        )
    return c0 | (c1 << U(32)), c2 | (c3 << U(32))


@_inline
def _uniform(word: np.uint64) -> float:
    return _value((word >> U(12)) | U(0x3FF << 52)) - (1.0 - 2.0**-53)


@_inline
def _log(x: float) -> float:
    word = _bits(x)
    shift = (word - U(0x3FE6A09E667F3BCD)) & U(0xFFF0000000000000)
    f = _value(word - shift) - 1.0
    e = _value(((shift ^ U(1 << 63)) >> U(52)) | U(0x4330000000000000)) - 4503599627372544.0
    s = f / (2.0 + f)
    z = s * s
    p = 0.15331674030167860 + z * 0.1461703754879165
    p = 0.22222211115144160 + z * (0.18182890556695602 + z * p)
    p = 0.39999999999898940 + z * (0.28571428626095890 + z * p)
    r = z * (0.66666666666666700 + z * p)
    return e * _LN2_HIGH + (f - (s * (f - r) - e * _LN2_LOW))


@_inline
def _exp(x: float) -> float:
    # infinite beyond 709.8, and not below 3e-308
    x = x if x > -708.0 else -708.0
    x = x if x < 710.0 else 710.0
    shifted = x * 1.4426950408889634 + _MAGIC
    n = shifted - _MAGIC
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    p = 2.7620121717381933e-07 + r * 2.51004110820149e-08
    p = 2.4801521225986432e-05 + r * (2.7557268406190795e-06 + r * p)
    p = 0.0013888888917258759 + r * (0.00019841269863088255 + r * p)
    p = 0.04166666666662404 + r * (0.008333333333330055 + r * p)
    p = r + r * r * (0.5 + r * (0.16666666666666669 + r * p))
    half = _value((_bits(shifted) << U(52)) + U(0x3FE << 52))
    return (half + half * p) * 2.0


@_inline
def _sin(x: float) -> float:
    # on [0, pi]; positive even if rounding took x to pi or beyond, so that its logarithm and root are numbers
    y = x if x < 0.5 * math.pi else math.pi - x
    y = y if y > 1e-18 else 1e-18
    z = y * y
    p = -7.643970296798572e-13 + z * 2.7314447669863995e-15
    p = -2.5052107616996182e-08 + z * (1.6058977312464087e-10 + z * p)
    p = -0.00019841269841254974 + z * (2.7557319219163234e-06 + z * p)
    p = -0.16666666666666666 + z * (0.008333333333333316 + z * p)
    return y + y * z * p


@njit(**_FLAGS, cache=True)
def fill(
    out: Any, first: int, use: int, low: int, high: int, turn: float, a0: float, a1: float, b0: float, b1: float,
    angle: float, waiting: float, factor: float, largest: float, signs: int,
) -> None:  # fmt: skip
    """Fill a vector with the numbers `first`, `first` + 1, ...; :mod:`.recipes` says what the parameters mean."""
    _full_width()
    for i in range(out.size):
        one, two = words(U(first) + U(i), U(use), U(low), U(high))
        phi = turn * _uniform(one)
        waited = _log(_sin(b0 + b1 * phi)) - _log(-_log(_uniform(two)))
        head = _sin(a0 + a1 * phi)
        head = head if signs else math.sqrt(head)
        size = factor * head * _exp(waiting * waited - angle * _log(_sin(phi)))
        size = size if size < largest else largest
        out[i] = _value(_bits(size) ^ ((one & U(signs)) << U(63)))


@njit(**_FLAGS, cache=True)
def fill_normals(out: Any, first: int, use: int, low: int, high: int) -> None:
    """Fill a vector of even length with standard normals, pairs `first`, `first` + 1, ... of Box and Muller."""
    _full_width()
    for i in range(out.size // 2):
        one, two = words(U(first) + U(i), U(use), U(low), U(high))
        radius = math.sqrt(-2.0 * _log(_uniform(one)))
        flipped = _value(_bits(radius) ^ ((two & U(1)) << U(63)))  # the other half turn
        phi = math.pi * _uniform(two)
        from_quarter = 0.5 * math.pi - phi
        sign = _bits(from_quarter) & U(1 << 63)
        cosine = _sin(_value(_bits(from_quarter) ^ sign))
        out[2 * i] = flipped * _value(_bits(cosine) ^ sign)
        out[2 * i + 1] = flipped * _sin(phi)
