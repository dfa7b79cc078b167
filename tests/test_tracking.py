"""From the film to the lifter: cutting pictures, the first look and the second."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis import pose
from analysis.errors import NothingUsableError
from analysis.pose import Detection, Landmark, MediaPipeModel
from analysis.tracking import Follower, Region, Scene, TrackedFrame, open_ahead, scout
from analysis.video import FilmReader
from tests.clips import even_times
from tests.stick import Lifter, StickModel, squats, write_film

SIZE_PX = (720, 440)
LIFTER = Lifter(ankle_px=(240, 400), depth=squats([1.0]))
# So close that the lifter's part of the picture shows the friend's hips as well.
FRIEND = Lifter(ankle_px=(340, 410), height_px=310)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make four seconds of film, wider than two people."""
    return write_film(tmp_path_factory.mktemp("film") / "a.mp4", duration_s=4, size_px=SIZE_PX)


def look(film: Path, model: StickModel, *, person: int | None = None) -> Scene:
    """Take the first look at a film."""
    with FilmReader(film) as reader:
        return scout(reader, model, person=person)


def look_twice(
    film: Path, model: StickModel, *, person: int | None = None
) -> tuple[Scene, list[TrackedFrame]]:
    """Take both looks at a film."""
    with FilmReader(film) as reader:
        scene = scout(reader, model, person=person)
        with Follower(model, scene) as follower:
            return scene, list(follower.follow(reader.frames()))


def errors_px(frames: list[TrackedFrame], truth: Lifter) -> NDArray[np.float64]:
    """How far the landmarks lie from the truth at the most; NaN in gaps."""
    return np.array(
        [
            np.nan
            if seen.detection is None
            else np.abs(seen.detection.xy_px - truth.xy_px(seen.frame.time_s)).max()
            for seen in frames
        ]
    )


boxes = st.tuples(
    st.floats(-500, 1500), st.floats(-500, 1500), st.floats(20, 2000), st.floats(20, 2000)
).map(lambda b: np.array([b[0], b[1], b[0] + b[2], b[1] + b[3]]))


@given(box=boxes, long_side_px=st.integers(64, 800), seed=st.integers(0, 99))
def test_way_there_and_back(box: NDArray[np.float64], long_side_px: int, seed: int) -> None:
    """Points from the film into a region and back are where they were; nothing is enlarged."""
    region = Region.of_box(box, long_side_px=long_side_px, within_px=None)
    points = np.random.default_rng(seed).uniform(-2000, 2000, (33, 2))
    points[5] = np.nan
    there = region.points_from_film(points)
    np.testing.assert_allclose(region.points_to_film(there), points, atol=1e-6)
    assert 0 < region.scale <= 1
    assert max(region.width_px, region.height_px) <= long_side_px + 1
    corner = region.points_to_film(np.zeros(2))
    np.testing.assert_allclose(corner, box[:2], atol=0.51 / region.scale)


def test_region_stays_inside_if_told() -> None:
    """A region is cut at the picture's edges where `within_px` says so."""
    box = np.array([-50.0, -20.0, 900.0, 300.0])
    region = Region.of_box(box, long_side_px=2000, within_px=(640, 480))
    assert (region.left_px, region.top_px, region.width_px, region.height_px) == (0, 0, 640, 300)


def test_detection_is_moved_to_the_film() -> None:
    """Pixels move, metres and mask stay, and the input with them."""
    region = Region(left_px=10, top_px=20, width_px=100, height_px=100, scale=0.5)
    mask = np.zeros((100, 100), np.float32)
    inside = replace(LIFTER.detection(0.0), mask=mask)
    before = inside.xy_px.copy()
    moved = region.to_film(inside)
    np.testing.assert_allclose(moved.xy_px, (before + np.array([10, 20])) * 2)
    np.testing.assert_array_equal(inside.xy_px, before)
    assert moved.world_m is inside.world_m
    assert moved.mask is mask


def test_cut_shows_the_right_part_and_pads_with_grey(film: Path) -> None:
    """Inside the film its pixels, outside grey, always contiguous and of the size asked for."""
    box = np.array([-100.0, 50.0, 300.0, 250.0])
    region = Region.of_box(box, long_side_px=400, within_px=None)
    with FilmReader(film) as reader:
        frame = next(iter(reader.frames()))
        cut, whole = region.cut(frame, film_px=SIZE_PX), frame.rgb()
    assert cut.shape == (200, 400, 3)
    assert cut.flags.c_contiguous
    assert (cut[:, :100] == 114).all()
    np.testing.assert_array_equal(cut[:, 100:], whole[50:250, :300])


def test_lifter_alone(film: Path) -> None:
    """One person is found in every frame, to half a pixel, and the room around is left out."""
    model = StickModel(lifters=[LIFTER])
    scene, frames = look_twice(film, model)
    assert (len(scene.people), scene.lifter) == (1, 0)
    assert scene.is_pinned
    assert not scene.is_crowded
    assert scene.region.width_px < 500
    assert len(frames) == 120
    assert np.max(errors_px(frames, LIFTER)) < 0.5
    assert all(seen.detection and seen.detection.mask is not None for seen in frames)


