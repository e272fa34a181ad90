"""The library reference names everything that the library makes public."""

import importlib
import inspect
import re

import escapetime
from booksite.library import public_modules
from tools.chapters import ROOT


def documented() -> set[str]:
    roots = [
        root
        for page in (ROOT / "book" / "api").glob("*.md")
        for names in re.findall(r"\{library\} (.*)", page.read_text())
        for root in names.split()
    ]
    return {module for root in roots for module in public_modules(root)}


def test_every_public_name_is_in_the_reference() -> None:
    modules = documented()
    names = {name for module in modules for name in _names(module)}
    for name in escapetime.__all__:
        thing = getattr(escapetime, name)
        assert thing.__name__ in modules if inspect.ismodule(thing) else name in names, name


def _names(module: str) -> list[str]:
    found = importlib.import_module(module)
    own = [name for name, thing in vars(found).items() if getattr(thing, "__module__", "") == module]
    return getattr(found, "__all__", own)
