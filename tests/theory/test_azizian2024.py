"""Cramer's root: closed forms, the Gaussian limit, finite data sets, and noise that cannot climb."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.theory import azizian2024, gardiner2009

WELL = et.landscapes.double_well()
NAMED = {name: et.processes.noise_laws.LAWS[name] for name in ("gaussian", "rademacher", "uniform", "laplace")}


@pytest.mark.parametrize("law", [*azizian2024.LOG_MGF])
def test_roots_solve_the_equation_and_tend_to_the_gaussian_one(law):
    draws = {
        "gaussian": lambda g, n: g.normal(size=n),
        "rademacher": lambda g, n: g.choice([-1.0, 1.0], n),
        "uniform": lambda g, n: g.uniform(-math.sqrt(3), math.sqrt(3), n),
        "laplace": lambda g, n: g.laplace(scale=math.sqrt(0.5), size=n),
        "exponential": lambda g, n: g.exponential(size=n) - 1,
        "mirrored exponential": lambda g, n: 1 - g.exponential(size=n),
    }
    m, sigma = 0.2, 1.3
    q = azizian2024.cramer_root(m, sigma, law)
    xi = draws[law](np.random.default_rng(0), 1_000_000)
    values = np.exp(-q * (m + sigma * xi))
    assert abs(values.mean() - 1) < 5 * values.std() / 1000
    wrong = np.exp(-1.05 * q * (m + sigma * xi))
    assert abs(wrong.mean() - 1) > 5 * wrong.std() / 1000  # five percent off would be seen
    assert azizian2024.cramer_root(1e-4, sigma, law) == pytest.approx(2e-4 / sigma**2, rel=1e-3)


@pytest.mark.parametrize("name", [*NAMED])
def test_the_laws_are_those_of_the_processes(name):
    normals = np.random.default_rng(1).normal(size=(4, 400_000))
    law = NAMED[name]
    value = sp.lambdify(law.normals, law.expression, ["scipy", "numpy"])(*normals[: len(law.normals)])
    for t in (-0.7, 0.7):
        sample = np.exp(t * value)
        exact = math.exp(azizian2024.LOG_MGF[name][0](t))
        assert abs(sample.mean() - exact) < 5 * sample.std() / math.sqrt(sample.size)


def test_exponents_of_the_double_well():
    found = {law: azizian2024.exponent(WELL, -1, 0, law=law) for law in azizian2024.LOG_MGF}
    assert found["gaussian"] == pytest.approx(0.5, rel=1e-12)
    assert found["rademacher"] == pytest.approx(0.53759, abs=1e-5)
    assert found["laplace"] < found["gaussian"] < found["uniform"] < found["rademacher"]
    assert found["mirrored exponential"] < found["gaussian"] < found["exponential"]


def test_laplace_root_in_closed_form():
    # exp(-q m) / (1 - q**2 / 2) = 1
    q = azizian2024.cramer_root(0.3, 1.0, "laplace")
    assert math.exp(-0.3 * q) == pytest.approx(1 - q**2 / 2, rel=1e-12)


def test_where_no_sample_pushes_outwards_there_is_no_escape():
    assert azizian2024.cramer_root(1.01, 1.0, "rademacher") == math.inf
    assert azizian2024.cramer_root(1.01, 1.0, "exponential") == math.inf
    assert azizian2024.cramer_root(1.01, 1.0, "mirrored exponential") < math.inf
    t, data = sp.symbols("theta x", real=True)
    loss = et.SampleLoss((t - data) ** 2 / 2, (data,), samples=[-1, 1])
    assert azizian2024.sample_exponent(loss, 0, 1.5) == math.inf


def test_a_finite_data_set_of_two_is_rademacher():
    t, data = sp.symbols("theta x", real=True)
    loss = et.SampleLoss((t**2 - 1) ** 2 / 4 + data * t, (data,), samples=[-1, 1])
    assert azizian2024.sample_exponent(loss, -1, 0) == pytest.approx(
        azizian2024.exponent(WELL, -1, 0, law="rademacher")
    )


def test_real_data_are_close_to_gaussian_and_both_directions_work():
    every, few = et.landscapes.cauchy_location(None), et.landscapes.cauchy_location()
    left, top, right = sorted(p.point[0] for p in few.landscape.critical_points())
    unit = et.sgd(few.landscape, lr=1.0, covariance=few.covariance)
    for minimum in (left, right):
        exact, gaussian = (
            azizian2024.sample_exponent(every, minimum, top), gardiner2009.quasipotential(unit, minimum, top)
        )  # fmt: skip
        assert 1.01 < exact / gaussian < 1.04


def test_unknown_laws_are_named():
    with pytest.raises(InvalidInput, match="'laplace'"):
        azizian2024.cramer_root(1, 1, "cauchy")
    with pytest.raises(InvalidInput, match="positive slope"):
        azizian2024.cramer_root(-1, 1)
