"""Domains: what is inside, how far the boundary is, and what cannot be a domain."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput

DOMAINS = {
    "interval": et.Interval(-1, 2),
    "box": et.Box([-1, -2], [1, 3]),
    "half-space": et.HalfSpace([3, 4], 5),
    "ball": et.Ball([0.5, 0.0, 0.0], 2),
    "exterior": et.Exterior([5.0, 0.0], 1),
    "ellipsoid": et.Ellipsoid([0.0, 0.2], [1, 3]),
    "sublevel": et.Sublevel(et.Landscape.parse("x**2 + 2*y**2"), 1.0),
}


@pytest.mark.parametrize("name", DOMAINS)
def test_distance_has_unit_gradient_on_the_boundary(name):
    """Walk from inside to outside along random lines; where the sign changes the slope along the normal is one."""
    domain = DOMAINS[name]
    rng = np.random.default_rng(1)
    inside = np.zeros(domain.dimension)
    assert domain.contains(inside)
    for _ in range(20):
        direction = rng.normal(size=domain.dimension)
        direction /= np.linalg.norm(direction)
        distance = lambda t: float(np.min(domain.distance(inside + t * direction)))  # noqa: B023, E731
        if distance(20.0) > 0:
            continue
        lo, hi = 0.0, 20.0
        if name == "exterior" and distance(hi) > 0:
            continue
        for _ in range(80):
            mid = (lo + hi) / 2
            lo, hi = (mid, hi) if distance(mid) > 0 else (lo, mid)
        edge = inside + lo * direction
        face = int(np.argmin(domain.distance(edge)))
        h = 1e-6
        slope = [
            (domain.distance(edge + h * e)[face] - domain.distance(edge - h * e)[face]) / (2 * h)
            for e in np.eye(domain.dimension)
        ]
        assert np.linalg.norm(slope) == pytest.approx(1.0, abs=1e-5)


def test_infinite_sides_are_not_exits():
    (x,) = sp.symbols("x,", real=True)
    assert [f.name for f in et.Interval(-math.inf, 0).faces([x])] == ["upper"]
    assert et.Box([-math.inf, 0], [math.inf, math.inf]).distance([3.0, 0.5]).tolist() == [0.5]


def test_half_space_is_normalised():
    plane = et.HalfSpace([3, 4], 5)
    assert plane.distance([0.0, 0.0]).tolist() == pytest.approx([1.0])
    assert et.HalfSpace([0, -2], 4).bounds == ((-math.inf, math.inf), (-2.0, math.inf))


def test_center_of_ellipsoid_and_bottom_of_sublevel_are_finite():
    assert np.isfinite(et.Ellipsoid([0, 0], [1, 2]).distance([0.0, 0.0])).all()
    assert np.isfinite(DOMAINS["sublevel"].distance([0.0, 0.0])).all()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: et.Interval(1, -1), "lower < upper"),
        (lambda: et.Interval(math.nan, 1), "numbers"),
        (lambda: et.Interval("a", 1), "numbers"),
        (lambda: et.Box([0, 0], [1, 0]), "lower < upper"),
        (lambda: et.Box([0, 0], [1]), "lower < upper"),
        (lambda: et.Ball([0, 0], 0), "positive finite radius"),
        (lambda: et.Ball([0, math.inf], 1), "finite"),
        (lambda: et.Ball([0, 0], "wide"), "positive finite radius"),
        (lambda: et.HalfSpace([1, 0], None), "finite offset"),
        (lambda: et.Sublevel(et.landscapes.double_well(), "low"), "finite level"),
        (lambda: et.Sublevel("x**2", 1.0), "Expected a Landscape"),
        (lambda: et.HalfSpace([0, 0], 1), "not zero"),
        (lambda: et.Ellipsoid([0, 0], [1, -1]), "positive half-axes"),
        (lambda: et.Ellipsoid([0, 0], [1]), "2 positive half-axes"),
        (lambda: et.Sublevel(et.landscapes.double_well(), math.inf), "finite level"),
    ],
)
def test_what_cannot_be_a_domain_says_why(make, says):
    with pytest.raises(InvalidInput, match=says):
        make()
