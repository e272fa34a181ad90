"""A figure to play with, in a real browser: wide, narrow, dark, by keyboard, and without JavaScript."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ext.test_interactive import build
from tests.site.browser import WIDTHS, opened, served
from tests.site.defects import defects

HEIGHTS = "[...document.querySelectorAll('.et-plot .scatterlayer path.js-line')].map(e => e.getAttribute('d'))"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = build(tmp_path_factory.mktemp("book"))
    with served(folder) as site:
        yield f"{site}/index.html"


@pytest.mark.parametrize("size", WIDTHS)
def test_the_slider_moves_the_curve(browser: Any, address: str, size: str) -> None:
    with opened(browser, address, size) as page:
        page.wait_for_selector(".et-interactive[data-ready]")
        slider = page.get_by_role("slider", name="slope")
        before = page.evaluate(HEIGHTS)
        slider.focus()
        page.keyboard.press("ArrowRight")
        assert slider.get_attribute("aria-valuetext") == "k = 2"
        page.wait_for_function(f"JSON.stringify({HEIGHTS}) !== {str(before)!r}.replaceAll(\"'\", '\"')")
        width = page.evaluate("document.querySelector('.et-plot svg.main-svg').getBoundingClientRect().width")
        assert 250 < width <= WIDTHS[size][0]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
            assert defects(page) == [], scheme


def test_the_figure_follows_the_colors_of_the_page(browser: Any, address: str) -> None:
    ink = "getComputedStyle(document.querySelector('.et-plot .xtick text')).fill"
    with opened(browser, address, "desktop") as page:
        page.wait_for_selector(".et-interactive[data-ready]")
        seen = {}
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
            page.wait_for_function(f"{ink} === getComputedStyle(document.body).color")
            seen[scheme] = page.evaluate(ink)
            ground = "getComputedStyle(document.querySelector('.text_html')).backgroundColor"
            assert page.evaluate(ground) == "rgba(0, 0, 0, 0)"  # the page's own
        assert seen["light"] != seen["dark"]


def test_without_javascript_the_drawing_stays(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.locator(".et-interactive svg.et-still polyline").count() == 1
    assert page.get_by_role("img", name="A line.").is_visible()
    assert page.get_by_role("slider").count() == 0
    context.close()
