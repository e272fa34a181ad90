"""The random numbers of the lanes: float64 is the reference's stream, float32 has its own, checked bit by bit."""

import math

import numba
import numpy as np
import pytest

from escapetime.simulate.kernels import random32, random64
from escapetime.simulate.kernels.flags import FLAGS
from escapetime.simulate.philox import path_words
from escapetime.simulate.streams import PathStreams


@numba.njit(**FLAGS)
def draw_32(state, out):
    s0, s1, s2, s3 = state
    for i in range(out.shape[0] // 2):
        out[2 * i], out[2 * i + 1], s0, s1, s2, s3 = random32.draw(s0, s1, s2, s3)


@numba.njit(**FLAGS)
def draw_64(state, out):
    s0, s1, s2, s3 = state
    for i in range(out.shape[0] // 2):
        out[2 * i], out[2 * i + 1], s0, s1, s2, s3 = random64.draw(s0, s1, s2, s3)


@numba.njit(**FLAGS)
def words_32(state, out):
    s0, s1, s2, s3 = state
    for i in range(out.shape[0]):
        out[i], s0, s1, s2, s3 = random32.next_word(s0, s1, s2, s3)


@numba.njit(**FLAGS)
def pairs_32(first, second, out):
    for i in range(first.shape[0]):
        out[0, i], out[1, i] = random32.normal_pair(first[i], second[i])


def test_float64_draws_are_those_of_the_reference():
    words = path_words(7, np.array([3]), range(2))[:, 0]
    mine = np.empty(2000)
    draw_64(tuple(words), mine)
    theirs = np.array([float(z[0]) for z in PathStreams(7, np.array([3])).normals(2000)])
    np.testing.assert_allclose(mine, theirs, rtol=0, atol=4e-15)


def xoshiro128(state, count):
    """The generator in Python's integers."""
    s, out, mask = list(state), [], 0xFFFFFFFF

    def rotate(x, k):
        return (x << k | x >> (32 - k)) & mask

    for _ in range(count):
        out.append((rotate((s[0] + s[3]) & mask, 7) + s[0]) & mask)
        t = s[1] << 9 & mask
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate(s[3], 11)
    return out


def test_float32_words_are_those_of_xoshiro128():
    state = (1, 2**31 + 5, 0xDEADBEEF, 77)
    out = np.empty(300, np.uint32)
    words_32(tuple(map(np.uint32, state)), out)
    assert out.tolist() == xoshiro128(state, 300)


def box_muller(first, second):
    """What a pair of words means in float32 mode, in float64; the uniform keeps 24 digits."""
    uniform = ((first >> 1).astype(np.float32) + np.float32(0.5)).astype(float) / 2**31
    radius = np.sqrt(-2 * np.log(uniform))
    angle = np.pi / 2 * ((second & 0x7FFFFF) / 2**23 - 0.5) + np.pi / 4
    sign = np.where(second >> 31, -1, 1), np.where(second >> 30 & 1, -1, 1)
    return radius * np.cos(angle) * sign[0], radius * np.sin(angle) * sign[1]


def test_float32_normals_are_box_and_mullers():
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 2**32, size=(2, 100_000), dtype=np.uint32)
    first[:3] = 0, 2**32 - 1, 1 << 31
    out = np.empty((2, first.size), np.float32)
    pairs_32(first, second, out)
    exact = box_muller(first.astype(np.int64), second.astype(np.int64))
    np.testing.assert_allclose(out, exact, rtol=1e-6, atol=2e-6)
    assert np.abs(out).max() < 6.66
    assert math.hypot(*out[:, 0]) == pytest.approx(6.66, abs=0.003)


@pytest.mark.parametrize(("power", "moment", "bound"), [(2, 1.0, 2e-6), (4, 3.0, 1e-5)])
def test_the_moments_of_float32_normals_are_right_to_six_digits(power, moment, bound):
    """No sampling error: the words are on a grid, finer where the radius is large."""
    n, angles = 1 << 16, 64
    second = (np.arange(angles) * ((1 << 23) // angles) + (1 << 22) // angles).astype(np.uint32)
    nodes, weights = np.polynomial.legendre.leggauss(8)
    edges = 2.0 ** -np.arange(31)  # panels of the uniform that halve towards zero
    total = mass = 0.0
    for low, high in zip(edges[1:], edges[:-1], strict=True):
        u = low + (high - low) * (np.arange(n // 64)[:, None] + (nodes + 1) / 2).ravel() / (n // 64)
        weight = (high - low) / (n // 64) * np.tile(weights / 2, n // 64)
        out = np.empty((2, u.size * angles), np.float32)
        pairs_32(np.repeat((u * 2**32).astype(np.uint32), angles), np.tile(second, u.size), out)
        total += float((out.astype(float) ** power).mean(axis=0).reshape(-1, angles).mean(axis=1) @ weight)
        mass += weight.sum()
    assert total / mass == pytest.approx(moment, rel=bound)
    assert total / mass != pytest.approx(moment * (1 + 5 * bound), rel=bound)
