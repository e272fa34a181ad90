"""The buttons above a page: repository, Binder, Colab. Without a known repository there are none of them."""

import os
from pathlib import Path
from typing import Any

from booksite.notebooks import BRANCH
from booksite.repository import Repository, find

BINDER = "https://mybinder.org"
COLAB = "https://colab.research.google.com"


def theme_options(repository: Repository | None) -> dict[str, Any]:
    """What the theme has to be told about the repository."""
    if repository is None:
        return {"launch_buttons": {}}
    launch = {"notebook_interface": "jupyterlab", "binderhub_url": BINDER}
    if repository.provider == "github":
        launch["colab_url"] = COLAB
    return {
        "repository_url": repository.url,
        "repository_provider": repository.provider,
        "repository_branch": repository.branch,
        "use_repository_button": True,
        "use_issues_button": True,
        "use_edit_page_button": True,
        "launch_buttons": launch,
    }


def configure(app: Any, config: Any) -> None:
    config.booksite_repository = find(os.environ, Path(app.srcdir))
    config.html_theme_options.update(theme_options(config.booksite_repository))


def colab_link(repository: Repository, pagename: str) -> str:
    """Colab opens the notebook that brings the library along: see `notebooks`."""
    path = repository.url.split("/", 3)[3]
    return f"{COLAB}/github/{path}/blob/{BRANCH}/{pagename}.ipynb"


def relink(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Lead the theme's Colab button from the bare chapter to the notebook prepared for it."""
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if button["text"] == "Colab":
                button["url"] = colab_link(app.config.booksite_repository, pagename)


def connect(app: Any) -> None:
    app.add_config_value("booksite_repository", None, "html")
    app.connect("config-inited", configure)
    app.connect("html-page-context", relink, priority=600)
