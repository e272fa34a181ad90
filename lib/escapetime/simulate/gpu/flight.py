"""Paths in flight on a device: their arrays, and the kernels that fill, advance and read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from escapetime.simulate.engine import Plan
from escapetime.simulate.gpu.layout import Layout
from escapetime.simulate.model import StepModel

if TYPE_CHECKING:
    from escapetime.simulate import checkpoint

BIRTHS = 256  # lanes of a program that does something once


@dataclass(frozen=True)
class Tuning:
    """How a kernel is cut into programs.

    Attributes
    ----------
    block : int
        Lanes of a program, a power of two.
    warps : int
        Warps that run it.
    """

    block: int
    warps: int

    @classmethod
    def of(cls, layout: Layout, interpreted: bool) -> Tuning:
        """Two lanes a thread hide latencies; with a large state one fills the registers. The interpreter wants rows."""
        if interpreted:
            return cls(1024, 4)
        return cls(256 if len(layout.names) <= 12 else 128, 4)


class Flight:
    """A row for each quantity, a column for each lane; empty lanes have path -1 and stand still.

    Parameters
    ----------
    model : StepModel
        What is simulated.
    plan : Plan
        How.
    layout : Layout
        Of the lanes.
    numbers : torch.Tensor
        What the kernel is given.
    kernel : triton kernel
        It advances lanes.
    tuning : Tuning
        How it is cut.
    lanes : int
        How many lanes; a multiple of the block.
    """

    def __init__(
        self, model: StepModel, plan: Plan, layout: Layout, numbers: torch.Tensor, kernel: Any, tuning: Tuning,
        lanes: int,
    ) -> None:  # fmt: skip
        self.layout, self.numbers, self.kernel, self.tuning = layout, numbers, kernel, tuning
        device, self.bits = numbers.device, 64 if plan.dtype == "float64" else 32
        word = torch.int64 if self.bits == 64 else torch.int32
        self.start = torch.tensor(model.initial(plan.dt), dtype=numbers.dtype, device=device)
        self.key = torch.tensor([plan.seed & 0xFFFFFFFF, plan.seed >> 32], device=device)
        # an empty lane starts where a path does, with a clock that has run down
        self.reals = torch.zeros((len(layout.names), lanes), dtype=numbers.dtype, device=device)
        self.reals[: len(self.start)] = self.start[:, None]
        self.words = torch.ones((4, lanes), dtype=word, device=device)
        self.steps = torch.zeros(lanes, dtype=torch.int64, device=device)
        self.path = torch.full((lanes,), -1, dtype=torch.int64, device=device)

    @property
    def lanes(self) -> int:
        """How many lanes there are."""
        return len(self.path)

    @property
    def clock(self) -> torch.Tensor:
        """At least one inside, less after the exit, nan for a path that overflowed; shape ``(lanes,)``."""
        return self.reals[-1]

    def sides(self, index: torch.Tensor) -> torch.Tensor:
        """Return positions before and after the last step of some lanes, shape ``(2, d, n)``, float64."""
        d, first = self.layout.dimension, self.layout.dimension + self.layout.memory
        rows = torch.stack((self.reals[first : first + d], self.reals[:d]))
        return rows[:, :, index].double()

    def advance(self, rounds: int) -> None:
        """Take this many rounds of steps."""
        self.kernel[(self.lanes // self.tuning.block,)](
            self.reals, self.words, self.steps, self.numbers, self.lanes, rounds, BLOCK=self.tuning.block,
            num_warps=self.tuning.warps,
        )  # fmt: skip

    def fill(self, slots: torch.Tensor, numbers: torch.Tensor) -> None:
        """Put paths of these numbers into these lanes, at the start."""
        from escapetime.simulate.gpu.births import born

        count = len(slots)
        born[(-(-count // BIRTHS),)](
            self.reals, self.words, self.steps, self.path, self.start, self.key, slots, numbers, self.lanes, count,
            STATE=len(self.start), DIMENSION=self.layout.dimension, BITS=self.bits, BLOCK=BIRTHS,
        )  # fmt: skip

    def read(self, index: torch.Tensor) -> checkpoint.Flight:
        """Return what it takes to go on with the paths in these lanes."""
        from escapetime.simulate import checkpoint

        parts = self.path, self.steps, self.words, self.clock, self.reals[: len(self.start)]
        return checkpoint.Flight(*(part[..., index].cpu().numpy() for part in parts))

    def write(self, slots: torch.Tensor, saved: checkpoint.Flight) -> None:
        """Let paths that were put into these lanes go on from where they were."""
        words, clock, state = (torch.from_numpy(v).to(slots.device) for v in (saved.words, saved.clock, saved.state))
        self.words[:, slots], self.reals[-1, slots], self.reals[: len(self.start), slots] = words, clock, state
        self.steps[slots] = torch.from_numpy(saved.steps).to(slots.device)

    def empty(self, slots: torch.Tensor) -> None:
        """Take the paths out of these lanes."""
        self.path[slots], self.reals[-1, slots] = -1, 0.0

    def squeeze(self, live: int) -> None:
        """Leave out empty lanes; ``live`` is the number of others."""
        lanes = -(-live // self.tuning.block) * self.tuning.block
        order = torch.argsort((self.path < 0).to(torch.int8), stable=True)[:lanes]
        self.reals, self.words = self.reals[:, order].contiguous(), self.words[:, order].contiguous()
        self.steps, self.path = self.steps[order], self.path[order]

    def exit_draws(self, path: torch.Tensor) -> torch.Tensor:
        """Return the uniforms that are reserved for the exits of these paths, shape ``(4, n)``."""
        from escapetime.simulate.gpu.births import exit_draws

        out = torch.empty((4, len(path)), dtype=torch.float64, device=path.device)
        if len(path):
            exit_draws[(-(-len(path) // BIRTHS),)](out, self.key, path, len(path), BLOCK=BIRTHS)
        return out
