"""Mean and covariance of rows that come in parts, none of which is kept."""

import torch

from escapetime.errors import InvalidInput


class RunningCovariance:
    """The covariance of all rows seen so far, in the memory of one matrix.

    Parameters
    ----------
    dimension : int
        Numbers in a row, k.

    Notes
    -----
    Means and scatter matrices of the parts are merged, which loses no digits to cancellation. Reference: Chan, Golub
    and LeVeque 1983 (``chan1983``).

    Examples
    --------
    >>> running = RunningCovariance(1)
    >>> for part in ([[1.0], [2.0]], [[3.0]]):
    ...     running.update(torch.tensor(part).double())
    >>> running.count, running.mean.tolist(), round(float(running.covariance), 9)
    (3, [2.0], 0.666666667)
    """

    def __init__(self, dimension: int):
        self.count = 0
        self.mean = torch.zeros(dimension, dtype=torch.float64)
        self._scatter = torch.zeros(dimension, dimension, dtype=torch.float64)

    def update(self, rows: torch.Tensor) -> None:
        """Take in more rows.

        Parameters
        ----------
        rows : torch.Tensor, shape (n, k)
            One sample a row.

        Raises
        ------
        InvalidInput
            When the rows are not of this length.
        """
        if rows.ndim != 2 or rows.shape[1] != len(self.mean):
            raise InvalidInput(f"expected rows of {len(self.mean)} numbers, got shape {tuple(rows.shape)}")
        if len(rows) == 0:
            return
        rows = rows.double()
        center = rows.mean(dim=0)
        shift, total = center - self.mean, self.count + len(rows)
        centered = rows - center
        self._scatter += centered.T @ centered + torch.outer(shift, shift) * (self.count * len(rows) / total)
        self.mean += shift * (len(rows) / total)
        self.count = total

    @property
    def covariance(self) -> torch.Tensor:
        """Covariance of the rows, divisor n, shape (k, k), in units of row**2."""
        if self.count == 0:
            raise InvalidInput("no row has been seen: call update first")
        return self._scatter / self.count
