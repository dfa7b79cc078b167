"""Charts: their data, their marks and what comes back from a touch."""

import copy
import json
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


@pytest.mark.parametrize("panel", charts.PANELS)
def test_spec_is_plain_and_wide(panel: charts.Panel) -> None:
    """The chart fills its container, and its axis is named with a unit."""
    spec = charts.angle_chart(report(), panel)
    assert spec["width"] == "container"
    assert "degrees" in spec["title"]["text"]
    tables = spec.pop("datasets")
    json.dumps(spec, allow_nan=False)
    assert set(tables) == {"frames", "reps", "onsets", "zero", "moment"}


def test_only_the_last_chart_names_the_time() -> None:
    """Three charts under each other read as one figure."""
    texts = [json.dumps(_without_tables(charts.angle_chart(report(), p))) for p in charts.PANELS]
    assert ["Time (seconds)" in text for text in texts] == [False, False, True]


def test_missing_values_stay_missing() -> None:
    """A gap is NaN in the table, never 0, and the band is two standard deviations."""
    table = charts.angle_chart(report(), "lumbar")["datasets"]["frames"]
    assert table["value"].isna().sum() == 3
    assert table["low"].isna().sum() == 3
    assert (table["high"] - table["low"]).dropna().unique() == pytest.approx([8.0])


def test_only_winks_have_an_onset() -> None:
    """A rep without a wink is not marked."""
    onsets = charts.angle_chart(report(), "depth")["datasets"]["onsets"]
    assert onsets["t"].tolist() == [0.6]


def test_moment_is_put_in_without_changing_the_chart() -> None:
    """The chart that is kept stays as it was."""
    kept = charts.angle_chart(report(), "depth")
    before = copy.deepcopy(_without_tables(kept))
    shown = charts.at_moment(kept, moment_s=0.5, rep=1)
    shown["layer"].clear()
    assert shown["datasets"]["moment"]["t"].tolist() == [0.5]
    assert kept["datasets"]["moment"].empty
    assert _without_tables(kept) == before
    strength = shown["datasets"]["reps"]["strength"]
    assert strength[1] > strength[0]
    assert kept["datasets"]["reps"]["strength"].nunique() == 1


@pytest.mark.parametrize("moment_s", [None, float("nan")])
def test_unknown_moment_is_no_line(moment_s: float | None) -> None:
    """No line at 0 for a moment that is not known."""
    kept = charts.angle_chart(report(), "ankle")
    assert charts.at_moment(kept, moment_s=moment_s)["datasets"]["moment"].empty


@pytest.mark.parametrize("empty", [{}, {"frames": [], "reps": []}], ids=["bare", "no-rows"])
def test_empty_report_still_draws(empty: dict[str, Any]) -> None:
    """Nothing measured is an empty chart and no error."""
    spec = charts.angle_chart(empty, "lumbar")
    assert spec["datasets"]["frames"].empty
    assert charts.at_moment(spec, moment_s=None)["datasets"]["reps"].empty


def test_long_film_is_thinned() -> None:
    """More points than a phone can show only make each click slower."""
    table = charts.angle_chart(report(2700), "depth")["datasets"]["frames"]
    assert 300 < len(table) <= 700
    assert table["t"].iloc[0] == 0.0


def test_range_of_values_grows_when_needed() -> None:
    """A value outside of the usual range is not cut off."""
    spec = charts.angle_chart(report(), "lumbar")
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


def test_every_chart_can_be_picked() -> None:
    """The selection is on a layer of each chart, by nearest point on a click."""
    for panel in charts.PANELS:
        params = charts.angle_chart(report(), panel)["params"]
        select = next(p["select"] for p in params if p["name"] == charts.PICK)
        assert select["nearest"] is True
        assert select["on"] == "click"


def _without_tables(spec: charts.Spec) -> charts.Spec:
    return {name: value for name, value in spec.items() if name != "datasets"}


@pytest.mark.parametrize(("onset_s", "side"), [(0.6, "left"), (1.9, "right")])
def test_only_the_first_onset_is_named(onset_s: float, side: str) -> None:
    """Names cover neither each other nor the edge."""
    raw = report()
    for rep in raw["reps"]:
        rep["wink"] = {"kind": "wink", "onset_s": onset_s}
    spec = charts.angle_chart(raw, "depth")
    assert spec["datasets"]["onsets"]["name"].tolist() == ["tuck starts", ""]
    marks = [layer["mark"] for layer in spec["layer"]]
    names = [mark for mark in marks if mark["type"] == "text" and mark.get("fontWeight") == 600]
    assert [mark["align"] for mark in names] == [side]
