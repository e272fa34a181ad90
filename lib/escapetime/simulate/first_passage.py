"""First passage by Monte Carlo: the front that turns a problem into times, and times into an estimate."""

from __future__ import annotations

from typing import Any

from escapetime.errors import NumericalFailure, RouteNotApplicable
from escapetime.problem import EscapeProblem, EscapeTime
from escapetime.simulate.ensemble import simulate
from escapetime.simulate.passages import Passages
from escapetime.simulate.request import earlier, plan
from escapetime.stats import exponential_mle, mean_estimate

_SCHEMES = {
    "euler": "Euler-Maruyama Monte Carlo",
    "platen": "Monte Carlo with Platen's scheme of weak order 2",
    "baoab": "BAOAB Monte Carlo",
    "flow": "Monte Carlo with the exact flow of the drift",
    "chain": "Monte Carlo of the chain",
}
_EXITS = {
    ("euler", "bridge"): ", exits between grid points by Brownian bridge",
    ("platen", "bridge"): ", exits between grid points by Brownian bridge",
    ("baoab", "bridge"): ", exits between grid points by a straight line",
    ("euler", "shift"): ", boundary moved in by the overshoot of a step",
    ("flow", "shift"): ", boundary moved in by the overshoot of a step",
    ("chain", "none"): "",
}
_SOURCES = {
    "euler": ("gobet2000",),
    "platen": ("kloeden1992", "gobet2000"),
    "baoab": ("leimkuhler2013",),
    "flow": ("chambers1976",),
    "chain": (),
}


def first_passage(
    problem: EscapeProblem,
    *,
    paths: int = 10_000,
    dt: float | None = None,
    seed: int = 0,
    device: Any = "auto",
    engine: str = "auto",
    correction: str = "auto",
    scheme: str = "auto",
    max_steps: int | None = None,
    chunk: int | None = None,
    dtype: str = "float64",
    progress: bool | None = None,
    resume: Passages | None = None,
) -> Passages:
    """Simulate when and where paths leave the domain.

    Parameters
    ----------
    problem : EscapeProblem
        A diffusion in any convention, with constant or state-dependent ``D``; an underdamped process; or a chain, the
        update of an optimizer.
    paths : int
        Number of independent paths. Memory grows with ``chunk``, and by some tens of bytes a path for the results.
    dt : float, optional
        Time step, in the process's unit of time; 0.01 by default. The step of a chain is its learning rate.
    seed : int
        ``0 <= seed < 2**64``. Seed and path number fix every draw: results do not depend on ``chunk``, on the number of
        threads or on how many other paths there are, and on another device differ by rounding only.
    device : str or torch.device
        ``"auto"`` (CUDA where there is a card, else the CPU), ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ...
    engine : str
        ``"cpu"`` (compiled, vectorised, on as many threads as torch may use), ``"gpu"`` (compiled, on a CUDA device),
        ``"reference"`` (torch, any device) or ``"auto"``: the compiled one of the device where it can run this. Which
        it was, and why, is in ``details``.
    correction : str
        ``"bridge"``: exits between grid points are found, and timed, by the law of the Brownian bridge
        (:mod:`escapetime.simulate.brownian_bridge`); an underdamped path crosses on a straight line. ``"none"``: a path
        has left at the first grid point outside, as if each face lay ``0.5826 sqrt(2 D dt)`` further out (Siegmund
        1979). ``"shift"``: for stable noise with index above 1, each face is moved inwards by the overshoot of a step
        (:mod:`escapetime.simulate.overshoot`). ``"auto"``: ``"none"`` for chains, which are nowhere between their
        steps, ``"shift"`` or (index up to 1) ``"none"`` for stable noise, else ``"bridge"``.
    scheme : str
        ``"euler"`` (Euler and Maruyama, weak order 1) or ``"platen"`` (weak order 2) for diffusions, ``"baoab"`` (weak
        order 2) for the underdamped process, ``"flow"`` or ``"euler"`` for stable noise, ``"chain"`` for an optimizer's
        own update. ``"auto"``: the update where there is one, else the best of these that fits. See
        :mod:`escapetime.simulate.schemes`.
    max_steps : int, optional
        Where a path is cut. By default ``10**10 / paths``, at least 100,000.
    chunk : int, optional
        Most paths in flight at once, on the CPU for each thread; an engine may take fewer.
    dtype : str
        ``"float64"``, or ``"float32"`` for the positions; times are made in float64 all the same. In float32 the
        compiled engine draws from streams of its own, several times as fast, with normals that end at 6.66 standard
        deviations: not for rare events.
    progress : bool, optional
        Show a progress bar on stderr. By default after three seconds, and on a terminal only.
    resume : Passages, optional
        Of an earlier run of the same problem, with the same seed, step, scheme, correction, engine, dtype and number of
        paths, that was interrupted or cut: the result is that of a run that was not, bit for bit on the same machine.
        Paths in flight go on from where they were; paths cut by a smaller ``max_steps`` are followed again from their
        start. :meth:`Passages.save` and :meth:`Passages.load` carry it to another process.

    Returns
    -------
    Passages
        Times, faces, steps and points, path by path. After Ctrl-C: those paths that were begun, unfinished ones cut
        where they were.

    Raises
    ------
    InvalidInput
        If an argument is out of range, or ``dt`` is too large for stability.
    RouteNotApplicable
        If the scheme or the engine cannot step this process.
    DeviceUnavailable
        If the device is not there.

    Warns
    -----
    EscapeTimeWarning
        If paths became invalid, ``dt`` is coarse, or the run was interrupted.

    Notes
    -----
    The Euler scheme has weak order one: halve ``dt`` to see its bias. A curved face is replaced by its tangent plane
    during a step, and ``D`` by its value at the start of the step (Gobet 2000); with a flat face, constant ``D`` and no
    drift the exit time is exact in law, as long as one step does not reach two faces.

    Examples
    --------
    >>> import escapetime as et
    >>> brownian = et.EscapeProblem(et.langevin(et.landscapes.flat(), temperature=0.5), 0.0, et.Interval(-1, 1))
    >>> passages = first_passage(brownian, paths=1000, dt=0.05, seed=1)
    >>> passages
    <Passages: 1000 paths, 506 left by lower, 494 left by upper>
    """  # noqa: DOC502 - raised by what it calls
    request = plan(
        problem, paths=paths, dt=dt, seed=seed, device=device, correction=correction, max_steps=max_steps, chunk=chunk,
        dtype=dtype, scheme=scheme,
    )  # fmt: skip
    return simulate(problem, request, engine, progress, earlier(resume))


