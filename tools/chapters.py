"""Execute every chapter once and keep the result: the page and the tests read the same run.

Usage: python -m tools.chapters execute [-j JOBS] [NAME ...]
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb.core.read import myst_nb_reader_plugin
from traitlets.config import Config

from tools.fingerprint import ROOT, digest

CACHE = ROOT / "_build" / ".jupyter_cache"
# what an output depends on besides its own chapter
INPUTS = ["lib", "requirements.lock", "book/data"]


def pages(root: Path = ROOT) -> list[Path]:
    """Every source file of the table of contents, in reading order."""

    def walk(node: Any) -> Iterator[Path]:
        if isinstance(node, list):
            for item in node:
                yield from walk(item)
        elif isinstance(node, dict):
            for key, value in node.items():
                if key in ("file", "root"):
                    yield root / value
                else:
                    yield from walk(value)

    return list(walk(yaml.safe_load((root / "_toc.yml").read_text())))


def chapters(names: list[str] | None = None, root: Path = ROOT) -> list[Path]:
    """The pages that hold code: those whose header names a kernel; all of them, or those named."""
    missing = [str(p.relative_to(root)) for p in pages(root) if not p.exists()]
    if missing:
        sys.exit(f"_toc.yml names {', '.join(missing)}, which does not exist")
    found = [p for p in pages(root) if "\nkernelspec:" in p.read_text()[:800]]
    unknown = set(names or []) - {p.stem for p in found}
    if unknown:
        sys.exit(f"no chapter {', '.join(sorted(unknown))}; there are {', '.join(p.stem for p in found)}")
    return [p for p in found if not names or p.stem in names]


def open_cache() -> Any:
    """The cache of executed chapters, emptied when the library, the lock, Python or the scale has changed.

    jupyter-cache itself looks at the code cells alone, and would serve the outputs of an older library.
    """
    now = digest(INPUTS, os.environ.get("ESCAPETIME_SCALE", "1"))
    stamp = CACHE / "fingerprint"
    if not stamp.exists() or stamp.read_text() != now:
        shutil.rmtree(CACHE, ignore_errors=True)
        CACHE.mkdir(parents=True)
        stamp.write_text(now)
    return get_cache(str(CACHE))


def executed(path: Path, notebook: Any = None) -> Any:
    """The executed notebook of a chapter, or None when its code has not been run."""
    cache = open_cache()
    notebook = notebook or myst_nb_reader_plugin(str(path))
    try:
        return cache.merge_match_into_notebook(notebook)[1]
    except KeyError:
        return None


def execute(jobs: int, names: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the chapters that the cache does not hold, side by side; return how many failed."""
    timeout = yaml.safe_load((root / "_config.yml").read_text())["execute"]["timeout"]
    cache = open_cache()
    wanted = chapters(names, root)
    todo = [p for p in wanted if executed(p) is None]

    def run(path: Path) -> tuple[Path, Any, ExecutionResult]:
        notebook = myst_nb_reader_plugin(str(path))
        with tempfile.TemporaryDirectory(prefix="escapetime-") as sockets:
            # through sockets of ours to the kernel, not through ports that everyone on the machine can reach
            private = Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}})
            result = single_nb_execution(notebook, str(path.parent), timeout, allow_errors=False, config=private)
        return path, notebook, result

    failed = 0
    with ThreadPoolExecutor(jobs) as pool:
        for path, notebook, result in pool.map(run, todo):
            name = path.relative_to(root)
            if result.err is not None:
                failed += 1
                print(f"FAILED {name}\n{_readable(result.exc_string)}", flush=True)
                continue
            bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": result.time})
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            print(f"executed {name} in {result.time:.1f} s", flush=True)
    print(f"chapters: {len(todo) - failed} executed, {len(wanted) - len(todo)} from the cache, {failed} failed")
    return failed


def _readable(trace: str) -> str:
    """The cell and its traceback, without the colors and without the frames of the executing machinery."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", trace)
    start = plain.find("An error occurred while executing the following cell")
    return plain[max(start, 0) :]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=["execute"])
    parser.add_argument("names", nargs="*", metavar="NAME", help="chapters to run (default: all)")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    return bool(execute(args.jobs, args.names))


if __name__ == "__main__":
    sys.exit(main())
