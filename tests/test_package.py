"""The shape of the house: light to import, and arrows that point one way."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import escapetime as et

LIB = Path(et.__file__).parent

GROUND = {"errors", "symbolic", "stats", "stable", "references"}
LAYERS = [
    {"landscape", "critical_points", "confinement", "landscapes", "sample_loss"},
    {"processes", "domains"},
    {"problem"},
    {"theory", "exact", "paths", "simulate"},
    {"ledger", "plots", "comparison"},
]
ROUTES = {"theory", "exact", "paths", "simulate"}
NETWORKS_MAY_USE = GROUND | {"optim", "networks"}


def imports(path: Path) -> set[str]:
    """Return the first part below ``escapetime`` of everything a file imports, lazily or not."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "escapetime":
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {n.name.split(".")[1] for n in node.names if n.name.startswith("escapetime.")}
    return found


def rooms() -> list[tuple[Path, str]]:
    return [
        (p, p.relative_to(LIB).parts[0].removesuffix(".py"))
        for p in sorted(LIB.rglob("*.py"))
        if p.name != "__init__.py" or p.parent != LIB
    ]


def rank(room: str) -> int:
    return next((i for i, layer in enumerate(LAYERS) if room in layer), -1)


@pytest.mark.parametrize(
    ("path", "room"), rooms(), ids=lambda v: str(v.relative_to(LIB)) if isinstance(v, Path) else None
)
def test_arrows_point_down(path, room):
    for other in imports(path) - {room}:
        if room in GROUND:
            assert other in GROUND, f"{room} stands on the ground and imports {other}"
        elif room in {"networks", "optim"}:
            assert other in NETWORKS_MAY_USE, f"{room} imports {other}"
        else:
            assert rank(room) >= 0, f"{room} has no place in the layers"
            assert other in GROUND or rank(other) <= rank(room), f"{room} imports {other}, which is above it"
            assert not (room in ROUTES and other in ROUTES), f"the routes {room} and {other} must not share code"


def test_the_check_of_arrows_can_fail(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text(
        "def f():\n"
        "    from escapetime.simulate import escape_time\n"
        "    import escapetime.exact\n"
        "    from escapetime import plots"
    )
    assert imports(bad) == {"simulate", "exact", "plots"}


def test_import_is_light():
    """What takes seconds to import comes when it is used; wall time is measured by hand, absence is tested."""
    heavy = "torch scipy matplotlib sklearn numba tqdm"
    code = f"import sys, escapetime; print([m for m in {heavy.split()} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_everything_public_is_there():
    for name in et.__all__:
        assert getattr(et, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        et.nonsense  # noqa: B018
