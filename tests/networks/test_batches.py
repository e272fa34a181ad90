"""Streams of batches: what each scheme promises, and that a replica depends on its seed and number alone."""

import numpy as np
import pytest
import torch

from escapetime.errors import InvalidInput
from escapetime.networks import SCHEMES, BatchStream
from tests.statistics import assert_agrees, assert_control_fails


@pytest.mark.parametrize("scheme", SCHEMES)
def test_neither_chunking_nor_other_replicas_change_a_stream(scheme: str) -> None:
    whole = BatchStream(23, 5, 6, scheme=scheme, seed=3).draw(40)
    stream = BatchStream(23, 5, 4, scheme=scheme, seed=3)
    pieces = torch.cat([stream.draw(n) for n in (1, 7, 30, 2)])
    assert torch.equal(whole[:, :4], pieces)
    assert not torch.equal(whole[:, 0], whole[:, 1])
    assert not torch.equal(whole, BatchStream(23, 5, 6, scheme=scheme, seed=4).draw(40))


@pytest.mark.parametrize("scheme", ["distinct", "reshuffled"])
def test_no_sample_twice_in_a_batch(scheme: str) -> None:
    batches = BatchStream(9, 7, 5, scheme=scheme, seed=0).draw(50)
    assert batches.min() == 0
    assert batches.max() == 8
    assert all(len(set(batch.tolist())) == 7 for batch in batches.reshape(-1, 7))


def test_an_epoch_visits_every_sample_at_most_once() -> None:
    batches = BatchStream(11, 3, 4, scheme="reshuffled", seed=0).draw(30).reshape(10, 3, 4, 3)
    for epoch in batches:
        for replica in range(4):
            assert len(set(epoch[:, replica].flatten().tolist())) == 9
    assert len({tuple(e[:, 0].flatten().tolist()) for e in batches}) == 10


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_sample_is_equally_likely_in_every_place(scheme: str) -> None:
    batches = BatchStream(6, 4, 50, scheme=scheme, seed=1).draw(400).numpy()
    share = np.stack([np.bincount(batches[:, :, k].ravel(), minlength=6) for k in range(4)]) / batches[:, :, 0].size
    error = np.full((4, 6), np.sqrt(1 / 6 * 5 / 6 / batches[:, :, 0].size))
    assert_agrees(share, error, np.full((4, 6), 1 / 6))
    assert_control_fails(share, error, 1 / 6 + 0.03 * np.eye(4, 6))


@pytest.mark.parametrize(
    ("scheme", "together"), [("independent", 1 / 36), ("distinct", 1 / 30), ("reshuffled", 1 / 30)]
)
def test_pairs_within_a_batch(scheme: str, together: float) -> None:
    batches = BatchStream(6, 2, 200, scheme=scheme, seed=2).draw(300).numpy().reshape(-1, 2)
    share = np.mean((batches[:, 0] == 0) & (batches[:, 1] == 1))
    error = np.sqrt(together * (1 - together) / len(batches))
    assert_agrees(share, error, together)
    assert_control_fails(share, error, 11 / 180 - together)  # the other scheme's value


def test_successive_batches_are_independent_unless_reshuffled() -> None:
    for scheme in SCHEMES:
        batches = BatchStream(6, 2, 200, scheme=scheme, seed=5).draw(300).numpy()
        repeats = np.mean(batches[0::3, :, 0] == batches[1::3, :, 1])
        if scheme == "reshuffled":
            assert repeats == 0
        else:
            assert_agrees(repeats, np.sqrt(1 / 6 * 5 / 6 / 20_000), 1 / 6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"samples": 0}, "samples must be"),
        ({"batch_size": 0}, "batch_size must be"),
        ({"replicas": 0}, "replicas must be"),
        ({"scheme": "shuffled"}, "unknown scheme 'shuffled'"),
        ({"scheme": "distinct", "batch_size": 11}, "lower batch_size"),
        ({"seed": -1}, "seed"),
    ],
)
def test_bad_input_is_refused(arguments: dict, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        BatchStream(**({"samples": 10, "batch_size": 2, "replicas": 1} | arguments))
