"""Philox4x32-10: a bijection from counters to random bits, so that every path can be seeded on its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL = 0x9E3779B9, 0xBB67AE85  # added to the key between rounds
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def philox4x32(counter: ArrayLike, key: tuple[int, int]) -> NDArray[np.uint64]:
    """Encrypt counters by ten rounds of Philox4x32.

    Parameters
    ----------
    counter : array_like of int
        Shape ``(..., 4)``, 32-bit words, least significant first.
    key : tuple of int
        Two 32-bit words.

    Returns
    -------
    numpy.ndarray
        Shape ``(..., 4)``: four words of 32 random bits for each counter, held in uint64.

    References
    ----------
    Salmon, Moraes, Dror and Shaw 2011, section 3.3 and table 2 (``salmon2011``); the tests hold their known answers.

    Examples
    --------
    >>> [f"{word:08x}" for word in philox4x32([0, 0, 0, 0], (0, 0))]
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    c0, c1, c2, c3 = np.moveaxis(np.asarray(counter, dtype=np.uint64), -1, 0)
    for turn in range(10):
        k0, k1 = (np.uint64((k + turn * w) & 0xFFFFFFFF) for k, w in zip(key, _WEYL, strict=True))
        p0, p1 = _MULTIPLIERS[0] * c0, _MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (p1 >> _HALF) ^ c1 ^ k0, p1 & _LOW, (p0 >> _HALF) ^ c3 ^ k1, p0 & _LOW
    return np.stack((c0, c1, c2, c3), axis=-1)


def path_words(seed: int, paths: NDArray[np.int64], blocks: range) -> NDArray[np.uint64]:
    """Return the 64-bit words that belong to each path: the same whoever asks, in whatever order.

    Parameters
    ----------
    seed : int
        Of the run, ``0 <= seed < 2**64``; it is the key.
    paths : numpy.ndarray
        Path numbers, shape ``(n,)``; with the block number they are the counter.
    blocks : range
        Which blocks of two words.

    Returns
    -------
    numpy.ndarray
        Shape ``(2 * len(blocks), n)``, uint64.
    """
    number = np.asarray(paths, dtype=np.uint64)
    counter = np.zeros((len(blocks), len(number), 4), dtype=np.uint64)
    counter[..., 0], counter[..., 1] = number & _LOW, number >> _HALF
    counter[..., 2] = np.asarray(blocks, dtype=np.uint64)[:, None]
    out = philox4x32(counter, (seed & 0xFFFFFFFF, seed >> 32))
    words = out[..., 0::2] | (out[..., 1::2] << _HALF)  # (blocks, n, 2)
    return np.ascontiguousarray(np.moveaxis(words, -1, 1).reshape(2 * len(blocks), len(number)))
