"""The benchmark of optimizers runs from end to end, in a size that means nothing."""

import json
import math
import sys

from tests.benchmarks import optimizers


def test_small(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["optimizers", "--small", "--rounds", "2", "--write", str(tmp_path)])
    optimizers.main()
    text, numbers = (tmp_path / "optimizers.md").read_text(), json.loads((tmp_path / "optimizers.json").read_text())
    assert text.split("\n")[2] in capsys.readouterr().out
    rows = numbers["results"][0]["rows"]
    assert [rows[name]["state"] for name in ("torch Adam, foreach", "Adai, fused")] == [2, 3]
    assert rows["torch Adam, foreach"]["cost"]["torch Adam, foreach"] == [1, 1, 1]
    for name, against in optimizers.AT_MOST:
        assert name in rows
        assert against in rows or against == optimizers.PEER


def test_the_list_of_a_network():
    shapes = optimizers.resnet18()
    assert (len(shapes), sum(map(math.prod, shapes))) == (62, 11_689_512)
    assert sum(map(math.prod, optimizers.EQUAL)) == 10_999_980
