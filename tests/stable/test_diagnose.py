"""The diagnosis names what was done to data, and nothing where nothing was."""

import numpy as np
import pytest

import escapetime as et
from escapetime.errors import InvalidInput

stable = et.stable
SENTENCES = ("disagree", "depends on the length", "Order matters", "mean is not zero", "correlated (", "cales differ",
             "scale changes", "hardly move")  # fmt: skip
G = np.random.default_rng(5)
M = 141
N = M * M


def test_stable_and_independent_data_pass():
    for alpha in (1.5, 2.0):
        found = stable.diagnose(stable.sample(alpha, N, seed=6))
        assert not any(word in sentence for word in SENTENCES for sentence in found.findings)
        assert "as it does on stable numbers" in found.findings[0]
        assert found.spread < 0.1
        assert abs(found.correlation) < 0.01


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: G.normal(size=N) + 0.3, {"mean is not zero"}),
        (lambda: G.standard_t(3, size=N), {"disagree"}),
        (lambda: G.normal(size=(400, 50)) * np.exp(G.normal(size=50)), {"disagree", "length", "cales differ"}),
        (lambda: G.normal(size=(M, M)).ravel() * np.repeat(np.exp(G.normal(size=M)), M), {"Order", "scale changes"}),
        (lambda: (G.normal(size=(M, M)) + 0.3 * G.normal(size=(M, 1))).ravel(), {"correlated (", "Order"}),
    ],
)
def test_what_was_done_is_named(made, words):
    found = stable.diagnose(made())
    text = str(found)
    for word in words:
        assert word in text, text
    for word in {"mean is not zero", "cales differ", "correlated ("} - words:
        assert word not in text, text


def test_numbers_of_the_findings():
    scales = np.exp(np.linspace(-1.5, 1.5, 50))
    found = stable.diagnose(G.normal(size=(800, 50)) * scales)
    assert found.spread == pytest.approx(np.log(scales).std(), rel=0.05)
    longest = max(found.blocks)
    predicted = stable.estimators.gaussian_mixture_index(found.spread, longest)
    assert found.blocks[longest][1] == pytest.approx(predicted, abs=0.15)
    correlated = stable.diagnose((np.sqrt(0.8) * G.normal(size=(M, M)) + np.sqrt(0.2) * G.normal(size=(M, 1))).ravel())
    assert correlated.correlation == pytest.approx(0.2, abs=0.08)
    stored = correlated.blocks[max(correlated.blocks)][0]
    assert stored == pytest.approx(stable.estimators.gaussian_correlated_index(0.2, M), abs=0.15)


def test_coordinates_that_do_not_move_are_told_and_left_out():
    table = G.normal(size=(500, 10)) * ([1.0] * 7 + [0.0] * 3)
    found = stable.diagnose(table)
    assert "3 of 10 coordinates hardly move" in found.findings[0]
    assert found.estimates["characteristic"].alpha == pytest.approx(2.0, abs=0.05)
    with pytest.raises(InvalidInput, match="at least 1000"):
        stable.diagnose(table[:100])


def test_coordinates_that_only_round_are_dead():
    """A constant whose mean was taken off leaves rounding, which is no noise."""
    table = G.normal(size=(400, 6))
    table[:, 0] = 0.1 + 1e-18 * np.arange(400) % 3
    table[:, 0] -= 0.3 / 3
    table[0, 0] = 1.0
    found = stable.diagnose(table)
    assert any("1 of 6 coordinates hardly move" in sentence for sentence in found.findings)
    assert np.isfinite(found.spread)


def test_a_coordinate_that_is_mostly_zero_does_not_silence_the_others():
    table = np.column_stack([G.normal(size=600), 1e3 * G.normal(size=600), np.zeros(600)])
    table[::2, 2] = G.normal(size=300)
    assert np.isfinite(stable.diagnose(table).spread)
