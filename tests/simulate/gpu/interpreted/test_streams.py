"""Random numbers and functions of the kernels, one against another and against numpy."""

import math

import numba
import numpy as np
import pytest
import torch
import triton
import triton.language as tl
from scipy import special

from escapetime.simulate.gpu import births, functions, random32, random64
from escapetime.simulate.kernels import random32 as cpu_random32
from escapetime.simulate.kernels.flags import FLAGS
from escapetime.simulate.philox import path_words
from escapetime.simulate.streams import PathStreams, reserved_uniforms

LANES, PAIRS, FUNCTION = 64, 60, functions.tan
draw_32, draw_64 = random32.draw, random64.draw


@triton.jit
def normals_32(words, out, pairs, LANES: tl.constexpr):
    lane = tl.arange(0, LANES)
    s0 = tl.load(words + lane).to(tl.uint32, bitcast=True)
    s1 = tl.load(words + LANES + lane).to(tl.uint32, bitcast=True)
    s2 = tl.load(words + 2 * LANES + lane).to(tl.uint32, bitcast=True)
    s3 = tl.load(words + 3 * LANES + lane).to(tl.uint32, bitcast=True)
    for i in range(pairs):
        a, b, s0, s1, s2, s3 = draw_32(s0, s1, s2, s3)
        tl.store(out + 2 * i * LANES + lane, a)
        tl.store(out + (2 * i + 1) * LANES + lane, b)


@triton.jit
def normals_64(words, out, pairs, LANES: tl.constexpr):
    lane = tl.arange(0, LANES)
    s0 = tl.load(words + lane).to(tl.uint64, bitcast=True)
    s1 = tl.load(words + LANES + lane).to(tl.uint64, bitcast=True)
    s2 = tl.load(words + 2 * LANES + lane).to(tl.uint64, bitcast=True)
    s3 = tl.load(words + 3 * LANES + lane).to(tl.uint64, bitcast=True)
    for i in range(pairs):
        a, b, s0, s1, s2, s3 = draw_64(s0, s1, s2, s3)
        tl.store(out + 2 * i * LANES + lane, a)
        tl.store(out + (2 * i + 1) * LANES + lane, b)


