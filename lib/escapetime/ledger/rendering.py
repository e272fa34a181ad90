"""A ledger as text and as HTML: verdicts in words, no colors of its own, one card a claim on a narrow screen."""

import html as markup
import re
import textwrap
from collections import Counter

from escapetime.ledger.claims import DERIVED, Claim, Verdict

WIDTH = 96

# The page's own colors are kept (the class `dataframe` makes the theme treat the table as one, light and dark). Cells
# become blocks on a narrow screen, which would hide the table from a screen reader: hence the explicit roles.
STYLE = """<style>
.escapetime-ledger table { width: 100%; table-layout: auto; text-align: left; border-collapse: collapse; }
.escapetime-ledger caption { caption-side: top; text-align: left; font-weight: bold; padding: 0.3em 0; }
.escapetime-ledger :is(th, td)
  { text-align: left; vertical-align: top; white-space: normal; padding: 0.4em 0.6em; max-width: none; }
.escapetime-ledger tbody th { font-weight: normal; }
.escapetime-ledger thead th:first-child { width: 40%; }
.escapetime-ledger .whole { white-space: nowrap; font-variant-numeric: tabular-nums; }
.escapetime-ledger .minor { font-size: 0.9em; }
@media (max-width: 45em) {
  .escapetime-ledger thead { position: absolute; clip-path: inset(50%); }
  .escapetime-ledger :is(table, caption, tbody, tr, th) { display: block; }
  .escapetime-ledger tbody tr { padding: 0.5em 0; border-bottom: 1px solid; }
  .escapetime-ledger tbody :is(th, td) { border-left: 0 !important; }
  .escapetime-ledger td { display: grid; grid-template-columns: 6.5em 1fr; padding-block: 0.1em; }
  .escapetime-ledger td::before { content: attr(data-label); font-weight: bold; }
}
</style>"""


def text(chapter: str, claims: list[Claim]) -> str:
    """Render a ledger for a terminal.

    Parameters
    ----------
    chapter : str
        File name of the chapter.
    claims : list of Claim
        Its rows, rounded.

    Returns
    -------
    str
        A table of the numbers, then a paragraph for each claim.
    """
    if not claims:
        return _title(chapter, claims)
    header = ("claim", "predicted", "measured", "interval", "verdict")
    rows = [header, *(_text_row(claim) for claim in claims)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    rows.insert(1, tuple("-" * width for width in widths))
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    paragraphs = (
        f"{claim.identity}: {claim.statement.rstrip('.')}. {_source(claim)}. {_remarks(claim)}".rstrip()
        for claim in claims
    )
    wrapped = (textwrap.fill(p, WIDTH, subsequent_indent="    ", break_on_hyphens=False) for p in paragraphs)
    return "\n".join([_title(chapter, claims), "", *table, "", *wrapped])


def html(chapter: str, claims: list[Claim]) -> str:
    """Render a ledger for a page.

    Parameters
    ----------
    chapter : str
        File name of the chapter.
    claims : list of Claim
        Its rows, rounded.

    Returns
    -------
    str
        One table; row and column headers are marked up, and each row carries the claim's address.
    """
    heads = "".join(
        f'<th role="columnheader" scope="col">{name}</th>' for name in ("Claim", "Predicted", "Measured", "Verdict")
    )
    body = "\n".join(_html_row(claim) for claim in claims)
    return (
        f'{STYLE}\n<div class="escapetime-ledger"><table class="dataframe" role="table">\n'
        f"<caption>{markup.escape(_title(chapter, claims))}</caption>\n"
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>\n<tbody role="rowgroup">\n{body}\n</tbody>\n'
        "</table></div>"
    )


def _title(chapter: str, claims: list[Claim]) -> str:
    counts = Counter(claim.verdict for claim in claims)
    tally = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts[verdict])
    return f"Ledger of {chapter}: {len(claims)} claim{'' if len(claims) == 1 else 's'}{f' ({tally})' if tally else ''}"


def _number(value: float, digits: int) -> str:
    return re.sub(r"\.(?=e|$)", "", f"{value:#.{digits}g}")


def _error(claim: Claim) -> str:
    if claim.tolerance is not None:
        return f"± {claim.tolerance:.2g}"
    low, high = (_number(end, claim.digits) for end in claim.bounds)
    return f"[{low}, {high}] {_level(claim)}"


def _level(claim: Claim) -> str:
    return "" if claim.level is None else f"({100 * claim.level:.6g} %)"


def _source(claim: Claim) -> str:
    if claim.source == DERIVED:
        return "Derived here"
    where = ", ".join(part for part in (claim.source, claim.locator) if part)
    return f"Source: {where}{' (as transcribed here)' if claim.transcribed else ''}"


def _remarks(claim: Claim) -> str:
    regime = f"Holds for {claim.regime.rstrip('.')}." if claim.regime else ""
    return " ".join(part for part in (regime, claim.note) if part)


def _text_row(claim: Claim) -> tuple[str, ...]:
    unit = f" {claim.unit}" if claim.unit else ""
    predicted = _number(claim.predicted, claim.digits)
    if claim.corrected is not None:
        predicted += f" -> {_number(claim.corrected, claim.digits)}"
    return claim.identity, predicted, _number(claim.measured, claim.digits) + unit, _error(claim), claim.verdict.value


def _html_row(claim: Claim) -> str:
    predicted = [_html_number(claim.predicted, claim)]
    if claim.corrected is not None:
        predicted = [f"published {predicted[0]}", f"corrected {_html_number(claim.corrected, claim)}"]
    cells = (
        ("Predicted", predicted),
        ("Measured", [_html_number(claim.measured, claim), _html_error(claim), markup.escape(claim.unit)]),
        ("Verdict", [f"<strong>{claim.verdict.value}</strong>"]),
    )
    details = [f"{markup.escape(_source(claim))}.", _mathematics(_remarks(claim))]
    head = _lines([_mathematics(claim.statement)]) + _lines(details, ' class="minor"')
    body = "".join(
        f'<td role="cell" data-label="{label}"><div>{_lines(content)}</div></td>' for label, content in cells
    )
    return f'<tr role="row" id="claim-{claim.identity}"><th role="rowheader" scope="row">{head}</th>{body}</tr>'


def _lines(parts: list[str], attributes: str = "") -> str:
    return "".join(f"<div{attributes}>{part}</div>" for part in parts if part)


def _html_error(claim: Claim) -> str:
    if claim.interval is None:
        return _whole(_error(claim))
    low, high = (_html_number(end, claim) for end in claim.interval)
    return f"[{low}, {high}] {_whole(_level(claim))}"


def _html_number(value: float, claim: Claim) -> str:
    return _whole(_number(value, claim.digits))


def _whole(number: str) -> str:
    # never broken at the end of a line; powers of ten as they are written by hand
    power = re.sub(r"e([+-])0*(\d+)", lambda m: f"×10<sup>{'−' if m[1] == '-' else ''}{m[2]}</sup>", number)
    return f'<span class="whole">{power}</span>'


def _mathematics(sentence: str) -> str:
    # the book's pages and JupyterLab both typeset \(...\) in an output, given this class; a full stop stays with it
    formula = r'<span class="whole"><span class="math tex2jax_process">\\(\1\\)</span>\2</span>'
    return re.sub(r"\$([^$]+)\$([.,;:]?)", formula, markup.escape(sentence))
