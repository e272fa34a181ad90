"""Theorem 1 as transcribed: the ordinary differential equation of the variance, and what the short form leaves out."""

import math

import pytest
import sympy as sp

from escapetime.theory.xie2022.sgd import saddle_spread, saddle_spread_short

ETA, B, T, H = sp.symbols("eta B T H", positive=True)


@pytest.mark.parametrize("sign", [1, -1])
def test_full_form_solves_the_equation_of_the_variance(sign: int) -> None:
    variance = saddle_spread(curvature=sign * H, lr=ETA, batch_size=B, steps=T)
    left = sp.diff(variance, T) / ETA + 2 * sign * H * variance - ETA * H / B
    assert sp.simplify(left) == 0
    assert variance.subs(T, 0) == 0


@pytest.mark.parametrize("sign", [1, -1])
def test_short_form_is_the_first_term(sign: int) -> None:
    given = {"curvature": sign * H, "lr": ETA, "batch_size": B, "steps": T}
    ratio = sp.series(saddle_spread(**given) / saddle_spread_short(**given), T, 0, 2).removeO()
    assert sp.simplify(ratio - (1 - sign * H * ETA * T)) == 0


def test_numbers_at_one_and_three() -> None:
    given = {"curvature": -1.0, "lr": 1e-3, "batch_size": 1}
    over = [
        float(saddle_spread_short(**given, steps=t / 1e-3) / saddle_spread(**given, steps=t / 1e-3)) for t in (1, 3)
    ]
    assert over == pytest.approx([2 / math.expm1(2), 6 / math.expm1(6)], rel=1e-12)
