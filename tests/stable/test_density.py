"""Density and distribution function against series in hundreds of digits, Fourier's integral, and closed forms."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erfc

import escapetime as et
from escapetime.errors import InvalidInput
from tests.stable.reference import by_fourier, by_series

stable = et.stable
SMALL = [(0.1, 1e-10), (0.1, 1e60), (0.2, 1e-5), (0.4, 0.01), (0.5, 1e-3), (0.7, 0.05), (0.8, 0.3), (0.9, 0.6)]
SMALL += [(0.9, 2.0), (0.99, 1.2), (1 - 1e-9, 1.5), (0.6, 1e250)]
LARGE = [(1 + 1e-9, 0.74), (1 + 1e-9, 0.76), (1.05, 0.9), (1.09, 0.8), (1.15, 1.3), (1.2, 1.2), (1.3, 2.0), (1.5, 0.01)]
LARGE += [
    (1.5, 4.0),
    (1.7, 8.0),
    (1.9, 3.0),
    (1.9, 12.0),
    (1.99, 7.0),
    (1.9999, 9.0),
    (2 - 1e-9, 5.0),
    (2 - 4e-16, 11.0),
]


@pytest.mark.parametrize(("alpha", "x"), SMALL + LARGE)
def test_series_in_many_digits(alpha, x):
    tail, density = by_series(alpha, x)
    assert stable.sf(x, alpha) == pytest.approx(tail, rel=1e-12)
    assert stable.pdf(x, alpha) == pytest.approx(density, rel=1e-12)
    assert stable.cdf(-x, alpha) == stable.sf(x, alpha)
    assert stable.cdf(x, alpha) == 1 - stable.sf(x, alpha)
    assert stable.pdf(-3 * x, alpha, scale=3.0) * 3 == pytest.approx(density, rel=1e-12)


@pytest.mark.parametrize(("alpha", "x"), [(0.7, 0.4), (1.0, 2.0), (1.3, 1.5), (1.8, 2.5)])
def test_the_characteristic_function_itself(alpha, x):
    tail, density = by_fourier(alpha, x)
    assert stable.sf(x, alpha) == pytest.approx(tail, rel=1e-12)
    assert stable.pdf(x, alpha) == pytest.approx(density, rel=1e-12)


@pytest.mark.parametrize("alpha", [0.15, 0.5, 0.9, 1 - 1e-6, 1 + 1e-6, 1.2, 1.5, 1.8, 1.95, 1.999])
def test_far_tail_against_its_series(alpha):
    x = np.array([1e3, 1e4, 1e8, 1e30, 1e40]) ** max(1.0, 1 / alpha)
    series = stable.series.tail_series(x, alpha, 12)
    np.testing.assert_allclose(stable.sf(x, alpha), series, rtol=1e-12)
    wrong = stable.series.tail_series(x, alpha, 1) * (1 + 1e-9)
    assert not np.allclose(stable.sf(x, alpha), wrong, rtol=1e-10, atol=0)


def test_closed_forms():
    x = np.concatenate(([0.0], np.geomspace(1e-8, 1e8, 60)))
    np.testing.assert_allclose(stable.pdf(x, 1.0), 1 / (np.pi * (1 + x**2)), rtol=1e-14)
    np.testing.assert_allclose(stable.sf(x[1:], 1.0), np.arctan(1 / x[1:]) / np.pi, rtol=1e-14)
    x = np.linspace(0, 50, 60)
    np.testing.assert_allclose(stable.sf(x, 2.0), erfc(x / 2) / 2, rtol=1e-14)
    np.testing.assert_allclose(stable.pdf(x, 2.0), np.exp(-(x**2) / 4) / math.sqrt(4 * math.pi), rtol=1e-14)


@pytest.mark.parametrize(
    ("alpha", "x"), [(1.0, (0.01, 0.4, 0.6, 0.74, 0.8, 3.0, 1e5)), (2.0, (0.1, 1.2, 1.3, 4.0, 5.0))]
)
def test_nothing_jumps_where_alpha_is_one_or_two(alpha, x):
    # the turned path, at alpha next to it, has no part of the closed form
    beside = alpha * (1 - 1e-15)
    np.testing.assert_allclose(stable.sf(x, beside), stable.sf(x, alpha), rtol=1e-12)
    np.testing.assert_allclose(stable.pdf(x, beside), stable.pdf(x, alpha), rtol=1e-12)


@pytest.mark.parametrize("alpha", [0.11, 0.35, 0.83, 0.97, 1.07, 1.099, 1.101, 1.17, 1.27, 1.45, 1.77])
def test_the_regions_fit_together(alpha):
    terms, reach = stable.series.center_terms(alpha, stable.density._reach(alpha))
    x = np.array([reach])
    within, density = stable.series.near_center(terms, x)
    beyond, other = stable.contour.far_from_center(alpha, x)
    assert 0.5 - within == pytest.approx(beyond, rel=1e-13)
    assert density == pytest.approx(other, rel=1e-12)


@pytest.mark.parametrize("alpha", [0.6, 1.05, 1.9])
def test_density_is_the_derivative(alpha):
    for a, b in ((0.1, 0.5), (0.5, 2.0), (2.0, 30.0)):
        mass = quad(lambda x: float(stable.pdf(x, alpha)), a, b, epsabs=0, epsrel=1e-12)[0]
        assert mass == pytest.approx(stable.sf(a, alpha) - stable.sf(b, alpha), rel=1e-11)


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.999, 1.0, 1.001, 1.5, 1.95, 2.0])
def test_quantiles_invert(alpha):
    p = np.array([1e-200 if alpha > 0.7 else 1e-20, 1e-12, 1e-7, 1e-3, 0.1, 0.249, 0.251, 0.4, 0.49, 0.4999])
    if alpha == 2.0:
        p = p[1:]
    x = stable.isf(p, alpha, scale=2.5)
    np.testing.assert_allclose(stable.sf(x, alpha, scale=2.5), p, rtol=1e-12)
    np.testing.assert_array_equal(stable.ppf(p, alpha, scale=2.5), -x)
    alone = [stable.isf(v, alpha, scale=2.5) for v in p]
    np.testing.assert_allclose(alone, x, rtol=1e-12)
    assert stable.ppf([0.0, 0.5, 1.0], alpha).tolist() == [-math.inf, 0.0, math.inf]


def test_entropy():
    def integrand(y, alpha):
        density = float(stable.pdf(math.exp(y), alpha))
        return -math.exp(y) * density * math.log(density)

    for alpha in (0.4, 1.7, 1.999):
        half = quad(integrand, -30, 40 / alpha, args=(alpha,), limit=400, points=[0, 3, 8])[0]
        assert stable.entropy(alpha, scale=5.0) == pytest.approx(2 * half + math.log(5.0), rel=1e-7)
    for alpha, closed in ((1.0, math.log(4 * math.pi)), (2.0, 0.5 * math.log(4 * math.pi * math.e))):
        assert stable.entropy(alpha * (1 - 1e-14)) == pytest.approx(closed, rel=1e-12)


def test_shapes_and_ends():
    assert stable.pdf(np.zeros((2, 3)), 1.3).shape == (2, 3)
    assert stable.sf([math.inf, -math.inf], 1.3).tolist() == [0.0, 1.0]
    assert stable.pdf(math.inf, 0.7) == 0.0
    assert math.isnan(stable.cdf(math.nan, 1.3))


def test_refusals():
    for call in (lambda: stable.pdf(0.0, 0.09), lambda: stable.sf(0.0, 2.5), lambda: stable.cdf(0.0, 1.5, scale=-1),
                 lambda: stable.ppf(1.5, 1.5), lambda: stable.isf(math.nan, 1.5)):  # fmt: skip
        with pytest.raises(InvalidInput, match="Expected"):
            call()