def test_estimators_are_opened_for_their_purpose_and_closed(film: Path) -> None:
    """First look without tracking and masks, second with both; memory goes back."""
    model = StickModel(lifters=[LIFTER])
    look_twice(film, model)
    first, second = model.opened
    assert (first.tracking, first.masks, second.tracking, second.masks) == (
        False,
        False,
        True,
        True,
    )
    assert first.n_pictures <= 14
    assert second.n_pictures == 120
    assert not first.is_open
    assert not second.is_open


@pytest.mark.parametrize("person", [0, 1])
def test_two_people_close_together_are_never_mixed(film: Path, person: int) -> None:
    """Whoever is chosen, no frame holds the other one's joints."""
    lifters = [LIFTER, FRIEND]
    scene, frames = look_twice(film, StickModel(lifters=lifters), person=person)
    assert scene.is_crowded
    assert np.max(errors_px(frames, lifters[person])) < 0.5


def test_the_one_who_squats_is_chosen(film: Path) -> None:
    """Without a number it is the one who goes down and up."""
    assert look(film, StickModel(lifters=[FRIEND, LIFTER])).lifter == 0


def test_other_one_alone_in_the_picture_is_a_gap(film: Path) -> None:
    """While the lifter is lost, the neighbour is not taken in place of him."""
    hidden = replace(LIFTER, is_there=lambda t: not 2.15 < t < 2.3)
    _, frames = look_twice(film, StickModel(lifters=[hidden, FRIEND]), person=0)
    errors = errors_px(frames, LIFTER)
    times = np.array([seen.frame.time_s for seen in frames])
    np.testing.assert_array_equal(np.isnan(errors), (times > 2.15) & (times < 2.3))
    assert np.nanmax(errors) < 0.5


def test_seldom_seen_is_searched_everywhere(film: Path) -> None:
    """A lifter seen in some looks only does not pin down a part of the picture."""
    flickers = replace(LIFTER, is_there=lambda t: round(t * 3) % 3 != 1)
    scene = look(film, StickModel(lifters=[flickers]))
    assert not scene.is_pinned
    assert scene.area_px.tolist() == [0, 0, *SIZE_PX]


@pytest.mark.parametrize("person", [None, 0, 2])
def test_nobody(film: Path, person: int | None) -> None:
    """An empty gym is said to be one."""
    with pytest.raises(NothingUsableError) as caught:
        look(film, StickModel(lifters=[]), person=person)
    assert caught.value.reason in ({"no_person"} if person is None else {"no_such_person"})


@pytest.mark.parametrize("person", [2, 7, -1])
def test_no_such_person(film: Path, person: int) -> None:
    """A number beyond the people there is refused by its number as people count."""
    with pytest.raises(NothingUsableError) as caught:
        look(film, StickModel(lifters=[LIFTER, FRIEND]), person=person)
    assert caught.value.reason == "no_such_person"
    assert f"number {person + 1} " in caught.value.text


class ShortSightedModel(StickModel):
    """Sees nobody whose shank is shorter than 25 pixels in the picture it is shown."""

    def sees(self, found: Detection) -> bool:
        """Whether a body is large enough."""
        return bool(np.hypot(*(found.xy_px[Landmark.KNEE] - found.xy_px[Landmark.ANKLE])) > 25)


def test_small_lifter_is_looked_for_in_parts(tmp_path: Path) -> None:
    """Who is too small in the whole picture is found in enlarged parts of it."""
    film = write_film(tmp_path / "b.mp4", times_s=even_times(40, fps=10), size_px=(1920, 1080))
    small = replace(LIFTER, ankle_px=(1500, 800), height_px=230)
    model = ShortSightedModel(lifters=[small])
    scene, frames = look_twice(film, model)
    assert np.abs(scene.person.sightings[0].hip_px - small.xy_px(0)[23:25].mean(axis=0)).max() < 3
    assert np.max(errors_px(frames, small)) < 1.5


def test_progress_is_told_as_time_in_the_film(film: Path) -> None:
    """The first look tells where in the film it is."""
    told: list[float] = []
    with FilmReader(film) as reader:
        scout(reader, StickModel(lifters=[LIFTER]), on_progress=told.append)
    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] > 3.5


@pytest.mark.model
def test_what_is_opened_ahead_is_the_first_looks(
    pose_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next film finds it open, once; whoever wants another kind opens another."""
    made: list[dict[str, object]] = []

    class Opened:
        """Stands for a landmarker, which takes long to open."""

        def __init__(self, bundle: bytes, **kind: object) -> None:
            made.append(kind)

    monkeypatch.setattr(pose, "MediaPipeEstimator", Opened)
    model = MediaPipeModel(pose_model)
    open_ahead(model)
    assert len(made) == 1
    model.open(tracking=True, max_people=1, masks=True)
    assert len(made) == 2
    first = {"tracking": False, "max_people": 4, "masks": False}
    one = model.open(**first)  # type: ignore[arg-type]
    assert len(made) == 2
    assert model.open(**first) is not one  # type: ignore[arg-type]
    assert len(made) == 3
