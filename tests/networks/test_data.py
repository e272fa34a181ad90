"""The loader: what the data are, and clear refusals of what they are not."""

import sys

import pytest
import torch

from escapetime.errors import InvalidInput
from escapetime.networks import Dataset, available, breast_cancer, load


def test_breast_cancer_is_standardized_with_an_intercept() -> None:
    data = load("breast_cancer")
    assert len(data) == 569
    assert data.inputs.shape == (569, 31)
    assert data.inputs.dtype == data.targets.dtype == torch.float64
    assert len(data.features) == 31
    assert bool((data.inputs[:, 0] == 1).all())
    features = data.inputs[:, 1:]
    torch.testing.assert_close(features.mean(dim=0), torch.zeros(30, dtype=torch.float64), atol=1e-12, rtol=0)
    torch.testing.assert_close((features**2).mean(dim=0), torch.ones(30, dtype=torch.float64), atol=1e-12, rtol=0)
    assert data.targets.unique().tolist() == [0.0, 1.0]
    assert "UCI" in data.provenance


def test_digits_are_pictures_and_classes() -> None:
    data = load("digits")
    assert data.inputs.shape == (1797, 64)
    assert (float(data.inputs.min()), float(data.inputs.max())) == (0.0, 1.0)
    assert data.targets.sum(dim=0).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # UCI's own counts
    assert bool((data.targets.sum(dim=1) == 1).all())


def test_the_same_numbers_on_every_call() -> None:
    assert torch.equal(breast_cancer().inputs, breast_cancer().inputs)


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(InvalidInput, match=r"'breast-cancer'.*available are breast_cancer, digits"):
        load("breast-cancer")
    assert available() == ("breast_cancer", "digits")


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(InvalidInput, match=r"escapetime\[data\]"):
        load("breast_cancer")


@pytest.mark.parametrize(
    ("inputs", "targets", "message"),
    [
        (torch.ones(3, 1).double(), torch.ones(2).double(), "3 inputs and 2 targets"),
        (torch.ones(0, 1).double(), torch.ones(0).double(), "at least one"),
        (torch.ones(2, 1), torch.ones(2).double(), "float32"),
        (torch.ones(2, 1).double(), torch.tensor([0, 1]), "int64"),
        (torch.tensor([[1.0], [torch.nan]]).double(), torch.ones(2).double(), "nan or inf"),
    ],
)
def test_a_data_set_that_no_loss_can_use_is_refused(inputs: torch.Tensor, targets: torch.Tensor, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Dataset("bad", inputs, targets, "test")
