"""The script that measures the engine on a card runs from end to end without one, in sizes that mean nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(sys.platform != "linux", reason="there is no wheel of triton for this system")
def test_dry_run(tmp_path):
    command = [sys.executable, "-m", "tests.benchmarks.gpu", "--dry-run", "--write", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    text, numbers = (tmp_path / "gpu.md").read_text(), json.loads((tmp_path / "gpu.json").read_text())
    assert "A dry run: nothing below was measured on a card" in text
    assert text.strip() == done.stdout.strip()
    assert [row["dtype"] for row in numbers["agreement"]] == ["float64", "float32"]
    for row in numbers["agreement"]:  # 64 paths: nothing that the right answer cannot pass
        assert abs(row["off by"]) < 6
    assert {row["name"] for row in numbers["throughput"]} > {"this project, float32, none", "torch eager, float32"}
    for form, cost in numbers["limits"]["machine code"].items():
        bound = max(cost["per step"]["issue"] / 128, cost["per step"]["double"] / 64)
        assert cost["clocks"] >= bound
        assert cost["ceiling"] == pytest.approx(132 * 1.755e9 / cost["clocks"])
        if form.startswith("float32"):  # what the project has promised is within what the machine code allows
            assert cost["ceiling"] > 10 * 5e10


@pytest.mark.skipif(torch.cuda.is_available(), reason="here it would measure")
def test_without_a_card_it_says_so():
    from tests.benchmarks import gpu

    with pytest.raises(SystemExit, match="--dry-run"):
        gpu.provenance("cuda")
