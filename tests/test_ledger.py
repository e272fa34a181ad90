"""Verdicts follow the numbers, and rows survive the way through a notebook."""

import json
import math
import re
from dataclasses import asdict, replace

import nbformat
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from escapetime.errors import InvalidInput
from escapetime.ledger import MIME, Claim, Ledger, Verdict, read_rows
from escapetime.problem import EscapeTime
from escapetime.stats import exponential_mle, slope_fit

ROW = {
    "statement": "A claim",
    "source": "kramers1940",
    "predicted": 1.0,
    "measured": 1.02,
    "interval": (0.9, 1.1),
    "level": 0.95,
}


def record(identity="a-claim", **changes):
    return Ledger("kramers").record(identity, **{**ROW, "verdict": "holds", **changes})


# --- verdicts ---


@pytest.mark.parametrize(
    ("verdict", "predicted", "extra"),
    [
        ("holds", 1.0, {}),
        ("holds", 1.1, {}),  # the ends belong to the interval
        ("holds in regime", 1.0, {"regime": "D < 0.1"}),
        ("refuted", 2.0, {}),
        ("wrong constant", 2.0, {}),
        ("wrong constant", 2.0, {"corrected": 1.0}),
        ("corrected", 0.5, {"corrected": 1.0}),
    ],
)
def test_a_verdict_that_the_numbers_support_is_recorded(verdict, predicted, extra):
    claim = record(verdict=verdict, predicted=predicted, **extra)
    assert claim.verdict is Verdict(verdict)
    assert claim.href == "kramers.html#claim-a-claim"


@pytest.mark.parametrize(
    ("verdict", "predicted", "extra"),
    [
        ("holds", 1.101, {}),
        ("holds in regime", 0.899, {"regime": "D < 0.1"}),
        ("refuted", 1.0, {}),
        ("wrong constant", 1.0, {}),
        ("wrong constant", 1.0, {"corrected": 1.0}),
        ("corrected", 1.0, {"corrected": 1.0}),
    ],
)
def test_a_verdict_that_the_numbers_contradict_is_refused(verdict, predicted, extra):
    with pytest.raises(InvalidInput, match=f"contradict a-claim = '{verdict}': predicted {predicted:g}"):
        record(verdict=verdict, predicted=predicted, **extra)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"verdict": "corrected", "predicted": 2.0}, "needs the corrected value"),
        ({"verdict": "corrected", "predicted": 2.0, "corrected": 3.0}, "correction of a-claim fails too"),
        ({"verdict": "wrong constant", "predicted": 2.0, "corrected": 3.0}, "correction of a-claim fails too"),
        ({"verdict": "refuted", "predicted": 2.0, "corrected": 1.0}, "takes no corrected value"),
        ({"corrected": 1.0}, "takes no corrected value"),
        ({"verdict": "holds in regime"}, "regime goes with"),
        ({"regime": "D < 0.1"}, "regime goes with"),
        ({"verdict": "plausible"}, "'holds in regime', 'wrong constant'"),
        ({"identity": "Two Words"}, "lower-case words"),
        ({"identity": "half_life"}, "lower-case words"),
        ({"statement": " "}, "empty statement"),
        ({"source": "nobody1900"}, "nobody1900"),
        ({"predicted": math.nan}, "must be finite"),
        ({"predicted": sp.Symbol("D")}, "Substitute values"),
        ({"measured": 1.2}, "does not hold 1.2"),
        ({"interval": None, "level": None}, "exactly one measure of error"),
        ({"tolerance": 0.1}, "exactly one measure of error"),
        ({"stderr": 0.1}, "one is enough"),
        ({"level": None}, "without its level"),
        ({"level": 95}, "strictly between 0 and 1"),
        ({"interval": None, "tolerance": -0.1}, "negative"),
    ],
)
def test_a_row_that_says_too_little_or_too_much_is_refused(changes, complaint):
    with pytest.raises(InvalidInput, match=re.escape(complaint)):
        record(**changes)


def test_an_identity_is_used_once_and_a_refused_row_leaves_no_trace():
    ledger = Ledger("kramers")
    with pytest.raises(InvalidInput, match="contradict"):
        ledger.record("a-claim", **{**ROW, "predicted": 2.0}, verdict="holds")
    assert len(ledger) == 0
    claim = ledger.record("a-claim", **ROW, verdict=Verdict.HOLDS)
    with pytest.raises(InvalidInput, match="already recorded"):
        ledger.record("a-claim", **ROW, verdict="holds")
    assert list(ledger) == [ledger["a-claim"]] == [claim]


def test_verdicts_are_spelled_as_one_likes():
    assert Verdict("HOLDS_IN_REGIME") is Verdict("holds-in-regime") is Verdict.HOLDS_IN_REGIME


def test_ledgers_are_named_by_a_file():
    for arguments, complaint in (
        ({"chapter": "book/kramers.md"}, "without folder"),
        ({"chapter": "a", "level": 99}, "level"),
        ({"chapter": "a", "digits": 1}, "digits"),
    ):
        with pytest.raises(InvalidInput, match=complaint):
            Ledger(**arguments)


