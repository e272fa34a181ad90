"""Where the book is published from, read off the build's surroundings so that a fork has no file to edit."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# https://user:token@host/owner/name.git, ssh://git@host:22/owner/name, git@host:owner/name
REMOTE = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^/@]*@)?(?P<host>[\w.-]+)(?::\d+)?/|(?:[\w.-]+@)(?P<scp>[\w.-]+):)"
    r"(?P<path>[\w.~-]+(?:/[\w.~-]+)+)/?"
)


@dataclass(frozen=True)
class Repository:
    """A public repository: its address on the web, the host's kind, and the branch that is built."""

    url: str
    provider: str
    branch: str


def find(environ: Mapping[str, str], root: Path) -> Repository | None:
    """The repository that GitHub Actions names, else the one that `origin` names, else None."""
    if environ.get("GITHUB_REPOSITORY"):
        server = environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
        return Repository(f"{server}/{environ['GITHUB_REPOSITORY']}", "github", branch(environ, root))
    url = web_address(_git(root, "remote", "get-url", "origin"))
    # the other hosts have no links that the theme knows how to make
    provider = next((p for p in ("github", "gitlab") if p in url.split("/", 3)[2]), None) if url else None
    return Repository(url, provider, branch(environ, root)) if url and provider else None


def web_address(remote: str) -> str | None:
    """The https address of a git remote, without credentials; None for a folder or anything else not on the web."""
    match = REMOTE.fullmatch(remote.strip())
    return f"https://{match['host'] or match['scp']}/{match['path'].removesuffix('.git')}" if match else None


def branch(environ: Mapping[str, str], root: Path) -> str:
    """The branch or tag being built; `main` where there is none, as for a pull request or a detached head."""
    ref = re.fullmatch(r"refs/(?:heads|tags)/(.+)", environ.get("GITHUB_REF", ""))
    if ref:
        return ref[1]
    return "main" if "GITHUB_REF" in environ else _git(root, "symbolic-ref", "--short", "-q", "HEAD") or "main"


def _git(root: Path, *words: str) -> str:
    """What git answers; nothing where there is no git, no repository, or no answer."""
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
