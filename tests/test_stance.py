"""Looking for a lifter whom the pose model finds only after a seed."""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from analysis.footage import take_footage
from analysis.pipeline import analyse
from analysis.pose import CONFIDENCE, Detection, MediaPipeModel
from analysis.report import JOINT_NAMES
from analysis.smallfilm import SmallFilm
from analysis.tracking import Scene, scout
from analysis.video import FilmReader
from tests.benchmarks.clips import SAMPLE
from tests.clips import write_clip
from tests.stick import (
    Lifter,
    NoCorrection,
    Part,
    Picture,
    StickEstimator,
    StickModel,
    squats,
    write_film,
)
from tests.test_footage import assert_same

LIFTER = Lifter(depth=squats([1.0]))


@dataclass(kw_only=True)
class HiddenEstimator(StickEstimator):
    """Sees nobody, but right after a seed whose feet are near those of the lifter."""

    feet_px: tuple[float, float] | None = None

    def see_seed(self, rgb: Picture) -> list[Detection]:
        """Remember where it stands."""
        super().see_seed(rgb)
        rows, columns = np.nonzero((np.abs(rgb.astype(int) - 114) > 12).any(axis=2))
        ground = rows > rows.max() - 8 if len(rows) else rows
        self.feet_px = (float(columns[ground].mean()), float(rows.max())) if len(rows) else None
        return []

    def detect(self, rgb: Picture, *, time_s: float) -> list[Detection]:
        """See who stands where the seed stood."""
        found = super().detect(rgb, time_s=time_s)
        if not isinstance(rgb, Part):
            return []
        feet, self.feet_px = self.feet_px, None
        if feet is None:
            return []
        return [d for d in found if np.hypot(*(d.xy_px[27:33].mean(axis=0) - feet)) < 90]


class HiddenModel(StickModel):
    """Its lifters have no heads to be found by."""

    def open(
        self, *, tracking: bool, max_people: int, masks: bool, confidence: float = CONFIDENCE
    ) -> HiddenEstimator:
        """Open an estimator that needs a seed."""
        return HiddenEstimator(
            model=self,
            tracking=tracking,
            max_people=max_people,
            masks=masks,
            confidence=confidence,
        )


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make four seconds of film."""
    return write_film(tmp_path_factory.mktemp("film") / "a.mp4", duration_s=4)


def scene_of(film: Path, *lifters: Lifter) -> Scene:
    """Take the first look."""
    with FilmReader(film) as reader:
        return scout(reader, HiddenModel(lifters=lifters))


@pytest.mark.parametrize("lifter", [LIFTER, replace(LIFTER, side="left", height_px=240)])
def test_hidden_lifter_is_found_by_seeds(film: Path, lifter: Lifter) -> None:
    """Ankles, length of the leg, side and squats are the lifter's."""
    scene = scene_of(film, lifter)
    assert scene.stance is not None
    assert scene.is_pinned
    np.testing.assert_allclose(scene.stance.ankle_px, lifter.xy_px(0)[27:29].mean(axis=0), atol=3)
    assert scene.stance.faces_right == (lifter.side == "right")
    assert len(scene.person.squats_s()) == 1


def test_every_frame_is_found_so(film: Path) -> None:
    """By the seed that stands in the posture of the looks around it."""
    model = HiddenModel(lifters=[LIFTER])
    with FilmReader(film) as reader, SmallFilm(reader) as small:
        footage = take_footage(small, model, scout(small, model))
    truth = np.array([LIFTER.xy_px(t) for t in footage.track.time_s])
    # Between the pictures looked at, curves are read off.
    assert np.nanmax(np.abs(footage.track.xy_px - truth)) < 3
    assert footage.track.found.mean() > 0.98


