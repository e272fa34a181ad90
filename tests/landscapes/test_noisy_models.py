"""The landscapes that come with their gradient noise: curvatures, noise and exponents in closed form."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.exact import quadrature
from escapetime.symbolic.compile import ArrayFunction


def covariance(model, points):
    return ArrayFunction(model.landscape.variables, [model.covariance[0]])(np.array(points, dtype=float)[:, None])


def test_noise_of_the_matched_quartic_is_its_curvature_at_all_critical_points():
    model = et.landscapes.matched_quartic()
    points = model.landscape.critical_points()
    noise = covariance(model, [p.point[0] for p in points])
    np.testing.assert_allclose(noise, [abs(p.eigenvalues[0]) for p in points], rtol=1e-12)


@pytest.mark.parametrize(("well", "saddle"), [(4, 1), (1, 4), (2.5, 0.5)])
def test_two_parabolas_join_and_have_the_stated_exponent(well, saddle):
    model = et.landscapes.two_parabolas(well, saddle, 0.3)
    (xi,), h = model.breakpoints, 1e-7
    top = xi * (1 + well / saddle)
    s = saddle / (well + saddle)
    U = model.landscape
    np.testing.assert_allclose(U.value(np.array([[xi - h], [xi + h]])), 0.3 * s, rtol=1e-5)
    np.testing.assert_allclose(U.grad(np.array([[xi - h], [xi + h]]))[:, 0], well * xi, rtol=1e-5)
    assert (float(U.value(top)), abs(float(U.grad(top)[0]))) == pytest.approx((0.3, 0.0), abs=1e-12)
    grid = np.linspace(0, top, 200_001)
    ratio = U.grad(grid[:, None])[:, 0] / covariance(model, grid)
    assert np.trapezoid(ratio, grid) == pytest.approx(0.3 * (s / well + (1 - s) / saddle), rel=1e-4)


def test_escape_over_two_parabolas_by_quadrature_knows_its_convention():
    # T / (2 pi e^E) -> 1/h_a, 1/sqrt(h_a h_b), 1/h_b, with an error of order lr / B
    model, found = et.landscapes.two_parabolas(4, 1, 0.5), []
    sgd = et.sgd(model.landscape, lr=0.0125, covariance=model.covariance)
    for name in ("ito", "stratonovich", "haenggi-klimontovich"):
        process = et.Diffusion(sgd.variables, sgd.drift, sgd.diffusion, name)
        (time,) = quadrature.mean_exit_time(process, [0.0], et.Interval(-math.inf, 4), breakpoints=model.breakpoints)
        found.append(time / (2 * math.pi * math.exp(2 / 0.0125 * 0.5 * (0.2 / 4 + 0.8))))
    np.testing.assert_allclose(found, [1 / 4, 1 / 2, 1], rtol=0.03)


def test_a_kink_of_the_slope_is_refused_by_a_problem():
    model = et.landscapes.two_parabolas(4, 1)
    process = et.sgd(model.landscape, lr=0.1, covariance=model.covariance)
    with pytest.raises(InvalidInput, match="not differentiable"):
        et.EscapeProblem(process, 0.0, et.Interval(-math.inf, 2))


@pytest.mark.parametrize("well", [1, 1.5, 4])
def test_sharpness_alone_changes(well):
    model = et.landscapes.sharpness_wells(well)
    points = sorted(model.landscape.critical_points(), key=lambda p: p.point[0])
    np.testing.assert_allclose([p.point[0] for p in points], [0, 1, 2], atol=1e-9)
    np.testing.assert_allclose([p.eigenvalues[0] for p in points], [well, -1.5, well])
    np.testing.assert_allclose([p.value for p in points], [0, 0.25, 0], atol=1e-12)
    np.testing.assert_allclose(covariance(model, [-0.5, 0, 1, 2, 2.5]), [well, well, 1.5, well, well])


def test_matched_valley_is_positive_semidefinite_noise():
    model = et.landscapes.matched_valley()
    process = et.sgd(model.landscape, lr=0.1, covariance=model.covariance)
    values = process.diffusion_at(np.random.default_rng(0).uniform(-2, 2, (100, 2)))
    assert np.linalg.eigvalsh(values).min() > 0


def test_cauchy_location_in_few_terms_is_that_of_all_samples():
    few, every = et.landscapes.cauchy_location(), et.landscapes.cauchy_location(None)
    theta = np.linspace(-4, 4, 81)
    gradients = every.gradients(theta[:, None])[..., 0]
    np.testing.assert_allclose(few.landscape.grad(theta[:, None])[:, 0], gradients.mean(axis=1), atol=1e-8)
    np.testing.assert_allclose(covariance(few, theta), gradients.var(axis=1), atol=1e-8)
    with pytest.raises(InvalidInput, match=r"compressed"):
        _ = every.landscape
    # fewer terms are not enough: the check above can fail
    eight = et.landscapes.cauchy_location(8)
    assert np.abs(eight.landscape.grad(theta[:, None])[:, 0] - gradients.mean(axis=1)).max() > 1e-4


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: et.landscapes.two_parabolas(0, 1), "positive curvatures"),
        (lambda: et.landscapes.sharpness_wells(-1), "positive curvatures"),
        (lambda: et.landscapes.sharpness_wells(20), "too low"),
        (lambda: et.landscapes.cauchy_location(0), "between 1 and 500"),
        (lambda: et.landscapes.matched_valley(0), "positive transverse"),
    ],
)
def test_bad_input_says_what_to_do(make, says):
    with pytest.raises(InvalidInput, match=says):
        make()


def test_matched_quartic_feeds_sgd():
    model = et.landscapes.matched_quartic()
    process = et.sgd(model.landscape, lr=0.05, batch_size=2, covariance=model.covariance)
    (theta,) = process.variables
    assert sp.simplify(process.diffusion[0] - 0.05 * (1 + theta**2) / 4) == 0
