"""Adam's diffusions: their coefficients, what is refused, and the chain between the two laws."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput
from tests.statistics import assert_agrees, assert_control_fails

x, y = sp.symbols("x y", real=True)
SURFACE = et.Landscape(x**4 / 4 - x**2 / 2 + y**2 + x * y / 3)
COVARIANCE = sp.Matrix([[1 + x**2, sp.Rational(1, 2)], [sp.Rational(1, 2), 2]])
MODEL = et.landscapes.matched_quartic()
ACROSS = et.Interval(-math.inf, 1.0)


@pytest.mark.parametrize("eps", [0.0, 0.3])
@pytest.mark.parametrize("kind", ["quasi-static", "frozen"])
def test_one_step_has_these_mean_and_covariance(kind, eps):
    at, lr = np.array([0.7, -0.4]), 0.05
    options = {"at": at} if kind == "frozen" else {}
    limit = et.adam_limit(SURFACE, lr=lr, eps=eps, batch_size=4, covariance=COVARIANCE, second_moment=kind, **options)
    where = at + (0.3 if kind == "frozen" else 0.0)
    noise = np.array(COVARIANCE.subs({x: where[0]}), dtype=float) / 4
    root = np.sqrt(np.array([1 + at[0] ** 2, 2.0]) / 4) + eps
    gradient = np.array([where[0] ** 3 - where[0] + where[1] / 3, 2 * where[1] + where[0] / 3])
    np.testing.assert_allclose(limit.drift_at(where), -gradient / root, rtol=1e-12)
    np.testing.assert_allclose(limit.diffusion_at(where), lr / 2 * noise / np.outer(root, root), rtol=1e-12)
    assert limit.chain is not None
    assert limit.chain.name == "Adam"


def test_the_limit_of_the_chain_is_quasi_static_with_constant_diffusion():
    chain = et.adam(MODEL.landscape, lr=0.04, eps=0, batch_size=2, covariance=MODEL.covariance)
    assert chain.limit.constant_diffusion
    assert chain.limit.diffusion[0, 0] == pytest.approx(0.02)
    assert chain.limit.chain is None
    assert et.adam(SURFACE, lr=0.1, covariance=0).limit is None


def test_frozen_is_sgd_with_another_rate_and_clock():
    lr, batch = 0.02, 0.05
    frozen = et.adam_limit(
        MODEL.landscape, lr=lr, eps=0, batch_size=batch, covariance=MODEL.covariance, second_moment="frozen", at=-1.0
    )
    root = math.sqrt(2 / batch)
    sgd = et.sgd(MODEL.landscape, lr=lr / root, batch_size=batch, covariance=MODEL.covariance)
    times = [et.exact.escape_time(et.EscapeProblem(p, -1.0, ACROSS)).mean for p in (frozen, sgd)]
    assert times[0] == pytest.approx(root * times[1], rel=1e-8)


def test_compare_answers_by_every_route():
    limit = et.adam_limit(MODEL.landscape, lr=0.03, betas=(0.0, 0.95), eps=0, batch_size=0.05,
                          covariance=MODEL.covariance)  # fmt: skip
    table = et.compare(et.EscapeProblem(limit, -1.0, ACROSS), paths=200, seed=1)
    assert set(table.answers) == {"theory", "exact", "simulate"}
    assert table.answers["simulate"].method == "Monte Carlo of the chain"


@pytest.mark.parametrize("beta2", [0.98, 0.998])
def test_a_moving_second_moment_answers_between_the_laws(beta2):
    lr, batch = 0.02, 0.03
    options = {"lr": lr, "betas": (0.0, beta2), "eps": 0, "batch_size": batch, "covariance": MODEL.covariance}
    pair = et.adam_limit(MODEL.landscape, second_moment="moving", **options)
    problem = et.EscapeProblem(pair, (-1.0, math.log(2 / batch)), et.HalfSpace([1.0, 0.0], 1.0))
    spread = 5 * math.sqrt(1 - beta2)
    box = ((-2.0, 1.0), (math.log(1 / batch) - spread, math.log(3 / batch) + spread))
    exact = et.exact.escape_time(problem, cells=(192, 128), box=box)
    chain = et.adam(MODEL.landscape, **options)
    run = et.simulate.escape_time(et.EscapeProblem(chain, -1.0, ACROSS), paths=8000, seed=2, engine="cpu")
    laws = [
        et.exact.escape_time(et.EscapeProblem(law, -1.0, ACROSS)).mean
        for law in (chain.limit, et.adam_limit(MODEL.landscape, second_moment="frozen", at=-1.0, **options))
    ]
    bias = (
        exact.stderr + (1 - beta2) * exact.mean + 0.01 * exact.mean
    )  # first order in 1 - beta2, a start without memory
    assert_agrees(run.mean, run.stderr, exact.mean, bias=bias)
    for wrong in laws[1:] if beta2 < 0.99 else laws:
        assert_control_fails(run.mean, run.stderr, wrong, bias=bias)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: et.adam_limit(SURFACE, lr=0.1, second_moment="slow"), "quasi-static"),
        (lambda: et.adam_limit(SURFACE, lr=0.1, second_moment="frozen"), "needs at="),
        (lambda: et.adam_limit(SURFACE, lr=0.1, at=(0, 0)), "needs at="),
        (lambda: et.adam_limit(SURFACE, lr=0.1, second_moment="frozen", at=1.0), "2 number"),
        (lambda: et.adam_limit(SURFACE, lr=0.1, covariance=0), "vanishes"),
        (lambda: et.adam_limit(SURFACE, lr=0.1, second_moment="moving"), "eps=0"),
        (lambda: et.adam_limit(SURFACE, lr=0.1, second_moment="moving", eps=0, covariance=COVARIANCE), "diagonal"),
        (lambda: et.adam_limit(SURFACE, lr=-1), "lr"),
    ],
)
def test_bad_arguments_are_told(make, message):
    with pytest.raises(InvalidInput, match=message):
        make()
