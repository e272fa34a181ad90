"""SGLD to the standard of torch.optim: its update, its law, its state, its messages."""

import copy
import io
import math

import numpy as np
import pytest
import torch

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.optim import SGLD
from tests.statistics import assert_agrees, assert_control_fails


def parameter(*values):
    return torch.nn.Parameter(torch.tensor(values, dtype=torch.float64))


def quadratic_step(optimizer, *params, curvature=1.0):
    optimizer.zero_grad()
    loss = sum((p**2).sum() for p in params) * curvature / 2
    loss.backward()
    optimizer.step()


def test_zero_temperature_is_torch_sgd():
    ours, theirs = parameter(0.3, -0.7), parameter(0.3, -0.7)
    mine = SGLD([ours], lr=0.1, temperature=0.0, weight_decay=0.2)
    reference = torch.optim.SGD([theirs], lr=0.1, weight_decay=0.2)
    for _ in range(5):
        quadratic_step(mine, ours)
        quadratic_step(reference, theirs)
    assert torch.equal(ours, theirs)
    up = parameter(0.3, -0.7)
    optimizer = SGLD([up], lr=0.1, temperature=0.0, maximize=True)
    quadratic_step(optimizer, up)
    torch.testing.assert_close(up.detach(), torch.tensor([0.33, -0.77], dtype=torch.float64))


def test_the_update_is_gradient_and_noise():
    p, generator = parameter(1.0, 2.0), torch.Generator().manual_seed(3)
    before = p.detach().clone()
    quadratic_step(SGLD([p], lr=0.1, temperature=0.4, seed=3), p)
    noise = torch.randn(2, dtype=torch.float64, generator=generator)
    torch.testing.assert_close(p.detach(), 0.9 * before + math.sqrt(2 * 0.1 * 0.4) * noise, rtol=0, atol=1e-15)


def test_stationary_variance_on_a_quadratic():
    lr, heat, h = 0.2, 0.5, 2.0
    p = torch.nn.Parameter(torch.zeros(40_000, dtype=torch.float64))
    optimizer = SGLD([p], lr=lr, temperature=heat, seed=0)
    for _ in range(60):  # forgets by 0.6 a step
        p.grad = h * p.detach()
        optimizer.step()
    squares = p.detach().numpy() ** 2
    stderr = squares.std() / math.sqrt(len(squares))
    exact = heat / (h * (1 - lr * h / 2))
    assert_agrees(squares.mean(), stderr, exact)
    assert_control_fails(squares.mean(), stderr, heat / h)
    assert_control_fails(squares.mean(), stderr, 1.05 * exact)


def test_the_path_is_that_of_the_chain():
    """The same numbers through the optimizer and through the process of the same name."""
    lr, heat = 0.05, 0.1
    process = et.sgld(et.landscapes.double_well(), lr=lr, temperature=heat)
    chain, variable = process.chain, process.variables[0]
    p, generator, draws = parameter(-1.0), torch.Generator().manual_seed(7), torch.Generator().manual_seed(7)
    optimizer, now = SGLD([p], lr=lr, temperature=heat, generator=generator), -1.0
    for _ in range(30):
        optimizer.zero_grad()
        ((p**2 - 1) ** 2 / 4).sum().backward()
        optimizer.step()
        z = torch.randn(1, dtype=torch.float64, generator=draws).item()
        gradient = chain.stages[0][1].subs({variable: now})
        now = float(chain.update[0].subs({chain.stages[0][0]: gradient, variable: now, chain.normals[0]: z}))
    assert p.item() == pytest.approx(now, abs=1e-13)


def test_foreach_draws_the_same_numbers():
    trails = []
    for foreach in (False, True):
        params = [parameter(0.1, 0.2), parameter(-0.3)]
        optimizer = SGLD(params, lr=0.1, temperature=0.2, weight_decay=0.1, maximize=True, foreach=foreach, seed=1)
        for _ in range(4):
            quadratic_step(optimizer, *params)
        trails.append(torch.cat([p.detach() for p in params]))
    assert torch.equal(*trails)


