"""The library reference: a directive that documents modules by their public names, and short names in links.

    ```{library} escapetime.symbolic
    ```

writes a section for a module. Public is what `__all__` lists, where there is one; a package that lists one of its
modules gets a section for that module too. So a new name of the library appears in the reference by itself.
"""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.ext.napoleon.docstring import NumpyDocstring
from sphinx.util.docutils import SphinxDirective

# what docstrings may name without a link: no inventory of another project is fetched while building
ELSEWHERE = {"numpy", "np", "torch", "sympy", "sp", "scipy", "matplotlib", "sklearn"}

SECTION = """\
## {title}

```{{eval-rst}}
.. automodule:: {name}
   :members:
```
"""


def public_modules(name: str) -> Iterator[str]:
    """The module, and those below it that it declares public."""
    module = importlib.import_module(name)
    yield name
    below = {info.name for info in pkgutil.iter_modules(getattr(module, "__path__", []))}
    for child in getattr(module, "__all__", []):
        # a function may have the name of the module that it comes from
        if child in below and inspect.ismodule(getattr(module, child)):
            yield from public_modules(f"{name}.{child}")


class Library(SphinxDirective):
    """Document the modules named in the argument, and all that is public below them."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        text = ""
        for root in self.arguments[0].split():
            try:
                names = list(public_modules(root))
            except ImportError as failure:
                raise self.error(f"the library reference cannot import {root}: {failure}") from failure
            for name in names:
                text += SECTION.format(title=f"`{name.removeprefix('escapetime.')}`", name=name)
        box = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), source=self.env.docname), 0, box, match_titles=True)
        return box.children


def outdated(app: Any, env: Any, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """The pages of the reference, when a file of the library is newer than their last reading."""
    folder = Path(importlib.import_module("escapetime").__file__ or "").parent
    newest = max(file.stat().st_mtime for file in [folder, *folder.rglob("*.py")])
    return [page for page, read in env.all_docs.items() if page.startswith("book/api") and read < newest * 1e6]


def resolve(app: Any, env: Any, node: Any, contnode: Any) -> nodes.Node | None:
    """Resolve a name that Sphinx does not know; a name that stays unresolved is a warning, and so an error.

    The public names of the library (`escapetime.Landscape`) and bare ones (`Landscape.value`) lead to the one object
    that is meant. Names of other projects stay plain text, and so do the words that numpydoc writes for a type.
    """
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    domain = env.get_domain("py")
    name = _meant(target, domain.objects)
    if name:
        node["reftarget"] = name
        return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", name, node, contnode)
    words = not isinstance(contnode, nodes.literal)
    elsewhere = target.split(".")[0] in sys.stdlib_module_names | ELSEWHERE
    return contnode if words or elsewhere or _internal(target) else None


def _meant(target: str, objects: dict[str, Any]) -> str | None:
    """The documented object that the target is; else the one, modules apart, that ends in it, or in its last part."""
    if target.startswith("escapetime."):
        try:
            found = pkgutil.resolve_name(target)
        except (ValueError, ImportError, AttributeError):
            found = None
        home = f"{getattr(found, '__module__', '')}.{getattr(found, '__qualname__', '')}"
        if home in objects:
            return home
    ends = [target, target.rpartition(".")[2]] if target.startswith("escapetime.") else [target]
    for end in ends:
        ending = [n for n, o in objects.items() if n.endswith(f".{end}") and o.objtype != "module" and not o.aliased]
        if len(ending) == 1:
            return ending[0]
    return None


def _internal(target: str) -> bool:
    """Whether the library has something of this full name."""
    try:
        pkgutil.resolve_name(target)
    except (ValueError, ImportError, AttributeError):
        return False
    return target.startswith("escapetime.")


def whole_first_line(self: Any) -> tuple[str, list[str]]:
    """The type, none, and the text of an attribute's docstring, which napoleon would cut at its first colon."""
    lines = []
    while self._lines:
        lines.append(self._lines.next())
    return "", self.__class__(lines, self._config).lines()


def connect(app: Any) -> None:
    NumpyDocstring._consume_inline_attribute = whole_first_line  # type: ignore[method-assign]
    app.add_directive("library", Library)
    app.connect("env-get-outdated", outdated)
    app.connect("missing-reference", resolve)
