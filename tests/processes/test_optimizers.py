"""Chains against the optimizers themselves: torch.optim where it has one, a transcription in numpy where not."""

import numpy as np
import pytest
import sympy as sp
import torch

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.processes import noise_laws
from escapetime.processes.noise_laws import NoiseLaw
from escapetime.symbolic.noise_factor import noise_factor

x, y = sp.symbols("x y", real=True)
SURFACE = et.Landscape(x**4 / 4 - x**2 / 2 + y**2 + x * y / 3)
COVARIANCE = sp.Matrix([[1 + x**2, sp.Rational(1, 2)], [sp.Rational(1, 2), 2]])
START, STEPS, BATCH = (-0.8, 0.3), 25, 4


def noises(chain, count=STEPS):
    return np.random.default_rng(3).standard_normal((count, len(chain.normals)))


def run(chain, draws):
    """The positions of a chain, evaluated with sympy's numbers: no engine takes part."""
    state = [*chain.variables, *chain.memory]
    # stages go in as what lambdify takes for common subexpressions: each is written once, in order
    step = sp.lambdify(
        [*state, *chain.normals], list(chain.update), "numpy", cse=lambda update: (list(chain.stages), update)
    )
    now, trail = [*START, *chain.memory.values()], []
    for z in draws:
        now = step(*now, *z)
        trail.append(now[:2])
    return np.array(trail, dtype=float)


def gradients(draws):
    """The stochastic gradient as a function of the position and the number of the step."""
    slope = sp.lambdify([x, y], list(SURFACE.gradient), "numpy")
    root = sp.lambdify([x, y], noise_factor(COVARIANCE), "numpy")
    return lambda p, k: np.array(slope(*p)) + root(*p) @ draws[k] / np.sqrt(BATCH)


def with_torch(make, draws):
    p = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    optimizer, gradient, trail = make([p]), gradients(draws), []
    for k in range(len(draws)):
        p.grad = torch.from_numpy(gradient(p.detach().numpy(), k))
        optimizer.step()
        trail.append(p.detach().numpy().copy())
    return np.array(trail)


