"""What Adai refuses, and in which words."""

import math
import re
import subprocess
import sys

import pytest
import torch

from escapetime.errors import InvalidInput
from escapetime.optim import Adai, AdaiW

NOT_NEGATIVE = "a finite number that is not negative"


def parameter():
    return torch.nn.Parameter(torch.ones(2))


WRONG = [
    ({"lr": -0.1}, f"Expected lr as {NOT_NEGATIVE}, got -0.1."),
    ({"lr": math.inf}, f"Expected lr as {NOT_NEGATIVE}, got inf."),
    ({"lr": "fast"}, f"Expected lr as {NOT_NEGATIVE}, got 'fast'."),
    ({"lr": True}, f"Expected lr as {NOT_NEGATIVE}, got True."),
    ({"lr": torch.ones(2)}, "Expected lr as a number or a tensor of one element, got one of 2."),
    ({"lr": torch.tensor(-1.0)}, f"Expected lr as {NOT_NEGATIVE}, got tensor(-1.)."),
    ({"betas": 0.1}, "Expected betas as two numbers, got 0.1."),
    ({"betas": (0.1, 0.9, 0.99)}, "Expected betas as two numbers, got (0.1, 0.9, 0.99)."),
    ({"betas": (-0.1, 0.99)}, f"Expected betas[0] as {NOT_NEGATIVE}, got -0.1."),
    ({"betas": (math.nan, 0.99)}, f"Expected betas[0] as {NOT_NEGATIVE}, got nan."),
    ({"betas": (0.1, 1.0)}, "Expected betas[1] as a number from 0 to below 1, got 1.0."),
    ({"betas": (0.1, -0.5)}, "Expected betas[1] as a number from 0 to below 1, got -0.5."),
    ({"eps": 0.0}, "Expected eps as a number above 0 and up to 1, got 0.0."),
    ({"eps": 1.5}, "Expected eps as a number above 0 and up to 1, got 1.5."),
    ({"weight_decay": -1}, f"Expected weight_decay as {NOT_NEGATIVE}, got -1."),
    ({"dampening": -0.1}, "Expected dampening as a number from 0 to 1, got -0.1."),
    ({"dampening": 1.1}, "Expected dampening as a number from 0 to 1, got 1.1."),
    ({"foreach": True, "fused": True}, "`fused` and `foreach` cannot be `True` together."),
    ({"fused": True, "differentiable": True}, "`fused` does not support `differentiable`"),
    ({"foreach": True, "differentiable": True}, "`foreach` does not support `differentiable`"),
    ({"fused": True, "capturable": True}, "`fused` does not support `capturable`"),
    ({"lr": torch.tensor(0.1), "foreach": True},
     "lr as a Tensor is not supported for capturable=False and foreach=True"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "message"), WRONG, ids=lambda v: str(v)[:40])
@pytest.mark.parametrize("where", ["defaults", "group", "added group"])
def test_bad_options_are_told(options, message, where):
    make = {
        "defaults": lambda: Adai([parameter()], **{"lr": 0.1} | options),
        "group": lambda: Adai([{"params": [parameter()], **options}], lr=0.1),
        "added group": lambda: Adai([parameter()], lr=0.1).add_param_group({"params": [parameter()], **options}),
    }
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        make[where]()


def test_what_torch_raises_can_be_caught_as_torch_raises_it():
    for kind in (ValueError, RuntimeError):
        with pytest.raises(kind):
            Adai([parameter()], lr=0.1, foreach=True, fused=True)


def test_bounds_belong_to_the_range():
    for options in ({"lr": 0.0}, {"betas": (0, 0)}, {"betas": (5.0, 0.5)}, {"eps": 1.0}, {"dampening": 0}):
        p = parameter()
        p.grad = torch.ones(2)
        Adai([p], **{"lr": 0.1} | options).step()
        assert torch.isfinite(p).all()


def test_a_group_of_adaiw_is_decoupled_after_loading():
    p = parameter()
    assert AdaiW([p], lr=0.1).param_groups[0]["decoupled"] is True


@pytest.mark.parametrize(("params", "kind", "message"), [
    ([], ValueError, "optimizer got an empty parameter list"),
    (torch.ones(2), TypeError, "params argument given to the optimizer should be an iterable of Tensors or dicts"),
    (["weight"], TypeError, "optimizer can only optimize Tensors"),
    ([torch.ones(2, requires_grad=True) * 2], ValueError, "can't optimize a non-leaf Tensor"),
])  # fmt: skip
def test_what_is_no_list_of_parameters(params, kind, message):
    with pytest.raises(kind, match=message):
        Adai(params, lr=0.1)


def test_a_parameter_is_in_one_group():
    p = parameter()
    with pytest.raises(ValueError, match="some parameters appear in more than one parameter group"):
        Adai([{"params": [p]}, {"params": [p]}], lr=0.1)


def test_a_state_of_another_model_is_refused():
    state = Adai([parameter(), parameter()], lr=0.1).state_dict()
    with pytest.raises(ValueError, match="doesn't match the size of optimizer's group"):
        Adai([parameter()], lr=0.1).load_state_dict(state)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_kernels_refuse_what_they_cannot_do(dtype):
    p = torch.nn.Parameter(torch.ones(2, dtype=dtype))
    p.grad = torch.ones(2, dtype=dtype)
    name = "float16" if dtype.is_complex else str(dtype)[6:]
    message = (
        f"Expected parameters in float32 or float64, .* with fused=True; got torch.{name} on cpu: leave fused out."
    )
    with pytest.raises(InvalidInput, match=message):
        Adai([p], lr=0.1, fused=True).step()
    assert (p == 1).all()


def test_importing_loads_no_compiler():
    code = "import sys, escapetime.optim; print([m for m in ('numba', 'triton') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
