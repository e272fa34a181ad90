from types import SimpleNamespace

import pytest

from booksite.library import _internal, _meant, public_modules
from booksite.repairs import repair

OBJECTS = {
    name: SimpleNamespace(objtype=kind, aliased=name.endswith("base.Diffusion"))
    for name, kind in {
        "escapetime.landscape.Landscape": "class",
        "escapetime.landscape.Landscape.value": "method",
        "escapetime.processes.Diffusion": "class",
        "escapetime.processes.base.Diffusion": "class",
        "escapetime.processes.langevin": "function",
        "escapetime.exact.escape_time": "function",
        "escapetime.theory.escape_time": "function",
        "escapetime.theory": "module",
    }.items()
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Landscape", "escapetime.landscape.Landscape"),
        ("Landscape.value", "escapetime.landscape.Landscape.value"),
        ("escapetime.Landscape", "escapetime.landscape.Landscape"),
        ("escapetime.langevin", "escapetime.processes.langevin"),
        ("exact.escape_time", "escapetime.exact.escape_time"),
        ("Diffusion", "escapetime.processes.Diffusion"),
        ("escape_time", None),  # two of them: which is not for us to guess
        ("theory", None),
        ("Landskape", None),
    ],
)
def test_a_short_name_leads_to_the_one_object_meant(written: str, meant: str | None) -> None:
    assert _meant(written, OBJECTS) == meant


def test_what_the_library_has_but_does_not_publish_is_no_broken_link() -> None:
    assert _internal("escapetime.symbolic.parsing.parse_expression")
    assert not _internal("escapetime.symbolic.parsing.pars_expression")
    assert not _internal("math.pi")


def test_a_package_brings_the_modules_it_declares_public() -> None:
    names = list(public_modules("escapetime.theory"))
    assert names[0] == "escapetime.theory"
    assert {"escapetime.theory.kramers1940", "escapetime.theory.xie2021"} < set(names)
    assert "escapetime.theory.ways_out" not in names


def test_repairing_twice_changes_nothing_more() -> None:
    once = repair(
        '<summary><span class="toctree-toggle"></span></summary><a class="viewcode-back" href="#x">[docs]</a>'
    )
    assert 'aria-label="Pages below this one"' in once
    assert "viewcode-back" not in once
    assert repair(once) == once
