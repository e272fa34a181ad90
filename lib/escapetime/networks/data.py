"""Data sets as float64 tensors, from one loader: where they come from, and what was done to them."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from escapetime.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Dataset:
    """A supervised data set, ready for a loss: one row of inputs and one target per sample.

    Parameters
    ----------
    name : str
        Name under which :func:`load` finds it.
    inputs : torch.Tensor, shape (n, ...)
        One sample per row, float64. Units as `provenance` says (standardized features have none).
    targets : torch.Tensor, shape (n, ...)
        One target per sample, float64.
    provenance : str
        Source, license, and every transformation, in one sentence or two.
    features : tuple of str
        Name of each input column; empty where columns have no names.

    Raises
    ------
    InvalidInput
        When inputs and targets differ in length, are empty, are not float64, or hold numbers that are not finite.
    """

    name: str
    inputs: torch.Tensor
    targets: torch.Tensor
    provenance: str
    features: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.inputs) != len(self.targets) or len(self.inputs) == 0:
            raise InvalidInput(
                f"data set {self.name!r}: expected as many targets as inputs and at least one, got "
                f"{len(self.inputs)} inputs and {len(self.targets)} targets"
            )
        for part, values in (("inputs", self.inputs), ("targets", self.targets)):
            if values.dtype != torch.float64:
                raise InvalidInput(f"data set {self.name!r}: {part} are {values.dtype}; convert them to torch.float64")
            if not bool(torch.isfinite(values).all()):
                raise InvalidInput(f"data set {self.name!r}: {part} hold nan or inf; drop or impute those samples")

    def __len__(self) -> int:
        return len(self.inputs)


def breast_cancer() -> Dataset:
    """Return the Wisconsin diagnostic breast-cancer set: 569 samples, 30 standardized features and an intercept.

    Returns
    -------
    Dataset
        Inputs of shape (569, 31), column 0 the constant 1; targets 1 for benign and 0 for malignant.

    Notes
    -----
    Needs scikit-learn, which carries the data (no download). Reference: Street, Wolberg and Mangasarian 1993.

    Examples
    --------
    >>> data = breast_cancer()
    >>> tuple(data.inputs.shape), int(data.targets.sum())
    ((569, 31), 357)
    """
    from sklearn.datasets import load_breast_cancer

    source = load_breast_cancer()
    raw = torch.as_tensor(source.data, dtype=torch.float64)
    standardized = (raw - raw.mean(dim=0)) / raw.std(dim=0, correction=0)
    return Dataset(
        name="breast_cancer",
        inputs=torch.cat([torch.ones(len(raw), 1, dtype=torch.float64), standardized], dim=1),
        targets=torch.as_tensor(source.target, dtype=torch.float64),
        provenance=(
            "Breast Cancer Wisconsin (Diagnostic), UCI repository (CC BY 4.0), the copy inside scikit-learn; each "
            "feature shifted to mean 0 and scaled to variance 1 (divisor n), a column of ones in front."
        ),
        features=("intercept", *(str(name) for name in source.feature_names)),
    )


def digits() -> Dataset:
    """Return the handwritten digits of UCI's optical recognition set: 1797 pictures of 8 x 8 pixels, 10 classes.

    Returns
    -------
    Dataset
        Inputs of shape (1797, 64), between 0 and 1; targets of shape (1797, 10), one-hot.

    Notes
    -----
    Needs scikit-learn, which carries the data (no download). Reference: Alpaydin and Kaynak 1998 (``alpaydin1998``).

    Examples
    --------
    >>> data = digits()
    >>> tuple(data.inputs.shape), tuple(data.targets.shape), float(data.inputs.max())
    ((1797, 64), (1797, 10), 1.0)
    """
    from sklearn.datasets import load_digits

    source = load_digits()
    return Dataset(
        name="digits",
        inputs=torch.as_tensor(source.data, dtype=torch.float64) / 16,
        targets=torch.nn.functional.one_hot(torch.as_tensor(source.target)).double(),
        provenance=(
            "Optical Recognition of Handwritten Digits, UCI repository (CC BY 4.0), the copy of its test set inside "
            "scikit-learn; gray values 0 to 16 divided by 16, classes one-hot."
        ),
    )


_LOADERS: dict[str, Callable[[], Dataset]] = {"breast_cancer": breast_cancer, "digits": digits}


def available() -> tuple[str, ...]:
    """Return the names that :func:`load` knows, sorted.

    Returns
    -------
    tuple of str
        Data set names.
    """
    return tuple(sorted(_LOADERS))


def load(name: str) -> Dataset:
    """Return a data set by name.

    Parameters
    ----------
    name : str
        One of :func:`available`.

    Returns
    -------
    Dataset
        The data set, the same numbers on every call.

    Raises
    ------
    InvalidInput
        When the name is unknown, or the package that carries the data is not installed.
    """
    if name not in _LOADERS:
        raise InvalidInput(f"unknown data set {name!r}; available are {', '.join(available())}")
    try:
        return _LOADERS[name]()
    except ModuleNotFoundError as error:
        raise InvalidInput(
            f"data set {name!r} is carried by the package {error.name!r}, which is not installed: "
            "pip install 'escapetime[data]'"
        ) from error
