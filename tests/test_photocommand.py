"""``python -m analysis ankle`` and ``still``: exit codes, files, and the contract of reports."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from analysis import cli
from analysis.schema import ReportKind, parse_strictly, report_schema
from tests import photos

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("pose_model")]

Capture = pytest.CaptureFixture[str]
TRUTH: dict[str, Any] = json.loads(photos.LUNGE.with_suffix(".json").read_text("utf-8"))


def checked(path: Path, kind: ReportKind) -> dict[str, Any]:
    """Read a report and hold it against the schema."""
    report = parse_strictly(path.read_text("utf-8"))
    Draft202012Validator(report_schema(kind)).validate(report)
    return report


def written(content: bytes, folder: Path, name: str = "photo.jpg") -> str:
    """Write a photo and return its path."""
    path = folder / name
    path.write_bytes(content)
    return str(path)


def test_an_ankle_test_is_measured(tmp_path: Path, capfd: Capture) -> None:
    """A rendered lunge: near its truth, within its bands, and nothing is said."""
    out = tmp_path / "r.json"
    arguments = ["ankle", str(photos.LUNGE), "-o", str(out), "--height-cm", "%.1f"]
    arguments[-1] %= TRUTH["height_cm"]
    assert cli.main(arguments) == 0
    assert capfd.readouterr() == ("", "")
    report = checked(out, "ankle")
    assert report["side"] == TRUTH["side"]
    assert report["scale"]["source"] == "height"
    assert report["heel_up"] is False
    assert report["ankle_deg"] == pytest.approx(TRUTH["ankle_deg"], abs=5)
    assert report["knee_past_toe_cm"] == pytest.approx(TRUTH["knee_past_toe_cm"], abs=3)
    knee = TRUTH["points_px"][f"knee_{TRUTH['side'][0].upper()}"]
    assert report["points_px"]["knee"] == pytest.approx(knee, abs=25)
    assert report["verdict"]


def test_side_and_no_height(tmp_path: Path) -> None:
    """The tested leg may be named; without a height there are no centimetres."""
    out = tmp_path / "r.json"
    other = "left" if TRUTH["side"] == "right" else "right"
    assert cli.main(["ankle", str(photos.LUNGE), "-o", str(out), "--side", other]) == 0
    report = checked(out, "ankle")
    assert report["side"] == other
    assert report["knee_past_toe_cm"] is None
    assert report["scale"] == {"cm_per_px": None, "source": None}
    assert "far_leg" in [note["id"] for note in report["warnings"]]


def test_a_still_with_standing(tmp_path: Path, capfd: Capture) -> None:
    """The sample's bottom against its standing, with the picture for the page."""
    squat, upright = (
        written(photos.encoded(photos.from_sample(deepest=deep)), tmp_path, f"{deep}.jpg")
        for deep in (True, False)
    )
    out, picture = tmp_path / "r.json", tmp_path / "p.jpg"
    arguments = ["still", squat, "--standing", upright, "-o", str(out), "--picture", str(picture)]
    assert cli.main(arguments) == 0
    assert capfd.readouterr() == ("", "")
    report = checked(out, "still")
    assert report["thigh_deg"] < -10
    assert report["lumbar_change_deg"] > 5
    assert picture.read_bytes().startswith(b"\xff\xd8")


def test_a_still_alone_says_what_it_cannot_show(tmp_path: Path) -> None:
    """No change of the back, and a warning that says why."""
    squat = written(photos.encoded(photos.from_sample(deepest=True)), tmp_path)
    out = tmp_path / "r.json"
    assert cli.main(["still", squat, "-o", str(out)]) == 0
    report = checked(out, "still")
    assert report["lumbar_change_deg"] is None
    assert "one_still" in [note["id"] for note in report["warnings"]]


@pytest.mark.parametrize("kind", ["ankle", "still"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(photos.nobody, "no_person", id="nobody"),
        pytest.param(photos.two_people, "two_people", id="two-people"),
    ],
)
def test_nothing_to_measure_still_has_a_report(
    kind: ReportKind,
    content: Callable[[], bytes],
    reason: str,
    tmp_path: Path,
    capfd: Capture,
) -> None:
    """Exit code 3, one line, and a report with the reason in it."""
    out = tmp_path / "r.json"
    assert cli.main([kind, written(content(), tmp_path), "-o", str(out)]) == 3
    said, complaint = capfd.readouterr()
    assert said == ""
    assert len(complaint.splitlines()) == 1
    report = checked(out, kind)
    assert report["ankle_deg"] is None
    assert [note["id"] for note in report["warnings"]] == [reason]


def test_a_squat_is_no_lunge(tmp_path: Path, capfd: Capture) -> None:
    """Feet side by side: told what an ankle test is."""
    out = tmp_path / "r.json"
    squat = written(photos.encoded(photos.from_sample(deepest=True)), tmp_path)
    assert cli.main(["ankle", squat, "-o", str(out)]) == 3
    assert "one foot in front" in capfd.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["none.jpg", "-o", "r.json"], id="no-photo"),
        pytest.param(["text.txt", "-o", "r.json"], id="text"),
        pytest.param(["bomb.png", "-o", "r.json"], id="bomb"),
        pytest.param(["text.txt", "-o", "nowhere/r.json"], id="no-folder"),
        pytest.param(["text.txt", "-o", "r.json", "--height-cm", "1.8"], id="height"),
        pytest.param(["text.txt"], id="no-output"),
    ],
)
@pytest.mark.parametrize("command", ["ankle", "still"])
def test_unreadable_photos_and_wrong_arguments(
    command: str,
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: Capture,
) -> None:
    """Exit code 2, one line, no report."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text("no photo")
    (tmp_path / "bomb.png").write_bytes(photos.huge_png())
    assert cli.main([command, *arguments]) == 2
    assert len(capfd.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "r.json").exists()
