"""Adai against its transcription, in all forms; and what is defined where the algorithm is silent."""

import math

import numpy as np
import pytest
import sympy as sp
import torch

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.optim import Adai, AdaiW
from tests.optim.adai_transcribed import Transcribed

FORMS = {
    "loop": {}, "foreach": {"foreach": True}, "fused": {"fused": True}, "capturable": {"capturable": True},
    "capturable foreach": {"capturable": True, "foreach": True}, "differentiable": {"differentiable": True},
}  # fmt: skip
FAST = ("loop", "foreach", "fused")
STEPS = {"loop": 500, "fused": 500}  # the other forms do the operations of the loop
SHAPES = ((3, 4), (5,), ())


def parameters(shapes=SHAPES, dtype=torch.float64, seed=0):
    numbers = torch.Generator().manual_seed(seed)
    return [torch.nn.Parameter(torch.randn(s, dtype=dtype, generator=numbers)) for s in shapes]


def adai(params, *args, form="loop", **options):
    """An optimizer that updates in this form, without keeping graphs where it could."""
    optimizer = Adai(params, *args, **FORMS[form], **options)
    optimizer.defaults["differentiable"] = False
    return optimizer


def compare(steps, groups, form, present=lambda k, i: True, wrong=(), **options):
    """Follow both, with gradients that depend on where they are and are noisy at scales of their own."""
    params = parameters()
    mine = [{**g, "params": [params[i] for i in g["params"]]} for g in groups]
    arrays = [p.detach().numpy().copy() for p in params]
    theirs = [{**g, "lr": g.get("lr", 0.05), "params": [arrays[i] for i in g["params"]]} for g in groups]
    optimizer, reference = adai(mine, 0.05, form=form, **options), Transcribed(theirs, **options | dict(wrong))
    draw = np.random.default_rng(1)
    for k in range(steps):
        noise = [draw.standard_normal(a.shape) * 10.0 ** (i - 1) for i, a in enumerate(arrays)]
        gradients = [a + n if present(k, i) else None for i, (a, n) in enumerate(zip(arrays, noise, strict=True))]
        for p, g in zip(params, gradients, strict=True):
            p.grad = None if g is None else torch.tensor(g)
        optimizer.step()
        reference.step([[gradients[i] for i in g["params"]] for g in groups])
    for p, a in zip(params, arrays, strict=True):
        np.testing.assert_allclose(p.detach().numpy(), a, rtol=1e-12, atol=1e-12)


ONE, TWO = [{"params": [0, 1, 2]}], [{"params": [0, 2]}, {"params": [1], "betas": (0.7, 0.9), "lr": 0.01}]
CASES = {
    "plain": (ONE, {}),
    "L2": (ONE, {"weight_decay": 0.03}),
    "decoupled": (ONE, {"weight_decay": 0.03, "decoupled": True}),
    "two groups": (TWO, {"weight_decay": 0.01}),
    "dampening of a half": (TWO, {"dampening": 0.5, "weight_decay": 0.01, "decoupled": True}),
    "no dampening, ascent": (ONE, {"dampening": 0.0, "maximize": True, "weight_decay": 2.0}),
    "dampening between": (ONE, {"dampening": 0.3}),
    "beta2 zero, large beta0 and eps": (ONE, {"betas": (2.5, 0.0), "eps": 0.05}),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES)
def test_five_hundred_steps_of_the_transcription(case, form):
    groups, options = CASES[case]
    compare(STEPS.get(form, 50), groups, form, **options)


@pytest.mark.parametrize("form", FAST)
def test_gradients_come_and_go(form):
    compare(STEPS.get(form, 50), TWO, form, present=lambda k, i: (k * 7 + i * 3) % 5 != 0, weight_decay=0.01)


@pytest.mark.parametrize("form", FORMS)
def test_a_first_gradient_comes_late(form):
    compare(STEPS.get(form, 60), ONE, form, present=lambda k, i: i != 1 or k >= 40)


@pytest.mark.parametrize("wrong", [{"betas": (0.1 + 1e-10, 0.99)}, {"eps": 1.0001e-3}, {"dampening": 1 - 1e-10}])
def test_the_comparison_would_notice(wrong):
    with pytest.raises(AssertionError):
        compare(30, ONE, "loop", wrong=wrong)


def test_the_mean_is_over_all_groups():
    params = parameters([(3,), (3,)])
    together, alone = adai([{"params": [p]} for p in params], 0.1), adai([params[0]], 0.1)
    for p, size in zip(params, (1.0, 7.0), strict=True):
        p.grad = torch.full_like(p, size)
    alone.step()
    together.step()
    assert (alone.state[params[0]]["correction"] == 0.1).all()
    torch.testing.assert_close(together.state[params[0]]["correction"], torch.full((3,), 0.1 / 25).double())