@numba.njit(**FLAGS)
def cpu_normals_32(state, out):
    s0, s1, s2, s3 = state
    for i in range(out.shape[0] // 2):
        out[2 * i], out[2 * i + 1], s0, s1, s2, s3 = cpu_random32.draw(s0, s1, s2, s3)


def born(seed, paths, bits):
    """Lanes with one coordinate, filled in reverse."""
    count, real = len(paths), {32: torch.float32, 64: torch.float64}[bits]
    reals, words = torch.zeros((3, count), dtype=real), torch.zeros((4, count), dtype=getattr(torch, f"int{bits}"))
    steps, path = torch.ones(count, dtype=torch.int64), torch.zeros(count, dtype=torch.int64)
    slots, key = torch.arange(count).flip(0), torch.tensor([seed & 0xFFFFFFFF, seed >> 32])
    births.born[(1,)](
        reals, words, steps, path, torch.tensor([0.25], dtype=real), key, slots, torch.from_numpy(paths)[slots],
        count, count, STATE=1, DIMENSION=1, BITS=bits, BLOCK=256,
    )  # fmt: skip
    assert (steps == 0).all()
    np.testing.assert_array_equal(path, paths)
    np.testing.assert_array_equal(reals[:2], 0.25)
    return words.numpy(), reals[2].numpy()


PATHS = np.concatenate([np.arange(60), [2**32 - 1, 2**32, 2**40 + 7, 2**62]]).astype(np.int64)


@pytest.mark.parametrize("seed", [0, 7, 2**64 - 1])
def test_paths_are_born_with_their_words(seed):
    clock = 1 / reserved_uniforms(seed, PATHS)[0]
    words, mine = born(seed, PATHS, 64)
    np.testing.assert_array_equal(words.view(np.uint64), path_words(seed, PATHS, range(2)))
    np.testing.assert_array_equal(mine, clock)
    words, mine = born(seed, PATHS, 32)
    a, b = path_words(seed, PATHS, range(1))
    halves = np.stack([part.astype(np.uint32) for word in (a, b) for part in (word, word >> np.uint64(32))])
    np.testing.assert_array_equal(words.view(np.uint32), halves)
    np.testing.assert_array_equal(mine, clock.astype(np.float32))
    out = torch.empty((4, len(PATHS)), dtype=torch.float64)
    key = torch.tensor([seed & 0xFFFFFFFF, seed >> 32])
    births.exit_draws[(1,)](out, key, torch.from_numpy(PATHS), len(PATHS), BLOCK=256)
    np.testing.assert_array_equal(out, reserved_uniforms(seed, PATHS)[1:])


def test_float64_draws_are_those_of_the_reference():
    streams = PathStreams(7, np.arange(LANES))
    words, out = streams.state.clone(), torch.empty((2 * PAIRS, LANES), dtype=torch.float64)
    normals_64[(1,)](words, out, PAIRS, LANES=LANES)
    np.testing.assert_allclose(out, torch.stack(streams.normals(2 * PAIRS)), rtol=0, atol=4e-15)


def test_float32_draws_are_those_of_the_cpu_engine():
    words, _ = born(7, np.arange(LANES), 32)
    out = torch.empty((2 * PAIRS, LANES))
    normals_32[(1,)](torch.from_numpy(words), out, PAIRS, LANES=LANES)
    for lane in range(0, LANES, 7):
        theirs = np.empty(2 * PAIRS, np.float32)
        cpu_normals_32(tuple(words.view(np.uint32)[:, lane]), theirs)
        np.testing.assert_allclose(out[:, lane], theirs, rtol=0, atol=1e-6)


X = np.array([0, 1e-12, 3e-5, 0.01, 0.1, 0.2499, 0.25, 0.4, 0.42, 0.7, 0.9, 0.99, 1, 1.7, 2.42, 3, 5.5, 9, 17, 21.9])
EXPECTED = {
    "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "atan": np.arctan, "expm1": np.expm1,
    "asin": np.arcsin, "acos": np.arccos, "sign": np.sign,
}  # fmt: skip


@triton.jit
def apply(inputs, outputs, LANES: tl.constexpr):
    lane = tl.arange(0, LANES)
    tl.store(outputs + lane, FUNCTION(tl.load(inputs + lane)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", EXPECTED)
def test_functions(name, dtype, monkeypatch):
    monkeypatch.setitem(globals(), "FUNCTION", getattr(functions, name))
    x = np.concatenate([-X[::-1], X]).astype(dtype)
    x = x[np.abs(x) <= 1] if name in ("asin", "acos") else x
    inputs, outputs = torch.zeros((2, 64), dtype=getattr(torch, dtype))
    inputs[: len(x)] = torch.from_numpy(x)
    with np.errstate(all="ignore"):
        apply[(1,)](inputs, outputs, LANES=64)
    mine, unit, x = outputs[: len(x)].numpy().astype(float), np.finfo(dtype).eps, x.astype(float)
    expected = EXPECTED[name](x)
    scale = np.abs(expected) * (1 + np.abs(x) if name == "tan" else 1) + (1 if name == "acos" else 0)
    np.testing.assert_array_less(np.abs(mine - expected), 8 * unit * scale + 1e-300)


@triton.jit
def apply_two(inputs, outputs, LANES: tl.constexpr):
    lane = tl.arange(0, LANES)
    x = tl.load(inputs + lane)
    tl.store(outputs + lane, functions.maximum(x, 1.0 - x))
    tl.store(outputs + LANES + lane, functions.minimum(x, 1.0 - x))
    tl.store(outputs + 2 * LANES + lane, functions.power(x, x))
    tl.store(outputs + 3 * LANES + lane, tl.erf(x))


def test_functions_of_two_numbers():
    x, out = torch.linspace(0.1, 3, 32, dtype=torch.float64), torch.empty((4, 32), dtype=torch.float64)
    x[5] = math.nan
    apply_two[(1,)](x, out, LANES=32)
    v = x.numpy()
    np.testing.assert_allclose(out, [np.maximum(v, 1 - v), np.minimum(v, 1 - v), v**v, special.erf(v)], rtol=1e-14)
