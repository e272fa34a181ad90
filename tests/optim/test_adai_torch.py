"""What torch asks of its own optimizers, asked of Adai."""

import copy
import io
import pickle

import pytest
import torch
from torch.optim import lr_scheduler

from escapetime.optim import Adai, AdaiW

FORMS = {"loop": {}, "foreach": {"foreach": True}, "fused": {"fused": True}}
LR = torch.tensor(0.05)


def network(seed=0, dtype=torch.float32):
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(6, 9), torch.nn.Tanh(), torch.nn.Linear(9, 1)).to(dtype)


def loss_of(model, seed=1):
    draw = torch.Generator().manual_seed(seed)
    data = torch.randn(16, 6, generator=draw).to(next(model.parameters()).dtype)
    return ((model(data) - data.sum(1, keepdim=True)) ** 2).mean()


def train(model, optimizer, steps, first=0, sign=1):
    for k in range(first, first + steps):
        optimizer.zero_grad()
        (sign * loss_of(model, k)).backward()
        optimizer.step()
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def groups(model, **last):
    return [{"params": model[0].parameters(), "betas": (0.3, 0.9)}, {"params": model[2].parameters(), **last}]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("way", ["state_dict", "deepcopy", "pickle"])
def test_saved_optimizers_go_on_bit_for_bit(form, way):
    model = network()
    optimizer = AdaiW(groups(model, lr=0.01), lr=0.05, weight_decay=0.01, dampening=0.5, **FORMS[form])
    train(model, optimizer, 5)
    if way == "state_dict":
        twin, file = copy.deepcopy(model), io.BytesIO()
        torch.save(optimizer.state_dict(), file)
        file.seek(0)
        again = Adai(groups(twin), lr=9.0, **FORMS[form])
        again.load_state_dict(torch.load(file, weights_only=True))
    else:
        both = (model, optimizer)
        twin, again = copy.deepcopy(both) if way == "deepcopy" else pickle.loads(pickle.dumps(both))
    before = torch.cat([p.detach().flatten() for p in model.parameters()])
    assert torch.equal(train(model, optimizer, 20, 5), train(twin, again, 20, 5))
    assert not torch.equal(train(model, optimizer, 1, 25), before)


def test_a_state_that_was_not_loaded_makes_a_difference():
    model = network()
    optimizer = Adai(model.parameters(), lr=0.05)
    train(model, optimizer, 5)
    twin = copy.deepcopy(model)
    assert not torch.equal(train(model, optimizer, 20, 5), train(twin, Adai(twin.parameters(), lr=0.05), 20, 5))


def test_states_pass_between_forms():
    ends = []
    for form in FORMS:
        model = network(dtype=torch.float64)
        optimizer = Adai(model.parameters(), lr=0.05)
        train(model, optimizer, 3)
        other = Adai(model.parameters(), lr=1.0)
        state = optimizer.state_dict()
        state["param_groups"][0].update(FORMS[form])
        other.load_state_dict(state)
        ends.append(train(model, other, 5, 3))
    for end in ends:
        torch.testing.assert_close(end, ends[0], rtol=1e-12, atol=1e-13)


def test_older_states_are_understood():
    model = network()
    optimizer = Adai(model.parameters(), lr=0.05, maximize=True)
    train(model, optimizer, 3)
    state = copy.deepcopy(optimizer.state_dict())
    for name in ("maximize", "foreach", "fused", "capturable", "differentiable", "dampening", "decoupled"):
        del state["param_groups"][0][name]
    for own in state["state"].values():
        own["step"] = own["step"].item()
    twin = copy.deepcopy(model)
    again = Adai(twin.parameters(), lr=0.05)
    again.load_state_dict(state)
    assert again.param_groups[0]["dampening"] == 1
    assert again.param_groups[0]["maximize"] is False
    assert all(torch.is_tensor(own["step"]) for own in again.state.values())
    optimizer.param_groups[0]["maximize"] = False
    assert torch.equal(train(model, optimizer, 3, 3), train(twin, again, 3, 3))
    sharp = AdaiW(twin.parameters(), lr=0.05)
    sharp.load_state_dict(state)
    assert sharp.param_groups[0]["decoupled"] is True


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_maximize_goes_up_as_minimize_goes_down(form, decay):
    ends = []
    for maximize in (False, True):
        model = network()
        optimizer = Adai(model.parameters(), lr=0.05, weight_decay=decay, maximize=maximize, **FORMS[form])
        ends.append(train(model, optimizer, 10, sign=-1 if maximize else 1))
    assert torch.equal(*ends)
    model = network()
    before = loss_of(model, 0).item()
    train(model, Adai(model.parameters(), lr=0.01, maximize=True, **FORMS[form]), 10)
    assert loss_of(model, 0).item() > before


