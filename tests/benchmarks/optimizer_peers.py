"""Heavy ball and Adam as chains in torch: the same update and noise, in place, all coordinates of all paths at once.

The loss is a double well in each coordinate; a path has left when its first coordinate passes the edge.
"""

from __future__ import annotations

import math

from tests.benchmarks.peers import EDGE, START

# small noise: paths stay, and all that is timed is steps
LR, MOMENTUM, BETAS, EPS, COVARIANCE = 0.01, 0.9, (0.9, 0.99), 1e-3, 0.05


def heavy_ball(dimension: int, paths: int, steps: int) -> float:
    """Return the particle-steps taken."""
    import torch

    x, exits = _start(dimension, paths, steps)
    m, z, spread = torch.zeros_like(x), torch.empty_like(x), math.sqrt(COVARIANCE)
    for t in range(steps):
        g = (x * x).sub_(1).mul_(x).add_(z.normal_(), alpha=spread)
        m.mul_(MOMENTUM).add_(g)
        x.sub_(m, alpha=LR)
        exits = torch.where((x[0] >= EDGE) & (exits == steps), t, exits)
    return paths * steps


def adam(dimension: int, paths: int, steps: int) -> float:
    """Return the particle-steps taken."""
    import torch

    x, exits = _start(dimension, paths, steps)
    m, v, z, spread = torch.zeros_like(x), torch.zeros_like(x), torch.empty_like(x), math.sqrt(COVARIANCE)
    first, second = BETAS
    for t in range(steps):
        g = (x * x).sub_(1).mul_(x).add_(z.normal_(), alpha=spread)
        m.lerp_(g, 1 - first)
        v.mul_(second).addcmul_(g, g, value=1 - second)
        size, root = LR / (1 - first ** (t + 1)), 1 / math.sqrt(1 - second ** (t + 1))
        x.addcdiv_(m, v.sqrt().mul_(root).add_(EPS), value=-size)
        exits = torch.where((x[0] >= EDGE) & (exits == steps), t, exits)
    return paths * steps


def _start(dimension: int, paths: int, steps: int):  # type: ignore[no-untyped-def]
    import torch

    return torch.full((dimension, paths), START), torch.full((paths,), steps, dtype=torch.int32)