# --- where the error comes from ---


def test_errors_come_from_a_standard_error_a_tolerance_or_the_measurement_itself():
    loose = {"statement": "A claim", "predicted": 1.0, "verdict": "holds"}
    ledger = Ledger("kramers", level=0.9)
    low, high = ledger.record("gaussian", measured=1.1, stderr=0.1, **loose).bounds
    assert (low, high) == pytest.approx((1.1 - 0.1644854, 1.1 + 0.1644854))
    assert ledger.record("bound", measured=1.1, tolerance=0.1, **loose).bounds == pytest.approx((1.0, 1.2))
    fit = exponential_mle([0.5, 1.0, 2.0])
    assert ledger.record("fit", measured=fit, **loose).interval == fit.interval(0.9)
    line = slope_fit([0, 1, 2], [0.0, 1.1, 2.0])
    assert ledger.record("line", measured=line, level=0.5, **loose).interval == line.interval(0.5)
    sampled = EscapeTime(1.05, 0.1, "Monte Carlo", (), "steps", paths=100)
    claim = ledger.record("sampled", measured=sampled, **loose)
    assert (claim.measured, claim.unit, claim.level) == (1.05, "steps", 0.9)
    exact = ledger.record("exact", measured=EscapeTime(1.0, 1e-9, "quadrature", (), "time"), **loose)
    assert (exact.tolerance, exact.interval, exact.level) == (1e-9, None, None)
    formula = EscapeTime(1.0, math.nan, "formula", ("kramers1940",), "time")
    assert ledger.record(
        "formula", statement="A claim", predicted=formula, measured=exact.measured, tolerance=0.0, verdict="holds"
    )
    with pytest.raises(InvalidInput, match="tolerance of asymptotic must be finite"):
        ledger.record("asymptotic", measured=formula, **loose)


def test_sympy_numbers_and_one_sided_intervals():
    bound = exponential_mle([1.0, 2.0], [False, False])
    claim = record(predicted=sp.sqrt(2) * sp.pi, measured=bound.total, interval=bound.interval())
    assert claim.predicted == pytest.approx(4.442882938)
    assert claim.bounds[1] == math.inf
    assert (
        json.loads(json.dumps(Ledger.from_mime(shown(claim))._repr_mimebundle_()))[MIME]["claims"][0]["interval"][1]
        == "inf"
    )


def test_a_tolerance_is_meant_in_decimals():
    # 0.3 - 0.2 is more than 0.1 in binary
    assert record(predicted=0.3, measured=0.2, interval=None, tolerance=0.1, level=None).verdict is Verdict.HOLDS


# --- rounding ---


def test_numbers_are_shown_rounded():
    row = record(measured=1.0234567, interval=(0.9123456, 1.1123456)).rounded()
    assert (row.measured, row.interval, row.digits) == (1.023, (0.9123, 1.112), 4)


def test_digits_are_added_where_rounding_would_hide_the_verdict_or_the_error():
    close = record(verdict="refuted", predicted=1.00002, measured=1.0, interval=None, level=None, tolerance=1e-5)
    assert close.rounded().predicted == 1.00002
    tight = record(predicted=1.0001, measured=1.00013, interval=(1.0001, 1.00016)).rounded()
    assert (tight.measured, tight.interval) == (1.00013, (1.0001, 1.00016))
    sharp = record(predicted=1.23456789, measured=1.23456789, interval=None, level=None, tolerance=1e-7).rounded()
    assert sharp.measured == 1.2345679
    assert record(predicted=0.5, measured=0.5, interval=None, level=None, tolerance=0.0).rounded().digits == 4


numbers = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(numbers, numbers, st.floats(1e-9, 1e3), st.booleans())
def test_a_rounded_row_supports_its_own_verdict(predicted, measured, error, statistical):
    kind = {"interval": (measured - error, measured + error), "level": 0.99} if statistical else {"tolerance": error}
    for verdict in Verdict.HOLDS, Verdict.REFUTED:
        try:
            claim = Claim("a", "b", "c", "kramers1940", predicted, measured, verdict, **kind)
        except InvalidInput:
            continue
        row = claim.rounded()
        assert row.allows(row.predicted) == (verdict is Verdict.HOLDS)
        assert abs(row.measured - measured) <= max(error, 1e-9)
        assert row.rounded() == row
        break
    else:
        assume(False)


# --- through a notebook ---


def shown(*claims):
    ledger = Ledger("kramers")
    for claim in claims:
        ledger._claims[claim.identity] = claim
    return ledger._repr_mimebundle_()


def full_ledger():
    ledger = Ledger("kramers")
    ledger.record(
        "exit-half", statement="Half the time, $D \\to 0$", predicted=0.5, measured=0.5, tolerance=1e-6, verdict="holds"
    )
    ledger.record("law", **ROW, verdict="holds in regime", regime="D < 0.1", locator="section 3", unit="t")
    ledger.record(
        "drift",
        **{**ROW, "predicted": 12.0, "source": "xie2022"},
        transcribed=True,
        verdict="corrected",
        corrected=1.01,
        note="Counted <twice> & more.",
        anchor="sec-drift",
    )
    return ledger