@pytest.mark.parametrize("options", [{}, {"weight_decay": 0.1, "maximize": True}, {"dampening": 0.5},
                                     {"weight_decay": 0.1, "decoupled": True, "dampening": 0.0}])  # fmt: skip
def test_forms_agree(options):
    ends = {}
    for form in FORMS:
        model = network(dtype=torch.float64)
        ends[form] = train(model, Adai(groups(model), lr=0.02, **options, **FORMS[form]), 20)
    assert torch.equal(ends["foreach"], ends["loop"])
    torch.testing.assert_close(ends["fused"], ends["loop"], rtol=1e-12, atol=1e-13)


def test_forms_agree_where_types_are_mixed():
    """One mean over both types; each is updated in its own."""
    ends = {}
    for form in FORMS:
        torch.manual_seed(0)
        params = [torch.nn.Parameter(torch.randn(5, dtype=t)) for t in (torch.float32, torch.float64, torch.float32)]
        optimizer = Adai(params, lr=0.1, **FORMS[form])
        for _ in range(10):
            for i, p in enumerate(params):
                p.grad = torch.randn(5, dtype=torch.float64).to(p.dtype) * 10**i
            optimizer.step()
        ends[form] = torch.cat([p.detach().double() for p in params])
        assert optimizer.state[params[1]]["exp_avg_sq"].dtype == torch.float64
        assert optimizer.state[params[0]]["correction"].max() < 0.05  # 1e-4 of the mean
    torch.testing.assert_close(ends["foreach"], ends["loop"], rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(ends["fused"], ends["loop"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("options", [{}, {"fused": True}, {"capturable": True}, {"capturable": True, "foreach": True}])
@pytest.mark.parametrize("shape", [(), (1,)])
def test_a_learning_rate_may_be_a_tensor(options, shape):
    ends = []
    for lr in (torch.full(shape, 0.05, dtype=torch.float64), 0.05):
        model = network(dtype=torch.float64)
        optimizer = Adai(model.parameters(), lr=lr, weight_decay=0.1, decoupled=True, dampening=0.5, **options)
        train(model, optimizer, 3)
        if isinstance(lr, float):
            optimizer.param_groups[0]["lr"] = 0.01
        else:
            lr.fill_(0.01)  # changed where it is, as schedulers do
        ends.append(train(model, optimizer, 3, 3))
    torch.testing.assert_close(*ends, rtol=1e-12, atol=1e-13)


SCHEDULES = {
    "step": lambda o: lr_scheduler.StepLR(o, step_size=5, gamma=0.5),
    "exponential": lambda o: lr_scheduler.ExponentialLR(o, gamma=0.9),
    "cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=20),
    "restarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=7),
    "linear": lambda o: lr_scheduler.LinearLR(o, start_factor=0.1, total_iters=5),
    "one cycle": lambda o: lr_scheduler.OneCycleLR(o, max_lr=0.1, total_steps=30, cycle_momentum=False),
    "cyclic": lambda o: lr_scheduler.CyclicLR(o, base_lr=0.01, max_lr=0.1, step_size_up=5, cycle_momentum=False),
    "plateau": lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=2),
}


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("lr", [0.05, LR], ids=["number", "tensor"])
def test_schedulers(schedule, lr):
    model = network()
    optimizer = Adai(groups(model), lr=lr if lr is not LR else LR.clone())
    scheduler, before, rates = SCHEDULES[schedule](optimizer), loss_of(model, 0).item(), set()
    for _ in range(25):
        train(model, optimizer, 1)
        scheduler.step(*([1.0] if schedule == "plateau" else []))
        rates.add(float(optimizer.param_groups[1]["lr"]))
    assert len(rates) > 1
    assert optimizer.param_groups[0]["betas"] == (0.3, 0.9)
    assert loss_of(model, 0).item() < 0.8 * before


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("clip", [False, True])
def test_scaled_gradients(form, clip):
    """A scaler of gradients changes nothing, leaves them unscaled, and skips a step whose gradients overflow."""
    model, twin = network(dtype=torch.float64), network(dtype=torch.float64)
    optimizer, plain = (Adai(m.parameters(), lr=0.05, **FORMS[form]) for m in (model, twin))
    assert optimizer._step_supports_amp_scaling is (form == "fused")
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**12, growth_interval=3)
    for k in range(8):
        for m, o in ((model, optimizer), (twin, plain)):
            o.zero_grad()
            loss = loss_of(m, k)
            (scaler.scale(loss) if o is optimizer else loss).backward()
            if clip:
                if o is optimizer:
                    scaler.unscale_(o)
                torch.nn.utils.clip_grad_norm_(m.parameters(), 0.5)
        if k == 5:
            model[0].weight.grad[0, 0] = float("inf")
            before = copy.deepcopy((model.state_dict(), optimizer.state_dict()["state"]))
            if clip:  # the scaler has looked already
                model[0].weight.grad[0, 0] = 0.0
        if k == 5 and not clip:
            scaler.step(optimizer)
            after = (model.state_dict(), optimizer.state_dict()["state"])
            torch.testing.assert_close(after, before, rtol=0, atol=0)
            scaler.update()
            assert scaler.get_scale() == 2.0**12  # doubled after three steps, and halved
            continue
        if k == 5:
            twin[0].weight.grad[0, 0] = 0.0
        scaler.step(optimizer)
        scaler.update()
        plain.step()
        for p, q in zip(model.parameters(), twin.parameters(), strict=True):
            assert torch.equal(p.grad, q.grad)
    assert not hasattr(optimizer, "found_inf")
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.equal(p, q)


def test_first_steps_that_overflow_leave_no_trace():
    model = network()
    optimizer = Adai(model.parameters(), lr=0.05, fused=True)
    scaler = torch.amp.GradScaler("cpu")
    scaler.scale(loss_of(model)).backward()
    model[2].bias.grad.fill_(torch.inf)
    scaler.step(optimizer)
    assert all(own["step"] == 0 for own in optimizer.state.values())
    assert torch.equal(model[0].weight, network()[0].weight)


@pytest.mark.parametrize("form", FORMS)
def test_closures(form):
    model = network()
    optimizer = Adai(model.parameters(), lr=0.05, **FORMS[form])

    def closure():
        assert torch.is_grad_enabled()
        optimizer.zero_grad()
        loss = loss_of(model, 0)
        loss.backward()
        return loss

    with torch.no_grad():
        losses = [optimizer.step(closure).item() for _ in range(20)]
        assert not torch.is_grad_enabled()
    assert losses[0] == pytest.approx(loss_of(network(), 0).item())
    assert losses[-1] < losses[0]
    assert optimizer.step() is None


def test_hooks_of_steps():
    model, seen = network(), []
    optimizer = AdaiW(model.parameters(), lr=0.05)
    before = optimizer.register_step_pre_hook(lambda o, args, kwargs: seen.append(("before", o.state_dict()["state"])))
    after = optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append(("after", o.state_dict()["state"])))
    train(model, optimizer, 1)
    assert [when for when, _ in seen] == ["before", "after"]
    assert seen[0][1] == {}
    assert len(seen[1][1]) == 4
    before.remove()
    after.remove()
    train(model, optimizer, 1)
    assert len(seen) == 2


