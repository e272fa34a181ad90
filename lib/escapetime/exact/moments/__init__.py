r"""Exact first and second moments of linear systems: what noise does near a minimum, or a saddle.

On a quadratic loss every optimizer with frozen step sizes is a linear recursion, and its limit a linear stochastic
equation. Both have moments in closed form, or by as many matrix products as the number of steps has binary digits:

==========================  ===================================================================================
the optimizer itself        :func:`sgd`, :func:`heavy_ball`, :func:`adam`, :func:`adai`: each makes a
                            :class:`LinearRecursion`, which has the moments after any number of steps and the
                            stationary ones; :func:`sgd_second_moment` for noise that grows with the distance
its limit                   :func:`overdamped_variance`; :func:`underdamped_variance` and the mean responses of
                            a particle with mass
near a minimum              :func:`stationary_covariance`, :func:`continuous_stationary_covariance`
==========================  ===================================================================================
"""

from escapetime.exact.moments.checks import (
    Matrix,
    noise_in_eigenbasis,
    require_rate,
    require_stable,
    symmetric_pair,
)
from escapetime.exact.moments.optimizers import adai, adam, heavy_ball, sgd
from escapetime.exact.moments.overdamped import overdamped_variance, sgd_second_moment
from escapetime.exact.moments.recursion import LinearRecursion, Moments
from escapetime.exact.moments.stationary import continuous_stationary_covariance, stationary_covariance
from escapetime.exact.moments.underdamped import (
    position_response,
    thermal_velocity_variance,
    underdamped_variance,
    velocity_response,
)

__all__ = [
    "LinearRecursion", "Matrix", "Moments", "adai", "adam", "continuous_stationary_covariance", "heavy_ball",
    "noise_in_eigenbasis", "overdamped_variance", "position_response", "require_rate", "require_stable", "sgd",
    "sgd_second_moment", "stationary_covariance", "symmetric_pair", "thermal_velocity_variance",
    "underdamped_variance", "velocity_response",
]  # fmt: skip
