"""The checks can fail: a page with one thing wrong is caught, and the page without it is not."""

from pathlib import Path
from typing import Any

import pytest

from tests.site.browser import CDN, opened, served
from tests.site.defects import defects

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width">
<script>window.MathJax = {{options: {{processHtmlClass: "math"}}}}</script><script src="{cdn}tex-mml-chtml.js"></script>
</head><body><main><h1>A page</h1><p>It holds <span class="math">\\(x^2\\)</span>.</p>{body}</main></body></html>"""

FAULTS = {
    "an unknown macro": (r'<span class="math">\(\nosuchmacro x\)</span>', "TeX error"),
    "an unbalanced \\left": (r'<div class="math">\[\left( x \]</div>', "TeX error"),
    "an unbalanced brace": (r'<div class="math">\[\frac{1}{x \]</div>', "mathematics not typeset"),
    "mathematics outside a formula": (r"<p>the rate $\frac{1}{2}$</p>", "mathematics not typeset"),
    "a missing image": ('<img src="missing.png" alt="nothing">', "broken image"),
    "an image without text": (
        "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>\">",
        "without alternative text",
    ),
    "a script that throws": ("<script>undefinedFunction()</script>", "script:"),
    "a console error": ("<script>console.error('so it goes')</script>", "console: so it goes"),
    "a request to another site": ('<script src="https://example.org/x.js"></script>', "left the site"),
    "a page that is too wide": ('<div style="width: 3000px">wide</div>', "wider than the window"),
    "a button without a name": ("<button></button>", "axe button-name"),
    "gray on gray": ('<p style="color: #999; background: #aaa">text</p>', "axe color-contrast"),
}


def check(browser: Any, folder: Path, body: str) -> list[str]:
    (folder / "page.html").write_text(PAGE.format(cdn=CDN, body=body))
    with served(folder) as address, opened(browser, f"{address}/page.html", "phone") as page:
        return defects(page)


def test_a_good_page_has_no_defects(browser: Any, tmp_path: Path) -> None:
    assert check(browser, tmp_path, "") == []


@pytest.mark.parametrize("fault", FAULTS)
def test_control_a_fault_is_caught(browser: Any, tmp_path: Path, fault: str) -> None:
    body, expected = FAULTS[fault]
    assert any(expected in defect for defect in check(browser, tmp_path, body))
