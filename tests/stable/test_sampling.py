"""Draws against the law: distribution and characteristic function, far tails, float32, vectors, reproducibility."""

import math

import numpy as np
import pytest
import torch
from scipy.special import kolmogorov
from scipy.stats import binom

import escapetime as et
from escapetime.errors import DeviceUnavailable, EscapeTimeWarning, InvalidInput
from escapetime.stable import bits, sampling
from tests import statistics

stable = et.stable
ALPHAS = [0.5, 0.9, 1 - 1e-6, 1.0, 1 + 1e-6, 1.2, 1.5, 1.8, 1.99, 2.0]
N = 400_000
T = np.array([0.1, 0.3, 0.7, 1.0, 1.5, 2.2])


@pytest.fixture(scope="module")
def draws():
    return {alpha: stable.sample(alpha, N, scale=2.0, seed=31).numpy() for alpha in ALPHAS}


@pytest.fixture
def without_numba(monkeypatch):
    monkeypatch.setattr(sampling, "_compiled", lambda device: False)


def ks(x, alpha, scale):
    """p-value of the largest distance on 2000 points, which is no larger than on all: conservative."""
    size = np.geomspace(1e-3, 1e4, 1000)
    at = np.concatenate((-size[::-1], size))
    empirical = np.searchsorted(np.sort(x), at, side="right") / x.size
    return kolmogorov(math.sqrt(x.size) * np.abs(empirical - stable.cdf(at, alpha, scale=scale)).max())


def test_kolmogorov_smirnov(draws):
    # Bonferroni: one test of ten laws
    statistics.assert_not_rejected(min(1.0, len(ALPHAS) * min(ks(draws[a], a, 2.0) for a in ALPHAS)))
    for alpha in ALPHAS:  # a scale off by 5 %, an index off by 5 %
        statistics.assert_rejected(len(ALPHAS) * ks(draws[alpha], alpha, 2.1))
        statistics.assert_rejected(len(ALPHAS) * ks(draws[alpha], alpha * 0.95, 2.0))


def test_characteristic_function(draws):
    phi = np.array([np.exp(-(T**a)) for a in ALPHAS])
    twice = np.array([np.exp(-((2 * T) ** a)) for a in ALPHAS])
    stderr = np.sqrt((0.5 * (1 + twice) - phi**2) / N)
    measured = np.array([[np.cos(t * draws[a] / 2.0).mean() for t in T] for a in ALPHAS])
    imaginary = np.array([[np.sin(t * draws[a] / 2.0).mean() for t in T] for a in ALPHAS])
    both = np.stack((stderr, np.sqrt(0.5 * (1 - twice) / N)))
    statistics.assert_agrees(np.stack((measured, imaginary)), both, np.stack((phi, 0 * phi)))
    for k, alpha in enumerate(ALPHAS):
        statistics.assert_control_fails(measured[k], stderr[k], np.exp(-((1.03 * T) ** alpha)))


def tail_p(x, alpha, factor=1.0):
    """p-value of how many of |x| lie beyond the quantiles of probabilities 1e-4 to 1e-7."""
    worst = 1.0
    size = np.abs(x)
    for p in (1e-4, 1e-5, 1e-6, 1e-7):
        count = int((size > stable.isf(p / 2, alpha)).sum())
        law = binom(size.size, min(1.0, factor * p))
        worst = min(worst, 2 * law.cdf(count), 2 * law.sf(count - 1))
    return min(1.0, 4 * worst)


def test_float32_has_the_whole_tail_and_is_finite():
    p_values, found = [], 0
    for alpha in (0.9, 1.2, 1.9):
        x = stable.sample(alpha, 10_000_000, seed=5, dtype=torch.float32)
        assert x.dtype == torch.float32
        assert bool(torch.isfinite(x).all())
        p_values.append(tail_p(x.numpy(), alpha))
        found += int((np.abs(x.numpy()) > stable.isf(0.5e-7, alpha)).sum())
        statistics.assert_rejected(3 * tail_p(x.numpy(), alpha, factor=1.3))
    statistics.assert_not_rejected(min(1.0, 3 * min(p_values)))
    assert found > 0  # uniforms with steps of 2**-24 end here


def test_the_farthest_values_have_their_digits():
    # at alpha = 1 the formula is the cotangent of an angle that the first word holds in 52 bits
    x = stable.sample(1.0, 1_000_000, seed=4).numpy()
    one, _ = bits.words(0, 1_000_000, bits.SYMMETRIC, 4, torch.device("cpu"))
    angle = np.pi / 2 * bits.uniform(one).numpy()
    sign = np.where(one.numpy() & 1, -1.0, 1.0)
    np.testing.assert_allclose(x, sign / np.tan(angle), rtol=1e-14, atol=1e-15)
    assert np.abs(x).max() > 1e5


def test_continuous_in_alpha():
    for alpha in (1.0, 2.0):
        middle = stable.sample(alpha, 100_000, seed=2)
        for beside in {1.0: (1 - 1e-9, 1 + 1e-9), 2.0: (2 - 1e-9,)}[alpha]:
            x = stable.sample(beside, 100_000, seed=2)
            assert float((x - middle).abs().div(1 + middle.abs()).max()) < 1e-6


