"""What the scrubber is sent: complete, without NaN, and small."""

import gzip
import json
from typing import Any

import numpy as np
import pytest

from pages.shared import jobs, result
from pages.shared.scrubber import scene
from tests.pages import made_up
from tests.pages.test_result import job

__all__ = ["job"]


@pytest.fixture
def packed(job: jobs.Job) -> bytes:
    """Scene of the made-up wink."""
    return scene.pack(result.load(job), box=(0, 0, 180, 320), poster=b"jpeg")


@pytest.fixture
def content(packed: bytes) -> dict[str, Any]:
    """Return the scene as the browser reads it."""
    unpacked: dict[str, Any] = json.loads(gzip.decompress(packed))
    return unpacked


def test_points_come_back_from_their_steps(content: dict[str, Any], job: jobs.Job) -> None:
    """Adding up the steps gives the pixels of the overlay, with the mark for missing."""
    overlay = result.load(job).overlay
    assert overlay is not None
    got = np.cumsum(np.array(content["joints"]), axis=1).T.reshape(overlay.joints_px.shape)
    missing = (got == content["missing"]).any(axis=-1)
    assert np.array_equal(missing, np.isnan(overlay.joints_px[..., 0]))
    assert np.array_equal(got[~missing], overlay.joints_px[~missing])
    assert len(content["outline"]) == 2 * result.BACK_POINTS


def test_missing_angles_are_null(content: dict[str, Any]) -> None:
    """Where nothing was measured nothing is drawn, and never 0."""
    assert content["lumbar"][10:13] == [None] * 3
    assert content["tilt"][10:13] == [None] * 3
    assert content["lumbar"][9] is not None


def test_wide_bands_draw_no_bowls(job: jobs.Job) -> None:
    """An angle that cannot be told is not drawn as one."""
    raw = made_up.report("cannot_tell")
    (job.folder / jobs.REPORT).write_text(json.dumps(raw))
    packed = scene.pack(result.load(job), box=(0, 0, 180, 320), poster=b"")
    assert set(json.loads(gzip.decompress(packed))["tilt"]) == {None}


def test_flags_snap_and_crossings_do_not(content: dict[str, Any]) -> None:
    """Each winking rep has onset, bottom and release, and passes parallel twice."""
    kinds = [flag["kind"] for flag in content["flags"]]
    assert sorted(kinds) == sorted(["parallel", "onset", "bottom", "release", "parallel"] * 2)
    assert {f["kind"] for f in content["flags"] if not f["snaps"]} == {"parallel"}
    crossing = next(f["t"] for f in content["flags"] if f["kind"] == "parallel")
    report = result.parse_report(made_up.report("wink"))
    assert abs(report.at(crossing, "thigh_deg")) < 5


def test_picture_of_the_onset_agrees_with_the_verdict(content: dict[str, Any]) -> None:
    """An onset lies between two pictures; the nearest one is told by the onset's own depth."""
    times, thigh = np.array(content["t"]), content["thigh"]
    report = result.parse_report(made_up.report("wink"))
    index = int(np.abs(times - 0.92).argmin())
    assert thigh[index] == -8.0
    assert report.at(times[index], "thigh_deg") != pytest.approx(-8.0, abs=0.5)
    assert thigh[index - 1] == pytest.approx(report.at(times[index - 1], "thigh_deg"), abs=0.1)
    onset = next(flag for flag in content["flags"] if flag["kind"] == "onset")
    assert onset["label"] == "Tuck starts, rep 1, thigh 8° below parallel"


def test_tucked_between_onset_and_release(content: dict[str, Any]) -> None:
    """The strong colour stands for the wink and nothing else."""
    tucked = np.array(content["tucked"], bool)
    times = np.array(content["t"])
    first = times[tucked & (times < 2)]
    assert first[0] == pytest.approx(0.92, abs=0.04)
    assert first[-1] == pytest.approx(1.28, abs=0.04)


def test_same_result_gives_the_same_bytes(packed: bytes, job: jobs.Job) -> None:
    """Other bytes would be sent again at every click."""
    again = scene.pack(result.load(job), box=(0, 0, 180, 320), poster=b"jpeg")
    assert again == packed
    assert len(packed) < 20_000


@pytest.mark.parametrize(
    ("played", "names"),
    [
        ("wink", ["Standing", "Tuck starts", "Bottom", "Tuck releases"]),
        ("arch_to_neutral", ["Standing", "Arch goes", "Bottom", "Arch is back"]),
        ("none", ["Standing", "Bottom"]),
    ],
)
def test_strip_holds_only_what_is_known(played: str, names: list[str]) -> None:
    """Without an onset there is no picture of it, and nothing in the colour of the wink."""
    rep = scene._rep(result.parse_report(made_up.report(played)).reps[0])
    assert [moment["name"] for moment in rep["moments"]] == names
    assert [m["name"] for m in rep["moments"] if m["flag"]] == ["Tuck starts"] * (played == "wink")


def test_an_arch_that_goes_is_no_tuck(job: jobs.Job) -> None:
    """Its flags are there, but neither called a tuck nor in the colour of the wink."""
    (job.folder / jobs.REPORT).write_text(json.dumps(made_up.report("arch_to_neutral")))
    packed = scene.pack(result.load(job), box=(0, 0, 180, 320), poster=b"")
    flags = [f for f in json.loads(gzip.decompress(packed))["flags"] if f["snaps"]]
    assert [f["kind"] for f in flags[:3]] == ["onset", "bottom", "release"]
    assert not any(f["wink"] or "uck" in f["label"] for f in flags)
