"""Formal power series as lists of coefficients: product and exponential."""

from collections.abc import Sequence

import sympy as sp


def product(one: Sequence[sp.Expr], two: Sequence[sp.Expr], length: int) -> list[sp.Expr]:
    # The first coefficients of the product of two series (Cauchy).
    return [
        sp.expand(sum((one[j] * two[k - j] for j in range(k + 1) if j < len(one) and k - j < len(two)), sp.S.Zero))
        for k in range(length)
    ]


def exponential(series: Sequence[sp.Expr]) -> list[sp.Expr]:
    # The coefficients of exp of a series without constant term, from E' = Q' E.
    result = [sp.S.One]
    for n in range(1, len(series)):
        terms = (k * series[k] * result[n - k] for k in range(1, n + 1))
        result.append(sp.expand(sum(terms, sp.S.Zero) / n))
    return result