def test_legs_are_measured_and_the_back_is_not(film: Path) -> None:
    """However far the outline of the back fills out: no wink, and no line over the plate."""
    model = HiddenModel(lifters=[replace(LIFTER, tuck_deg=30.0)])
    result = analyse(film, model=model, estimator=NoCorrection())
    (rep,) = result.report.reps
    assert rep.depth_deg == pytest.approx(LIFTER.thigh_deg, abs=2.0)
    assert rep.wink is not None
    assert rep.wink.kind == "cannot_tell"
    assert "plate" in rep.wink.why
    assert np.isnan(result.report.frames.lumbar_deg).all()
    assert [note.id for note in result.report.warnings] == ["hidden"]
    assert result.overlay is not None
    joints = dict(zip(JOINT_NAMES, np.moveaxis(result.overlay.joints_px, 1, 0), strict=True))
    unseen = {name for name, points in joints.items() if np.isnan(points).all()}
    assert unseen == {"ear", "shoulder", "elbow", "wrist"}
    assert np.isnan(result.overlay.back_px).all()


@pytest.mark.parametrize(
    "lifter",
    [
        pytest.param(Lifter(), id="stands"),
        pytest.param(replace(LIFTER, walk_px_per_s=60, ankle_px=(120, 400)), id="walks"),
        pytest.param(replace(LIFTER, is_there=lambda t: round(t * 3) % 3 != 1), id="flickers"),
    ],
)
def test_what_is_no_squat_on_the_spot_is_not_taken(film: Path, lifter: Lifter) -> None:
    """A place that does not hold in nearly all pictures is a guess."""
    with pytest.raises(Exception, match="Nobody could be found"):
        scene_of(film, lifter)


def test_who_is_seen_needs_no_seed(film: Path) -> None:
    """No picture more is looked at than without seeds."""
    model = StickModel(lifters=[LIFTER])
    with FilmReader(film) as reader:
        assert scout(reader, model).stance is None
    assert [one.tracking for one in model.opened] == [False]


@pytest.fixture(scope="module")
def plate_film(tmp_path_factory: pytest.TempPathFactory, pose_model: Path) -> Path:
    """Put a plate before the head and shoulders of the sample's lifter."""
    model = MediaPipeModel(pose_model)
    pictures = []
    with (
        model.open(tracking=True, max_people=1, masks=False) as estimator,
        FilmReader(SAMPLE) as reader,
    ):
        for frame in reader.frames():
            rgb = frame.rgb()
            (one,) = estimator.detect(rgb, time_s=frame.time_s)
            head = one.xy_px[[7, 8, 11, 12]].mean(axis=0)
            body = np.hypot(*(one.xy_px[11] - one.xy_px[23]))
            centre = (int(head[0]), int(head[1]))
            for share, grey in ((0.7, 45), (0.64, 60), (0.2, 50), (0.06, 150)):
                cv2.circle(rgb, centre, int(share * body), (grey, grey, grey), -1, cv2.LINE_AA)
            pictures.append(rgb)

    def paint(index: int, *, width_px: int, height_px: int) -> Picture:
        return pictures[index]

    high, wide = pictures[0].shape[:2]
    path = tmp_path_factory.mktemp("plate") / "plate.mp4"
    times_s = [k / 30 for k in range(len(pictures))]
    return write_clip(path, times_s=times_s, size_px=(wide, high), paint=paint)


@pytest.mark.model
def test_a_plate_before_the_head(plate_film: Path, pose_model: Path) -> None:
    """The legs are those of the film without the plate, however many threads look."""
    model = MediaPipeModel(pose_model)
    with FilmReader(SAMPLE) as reader, SmallFilm(reader) as small:
        plain = take_footage(small, model, scout(small, model)).track
    with FilmReader(plate_film) as reader, SmallFilm(reader) as small:
        scene = scout(small, model)
        assert scene.stance is not None
        takes = [take_footage(small, model, scene, workers=n) for n in (1, 2)]
    assert_same(*takes, world_m=0.005, visibility=1e-5)
    track = takes[0].track
    assert track.found.mean() > 0.9
    legs = slice(25, 29)
    away = np.hypot(*np.moveaxis(track.xy_px[:, legs] - plain.xy_px[:, legs], -1, 0))
    assert np.nanmedian(away) < 15
