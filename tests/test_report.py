"""What crosses the border: the report's contract, the table and the overlay."""

import csv
import json
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.report import (
    JOINT_NAMES,
    MISSING_PX,
    ClipInfo,
    Finding,
    Frames,
    MadeWith,
    Note,
    Overlay,
    RepInfo,
    Report,
    ScaleInfo,
    StandingInfo,
    Summary,
    ViewInfo,
    write_csv,
    write_overlay,
    write_report,
)
from analysis.wink import Wink

NAN = float("nan")
TIMES_S = np.arange(31) / 10

# The contract, to the letter and in this order; null is allowed for every number.
KEYS = {
    "": [
        "schema", "made_with", "clip", "label", "view", "scale", "standing", "frames", "reps",
        "summary", "findings", "warnings",
    ],
    "made_with": ["app", "estimator_sha", "pose_model_sha"],
    "clip": [
        "duration_s", "frames_read", "fps", "width", "height", "rotation_deg", "filmed_on",
    ],
    "view": ["side", "yaw_deg", "use", "reason"],
    "scale": ["cm_per_px", "source"],
    "standing": ["t_s", "arch_deg", "arch_sd_deg"],
    "frames": [
        "t", "thigh_deg", "thigh_sd_deg", "ankle_deg", "ankle_sd_deg", "knee_deg", "trunk_deg",
        "lumbar_deg", "lumbar_sd_deg", "knee_past_toe_cm", "confidence",
    ],
    "reps": [
        "start_s", "standing_s", "bottom_s", "end_s", "partial", "depth_deg", "depth_sd_deg",
        "max_ankle_deg", "max_ankle_sd_deg", "max_knee_past_toe_cm", "max_knee_past_toe_sd_cm",
        "heel_rise", "wink",
    ],
    "wink": [
        "kind", "why", "onset_s", "onset_interval_s", "onset_thigh_deg", "onset_thigh_sd_deg",
        "peak_deg", "peak_sd_deg", "release_s", "starts",
    ],
    "summary": [
        "kind", "starts", "onset_s", "onset_thigh_deg", "flagged_s", "stop_at_thigh_deg",
        "stop_at_hip_height_cm", "box_height_cm",
    ],
    "findings": ["id", "title", "evidence", "try"],
    "warnings": ["id", "text"],
}  # fmt: skip

WINK = Wink(
    kind="wink",
    onset_s=0.74,
    onset_interval_s=(0.6, 0.8),
    onset_thigh_deg=3.123456,
    onset_thigh_sd_deg=5.0,
    peak_deg=14.0,
    peak_sd_deg=2.0,
    release_s=NAN,
    starts="at",
)


def a_rep(start_s: float, *, wink: Wink | None) -> RepInfo:
    """Make a repetition of a second and a half; without a verdict it is partial."""
    return RepInfo(
        start_s=start_s,
        standing_s=start_s,
        bottom_s=start_s + 0.6,
        end_s=start_s + 1.2,
        partial=wink is None,
        depth_deg=-10.0,
        depth_sd_deg=5.0,
        max_ankle_deg=30.0,
        max_ankle_sd_deg=5.0,
        max_knee_past_toe_cm=NAN,
        max_knee_past_toe_sd_cm=NAN,
        heel_rise=False,
        wink=wink,
    )


@pytest.fixture
def report() -> Report:
    """Make a report with something of everything, and gaps."""
    curve = np.linspace(80, -20, 31)
    curve[4] = NAN
    return Report(
        made_with=MadeWith(app="0", estimator_sha="a", pose_model_sha="b"),
        clip=ClipInfo(
            duration_s=3.1,
            frames_read=31,
            fps=10.0,
            width=720,
            height=1280,
            rotation_deg=90,
            filmed_on=None,
        ),
        view=ViewInfo(side="left", yaw_deg=NAN, use="good", reason=""),
        scale=ScaleInfo(cm_per_px=0.123456, source="height"),
        standing=StandingInfo(t_s=0.1, arch_deg=-4.0, arch_sd_deg=np.float64(2.0)),
        frames=Frames(
            **dict.fromkeys(KEYS["frames"][1:], curve),
            t=TIMES_S,
        ),
        reps=(a_rep(0.2, wink=WINK), a_rep(1.6, wink=None)),
        summary=Summary(
            kind="wink",
            starts="at",
            onset_s=0.74,
            onset_thigh_deg=3.0,
            flagged_s=0.74,
            stop_at_thigh_deg=8.0,
            stop_at_hip_height_cm=float("inf"),
            box_height_cm=NAN,
        ),
        findings=(Finding(id="ankle", title="T", evidence="E", try_="Y"),),
        warnings=(Note(id="dark", text="Dark."),),
    )


