"""The files that say what to install agree with one another."""

import re
import subprocess
import tomllib
from pathlib import Path

import yaml

import escapetime

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def requirements(name: str) -> dict[str, str]:
    """Package names, in normal form, with what follows them."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    parts = (re.fullmatch(r"([\w.-]+)(.*)", line) for line in lines if line)
    return {p[1].lower().replace("_", "-").replace(".", "-"): p[2] for p in parts if p}


def test_the_lock_pins_everything_that_is_asked_for_but_torch() -> None:
    lock = requirements("requirements.lock")
    assert all(version.startswith("==") for version in lock.values())
    assert set(requirements("requirements.in")) - set(lock) == {"torch"}


def test_the_lock_covers_every_extra() -> None:
    # the benchmark's peers have an environment of their own
    extras = [extra for name, extra in PROJECT["optional-dependencies"].items() if name != "bench"]
    groups = [PROJECT["dependencies"], *extras]
    wanted = {re.match(r"[\w-]+", item)[0].lower() for group in groups for item in group}  # type: ignore[index]
    assert wanted - set(requirements("requirements.lock")) == {"torch", "escapetime"}


def test_binder_installs_the_lock_and_the_same_torch() -> None:
    packages = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"][-1]["pip"]
    assert f"torch{requirements('requirements.in')['torch']}" in packages
    assert "-r requirements.lock" in packages


def test_one_version_everywhere() -> None:
    assert escapetime.__version__ == PROJECT["version"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == PROJECT["version"]


def test_make_help_lists_the_commands() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for command in ("book", "test", "lint", "serve", "clean", "chapter", "record", "lock", "bench", "unit"):
        assert f"make {command} " in said
