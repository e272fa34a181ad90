r"""How a process is advanced by one step, as symbols: stages, and the state after them.

============== ====================================== ==========================================================
scheme         for                                    weak order
============== ====================================== ==========================================================
``euler``      diffusions, stable noise               1 (Euler and Maruyama; Kloeden and Platen 1992, section 14.1)
``platen``     diffusions with commuting noise        2 (Platen's explicit scheme; Kloeden and Platen 1992, 15.1)
``baoab``      processes with inertia                 2 (Leimkuhler and Matthews 2013)
``flow``       stable noise, drift with known flow    1: the exact flow of the drift, then an exact increment
``chain``      an optimizer's own update              none: it is what it is
============== ====================================== ==========================================================

The order is that of expectations at a fixed time. The mean time of an exit inherits order 1 from the way in which exits
are found between grid points; see :func:`escapetime.simulate.first_passage`.

Under stable noise a drift that grows faster than linearly makes Euler's scheme explode at any step: now and then a jump
lands where one step overshoots to the other side and further out. The exact flow comes back from anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sympy as sp

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.processes import Chain, Diffusion, LevyDriven, Process, Underdamped
from escapetime.processes.stable_noise import positive_stable, symmetric_stable
from escapetime.symbolic.assignments import Stage
from escapetime.symbolic.flows import exact_flow
from escapetime.symbolic.noise_factor import noise_factor

SCHEMES = ("auto", "euler", "platen", "baoab", "flow", "chain")
TIME_STEP = sp.Symbol("dt", positive=True)


@dataclass(frozen=True)
class Step:
    """One step of a scheme; the attributes are those of :class:`escapetime.simulate.model.StepModel`."""

    scheme: str
    normals: tuple[sp.Symbol, ...]
    update: tuple[sp.Expr, ...]
    stages: tuple[Stage, ...] = ()
    memory: dict[sp.Symbol, sp.Expr] = field(default_factory=dict)


def resolve(process: Process, scheme: str) -> str:
    """Return the name of the scheme with which a process is stepped.

    Parameters
    ----------
    process : Process
        What is stepped.
    scheme : str
        ``"auto"``: the process's own update where it has one, else ``"baoab"``, ``"flow"`` where that is known, or
        ``"euler"``.

    Returns
    -------
    str
        One of the others.

    Raises
    ------
    InvalidInput
        If there is no scheme of that name.
    RouteNotApplicable
        If it cannot step this process.
    """
    if scheme not in SCHEMES:
        raise InvalidInput(f"Expected scheme to be one of {', '.join(map(repr, SCHEMES))}, got {scheme!r}.")
    fitting: tuple[str, ...] = {
        Chain: ("chain",), Underdamped: ("baoab",), Diffusion: ("euler", "platen"), LevyDriven: ("euler",),
    }[type(process)]  # fmt: skip
    if isinstance(process, LevyDriven) and _flow(process) is not None:
        fitting = ("flow", *fitting)
    if isinstance(process, Diffusion | LevyDriven) and process.chain is not None:
        fitting = ("chain", *fitting)
    if scheme == "auto":
        return fitting[0]
    if scheme not in fitting:
        raise RouteNotApplicable(
            f"scheme={scheme!r} does not step this {type(process).__name__}; use {' or '.join(map(repr, fitting))}."
        )
    return scheme


def step(process: Process, scheme: str) -> Step:
    """Return one step of a process.

    Parameters
    ----------
    process : Process
        What is stepped.
    scheme : str
        As :func:`resolve` returns it.

    Returns
    -------
    Step
        In the symbols of the process, with ``dt`` for the time step.

    Raises
    ------
    RouteNotApplicable
        If the noise does not commute and the scheme needs it to.
    """  # noqa: DOC502 - raised by what it calls
    if isinstance(process, Underdamped):
        return _baoab(process)
    if scheme == "chain":
        chain = process.chain
        assert chain is not None
        memory = {name: sp.Float(value) for name, value in chain.memory.items()}
        return Step(scheme, chain.normals, chain.update, chain.stages, memory)
    if isinstance(process, LevyDriven):
        return _with_jumps(process, scheme)
    assert isinstance(process, Diffusion)
    ito = process.to_ito()
    factor = noise_factor(2 * ito.diffusion)
    return (_euler if scheme == "euler" else _platen)(ito, factor)


def _normals(count: int) -> tuple[sp.Symbol, ...]:
    return tuple(sp.Symbol(f"z{j}", real=True) for j in range(count))


def _euler(process: Diffusion, factor: sp.Matrix) -> Step:
    z = _normals(factor.cols)
    kicks = sp.sqrt(TIME_STEP) * _times(factor, z)
    update = sp.Matrix(process.variables) + TIME_STEP * process.drift + kicks
    return Step("euler", z, tuple(update))


def _flow(process: LevyDriven) -> tuple[sp.Expr, ...] | None:
    return exact_flow(list(process.drift), process.variables, TIME_STEP)


def _with_jumps(process: LevyDriven, scheme: str) -> Step:
    """The increment comes last: a jump out of the domain is seen before the drift brings the path back."""
    x, alpha, m = process.variables, process.alpha, process.mixing.cols
    pairs = [sp.symbols(f"z{j}_1 z{j}_2", real=True) for j in range(m)]
    names = [sp.Symbol(f"stable_{j}", real=True) for j in range(m)]
    if process.kind == "isotropic" and m > 1 and alpha < 2:
        g, pair = sp.symbols(f"g0:{m}", real=True), pairs[0]
        radius = sp.Symbol("radius", real=True)
        normals = (*pair, *g)
        stages: list[Stage] = [(radius, sp.sqrt(2 * positive_stable(alpha, *pair)))]
        stages += [(name, radius * n) for name, n in zip(names, g, strict=True)]
    else:
        normals = tuple(z for pair in pairs for z in pair)
        stages = [(name, symmetric_stable(alpha, *pair)) for name, pair in zip(names, pairs, strict=True)]
    flow = _flow(process) if scheme == "flow" else None
    drifted = flow if flow is not None else [v + TIME_STEP * b for v, b in zip(x, process.drift, strict=True)]
    kicks = TIME_STEP ** (1 / sp.nsimplify(alpha)) * process.mixing * sp.Matrix(names)
    return Step(scheme, normals, tuple(d + k for d, k in zip(drifted, kicks, strict=True)), tuple(stages))


def _platen(process: Diffusion, factor: sp.Matrix) -> Step:
    """Without the terms that need noises of their own, which vanish if the columns of the factor commute."""
    x, d, m = process.variables, process.dimension, factor.cols
    _check_commuting(x, factor)
    z, root = _normals(m), sp.sqrt(TIME_STEP)
    varying = [j for j in range(m) if factor[:, j].free_symbols]
    stages: list[Stage] = []

    def point(name: str, value: sp.Matrix) -> dict[sp.Symbol, sp.Expr]:
        names = [sp.Symbol(f"{name}_{v}", real=True) for v in x]
        stages.extend(zip(names, value, strict=True))
        return dict(zip(x, names, strict=True))

    here = sp.Matrix(x) + TIME_STEP * process.drift
    guess = point("guess", here + root * _times(factor, z))
    update = sp.Matrix(x) + TIME_STEP * (process.drift + process.drift.xreplace(guess)) / 2
    for j in range(m):
        column = factor[:, j]
        if j not in varying:
            update += root * z[j] * column
            continue
        above = column.xreplace(point(f"above{j}", here + root * column))
        below = column.xreplace(point(f"below{j}", here - root * column))
        update += root * (z[j] * (above + below + 2 * column) + (z[j] ** 2 - 1) * (above - below)) / 4
    return Step("platen", z, tuple(update[i] for i in range(d)), tuple(stages))


def _check_commuting(x: Sequence[sp.Symbol], factor: sp.Matrix) -> None:
    """Along one column of the factor the others must not change: then noises enter one by one."""
    for j in range(factor.cols):
        for k in range(factor.cols):
            if j != k and (factor[:, k].jacobian(x) * factor[:, j]).applyfunc(sp.simplify) != sp.zeros(len(x), 1):
                raise RouteNotApplicable(
                    "scheme='platen' has weak order 2 only where each noise leaves the amplitude of the others as it "
                    "is (constant D, one noise, or D diagonal with D_ii a function of x_i); use scheme='euler'."
                )


def _baoab(process: Underdamped) -> Step:
    """The two half kicks that meet at a grid point are taken as one: positions are the same, one gradient a step."""
    x, gradient = process.variables, process.landscape.gradient
    masses = [sp.Float(m) for m in process.masses]
    v, kicked, half, thermal = (
        tuple(sp.Symbol(f"{name}_{c}", real=True) for c in x) for name in ("velocity", "kicked", "half", "thermal")
    )
    stages = [(k, u - TIME_STEP * g / m) for k, u, g, m in zip(kicked, v, gradient, masses, strict=True)]
    stages += [(h, c + TIME_STEP * k / 2) for h, c, k in zip(half, x, kicked, strict=True)]
    # the position rests while noise acts: with its strength there that part is exact, and the whole stays symmetric
    factor = _heat(process).xreplace(dict(zip(x, half, strict=True)))
    z = _normals(factor.cols)
    decayed = [sp.exp(-sp.Float(g) * TIME_STEP) * k for g, k in zip(process.frictions, kicked, strict=True)]
    stages += [(t, d + n) for t, d, n in zip(thermal, decayed, _times(factor, z), strict=True)]
    moved = [h + TIME_STEP * t / 2 for h, t in zip(half, thermal, strict=True)]
    # at rest at the start: the first kick, a whole one, is made a half one
    memory = {u: TIME_STEP * g / (2 * m) for u, g, m in zip(v, gradient, masses, strict=True)}
    return Step("baoab", z, (*moved, *thermal), tuple(stages), memory)


def _heat(process: Underdamped) -> sp.Matrix:
    """Root of the covariance of the velocity after a time step of friction and noise alone."""
    d, friction, masses = process.dimension, process.friction, [sp.Float(m) for m in process.masses]
    light = sp.diag(*(1 / m for m in masses))
    if process.temperature is not None:
        spreads = [
            (1 - sp.exp(-2 * sp.Float(g) * TIME_STEP)) * sp.Float(process.temperature) for g in process.frictions
        ]
        return sp.diag(*(sp.sqrt(s / m) for s, m in zip(spreads, masses, strict=True)))
    if not isinstance(friction, tuple):
        rate = 2 * sp.Float(friction)
        return sp.sqrt((1 - sp.exp(-rate * TIME_STEP)) / rate) * light * noise_factor(2 * process.diffusion)
    rates = sp.Matrix(d, d, lambda i, j: sp.Float(friction[i] + friction[j]))
    spread = rates.applyfunc(lambda r: 2 * (1 - sp.exp(-r * TIME_STEP)) / r)
    return light * noise_factor(spread.multiply_elementwise(process.diffusion))


def _times(factor: sp.Matrix, z: Sequence[sp.Symbol]) -> sp.Matrix:
    return factor * sp.Matrix(z) if z else sp.zeros(factor.rows, 1)
