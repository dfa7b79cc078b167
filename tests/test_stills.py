"""Small pictures of the moments that matter."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from analysis import keepfile, stills
from analysis.label import Label
from analysis.stills import Drawing
from tests import saved
from tests.pages import made_up


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Encode the made-up lifter once."""
    path = tmp_path_factory.mktemp("film") / "preview.mp4"
    made_up.write_preview(path)
    return path


def drawing() -> Drawing:
    """Points of the made-up lifter, one of them missing."""
    times = np.arange(made_up.FRAMES) / made_up.FPS
    joints = np.array([[made_up.joints(t)[name] for name in made_up.JOINTS] for t in times])
    joints[5, 3] = np.nan
    back = np.linspace(joints[:, 1] - [14, 0], joints[:, 4] - [14, 0], 24, axis=1)
    return Drawing(
        time_s=times,
        joints_px=joints,
        joint_names=made_up.JOINTS,
        back_px=back,
        box=(20, 60, 170, 300),
    )


def test_flagged_moment_comes_first() -> None:
    """The rep with the flagged moment, then the others; a wink has four moments."""
    report = saved.report()
    report["summary"]["flagged_s"] = report["reps"][1]["wink"]["onset_s"]
    found = stills.moments(report)
    assert [(name, rep) for name, rep, _ in found] == [
        ("onset", 2), ("bottom", 2), ("standing", 2), ("release", 2),
        ("onset", 1), ("bottom", 1), ("standing", 1), ("release", 1),
    ]  # fmt: skip
    assert found[0][2] == report["summary"]["flagged_s"]


def test_moments_without_a_wink() -> None:
    """Bottom and standing; nothing of a rep that is cut off, or of no rep."""
    report = saved.report(kind="none")
    report["reps"][1]["partial"] = True
    assert [name for name, _, _ in stills.moments(report)] == ["bottom", "standing"]
    report["reps"], report["summary"] = [], None
    assert stills.moments(report) == []


def test_pictures_are_small_and_kept(preview: Path) -> None:
    """Each a JPEG of its own moment, all of them in a file of less than its limit."""
    report = saved.report()
    found = stills.take(report, drawing(), preview)
    assert len(found) == 8
    pictures = [cv2.imdecode(np.frombuffer(s.jpeg, np.uint8), cv2.IMREAD_COLOR) for s in found]
    assert {picture.shape for picture in pictures} == {(480, 300, 3)}
    # Standing and deep are other pictures; so are with and without the tuck's colour.
    assert np.abs(pictures[1].astype(int) - pictures[2]).mean() > 5
    kept = keepfile.keep(report, Label(), found)
    assert len(kept.stills) == 8
    data = keepfile.write(kept)
    assert len(data) < keepfile.MOST_BYTES
    assert saved.parts(keepfile.read(data)) == saved.parts(kept)
