r"""Random bits that belong to a number, on any device, and what the sampler makes of them in torch.

Philox4x32-10 with the seed as key and (number, use) as counter gives each number 128 bits of its own. So the draw with
number i is the same whoever makes it: on whichever device, in however many parts, by however many threads. The first
word's upper 52 bits are an angle and its lowest bit a sign, the second word is a waiting time.
"""

from __future__ import annotations

import math

import torch

from escapetime.stable.recipes import Recipe

SYMMETRIC, RADIUS, NORMALS = 0, 1, 2  # uses
_LOW = 0xFFFFFFFF
_TAG = 0x5AB1E  # keeps these counters apart from those of the simulation's paths


def words(first: int, count: int, use: int, seed: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the two 64-bit words of the numbers `first`, ..., as int64.

    Parameters
    ----------
    first, count : int
        Which numbers.
    use : int
        What for.
    seed : int
        The key, ``0 <= seed < 2**64``.
    device : torch.device
        Where.

    Returns
    -------
    tuple of torch.Tensor
        Shape ``(count,)`` each.

    References
    ----------
    Salmon, Moraes, Dror and Shaw 2011 (``salmon2011``).
    """
    number = torch.arange(first, first + count, dtype=torch.int64, device=device)
    c0, c1 = number & _LOW, (number >> 32) & _LOW
    c2, c3 = torch.full_like(c0, use), torch.full_like(c0, _TAG)
    low, high = seed & _LOW, seed >> 32
    for turn in range(10):
        k0, k1 = (low + turn * 0x9E3779B9) & _LOW, (high + turn * 0xBB67AE85) & _LOW
        p0, p1 = c0 * 0xD2511F53, c2 * 0xCD9E8D57  # int64 wraps as unsigned arithmetic does
        c0, c1 = ((p1 >> 32) & _LOW) ^ c1 ^ k0, p1 & _LOW
        c2, c3 = ((p0 >> 32) & _LOW) ^ c3 ^ k1, p0 & _LOW
    return c0 | (c1 << 32), c2 | (c3 << 32)


def uniform(word: torch.Tensor) -> torch.Tensor:
    """The upper 52 bits k of a word as ``(2 k + 1) / 2**53``: inside (0, 1), with steps of 2**-52."""
    bits = (word >> 12).bitwise_and_((1 << 52) - 1).bitwise_or_(0x3FF << 52)
    return bits.view(torch.float64) - (1.0 - 2.0**-53)


def numbers(
    recipe: Recipe, first: int, count: int, use: int, seed: int, device: torch.device, largest: float
) -> torch.Tensor:
    """The formula of :mod:`.recipes` in float64, no value beyond `largest`; shape ``(count,)``."""
    one, two = words(first, count, use, seed, device)
    phi = recipe.turn * uniform(one)
    waited = torch.log(_sine(recipe.b0 + recipe.b1 * phi)) - torch.log(-torch.log(uniform(two)))
    exponent = recipe.waiting * waited - recipe.angle * torch.log(_sine(phi))
    head = _sine(recipe.a0 + recipe.a1 * phi)
    head = head if recipe.signs else torch.sqrt(head)
    size = (recipe.factor * head * torch.exp(exponent)).clamp(max=largest)
    return torch.where((one & recipe.signs) != 0, -size, size)


def _sine(angle: torch.Tensor) -> torch.Tensor:
    # of angles in (0, pi): positive even if rounding took one to pi or beyond, so that its logarithm is a number
    return torch.sin(angle).clamp(min=1e-18)


def normals(first: int, count: int, seed: int, device: torch.device) -> torch.Tensor:
    """Standard normals, `count` pairs of Box and Muller one after the other; shape ``(2 count,)``."""
    one, two = words(first, count, NORMALS, seed, device)
    radius = torch.sqrt(-2.0 * torch.log(uniform(one)))
    radius = torch.where((two & 1) != 0, -radius, radius)
    phi = math.pi * uniform(two)
    return torch.stack((radius * torch.cos(phi), radius * torch.sin(phi)), 1).flatten()
