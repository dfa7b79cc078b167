"""The schema of the reports: real ones and made-up ones fit, wrong ones do not."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from analysis import report as report_module
from analysis.errors import NothingUsableError
from analysis.pipeline import analyse
from analysis.pose import MediaPipeModel
from analysis.report import write_report
from analysis.schema import SCHEMA_PATH, ReportKind, parse_strictly, report_schema
from analysis.wink import Wink
from tests.stick import Lifter, StickModel, squats, write_film

Json = dict[str, Any]
Change = Callable[[Json], object]

SAMPLE = Path(__file__).parent.parent / "analysis" / "data" / "sample.mp4"
KINDS: tuple[ReportKind, ...] = ("clip", "ankle", "still")

MADE_WITH = {"app": "0", "estimator_sha": "a", "pose_model_sha": "b"}
VIEW = {"side": "left", "yaw_deg": -3.5, "use": "good", "reason": ""}
SCALE = {"cm_per_px": 0.25, "source": "height"}
NOTE = {"id": "dark", "text": "The picture is dark."}

WINK: Json = {
    "kind": "wink",
    "why": "",
    "onset_s": 1.5,
    "onset_interval_s": [1.4, 1.6],
    "onset_thigh_deg": 3.0,
    "onset_thigh_sd_deg": 5.0,
    "peak_deg": 14.0,
    "peak_sd_deg": 2.0,
    "release_s": None,
    "starts": "at",
}
NO_WINK: Json = dict.fromkeys(WINK) | {
    "kind": "cannot_tell",
    "why": "hidden",
    "onset_interval_s": [None, None],
}
REP: Json = {
    "start_s": 0.5,
    "standing_s": 0.4,
    "bottom_s": 2,
    "end_s": 3.5,
    "partial": False,
    "depth_deg": -12.0,
    "depth_sd_deg": 5.5,
    "max_ankle_deg": None,
    "max_ankle_sd_deg": None,
    "max_knee_past_toe_cm": -2.0,
    "max_knee_past_toe_sd_cm": 2.1,
    "heel_rise": False,
    "wink": WINK,
}
FRAME: Json = {
    "t": 0.0,
    "thigh_deg": 85.0,
    "thigh_sd_deg": 5.5,
    "ankle_deg": None,
    "ankle_sd_deg": None,
    "knee_deg": 4.0,
    "trunk_deg": -3.0,
    "lumbar_deg": None,
    "lumbar_sd_deg": None,
    "knee_past_toe_cm": -20.0,
    "confidence": 0.9,
}
CLIP: Json = {
    "schema": 1,
    "made_with": MADE_WITH,
    "clip": {
        "duration_s": 4.0,
        "frames_read": 1,
        "fps": 29.97,
        "width": 720,
        "height": 1280,
        "rotation_deg": 90,
        "filmed_on": None,
    },
    "label": None,
    "view": VIEW,
    "scale": SCALE,
    "standing": {"t_s": 0.2, "arch_deg": -4.0, "arch_sd_deg": 2.0},
    "frames": [FRAME],
    "reps": [REP, REP | {"partial": True, "wink": None}],
    "summary": {
        "kind": "wink",
        "starts": "at",
        "onset_s": 1.5,
        "onset_thigh_deg": 3.0,
        "flagged_s": 1.5,
        "stop_at_thigh_deg": 8.0,
        "stop_at_hip_height_cm": 45.0,
        "box_height_cm": None,
    },
    "findings": [{"id": "ankle", "title": "T", "evidence": "E", "try": "Y"}],
    "warnings": [NOTE],
}
ANKLE: Json = {
    "schema": 1,
    "made_with": MADE_WITH,
    "photo": {"width": 1080, "height": 1920},
    "view": VIEW,
    "scale": SCALE,
    "side": "left",
    "ankle_deg": 34.0,
    "ankle_sd_deg": 3.0,
    "knee_past_toe_cm": 10.5,
    "knee_past_toe_sd_cm": 2.0,
    "heel_up": False,
    "points_px": {"knee": [500.5, 900], "ankle": [480, 1500], "heel": [440, 1600], "toe": None},
    "verdict": "good",
    "warnings": [],
}
STILL: Json = ANKLE | {
    "scale": {"cm_per_px": None, "source": None},
    "thigh_deg": -8.0,
    "trunk_deg": 35.0,
    "lumbar_change_deg": None,
    "lumbar_change_sd_deg": None,
}
GOOD: dict[ReportKind, Json] = {"clip": CLIP, "ankle": ANKLE, "still": STILL}


def faults(kind: ReportKind, content: Json) -> list[str]:
    """Say where a report does not fit its schema."""
    validator = Draft202012Validator(report_schema(kind))
    return [error.json_path for error in validator.iter_errors(content)]


def test_file_is_a_schema() -> None:
    """The file itself is sound, and each report fits it as one of three."""
    whole = json.loads(SCHEMA_PATH.read_text("utf-8"))
    Draft202012Validator.check_schema(whole)
    for content in GOOD.values():
        Draft202012Validator(whole).validate(content)


@pytest.mark.parametrize("kind", KINDS)
def test_good_reports(kind: ReportKind) -> None:
    """Each kind fits its own schema and no other."""
    assert faults(kind, GOOD[kind]) == []
    assert not [k for k in KINDS if k != kind and not faults(k, GOOD[kind])]


@pytest.mark.parametrize(
    ("definition", "held_by"),
    [
        ("made_with", report_module.MadeWith),
        ("clip", report_module.ClipInfo),
        ("view", report_module.ViewInfo),
        ("scale", report_module.ScaleInfo),
        ("standing", report_module.StandingInfo),
        ("frame", report_module.Frames),
        ("rep", report_module.RepInfo),
        ("summary", report_module.Summary),
        ("note", report_module.Note),
        ("wink", Wink),
    ],
)
def test_schema_names_what_the_report_holds(definition: str, held_by: type) -> None:
    """A field that is added to one of the two is added to the other."""
    schema = report_schema("clip")["$defs"][definition]
    names = {f.name for f in fields(held_by)}
    assert set(schema["properties"]) == set(schema["required"]) == names
    assert schema["additionalProperties"] is False


def test_schema_is_closed_everywhere() -> None:
    """No object takes other keys than its own, and all of them are required."""
    objects = [d for d in report_schema("clip")["$defs"].values() if "required" in d]
    assert len(objects) > 10
    for schema in objects:
        assert schema["additionalProperties"] is False
        assert list(schema["properties"]) == schema["required"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_key_may_be_missing_or_added(kind: ReportKind) -> None:
    """At the top level, one by one."""
    for name in GOOD[kind]:
        without = {k: v for k, v in GOOD[kind].items() if k != name}
        assert faults(kind, without), name
    assert faults(kind, GOOD[kind] | {"extra": 1}) == ["$"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        pytest.param(lambda c: c.update(schema=2), "$.schema", id="version"),
        pytest.param(lambda c: c["summary"].update(kind="butt"), "$.summary.kind", id="kind"),
        pytest.param(lambda c: c["reps"][0]["wink"].update(kind=None), "kind", id="kind-null"),
        pytest.param(lambda c: c["frames"][0].update(t=None), "$.frames[0].t", id="time-null"),
        pytest.param(lambda c: c["frames"][0].pop("knee_deg"), "$.frames[0]", id="frame-key"),
        pytest.param(lambda c: c["frames"][0].update(thigh_deg="8"), "thigh_deg", id="text"),
        pytest.param(lambda c: c["frames"][0].update(thigh_sd_deg=-1), "thigh_sd_deg", id="sd"),
        pytest.param(lambda c: c["frames"][0].update(confidence=1.2), "confidence", id="share"),
        pytest.param(lambda c: c["clip"].update(width=720.5), "$.clip.width", id="half-a-pixel"),
        pytest.param(lambda c: c["clip"].update(rotation_deg=45), "rotation_deg", id="rotation"),
        pytest.param(lambda c: c["view"].update(use="bad"), "$.view.use", id="use"),
        pytest.param(lambda c: c["scale"].update(source=None), "source", id="no-source"),
        pytest.param(lambda c: c["scale"].update(cm_per_px=None), "source", id="no-scale"),
        pytest.param(lambda c: c["scale"].update(cm_per_px=0), "cm_per_px", id="scale-zero"),
        pytest.param(lambda c: c["reps"][0].update(heel_rise=None), "heel_rise", id="heel"),
        pytest.param(lambda c: c["reps"][0].update(wink=None), "wink", id="whole-without-wink"),
        pytest.param(lambda c: c["reps"][1].update(wink=WINK), "wink", id="partial-with-wink"),
        pytest.param(
            lambda c: c["reps"][0]["wink"].update(kind="none"), "onset_s", id="onset-without-wink"
        ),
        pytest.param(
            lambda c: c["reps"][0].update(wink=NO_WINK | {"why": ""}), "why", id="no-reason"
        ),
        pytest.param(
            lambda c: c["reps"][0]["wink"].update(onset_interval_s=[1.0]), "interval", id="interval"
        ),
        pytest.param(
            lambda c: c["summary"].update(kind="none"), "stop_at_thigh_deg", id="stop-without-wink"
        ),
        pytest.param(lambda c: c.update(summary=None), "$.summary", id="no-answer"),
        pytest.param(lambda c: c.update(reps=[]), "$.summary", id="answer-to-nothing"),
        pytest.param(lambda c: c["findings"][0].update(title=""), "title", id="empty-title"),
        pytest.param(lambda c: c["warnings"].append("dark"), "$.warnings[1]", id="warning"),
    ],
)
def test_wrong_clip_reports(change: Change, where: str) -> None:
    """What does not fit is found at its place."""
    content = deepcopy(CLIP)
    change(content)
    found = faults("clip", content)
    assert any(where in path for path in found), found


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda c: c["points_px"].update(knee=[1, 2, 3]), id="point"),
        pytest.param(lambda c: c["points_px"].pop("toe"), id="no-toe"),
        pytest.param(lambda c: c["photo"].update(width=0), id="width"),
        pytest.param(lambda c: c.update(side="both"), id="side"),
        pytest.param(lambda c: c.update(heel_up="no"), id="heel"),
        pytest.param(lambda c: c.update(ankle_sd_deg=-1), id="sd"),
    ],
)
@pytest.mark.parametrize("kind", ["ankle", "still"])
def test_wrong_photo_reports(kind: ReportKind, change: Change) -> None:
    """The two photo reports are held to the same."""
    content = deepcopy(GOOD[kind])
    change(content)
    assert faults(kind, content)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda c: c["reps"][0].update(wink=NO_WINK), id="cannot-tell"),
        pytest.param(lambda c: c.update(reps=[], summary=None, findings=[]), id="no-squat"),
        pytest.param(
            lambda c: c.update(reps=[c["reps"][1]], summary=None, findings=[]), id="partial-only"
        ),
        pytest.param(lambda c: c["view"].update(side=None, yaw_deg=None), id="nobody"),
    ],
)
def test_reports_with_less_in_them(change: Change) -> None:
    """Films with nothing usable or no verdict are reported as well."""
    content = deepcopy(CLIP)
    change(content)
    assert faults("clip", content) == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_only_finite_numbers_are_read(number: str) -> None:
    """Python's reader takes them; ours does not."""
    text = json.dumps(CLIP).replace('"yaw_deg": -3.5', f'"yaw_deg": {number}')
    json.loads(text)
    with pytest.raises(ValueError, match="number"):
        parse_strictly(text)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '"a"', "\ufeff{}"])
