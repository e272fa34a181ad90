"""Figures: what is drawn is what was computed."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

import escapetime as et
from escapetime import plots, stats
from escapetime.errors import InvalidInput


@pytest.fixture(autouse=True)
def _close():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def test_landscape_in_one_dimension_marks_its_critical_points():
    ax = plots.landscape(et.landscapes.double_well())
    marks = {tuple(np.round([*line.get_xdata(), *line.get_ydata()], 9)) for line in ax.lines[1:]}
    assert marks == {(-1.0, 0.0), (1.0, 0.0), (0.0, 0.25)}
    assert {t.get_text() for t in ax.get_legend().get_texts()} == {"minimum", "maximum"}


def test_landscape_in_two_dimensions():
    ax = plots.landscape(et.landscapes.double_well_with_valley())
    assert {t.get_text() for t in ax.get_legend().get_texts()} == {"minimum", "saddle"}


def test_a_landscape_that_cannot_be_drawn_says_so():
    with pytest.raises(InvalidInput, match="section"):
        plots.landscape(et.landscapes.styblinski_tang(3))
    with pytest.raises(InvalidInput, match="Where to look"):
        plots.landscape(et.Landscape.parse("x**2"))


def test_ratios_draw_points_bars_and_curves():
    at, measured = [0.1, 0.2, 0.4], [1.1, 1.2, 1.4]
    ax = plots.ratios(
        at,
        {"measured": measured},
        errors={"measured": [(m - 0.1, m + 0.3) for m in measured]},
        curves={"predicted": lambda d: 1 + d},
    )
    (container,) = ax.containers
    np.testing.assert_allclose(container[0].get_xydata(), np.transpose([at, measured]))
    low, high = container[2][0].get_segments()[0][:, 1]
    assert (low, high) == pytest.approx((1.0, 1.4))
    assert ax.get_xscale() == "log"


def test_survival_draws_the_curve_on_a_log_axis():
    curve = stats.survival_curve([1.0, 2.0, 3.0, 4.0], [True, True, False, True])
    ax = plots.survival(curve, mean=2.5)
    assert ax.get_yscale() == "log"
    line = ax.lines[-1]
    assert line.get_ydata()[-1] == pytest.approx(np.exp(-line.get_xdata()[-1] / 2.5))


def test_style_gives_back_what_it_found_and_touches_nothing_else():
    """A notebook's backend turns `interactive` on while the first figure is made; undoing that hid every later one."""
    before = dict(mpl.rcParams)
    with plots.style():
        assert mpl.rcParams["axes.grid"] is True
        mpl.rcParams["interactive"] = not before["interactive"]
    assert mpl.rcParams["interactive"] is not before["interactive"]
    mpl.rcParams["interactive"] = before["interactive"]
    assert dict(mpl.rcParams) == before
