"""A build that writes no page has failed, whatever its exit status says.

Usage: python -m tools.pages
"""

import sys
from pathlib import Path

from tools.chapters import pages
from tools.fingerprint import ROOT

HTML = ROOT / "_build" / "html"


def unwritten(root: Path = ROOT, html: Path = HTML) -> list[Path]:
    """The pages of the table of contents that are missing, empty, or older than their source."""

    def written(source: Path) -> bool:
        page = html / source.relative_to(root).with_suffix(".html")
        return page.exists() and page.stat().st_size > 1000 and page.stat().st_mtime >= source.stat().st_mtime

    return [source for source in pages(root) if not written(source)]


def main() -> int:
    bad = unwritten()
    if bad or not (HTML / "index.html").exists():
        print("the build wrote no page for", *(str(p.relative_to(ROOT)) for p in bad), "" if bad else "index.html")
        return 1
    print(f"{len(pages())} pages; open {HTML / 'index.html'}\nor run `make serve` and open http://localhost:8000")
    return 0


if __name__ == "__main__":
    sys.exit(main())
