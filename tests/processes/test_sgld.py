"""SGLD as a process: its own update, and the diffusion it follows."""

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.exact.expectation import chain_expectation

x, y = sp.symbols("x y", real=True)
BOWL = et.landscapes.quadratic(2.0)


def test_without_gradient_noise_it_is_thermal():
    process = et.sgld(BOWL, lr=0.1, temperature=0.3)
    assert process.temperature == 0.3
    assert process.time_unit == "lr * steps"
    assert float(process.diffusion[0]) == 0.3
    problem = et.EscapeProblem(et.sgld(et.landscapes.double_well(), lr=0.1, temperature=0.05), -1.0, et.Interval(-9, 1))
    same = et.EscapeProblem(et.langevin(et.landscapes.double_well(), temperature=0.05), -1.0, et.Interval(-9, 1))
    assert et.exact.escape_time(problem).mean == pytest.approx(et.exact.escape_time(same).mean, rel=1e-12)
    assert et.theory.escape_time(problem).mean == pytest.approx(et.theory.escape_time(same).mean, rel=1e-12)


def test_gradient_noise_adds_to_the_injected_noise():
    surface = et.Landscape(x**2 + y**2 / 2)
    matrix = sp.Matrix([[1 + x**2, sp.Rational(1, 2)], [sp.Rational(1, 2), 2]])
    process = et.sgld(surface, lr=0.1, temperature=0.3, batch_size=4, covariance=matrix)
    expected = sp.Rational(3, 10) * sp.eye(2) + matrix / 80
    assert max(abs(v) for v in (process.diffusion - expected).subs({x: 0.7})) < 1e-15
    assert process.temperature is None
    assert len(process.chain.normals) == 4


def test_the_stationary_variance_of_the_chain_is_the_closed_form():
    lr, heat, h = 0.25, 0.3, 2.0
    process = et.sgld(BOWL, lr=lr, temperature=heat)
    settled = chain_expectation(process, x**2, 0.0, 200, box=(-8, 8), points=24).value
    assert settled == pytest.approx(heat / (h * (1 - lr * h / 2)), rel=1e-9)
    assert settled != pytest.approx(heat / h, rel=0.1)


def test_stretching_the_loss_is_changing_the_learning_rate():
    """SGLD on U(sqrt(k) x) is sqrt(k)**-1 times SGLD on U with learning rate k lr, path by path."""
    k, lr, heat = 3, 0.02, 0.1
    well = et.landscapes.double_well()
    stretched = et.Landscape(well.expression.subs(x, sp.sqrt(k) * x), (x,))
    draws = np.random.default_rng(5).standard_normal(200)
    trails = []
    for loss, step, start in ((stretched, lr, -1 / k**0.5), (well, k * lr, -1.0)):
        chain = et.sgld(loss, lr=step, temperature=heat).chain
        move = sp.lambdify([x, *chain.normals], chain.update[0].xreplace(dict(chain.stages)))
        now, trail = start, []
        for z in draws:
            now = move(now, z)
            trail.append(now)
        trails.append(np.array(trail))
    np.testing.assert_allclose(k**0.5 * trails[0], trails[1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("bad", [{"lr": 0}, {"temperature": 0}, {"temperature": -1}, {"batch_size": 0}])
def test_bad_numbers_are_told(bad):
    with pytest.raises(InvalidInput, match=next(iter(bad))):
        et.sgld(BOWL, **({"lr": 0.1, "temperature": 0.1} | bad))
    with pytest.raises(InvalidInput, match="Landscape"):
        et.sgld(x**2, lr=0.1, temperature=0.1)
