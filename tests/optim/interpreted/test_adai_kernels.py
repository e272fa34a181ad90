"""The kernels of a card, interpreted on the CPU, against the loop."""

import pytest
import torch

from escapetime.optim import Adai, _adai_cuda, _adai_fused

OPTIONS = {
    "plain": {},
    "L2, ascent": {"weight_decay": 0.1, "maximize": True},
    "decoupled": {"weight_decay": 0.1, "decoupled": True},
    "dampening of a half": {"dampening": 0.5, "weight_decay": 0.1},
    "no dampening": {"dampening": 0.0},
    "beta2 zero": {"betas": (0.5, 0.0)},
}
SHAPES = [(3, 4), (1100,), (), (0,), (2, 3, 4, 5)]  # the second has two blocks


@pytest.fixture(autouse=True)
def on_the_card(monkeypatch):
    monkeypatch.setattr(_adai_fused, "form", lambda batch: _adai_cuda)


def steps(fused, dtype=torch.float64, count=5, spoil=None, rounded=torch.float64, **options):
    draw = torch.Generator().manual_seed(0)

    def normal(shape):
        return torch.randn(shape, dtype=torch.float64, generator=draw).to(rounded).to(dtype)

    params = [torch.nn.Parameter(normal(s)) for s in SHAPES]
    params[4].data = params[4].data.to(memory_format=torch.channels_last)
    optimizer = Adai(params, lr=0.1, fused=fused, **options)
    for k in range(count):
        for i, p in enumerate(params):
            p.grad = normal(p.shape) * 2.0**i
            p.grad = None if i == 0 and k < 2 else p.grad
        if spoil:
            spoil(k, params)
        optimizer.step()
    return params, optimizer


@pytest.mark.parametrize("case", OPTIONS)
def test_kernels_do_what_the_loop_does(case):
    for p, q in zip(steps(True, **OPTIONS[case])[0], steps(None, **OPTIONS[case])[0], strict=True):
        torch.testing.assert_close(p, q, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_kernels_in_smaller_types(dtype):
    """They compute in float32 and store what the type holds: some roundings of it in three steps."""
    small, exact = steps(True, dtype, 3, rounded=dtype), steps(None, count=3, rounded=dtype)
    near = 12 * torch.finfo(dtype).eps
    for p, q in zip(small[0], exact[0], strict=True):
        assert p.dtype == small[1].state[p]["exp_avg"].dtype == dtype
        torch.testing.assert_close(p.double(), q, rtol=near, atol=near)


def test_without_gradients_in_size_the_ratio_is_one():
    def spoil(k, params):
        for p in params:
            p.grad = torch.zeros_like(p)

    params, optimizer = steps(True, count=3, spoil=spoil, betas=(0.3, 0.9))
    expected = torch.full((1100,), 1 - 0.7**3, dtype=torch.float64)
    torch.testing.assert_close(optimizer.state[params[1]]["correction"], expected)
    assert torch.equal(params[1], steps(True, count=0)[0][1])


def test_what_is_not_a_number_is_seen_everywhere():
    def spoil(k, params):
        params[1].grad[7] = torch.nan

    assert all(torch.isnan(p).all() for p in steps(True, count=3, spoil=spoil)[0])


def test_a_device_skips_steps_by_itself(monkeypatch):
    """No step is counted, and nothing changes, where the scaler has found what is not finite."""
    (expected, _), (params, optimizer) = steps(True, count=4), steps(True, count=4)

    def told(batch):
        batch.found_inf = torch.ones(())
        return gather(batch)

    gather = _adai_cuda.gather
    monkeypatch.setattr(_adai_cuda, "gather", told)
    optimizer.step()
    for p, q in zip(params, expected, strict=True):
        assert torch.equal(p, q)
    assert optimizer.state[params[1]]["step"] == 4
    monkeypatch.undo()
    optimizer.step()  # the fixture is undone with it: this is the CPU's
    assert optimizer.state[params[1]]["step"] == 5
