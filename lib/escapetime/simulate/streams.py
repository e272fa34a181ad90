r"""Randomness: every path owns a stream, so that (seed, path) fixes every draw.

The protocol, which every engine follows:

1. *Words.* Philox4x32-10 with the seed as key and (path, block) as counter gives each path 64-bit words, two a block.
2. *Stream.* The words of blocks 0 and 1 are the state of a xoshiro256++ generator, the path's stream.
3. *Uniform.* The upper 52 bits ``k`` of a word mean ``(2 k + 1) / 2**53``: strictly inside (0, 1), symmetric, exact in
   float64.
4. *Normals.* Two uniforms ``u, v`` from the stream make the pair ``r cos(2 pi v), r sin(2 pi v)`` with
   ``r = sqrt(-2 log u)``, in float64. The pairs of a path, one after the other, are its sequence of normals; step ``k``
   of a process that needs ``m`` normals a step takes number ``k m`` to ``k m + m - 1``. Nothing is thrown away when
   ``m`` is odd.
5. *Reserved draws.* What a path needs once and not at every step (when its bridge crosses, and where: see
   :mod:`escapetime.simulate.brownian_bridge`) are uniforms made of the words of blocks 2, 3, 4. They do not advance the
   stream.

Whoever runs a path therefore sees the same numbers, whatever the number of threads, the chunking, the order of the
paths or the fate of the others. The largest normal is ``sqrt(106 log 2) = 8.57``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from escapetime.simulate.philox import path_words

_STATE_BLOCKS, _RESERVED_BLOCKS = range(2), range(2, 5)
_MANTISSA, _ONE = (1 << 52) - 1, 0x3FF << 52  # the bits of 1.0; with the mantissa set they are a float in [1, 2)
_TO_OPEN = 1.0 - 2.0**-53


class PathStreams:
    """The streams of several paths, advanced together.

    Parameters
    ----------
    seed : int
        Of the run, ``0 <= seed < 2**64``.
    paths : sequence of int
        Path numbers, shape ``(n,)``.
    device : str or torch.device
        Where the draws are made.

    Attributes
    ----------
    state : torch.Tensor
        Words of the generators, int64, shape ``(4, n)``.
    spare : torch.Tensor or None
        The second normal of a pair of which one has been used, shape ``(n,)``. With `state` it is all there is to
        save to continue later.
    """

    def __init__(self, seed: int, paths: Sequence[int] | NDArray[np.int64], device: str | torch.device = "cpu") -> None:
        words = path_words(seed, np.asarray(paths, dtype=np.int64), _STATE_BLOCKS)
        words[3] |= ~words.any(axis=0)  # the all-zero state is the one from which the generator never returns
        self.state = torch.from_numpy(words.view(np.int64)).to(device)
        self.spare: torch.Tensor | None = None

    @classmethod
    def restore(cls, state: torch.Tensor, spare: torch.Tensor | None = None) -> PathStreams:
        """Continue streams from their saved `state` and `spare`.

        Parameters
        ----------
        state : torch.Tensor
            Shape ``(4, n)``, int64; copied.
        spare : torch.Tensor, optional
            Shape ``(n,)``, float64.

        Returns
        -------
        PathStreams
            The same draws as if there had been no interruption.
        """
        streams = cls.__new__(cls)
        streams.state, streams.spare = state.clone(memory_format=torch.contiguous_format), spare
        return streams

    def select(self, lanes: torch.Tensor) -> PathStreams:
        """Return the streams at these positions (an index, or a boolean mask), at their present state."""
        index = lanes.nonzero()[:, 0] if lanes.dtype == torch.bool else lanes
        return PathStreams.restore(self.state[:, index], None if self.spare is None else self.spare[index])

    def uniforms(self) -> torch.Tensor:
        """Draw one uniform in (0, 1) from each stream; shape ``(n,)``, float64."""
        return _uniform(self._words(1))[0]

    def normals(self, count: int) -> list[torch.Tensor]:
        """Draw the next ``count`` standard normals of each stream: ``count`` rows of shape ``(n,)``, float64."""
        rows = [] if self.spare is None else [self.spare]
        while len(rows) < count:
            rows += self._pair()
        self.spare = rows[count] if len(rows) > count else None
        return rows[:count]

    def _pair(self) -> tuple[torch.Tensor, torch.Tensor]:
        radius, angle = _uniform(self._words(2)).unbind()
        radius = torch.log(radius).mul_(-2.0).sqrt_()
        angle = angle * (2 * math.pi)
        return torch.cos(angle).mul_(radius), torch.sin(angle).mul_(radius)

    def _words(self, count: int) -> torch.Tensor:
        """Advance xoshiro256++ (Blackman and Vigna 2021); int64 arithmetic wraps as unsigned arithmetic does."""
        s0, s1, s2, s3 = self.state.unbind()
        out = torch.empty((count, s0.shape[0]), dtype=torch.int64, device=s0.device)
        for word in out.unbind():
            torch.add(_rotate_left(s0 + s3, 23), s0, out=word)
            shifted = s1 << 17
            s2 ^= s0
            s3 ^= s1
            s1 ^= s2
            s0 ^= s3
            s2 ^= shifted
            s3.copy_(_rotate_left(s3, 45))
        return out


def reserved_uniforms(seed: int, paths: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the five uniforms in (0, 1) reserved for each path's exit.

    Parameters
    ----------
    seed : int
        Of the run.
    paths : numpy.ndarray
        Path numbers, shape ``(n,)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(5, n)``: for the exit clock, the face, the two of a normal, and the root of the hitting time.
    """
    words = path_words(seed, paths, _RESERVED_BLOCKS)[:5]
    return ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def _rotate_left(x: torch.Tensor, bits: int) -> torch.Tensor:
    # torch shifts int64 arithmetically: the copies of the sign bit are masked away
    return (x << bits).bitwise_or_((x >> (64 - bits)).bitwise_and_((1 << bits) - 1))


def _uniform(words: torch.Tensor) -> torch.Tensor:
    bits = (words >> 12).bitwise_and_(_MANTISSA).bitwise_or_(_ONE)
    return bits.view(torch.float64).sub_(_TO_OPEN)