@pytest.mark.parametrize("form", FAST)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_inertia_does_not_depend_on_the_scale_of_gradients(form, dtype):
    weights = {}
    for scale in (1e-6, 2.0**-20, 1.0, 2.0**20, 1e6):
        (p,), draw = parameters([(50,)], dtype), torch.Generator().manual_seed(3)
        optimizer = adai([p], lr=0.0, form=form)
        spread = torch.logspace(-2, 1, 50, dtype=dtype)
        for _ in range(20):
            p.grad = scale * spread * torch.randn(50, dtype=dtype, generator=draw)
            optimizer.step()
        weights[scale] = optimizer.state[p]["correction"]
    assert weights[1.0].min() < 0.03
    assert weights[1.0].max() == 1
    assert torch.equal(weights[2.0**-20], weights[1.0])  # powers of two scale without rounding
    assert torch.equal(weights[2.0**20], weights[1.0])
    for scale in (1e-6, 1e6):  # a few roundings in each of 20 steps
        torch.testing.assert_close(weights[scale], weights[1.0], rtol=100 * torch.finfo(dtype).eps, atol=0)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dampening", [1.0, 0.5])
def test_without_gradients_in_size_the_ratio_is_one(form, dampening):
    """Inertia is then 1 - beta0, as with equal gradients of any other size."""
    for size in (0.0, 1e-25, 1.0):
        p = torch.nn.Parameter(torch.ones(4))
        optimizer = adai([p], lr=0.1, betas=(0.3, 0.99), dampening=dampening, form=form)
        for _ in range(3):
            p.grad = torch.full((4,), size)
            optimizer.step()
        assert torch.isfinite(p).all()
        torch.testing.assert_close(optimizer.state[p]["correction"], torch.full((4,), 1 - 0.7**3))
        if size == 0:
            assert (p == 1).all()


@pytest.mark.parametrize("form", FAST)
def test_gradients_that_die_out_move_parameters_no_further(form):
    p = torch.nn.Parameter(torch.ones(3))
    optimizer = adai([p], lr=0.1, betas=(0.1, 0.5), form=form)
    p.grad = torch.tensor([1.0, 0.1, 0.0])
    for k in range(400):  # second moments fall through all numbers below the normal ones
        optimizer.step()
        if k == 0:
            p.grad = torch.zeros(3)
    assert torch.isfinite(p).all()
    assert p[2] == 1


@pytest.mark.parametrize("form", FAST)
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_not_a_number_is_seen_everywhere(form, bad):
    params = parameters([(4,), (3,)])
    optimizer = adai(params, lr=0.1, form=form)
    for p in params:
        p.grad = torch.ones_like(p)
    params[0].grad[1] = bad
    optimizer.step()
    assert not torch.isfinite(params[0][1])
    if math.isnan(bad):
        assert all(torch.isnan(p).all() for p in params)


@pytest.mark.parametrize("form", FAST)
def test_a_single_number_is_heavy_ball_with_bias_correction(form):
    p = torch.nn.Parameter(torch.tensor(1.0, dtype=torch.float64))
    optimizer, theta, m = adai([p], lr=0.1, betas=(0.25, 0.9), form=form), 1.0, 0.0
    for k in range(1, 30):
        p.grad = p.detach() * (-1.5) ** (k % 3)
        m = 0.75 * m + 0.25 * theta * (-1.5) ** (k % 3)
        theta -= 0.1 * m / (1 - 0.75**k)
        optimizer.step()
        assert p.item() == pytest.approx(theta, rel=1e-12)


@pytest.mark.parametrize("form", FAST)
def test_the_first_step_is_that_of_sgd(form):
    """To a few roundings of its two terms, whatever the inertia of an element."""
    params = parameters(dtype=torch.float32)
    before = [p.detach().double() for p in params]
    for p in params:
        p.grad = torch.randn_like(p) * 10.0 ** torch.randint(-4, 4, p.shape)
    adai(params, lr=0.1, form=form).step()
    for p, old in zip(params, before, strict=True):
        change = 0.1 * p.grad.double()
        assert ((p - (old - change)).abs() <= 4 * torch.finfo(torch.float32).eps * (old.abs() + change.abs())).all()


@pytest.mark.parametrize("options", [{}, {"dampening": 0.5, "weight_decay": 0.1},
                                     {"weight_decay": 0.1, "decoupled": True}])  # fmt: skip
def test_the_path_is_that_of_the_chain(options):
    """The same gradients through the optimizer and through the process of the same name."""
    x, y = sp.symbols("x y", real=True)
    loss = et.Landscape((x**2 - 1) ** 2 / 4 + 3 * y**2, (x, y))
    chain = et.adai(loss, lr=0.1, betas=(0.2, 0.9), covariance=sp.eye(2), **options)
    names = [*chain.variables, *chain.memory]
    update = sp.lambdify([*names, *chain.normals], _substituted(chain), "math")
    p, draw = torch.nn.Parameter(torch.tensor([0.5, -1.0], dtype=torch.float64)), np.random.default_rng(5)
    optimizer, state = Adai([p], lr=0.1, betas=(0.2, 0.9), **options), [0.5, -1.0, *chain.memory.values()]
    for _ in range(6):
        z = draw.standard_normal(2)
        slope = torch.stack((p[0] ** 3 - p[0], 6 * p[1])).detach()
        p.grad = slope + torch.tensor(z)
        optimizer.step()
        state = update(*[float(s) for s in state], *z)
    np.testing.assert_allclose(p.detach().numpy(), state[:2], rtol=1e-11)


