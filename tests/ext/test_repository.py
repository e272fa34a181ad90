import subprocess
from pathlib import Path

import pytest

from booksite.repository import Repository, find, web_address

FORK = "https://github.com/someone/fork"


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/someone/fork",
        "https://github.com/someone/fork.git",
        "https://github.com/someone/fork/",
        "https://user:secret@github.com/someone/fork.git",
        "git@github.com:someone/fork.git",
        "ssh://git@github.com/someone/fork.git",
        "ssh://git@github.com:22/someone/fork",
        "git://github.com/someone/fork.git",
    ],
)
def test_every_form_of_a_remote_gives_one_address(remote: str) -> None:
    assert web_address(remote) == FORK


@pytest.mark.parametrize(
    "remote", ["/srv/git/fork.git", "../fork", "file:///srv/git/fork", "C:\\git\\fork", "", "fork"]
)
def test_what_is_not_on_the_web_has_no_address(remote: str) -> None:
    assert web_address(remote) is None


def test_names_with_dots_and_groups_stay_whole() -> None:
    assert web_address("git@gitlab.com:group/sub/my.book.git") == "https://gitlab.com/group/sub/my.book"


@pytest.mark.parametrize(
    ("ref", "branch"),
    [("refs/heads/main", "main"), ("refs/heads/fix/a", "fix/a"), ("refs/tags/v1", "v1"), ("refs/pull/7/merge", "main")],
)
def test_github_actions_says_where_it_builds(tmp_path: Path, ref: str, branch: str) -> None:
    environ = {"GITHUB_REPOSITORY": "someone/fork", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REF": ref}
    assert find(environ, tmp_path) == Repository(FORK, "github", branch)


def clone(folder: Path, remote: str) -> Path:
    for words in (["init", "-q", "-b", "trunk"], ["remote", "add", "origin", remote]):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    return folder


def test_else_the_remote_says_it(tmp_path: Path) -> None:
    clone(tmp_path, "git@github.com:someone/fork.git")
    assert find({}, tmp_path) == Repository(FORK, "github", "trunk")


@pytest.mark.parametrize("remote", ["/srv/git/fork.git", "https://example.org/someone/fork"])
def test_a_remote_without_a_known_web_page_gives_nothing(tmp_path: Path, remote: str) -> None:
    assert find({}, clone(tmp_path, remote)) is None


def test_without_git_there_is_nothing(tmp_path: Path) -> None:
    assert find({}, tmp_path) is None
