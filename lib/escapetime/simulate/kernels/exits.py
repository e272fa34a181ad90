"""Where and when a path left, from the two ends of its last step: :mod:`escapetime.simulate.exits`, compiled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from escapetime.simulate.kernels.counter import path_block, scalar, uniform
from escapetime.simulate.kernels.intrinsics import call_geometry, offset, small_code


@scalar
def crossing(before: float, after: float, spread: float) -> float:
    """Return the probability that a bridge reached zero."""
    small_code()
    if spread == 0.0:
        return 0.0 if after > 0 else 1.0
    chance = 1.0 + math.expm1(min(-before * after / spread, 0.0))
    return chance if chance == chance else 1.0


@scalar
def hitting_fraction(before: float, after: float, spread: float, u0: float, u1: float, u2: float) -> float:
    """Draw the first zero of a bridge that has one, as a fraction of the step."""
    small_code()
    normal = math.sqrt(-2 * math.log(u0)) * math.cos(2 * math.pi * u1)
    m = abs(after) / before
    b = normal * normal * spread / (before * before)
    inverse = m + b + math.sqrt(b * (b + 2 * m))
    z = 1 / inverse if u2 * (1 + m / inverse) < 1 else inverse / (m * m)
    return 1 / (1 + 1 / z)


@scalar
def find_exit(
    geometry: int, constants: Any, dt: float, bridged: bool, seed: int, path: int, before: Any, after: Any, d: int,
    faces: int, scratch: Any, point: Any,
) -> tuple[int, float]:  # fmt: skip
    """Find the face and the time as a fraction of the step, and write the ``point``.

    Returns
    -------
    tuple
        Number of the face, and the fraction. ``scratch`` takes what ``geometry`` writes (distances, spreads, gradients)
        at the two ends and at the point.
    """
    small_code()
    last = faces * (2 + d)
    there = 2 * last
    call_geometry(geometry, before, constants, scratch)
    call_geometry(geometry, after, constants, offset(scratch, last))
    face, total = 0, 0.0
    for k in range(faces):
        if bridged:
            total += crossing(scratch[k], scratch[last + k], scratch[faces + k] * dt)
            scratch[there + k] = total
        elif scratch[last + k] < scratch[last + face]:
            face = k
    if not bridged:
        for j in range(d):
            point[j] = after[j]
        return face, 1.0
    _, word = path_block(seed, path, np.uint64(2))
    threshold = uniform(word) * total
    while face < faces - 1 and threshold >= scratch[there + face]:
        face += 1
    first, second = path_block(seed, path, np.uint64(3))
    third, _ = path_block(seed, path, np.uint64(4))
    spread = scratch[faces + face] * dt
    fraction = hitting_fraction(
        scratch[face], scratch[last + face], spread, uniform(first), uniform(second), uniform(third)
    )
    for j in range(d):
        point[j] = before[j] + fraction * (after[j] - before[j])
    call_geometry(geometry, point, constants, offset(scratch, there))
    # along the normal, onto the face
    normal, squared = there + 2 * faces + face * d, 0.0
    for j in range(d):
        squared += scratch[normal + j] * scratch[normal + j]
    step = scratch[there + face] / squared
    for j in range(d):
        point[j] -= step * scratch[normal + j]
    return face, fraction
