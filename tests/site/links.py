"""Links inside the site, read off the files: does each lead to a page that exists, and to a place on it?"""

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

ATTRIBUTES = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "src", "iframe": "src"}


@cache
def _parsed(page: Path) -> tuple[frozenset[str], tuple[str, ...]]:
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    names = {tag["id"] for tag in soup.find_all(id=True)} | {tag["name"] for tag in soup.select("a[name]")}
    links = [tag[key] for name, key in ATTRIBUTES.items() for tag in soup.find_all(name) if tag.get(key)]
    return frozenset(names), tuple(dict.fromkeys(links))


def broken(page: Path) -> list[str]:
    """The links of a page that lead nowhere; links that leave the site are not followed."""
    return [f"{page.name}: {link}" for link in _parsed(page)[1] if not _leads_somewhere(page, link)]


def _leads_somewhere(page: Path, link: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    target = target / "index.html" if target.is_dir() else target
    if not target.exists():
        return False
    return not parts.fragment or target.suffix != ".html" or unquote(parts.fragment) in _parsed(target)[0]