def _substituted(chain):
    known = {}
    for name, expression in chain.stages:
        known[name] = sp.sympify(expression).subs(known)
    return [sp.sympify(e).subs(known) for e in chain.update]


@pytest.mark.parametrize("form", FAST)
def test_complex_parameters_are_pairs_of_real_ones(form):
    z = torch.nn.Parameter(torch.randn(4, 2, dtype=torch.complex128))
    pair, other = torch.nn.Parameter(torch.view_as_real(z.detach()).clone()), parameters([(3,)])[0]
    others = other, torch.nn.Parameter(other.detach().clone())
    first, second = (adai(ps, lr=0.1, weight_decay=0.1, maximize=True, form=form)
                     for ps in ([z, others[0]], [pair, others[1]]))  # fmt: skip
    for _ in range(5):
        z.grad = torch.randn(4, 2, dtype=torch.complex128)
        pair.grad = torch.view_as_real(z.grad).clone()
        for p in others:
            p.grad = torch.ones(3, dtype=torch.float64)
        first.step()
        second.step()
    torch.testing.assert_close(torch.view_as_real(z.detach()), pair.detach(), rtol=0, atol=0)
    torch.testing.assert_close(*others, rtol=0, atol=0)
    assert first.state[z]["exp_avg"].is_complex()


@pytest.mark.parametrize("form", ["loop", "foreach", "capturable", "capturable foreach"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_small_types_stay_near_float32(form, dtype):
    wide, small = torch.nn.Parameter(torch.ones(64)), torch.nn.Parameter(torch.ones(64, dtype=dtype))
    a, b = adai([wide], lr=0.1, form=form), adai([small], lr=0.1, form=form)
    draw, spread = torch.Generator().manual_seed(0), torch.logspace(-2, 0, 64)
    for k in range(10):
        small.grad = (spread * torch.randn(64, generator=draw)).to(dtype)
        wide.grad = small.grad.float()
        a.step()
        b.step()
        if k == 0:  # an inertia of 0.999 loses nothing, which would be 1 in either type
            torch.testing.assert_close(b.state[small]["correction"].float(), a.state[wide]["correction"],
                                       rtol=0.02, atol=0)  # fmt: skip
    assert small.dtype == b.state[small]["exp_avg"].dtype == dtype
    torch.testing.assert_close(small.float(), wide, rtol=0, atol=0.06)


@pytest.mark.parametrize("form", FORMS)
def test_memory_in_any_order(form):
    """Strides of a parameter, of its gradient, both, and none at all (nothing in it) change nothing."""
    base = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    makers = {
        "contiguous": lambda t: t.clone(),
        "channels last": lambda t: t.clone(memory_format=torch.channels_last),
        "transposed": lambda t: t.permute(3, 1, 0, 2).contiguous().permute(2, 1, 3, 0),
        "with gaps": lambda t: torch.zeros(2, 3, 4, 10, dtype=torch.float64)[..., ::2].copy_(t),
    }
    ends = []
    for name, make in makers.items():
        for other in ("contiguous", name):
            p, empty = torch.nn.Parameter(make(base)), torch.nn.Parameter(torch.empty(0, 3, dtype=torch.float64))
            optimizer = adai([empty, p], lr=0.1, weight_decay=0.1, form=form)
            for k in range(3):
                gradient = makers[other](base.cos() * (k + 1))
                p.grad, empty.grad = gradient, torch.empty_like(empty)
                optimizer.step()
                assert torch.equal(gradient, base.cos() * (k + 1))
            assert p.stride() == make(base).stride()
            ends.append(p.detach().contiguous())
    for end in ends:  # the mean is added up in another order; some numbers are small differences
        torch.testing.assert_close(end, ends[0], rtol=1e-13, atol=1e-14)


def test_nothing_to_do():
    empty = torch.nn.Parameter(torch.empty(0))
    for form in FAST:
        optimizer = adai([empty], lr=0.1, form=form)
        optimizer.step()
        empty.grad = torch.empty(0)
        optimizer.step()
        assert optimizer.state[empty]["exp_avg"].shape == (0,)


def test_sparse_gradients_are_refused():
    words = torch.nn.Embedding(3, 3, sparse=True)
    words(torch.tensor([1])).sum().backward()
    for kind in (InvalidInput, RuntimeError):  # the latter is what torch raises
        with pytest.raises(kind, match="Expected dense gradients, got a sparse one: make the embedding with sparse=Fa"):
            Adai([words.weight], lr=0.1).step()


def test_adaiw_is_adai_with_decoupled_decay():
    ends = []
    for kind, options in ((AdaiW, {}), (Adai, {"decoupled": True}), (Adai, {})):
        params = parameters()
        optimizer = kind(params, 0.1, weight_decay=0.2, **options)
        for _ in range(3):
            for p in params:
                p.grad = p.detach().sin()
            optimizer.step()
        ends.append(torch.cat([p.detach().flatten() for p in params]))
    assert torch.equal(ends[0], ends[1])
    assert not torch.allclose(ends[0], ends[2])
