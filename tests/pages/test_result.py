"""Reading results: missing stays missing, and what does not fit is refused."""

import argparse
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pages.shared import jobs, result
from tests.pages import made_up


@pytest.fixture
def job(tmp_path: Path) -> jobs.Job:
    """Job whose folder holds a complete made-up result."""
    args = argparse.Namespace(
        o=tmp_path / jobs.REPORT,
        csv=tmp_path / jobs.FRAMES,
        overlay=tmp_path / jobs.OVERLAY,
        preview=tmp_path / jobs.PREVIEW,
        person=None,
    )
    made_up.write_all("wink", args)
    return jobs.Job(folder=tmp_path, film=tmp_path / jobs.FILM, owns_film=False)


def test_everything_is_read(job: jobs.Job) -> None:
    """Numbers, names and points arrive; null and the mark for missing become NaN."""
    got = result.load(job)
    assert got.report.summary.kind == "wink"
    assert [rep.number for rep in got.report.reps] == [1, 2]
    assert got.report.reps[0].flagged_s == pytest.approx(0.92)
    assert math.isnan(got.report.summary.box_height_cm)
    assert np.isnan(got.report.frames["lumbar_deg"]).sum() == 3
    assert got.overlay is not None
    wrist = got.overlay.joint_names.index("wrist")
    assert np.isnan(got.overlay.joints_px[5, wrist]).all()
    assert np.isfinite(got.overlay.joints_px[4]).all()
    assert np.isnan(got.overlay.back_px[6]).all()
    assert got.csv.startswith(b"t (s)")


def test_value_at_a_time(job: jobs.Job) -> None:
    """The nearest frame answers; an unknown time has no value."""
    report = result.load(job).report
    assert report.at(1.1, "thigh_deg") == pytest.approx(-14, abs=0.5)
    assert math.isnan(report.at(math.nan, "thigh_deg"))
    assert math.isnan(report.at(11 / 30, "lumbar_deg"))


@pytest.mark.parametrize("name", [jobs.OVERLAY, jobs.PREVIEW])
def test_without_a_picture_the_figures_remain(job: jobs.Job, name: str) -> None:
    """A result without overlay or preview is shown without pictures."""
    (job.folder / name).unlink()
    got = result.load(job)
    assert got.overlay is None
    assert got.preview is None
    assert got.report.reps


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="list"),
        pytest.param('{"schema": 2, "reps": []}', id="other-schema"),
        pytest.param('{"schema": 1}', id="no-reps"),
        pytest.param('{"schema": 1, "reps": [1]}', id="rep-of-another-shape"),
        pytest.param('{"schema": 1, "reps": [{"start_s": "soon"}]}', id="text-for-a-number"),
        pytest.param('{"schema": 1, "reps": [], "warnings": [{}]}', id="nameless-warning"),
    ],
)
def test_broken_report_is_refused(job: jobs.Job, text: str) -> None:
    """One error for whatever is wrong."""
    (job.folder / jobs.REPORT).write_text(text)
    with pytest.raises(result.BrokenResultError):
        result.load(job)


def test_broken_overlay_is_refused(job: jobs.Job) -> None:
    """Lengths that do not fit and files that are no overlay."""
    path = job.folder / jobs.OVERLAY
    with np.load(path) as data:
        fields: dict[str, Any] = dict(data)
    np.savez(path, **{**fields, "back_px": fields["back_px"][:-1]})
    with pytest.raises(result.BrokenResultError, match="cannot be read"):
        result.load(job)
    path.write_bytes(b"not a zip")
    with pytest.raises(result.BrokenResultError):
        result.load(job)


def test_unknown_kind_is_no_verdict() -> None:
    """A word that this page does not know is never shown as an answer."""
    raw = made_up.report("wink")
    raw["summary"]["kind"] = raw["reps"][0]["wink"]["kind"] = "certain_doom"
    report = result.parse_report(json.loads(json.dumps(raw)))
    assert report.summary.kind == "cannot_tell"
    assert report.reps[0].wink.kind == "cannot_tell"


def test_opens_at_a_bottom_if_nothing_is_flagged() -> None:
    """A set without a verdict opens at its first bottom, not at 0 s."""
    raw = made_up.report("none")
    raw["summary"]["flagged_s"] = None
    assert result.parse_report(raw).flagged_s == pytest.approx(1.1)
    assert math.isnan(result.parse_report({**raw, "reps": []}).flagged_s)
