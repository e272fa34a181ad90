"""Figures with a slider over curves computed beforehand: no kernel needed, the same bytes on every run."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from escapetime.errors import InvalidInput
from escapetime.plots.still import still

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


class Interactive:
    """A plotly figure that a notebook shows the same on every run, and a web page without any server.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        The figure, of lines and markers, with the range of every axis given.
    name : str
        Identity of its element: lower-case words and digits joined by hyphens, unique in the book.
    alt : str
        What the figure shows, in a sentence, for those who do not see it.
    digits : int
        Significant digits kept of every number.

    Raises
    ------
    InvalidInput
        If the name is no identity, the text is missing, or the range of an axis is.

    Notes
    -----
    Where plotly.js is not loaded (no JavaScript, print, Colab), a drawing of what is shown first stays in its place.

    Examples
    --------
    >>> import plotly.graph_objects as go
    >>> figure = go.Figure(go.Scatter(x=[0, 1], y=[0, 1 / 3]), dict(xaxis_range=[0, 1], yaxis_range=[0, 1]))
    >>> shown = Interactive(figure, "fig-line", "A straight line.")
    >>> shown.spec["data"][0]["y"]
    [0, 0.3333]
    """

    def __init__(self, figure: Figure, name: str, alt: str, *, digits: int = 4):
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
            raise InvalidInput(f"a name is lower-case words joined by hyphens, such as 'fig-paths'; got {name!r}")
        if not alt.strip():
            raise InvalidInput(f"{name} has no text: say in a sentence what it shows, for those who do not see it")
        spec = _rounded(json.loads(figure.to_json(engine="json")), digits)
        spec["layout"].pop("template", None)  # its colors would be those of a white page
        for axis in ("xaxis", "yaxis", *(key for key in spec["layout"] if re.fullmatch(r"[xy]axis\d+", key))):
            if "range" not in spec["layout"].get(axis, {}):
                raise InvalidInput(f"{name}: give {axis} a range, so that all settings are drawn to one scale")
        self.spec: dict[str, Any] = spec
        self.name, self.alt = name, " ".join(alt.split())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {
            "application/vnd.plotly.v1+json": {**self.spec, "config": {"displayModeBar": False, "responsive": True}},
            "text/html": self.html(),
            "text/plain": f"Interactive figure: {self.alt}",
        }

    def html(self) -> str:
        """Return the figure as a piece of a page: a still drawing, and the data from which a script makes it move.

        Returns
        -------
        str
            HTML, without any script of its own.
        """
        alt = html.escape(self.alt, quote=True)
        data = json.dumps(self.spec, separators=(",", ":"), ensure_ascii=True).replace("<", "\\u003c")
        return (
            f'<div class="et-interactive" id="{self.name}" role="group" aria-label="Figure with a slider">\n'
            f'<div class="et-plot" role="img" aria-label="{alt}">\n'
            f'{still(self.spec)}\n</div>\n<script type="application/json">{data}</script>\n</div>'
        )


def slides(
    settings: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    label: str,
    name: str,
    alt: str,
    layout: Mapping[str, Any],
    always: Sequence[Mapping[str, Any]] = (),
    start: int = 0,
    digits: int = 4,
) -> Interactive:
    """Make a figure with a slider: each setting shows its own curves, and all settings share some.

    Parameters
    ----------
    settings : mapping
        What the slider says, in order, to the curves shown there: plotly's scatter attributes (``x``, ``y``, ``mode``,
        ``line``, ``name``, ...). Every setting has the same number of curves.
    label : str
        Name of what the slider changes.
    name, alt, digits
        As for :class:`Interactive`.
    layout : mapping
        Plotly's layout: titles and ranges of the axes.
    always : sequence of mappings
        Curves that every setting shows, drawn below the others.
    start : int
        Number of the setting that is shown first, from 0.

    Returns
    -------
    Interactive
        The figure.

    Raises
    ------
    InvalidInput
        If there are fewer than two settings, their numbers of curves differ, or none has the number `start`.

    Examples
    --------
    >>> lines = {f"slope {k}": [dict(x=[0, 1], y=[0, k])] for k in (1, 2)}
    >>> shape = dict(xaxis_range=[0, 1], yaxis_range=[0, 2])
    >>> slides(lines, label="slope", name="fig-slopes", alt="A line.", layout=shape)._repr_mimebundle_()["text/plain"]
    'Interactive figure: A line.'
    """
    import plotly.graph_objects as go

    counts = {len(curves) for curves in settings.values()}
    if len(settings) < 2 or len(counts) != 1:
        raise InvalidInput(
            f"{name}: a slider needs two settings or more with the same number of curves each; "
            f"got {[len(curves) for curves in settings.values()]}"
        )
    if not 0 <= start < len(settings):
        raise InvalidInput(f"{name}: start must be one of the settings 0 to {len(settings) - 1}, got {start}")
    (count,) = counts
    first = list(settings.values())[start]
    moving = list(range(len(always), len(always) + count))
    steps = []
    for value, curves in settings.items():
        changed = {key: [_plain(curve[key]) for curve in curves] for key in ("x", "y")}
        steps.append({"method": "restyle", "label": value, "args": [changed, moving]})
    figure = go.Figure([go.Scatter(**{k: _plain(v) for k, v in curve.items()}) for curve in (*always, *first)])
    figure.update_layout(
        **layout, sliders=[{"active": start, "steps": steps, "currentvalue": {"prefix": f"{label}: "}}]
    )
    return Interactive(figure, name, alt, digits=digits)


def _plain(value: Any) -> Any:
    # plotly packs arrays into base64, which nobody can compare; a list it leaves alone
    return value.tolist() if hasattr(value, "tolist") else value


def _rounded(value: Any, digits: int) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    if isinstance(value, dict):
        return {key: _rounded(part, digits) for key, part in value.items()}
    return [_rounded(part, digits) for part in value] if isinstance(value, list) else value
