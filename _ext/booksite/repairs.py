"""Small repairs of what the theme and the extensions write."""

from typing import Any


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


def connect(app: Any) -> None:
    app.connect("html-page-context", single_scripts, priority=900)
