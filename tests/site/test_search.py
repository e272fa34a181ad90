"""The search of the published site finds what a reader would look for."""

from typing import Any

import pytest

from tests.site.browser import opened


@pytest.mark.parametrize(("word", "page"), [("Kramers", "kramers.html"), ("EscapeProblem", "api/problem.html")])
def test_search_finds(browser: Any, site: str, word: str, page: str) -> None:
    with opened(browser, f"{site}/search.html?q={word}", "desktop") as results:
        results.wait_for_function("document.querySelectorAll('#search-results li a').length > 0")
        links = results.eval_on_selector_all("#search-results li a", "found => found.map(a => a.href)")
    assert any(f"/book/{page}" in link for link in links)


def test_control_search_finds_nothing_for_a_made_up_word(browser: Any, site: str) -> None:
    with opened(browser, f"{site}/search.html?q=xyzzyplugh", "desktop") as results:
        results.wait_for_function("document.querySelector('#search-results').textContent.includes('did not match')")
        assert results.query_selector("#search-results li a") is None


def test_the_address_of_the_site_leads_to_the_preface(browser: Any, site: str) -> None:
    with opened(browser, f"{site}/index.html", "desktop") as page:
        assert page.url == f"{site}/book/intro.html"
