"""The book's own Sphinx extension: links that follow the repository, notebooks to download, repairs of the HTML."""

from importlib import import_module
from typing import Any


def setup(app: Any) -> dict[str, bool]:
    for part in ("buttons", "library", "notebooks", "repairs"):
        import_module(f"booksite.{part}").connect(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
