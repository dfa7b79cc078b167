"""What the charts share: what comes back from a touch."""

from collections.abc import Callable
from typing import Any

import pytest

from analysis import chartparts, charts, winkmap
from tests.chart_report import report


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
    assert chartparts.picked_time(selection) == expected


@pytest.mark.parametrize("draw", [charts.time_chart, winkmap.wink_map])
def test_every_chart_can_be_picked(draw: Callable[[dict[str, Any]], chartparts.Spec]) -> None:
    """The selection is on a layer of each panel that holds frames, by nearest point."""
    spec = draw(report())
    (pick,) = spec["params"]
    assert pick["name"] == chartparts.PICK
    assert pick["select"]["nearest"] is True
    panels = spec.get("vconcat", [spec])
    layers = {layer.get("name"): layer for panel in panels for layer in panel["layer"]}
    assert len(pick["views"]) == len(panels)
    assert all(layers[name]["data"]["name"] in ("frames", "loops") for name in pick["views"])


def test_one_rep_can_stand_alone() -> None:
    """Frames around the rep and that rep only; the report itself is left as it was."""
    raw = report()
    alone = chartparts.cut_out(raw, 1)
    times = [row["t"] for row in alone["frames"]]
    assert (min(times), max(times)) == pytest.approx((0.7, 59 / 30), abs=0.05)
    assert alone["reps"] == [raw["reps"][1]]
    assert len(raw["frames"]) == 60
    assert charts.time_domain(alone) == pytest.approx((min(times), max(times)))
    assert set(winkmap.wink_map(alone)["datasets"]["loops"]["rep"]) <= {1}
