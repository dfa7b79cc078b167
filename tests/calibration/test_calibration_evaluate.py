"""The table of errors, from reports and truths whose errors are known."""

from typing import Any

import pytest

from analysis.calibration import evaluate

Row = dict[str, Any]


def truth(
    *, kind: str = "wink", peaks_deg: tuple[float, ...] = (15.0,), arched_deg: float = 0.0
) -> Row:
    """Make a truth file of one second, with a repetition for each peak."""
    reps = [
        {
            "partial": False,
            "start_s": float(k),
            "end_s": k + 1.0,
            "bottom": {"thigh_deg": -10.0, "knee_past_toe_cm": 4.0},
            "max_ankle_dorsiflexion_deg": 30.0,
            "peak_tuck_deg": peak,
            "peak_lumbar_flexion_vs_standing_deg": arched_deg + peak,
            "wink": {"tuck5": {"time_s": k + 0.4, "thigh_deg": 12.0}} if peak else None,
        }
        for k, peak in enumerate(peaks_deg)
    ]
    frame = {
        "lumbar_flexion_vs_standing_deg": 10.0,
        "ankle_dorsiflexion_deg": 30.0,
        "trunk_line_lean_deg": 40.0,
    }
    frames = [{"t": 0.0, "thigh_deg": 80.0, **frame}, {"t": 0.5, "thigh_deg": -10.0, **frame}]
    about = {
        "kind": kind,
        "reps": reps,
        "advised": True,
        "barbell": False,
        "camera": {"yaw_deg": -10.0},
        "outfit": {"top": "tee"},
    }
    return {"meta": about, "frames": frames}


def report(*, kind: str = "wink", off_deg: float = 2.0, sd_deg: float = 1.5) -> Row:
    """Make a report of one repetition that is off by so much in every angle."""
    wink = {"kind": kind, "onset_s": 0.45, "onset_thigh_deg": 12.0 + off_deg, "peak_deg": 15.0}
    frame = {
        "t": 0.5,
        "thigh_deg": -10.0 + off_deg,
        "ankle_deg": 30.0 + off_deg,
        "trunk_deg": None,
        "lumbar_deg": 10.0 - off_deg,
        "lumbar_sd_deg": sd_deg,
    }
    rep = {
        "partial": False,
        "bottom_s": 0.5,
        "depth_deg": -10.0 + off_deg,
        "depth_sd_deg": sd_deg,
        "max_ankle_deg": 30.0,
        "max_knee_past_toe_cm": None,
        "wink": wink,
    }
    return {"frames": [{"t": 0.0}, frame], "reps": [rep], "summary": {"kind": kind}}


def test_errors_are_those_that_were_made() -> None:
    """Mean error, bias, given and within two deviations, deep frames only."""
    row = evaluate.table([(report(), truth())])[0]
    assert row["group"] == "all clips"
    assert row["errors"]["lumbar_deep_deg"] == {
        "mean_error": 2.0,
        "bias": -2.0,
        "given": 1.0,
        "within_2_sd": 1.0,
    }
    assert row["errors"]["depth_deg"]["bias"] == 2.0
    assert row["errors"]["onset_s"]["mean_error"] == 0.05
    assert row["errors"]["trunk_deep_deg"]["given"] == 0.0
    assert row["errors"]["trunk_deep_deg"]["mean_error"] is None
    assert row["errors"]["knee_past_toe_cm"]["given"] == 0.0


def test_a_narrow_band_is_found_out() -> None:
    """An error of 2 with a deviation of 0.9 lies outside."""
    row = evaluate.table([(report(sd_deg=0.9), truth())])[0]
    assert row["errors"]["lumbar_deep_deg"]["within_2_sd"] == 0.0


@pytest.mark.parametrize(
    ("kind", "peaks_deg", "arched_deg", "expected"),
    [
        ("wink", (15.0,), 0.0, {"wink"}),
        ("wink", (7.0,), 0.0, {"wink", "none"}),
        ("wink", (4.0,), 0.0, {"none"}),
        ("neutral", (0.0, 0.0), 0.0, {"none"}),
        ("extension_to_neutral", (0.0,), 15.0, {"arch_to_neutral"}),
        ("arch_past_neutral", (0.0, 15.0), 15.0, {"wink"}),
        ("arch_past_neutral", (0.0, 0.0, 15.0), 15.0, {"arch_to_neutral"}),
        ("arch_past_neutral", (0.0, 2.0), 3.0, {"none"}),
        ("arch_past_neutral", (8.0,), 15.0, {"wink", "arch_to_neutral"}),
        ("wink", (15.0, 0.0), 0.0, {"wink"}),
        ("wink", (15.0, 0.0, 0.0), 0.0, {"none"}),
    ],
)
def test_expected_kind(
    kind: str, peaks_deg: tuple[float, ...], arched_deg: float, expected: set[str]
) -> None:
    """Half of the repetitions make the set; tucks about as large as counts go either way."""
    made = truth(kind=kind, peaks_deg=peaks_deg, arched_deg=arched_deg)
    assert evaluate.expected_kind(made) == expected


def test_kinds_are_counted() -> None:
    """Told, right of those told, and false winks among those who do not wink."""
    quiet = truth(kind="neutral", peaks_deg=(0.0,))
    pairs = [
        (report(), truth()),
        (report(kind="cannot_tell"), truth()),
        (report(), quiet),
        (report(kind="none"), quiet),
    ]
    row = evaluate.table(pairs)[0]
    assert row["clips"] == 4
    assert row["told"] == 0.75
    assert row["right_of_told"] == pytest.approx(2 / 3, abs=0.001)
    assert row["false_winks"] == 0.5


def test_groups_of_a_clip() -> None:
    """Every clip stands in one group of each kind, after the row for all."""
    rows = evaluate.table([(report(), truth())])
    assert [(r["split"], r["group"]) for r in rows] == [
        ("all", "all clips"),
        ("film", "as asked for"),
        ("view", "8 to 15° off"),
        ("clothes", "tee"),
        ("load", "no barbell"),
        ("depth", "below parallel"),
    ]


def test_a_refused_clip_counts_as_missing() -> None:
    """A report without repetitions is asked for everything and gives nothing."""
    empty = {"frames": [], "reps": [], "summary": None}
    row = evaluate.table([(empty, truth())])[0]
    assert row["told"] == 0.0
    assert row["errors"]["depth_deg"]["given"] == 0.0
    assert row["errors"]["lumbar_deep_deg"]["given"] == 0.0
