"""The law of the bridge: crossing probability and hitting time against quadrature of the densities they come from."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import kstest

from escapetime.simulate.brownian_bridge import hitting_fraction, survival
from tests.statistics import assert_agrees, assert_control_fails, assert_not_rejected, assert_rejected

CASES = [(0.5, -0.3, 0.1), (0.5, 0.3, 0.1), (0.05, -2.0, 0.4), (1.0, 0.01, 0.5), (0.3, -1e-9, 0.2), (2.0, -0.5, 0.05)]


def tensor(*values):
    return torch.tensor(values, dtype=torch.float64)


def first_passage_density(t, d0, d1, spread):
    """Of the bridge on [0, 1]: passage of a free path from d0, then d1 reached from zero, not normalised."""
    arrival = d0 / math.sqrt(4 * math.pi * spread * t**3) * math.exp(-(d0**2) / (4 * spread * t))
    rest = math.exp(-(d1**2) / (4 * spread * (1 - t))) / math.sqrt(4 * math.pi * spread * (1 - t))
    return arrival * rest


@pytest.mark.parametrize(("d0", "d1", "spread"), [c for c in CASES if c[1] > 0])
def test_crossing_probability_is_the_mass_of_the_hitting_density(d0, d1, spread):
    mass = quad(first_passage_density, 0, 1, args=(d0, d1, spread), epsabs=1e-13)[0]
    free = math.exp(-((d0 - d1) ** 2) / (4 * spread)) / math.sqrt(4 * math.pi * spread)
    assert 1 - float(survival(tensor(d0), tensor(d1), spread)) == pytest.approx(mass / free, rel=1e-9)
    by_row = survival(tensor(d0), tensor(d1), tensor(spread))
    assert float(by_row) == pytest.approx(float(survival(tensor(d0), tensor(d1), spread)), rel=1e-14)


def test_survival_at_the_ends():
    assert survival(tensor(1.0, 1.0, 1.0), tensor(0.0, -3.0, 1e300), 0.5).tolist() == [0.0, 0.0, 1.0]
    assert survival(tensor(1.0, 1.0), tensor(0.2, -0.2), 0.0).tolist() == [1.0, 0.0]  # no noise across the face
    assert float(survival(tensor(1e-9), tensor(1e-9), 1.0)) == pytest.approx(1e-18, rel=1e-12)  # digits are kept


def sample(d0, d1, spread, uniforms):
    size = uniforms.shape[1]
    return hitting_fraction(tensor(d0).expand(size), tensor(d1).expand(size), spread, uniforms).numpy()


def distance_from_the_law(d0, d1, spread, drawn):
    grid = np.linspace(0, 1, 4001)[1:-1]
    density = np.array([first_passage_density(t, d0, d1, spread) for t in grid])
    mass = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(grid))])
    return kstest(drawn, lambda t: np.interp(t, grid, mass / mass[-1])).pvalue


def mean_hitting_time(d0, d1, spread):
    def integral(power):  # t = sin(a)**2 takes the singularity at the end of the step away
        def at(a):
            t = math.sin(a) ** 2
            return t**power * first_passage_density(t, d0, d1, spread) * math.sin(2 * a)

        return quad(at, 0, math.pi / 2, epsabs=1e-14, epsrel=1e-11)[0]

    return integral(1) / integral(0)


def test_hitting_time_has_the_law_of_the_bridge():
    uniforms = torch.from_numpy(np.random.default_rng(7).random((3, 20_000)))
    smooth = [c for c in CASES if abs(c[1]) > 0.1]
    assert_not_rejected(len(smooth) * min(distance_from_the_law(*c, sample(*c, uniforms)) for c in smooth))
    for d0, d1, spread in smooth:
        assert_rejected(len(smooth) * distance_from_the_law(d0, d1, spread, sample(d0, d1, 1.3 * spread, uniforms)))
    drawn = np.array([sample(*c, uniforms) for c in CASES])
    stderr, mean = drawn.std(axis=1) / math.sqrt(drawn.shape[1]), np.array([mean_hitting_time(*c) for c in CASES])
    assert_agrees(drawn.mean(axis=1), stderr, mean)
    for off in np.eye(len(CASES)):
        assert_control_fails(drawn.mean(axis=1), stderr, mean * (1 + 0.1 * off))


def test_hitting_time_keeps_its_digits_at_the_extremes():
    uniforms = torch.full((3, 1), 0.37, dtype=torch.float64)
    on_the_face = hitting_fraction(tensor(0.3), tensor(0.0), 0.2, uniforms)
    near = hitting_fraction(tensor(0.3), tensor(-1e-14), 0.2, uniforms)
    assert 0 < float(on_the_face) < 1
    assert float(on_the_face) == pytest.approx(float(near), rel=1e-10)
    without_noise = hitting_fraction(tensor(0.3), tensor(-0.1), 0.0, uniforms)
    assert float(without_noise) == pytest.approx(0.75, rel=1e-14)  # a straight line
    corner = torch.tensor([[2.0**-53], [2.0**-53], [1 - 2.0**-53]], dtype=torch.float64)
    for d0, d1 in ((1e-12, -5.0), (5.0, -1e-12), (1e3, -1e3)):
        assert 0 <= float(hitting_fraction(tensor(d0), tensor(d1), 1e-3, corner)) <= 1
