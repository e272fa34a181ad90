"""Workload A as users of other tools run it on a card; each returns the particle-steps it was asked for."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

from tests.benchmarks import peers
from tests.benchmarks.harness import Contestant


def contestants(device: str, paths: int, steps: int, target: float | None) -> list[Contestant]:
    """Return plain torch, and torchsde where it is installed."""

    def there(work: Callable[[], float]) -> float:
        import torch

        with torch.device(device):
            done = work()
        if device.startswith("cuda"):
            torch.cuda.synchronize()
        return done

    found = [
        Contestant(f"torch eager, {dtype}", partial(there, partial(peers.torch_eager, paths, steps, dtype)))
        for dtype in ("float32", "float64")
    ]
    if find_spec("torchsde"):
        documented = partial(torchsde_euler, device, paths, max(steps // 4, 2), cheap=False)
        cheap = partial(torchsde_euler, device, paths, steps, cheap=True)
        found += [
            Contestant("torchsde as documented", partial(there, documented), target),
            Contestant("torchsde, cheap Brownian motion", partial(there, cheap)),
        ]
    return found


def torchsde_euler(device: str, paths: int, steps: int, cheap: bool) -> float:
    """torchsde's Euler scheme with its own Brownian motion, or with one that draws and forgets."""
    import torch
    import torchsde

    class Well(torch.nn.Module):
        noise_type, sde_type = "diagonal", "ito"

        def f(self, t, x):  # type: ignore[no-untyped-def]
            return x - x**3

        def g(self, t, x):  # type: ignore[no-untyped-def]
            return torch.full_like(x, math.sqrt(2 * peers.D))

    class Forgetful:
        shape, dtype, levy_area_approximation = (paths, 1), torch.float32, "none"

        def __init__(self) -> None:
            self.device = start.device

        def __call__(self, ta, tb=None, return_U=False, return_A=False):  # type: ignore[no-untyped-def]
            return torch.randn(paths, 1, device=device) * math.sqrt(float(tb) - float(ta))

    # times are read by the host
    start, times = torch.full((paths, 1), peers.START), torch.tensor([0.0, steps * peers.DT], device="cpu")
    with torch.no_grad():
        options = {"bm": Forgetful()} if cheap else {}
        torchsde.sdeint(Well(), start, times, method="euler", dt=peers.DT, **options)
    return paths * steps
