"""The time chart: its data, its marks and its ranges."""

import json
from typing import Any

import pytest

from analysis import chartparts, charts, winkmap
from tests.chart_report import report, without_tables


def test_spec_is_plain_and_named() -> None:
    """Three panels with units, and tables that the page fills in."""
    spec = charts.time_chart(report())
    titles = [panel["title"]["text"] for panel in spec["vconcat"]]
    assert len(titles) == 3
    assert all("degrees" in title for title in titles)
    tables = spec.pop("datasets")
    json.dumps(spec, allow_nan=False)
    assert set(tables) == {"frames", "reps"}


def test_only_the_last_panel_names_the_time() -> None:
    """Three panels under each other read as one figure."""
    texts = [json.dumps(panel) for panel in charts.time_chart(report())["vconcat"]]
    assert ["Time (seconds)" in text for text in texts] == [False, False, True]


def test_missing_values_stay_missing() -> None:
    """A gap is NaN in the table, never 0, and the band is two standard deviations."""
    table = charts.time_chart(report())["datasets"]["frames"]
    assert table["lumbar"].isna().sum() == 3
    assert table["lumbar_band"].dropna().unique() == pytest.approx([4.0])


def test_only_winks_have_an_onset() -> None:
    """A rep without a wink is not marked."""
    text = json.dumps(without_tables(charts.time_chart(report())))
    assert text.count('"tuck starts"') == 3 + 1  # a line in each panel, and its name
    raw = report()
    for rep in raw["reps"]:
        rep["wink"] = {"kind": "none", "onset_s": 0.6}
    assert "tuck starts" not in json.dumps(without_tables(charts.time_chart(raw)))


def test_same_report_gives_the_same_chart() -> None:
    """A chart that differs would be sent again with every click."""
    first, second = charts.time_chart(report()), charts.time_chart(report())
    assert without_tables(first) == without_tables(second)
    assert charts.time_domain(report()) == pytest.approx((0, 59 / 30))


@pytest.mark.parametrize("empty", [{}, {"frames": [], "reps": []}], ids=["bare", "no-rows"])
def test_empty_report_still_draws(empty: dict[str, Any]) -> None:
    """Nothing measured is an empty chart and no error."""
    spec = charts.time_chart(empty)
    assert winkmap.wink_map(empty)["datasets"]["loops"].empty
    assert spec["datasets"]["frames"].empty
    assert spec["datasets"]["reps"].empty


def test_long_film_is_thinned() -> None:
    """More points than a phone can show only make each click slower."""
    table = charts.time_chart(report(2700))["datasets"]["frames"]
    assert 240 < len(table) <= 480
    assert table["t"].iloc[0] == 0.0


def test_range_of_values_grows_when_needed() -> None:
    """A value outside of the usual range is not cut off."""
    spec = charts.time_chart(report())["vconcat"][2]
    domains = [
        layer["encoding"]["y"]["scale"]["domain"]
        for layer in spec["layer"]
        if "scale" in layer["encoding"].get("y", {})
    ]
    assert domains
    assert all(high >= 59 for _, high in domains)


@pytest.mark.parametrize(("onset_s", "side"), [(0.6, "left"), (1.9, "right")])
def test_only_the_first_onset_is_named(onset_s: float, side: str) -> None:
    """Names cover neither each other nor the edge."""
    raw = report()
    for rep in raw["reps"]:
        rep["wink"] = {"kind": "wink", "onset_s": onset_s}
    first, *others = charts.time_chart(raw)["vconcat"]
    marks = [layer["mark"] for layer in first["layer"]]
    names = [mark for mark in marks if mark["type"] == "text" and mark.get("fontWeight") == 600]
    assert [mark["align"] for mark in names] == [side]
    told = [layer["mark"].get("fontWeight") for panel in others for layer in panel["layer"]]
    assert 600 not in told


def test_an_arch_that_goes_is_marked_as_such() -> None:
    """Not as a tuck, and not in the colour of the wink."""
    raw = report()
    for rep in raw["reps"]:
        rep["wink"] = {"kind": "arch_to_neutral", "onset_s": 0.6}
    for spec in (charts.time_chart(raw), winkmap.wink_map(raw)):
        text = json.dumps(without_tables(spec)) + str(spec["datasets"].get("onsets", ""))
        assert "arch goes" in text
        assert "tuck starts" not in text
        assert chartparts.ACCENT not in text
