"""Drawing stable numbers, one thread: this project's sampler against scipy's and against the formula in torch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch

import escapetime as et
from tests.benchmarks.harness import Contestant

ALPHA = 1.5
COUNT = 1 << 20
_SEED = iter(range(1, 10**9))


def draw(count: int, **options: object) -> float:
    """Draw so many numbers; returns how many."""
    return float(et.stable.sample(ALPHA, options.pop("shape", count), seed=next(_SEED), **options).numel())


def scipy_draw(count: int) -> float:
    """Draw with scipy, from numpy's generator."""
    from scipy.stats import levy_stable

    return float(levy_stable.rvs(ALPHA, 0.0, size=count, random_state=np.random.default_rng(next(_SEED))).size)


def torch_draw(count: int, dtype: torch.dtype) -> float:
    """The formula as it is usually written in torch: float32 gives nan and infinity now and then, and a short tail."""
    generator = torch.Generator().manual_seed(next(_SEED))
    angle = (torch.rand(count, generator=generator, dtype=dtype) - 0.5) * math.pi
    waiting = -torch.log(torch.rand(count, generator=generator, dtype=dtype))
    x = torch.sin(ALPHA * angle) / torch.cos(angle) ** (1 / ALPHA)
    x *= (torch.cos((1 - ALPHA) * angle) / waiting) ** ((1 - ALPHA) / ALPHA)
    return float(x.numel())


def sampling() -> tuple[str, Callable[[], float], list[Contestant]]:
    """Numbers per CPU second of one thread."""
    torch.set_num_threads(1)
    run = partial(draw, COUNT)
    return (
        f"Stable noise, alpha = {ALPHA}: numbers per CPU second of one thread",
        time.process_time,
        [
            Contestant("this project, float64", run),
            Contestant("this project, float32", partial(run, dtype=torch.float32)),
            Contestant("this project, isotropic in 16 dimensions",
                       partial(run, shape=(COUNT // 16, 16), kind="isotropic")),
            Contestant("scipy levy_stable.rvs", partial(scipy_draw, COUNT // 4), 3),
            Contestant("torch, float64", partial(torch_draw, COUNT, torch.float64)),
            Contestant("torch, float32", partial(torch_draw, COUNT, torch.float32)),
        ],
    )  # fmt: skip
