r"""First passage between two grid points: the law of a Brownian path that is known at the ends of a step.

Let :math:`Y` be the distance to a face, :math:`d_0 > 0` at the start of a step of length :math:`h` and :math:`d_1` at
its end, and let its diffusivity :math:`D_n` and drift be constant during the step, as the Euler scheme takes them to
be. Given both ends, :math:`Y` is a Brownian bridge whatever its drift.

**Whether it crossed.** By reflection the bridge touches zero with probability

.. math:: p = e^{-d_0 d_1 / (D_n h)} \quad (d_1 > 0), \qquad p = 1 \quad (d_1 \le 0).

**When, over many steps.** Steps cross independently of one another given the grid points. Instead of a coin for every
step the path carries one uniform :math:`u`, its *clock*, and leaves in the first step in which the survival probability
so far, :math:`\prod (1 - p)`, falls below :math:`u`: the same law, at the price of one draw a path instead of one a
step. Stored as :math:`\prod (1 - p) / u` it starts above one, and the path has left once it is below. The clock has no
memory: a path that is still inside may be given a fresh one.

**When, within the step.** The density of the first zero :math:`T` is that of first passage from :math:`d_0` in time
:math:`t`, times that of going from 0 to :math:`d_1` in what remains,

.. math:: f(t) \propto t^{-3/2} e^{-d_0^2 / (4 D_n t)} (h - t)^{-1/2} e^{-d_1^2 / (4 D_n (h - t))} .

With :math:`t = h z / (1 + z)` the powers of :math:`1 + z` cancel and

.. math:: f(z) \propto z^{-3/2} \exp\Big(-\frac{d_0^2 / z + d_1^2 z}{4 D_n h}\Big),

the inverse Gaussian law with mean :math:`d_0 / |d_1|` and shape :math:`d_0^2 / (2 D_n h)`: so ``T = h Z / (1 + Z)`` is
drawn exactly. A flat face and constant diffusion make the whole exact but for the chance that one step touches two
faces. A curved face is replaced by its tangent plane; the mean exit time then has weak order one in the step (Gobet
2000).
"""

from __future__ import annotations

import math

import torch


def survival(before: torch.Tensor, after: torch.Tensor, spread: float | torch.Tensor) -> torch.Tensor:
    r"""Return the probability that a bridge from ``before`` to ``after`` stays positive.

    Parameters
    ----------
    before, after : torch.Tensor
        Distances at the ends of the step, shape ``(n,)``.
    spread : float or torch.Tensor
        :math:`D_n h`, squared distance.

    Returns
    -------
    torch.Tensor
        Shape ``(n,)``; zero where ``after`` is not positive.

    References
    ----------
    Gobet 2000, the continuous Euler scheme (``gobet2000``).

    Examples
    --------
    >>> ends = torch.tensor([[1.0], [math.log(2)]], dtype=torch.float64)
    >>> round(float(survival(*ends, 1.0)), 12)
    0.5
    """
    if isinstance(spread, float) and spread == 0.0:  # no noise across this face
        return (after > 0).to(after.dtype)
    exponent = before * after
    exponent = exponent.div_(-spread) if isinstance(spread, torch.Tensor) else exponent.mul_(-1 / spread)
    return exponent.clamp_(max=0).expm1_().neg_()


def hitting_fraction(
    before: torch.Tensor, after: torch.Tensor, spread: float | torch.Tensor, uniforms: torch.Tensor
) -> torch.Tensor:
    r"""Draw the time of the first zero of a bridge that has one, as a fraction of the step.

    Parameters
    ----------
    before, after : torch.Tensor
        Distances at the ends of the step, shape ``(n,)``; ``before`` is positive.
    spread : float or torch.Tensor
        :math:`D_n h`.
    uniforms : torch.Tensor
        Independent uniforms in (0, 1), shape ``(3, n)``.

    Returns
    -------
    torch.Tensor
        ``T / h`` in [0, 1], shape ``(n,)``.

    References
    ----------
    Michael, Schucany and Haas 1976 (inverse Gaussian variates from a normal and a uniform); the law is derived above.
    """
    # with m = 1 / mean and y = normal**2 the smaller root is 1 / (m + b + sqrt(b**2 + 2 m b)), b = y / (2 shape): this
    # form keeps its digits where the end of the step lies on the face (m = 0) and where it lies far beyond
    normal = (-2 * torch.log(uniforms[0])).sqrt() * torch.cos(2 * math.pi * uniforms[1])
    m = after.abs() / before
    b = normal * normal * spread / (before * before)
    inverse = m + b + (b * (b + 2 * m)).sqrt()  # 1 / (smaller root)
    small = uniforms[2] * (1 + m / inverse) < 1
    z = torch.where(small, 1 / inverse, inverse / (m * m))
    return 1 / (1 + 1 / z)
