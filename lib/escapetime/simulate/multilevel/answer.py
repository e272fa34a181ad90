"""From runs to an answer, and what has to be told beside it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from escapetime.errors import EscapeTimeWarning, NumericalFailure
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.simulate.engine import Plan
from escapetime.simulate.multilevel.ratio import Ratio
from escapetime.simulate.multilevel.wells import another

if TYPE_CHECKING:
    from escapetime.simulate.multilevel.branching import Repetition, Request, Surfaces

RESTING = 0.05  # share of the mean time that excursions to other wells may have before they are told
SCATTER = 1.0  # relative spread of p between runs above which a few runs carry the mean
SURPRISE = 1e-6  # chance of as many early exits, below which they are told
_NAMES = {
    "euler": "Euler-Maruyama paths", "platen": "paths of Platen's scheme", "baoab": "BAOAB paths", "chain": "the chain",
}  # fmt: skip
_SOURCES = {"euler": (), "platen": ("kloeden1992",), "baoab": ("leimkuhler2013",), "chain": ()}


def answer(
    problem: EscapeProblem, asked: Plan, request: Request, surfaces: Surfaces, level: str, done: Sequence[Repetition]
) -> EscapeTime:
    """Put runs together.

    Parameters
    ----------
    problem : EscapeProblem
        What was asked about.
    asked : Plan
        With time step, scheme and correction.
    request : Request
        What the runs were asked.
    surfaces : Surfaces
        Where loops were counted.
    level : str
        What the level was.
    done : sequence of Repetition
        The runs, two or more.

    Returns
    -------
    EscapeTime
        See :func:`escapetime.simulate.splitting.splitting`.

    Raises
    ------
    NumericalFailure
        If no run found a way out.
    """
    column = {f.name: np.array([getattr(run, f.name) for run in done]) for f in fields(done[0]) if f.name != "ways"}
    p, reach, approach = column["probability"], column["reach"], column["approach"]
    if not p.any():
        raise NumericalFailure(
            f"None of {len(done)} runs of {request.particles} particles found a way out; take more particles, or a "
            "level that rises along the way."
        )
    loop = column["excursion"] + column["ascent"]
    # h (D + U) + p (S - T) has mean zero, run by run
    ratio = Ratio((reach * loop + p * approach) * asked.dt, p)
    resting = float(column["resting"].mean() / loop.mean())
    well = another(problem, done[0].ways[:, : problem.process.dimension])
    _tell(request, done, p, resting, well, ratio.value / asked.dt)
    bridged = asked.correction == "bridge" and asked.scheme != "baoab"
    return EscapeTime(
        mean=ratio.value, stderr=ratio.stderr,
        method=f"adaptive multilevel splitting of {_NAMES[asked.scheme]}",
        source=("cerou2007", "brehier2016", "cerou2011", *_SOURCES[asked.scheme], *(("gobet2000",) if bridged else ())),
        time_unit=problem.process.time_unit, paths=request.particles * len(done), censored=0, seed=asked.seed,
        dt=asked.dt,
        details={
            "probability": float(p.mean()), "probabilities": p, "loop_time": float(loop.mean()) * asked.dt,
            "excursion_time": float(column["excursion"].mean()) * asked.dt, "resting": resting,
            "reach": float(reach.mean()), "approach": float(approach.mean()) * asked.dt,
            "level": level, "low": surfaces.low, "high": surfaces.high, "unit": surfaces.unit,
            "iterations": int(column["iterations"].sum()), "steps": int(column["steps"].sum()),
            "extinct": int(np.sum(p == 0)), "invalid": int(column["overflows"].sum()),
            "particles": request.particles, "runs": len(done), "scheme": asked.scheme, "correction": asked.correction,
            "reason": "as asked" if len(done) == request.runs else "interrupted",
        },
        interval_at=ratio.interval,
    )  # fmt: skip


def _tell(
    request: Request, done: Sequence[Repetition], p: NDArray[np.float64], resting: float,
    well: NDArray[np.float64] | None, steps: float,
) -> None:  # fmt: skip
    from scipy.special import pdtrc

    invalid, early = sum(run.overflows for run in done), sum(run.early for run in done)
    if invalid:
        _warn(f"{invalid} paths overflowed and were taken to return, which biases the mean: take a smaller dt.")
    if early and pdtrc(early - 1, 3 * len(done) * request.burn_in / steps) < SURPRISE:
        _warn(
            f"In {len(done)} direct paths of {request.burn_in} steps from the start {early} exits were seen, far more "
            f"than a mean of {steps:.3g} steps allows: the first steps are a way out by themselves. The estimate is of "
            "the time of those that stay."
        )
    if well is not None or resting > RESTING:
        place = "" if well is None else f", near {np.round(well, 4).tolist()}"
        _warn(
            f"The domain has another well on the way to its exit{place}. Time spent there is counted, as far as "
            "splitting has met it; for the time of the first well alone end the domain at its pass."
        )
    scatter = p.std(ddof=1) / p.mean()
    if scatter > SCATTER:
        _warn(
            f"The {len(p)} runs scatter by {scatter:.1f} times their mean, so that few of them carry it and the "
            "interval may be too short: take more particles, or a level that rises along the way out."
        )


def _warn(message: str) -> None:
    warnings.warn(message, EscapeTimeWarning, stacklevel=5)
