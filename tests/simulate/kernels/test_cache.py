"""Generated modules on disk: shared by processes, written by several at once, never stale."""

import gc
import os
import subprocess
import sys

import pytest

from escapetime.simulate.kernels import cache

SCRIPT = """
from escapetime.simulate.kernels import cache
kernel = cache.load('''
from numba import cfunc, types
from escapetime.simulate.kernels.primitives64 import exp

@cfunc(types.float64(types.float64), cache=True)
def kernel(x):
    return exp(x)
''').kernel
print(kernel.ctypes(1.0), kernel.cache_hits)
"""


def start(directory):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT], env=os.environ | {"ESCAPETIME_CACHE": str(directory)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def finish(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out.split()


def test_two_processes_at_once_and_a_third_that_compiles_nothing(tmp_path):
    both = [start(tmp_path), start(tmp_path)]
    (first, _), (second, _) = map(finish, both)
    third, hits = finish(start(tmp_path))
    assert first == second == third
    assert hits == "1"
    assert not list(tmp_path.glob("*.tmp"))
    assert len(list(tmp_path.glob("*.py"))) == 1
    assert (tmp_path.stat().st_mode & 0o777) in (0o700, 0o755)


def test_the_name_depends_on_all_that_matters(monkeypatch):
    name = cache._digest("a = 1")
    assert name != cache._digest("a = 2")
    monkeypatch.setattr("numba.__version__", "0.0")
    assert name != cache._digest("a = 1")


def test_where_nothing_can_be_written_modules_last_as_long_as_the_process(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ESCAPETIME_CACHE", str(tmp_path / "file" / "below"))
    module = cache.load("answer = 42\n# only here\n")
    assert module.answer == 42
    assert cache.load("answer = 42\n# only here\n") is module
    assert str(tmp_path) not in module.__file__


def test_garbage_is_collected_again_after_compiling(tmp_path, monkeypatch):
    monkeypatch.setenv("ESCAPETIME_CACHE", str(tmp_path))
    assert gc.isenabled()
    assert not cache.load("import gc\non = gc.isenabled()\n").on
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError):
        cache.load("1 / 0\n")
    assert gc.isenabled()
    gc.disable()
    try:
        cache.load("import gc\n# who had it off keeps it off\n")
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("platform", "variable", "value"),
    [("linux", "XDG_CACHE_HOME", "/some/cache"), ("win32", "LOCALAPPDATA", "/local"), ("darwin", "HOME", "/home/me")],
)
def test_the_directory_is_the_users(monkeypatch, platform, variable, value):
    monkeypatch.delenv("ESCAPETIME_CACHE", raising=False)
    monkeypatch.setattr(cache.sys, "platform", platform)
    monkeypatch.setenv(variable, value)
    assert str(cache.directory()).startswith(value)
    assert cache.directory().name == "escapetime"
