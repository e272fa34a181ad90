"""Per-sample gradients, their covariance, and the covariance of a batch by enumeration of every batch."""

from itertools import combinations, product

import pytest
import torch

from escapetime.errors import InvalidInput
from escapetime.networks import (
    Dataset,
    gradient_covariance,
    logistic_loss,
    minibatch_covariance,
    per_sample_gradients,
    per_sample_hessians,
    square_loss,
)


@pytest.fixture(scope="module")
def data() -> Dataset:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(101, 4, generator=generator, dtype=torch.float64)
    return Dataset("random", x, torch.randint(0, 2, (101,), generator=generator).double(), "test")


POINT = torch.tensor([0.5, -0.2, 1.0, 0.1]).double()


def test_per_sample_gradients_of_the_logistic_loss(data: Dataset) -> None:
    expected = (torch.sigmoid(data.inputs @ POINT) - data.targets)[:, None] * data.inputs + 0.2 * POINT
    torch.testing.assert_close(per_sample_gradients(logistic_loss(0.2), POINT, data), expected)


def test_per_sample_hessians_of_the_logistic_loss(data: Dataset) -> None:
    p, x = torch.sigmoid(data.inputs @ POINT), data.inputs
    expected = (p * (1 - p))[:, None, None] * x[:, :, None] * x[:, None, :] + 0.2 * torch.eye(4).double()
    torch.testing.assert_close(per_sample_hessians(logistic_loss(0.2), POINT, data), expected)


def test_covariance_is_that_of_the_population(data: Dataset) -> None:
    gradients = per_sample_gradients(logistic_loss(), POINT, data)
    expected = torch.cov(gradients.T, correction=0)
    torch.testing.assert_close(gradient_covariance(logistic_loss(), POINT, data), expected)
    assert not torch.allclose(expected, torch.cov(gradients.T, correction=1), rtol=1e-3)


@pytest.mark.parametrize("chunk", [1, 7, 100, 101, 500])
def test_chunks_do_not_matter(data: Dataset, chunk: int) -> None:
    whole = gradient_covariance(logistic_loss(), POINT, data)
    torch.testing.assert_close(
        gradient_covariance(logistic_loss(), POINT, data, chunk=chunk), whole, rtol=1e-12, atol=0
    )


def test_chunks_lose_no_digits_to_a_large_mean() -> None:
    # gradients 1e8 + {-1, 0, 1}: the naive mean of squares minus square of mean has no correct digit here
    data = Dataset("shifted", torch.ones(3, 1).double(), torch.tensor([-1.0, 0.0, 1.0]).double(), "test")
    covariance = gradient_covariance(square_loss(), torch.tensor([1e8]).double(), data, chunk=2)
    assert covariance.item() == pytest.approx(2 / 3, rel=1e-7)


def test_a_data_set_in_parts_is_the_data_set(data: Dataset) -> None:
    parts = (Dataset("part", data.inputs[k::3], data.targets[k::3], "test") for k in range(3))
    whole = gradient_covariance(logistic_loss(), POINT, data)
    torch.testing.assert_close(gradient_covariance(logistic_loss(), POINT, parts, chunk=20), whole, rtol=1e-12, atol=0)


def test_directions_give_a_block_of_the_whole(data: Dataset) -> None:
    V = torch.linalg.qr(torch.randn(4, 2, generator=torch.Generator().manual_seed(3)).double())[0]
    whole = gradient_covariance(logistic_loss(), POINT, data)
    block = gradient_covariance(logistic_loss(), POINT, data, directions=V, chunk=10)
    torch.testing.assert_close(block, V.T @ whole @ V)
    with pytest.raises(InvalidInput, match=r"shape \(4, k\)"):
        gradient_covariance(logistic_loss(), POINT, data, directions=V[:3])


def test_memory_is_bounded_by_default(data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    from escapetime.networks import gradient_noise

    seen = []
    plain = gradient_noise.per_sample_gradients

    def watched(loss, parameters, part):
        seen.append(len(part))
        return plain(loss, parameters, part)

    monkeypatch.setattr(gradient_noise, "_NUMBERS", 40)  # 10 gradients of 4 numbers
    monkeypatch.setattr(gradient_noise, "per_sample_gradients", watched)
    gradient_covariance(logistic_loss(), POINT, data)
    assert seen == [10] * 10 + [1]


def test_no_samples_are_refused() -> None:
    with pytest.raises(InvalidInput, match="no row has been seen"):
        gradient_covariance(logistic_loss(), POINT, [])


def test_an_l2_term_adds_no_noise(data: Dataset) -> None:
    plain, regularized = (gradient_covariance(logistic_loss(r), POINT, data) for r in (0.0, 10.0))
    torch.testing.assert_close(plain, regularized, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("batch_size", [1, 2, 3])
@pytest.mark.parametrize("replacement", [True, False])
def test_batch_covariance_by_enumeration(batch_size: int, replacement: bool) -> None:
    gradients = torch.tensor([[1.0, 0.0], [0.5, -1.0], [-2.0, 0.3], [0.1, 4.0], [0.4, -0.7]]).double()
    batches = product(range(5), repeat=batch_size) if replacement else combinations(range(5), batch_size)
    means = torch.stack([gradients[list(batch)].mean(dim=0) for batch in batches])
    covariance = torch.cov(gradients.T, correction=0)
    result = minibatch_covariance(covariance, batch_size, samples=5, replacement=replacement)
    torch.testing.assert_close(result, torch.cov(means.T, correction=0))


def test_the_whole_data_set_without_replacement_has_no_noise() -> None:
    assert float(minibatch_covariance(torch.eye(1), 5, samples=5, replacement=False)) == 0.0


def test_bad_input_is_refused(data: Dataset) -> None:
    with pytest.raises(InvalidInput, match="at least 1, got 0"):
        minibatch_covariance(torch.eye(1), 0)
    for samples in (None, 3):
        with pytest.raises(InvalidInput, match="at least batch_size=4"):
            minibatch_covariance(torch.eye(1), 4, samples=samples, replacement=False)
    with pytest.raises(InvalidInput, match="chunk"):
        gradient_covariance(logistic_loss(), POINT, data, chunk=0)