def notebook(*outputs):
    cells = [nbformat.v4.new_markdown_cell("# Chapter")]
    for data in outputs:
        data = json.loads(json.dumps(data))
        cells.append(nbformat.v4.new_code_cell("ledger", outputs=[nbformat.v4.new_output("execute_result", data)]))
    return nbformat.v4.new_notebook(cells=cells)


def test_rows_survive_a_notebook_file(tmp_path):
    ledger = full_ledger()
    book = notebook({"text/plain": "1"}, ledger._repr_mimebundle_(), ledger._repr_mimebundle_())
    nbformat.validate(book)
    path = tmp_path / "kramers.ipynb"
    nbformat.write(book, path)
    expected = [claim.rounded() for claim in ledger]
    assert read_rows(path) == read_rows(str(path)) == read_rows(book) == expected
    again = Ledger.from_mime(book.cells[2].outputs[0].data)
    assert list(again) == expected
    assert again._repr_mimebundle_() == ledger._repr_mimebundle_()
    assert expected[2].href == "kramers.html#sec-drift"
    assert read_rows(notebook()) == []


def test_what_was_altered_in_a_notebook_is_refused():
    bundle = full_ledger()._repr_mimebundle_()
    payload = json.loads(json.dumps(bundle[MIME]))
    payload["claims"][1]["measured"], payload["claims"][1]["interval"] = 2.0, [1.9, 2.1]
    with pytest.raises(InvalidInput, match="contradict law"):
        Ledger.from_mime(payload)
    other = Ledger("kramers")
    other.record("exit-half", **ROW, verdict="holds")
    with pytest.raises(InvalidInput, match="two things about exit-half"):
        read_rows(notebook(bundle, other._repr_mimebundle_()))
    with pytest.raises(InvalidInput, match="stands twice"):
        Ledger.from_mime({**bundle[MIME], "claims": bundle[MIME]["claims"][:1] * 2})
    with pytest.raises(InvalidInput, match="layout 1"):
        Ledger.from_mime({"text/plain": "no ledger"})
    with pytest.raises(InvalidInput, match="unknown entries: color"):
        Ledger.from_mime({**bundle[MIME], "claims": [{**bundle[MIME]["claims"][0], "color": "red"}]})


def test_display_is_the_same_every_time():
    assert json.dumps(full_ledger()._repr_mimebundle_()) == json.dumps(full_ledger()._repr_mimebundle_())
    assert set(full_ledger()._repr_mimebundle_()) == {"text/plain", "text/html", MIME}


def test_ipython_shows_all_three_forms():
    from IPython.core.formatters import DisplayFormatter

    data, _ = DisplayFormatter().format(full_ledger())
    assert data == full_ledger()._repr_mimebundle_()


def test_text_names_everything():
    text = repr(full_ledger())
    assert text.startswith("Ledger of kramers: 3 claims (1 holds, 1 holds in regime, 1 corrected)")
    for words in (
        "± 1e-06",
        "12.00 -> 1.010",
        "[0.9000, 1.100] (95 %)",
        "kramers1940, section 3",
        "xie2022 (as transcribed here)",
        "Holds for D < 0.1.",
        "Derived here",
    ):
        assert words in text, words
    assert max(map(len, text.splitlines())) <= 96
    assert repr(Ledger("kramers")) == "Ledger of kramers: 0 claims"


def test_html_is_an_accessible_table_without_colors():
    from html.parser import HTMLParser

    page = full_ledger()._repr_mimebundle_()["text/html"]
    tags = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            tags.append((tag, dict(attrs)))

    Reader().feed(page)
    assert [a["id"] for t, a in tags if t == "tr" and "id" in a] == ["claim-exit-half", "claim-law", "claim-drift"]
    assert sum(a.get("scope") == "col" for _, a in tags) == 4
    assert sum(a.get("scope") == "row" for _, a in tags) == 3
    assert sum(t == "caption" for t, _ in tags) == 1
    # the roles hold where the style turns cells into blocks
    assert {a["role"] for t, a in tags if t in {"table", "thead", "tbody", "tr", "th", "td"}} == {
        "table", "rowgroup", "row", "columnheader", "rowheader", "cell",
    }  # fmt: skip
    assert "Counted &lt;twice&gt; &amp; more." in page
    assert r"\(D \to 0\)" in page
    assert not re.search(r"color|background|#[0-9a-f]{3,6}\b", page.split("</style>")[0])
    assert "×10<sup>−6</sup>" in page


def test_claims_are_plain_and_frozen():
    claim = record()
    assert replace(claim, note="x").note == "x"
    assert asdict(claim)["chapter"] == "kramers"
    with pytest.raises(AttributeError):
        claim.predicted = 2.0
