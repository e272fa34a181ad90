"""compare(): the routes side by side, refusals kept, nothing hidden."""

import math

import pytest

import escapetime as et
from escapetime.errors import InvalidInput

WELL = et.EscapeProblem(et.langevin(et.landscapes.double_well(), temperature=0.1), -1.0, et.Interval(-math.inf, 1.0))
FREE = et.EscapeProblem(et.langevin(et.landscapes.flat(), temperature=0.5), 0.0, et.Interval(-1, 1))


def test_every_route_that_applies_is_in_the_table():
    table = et.compare(WELL, options={"theory": {"order": 2}}, paths=200, dt=0.05, seed=0)
    assert list(table.answers) == ["theory", "exact", "simulate"]
    assert table.reference is table.answers["exact"]
    assert table.ratio("exact") == 1.0
    assert table.ratio("theory") == pytest.approx(0.9973, abs=1e-3)  # the exact 1.2244 against 1 + 0.15 + 0.07125
    lo, hi = table.answers["simulate"].interval(0.9999)
    assert lo < table.reference.mean < hi
    assert "asymptotic" in str(table)


def test_a_refusal_is_shown_with_its_reason():
    table = et.compare(FREE, routes=("theory", "exact"))
    assert list(table.answers) == ["exact"]
    assert "flat" in table.refusals["theory"]
    assert "flat" in str(table)
    assert "flat" in table._repr_html_()
    with pytest.raises(InvalidInput, match="gave no answer"):
        table.ratio("theory")


def test_html_has_a_header_for_every_column_and_escapes_text():
    page = et.compare(FREE, routes=("exact",))._repr_html_()
    assert page.count('<th scope="col">') == 5
    assert "<td>exact</td>" in page


def test_unknown_routes_are_named():
    with pytest.raises(InvalidInput, match="guess"):
        et.compare(FREE, routes=("guess",))