def read_strictly(path: Path) -> dict[str, Any]:
    """Read JSON in which NaN and Infinity are no numbers."""

    def refuse(name: str) -> None:
        raise ValueError(f"{name} is not JSON")

    content = json.loads(path.read_text("utf-8"), parse_constant=refuse)
    assert isinstance(content, dict)
    return content


def check_contract(content: Mapping[str, Any]) -> None:
    """Compare the keys at every level with the contract."""
    assert list(content) == KEYS[""]
    assert content["schema"] == 1
    for name in ("made_with", "clip", "view", "scale", "standing", "summary"):
        if content[name] is not None:
            assert list(content[name]) == KEYS[name], name
    for name in ("frames", "reps", "findings", "warnings"):
        for item in content[name]:
            assert list(item) == KEYS[name], name
    for rep in content["reps"]:
        assert (rep["wink"] is None) == rep["partial"]
        if rep["wink"] is not None:
            assert list(rep["wink"]) == KEYS["wink"]
            assert len(rep["wink"]["onset_interval_s"]) == 2


def test_contract(report: Report, tmp_path: Path) -> None:
    """Keys are those of the contract, and the file is strict JSON."""
    write_report(report, tmp_path / "r.json")
    content = read_strictly(tmp_path / "r.json")
    check_contract(content)
    assert content == report.as_json()
    assert len(content["frames"]) == 31


def test_null_is_not_measured(report: Report) -> None:
    """NaN and infinity come out as null, wherever they are, and nothing as 0."""
    content = report.as_json()
    assert content["view"]["yaw_deg"] is None
    assert content["summary"]["stop_at_hip_height_cm"] is None
    assert content["reps"][0]["wink"]["release_s"] is None
    assert content["frames"][4]["thigh_deg"] is None
    assert content["frames"][4]["t"] == 0.4
    assert content["frames"][5]["thigh_deg"] is not None
    assert content["label"] is None


def test_numbers_are_rounded_and_texts_kept(report: Report) -> None:
    """Four digits are enough; flags stay flags."""
    content = report.as_json()
    assert content["scale"] == {"cm_per_px": 0.1235, "source": "height"}
    assert content["reps"][0]["wink"]["onset_thigh_deg"] == 3.1235
    assert content["reps"][0]["partial"] is False
    assert content["findings"] == [{"id": "ankle", "title": "T", "evidence": "E", "try": "Y"}]
    assert type(content["standing"]["arch_sd_deg"]) is float


def test_nothing_usable(report: Report, tmp_path: Path) -> None:
    """A report on nothing keeps the contract."""
    nothing = np.empty(0)
    empty = replace(
        report,
        frames=Frames(**dict.fromkeys(KEYS["frames"], nothing)),
        reps=(),
        summary=None,
        view=ViewInfo(side=None, yaw_deg=NAN, use="unusable", reason="Nobody."),
        findings=(),
    )
    write_report(empty, tmp_path / "r.json")
    content = read_strictly(tmp_path / "r.json")
    check_contract(content)
    assert content["reps"] == []
    assert content["frames"] == []
    assert content["summary"] is None
    assert content["view"]["side"] is None
    write_csv(empty, tmp_path / "r.csv")
    assert len((tmp_path / "r.csv").read_text("utf-8").splitlines()) == 1