OPTIONS = {"batch_size": BATCH, "covariance": COVARIANCE}
CASES = {
    "SGD": (
        lambda: et.sgd(SURFACE, lr=0.05, **OPTIONS).chain,
        lambda p: torch.optim.SGD(p, lr=0.05),
    ),
    "heavy ball": (
        lambda: et.heavy_ball(SURFACE, lr=0.05, momentum=0.9, **OPTIONS),
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    ),
    "heavy ball, dampened": (
        lambda: et.heavy_ball(SURFACE, lr=0.05, momentum=0.8, dampening=0.3, **OPTIONS),
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, dampening=0.3),
    ),
    "Adam": (
        lambda: et.adam(SURFACE, lr=0.03, betas=(0.85, 0.97), eps=1e-3, **OPTIONS),
        lambda p: torch.optim.Adam(p, lr=0.03, betas=(0.85, 0.97), eps=1e-3),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_update_is_that_of_torch(name):
    chain, make = CASES[name][0](), CASES[name][1]
    draws = noises(chain)
    np.testing.assert_allclose(run(chain, draws), with_torch(make, draws), rtol=0, atol=1e-12)


ADAI = {
    "plain": {},
    "L2": {"weight_decay": 0.7},
    "decoupled": {"weight_decay": 0.7, "decoupled": True},
    "dampening 0.5": {"dampening": 0.5},
    "dampening 0, decoupled": {"dampening": 0.0, "weight_decay": 0.4, "decoupled": True},
    "dampening 0.3, L2": {"dampening": 0.3, "weight_decay": 0.4},
}


def adai_by_hand(draws, lr, beta0, beta2, eps, weight_decay=0.0, decoupled=False, dampening=1.0):
    """Positions and inertias, step by step: the algorithm with its corrections written out, in numpy."""
    p, v, m, product, gradient = np.array(START), np.zeros(2), np.zeros(2), np.ones(2), gradients(draws)
    trail, inertias = [], []
    for k in range(len(draws)):
        g = gradient(p, k)
        if decoupled:
            p = p * (1 - lr * weight_decay)
        else:
            g = g + weight_decay * p
        v = beta2 * v + (1 - beta2) * g**2
        vhat = v / (1 - beta2 ** (k + 1))
        mu = np.clip(1 - beta0 * (vhat / vhat.mean()) ** (1 / (3 - 2 * dampening)), 0, 1 - eps)
        m, product = mu * m + (1 - mu) ** dampening * g, product * mu
        p = p - lr * beta0 ** (1 - dampening) * m / (1 - product)
        inertias.append(mu)
        trail.append(p)
    return np.array(trail), np.array(inertias)


@pytest.mark.parametrize("name", ADAI)
def test_adai_is_the_algorithm(name):
    lr, beta0, beta2, eps = 0.04, 0.3, 0.9, 1e-2
    chain = et.adai(SURFACE, lr=lr, betas=(beta0, beta2), eps=eps, **ADAI[name], **OPTIONS)
    draws = noises(chain)
    trail, inertias = adai_by_hand(draws, lr, beta0, beta2, eps, **ADAI[name])
    assert np.ptp(inertias) > 0.1
    np.testing.assert_allclose(run(chain, draws), trail, rtol=0, atol=1e-12)
    plain, _ = adai_by_hand(draws, lr, beta0, beta2, eps)
    assert name == "plain" or abs(plain - trail).max() > 1e-3  # the options do something


@pytest.mark.parametrize("name", ADAI)
def test_the_chain_of_adai_is_the_optimizer_of_the_library(name):
    given = {"lr": 0.04, "betas": (0.3, 0.9), "eps": 1e-2, **ADAI[name]}
    chain = et.adai(SURFACE, **given, **OPTIONS)
    draws = noises(chain)
    trail = with_torch(lambda p: et.optim.Adai(p, **given), draws)
    np.testing.assert_allclose(run(chain, draws), trail, rtol=0, atol=1e-12)


def test_the_limit_of_adai_has_the_inertia_of_its_noise():
    strengths = np.array([1.0, 0.25])
    given = {"lr": 0.05, "betas": (0.2, 0.99), "covariance": np.diag(strengths), "batch_size": 4}
    limit = et.adai(SURFACE, **given).limit
    left = 0.2 * strengths / strengths.mean()
    np.testing.assert_allclose(limit.frictions, left / 0.05)
    np.testing.assert_allclose(limit.masses, 0.05 / left)  # an average of gradients: friction times mass is 1
    np.testing.assert_allclose(np.array(limit.diffusion, dtype=float), 0.05 * np.diag(strengths) / 8)
    damped = et.adai(SURFACE, **given, dampening=0.5).limit
    np.testing.assert_allclose(
        np.multiply(damped.frictions, damped.masses), np.sqrt(strengths / strengths.mean()) ** 0.5
    )
    decayed = et.adai(SURFACE, **given, weight_decay=0.3).limit
    penalty = (decayed.landscape.expression - SURFACE.expression).subs({x: 0.7, y: -1.2})
    assert float(penalty) == pytest.approx(0.15 * (0.7**2 + 1.2**2))
    assert et.adai(SURFACE, **given, weight_decay=0.3, decoupled=True).limit is None
    assert et.adai(SURFACE, lr=0.05, covariance=COVARIANCE).limit is None  # inertia that depends on the position


def test_the_diffusion_of_sgd_has_half_the_rate_times_the_covariance():
    process = et.sgd(SURFACE, lr=0.05, **OPTIONS)
    expected = COVARIANCE * sp.Rational(5, 100) / (2 * BATCH)
    assert max(abs(v) for v in (process.diffusion - expected).subs({x: 0.7})) < 1e-15
    assert process.temperature is None
    assert et.sgd(SURFACE, lr=0.1, covariance=0.4, batch_size=2).temperature == pytest.approx(0.01)
    assert et.sgd(SURFACE, lr=0.1, covariance="hessian").diffusion[1, 1] == pytest.approx(0.1)


@pytest.mark.parametrize("name", noise_laws.LAWS)
def test_laws_have_mean_zero_and_variance_one(name):
    law = noise_laws.LAWS[name]
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / weights.sum()
    grids = np.meshgrid(*[nodes] * len(law.normals), indexing="ij") if len(law.normals) == 1 else None
    if grids is None:  # polynomials in four normals: few nodes are exact
        nodes, weights = np.polynomial.hermite_e.hermegauss(4)
        weights = weights / weights.sum()
        grids = np.meshgrid(*[nodes] * 4, indexing="ij")
    mass = np.ones_like(grids[0])
    for axis in range(len(law.normals)):
        shape = [1] * len(law.normals)
        shape[axis] = -1
        mass = mass * weights.reshape(shape)
    values = sp.lambdify(law.normals, law.expression, ["scipy", "numpy"])(*grids)
    assert float((mass * values).sum()) == pytest.approx(0, abs=1e-12)
    assert float((mass * values**2).sum()) == pytest.approx(1, rel=1e-6)


def test_kurtosis_tells_the_laws_apart():
    kurtosis = {"gaussian": 3.0, "rademacher": 1.0, "uniform": 9 / 5, "laplace": 6.0}
    draws = np.random.default_rng(0).standard_normal((4, 400_000))
    for name, expected in kurtosis.items():
        law = noise_laws.LAWS[name]
        values = sp.lambdify(law.normals, law.expression, ["scipy", "numpy"])(*draws[: len(law.normals)])
        error = np.std(values**4) / np.sqrt(values.size)
        assert abs(np.mean(values**4) - expected) < 4.5 * error + 1e-9


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: et.sgd(SURFACE, lr=0), "lr"),
        (lambda: et.sgd(x**2, lr=0.1), "Landscape"),
        (lambda: et.sgd(SURFACE, lr=0.1, batch_size=-1), "batch_size"),
        (lambda: et.sgd(SURFACE, lr=0.1, covariance=[[1, 0], [1, 1]]), "symmetric 2 x 2"),
        (lambda: et.sgd(SURFACE, lr=0.1, covariance=sp.Symbol("c")), "symbols"),
        (lambda: et.sgd(SURFACE, lr=0.1, covariance="fisher"), "hessian"),
        (lambda: et.sgd(SURFACE, lr=0.1, covariance=-1), "negative eigenvalue"),
        (lambda: et.sgd(SURFACE, lr=0.1, noise="pink"), "'laplace' or a NoiseLaw"),
        (lambda: et.heavy_ball(SURFACE, lr=0.1, momentum=1), "momentum from 0 to below 1"),
        (lambda: et.heavy_ball(SURFACE, lr=0.1, momentum=0.9, dampening=1), "dampening"),
        (lambda: et.adam(SURFACE, lr=0.1, betas=(0.9, 1.0)), "betas"),
        (lambda: et.adam(SURFACE, lr=0.1, eps=-1), "eps"),
        (lambda: et.adai(SURFACE, lr=0.1, eps=0), "eps"),
        (lambda: et.adai(SURFACE, lr=0.1, betas=(0, 0.9)), r"betas\[0\]"),
        (lambda: et.adai(SURFACE, lr=0.1, weight_decay=-1), "weight_decay"),
        (lambda: et.adai(SURFACE, lr=0.1, dampening=1.5), "dampening from 0 to 1"),
        (lambda: et.underdamped_langevin(SURFACE, temperature=1, friction=0), "friction"),
        (lambda: et.underdamped_langevin(x, temperature=1, friction=1), "Landscape"),
        (lambda: NoiseLaw("odd", (x,), x + y), "normals"),
        (lambda: et.Chain("c", (x,), {}, (), (), (), 1.0), "1 expressions"),
        (lambda: et.Chain("c", (x,), {}, (), (), (x + y,), 1.0), "y have no value"),
    ],
)
def test_bad_arguments_are_told(make, message):
    with pytest.raises(InvalidInput, match=message):
        make()
