"""One browser for each worker, one server for the built site; without Chromium the tests say so."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.site.browser import CHROMIUM, FLAGS, served

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if not CHROMIUM:
        hint = "no Chromium on this machine: on Debian, apt-get install chromium"
        pytest.fail(hint) if os.environ.get("CI") else pytest.skip(hint)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def html() -> Path:
    if not (HTML / "index.html").exists():
        pytest.fail("the book is not built: run `make book`")
    return HTML


@pytest.fixture(scope="session")
def site(html: Path) -> Iterator[str]:
    with served(html) as address:
        yield address
