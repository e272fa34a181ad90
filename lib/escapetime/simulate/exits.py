"""When, where and through which face a path left, from the two ends of its last step."""

from __future__ import annotations

import torch

from escapetime.simulate.brownian_bridge import hitting_fraction, survival
from escapetime.simulate.model import StepModel
from escapetime.simulate.torch_rows import compile_rows


class ExitFinder:
    """Completes the last step of paths that have left.

    Parameters
    ----------
    model : StepModel
        The model they are paths of.
    dt : float
        Time step.
    correction : str
        ``"bridge"`` or ``"none"``.
    """

    def __init__(self, model: StepModel, dt: float, correction: str) -> None:
        self.dt, self.bridged = dt, correction == "bridge"
        self.distances = compile_rows(model.variables, model.distances)
        self.spreads = compile_rows(model.variables, model.spreads)
        self.gradients = [compile_rows(model.variables, gradient) for gradient in model.gradients]

    def __call__(
        self, before: torch.Tensor, after: torch.Tensor, uniforms: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Find the exits.

        Parameters
        ----------
        before, after : torch.Tensor
            Positions at the ends of the step, shape ``(d, n)``, float64.
        uniforms : torch.Tensor
            Shape ``(4, n)``: for the choice of the face, then those of :func:`hitting_fraction`.

        Returns
        -------
        tuple of torch.Tensor
            Number of the face, shape ``(n,)``; time as a fraction of the step, ``(n,)``; point, ``(d, n)``.
        """
        d0, d1 = torch.stack(self.distances(*before)), torch.stack(self.distances(*after))
        if not self.bridged:
            return d1.argmin(dim=0), torch.ones_like(d1[0]), after
        spreads = [spread * self.dt for spread in self.spreads(*before)]
        chances = [1 - survival(a, b, s) for a, b, s in zip(d0.unbind(), d1.unbind(), spreads, strict=True)]
        crossing = torch.stack(chances).nan_to_num_(nan=1.0)
        # several faces may have been touched: each is chosen in proportion to its chance
        shares = crossing.cumsum(dim=0)
        face = (uniforms[0] * shares[-1] >= shares[:-1]).sum(dim=0)
        fraction, point = torch.ones_like(d1[0]), after
        for k in range(len(spreads)):
            part = hitting_fraction(d0[k], d1[k], spreads[k], uniforms[1:])
            fraction = torch.where(face == k, part, fraction)
            point = torch.where(face == k, self._onto_face(k, before + part * (after - before)), point)
        return face, fraction, point

    def _onto_face(self, k: int, point: torch.Tensor) -> torch.Tensor:
        distance, normal = self.distances(*point)[k], self.gradients[k](*point)
        length = sum(n * n for n in normal)
        return torch.stack([x - distance * n / length for x, n in zip(point, normal, strict=True)])
