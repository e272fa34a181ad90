"""Regions to escape from. A domain is a set of faces; a face is a symbolic signed distance, positive inside."""

from escapetime.domains.base import Domain, Face
from escapetime.domains.polyhedra import Box, HalfSpace, Interval
from escapetime.domains.round import Ball, Ellipsoid, Exterior
from escapetime.domains.sublevel import Sublevel

__all__ = ["Ball", "Box", "Domain", "Ellipsoid", "Exterior", "Face", "HalfSpace", "Interval", "Sublevel"]
