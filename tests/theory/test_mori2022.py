"""The power law: its exponent in one and two dimensions against quadrature and generator."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.theory import bouchet2016, mori2022

FLOOR = 0.2
ONE = et.Landscape.parse(f"(x**2 - 1)**2 / 4 + {FLOOR}", box=[(-2, 2)])
TWO = et.Landscape.parse(f"(x**2 - 1)**2 / 4 + y**2 + {FLOOR}", box=[(-2, 2), (-2, 2)])


def laws(landscape, batch):
    return mori2022.transition_time(
        landscape, landscape.minima()[0], landscape.saddles()[0], lr=0.1, batch_size=batch, curvature=2.0
    )


def exact(landscape, batch, **options):
    process = mori2022.process(landscape, lr=0.1, batch_size=batch, curvature=2.0)
    d = landscape.dimension
    start, domain = ([-1.0] + [0.0] * (d - 1)), et.HalfSpace([1] + [0] * (d - 1), 1) if d > 1 else et.Interval(-6, 1)
    return et.exact.escape_time(et.EscapeProblem(process, start, domain), **options).mean


def test_one_dimension_tends_to_the_law():
    ratios = [exact(ONE, batch) / laws(ONE, batch) for batch in (4, 8, 16)]
    assert np.allclose(ratios, 1, atol=0.005)
    assert abs(ratios[-1] * (1 + FLOOR * 4) - 1) > 0.1  # control: half a power too few


def test_two_directions_of_equal_curvature_tend_to_the_law():
    ratios = [exact(TWO, b, box=((-2.4, 1), (-1.6, 1.6)), cells=(160, 96)) / laws(TWO, b) for b in (2.0, 4.0)]
    wrong = [r * (0.45 / FLOOR) ** 0.5 for r in ratios]  # what the one-dimensional power would give
    assert abs(ratios[1] - 1) < 0.06
    assert abs(ratios[1] - 1) < abs(ratios[0] - 1)
    assert abs(wrong[1] - 1) > 0.3


def test_the_general_law_gives_the_same():
    process = mori2022.process(TWO, lr=0.1, batch_size=8, curvature=2.0)
    general = bouchet2016.transition_time(process, np.linspace((-1.0, 0.0), (0.0, 0.0), 401))
    assert general.mean == pytest.approx(laws(TWO, 8), rel=1e-3)


def test_the_stationary_law_is_a_power_of_the_loss():
    u, T = sp.Symbol("u", positive=True), sp.Symbol("T", positive=True)
    density = u ** (-1 / T - 1)  # no current: p + T d(u p)/du = 0
    assert sp.simplify(density + T * sp.diff(u * density, u)) == 0


def test_unfit_numbers_are_refused():
    with pytest.raises(InvalidInput, match="above 0"):
        mori2022.exponent(lr=0.1, batch_size=0, curvature=1.0)
    well = et.landscapes.double_well()
    with pytest.raises(InvalidInput, match="no noise"):
        mori2022.transition_time(well, well.minima()[0], well.saddles()[0], lr=0.1, batch_size=1, curvature=2.0)
    with pytest.raises(InvalidInput, match="index 1"):
        mori2022.transition_time(ONE, ONE.minima()[0], ONE.minima()[1], lr=0.1, batch_size=1, curvature=2.0)
    assert math.isclose(mori2022.exponent(lr=0.1, batch_size=1, curvature=2.0, dimension=2), 5.0)
