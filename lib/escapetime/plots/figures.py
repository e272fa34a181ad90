"""The book's figures in one style: readable on a phone, in print, and by the color-blind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from escapetime.errors import InvalidInput
from escapetime.landscape import Landscape

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from escapetime.stats import SurvivalCurve

# Okabe and Ito's palette: distinct under every common color blindness
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = "osD^v<>"

_STYLE = {
    "figure.figsize": (6.4, 3.8), "figure.dpi": 110, "figure.constrained_layout.use": True,
    "savefig.facecolor": "white", "font.size": 11.5, "axes.titlesize": 11.5, "axes.spines.top": False,
    "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.25, "legend.frameon": False,
    "lines.linewidth": 1.8, "lines.markersize": 5.5, "errorbar.capsize": 3,
}  # fmt: skip


@contextmanager
def style() -> Iterator[None]:
    """Draw in the book's style inside a ``with`` block."""
    import matplotlib as mpl
    from cycler import cycler

    # not rc_context: it also puts back `interactive`, which a notebook's backend sets when the first figure is made
    settings = {**_STYLE, "axes.prop_cycle": cycler(color=COLORS)}
    before = {name: mpl.rcParams[name] for name in settings}
    mpl.rcParams.update(settings)
    try:
        yield
    finally:
        mpl.rcParams.update(before)


def figure(columns: int = 1, **options: Any) -> tuple[Figure, Any]:
    """Make a figure with ``columns`` panels side by side, in the book's style.

    Parameters
    ----------
    columns : int
        Number of panels.
    **options
        Passed to :func:`matplotlib.pyplot.subplots`.

    Returns
    -------
    tuple
        The figure, and its axes (one, or an array of them).
    """
    import matplotlib.pyplot as plt

    with style():
        return plt.subplots(1, columns, **({"figsize": (6.4, 3.8) if columns == 1 else (4.6 * columns, 3.7)} | options))


def landscape(U: Landscape, box: Sequence[Sequence[float]] | None = None, ax: Axes | None = None) -> Axes:
    """Draw a loss in one or two dimensions with its critical points marked.

    Parameters
    ----------
    U : Landscape
        One- or two-dimensional.
    box : sequence of pairs, optional
        What to show; default the landscape's own box.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    InvalidInput
        If the landscape has more than two dimensions or no box is known.
    """
    if U.dimension > 2:
        raise InvalidInput(
            f"A figure shows one or two dimensions, {U.name} has {U.dimension}; "
            "draw a section: fix coordinates with subs."
        )
    box = box or U.box
    if box is None:
        raise InvalidInput(f"Where to look? Give box=((lo, hi), ...) with {U.dimension} pair(s).")
    ax = ax or figure()[1]
    if U.dimension == 1:
        ((lo, hi),) = box
        grid = np.linspace(lo, hi, 401)
        ax.plot(grid, U.value(grid[:, None]), color=COLORS[-1])
        ax.set(xlabel=f"${U.variables[0]}$", ylabel="loss $U$")
    else:
        axes = [np.linspace(lo, hi, 201) for lo, hi in box]
        points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
        height = U.value(points)
        low, top = float(height.min()), float(np.quantile(height, 0.75))
        ax.contour(*axes, height.T, levels=np.linspace(low, top, 22), cmap="cividis", linewidths=1.0)
        ax.set(xlabel=f"${U.variables[0]}$", ylabel=f"${U.variables[1]}$")
    marks = {"minimum": "o", "saddle": "X", "maximum": "^", "degenerate": "s"}
    shown: set[str] = set()
    for p in U.critical_points(box):
        place = (p.point[0], p.value) if U.dimension == 1 else tuple(p.point)
        color = COLORS[list(marks).index(p.kind)]
        ax.plot(
            *place, marks[p.kind], color=color, ms=8, mec="white", label=None if p.kind in shown else p.kind, ls="none"
        )
        shown.add(p.kind)
    ax.legend()
    return ax


def ratios(
    at: Sequence[float],
    series: Mapping[str, Sequence[float]],
    *,
    errors: Mapping[str, Sequence[tuple[float, float]]] | None = None,
    curves: Mapping[str, Callable[[np.ndarray], np.ndarray]] | None = None,
    xlabel: str = "temperature $D$",
    ylabel: str = "ratio to leading order",
    ax: Axes | None = None,
) -> Axes:
    """Draw measured ratios against a control parameter, with predicted curves: points measure, lines predict.

    Parameters
    ----------
    at : sequence of float
        Positive values of the parameter, shape ``(n,)``, drawn on a logarithmic axis.
    series : mapping
        Label to ratios, each of shape ``(n,)``.
    errors : mapping, optional
        Label to ``n`` intervals ``(lo, hi)``.
    curves : mapping, optional
        Label to a function of the parameter.
    xlabel, ylabel : str
        Axis labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = ax or figure()[1]
    fine = np.geomspace(min(at), max(at), 200)
    for i, (label, curve) in enumerate((curves or {}).items()):
        ax.plot(fine, curve(fine), "-" if i == 0 else "--", color=COLORS[-1 - i % 3], label=label, lw=1.4)
    for i, (label, values) in enumerate(series.items()):
        bars = None
        if errors and label in errors:
            bars = np.abs(np.array(errors[label]).T - np.asarray(values))
        ax.errorbar(at, values, yerr=bars, fmt=MARKERS[i], color=COLORS[i], label=label)
    ax.axhline(1.0, color="0.6", lw=0.8, zorder=0)
    ax.set(xscale="log", xlabel=xlabel, ylabel=ylabel)
    ax.legend()
    return ax


def survival(curve: SurvivalCurve, *, mean: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw a survival curve with its band on a logarithmic scale, and the exponential law for comparison.

    Parameters
    ----------
    curve : SurvivalCurve
        From :func:`escapetime.stats.survival_curve`.
    mean : float, optional
        Mean of the exponential to draw, in the unit of the curve's times.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = ax or figure()[1]
    lower, upper = curve.interval()
    ax.fill_between(curve.times, lower, upper, step="post", alpha=0.25, color=COLORS[0], lw=0)
    ax.step(curve.times, curve.survival, where="post", color=COLORS[0], label="simulated")
    if mean is not None:
        line = np.array([0.0, float(np.max(curve.times))])
        ax.plot(line, np.exp(-line / mean), "--", color=COLORS[-1], label=r"$e^{-t/\tau}$")
    smallest = curve.survival[curve.survival > 0]
    ax.set(
        yscale="log",
        ylim=(max(0.5 * float(smallest.min()), 1e-4), 1.2),
        xlabel="time $t$",
        ylabel="fraction still inside",
    )
    ax.legend()
    return ax
