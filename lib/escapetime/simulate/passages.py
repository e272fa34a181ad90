"""The raw result of a simulation: when, where and whether each path left."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from escapetime.simulate.checkpoint import Checkpoint, Flight

INVALID, CENSORED = -2, -1  # in place of the number of a face


@dataclass(frozen=True, eq=False)
class Passages:
    """First passages of ``n`` paths, in the order of their numbers.

    Attributes
    ----------
    times : numpy.ndarray
        Time of exit; where a path was cut, how long it had been followed; nan where it became invalid. Shape ``(n,)``.
    steps : numpy.ndarray
        Steps taken, the one of the exit included, int64, shape ``(n,)``.
    face : numpy.ndarray
        Number of the face through which it left; -1 where it was cut and -2 where it became invalid. Shape ``(n,)``.
    points : numpy.ndarray
        Where it left, shape ``(n, d)``; nan where it did not. With ``correction="bridge"`` on the face (its tangent
        plane, where it is curved) next to the straight line through the step, so its tangential part is known to the
        size of a step only; with ``"none"`` the first grid point outside.
    path : numpy.ndarray
        Path numbers: 0 to n - 1 unless the run was interrupted.
    face_names : tuple of str
        Names of the faces.
    time_unit : str
        Unit of ``times``.
    details : mapping
        How they were made: ``engine`` and ``engine_reason``, ``device``, ``scheme``, ``correction``, ``dt``, ``steps``
        in all, ``invalid`` paths, and ``stable_dt``, the limit of the scheme.
    checkpoint : Checkpoint or None
        What is needed to go on with a run that was interrupted or cut: see :mod:`escapetime.simulate.checkpoint`.
    """

    times: NDArray[np.float64]
    steps: NDArray[np.int64]
    face: NDArray[np.int64]
    points: NDArray[np.float64]
    path: NDArray[np.int64]
    face_names: tuple[str, ...]
    time_unit: str
    details: Mapping[str, Any] = field(default_factory=dict)
    checkpoint: Checkpoint | None = None

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Whether the exit was seen, shape ``(n,)``."""
        return self.face >= 0

    @property
    def censored(self) -> NDArray[np.bool_]:
        """Whether the path was cut before it left, shape ``(n,)``."""
        return self.face == CENSORED

    @property
    def invalid(self) -> NDArray[np.bool_]:
        """Whether the path ended in a number that is not finite, shape ``(n,)``."""
        return self.face == INVALID

    @property
    def face_counts(self) -> dict[str, int]:
        """How many paths left through each face, by name."""
        return {name: int(np.sum(self.face == i)) for i, name in enumerate(self.face_names)}

    def save(self, file: str | os.PathLike[str]) -> None:
        """Write everything to a file, so that another process can go on with the run.

        Parameters
        ----------
        file : str or path
            Its name, used as it is; numpy's ``npz`` format.
        """
        from escapetime.simulate.checkpoint import save

        save(self, file)

    @classmethod
    def load(cls, file: str | os.PathLike[str]) -> Passages:
        """Read what :meth:`save` wrote.

        Parameters
        ----------
        file : str or path
            Its name.

        Returns
        -------
        Passages
            To be looked at, or passed as ``resume``.

        Raises
        ------
        InvalidInput
            If it is not such a file.
        """  # noqa: DOC502 - raised by what it calls
        from escapetime.simulate.checkpoint import load

        return load(file)

    def __repr__(self) -> str:
        parts = [f"{len(self.times)} paths", *(f"{count} left by {name}" for name, count in self.face_counts.items())]
        rest = (("cut", self.censored), ("invalid", self.invalid))
        parts += [f"{int(mask.sum())} {word}" for word, mask in rest if mask.any()]
        return f"<Passages: {', '.join(parts)}>"


class Outcome:
    """The arrays that engines fill in, each path its own entry, in any order and from any thread.

    Parameters
    ----------
    paths : int
        Number of paths asked for.
    dimension : int
        Number of coordinates.

    Attributes
    ----------
    flight : list of Flight
        What engines that can be resumed append when they are stopped: the paths they were following.
    """

    def __init__(self, paths: int, dimension: int) -> None:
        self.times = np.full(paths, np.nan)
        self.steps = np.zeros(paths, dtype=np.int64)
        self.face = np.full(paths, CENSORED, dtype=np.int64)
        self.points = np.full((paths, dimension), np.nan)
        self.started = np.zeros(paths, dtype=bool)
        self.flight: list[Flight] = []

    def store(
        self, path: NDArray[np.int64] | slice, steps: NDArray[np.int64], times: NDArray[np.float64],
        face: NDArray[np.int64], points: NDArray[np.float64],
    ) -> None:  # fmt: skip
        """Record paths that are over; ``points`` has shape ``(n, d)``."""
        self.steps[path], self.times[path], self.face[path] = steps, times, face
        self.points[path], self.started[path] = points, True

    def passages(
        self, face_names: Sequence[str], time_unit: str, details: Mapping[str, Any],
        checkpoint: Checkpoint | None = None,
    ) -> Passages:  # fmt: skip
        """Return what has been recorded; paths that were never started are left out."""
        path = np.flatnonzero(self.started)
        mine = slice(None) if len(path) == len(self.started) else path  # a card ends paths faster than they are copied
        arrays = (self.times[mine], self.steps[mine], self.face[mine], self.points[mine])
        told = {"steps": int(self.steps.sum()), "invalid": int(np.sum(self.face == INVALID)), **details}
        return Passages(*arrays, path, tuple(face_names), time_unit, told, checkpoint)
