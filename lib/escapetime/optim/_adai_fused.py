"""Which compiled kernels there are for a batch, and what gradient scaling asks of them."""

from __future__ import annotations

from importlib.util import find_spec
from types import ModuleType

import torch

from escapetime.optim._adai_batch import Batch
from escapetime.optim._options import NotSupported

TYPES = {"cpu": {torch.float32, torch.float64}}
TYPES["cuda"] = TYPES["cpu"] | {torch.float16, torch.bfloat16}
NEEDS = {"cpu": ("numba", "compiled"), "cuda": ("triton", "gpu")}


def form(batch: Batch) -> ModuleType:
    """Return the module that updates this batch."""
    device = batch.device.type
    if batch.dtype not in TYPES.get(device, ()):
        raise NotSupported(
            "Expected parameters in float32 or float64, or on a CUDA device in float16 or bfloat16, with fused=True; "
            f"got {batch.dtype} on {device}: leave fused out."
        )
    package, extra = NEEDS[device]
    if find_spec(package) is None:
        raise NotSupported(f"fused=True on {device} needs {package}: pip install 'escapetime[{extra}]'.")
    if device == "cuda":
        from escapetime.optim import _adai_cuda

        return _adai_cuda
    from escapetime.optim import _adai_cpu

    return _adai_cpu


def unscale(batches: list[Batch], scale: torch.Tensor | None, found_inf: torch.Tensor | None) -> list[Batch]:
    """Divide gradients by the scale where they are, as ``torch.amp.GradScaler`` would; none are left to skip a step."""
    if found_inf is not None and any(batch.device.type == "cpu" for batch in batches) and found_inf.item():
        return []
    if scale is not None:
        for batch in batches:
            torch._foreach_mul_(batch.grads, scale.double().reciprocal().to(batch.device, batch.wide))
    if found_inf is None:
        return batches
    return [Batch(batch.group, batch.tensors, found_inf.to(batch.device)) for batch in batches]