def table(report: Report, tmp_path: Path) -> list[dict[str, str]]:
    """Write the table and read it back."""
    write_csv(report, tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_table_has_units_and_one_row_per_frame(report: Report, tmp_path: Path) -> None:
    """Every column of a quantity names its unit; four more say where in the set."""
    rows = table(report, tmp_path)
    header = list(rows[0])
    assert header == ["t_s", *KEYS["frames"][1:], "rep", "phase", "onset", "release"]
    quantities = [name for name in header[:-4] if name != "confidence"]
    assert all(name.endswith(("_s", "_deg", "_cm")) for name in quantities)
    assert [float(row["t_s"]) for row in rows] == TIMES_S.round(4).tolist()


def test_table_leaves_missing_cells_empty(report: Report, tmp_path: Path) -> None:
    """A gap is an empty cell, neither 0 nor the word nan."""
    rows = table(report, tmp_path)
    assert rows[4]["thigh_deg"] == ""
    assert all(row["thigh_deg"] for k, row in enumerate(rows) if k != 4)


def test_table_says_where_in_the_set(report: Report, tmp_path: Path) -> None:
    """Repetitions count from 1, phases turn at the bottom, onset and release mark one row."""
    wink = replace(WINK, release_s=1.13)
    rows = table(replace(report, reps=(a_rep(0.2, wink=wink), report.reps[1])), tmp_path)
    assert [row["rep"] for row in rows] == [""] * 2 + ["1"] * 13 + [""] + ["2"] * 13 + [""] * 2
    assert [row["phase"] for row in rows[2:15]] == ["descent"] * 6 + ["ascent"] * 7
    assert [k for k, row in enumerate(rows) if row["onset"] == "1"] == [7]
    assert [k for k, row in enumerate(rows) if row["release"] == "1"] == [11]
    assert {row["onset"] for row in rows} == {"0", "1"}


def test_table_without_a_wink_marks_nothing(report: Report, tmp_path: Path) -> None:
    """Partial repetitions and clean ones have no onset."""
    reps = (a_rep(0.2, wink=Wink(kind="none")), report.reps[1])
    rows = table(replace(report, reps=reps), tmp_path)
    assert {row["onset"] for row in rows} == {"0"}
    assert {row["release"] for row in rows} == {"0"}


def test_overlay(tmp_path: Path) -> None:
    """Whole pixels, one number for missing, at whatever name is asked for."""
    joints = np.full((4, 13, 2), 100.4)
    joints[1, 3] = NAN
    joints[2, 0] = [-1e9, 1e9]
    back = np.full((4, 24, 2), 20.6)
    back[3] = NAN
    overlay = Overlay(
        t_s=np.arange(4) / 30,
        joints_px=joints,
        back_px=back,
        size_px=(540, 960),
        people_px=np.array([[10.0, 20, 300, 700], [5, 5, 6, 6]]),
        people_t_s=0.5,
        measured=1,
    )
    write_overlay(overlay, tmp_path / "overlay.part")
    with np.load(tmp_path / "overlay.part", allow_pickle=False) as content:
        read = dict(content)
    for name, shape in (("joints_px", (4, 13, 2)), ("back_px", (4, 24, 2)), ("people_px", (2, 4))):
        assert read[name].dtype == np.int16
        assert read[name].shape == shape
    assert np.iinfo(np.int16).min == MISSING_PX
    assert (read["joints_px"][1, 3] == MISSING_PX).all()
    assert (read["back_px"][3] == MISSING_PX).all()
    assert read["joints_px"][2, 0].tolist() == [-32767, 32767]
    assert (read["joints_px"][0] == 100).all()
    assert (read["back_px"][0] == 21).all()
    assert tuple(read["joint_names"]) == JOINT_NAMES
    assert len(JOINT_NAMES) == 13
    assert read["size_px"].tolist() == [540, 960]
    assert read["measured"] == 1
    np.testing.assert_allclose(read["t_s"], overlay.t_s)
    assert np.isnan(joints[1, 3]).all()


def test_fields_are_the_contracts(report: Report) -> None:
    """No field of the curves is forgotten in the contract above."""
    assert [f.name for f in fields(Frames)] == KEYS["frames"]
    assert [f.name for f in fields(Wink)] == KEYS["wink"]