def test_only_objects_are_read(text: str) -> None:
    """Anything else is a ValueError."""
    with pytest.raises(ValueError, match=r"."):
        parse_strictly(text)
    assert parse_strictly(json.dumps(CLIP)) == CLIP


def written(path: Path, model: StickModel | MediaPipeModel, folder: Path) -> Json:
    """Analyse a film and read the report back as it was written."""
    report = analyse(path, model=model, height_cm=180.0).report
    write_report(report, folder / "report.json")
    return parse_strictly((folder / "report.json").read_text("utf-8"))


@pytest.mark.parametrize("tuck_deg", [0.0, 25.0])
def test_report_of_a_made_up_lifter(tmp_path: Path, tuck_deg: float) -> None:
    """The whole pipeline writes what the schema asks for."""
    film = write_film(tmp_path / "a.mp4", duration_s=3.6)
    lifter = Lifter(depth=squats([1.0]), tuck_deg=tuck_deg)
    content = written(film, StickModel(lifters=[lifter]), tmp_path)
    assert len(content["reps"]) == 1
    assert len(content["frames"]) > 100
    assert faults("clip", content) == []


def test_report_of_nothing(tmp_path: Path) -> None:
    """A film with nobody in it has a report that fits, too."""
    film = write_film(tmp_path / "a.mp4", duration_s=1.0)
    result = analyse(film, model=StickModel(lifters=[]))
    assert isinstance(result.problem, NothingUsableError)
    assert faults("clip", result.report.as_json()) == []


@pytest.mark.model
def test_report_of_the_sample(tmp_path: Path, pose_model: Path) -> None:
    """With the real model, and findings as the verdict asks for them."""
    content = written(SAMPLE, MediaPipeModel(pose_model), tmp_path)
    assert faults("clip", content) == []
    assert content["reps"]
    has_findings = content["summary"]["kind"] != "cannot_tell"
    assert bool(content["findings"]) == has_findings
