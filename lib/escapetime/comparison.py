"""Put one problem to every route and lay the answers side by side."""

from __future__ import annotations

import html
import importlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from escapetime.errors import InvalidInput, NumericalFailure, RouteNotApplicable
from escapetime.problem import EscapeProblem, EscapeTime

ROUTES = ("theory", "exact", "simulate")


@dataclass(frozen=True)
class Comparison:
    """The answers of several routes to one problem; displays as a table.

    Attributes
    ----------
    answers : mapping
        Route name to :class:`EscapeTime`.
    refusals : mapping
        Route name to the reason why it cannot answer.
    level : float
        Confidence level of the intervals shown.
    """

    answers: Mapping[str, EscapeTime]
    refusals: Mapping[str, str] = field(default_factory=dict)
    level: float = 0.95

    @property
    def reference(self) -> EscapeTime | None:
        """The answer the others are divided by: the deterministic one where there is one."""
        for route in ("exact", "theory", "simulate"):
            if route in self.answers:
                return self.answers[route]
        return None

    def ratio(self, route: str) -> float:
        """Return a route's mean divided by the reference's.

        Parameters
        ----------
        route : str
            Name of a route that answered.

        Returns
        -------
        float
            1 for the reference itself.

        Raises
        ------
        InvalidInput
            If that route did not answer.
        """
        if route not in self.answers or self.reference is None:
            raise InvalidInput(f"Route {route!r} gave no answer; those that did: {', '.join(self.answers) or 'none'}.")
        return self.answers[route].mean / self.reference.mean

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """Return the table as text: route, method, mean, interval, ratio to the reference."""
        table = []
        for route, answer in self.answers.items():
            lo, hi = answer.interval(self.level)
            spread = "asymptotic" if math.isnan(lo) else _interval(lo, hi, answer)
            table.append((route, answer.method, f"{answer.mean:.5g}", spread, f"{self.ratio(route):.3f}"))
        return table + [(route, "refused", "", "", "") for route in self.refusals]

    def __str__(self) -> str:
        header = ("route", "method", "mean", f"{self.level:.0%} interval", "ratio")
        table = [header, *self.rows()]
        widths = [max(len(row[i]) for row in table) for i in range(5)]
        lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in table]
        return "\n".join([*lines, *(f"{route}: {reason}" for route, reason in self.refusals.items())])

    def _repr_html_(self) -> str:
        unit = self.reference.time_unit if self.reference else ""
        names = ("Route", "Method", f"Mean ({unit})", f"{self.level:.0%} interval", "Ratio")
        head = "".join(f'<th scope="col">{html.escape(n)}</th>' for n in names)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in self.rows())
        notes = "".join(f"<p><em>{html.escape(r)}</em>: {html.escape(why)}</p>" for r, why in self.refusals.items())
        table = f'<table class="dataframe"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        return f'<div class="et-table">{table}{notes}</div>'

    def __repr__(self) -> str:
        return str(self)


def compare(
    problem: EscapeProblem,
    *,
    routes: Sequence[str] = ROUTES,
    level: float = 0.95,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    **simulate: Any,
) -> Comparison:
    """Answer a problem by every route that applies.

    Parameters
    ----------
    problem : EscapeProblem
        The question.
    routes : sequence of str
        Which of ``"theory"``, ``"exact"``, ``"simulate"`` to ask.
    level : float
        Confidence level of the intervals in the table.
    options : mapping, optional
        Keyword arguments for each route, for instance ``{"theory": {"order": 2}}``.
    **simulate
        Shorthand for the options of ``simulate``: ``paths=2_000, dt=1e-2, seed=0``.

    Returns
    -------
    Comparison
        Routes that cannot answer appear with their reason.

    Raises
    ------
    InvalidInput
        If a route is unknown.
    """
    unknown = (set(routes) | set(options or {})) - set(ROUTES)
    if unknown:
        raise InvalidInput(f"Unknown route(s) {', '.join(sorted(unknown))}; choose from {', '.join(ROUTES)}.")
    wanted: dict[str, dict[str, Any]] = {route: dict((options or {}).get(route, {})) for route in routes}
    if simulate:
        wanted.setdefault("simulate", {}).update(simulate)
    answers, refusals = {}, {}
    for route in routes:
        try:
            answers[route] = importlib.import_module(f"escapetime.{route}").escape_time(problem, **wanted[route])
        except (RouteNotApplicable, NumericalFailure) as refusal:
            refusals[route] = str(refusal)
    return Comparison(answers, refusals, level)


def _interval(lo: float, hi: float, answer: EscapeTime) -> str:
    if answer.paths is None:
        return f"\u00b1 {(hi - lo) / 2:.1g}"
    return f"[{lo:.4g}, {hi:.4g}]"
