"""Figures with a slider: the same bytes on every run, and a drawing that says the same as the data."""

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from escapetime import plots
from escapetime.errors import InvalidInput

LAYOUT = {"xaxis_range": [0, 1], "yaxis_range": [0, 2], "xaxis_title_text": "x < 1"}


def lines(**options):
    x = np.linspace(0, 1, 3)
    settings = {f"k = {k}": [{"x": x, "y": k * x / 3, "mode": "lines+markers"}] for k in (1, 2, 3)}
    return plots.slides(
        settings, **({"label": "slope", "name": "fig-x", "alt": 'A "line".', "layout": LAYOUT} | options)
    )


def test_every_run_gives_the_same_bytes_and_few_digits():
    first, again = (lines()._repr_mimebundle_() for _ in range(2))
    assert first == again
    assert first["text/plain"] == 'Interactive figure: A "line".'
    assert re.findall(r"0\.3+", first["text/html"])
    assert max(map(len, re.findall(r"0\.3+", first["text/html"]))) == 6
    assert "bdata" not in first["text/html"]


def test_the_slider_shows_each_setting_and_leaves_what_is_always_shown():
    figure = lines(always=[{"x": [0, 1], "y": [1, 1]}])
    (slider,) = figure.spec["layout"]["sliders"]
    assert [step["label"] for step in slider["steps"]] == ["k = 1", "k = 2", "k = 3"]
    changes, moving = slider["steps"][2]["args"]
    assert moving == [1]
    assert changes["y"] == [[0, 0.5, 1]]
    assert figure.spec["data"][1]["y"][-1] == 0.3333


def test_a_figure_may_start_at_any_setting():
    figure = lines(start=2)
    assert figure.spec["layout"]["sliders"][0]["active"] == 2
    assert figure.spec["data"][0]["y"] == [0, 0.5, 1]
    with pytest.raises(InvalidInput, match="settings 0 to 2, got 3"):
        lines(start=3)


def test_the_drawing_leaves_out_what_is_outside_its_panel():
    curve = {"x": [0, 0.2, 0.4, 0.6, 0.8], "y": [1, 1, 9, 1, 1]}
    text = plots.slides({"a": [curve], "b": [curve]}, label="", name="fig-x", alt="x", layout=LAYOUT).html()
    drawing = ET.fromstring(re.search(r"<svg.*?</svg>", text, re.S)[0])  # type: ignore[index]
    assert [len(line.attrib["points"].split()) for line in drawing.iter("polyline")] == [2, 2]


def test_the_page_holds_the_data_and_a_drawing_of_the_first_setting():
    text = lines().html()
    held = re.search(r'<script type="application/json">(.*?)</script>', text, re.S)
    assert held is not None
    assert json.loads(held[1]) == lines().spec
    assert 'aria-label="A &quot;line&quot;."' in text
    drawing = ET.fromstring(re.search(r"<svg.*?</svg>", text, re.S)[0])  # type: ignore[index]
    (curve,) = drawing.iter("polyline")
    places = np.array([pair.split(",") for pair in curve.attrib["points"].split()], float)
    assert np.all(np.diff(places[:, 0]) > 0)
    assert np.all(np.diff(places[:, 1]) < 0)  # SVG counts downwards
    low, high = places[0, 1], places[-1, 1]
    assert places[1, 1] == pytest.approx((low + high) / 2, abs=0.06)
    assert len(list(drawing.iter("circle"))) == 3
    assert "x < 1" in [t.text for t in drawing.iter("text")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "Fig 1"}, "joined by hyphens"),
        ({"alt": " "}, "for those who do not see it"),
        ({"layout": {"xaxis_range": [0, 1]}}, "give yaxis a range"),
    ],
)
def test_a_figure_that_would_not_work_is_refused(options, message):
    with pytest.raises(InvalidInput, match=message):
        lines(**options)


def test_settings_must_match():
    with pytest.raises(InvalidInput, match=r"same number of curves each; got \[1, 2\]"):
        plots.slides({"a": [{}], "b": [{}, {}]}, label="", name="fig-x", alt="x", layout=LAYOUT)