def test_at_two_it_is_the_normal_number_of_box_and_muller():
    x = stable.sample(2.0, 100_000, scale=3.0, seed=2)
    one, two = bits.words(0, 100_000, bits.SYMMETRIC, 2, torch.device("cpu"))
    normal = torch.cos(math.pi / 2 * bits.uniform(one)) * torch.sqrt(-2 * torch.log(bits.uniform(two)))
    expected = 3 * math.sqrt(2) * torch.where((one & 1) != 0, -normal, normal)
    torch.testing.assert_close(x, expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.9, 1 - 1e-6, 1.0, 1.5, 1.99, 2.0])
def test_torch_makes_the_same_numbers(alpha, without_numba, monkeypatch):
    mixed = {"kind": "mixing", "matrix": [[1.0, 0.5, 0.0], [0.0, 1.0, -1.0]]}
    cases = [((1000,), {}), ((500, 3), {"kind": "isotropic"}), ((500, 2), mixed)]
    slow = [stable.sample(alpha, shape, seed=9, start=7, **kw) for shape, kw in cases]
    monkeypatch.undo()
    for (shape, kw), theirs in zip(cases, slow, strict=True):
        ours = stable.sample(alpha, shape, seed=9, start=7, **kw)
        assert float(((ours - theirs).abs() / (1e-3 + theirs.abs())).max()) < 1e-11
        assert ours.shape == torch.Size(shape)


def test_draws_do_not_depend_on_parts_or_threads():
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        whole = stable.sample(1.3, 600_000, seed=1)
        torch.set_num_threads(2)
        assert torch.equal(whole, stable.sample(1.3, 600_000, seed=1))
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(whole[123_457:], stable.sample(1.3, 600_000 - 123_457, seed=1, start=123_457))
    assert not torch.equal(whole[:10], stable.sample(1.3, 10, seed=2))
    for kind, kw in (("isotropic", {}), ("mixing", {"matrix": np.eye(3)[:, :2]})):
        vectors = stable.sample(1.3, (300_001, 3), seed=1, kind=kind, **kw)
        assert torch.equal(vectors[155_555:], stable.sample(1.3, (144_446, 3), seed=1, kind=kind, start=155_555, **kw))


def test_vectors():
    n, alphas = 200_000, (0.8, 1.5, 1.95, 2.0)
    matrix = np.array([[1.0, 0.7, 0.0], [0.0, 0.5, 1.2]])
    directions = np.array([[0.4, 0.0], [0.5, -0.6], [0.0, 1.1]])
    measured, expected, stderr, wrong = [], [], [], []
    for alpha in alphas:
        isotropic = stable.sample(alpha, (n, 2), seed=6, kind="isotropic", scale=1.3).numpy()
        mixed = stable.sample(alpha, (n, 2), seed=6, kind="mixing", matrix=matrix).numpy()
        for t in directions:
            rates = (1.3 * np.linalg.norm(t)) ** alpha, (np.abs(t @ matrix) ** alpha).sum()
            for x, rate in zip((isotropic, mixed), rates, strict=True):
                phi, twice = math.exp(-rate), math.exp(-rate * 2**alpha)
                measured.append(np.cos(x @ t).mean())
                expected.append(phi)
                wrong.append(math.exp(-1.05 * rate))
                stderr.append(math.sqrt((0.5 * (1 + twice) - phi**2) / n))
    statistics.assert_agrees(measured, stderr, expected)
    statistics.assert_control_fails(measured, stderr, wrong)


def test_jumps_point_everywhere_or_along_axes():
    share = {}
    for kind in ("isotropic", "independent"):
        x = stable.sample(1.5, (200_000, 5), seed=8, kind=kind).numpy()
        norm = np.linalg.norm(x, axis=1)
        top = norm >= np.quantile(norm, 0.999)
        share[kind] = float(((np.abs(x[top]).max(1) / norm[top]) ** 2).mean())
    assert share["isotropic"] < 0.65
    assert share["independent"] > 0.98


def test_what_does_not_fit_is_told():
    with pytest.warns(EscapeTimeWarning, match="did not fit torch.float32"):
        x = stable.sample(0.12, 300_000, dtype=torch.float32)
    assert bool(torch.isfinite(x).all())
    with pytest.warns(EscapeTimeWarning, match="did not fit torch.float64"):
        x = stable.sample(0.01, 100_000)
    assert bool(torch.isfinite(x).all())
    with pytest.warns(EscapeTimeWarning, match="did not fit torch.float64"):
        x = stable.sample(0.01, (50_000, 2), kind="mixing", matrix=[[1.0, -1.0], [0.5, 0.0]])
    assert bool(torch.isfinite(x).all())
    with pytest.warns(EscapeTimeWarning, match="did not fit"):
        x = stable.sample(0.05, (100_000, 2), kind="mixing", matrix=[[1.0, -1.0], [1.0, 1.0]], dtype=torch.float32)
    assert bool(torch.isfinite(x).all())


def test_refusals():
    for bad in ({"alpha": 0.0}, {"scale": -1.0}, {"kind": "elliptic"}, {"kind": "mixing"}, {"matrix": [[1.0]]},
                {"dtype": torch.float16}, {"seed": -1}, {"shape": (3, -1)}, {"kind": "isotropic", "shape": ()},
                {"kind": "mixing", "matrix": [[1.0]], "shape": (4, 2)}):  # fmt: skip
        with pytest.raises(InvalidInput, match="Expected"):
            stable.sample(**{"alpha": 1.5, "shape": (4, 3)} | bad)
    with pytest.raises(DeviceUnavailable):
        stable.sample(1.5, 3, device="cuda:77")