def test_groups_keep_their_options():
    cold, hot = parameter(1.0), parameter(1.0)
    optimizer = SGLD(
        [{"params": [cold], "temperature": 0.0}, {"params": [hot], "lr": 0.5}], lr=0.1, temperature=1.0, seed=0
    )
    quadratic_step(optimizer, cold, hot)
    assert cold.item() == 0.9
    noise = torch.randn(1, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).item()
    assert hot.item() == pytest.approx(0.5 + noise, abs=1e-15)
    late = parameter(2.0)
    optimizer.add_param_group({"params": [late], "lr": 0.25, "temperature": 0.0})
    quadratic_step(optimizer, late)
    assert late.item() == 1.5


def test_parameters_without_gradients_stay_and_draw_nothing():
    still, moved = parameter(1.0), parameter(1.0)
    optimizer = SGLD([still, moved], lr=0.1, temperature=1.0, seed=0)
    quadratic_step(optimizer, moved)
    assert still.item() == 1.0
    noise = torch.randn(1, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).item()
    assert moved.item() == pytest.approx(0.9 + math.sqrt(0.2) * noise, abs=1e-15)


def test_closures_and_schedulers():
    p = parameter(1.0)
    optimizer = SGLD([p], lr=0.5, temperature=0.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)

    def closure():
        optimizer.zero_grad()
        loss = (p**2).sum() / 2
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 0.5
    scheduler.step()
    assert optimizer.step(closure).item() == 0.125
    assert p.item() == 0.375
    assert SGLD([parameter(0.0)], lr=torch.tensor(0.1), temperature=0.0).step() is None


def test_a_loaded_state_continues_the_path():
    p = parameter(0.5, -0.5)
    optimizer = SGLD([p], lr=0.1, temperature=0.3, seed=11)
    for _ in range(3):
        quadratic_step(optimizer, p)
    file = io.BytesIO()
    torch.save(optimizer.state_dict(), file)
    file.seek(0)
    saved, q = torch.load(file, weights_only=True), torch.nn.Parameter(p.detach().clone())
    again = SGLD([q], lr=0.9, temperature=0.0, seed=99)
    again.load_state_dict(saved)
    twin = copy.deepcopy(p)
    fresh = SGLD([twin], lr=0.1, temperature=0.3, seed=11)
    for _ in range(3):
        quadratic_step(optimizer, p)
        quadratic_step(again, q)
        quadratic_step(fresh, twin)
    assert torch.equal(p, q)
    assert not torch.equal(p, twin)
    unseeded = SGLD([q], lr=0.1, temperature=0.3)
    assert "generators" not in unseeded.state_dict()
    unseeded.load_state_dict(saved)
    again.load_state_dict(unseeded.state_dict())


def test_the_global_generator_is_used_by_default():
    ends = []
    for seed in (4, 4, 5):
        torch.manual_seed(seed)
        p = parameter(0.0)
        quadratic_step(SGLD([p], lr=0.1, temperature=0.3), p)
        ends.append(p.item())
    assert ends[0] == ends[1] != ends[2]


def test_float32_stays_float32():
    p = torch.nn.Parameter(torch.ones(3))
    quadratic_step(SGLD([p], lr=0.1, temperature=0.3, seed=0), p)
    assert p.dtype == torch.float32
    assert np.isfinite(p.detach().numpy()).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": -0.1}, "lr as a finite number that is not negative, got -0.1"),
        ({"lr": math.inf}, "lr"),
        ({"lr": torch.ones(2)}, "one element"),
        ({"temperature": -1.0}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"weight_decay": math.nan}, "weight_decay"),
        ({"seed": 1, "generator": torch.Generator()}, "got both"),
    ],
)
def test_bad_options_are_told(options, message):
    with pytest.raises(InvalidInput, match=message):
        SGLD([parameter(1.0)], **({"lr": 0.1, "temperature": 0.1} | options))


def test_bad_options_of_a_group_and_bad_gradients_are_told():
    with pytest.raises(InvalidInput, match="temperature"):
        SGLD([{"params": [parameter(1.0)], "temperature": -1.0}], lr=0.1, temperature=0.1)
    p = torch.nn.Parameter(torch.ones(3))
    p.grad = torch.sparse_coo_tensor([[0]], [1.0], (3,), check_invariants=False)
    with pytest.raises(InvalidInput, match="dense"):
        SGLD([p], lr=0.1, temperature=0.1).step()
    z = torch.nn.Parameter(torch.ones(1, dtype=torch.complex64))
    z.grad = torch.ones(1, dtype=torch.complex64)
    with pytest.raises(InvalidInput, match="view_as_real"):
        SGLD([z], lr=0.1, temperature=0.1).step()
