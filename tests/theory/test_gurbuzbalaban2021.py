"""The tail index of SGD on least squares: closed forms at even indices, the literal iteration, no law beyond."""

import math

import numpy as np
import pytest
import sympy as sp

from escapetime.errors import InvalidInput, NumericalFailure
from escapetime.exact import tails
from escapetime.theory import gurbuzbalaban2021 as published
from tests import statistics


def moment(power, e, b, d):
    """Even moments of the factor, from those of the chi-square numbers."""
    x, y = sp.symbols("x y")
    square = sp.expand(((1 - e * x) ** 2 + e**2 * x * y) ** (power // 2))
    raw = lambda k, n: sp.prod([n + 2 * j for j in range(k)])  # noqa: E731
    return sp.expand(sum(c * raw(i, b) * raw(j, d - 1) for (i, j), c in sp.Poly(square, x, y).terms()))


@pytest.mark.parametrize(("b", "d"), [(1, 1), (1, 2), (4, 1), (3, 6), (20, 11)])
def test_even_moments_are_polynomials(b, d):
    for rate in (0.3, 1.1):
        law = published.growth(lr=rate, batch_size=b, dimension=d, reach=6)
        for power in (2, 4, 6):
            exact = float(moment(power, sp.Float(rate) / b, b, d))
            assert math.exp(law.log_moment(power)) == pytest.approx(exact, rel=1e-11)
        assert law.log_moment(0.0) == pytest.approx(0.0, abs=1e-12)


def test_index_two_and_four():
    e, b, d = sp.symbols("e b d", positive=True)
    (critical,) = [r for r in sp.solve(sp.expand(1 - 2 * e * b + e**2 * b * (b + d + 1)) - 1, e) if r != 0]
    assert sp.simplify(critical - 2 / (b + d + 1)) == 0
    for size, dim in ((1, 1), (1, 2), (5, 5), (2, 30)):
        rate = published.critical_rate(batch_size=size, dimension=dim, variance=2.0)
        assert rate == pytest.approx(float(size * critical.subs({b: size, d: dim})) / 2)
        index = published.tail_index(lr=rate, batch_size=size, dimension=dim, variance=2.0)
        assert index == pytest.approx(2.0, abs=1e-9)
        z = sp.symbols("z")
        roots = sp.Poly(sp.cancel((moment(4, z, size, dim) - 1) / z), z).nroots()
        four = min(float(r) for r in roots if r.is_real and r > 0) * size
        assert published.tail_index(lr=four, batch_size=size, dimension=dim) == pytest.approx(4.0, abs=1e-9)


def test_one_dimension_agrees_with_any_law_of_multipliers():
    # a fine quadrature of 1 - lr z**2, as a law of finitely many multipliers
    z = (np.arange(2_000_000) + 0.5) / 2_000_000 * 16
    weights = np.exp(-z * z / 2)
    index = tails.tail_index(1 - 0.8 * z**2, weights / weights.sum())
    assert published.tail_index(lr=0.8, batch_size=1, dimension=1) == pytest.approx(index, rel=1e-6)


def test_literal_steps():
    # E|Mw|**s for the matrix itself, at a power that is no even number
    generator = np.random.default_rng(7)
    b, d, rate, power = 3, 4, 0.7, 1.3
    rows = generator.standard_normal((200_000, b, d))
    start = np.array([0.5, -0.5, 0.5, 0.5])
    moved = start - rate / b * np.einsum("nbi,nb->ni", rows, rows @ start)
    sizes = np.linalg.norm(moved, axis=1)
    law = published.growth(lr=rate, batch_size=b, dimension=d)
    found = np.array([(sizes**power).mean(), np.log(sizes).mean()])
    errors = np.array([(sizes**power).std(), np.log(sizes).std()]) / math.sqrt(len(sizes))
    expected = np.array([math.exp(law.log_moment(power)), law.mean_log])
    statistics.assert_agrees(found, errors, expected)
    statistics.assert_control_fails(found[0], errors[0], 1.02 * expected[0])
    statistics.assert_control_fails(found[1], errors[1], 1.05 * expected[1])


def test_index_falls_with_the_rate_until_there_is_no_law():
    rates = (0.05, 0.2, 0.4, 0.6, 0.68)
    indices = [published.tail_index(lr=r, batch_size=1, dimension=2) for r in rates]
    assert (np.diff(indices) < 0).all()
    # only lr * variance counts
    assert published.tail_index(lr=0.1, batch_size=1, dimension=2, variance=4.0) == pytest.approx(indices[2], rel=1e-9)
    with pytest.raises(InvalidInput, match="no stationary law"):
        published.tail_index(lr=2.0, batch_size=1, dimension=2)
    with pytest.raises(NumericalFailure, match="above 500"):
        published.tail_index(lr=1e-3, batch_size=64, dimension=1)
    for options in (
        {"lr": 0.0, "batch_size": 1, "dimension": 2},
        {"lr": 0.1, "batch_size": 0, "dimension": 2},
        {"lr": 0.1, "batch_size": 1, "dimension": 1.5},
        {"lr": 0.1, "batch_size": 1, "dimension": 2, "variance": math.nan},
    ):
        with pytest.raises(InvalidInput, match="Expected"):
            published.tail_index(**options)
