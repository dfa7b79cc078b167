"""The wink map: loops, onsets and the depth to stop at."""

import json

from analysis import winkmap
from tests.chart_report import report, without_tables


def test_wink_map_has_a_loop_for_each_whole_rep() -> None:
    """Down and up join at the bottom; a rep that is cut off is left out."""
    raw = report()
    raw["reps"][0]["bottom_s"], raw["reps"][1]["bottom_s"] = 0.55, 1.4
    raw["reps"][1]["partial"] = True
    loops = winkmap.wink_map(raw)["datasets"]["loops"]
    assert set(loops["rep"]) == {1}
    down, up = (loops[loops["way"] == way] for way in ("down", "up"))
    assert down["t"].max() == up["t"].min() <= 0.55
    assert not loops[["thigh", "lumbar"]].isna().any(axis=None)


def test_wink_map_marks_onset_and_depth_to_stop_at() -> None:
    """One diamond for each onset, and a named line where to stop, if there is one."""
    raw = report() | {"summary": {"stop_at_thigh_deg": -3.0}}
    spec = winkmap.wink_map(raw)
    assert spec["datasets"]["onsets"]["t"].tolist() == [0.6]
    assert '"thigh": -3.0' in json.dumps(without_tables(spec))
    assert '"thigh": -3.0' not in json.dumps(without_tables(winkmap.wink_map(report())))
