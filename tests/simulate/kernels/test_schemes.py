"""Every scheme, optimizer and noise law in compiled code: the paths of the reference, one by one."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import EscapeTimeWarning
from escapetime.simulate import escape_time, first_passage
from tests.statistics import assert_agrees, assert_control_fails

x, y = sp.symbols("x y", real=True)
L = et.landscapes
WELL, BOX = L.double_well(), et.Interval(-2.2, 0.1)
VALLEY, STRIP = L.double_well_with_valley(), et.Box([-2.5, -2], [0.1, 2])
BOWL = L.quadratic(*np.linspace(0.5, 2.0, 16))


def stable(alpha):
    """The formula of Chambers, Mallows and Stuck, from the angle and the radius of two normals."""
    z1, z2 = sp.symbols("z1 z2", real=True)
    angle, wait = sp.atan(z1 / z2), (z1**2 + z2**2) / 2
    tail = (sp.cos((1 - alpha) * angle) / wait) ** ((1 - alpha) / sp.Float(alpha))
    return et.NoiseLaw("stable", (z1, z2), sp.sin(alpha * angle) / sp.cos(angle) ** (1 / sp.Float(alpha)) * tail)


def sgd(noise="gaussian", covariance=5.0):
    return et.EscapeProblem(et.sgd(WELL, lr=0.1, covariance=covariance, noise=noise), -1.0, BOX)


def multiplicative():
    process = et.Diffusion((x,), sp.Matrix([-x]), sp.Matrix([[sp.Float(0.2) * (1 + x**2)]]), "stratonovich")
    return et.EscapeProblem(process, 0.0, et.Interval(-1.5, 1))


def well(process):
    return et.EscapeProblem(process, -1.0, BOX)


def valley(process):
    return et.EscapeProblem(process, (-1.0, 0.0), STRIP)


def kicked(steps=40):
    """No noise: the path is one, and leaves when it is pushed out by a force that grows."""
    clock = sp.Symbol("clock", real=True)
    chain = et.Chain("push", (x,), {clock: 0.0}, (), (), (x + clock / steps**2, clock + 1), 1.0, "steps")
    return et.EscapeProblem(chain, 0.0, et.Interval(-1.0, 0.5))


CASES = {
    "platen": lambda: (well(et.langevin(WELL, temperature=0.15)), {"dt": 0.05, "scheme": "platen"}),
    "platen, multiplicative": lambda: (multiplicative(), {"dt": 0.02, "scheme": "platen"}),
    "baoab": lambda: (well(et.underdamped_langevin(WELL, temperature=0.2, friction=0.7)), {"dt": 0.05}),
    "baoab, two dimensions": lambda: (
        valley(et.underdamped_langevin(VALLEY, temperature=0.2, friction=2.0, mass=0.5)), {"dt": 0.05},
    ),
    "sgd": lambda: (sgd(covariance=3 * x**2 + 1), {}),
    "heavy ball": lambda: (well(et.heavy_ball(WELL, lr=0.05, momentum=0.8, dampening=0.3)), {}),
    "heavy ball, two dimensions": lambda: (valley(et.heavy_ball(VALLEY, lr=0.05, momentum=0.8)), {}),
    "adam": lambda: (valley(et.adam(VALLEY, lr=0.1, betas=(0.8, 0.95), covariance=30)), {}),
    "adai": lambda: (valley(et.adai(VALLEY, lr=0.2)), {}),
    "sixteen dimensions": lambda: (
        et.EscapeProblem(et.heavy_ball(BOWL, lr=0.1, momentum=0.5), [0.0] * 16, et.Ball([0.0] * 16, 1.5)), {},
    ),
    "rademacher": lambda: (sgd("rademacher"), {}),
    "uniform": lambda: (sgd("uniform"), {}),
    "laplace": lambda: (sgd("laplace"), {}),
    "stable": lambda: (sgd(stable(1.5), 0.2), {}),
    "three normals": lambda: (
        sgd(et.NoiseLaw("three", sp.symbols("z1:4"), sum(sp.symbols("z1:4")) / sp.sqrt(3))), {},
    ),
    "no noise": lambda: (kicked(), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_paths_are_those_of_the_reference(name):
    problem, options = CASES[name]()
    options |= {"paths": 150, "seed": 3, "max_steps": 500}
    compiled, reference = (first_passage(problem, engine=e, **options) for e in ("cpu", "reference"))
    agree = (compiled.face == reference.face) & (compiled.steps == reference.steps)
    assert agree.mean() > 0.98
    left = agree & compiled.observed
    assert left.sum() > 50
    np.testing.assert_allclose(compiled.times[agree], reference.times[agree], rtol=1e-9)
    np.testing.assert_allclose(compiled.points[left], reference.points[left], rtol=1e-9, atol=1e-8)
    if name != "no noise":
        other = first_passage(problem, engine="cpu", **options | {"seed": 4})
        assert (other.steps == reference.steps).mean() < 0.7


@pytest.mark.parametrize("name", ["laplace", "adam", "baoab"])
def test_float32_agrees_with_float64(name):
    problem, options = CASES[name]()
    single, double = (
        escape_time(problem, paths=20_000, seed=5, dtype=dtype, engine="cpu", **options)
        for dtype in ("float32", "float64")
    )
    assert single.mean != double.mean
    error = math.hypot(single.stderr, double.stderr)
    assert_agrees(single.mean - double.mean, error, 0.0)
    assert_control_fails(single.mean - 1.06 * double.mean, error, 0.0)


@pytest.mark.parametrize("engine", ["cpu", "reference"])
def test_memory_that_is_not_finite_makes_a_path_invalid(engine):
    m, z = sp.symbols("m z", real=True)
    walk = et.Chain("walk", (x,), {m: 2.0}, (z,), (), (x + z / 10, m**2), 1.0, "steps")
    problem = et.EscapeProblem(walk, 0.0, et.Interval(-0.3, 0.3))
    with pytest.warns(EscapeTimeWarning, match="overflowed"):
        run = first_passage(problem, paths=300, engine=engine)
    # the memory overflows in the tenth step; engines notice at the end of a round
    assert 50 < run.invalid.sum() < 290
    assert not run.censored.any()
    assert run.steps[run.observed].max() <= 16
