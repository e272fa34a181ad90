"""Adam's two laws against quadrature and grids of the diffusions they are the limits of."""

import math

import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.theory import preconditioned, transverse

X = sp.Symbol("x", real=True)
SLOPE, NOISE = X**3 - X, 1 + X**2
ENDS = {"well": 2, "saddle": 1, "noise_well": 2, "noise_saddle": 1}
ACROSS = et.Interval(-math.inf, 1.0)
MODEL = et.landscapes.matched_quartic()


def log_exact(kind, lr, batch, **options):
    limit = et.adam_limit(
        MODEL.landscape, lr=lr, eps=0, batch_size=batch, covariance=MODEL.covariance, second_moment=kind, **options
    )
    return et.exact.escape_time(et.EscapeProblem(limit, -1.0, ACROSS)).details["log_mean"]


@pytest.mark.parametrize("batch", [0.075, 1, 100])
def test_both_laws_are_the_weak_noise_limits_of_their_diffusions(batch):
    works = {
        "quasi-static": (sp.integrate(SLOPE / sp.sqrt(NOISE), (X, -1, 0)), {}),
        "frozen": (sp.integrate(sp.apart(SLOPE / NOISE), (X, -1, 0)), {"at": -1.0}),
    }
    laws = {"quasi-static": preconditioned.quasi_static_time, "frozen": preconditioned.frozen_time}
    for kind, (work, options) in works.items():
        gaps = []
        for exponent in (20, 40):
            lr = 2 * math.sqrt(batch) * float(work) / exponent
            law = laws[kind](**ENDS, climb=work, lr=lr, batch_size=batch)
            gaps.append(log_exact(kind, lr, batch, **options) - float(sp.log(law)))
        assert 0 < gaps[1] < 0.025
        assert gaps[0] / gaps[1] == pytest.approx(2, rel=0.15)  # first order in the noise
        # the wrong curvature at the saddle, H_b for sqrt(B H_b), would not vanish unless B = 1
        assert batch == 1 or abs(gaps[1] + math.log(batch) / 2) > 1


def test_laws_are_kramers_and_gardiner():
    c, h_a, h_b, d, n, b = sp.symbols("C h_a h_b Delta eta B", positive=True)
    white = {"well": h_a, "saddle": h_b, "noise_well": c, "noise_saddle": c, "lr": n, "batch_size": b}
    one = preconditioned.quasi_static_time(**white, climb=d / sp.sqrt(c))
    two = preconditioned.frozen_time(**white, climb=d / c)
    assert sp.simplify(sp.log(one / two).expand(force=True)) == 0  # constant noise: one law
    # Kramers in units of the shorter time: rate sqrt(c / B), temperature eta sqrt(c / B) / 2
    kramers = 2 * sp.pi / sp.sqrt(h_a * h_b) * sp.sqrt(c / b) * sp.exp(2 * d / n * sp.sqrt(b / c))
    assert sp.simplify(sp.log(one / kramers).expand(force=True)) == 0


def test_a_direction_across_multiplies_by_its_factor():
    plane = et.landscapes.matched_valley()
    stiff = 1 + 3 * (1 - X**2) ** 2
    predicted = preconditioned.transverse_factor(SLOPE, NOISE, stiff, stiff, X, -1, 0)
    ratios, rates = [], (0.1, 0.07, 0.05)
    for lr in rates:
        two = et.adam_limit(plane.landscape, lr=lr, eps=0, covariance=plane.covariance)
        width = 6 * math.sqrt(lr / 2)
        problem = et.EscapeProblem(two, (-1.0, 0.0), et.HalfSpace([1.0, 0.0], 1.0))
        grid = et.exact.escape_time(problem, cells=(192, 96), box=((-2.0, 1.0), (-width, width)))
        ratios.append(grid.details["log_mean"] - log_exact("quasi-static", lr, 1))
    limit = math.exp(_extrapolate(rates, ratios))
    assert limit == pytest.approx(predicted, rel=0.03)
    published = float(stiff.subs(X, 0) / stiff.subs(X, -1)) ** 0.25
    assert abs(limit / published - 1) > 0.1


def _extrapolate(at, values):
    import numpy as np

    return float(np.polyfit(at, values, 2)[-1])


def test_constant_noise_makes_the_transverse_factor_that_of_equilibrium():
    kappa = 1 + 3 * (1 - X**2) ** 2
    assert preconditioned.transverse_factor(SLOPE, 4, kappa, 4, X, -1, 0) == pytest.approx(2, rel=1e-6)
    assert transverse.transverse_factor(SLOPE, 1, kappa, 1, X, -1, 0, bend=0) == pytest.approx(1, rel=1e-9)


def test_the_regime_is_the_ratio_of_two_rates():
    rate = float(preconditioned.relaxation(well=2, noise=2, lr=0.01, batch_size=0.5))
    assert rate == pytest.approx(0.01)
    assert preconditioned.regime(rate, 0.8) == "quasi-static"
    assert preconditioned.regime(rate, 0.9999) == "frozen"
    with pytest.raises(RouteNotApplicable, match="neither law"):
        preconditioned.regime(rate, 0.99)
    assert preconditioned.regime(rate, 0.98, margin=2) == "quasi-static"
    for bad in ((0, 0.9), (rate, 1.0), (rate, -0.1)):
        with pytest.raises(InvalidInput, match="positive rate"):
            preconditioned.regime(*bad)
