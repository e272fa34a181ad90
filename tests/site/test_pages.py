"""Every page, wide and narrow, light and dark."""

from typing import Any

import pytest

from tests.site.browser import WIDTHS, opened
from tests.site.conftest import HTML
from tests.site.defects import defects

PAGES = sorted(str(p.relative_to(HTML)) for p in HTML.glob("book/**/*.html"))
PAGES += ["genindex.html", "py-modindex.html", "search.html"]


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("path", PAGES)
def test_page_is_whole(browser: Any, site: str, path: str, size: str) -> None:
    with opened(browser, f"{site}/{path}", size) as page:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
            assert defects(page) == [], scheme
