"""Charts of several clips: what stands in their tables, and how clips are told apart."""

import json
from typing import Any

import numpy as np
import pytest

from analysis import compare, comparecharts
from tests import saved


def clips(count: int = 2) -> list[tuple[str, dict[str, Any]]]:
    """Clips whose tucks start at other depths."""
    return [("ABCD"[k], saved.report(onset_deg=-8.0 + 4 * k)) for k in range(count)]


def test_a_line_with_its_band_for_each_clip() -> None:
    """Two standard deviations on both sides, and a diamond where the tuck starts."""
    spec = comparecharts.descent_chart(clips())
    curves = spec["datasets"]["curves"]
    assert set(curves["clip"]) == {"A", "B"}
    assert np.isfinite(curves[["thigh", "lumbar", "low", "high"]].to_numpy()).all()
    assert (curves["high"] - curves["lumbar"]).to_numpy() == pytest.approx(4.0, abs=0.11)
    onsets = spec["datasets"]["onsets"]
    assert list(onsets["thigh"]) == [-8.0, -4.0]
    assert list(onsets["high"] - onsets["low"]) == pytest.approx([12.0, 12.0])


@pytest.mark.parametrize("count", [2, 3, 4])
def test_clips_differ_in_more_than_colour(count: int) -> None:
    """Each has a way of its line of its own."""
    for draw in (comparecharts.descent_chart, comparecharts.map_chart):
        spec = json.dumps({k: v for k, v in draw(clips(count)).items() if k != "datasets"})
        for colour in comparecharts.COLOURS[:count]:
            assert colour in spec
        assert "strokeDash" in spec


def test_maps_hold_every_whole_rep() -> None:
    """Down and up, of both clips."""
    loops = comparecharts.map_chart(clips())["datasets"]["loops"]
    assert len(loops.groupby(["clip", "rep", "way"])) == 2 * 2 * 2


def test_clips_without_a_wink_or_a_rep() -> None:
    """No diamond, no line, no error."""
    none, nothing = saved.report(kind="none"), saved.report(kind="none")
    nothing["reps"], nothing["summary"] = [], None
    spec = comparecharts.descent_chart([("A", none), ("B", nothing)])
    assert set(spec["datasets"]["curves"]["clip"]) == {"A"}
    assert spec["datasets"]["onsets"].empty
    comparecharts.map_chart([("A", none), ("B", nothing)])
    comparecharts.descent_chart([("A", nothing), ("B", nothing)])


def test_trend_has_bars_of_error() -> None:
    """One point a day, with two standard deviations on both sides."""
    days = ["2026-08-01", "2026-08-31", "2026-09-30"]
    found = compare.trend("onset_thigh_deg", [(day, saved.report()) for day in days])
    assert found is not None
    spec = json.dumps(comparecharts.trend_chart(found, "Tuck starts (degrees)"))
    assert '"low": -14.0, "high": -2.0' in spec
    assert all(day in spec for day in days)
