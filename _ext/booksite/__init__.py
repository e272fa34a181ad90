"""The book's own Sphinx extension: links that follow the repository, notebooks, figures with a slider, repairs."""

import hashlib
from importlib import import_module
from pathlib import Path
from typing import Any


def digest(*folders: Path) -> str:
    """Hash of everything in the folders, bytecode left out."""
    kinds = (".py", ".js", ".css", ".svg")
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.suffix in kinds)
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def setup(app: Any) -> dict[str, bool]:
    for part in ("buttons", "interactive", "library", "notebooks", "repairs"):
        import_module(f"booksite.{part}").connect(app)
    # Sphinx writes a page again when its source has changed; here also when this code or the style has
    app.add_config_value("booksite_digest", digest(Path(__file__).parent, Path(app.srcdir, "book/_static")), "html")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
