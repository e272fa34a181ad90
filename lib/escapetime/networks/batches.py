"""Minibatch indices for many replicas of SGD at once: every replica draws from its own stream."""

import numpy as np
import torch
from numpy.typing import NDArray

from escapetime.errors import InvalidInput

SCHEMES = ("independent", "distinct", "reshuffled")
"""The ways to draw batches that :class:`BatchStream` knows."""


class BatchStream:
    """An endless stream of minibatches, one per step and replica.

    Parameters
    ----------
    samples : int
        Samples in the data set, N.
    batch_size : int
        Samples in a batch, B.
    replicas : int
        Independent streams.
    scheme : str
        ``"independent"``: B independent draws with replacement. ``"distinct"``: B distinct samples, batches
        independent of one another. ``"reshuffled"``: each epoch cuts a fresh permutation into floor(N / B) batches and
        drops the rest, as a shuffling data loader with ``drop_last`` does.
    seed : int
        Seed, not negative. Replica r depends on (seed, r) alone: not on the number of replicas, nor on how the
        steps are cut into calls.

    Raises
    ------
    InvalidInput
        When a size is not positive, the scheme is unknown, or a batch without replacement exceeds the data set.

    Examples
    --------
    >>> stream = BatchStream(samples=6, batch_size=3, replicas=1, scheme="reshuffled", seed=0)
    >>> sorted(stream.draw(2).flatten().tolist())
    [0, 1, 2, 3, 4, 5]
    """

    def __init__(self, samples: int, batch_size: int, replicas: int, *, scheme: str = "independent", seed: int = 0):
        if scheme not in SCHEMES:
            raise InvalidInput(f"unknown scheme {scheme!r}; expected one of {', '.join(SCHEMES)}")
        for name, value in (("samples", samples), ("batch_size", batch_size), ("replicas", replicas)):
            if value < 1:
                raise InvalidInput(f"{name} must be at least 1, got {value}")
        if seed < 0:
            raise InvalidInput(f"seed must not be negative, got {seed}")
        if scheme != "independent" and batch_size > samples:
            raise InvalidInput(f"a batch of {batch_size} distinct samples cannot come from {samples}: lower batch_size")
        self.samples, self.batch_size, self.scheme = samples, batch_size, scheme
        self._generators = [
            np.random.Generator(np.random.Philox(key=np.array([seed, replica], dtype=np.uint64)))
            for replica in range(replicas)
        ]
        self._order = np.tile(np.arange(samples), (replicas, 1))  # a permutation of the samples per replica
        self._position = 0  # batches already cut from it

    def draw(self, steps: int) -> torch.Tensor:
        """Return the batches of the next steps.

        Parameters
        ----------
        steps : int
            How many.

        Returns
        -------
        torch.Tensor, shape (steps, replicas, batch_size)
            Sample indices, int64.
        """
        if self.scheme == "independent":
            draws = self._integers(0, steps)
        elif self.scheme == "distinct":
            draws = self._distinct(steps)
        else:
            draws = np.stack([self._next_of_epoch() for _ in range(steps)])
        return torch.from_numpy(draws)

    def _integers(self, low: int | NDArray[np.int64], steps: int) -> NDArray[np.int64]:
        shape = (steps, self.batch_size)
        return np.stack([g.integers(low, self.samples, size=shape) for g in self._generators], axis=1)

    def _distinct(self, steps: int) -> NDArray[np.int64]:
        # a partial Fisher-Yates shuffle makes the front of *any* permutation a uniform draw: no need to start afresh
        swaps = self._integers(np.arange(self.batch_size), steps)
        rows = np.arange(len(self._generators))
        batches = np.empty_like(swaps)
        for step, partners in enumerate(swaps):
            for slot in range(self.batch_size):
                partner = partners[:, slot]
                taken = self._order[rows, partner]
                self._order[rows, partner] = self._order[:, slot]
                self._order[:, slot] = taken
            batches[step] = self._order[:, : self.batch_size]
        return batches

    def _next_of_epoch(self) -> NDArray[np.int64]:
        if self._position == 0:
            self._order = np.stack([g.permutation(self.samples) for g in self._generators])
        first = self._position * self.batch_size
        self._position = (self._position + 1) % (self.samples // self.batch_size)
        return self._order[:, first : first + self.batch_size]
