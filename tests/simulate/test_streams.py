"""The protocol of the streams, against transcriptions in Python integers that share nothing with the library."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import kstest

from escapetime.simulate import streams as module
from escapetime.simulate.philox import path_words, philox4x32
from escapetime.simulate.streams import PathStreams, reserved_uniforms
from tests.statistics import assert_not_rejected, assert_rejected

MASK = (1 << 64) - 1

# published with the algorithm (Random123, kat_vectors)
KNOWN = [
    ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & 0xFFFFFFFF, (a >> 32) ^ c[3] ^ k[1], a & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def words(seed, path, blocks):
    for block in blocks:
        c = philox((path & 0xFFFFFFFF, path >> 32, block, 0), (seed & 0xFFFFFFFF, seed >> 32))
        yield from (c[0] | c[1] << 32, c[2] | c[3] << 32)


def xoshiro(s):
    def rotl(x, k):
        return ((x << k) | (x >> (64 - k))) & MASK

    while True:
        yield (rotl((s[0] + s[3]) & MASK, 23) + s[0]) & MASK
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)


def uniform(word):
    return (2 * (word >> 12) + 1) / 2**53


def normals(source):
    while True:
        u, v = uniform(next(source)), uniform(next(source))
        r = math.sqrt(-2 * math.log(u))
        yield from (r * math.cos(2 * math.pi * v), r * math.sin(2 * math.pi * v))


@pytest.mark.parametrize(("counter", "key", "known"), KNOWN)
def test_philox_gives_the_published_answers(counter, key, known):
    assert " ".join(f"{w:08x}" for w in philox4x32(counter, key)) == known
    assert " ".join(f"{w:08x}" for w in philox(counter, key)) == known


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_state_and_reserved_draws_are_philox_of_seed_and_path(seed):
    paths = np.array([0, 1, 7, 2**32 - 1, 2**32, 2**40 + 3])
    state = PathStreams(seed, paths).state.numpy().view(np.uint64)
    reserved = reserved_uniforms(seed, paths)
    for lane, path in enumerate(paths.tolist()):
        assert state[:, lane].tolist() == list(words(seed, path, (0, 1)))
        assert reserved[:, lane].tolist() == [uniform(w) for w in words(seed, path, (2, 3, 4))][:5]


def test_words_are_xoshiro256_plus_plus():
    paths = [0, 3, 12345678901]
    streams = PathStreams(42, paths)
    drawn = torch.cat([streams._words(count) for count in (1, 2, 199)]).numpy().view(np.uint64)
    for lane, path in enumerate(paths):
        reference = xoshiro(list(words(42, path, (0, 1))))
        assert drawn[:, lane].tolist() == [next(reference) for _ in range(202)]


def test_normals_are_the_pairs_in_order_whatever_the_number_a_step():
    paths = list(range(64))
    reference = [normals(xoshiro(list(words(5, path, (0, 1))))) for path in paths]
    expected = np.array([[next(r) for _ in range(12)] for r in reference]).T
    for count in (1, 2, 3, 4, 6):
        streams = PathStreams(5, paths)
        drawn = torch.stack([row for _ in range(12 // count) for row in streams.normals(count)]).numpy()
        np.testing.assert_allclose(drawn, expected, rtol=1e-14, atol=1e-15)
    assert streams.normals(0) == []


def test_a_uniform_is_one_word():
    streams, reference = PathStreams(5, [9]), xoshiro(list(words(5, 9, (0, 1))))
    assert [streams.uniforms().item() for _ in range(5)] == [uniform(next(reference)) for _ in range(5)]


def test_uniforms_stay_inside_the_open_interval():
    # words of all zeros and of all ones: s0 = s3 = 0, and s0 = 0, s3 = -1
    streams = PathStreams.restore(torch.tensor([[0, 0], [1, 1], [1, 1], [0, -1]]))
    assert streams.uniforms().tolist() == [2.0**-53, 1 - 2.0**-53]
    assert math.isclose(math.sqrt(-2 * math.log(2.0**-53)), math.sqrt(106 * math.log(2)))


def test_the_state_is_never_all_zero(monkeypatch):
    monkeypatch.setattr(module, "path_words", lambda seed, paths, blocks: np.zeros((4, len(paths)), dtype=np.uint64))
    streams = PathStreams(0, range(3))
    assert (streams.state != 0).any(dim=0).all()
    assert len({streams.uniforms()[0].item() for _ in range(8)}) > 1


def test_selection_and_restored_state_continue_the_same_stream():
    lone, many = PathStreams(8, [2, 5]), PathStreams(8, range(7))
    lone.normals(3)
    many.normals(3)
    index = many.select(torch.tensor([2, 5]))
    mask = many.select(torch.tensor([False, False, True, False, False, True, False]))
    saved = PathStreams.restore(lone.state.clone(), lone.spare.clone())
    expected = torch.stack(lone.normals(4))
    for streams in (index, mask, saved):
        assert torch.allclose(torch.stack(streams.normals(4)), expected, rtol=1e-15, atol=0)
    # what was selected is a copy: the others have not moved
    assert torch.equal(many.select(torch.tensor([2])).state, PathStreams.restore(many.state[:, [2]]).state)


def test_normals_have_the_normal_law_within_and_across_paths():
    streams = PathStreams(11, range(4000))
    drawn = torch.cat(streams.normals(100)).numpy()
    within = kstest(drawn, "norm").pvalue
    assert_rejected(kstest(1.02 * drawn, "norm").pvalue)
    # successive paths have successive counters: their first normals are a sample too, and the two of a pair independent
    first = torch.stack(PathStreams(3, range(100_000)).normals(2)).numpy()
    neighbours = (first[0, 1:] + first[0, :-1])[::2] / math.sqrt(2)
    across = kstest(np.concatenate([neighbours, (first[0] + first[1]) / math.sqrt(2)]), "norm").pvalue
    assert_not_rejected(2 * min(within, across))


def test_words_of_different_blocks_and_seeds_differ():
    paths = np.arange(500)
    drawn = np.concatenate([path_words(seed, paths, range(5)).ravel() for seed in (0, 1, 2**32)])
    assert len(set(drawn.tolist())) == drawn.size
