"""Kernels in Triton's interpreter: the paths of the reference engine, one by one, in every kind of problem."""

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.simulate import first_passage

x, y = sp.symbols("x y", real=True)
L = et.landscapes
VALLEY, STRIP = L.double_well_with_valley(), et.Box([-1.6, -0.8], [-0.2, 0.8])
BOWL = L.quadratic(*np.linspace(0.5, 2.0, 5))


def langevin(landscape, temperature, start, domain):
    return et.EscapeProblem(et.langevin(landscape, temperature=temperature), start, domain)


def well(process=None):
    process = process or et.langevin(L.double_well(), temperature=0.6)
    return et.EscapeProblem(process, -1.0, et.Interval(-1.8, -0.2))


def valley(process):
    return et.EscapeProblem(process, (-1.0, 0.0), STRIP)


def full_matrix():
    noise = sp.Matrix([[1, sp.Rational(1, 2)], [sp.Rational(1, 2), 1 + y**2 / 4]])
    return et.EscapeProblem(et.Diffusion((x, y), sp.Matrix([-x, -y]), noise), [0, 0], et.Box([-1, -9], [9, 1.5]))


def multiplicative():
    process = et.Diffusion((x,), sp.Matrix([-x]), sp.Matrix([[sp.Float(0.2) * (1 + x**2)]]), "stratonovich")
    return et.EscapeProblem(process, 0.0, et.Interval(-0.7, 0.6))


def stable():
    """The formula of Chambers, Mallows and Stuck, from the angle and the radius of two normals."""
    alpha, (z1, z2) = 1.5, sp.symbols("z1 z2", real=True)
    angle, wait = sp.atan(z1 / z2), (z1**2 + z2**2) / 2
    tail = (sp.cos((1 - alpha) * angle) / wait) ** ((1 - alpha) / sp.Float(alpha))
    return et.NoiseLaw("stable", (z1, z2), sp.sin(alpha * angle) / sp.cos(angle) ** (1 / sp.Float(alpha)) * tail)


def sgd(noise="gaussian", covariance=5.0):
    return well(et.sgd(L.double_well(), lr=0.1, covariance=covariance, noise=noise))


def pushed(steps=20):
    """No noise: the path is one, and leaves when it is pushed out by a force that grows."""
    clock = sp.Symbol("clock", real=True)
    chain = et.Chain("push", (x,), {clock: 0.0}, (), (), (x + clock / steps**2, clock + 1), 1.0, "steps")
    return et.EscapeProblem(chain, 0.0, et.Interval(-1.0, 0.5))


CASES = {
    "well": lambda: (well(), {"dt": 0.02}),
    "well, exits at grid points": lambda: (well(), {"dt": 0.02, "correction": "none"}),
    "full matrix": lambda: (full_matrix(), {"dt": 0.02}),
    "ellipsoid": lambda: (langevin(L.quadratic(1, 2), 0.5, [0.1, 0.2], et.Ellipsoid([0, 0], [1, 0.7])), {"dt": 0.01}),
    "platen, multiplicative": lambda: (multiplicative(), {"dt": 0.02, "scheme": "platen"}),
    "baoab": lambda: (valley(et.underdamped_langevin(VALLEY, temperature=0.5, friction=2.0, mass=0.5)), {"dt": 0.05}),
    "sgd": lambda: (sgd(covariance=3 * x**2 + 1), {}),
    "heavy ball": lambda: (valley(et.heavy_ball(VALLEY, lr=0.1, momentum=0.8, covariance=4)), {}),
    "adam": lambda: (valley(et.adam(VALLEY, lr=0.15, betas=(0.8, 0.95), covariance=30)), {}),
    "five dimensions": lambda: (langevin(BOWL, 0.1, [0.0] * 5, et.Ball([0.0] * 5, 0.7)), {"dt": 0.02}),
    "rademacher": lambda: (sgd("rademacher"), {}),
    "uniform": lambda: (sgd("uniform"), {}),
    "stable": lambda: (sgd(stable(), 0.2), {}),
    "no noise": lambda: (pushed(), {}),
}


def both(name, **changes):
    problem, options = CASES[name]()
    options = {"paths": 40, "seed": 7, "max_steps": 44} | options | changes
    return (first_passage(problem, engine=e, **options) for e in ("gpu", "reference"))


@pytest.mark.parametrize("name", CASES)
def test_paths_are_those_of_the_reference(name):
    """Rounding differs: other elementary functions, other forms of the bridge. No exit is so close that it matters."""
    gpu, reference = both(name)
    assert gpu.details["engine"] == "gpu"
    assert gpu.details["engine_reason"] == "asked for"
    np.testing.assert_array_equal(gpu.face, reference.face)
    np.testing.assert_array_equal(gpu.steps, reference.steps)
    assert gpu.observed.sum() > 10
    np.testing.assert_allclose(gpu.times, reference.times, rtol=1e-11)
    np.testing.assert_allclose(gpu.points, reference.points, rtol=0, atol=1e-10)


def test_the_comparison_can_fail():
    """A step or a temperature that is one percent larger is seen at once, and so is another seed."""
    gpu, _ = both("well")
    for changes in ({"dt": 0.0202}, {"seed": 8}):
        _, other = both("well", **changes)
        assert not np.allclose(gpu.times, other.times, rtol=1e-11)
    warmer = well(et.langevin(L.double_well(), temperature=0.606))
    other = first_passage(warmer, engine="reference", paths=40, seed=7, dt=0.02, max_steps=44)
    assert not np.allclose(gpu.times, other.times, rtol=1e-11)


@pytest.mark.parametrize("name", ["well", "heavy ball"])
def test_float32_follows_the_paths_of_the_cpu_engine(name):
    """The same words and polynomials; sums are rounded in another order, which may move an exit, rarely."""
    problem, options = CASES[name]()
    options = {"paths": 60, "seed": 7, "max_steps": 44, "dtype": "float32"} | options
    gpu, cpu, double = (
        first_passage(problem, engine=e, **options | {"dtype": t})
        for e, t in (("gpu", "float32"), ("cpu", "float32"), ("gpu", "float64"))
    )
    agree = (gpu.face == cpu.face) & (gpu.steps == cpu.steps)
    assert agree.mean() > 0.95
    left = agree & gpu.observed
    assert left.sum() > 15
    np.testing.assert_allclose(gpu.points[left], cpu.points[left], rtol=0, atol=1e-4)
    assert (gpu.steps == double.steps).mean() < 0.7
