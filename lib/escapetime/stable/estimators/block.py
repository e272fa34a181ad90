r"""Block estimator: how fast sums of neighbors grow."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from escapetime.errors import InvalidInput
from escapetime.stable.estimators.result import TailIndex, from_influence, numbers


def block_log_moment(data: Any, *, block: int | None = None) -> TailIndex:
    r"""Estimate the index from the growth of block sums, :math:`\alpha^{-1} = (E\log|S_m| - E\log|X|)/\log m`.

    Parameters
    ----------
    data : array_like, shape (n,)
        In the order in which neighbors are to be added.
    block : int, optional
        Numbers in a sum, m, at least 2. By default the root of n, as in published measurements on networks; for
        independent stable data about 8 is most accurate.

    Returns
    -------
    TailIndex
        With a standard error for independent blocks.

    Raises
    ------
    InvalidInput
        If there are fewer than ten blocks, or zeros.

    Notes
    -----
    It measures how sums scale and nothing of a tail: a mean that is not zero, correlation between neighbors and
    different scales make it say less than 2 for Gaussian data (:mod:`escapetime.stable.estimators.block_bias`).

    References
    ----------
    Mohammadi, Mohammadpour and Ogata 2015, corollary 2.4 (``mohammadi2015``); used on gradient noise by Simsekli,
    Sagun and Gurbuzbalaban 2019 (``simsekli2019``).

    Examples
    --------
    One number and three others of its size: sums of four are four times as large, as for a Cauchy law.

    >>> round(block_log_moment([1.0] * 40 + [-1.0] * 40, block=4).alpha, 12)
    1.0
    """
    x = numbers(data, 20, "block estimator", no_zeros=True)
    m = math.isqrt(x.size) if block is None else int(block)
    count = x.size // max(m, 1)
    if m < 2 or count < 10:
        raise InvalidInput(f"Expected blocks of at least 2 numbers, and at least ten of them; got {count} of {m}.")
    rows = x[: m * count].reshape(count, m)
    sums = np.abs(rows.sum(1))
    if not sums.all():
        raise InvalidInput(
            f"Expected block sums other than zero, got {int((sums == 0).sum())} of {count} that are zero: the data are "
            "on a lattice; take method='characteristic'."
        )
    growth = (np.log(sums) - np.log(np.abs(rows)).mean(1)) / math.log(m)
    inverse = float(growth.mean())
    alpha = 1 / inverse if inverse > 0 else math.inf
    return from_influence(alpha, alpha**2 * growth, f"block log-moment, blocks of {m}", m * count)
