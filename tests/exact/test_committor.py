"""Committor and quasi-stationary law: closed forms, and two questions that must have one answer."""

import math

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad

import escapetime as et
from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.exact.committor import committor
from escapetime.exact.generator import Grid
from escapetime.exact.quasi_stationary import quasi_stationary

BOX = ((-1.8, 1.8), (-1.0, 1.0))
WELLS = et.Ball((-1, 0), 0.26), et.Ball((1, 0), 0.26)


def test_committor_of_the_double_well_is_a_ratio_of_integrals():
    process, spacing = et.langevin(et.landscapes.double_well(), temperature=0.1), 1 / 200
    found = committor(process, Grid((-1.0,), (spacing,), ((-2, 2),)), et.Interval(-9, -0.998), et.Interval(0.998, 9))
    height = lambda s: math.exp((s**2 - 1) ** 2 / 0.4)  # noqa: E731
    for at in (-0.5, 0.0, 0.2):
        expected = quad(height, -1, at)[0] / quad(height, -1, 1)[0]
        assert found.values[np.argmin(np.abs(found.points[:, 0] - at))] == pytest.approx(expected, rel=1e-3)
    there = et.exact.escape_time(et.EscapeProblem(process, -1.0, et.Interval(-4, 1.0))).mean
    assert found.frequency == pytest.approx(1 / (2 * there), rel=1e-3)  # there and back take as long


@pytest.mark.parametrize("alpha", [1.0, 10.0])
def test_without_detailed_balance_too_the_frequency_is_one_over_there_and_back(alpha):
    process = et.maier_stein(diffusion=0.06, alpha=alpha)
    found = committor(process, Grid((-1.0, 0.0), (1 / 40, 1 / 40), BOX), *WELLS)
    middle = np.abs(found.points[:, 0]) < 1e-9
    np.testing.assert_allclose(found.values[middle], 0.5, atol=1e-9)  # by symmetry
    outside = et.Exterior((1, 0), 0.26)
    there = et.exact.escape_time(et.EscapeProblem(process, (-1, 0), outside), box=BOX, cells=(144, 80)).mean
    # a start at the rim instead of the center costs a relaxation time of 1/2, the rims' nearest nodes a percent
    assert 1 / found.frequency == pytest.approx(2 * there, rel=0.03)
    assert there > 30


def test_quasi_stationary_law_of_an_interval_with_drift():
    """Drift v, D = 1/2 on (-1, 1): the density is proportional to exp(v x) cos(pi x / 2), the rate pi^2/8 + v^2/2."""
    (x,), v = sp.symbols("x,", real=True), 0.7
    process = et.Diffusion((x,), sp.Matrix([v]), sp.Matrix([[0.5]]))
    law = quasi_stationary(process, Grid((0.0,), (1 / 128,), ((-1, 1),)), et.Interval(-1, 1))
    assert law.rate == pytest.approx(math.pi**2 / 8 + v**2 / 2, rel=1e-3)
    shape = np.exp(v * law.points[:, 0]) * np.cos(math.pi * law.points[:, 0] / 2)
    np.testing.assert_allclose(law.density / law.density.max(), shape / shape.max(), atol=1e-3)
    ends = dict(zip((-1, 1), np.exp([-v, v]) / np.sum(np.exp([-v, v])), strict=True))
    assert sorted(law.exits.values()) == pytest.approx(sorted(ends.values()), rel=1e-3)


@pytest.mark.parametrize("noise", [0.05, 0.01])
def test_the_rate_is_one_over_the_mean_time_however_rare_the_escape(noise):
    process, half = et.maier_stein(diffusion=noise, alpha=10), et.HalfSpace((1, 0), 0.0)
    law = quasi_stationary(process, Grid((-1.0, 0.0), (1 / 48, 1 / 48), ((-1.7, 0), (-0.9, 0.9))), half)
    from escapetime.exact.generator import Generator

    same = Generator(process, law.grid, half)
    mean = float(np.sum(same.occupation()))
    assert law.rate * mean == pytest.approx(1.0, abs=5 / mean + 1e-6)
    assert float(np.sum(law.density)) * math.prod(law.grid.spacing) == pytest.approx(1.0)


def test_what_has_no_answer_is_refused():
    process, grid = et.maier_stein(diffusion=0.1), Grid((-1.0, 0.0), (0.1, 0.1), BOX)
    with pytest.raises(InvalidInput, match="do not overlap"):
        committor(process, grid, WELLS[0], et.Ball((-1, 0), 0.5))
    with pytest.raises(InvalidInput, match="hold nodes"):
        committor(process, grid, WELLS[0], et.Ball((1.0, 0.95), 0.01))
    twin = et.langevin(et.landscapes.double_well(), temperature=0.01)
    with pytest.raises(NumericalFailure, match="two"):
        quasi_stationary(twin, Grid((-1.0,), (0.02,), ((-2, 2.0),)), et.Interval(-1.3, 1.3001))
