"""A drawing of a plotly figure's lines and markers as SVG, for where no script runs."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import Any

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 640.0, 56.0, 10.0, 8.0, 40.0


def still(spec: dict[str, Any]) -> str:
    """Return a plotly figure of scatter curves as an SVG picture in the color of the text around it.

    Parameters
    ----------
    spec : dict
        ``data`` and ``layout`` as plotly writes them; every axis has a ``range``. Curves that are not lines or
        markers, and all but linear axes, are left out.

    Returns
    -------
    str
        An ``svg`` element, 640 units wide, hidden from screen readers: its container has the text.
    """
    layout = spec["layout"]
    height = float(layout.get("height", 420))
    parts = [
        f'<svg class="et-still" viewBox="0 0 {WIDTH:g} {height:g}" width="100%" aria-hidden="true" fill="none" '
        'stroke="currentColor" font-size="13">'
    ]
    panels = {(curve.get("xaxis", "x"), curve.get("yaxis", "y")) for curve in spec["data"]}
    for x, y in sorted(panels):
        foot = layout[f"xaxis{x[1:]}"].get("anchor", "y") == y  # of panels above one another, one has the numbers
        parts += _frame(_scale(layout, x, height), _scale(layout, y, height), foot)
    for curve in spec["data"]:
        if curve.get("visible", True) is True:
            parts += _curve(curve, *(_scale(layout, curve.get(a + "axis", a), height) for a in "xy"))
    return "".join([*parts, "</svg>"])


class _Scale:
    """From the numbers of one axis to places of the picture."""

    def __init__(self, axis: dict[str, Any], start: float, end: float):
        self.low, self.high = axis["range"]
        self.start, self.end = start, end
        title = axis.get("title", "")
        self.title = title.get("text", "") if isinstance(title, dict) else title
        self.ticks = list(axis.get("tickvals", axis["range"])) if axis.get("showticklabels", True) else []

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def holds(self, value: float) -> bool:
        return min(self.low, self.high) <= value <= max(self.low, self.high)


def _scale(layout: dict[str, Any], name: str, height: float) -> _Scale:
    axis = layout[f"{name[0]}axis{name[1:]}"]
    low, high = axis.get("domain", (0.0, 1.0))
    if name[0] == "x":
        inner = WIDTH - LEFT - RIGHT
        return _Scale(axis, LEFT + low * inner, LEFT + high * inner)
    inner = height - TOP - BOTTOM
    return _Scale(axis, height - BOTTOM - low * inner, height - BOTTOM - high * inner)


def _frame(x: _Scale, y: _Scale, foot: bool) -> list[str]:
    parts = [f'<path d="M{x.start:.1f} {y.end:.1f}V{y.start:.1f}H{x.end:.1f}" opacity="0.5"/>']
    text = '<text x="{:.1f}" y="{:.1f}" text-anchor="{}" fill="currentColor" stroke="none">{}</text>'
    parts += [text.format(x(t), y.start + 16, "middle", f"{t:g}") for t in x.ticks if foot]
    parts += [text.format(x.start - 6, y(t) + 4, "end", f"{t:g}") for t in y.ticks]
    if x.title and foot:
        parts.append(text.format((x.start + x.end) / 2, y.start + 33, "middle", escape(x.title)))
    if y.title:
        middle = (y.start + y.end) / 2
        turned = text.replace("<text ", f'<text transform="rotate(-90 14 {middle:.1f})" ')
        parts.append(turned.format(14, middle, "middle", escape(y.title)))
    return parts


def _curve(curve: dict[str, Any], x: _Scale, y: _Scale) -> list[str]:
    pairs = list(zip(curve.get("x", []), curve.get("y", []), strict=False))
    # pieces of the curve that lie within the panel
    inside = groupby(pairs, lambda pair: x.holds(pair[0]) and y.holds(pair[1]))
    pieces = [[(x(a), y(b)) for a, b in piece] for kept, piece in inside if kept]
    mode, opacity = curve.get("mode", "lines"), curve.get("opacity", 1)
    parts = []
    if "lines" in mode:
        line = curve.get("line", {})
        color, width = escape(line.get("color", "currentColor"), quote=True), line.get("width", 2)
        rest = f'stroke="{color}" stroke-width="{width:g}" opacity="{opacity:g}"'
        for piece in pieces:
            points = " ".join(f"{a:.1f},{b:.1f}" for a, b in piece)
            parts.append(f'<polyline points="{points}" {rest}/>')
    if "markers" in mode:
        marker = curve.get("marker", {})
        fill, radius = escape(marker.get("color", "currentColor"), quote=True), marker.get("size", 6) / 2
        rest = f'r="{radius:g}" fill="{fill}" stroke="none" opacity="{opacity:g}"'
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" {rest}/>' for piece in pieces for a, b in piece]
    return parts
