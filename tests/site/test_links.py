"""No link inside the site leads nowhere."""

from pathlib import Path

import pytest

from tests.site.links import broken


def test_internal_links(html: Path) -> None:
    pages = sorted(p for p in html.rglob("*.html") if "_static" not in p.parts)  # the theme leaves templates there
    assert len(pages) > 5
    assert [link for page in pages for link in broken(page)] == []


@pytest.mark.parametrize("link", ["other.html", "#nowhere", "page.html#nowhere", "missing.png"])
def test_control_a_dead_link_is_found(tmp_path: Path, link: str) -> None:
    page = tmp_path / "page.html"
    tag = "img src" if link.endswith("png") else "a href"
    page.write_text(f'<p id="here"><a href="#here">fine</a> <{tag}="{link}">dead</p>')
    assert broken(page) == [f"page.html: {link}"]