def test_hooks_of_states():
    model, seen = network(), []
    optimizer = Adai(model.parameters(), lr=0.05)
    train(model, optimizer, 1)
    optimizer.register_state_dict_pre_hook(lambda o: seen.append("pre"))
    optimizer.register_state_dict_post_hook(lambda o, state: state | {"note": 1})
    optimizer.register_load_state_dict_pre_hook(lambda o, state: seen.append(state["note"]))
    optimizer.register_load_state_dict_post_hook(lambda o: seen.append("post"))
    optimizer.load_state_dict(optimizer.state_dict())
    assert seen == ["pre", 1, "post"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("options", [{}, {"weight_decay": 0.1, "maximize": True}, {"dampening": 0.3}])
def test_gradients_are_not_touched(form, options):
    p = torch.nn.Parameter(torch.randn(3, 4))
    gradient = torch.randn(3, 4)
    p.grad, version, values = gradient, gradient._version, gradient.clone()
    optimizer = Adai([p], lr=0.1, **options, **FORMS[form])
    optimizer.step()
    optimizer.step()
    assert p.grad is gradient
    assert gradient._version == version
    assert torch.equal(gradient, values)


@pytest.mark.parametrize("form", FORMS)
def test_state_is_three_tensors_and_a_count(form):
    p, late = (torch.nn.Parameter(torch.randn(3, 4)) for _ in range(2))
    optimizer = Adai([p, late], lr=0.1, **FORMS[form])
    for k in range(3):
        p.grad, late.grad = torch.randn(3, 4), torch.randn(3, 4) if k == 2 else None
        optimizer.step()
    assert set(optimizer.state[p]) == {"step", "exp_avg", "exp_avg_sq", "correction"}
    for name in ("exp_avg", "exp_avg_sq", "correction"):
        assert optimizer.state[p][name].shape == p.shape
        assert not optimizer.state[p][name].requires_grad
    step = optimizer.state[p]["step"]
    assert (step.shape, step.dtype, step.device.type) == ((), torch.float32, "cpu")
    assert (step.item(), optimizer.state[late]["step"].item()) == (3, 1)


def test_groups_added_later_and_zeroed_gradients():
    model, late = network(), torch.nn.Parameter(torch.ones(2))
    optimizer = Adai(model.named_parameters(), lr=0.05)
    optimizer.add_param_group({"params": [("late", late)], "lr": 0.5, "betas": (1.0, 0.9)})
    assert optimizer.param_groups[1]["param_names"] == ["late"]
    assert optimizer.param_groups[1]["eps"] == 1e-3
    loss_of(model).backward()
    late.grad = torch.full((2,), 1e3)  # nearly all of the mean
    optimizer.step()
    assert torch.equal(late.detach(), torch.full((2,), 1 - 500.0))
    optimizer.zero_grad(set_to_none=False)
    assert (late.grad == 0).all()
    optimizer.zero_grad()
    assert late.grad is None
    assert "dampening: 1.0" in repr(optimizer)


@pytest.mark.parametrize("options", [{}, {"dampening": 0.5}, {"weight_decay": 0.3, "decoupled": True}])
def test_gradients_pass_through_steps(options):
    """Two steps as a function of parameter, gradients and learning rate, against finite differences."""
    torch.manual_seed(0)
    p, g, h = (torch.randn(3, dtype=torch.float64, requires_grad=True) for _ in range(3))
    lr = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)

    def two_steps(p, g, h, lr):
        here = p.clone()
        optimizer = Adai([here], lr=lr, betas=(0.4, 0.9), differentiable=True, **options)
        for gradient in (g, h):
            here.grad = gradient + 0.1 * p
            optimizer.step()
        return here, optimizer.state[here]["exp_avg"]

    assert torch.autograd.gradcheck(two_steps, (p, g, h, lr))
