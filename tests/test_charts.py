"""Charts: their data, their marks and what comes back from a touch."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from analysis import charts


def report(count: int = 60) -> dict[str, Any]:
    """Small report with a gap, two reps and one wink."""
    times = np.arange(count) / 30
    frames = [
        {
            "t": float(t),
            "thigh_deg": 80.0 - t,
            "thigh_sd_deg": 2.0,
            "ankle_deg": 10.0,
            "ankle_sd_deg": 1.0,
            "lumbar_deg": None if 10 <= i < 13 else float(i),
            "lumbar_sd_deg": None if 10 <= i < 13 else 2.0,
        }
        for i, t in enumerate(times)
    ]
    wink = {"kind": "wink", "onset_s": 0.6}
    none = {"kind": "none", "onset_s": None}
    reps = [
        {"start_s": 0.2, "end_s": 0.9, "wink": wink},
        {"start_s": 1.0, "end_s": 1.8, "wink": none},
    ]
    return {"frames": frames, "reps": reps}


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
    text = json.dumps(_without_tables(charts.time_chart(report())))
    assert text.count('"tuck starts"') == 3 + 1  # a line in each panel, and its name
    raw = report()
    for rep in raw["reps"]:
        rep["wink"] = {"kind": "none", "onset_s": 0.6}
    assert "tuck starts" not in json.dumps(_without_tables(charts.time_chart(raw)))


def test_same_report_gives_the_same_chart() -> None:
    """A chart that differs would be sent again with every click."""
    first, second = charts.time_chart(report()), charts.time_chart(report())
    assert _without_tables(first) == _without_tables(second)
    assert charts.time_domain(report()) == pytest.approx((0, 59 / 30))


@pytest.mark.parametrize("empty", [{}, {"frames": [], "reps": []}], ids=["bare", "no-rows"])
def test_empty_report_still_draws(empty: dict[str, Any]) -> None:
    """Nothing measured is an empty chart and no error."""
    spec = charts.time_chart(empty)
    assert charts.wink_map(empty)["datasets"]["loops"].empty
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


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        pytest.param({"pick": [{"t": 2.6}]}, 2.6, id="picked"),
        pytest.param({"pick": []}, None, id="nothing"),
        pytest.param({"pick": [{"t": float("nan")}]}, None, id="nan"),
        pytest.param({"pick": [{"t": "2"}]}, None, id="text"),
        pytest.param({"other": [{"t": 1.0}]}, None, id="other-selection"),
        pytest.param({"pick": {"t": 1.0}}, None, id="other-shape"),
        pytest.param(None, None, id="none"),
    ],
)
def test_picked_time(selection: object, expected: float | None) -> None:
    """Only a well-formed selection is a time."""
    assert charts.picked_time(selection) == expected


@pytest.mark.parametrize("draw", [charts.time_chart, charts.wink_map])
def test_every_chart_can_be_picked(draw: Callable[[dict[str, Any]], charts.Spec]) -> None:
    """The selection is on a layer of each panel that holds frames, by nearest point."""
    spec = draw(report())
    (pick,) = spec["params"]
    assert pick["name"] == charts.PICK
    assert pick["select"]["nearest"] is True
    panels = spec.get("vconcat", [spec])
    layers = {layer.get("name"): layer for panel in panels for layer in panel["layer"]}
    assert len(pick["views"]) == len(panels)
    assert all(layers[name]["data"]["name"] in ("frames", "loops") for name in pick["views"])


def test_wink_map_has_a_loop_for_each_whole_rep() -> None:
    """Down and up join at the bottom; a rep that is cut off is left out."""
    raw = report()
    raw["reps"][0]["bottom_s"], raw["reps"][1]["bottom_s"] = 0.55, 1.4
    raw["reps"][1]["partial"] = True
    loops = charts.wink_map(raw)["datasets"]["loops"]
    assert set(loops["rep"]) == {1}
    down, up = (loops[loops["way"] == way] for way in ("down", "up"))
    assert down["t"].max() == up["t"].min() <= 0.55
    assert not loops[["thigh", "lumbar"]].isna().any(axis=None)


def test_wink_map_marks_onset_and_depth_to_stop_at() -> None:
    """One diamond for each onset, and a named line where to stop, if there is one."""
    raw = report() | {"summary": {"stop_at_thigh_deg": -3.0}}
    spec = charts.wink_map(raw)
    assert spec["datasets"]["onsets"]["t"].tolist() == [0.6]
    assert '"thigh": -3.0' in json.dumps(_without_tables(spec))
    assert '"thigh": -3.0' not in json.dumps(_without_tables(charts.wink_map(report())))


def _without_tables(spec: charts.Spec) -> charts.Spec:
    return {name: value for name, value in spec.items() if name != "datasets"}


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
