"""The double well, run as users of other tools run it: each returns the particle-steps it was asked for.

Fixed horizon: ``steps`` steps of ``paths`` paths with the time of the first exit kept. To the end: until all have left,
finished paths compacted away (every 32 steps, which is near the best), and only steps before the exit counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

EDGE, START, D, DT = 0.5, -1.0, 0.08, 0.01
AMPLITUDE = math.sqrt(2 * D * DT)


def numpy_loop(paths: int, steps: int) -> float:
    """numpy, float64, as one writes it."""
    rng = np.random.default_rng(0)
    x, exits = np.full(paths, START), np.full(paths, steps)
    for t in range(steps):
        x = x - (x**3 - x) * DT + AMPLITUDE * rng.standard_normal(paths)
        exits = np.where((x >= EDGE) & (exits == steps), t, exits)
    return paths * steps


def numpy_tuned(paths: int, steps: int) -> float:
    """numpy, float32, in place."""
    rng = np.random.default_rng(0)
    x, exits = np.full(paths, START, np.float32), np.full(paths, steps, np.int32)
    z, w = np.empty_like(x), np.empty_like(x)
    dt, s = np.float32(DT), np.float32(AMPLITUDE)
    for t in range(steps):
        rng.standard_normal(out=z, dtype=np.float32)
        np.multiply(x, x, out=w)
        w -= 1
        w *= x
        w *= dt
        x -= w
        z *= s
        x += z
        np.minimum(exits, t, out=exits, where=x >= EDGE)
    return paths * steps


def torch_eager(paths: int, steps: int, dtype: str) -> float:
    """torch, in place, one operation after the other."""
    import torch

    x = torch.full((paths,), START, dtype=getattr(torch, dtype))
    exits, z = torch.full((paths,), steps, dtype=torch.int32), torch.empty_like(x)
    for t in range(steps):
        w = x * x
        w.sub_(1).mul_(x)
        x.add_(w, alpha=-DT).add_(z.normal_(), alpha=AMPLITUDE)
        exits = torch.where((x >= EDGE) & (exits == steps), t, exits)
    return paths * steps


def torchsde_euler(paths: int, steps: int, cheap: bool) -> float:
    """torchsde's Euler scheme with its own Brownian motion, or with one that draws and forgets."""
    import torch
    import torchsde

    class Well(torch.nn.Module):
        noise_type, sde_type = "diagonal", "ito"

        def f(self, t, x):  # type: ignore[no-untyped-def]
            return x - x**3

        def g(self, t, x):  # type: ignore[no-untyped-def]
            return torch.full_like(x, math.sqrt(2 * D))

    class Forgetful:
        shape, dtype, device, levy_area_approximation = (paths, 1), torch.float32, torch.device("cpu"), "none"

        def __call__(self, ta, tb=None, return_U=False, return_A=False):  # type: ignore[no-untyped-def]
            return torch.randn(paths, 1) * math.sqrt(float(tb) - float(ta))

    start, times = torch.full((paths, 1), START), torch.tensor([0.0, steps * DT])
    with torch.no_grad():
        options = {"bm": Forgetful()} if cheap else {}
        torchsde.sdeint(Well(), start, times, method="euler", dt=DT, **options)
    return paths * steps


def diffrax_euler(paths: int, steps: int, fast: bool) -> Callable[[], float]:
    """Return diffrax's Euler scheme, compiled: documented (vmap over a virtual Brownian tree), or its fastest form."""
    import diffrax
    import jax
    import jax.numpy as jnp

    def drift(t, x, args):  # type: ignore[no-untyped-def]
        return x - x**3

    def solve(noise, x, controls):  # type: ignore[no-untyped-def]
        terms = diffrax.MultiTerm(diffrax.ODETerm(drift), diffrax.ControlTerm(controls, noise))
        return diffrax.diffeqsolve(
            terms, diffrax.Euler(), 0.0, steps * DT, DT, x, max_steps=None, adjoint=diffrax.DirectAdjoint()
            if not fast else diffrax.ForwardMode(),
        ).ys  # fmt: skip

    sigma = math.sqrt(2 * D)
    if fast:

        @jax.jit
        def run(key):  # type: ignore[no-untyped-def]
            noise = diffrax.UnsafeBrownianPath(shape=(paths,), key=key)
            return solve(noise, jnp.full(paths, START), lambda t, x, args: diffrax_diagonal(sigma, paths))

        def diffrax_diagonal(value, size):  # type: ignore[no-untyped-def]
            import lineax

            return lineax.DiagonalLinearOperator(jnp.full(size, value))
    else:

        @jax.jit
        def run(key):  # type: ignore[no-untyped-def]
            def one(k):  # type: ignore[no-untyped-def]
                noise = diffrax.VirtualBrownianTree(0.0, steps * DT, tol=DT / 2, shape=(), key=k)
                return solve(noise, START, lambda t, x, args: sigma)

            return jax.vmap(one)(jax.random.split(key, paths))

    def call() -> float:
        run(jax.random.PRNGKey(0)).block_until_ready()
        return paths * steps

    return call


def numpy_compacted(paths: int) -> float:
    """numpy, float32, until all have left."""
    rng, dt, s, work = np.random.default_rng(0), np.float32(DT), np.float32(AMPLITUDE), 0
    x = np.full(paths, START, np.float32)
    inside = np.ones(paths, bool)
    while x.size:
        for _ in range(32):
            z = rng.standard_normal(x.size, dtype=np.float32)
            x = x - (x * x - 1) * x * dt + s * z
            inside &= x < EDGE
            work += int(inside.sum())
        x, inside = x[inside], inside[inside]
    return work


def torch_compacted(paths: int) -> float:
    """torch, float32, until all have left."""
    import torch

    x, inside, work = torch.full((paths,), START), torch.ones(paths, dtype=torch.bool), 0
    while len(x):
        count = torch.zeros((), dtype=torch.int64)
        for _ in range(32):
            x = x.addcmul(x.square() - 1, x, value=-DT).add_(torch.randn_like(x), alpha=AMPLITUDE)
            inside &= x < EDGE
            count += inside.sum()
        work += int(count)
        x, inside = x[inside], inside[inside]
    return work
