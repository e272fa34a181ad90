"""Expectations over noises, and moments from cumulants."""

import pytest
import sympy as sp

from escapetime.errors import InvalidInput
from escapetime.symbolic.discrete_updates import euler_maruyama_update, sgd_update
from escapetime.symbolic.noise_moments import expectation, moments_from_cumulants

a, xi, eta = sp.symbols("a xi eta", real=True)
x, y = sp.symbols("x y", real=True)
dt = sp.Symbol("dt", positive=True)


@pytest.mark.parametrize("power", range(9))
def test_gaussian_moments_are_the_integral(power):
    density = sp.exp(-(xi**2) / 2) / sp.sqrt(2 * sp.pi)
    assert expectation(xi**power, xi) == sp.integrate(xi**power * density, (xi, -sp.oo, sp.oo))


def test_independent_noises_factor():
    assert expectation((1 + xi**2) * (2 + eta**4), (xi, eta)) == 2 * 5
    assert expectation(xi * eta, (xi, eta)) == 0


def test_expectation_is_linear_in_what_it_does_not_average():
    f = sp.Function("f")(a)
    assert expectation(f * xi**2 + sp.exp(a), xi) == f + sp.exp(a)


def test_cumulants_of_known_laws():
    rate, mean, s = sp.symbols("lambda mu s", positive=True)
    t = sp.Symbol("t")
    gauss = moments_from_cumulants([mean, s**2, 0, 0, 0])
    generating = sp.exp(mean * t + s**2 * t**2 / 2)
    for n, moment in enumerate(gauss, start=1):
        assert sp.expand(moment - sp.diff(generating, t, n).subs(t, 0)) == 0
    # the exponential law: kappa_n = (n - 1)! / rate**n, E[x**n] = n! / rate**n
    exponential = moments_from_cumulants([sp.factorial(n - 1) / rate**n for n in range(1, 6)])
    assert exponential == tuple(sp.factorial(n) / rate**n for n in range(1, 6))


def test_too_few_moments_and_unknown_noises_are_refused():
    with pytest.raises(InvalidInput, match="moment of order 3 of the noise xi"):
        expectation(xi**3, xi, {xi: [0, 1]})
    with pytest.raises(InvalidInput, match="name them as noises"):
        expectation(xi**3, xi, {eta: [0, 1]})


@pytest.mark.parametrize("update", [euler_maruyama_update, sgd_update])
def test_noise_without_a_root_is_refused(update):
    with pytest.raises(InvalidInput, match="negative eigenvalue"):
        update([0, 0], sp.Matrix([[0, 1], [1, 0]]), (x, y), dt)


@pytest.mark.parametrize("update", [euler_maruyama_update, sgd_update])
def test_noise_along_one_direction_has_one_number(update):
    step, noises = update([0, 0], sp.Matrix([[4, 2], [2, 1]]), (x, y), dt)
    assert step.free_symbols == {x, y, dt, noises[0]}
    assert sp.diff(step[0], noises[0]) == 2 * sp.diff(step[1], noises[0]) != 0


def test_a_noiseless_coordinate_is_allowed():
    step, noises = euler_maruyama_update([y, -x], sp.diag(0, 1), (x, y), dt)
    assert step[0] == x + dt * y
    assert noises[0] not in step.free_symbols