def escape_time(
    problem: EscapeProblem,
    *,
    paths: int = 10_000,
    dt: float | None = None,
    seed: int = 0,
    device: Any = "auto",
    engine: str = "auto",
    correction: str = "auto",
    scheme: str = "auto",
    max_steps: int | None = None,
    chunk: int | None = None,
    dtype: str = "float64",
    progress: bool | None = None,
    resume: Passages | None = None,
) -> EscapeTime:
    """Estimate the mean escape time by Monte Carlo, with an interval.

    Parameters
    ----------
    problem : EscapeProblem
        As for :func:`first_passage`.
    paths, dt, seed, device, engine, correction, scheme, max_steps, chunk, dtype, progress, resume
        As for :func:`first_passage`.

    Returns
    -------
    EscapeTime
        If every path left: the sample mean with its interval (`escapetime.stats.mean_estimate`). If some were cut: the
        mean of the exponential law fitted to all of them (`escapetime.stats.exponential_mle`), and ``method`` says so.
        That law holds when the time inside the well is long against its relaxation; the interval knows nothing of the
        bias otherwise. ``details`` has those of :class:`Passages`, ``faces`` (exits by face) and ``passages``.

    Raises
    ------
    InvalidInput
        If an argument is out of range, or ``dt`` is too large for stability.
    RouteNotApplicable
        If the scheme or the engine cannot step this process, or no path left within the step budget.
    DeviceUnavailable
        If the device is not there.
    NumericalFailure
        If every path became invalid.

    Warns
    -----
    EscapeTimeWarning
        If paths became invalid, ``dt`` is coarse, or the run was interrupted.

    References
    ----------
    Gobet 2000 (bridge correction); Epstein and Sobel 1953 (cut paths).

    Examples
    --------
    Brownian motion leaves (-1, 1) after a mean time of ``1 / (2 D)``.

    >>> import escapetime as et
    >>> brownian = et.EscapeProblem(et.langevin(et.landscapes.flat(), temperature=0.5), 0.0, et.Interval(-1, 1))
    >>> answer = escape_time(brownian, paths=4000, dt=0.05, seed=1)
    >>> abs(answer.mean - 1) < 4 * answer.stderr, answer.censored
    (True, 0)
    """  # noqa: DOC502 - raised by what it calls
    passages = first_passage(
        problem, paths=paths, dt=dt, seed=seed, device=device, engine=engine, correction=correction,
        scheme=scheme, max_steps=max_steps, chunk=chunk, dtype=dtype, progress=progress, resume=resume,
    )  # fmt: skip
    scheme, step = passages.details["scheme"], passages.details["dt"]
    method = _SCHEMES[scheme] + _EXITS.get((scheme, passages.details["correction"]), ", exits seen at grid points only")
    valid = ~passages.invalid
    times, observed = passages.times[valid], passages.observed[valid]
    cut = int((~observed).sum())
    if not len(times):
        raise NumericalFailure(
            f"All {len(passages.times)} paths overflowed: the scheme is unstable at dt={step:g}, or the drift has no "
            "bottom outside the domain; take a smaller dt, or bound the domain."
        )
    if not observed.any():
        raise RouteNotApplicable(
            f"None of {len(times)} paths left within {int(passages.steps.max())} steps of {step:g}: the time is beyond "
            "a direct simulation. Ask et.simulate.splitting, et.exact or et.theory, or raise max_steps or the noise."
        )
    if not cut and len(times) > 1:
        estimate: Any = mean_estimate(times)
    else:
        estimate = exponential_mle(times, observed)
        method += f", exponential law fitted to {int(observed.sum())} exits and {cut} cut paths"
    return EscapeTime(
        mean=estimate.mean, stderr=estimate.stderr, method=method, source=_SOURCES[scheme],
        time_unit=passages.time_unit, paths=len(times), censored=cut, seed=seed, dt=passages.details["dt"],
        details={**passages.details, "faces": passages.face_counts, "passages": passages},
        interval_at=estimate.interval,
    )  # fmt: skip
