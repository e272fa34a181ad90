"""The ends of a one-dimensional domain, whatever faces describe it."""

from __future__ import annotations

import math

import numpy as np

from escapetime.domains import Domain

REACH = (1e-9, 1e6)  # distances from the point at which the search begins and ends


def interval_around(domain: Domain, point: float) -> tuple[float, float]:
    """Return the ends of the part of a domain around a point; infinite where no face is met.

    Parameters
    ----------
    domain : Domain
        One-dimensional.
    point : float
        Inside the domain, or on its boundary if the domain is an interval.

    Returns
    -------
    tuple of float
        Lower and upper end. The ends of intervals and balls are exact; others are sampled for (a gap narrower than half
        a percent of its distance from the point can be missed) and found by bisection to rounding.
    """
    ((low, high),) = domain.bounds
    return _end(domain, point, -1, low), _end(domain, point, 1, high)


def _end(domain: Domain, point: float, outward: int, bound: float) -> float:
    if math.isfinite(bound):
        return bound

    def inside(distance: np.ndarray) -> np.ndarray:
        return domain.contains((point + outward * distance)[:, None])

    distances = np.geomspace(*REACH, 7000)
    left = np.flatnonzero(~inside(distances))
    if len(left) == 0:
        return outward * math.inf
    far = distances[left[0]]
    near = distances[left[0] - 1] if left[0] else 0.0
    for _ in range(100):
        middle = (near + far) / 2
        if inside(np.array([middle]))[0]:
            near = middle
        else:
            far = middle
    return point + outward * far
