"""Small repairs of what the theme and the extensions write."""

import re
from pathlib import Path
from typing import Any

LABEL = "Pages below this one"
# each pair is a fault, most of them one that a screen reader would meet, and its cure
REPLACEMENTS = [
    # the arrow that unfolds a part of the sidebar has no name
    ('<summary><span class="toctree-toggle"', f'<summary aria-label="{LABEL}"><span class="toctree-toggle"'),
    # the bibliography calls itself a list, but its entries are of a role that no list may hold
    ('role="doc-biblioentry"', 'role="listitem"'),
    # what scrolls must be within reach of the keyboard
    ('<div class="et-table">', '<div class="et-table" tabindex="0" role="region" aria-label="Table of results">'),
]


def single_scripts(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Keep one of each inline script: sphinx-thebe registers its own twice, and the second is a SyntaxError."""
    seen: set[str] = set()
    kept = []
    for script in context.get("script_files", []):
        body = getattr(script, "attributes", {}).get("body")
        if body is None or body not in seen:
            kept.append(script)
        seen.add(body or "")
    context.get("script_files", [])[:] = kept


def prune(app: Any, failure: Exception | None) -> None:
    """Delete what an earlier build wrote and this one would not: pages out of the contents, sources of gone modules."""
    if failure is not None or app.builder.format != "html":
        return
    modules = [name for name, found in getattr(app.env, "_viewcode_modules", {}).items() if found]
    wanted = {*app.env.found_docs, "_modules/index", *(f"_modules/{name.replace('.', '/')}" for name in modules)}
    for folder in ("book", "_modules"):
        for page in Path(app.outdir, folder).rglob("*.html"):
            if page.relative_to(app.outdir).with_suffix("").as_posix() not in wanted:
                page.unlink()


def repair(text: str) -> str:
    """The text of a page with every fault replaced by its cure."""
    for fault, cure in REPLACEMENTS:
        text = text.replace(fault, cure)
    # back from the source to a name under the module it is defined in; the reference has it under its public name
    return re.sub(r'<a class="viewcode-back"[^>]*>\[docs\]</a>', "", text)


def finish(app: Any, failure: Exception | None) -> None:
    """Apply the replacements to the pages on disk: the sidebar exists nowhere else as text."""
    if failure is None and app.builder.format == "html":
        for page in Path(app.outdir).rglob("*.html"):
            text = page.read_text(encoding="utf-8")
            if repair(text) != text:
                page.write_text(repair(text), encoding="utf-8")


def connect(app: Any) -> None:
    app.connect("build-finished", prune)
    app.connect("build-finished", finish)
    app.connect("html-page-context", single_scripts, priority=900)
