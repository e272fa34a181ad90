"""The double well as a per-sample loss whose gradient noise matches the curvature at all three critical points."""

from __future__ import annotations

import sympy as sp

from escapetime.sample_loss import SampleLoss


def matched_quartic() -> SampleLoss:
    r"""Return :math:`\ell = (\theta^2-1)^2/4 + x_1\theta + x_2\theta^2/2` with standard normal data.

    The mean loss is the double well. The gradient of one sample, :math:`\theta^3 - \theta + x_1 + x_2\theta`, is
    normal with variance :math:`C_1 = 1 + \theta^2`: 2 at the minima and 1 at the barrier, which is ``|L''|`` there, and
    nowhere zero in between. A minibatch of ``B`` samples is exactly normal as well.

    Returns
    -------
    SampleLoss
        One parameter ``theta``, box ``(-2.5, 2.5)``. With :math:`a=-1`, :math:`b=0`:
        :math:`\int_a^b L'/C_1 = \ln 2 - 1/2`, so that the exponent of the escape time is
        :math:`(2B/\eta)(\ln 2 - 1/2)`.

    Examples
    --------
    >>> model = matched_quartic()
    >>> model.covariance
    Matrix([[theta**2 + 1]])
    >>> (theta,) = model.landscape.variables
    >>> sp.simplify(sp.integrate(sp.apart(model.landscape.gradient[0] / model.covariance[0]), (theta, -1, 0)))
    -1/2 + log(2)
    """
    theta, x1, x2 = sp.symbols("theta x1 x2", real=True)
    return SampleLoss(
        (theta**2 - 1) ** 2 / 4 + x1 * theta + x2 * theta**2 / 2, (x1, x2), (theta,),
        name="matched quartic", box=[(-2.5, 2.5)],
    )  # fmt: skip
