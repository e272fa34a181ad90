r"""The mean escape time as a ratio of two unbiased means, and its interval.

Every run yields independent, unbiased estimates of the two sides of

.. math:: p\,(T - S) = h\,(D + U) ,

so that :math:`y(\tau) = h\,(D + U) + p\,(S - \tau)`, computed run by run, has mean zero at :math:`\tau = T` and at no
other place. The estimate is where the mean of the runs' :math:`y` is zero: the ratio of the means. Its bias is of the
order of the *squared* relative error of the mean of :math:`\hat p`; to average :math:`1/\hat p` over runs instead would
have the bias of a single run, and to average :math:`\log \hat p` half of it, however many runs there are. The interval
holds those :math:`\tau` at which zero lies in the interval for the mean of :math:`y` (Fieller 1954), which takes no
linearisation: it is as good as the interval for a mean of ``runs`` numbers, not symmetric, and open above if the runs
cannot tell :math:`p` from zero. For the mean of :math:`y` it takes
:meth:`escapetime.stats.MeanEstimate.interval`, Student's with the skewness transformed away: :math:`\hat p` is skew.

Measured coverage of the 95 % interval, on SGD in a double well against its integral equation: 95 % in 200 repetitions
(10 runs of 100 particles, mean 4e3 steps), 93 % in 150 (16 runs of 200, 7e6 steps), 97 % in 60 (20 runs of 500, 1.4e12
steps). With 16 runs of 100 particles at 1.4e12 steps, which scatter by more than their mean, it was 89 % in 100: such
scatter is warned of.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from escapetime.stats import mean_estimate

FARTHEST = 1e6  # an end of the interval beyond so many times the estimate is infinite


class Ratio:
    """Estimate of ``numerator / denominator`` from independent runs.

    Parameters
    ----------
    numerator, denominator : numpy.ndarray
        Unbiased estimates of either, run by run, shape ``(runs,)``; the denominators are not negative and one at least
        is positive.

    Attributes
    ----------
    value, stderr : float
        Ratio of the means, and its standard error to first order.
    """

    def __init__(self, numerator: NDArray[np.float64], denominator: NDArray[np.float64]) -> None:
        self.numerator, self.denominator = numerator, denominator
        self.value = float(numerator.mean() / denominator.mean())
        self.stderr = float(self._residual(self.value).std(ddof=1) / denominator.mean() / math.sqrt(len(numerator)))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the interval at a confidence level.

        Parameters
        ----------
        level : float
            Confidence level.

        Returns
        -------
        tuple of float
            Lower and upper end; the upper one may be infinite.
        """
        from scipy.optimize import brentq

        def ends(factor: float) -> tuple[float, float]:
            return mean_estimate(self._residual(factor * self.value) / self.numerator.mean()).interval(level)

        far = 2.0
        while far < FARTHEST and ends(far)[1] > 0:
            far *= 2
        upper = math.inf if far >= FARTHEST else float(brentq(lambda f: ends(f)[1], 1.0, far))
        lower = 0.0 if ends(0.0)[0] <= 0 else float(brentq(lambda f: ends(f)[0], 0.0, 1.0))
        return lower * self.value, upper * self.value

    def _residual(self, value: float) -> NDArray[np.float64]:
        return self.numerator - value * self.denominator
