"""The pass over the film: what is taken from the frames as they go by."""

from pathlib import Path

import numpy as np
import pytest

from analysis import footage
from analysis.footage import Footage, take_footage
from analysis.people import Person, Sighting
from analysis.pose import MediaPipeModel
from analysis.smallfilm import SmallFilm
from analysis.tracking import Scene, scout
from analysis.video import FilmReader
from analysis.view import Side, side_of_track
from tests.benchmarks.clips import SAMPLE
from tests.stick import SIDES, Lifter, StickModel, squats, track_of, write_film


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a film of two seconds and a half."""
    return write_film(tmp_path_factory.mktemp("film") / "a.mp4", duration_s=2.5)


@pytest.mark.parametrize("side", SIDES)
def test_all_frames_tell_the_side(side: Side) -> None:
    """Feet and nose point forward, in every frame but those without the lifter."""
    lifter = Lifter(side=side, is_there=lambda t: t < 0.5)
    assert side_of_track(track_of(lifter, np.arange(0, 1, 0.1))) == side


@pytest.mark.parametrize("side", SIDES)
def test_a_side_mistaken_at_first_is_set_right(
    film: Path, side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outline of the back is looked for behind the lifter, not where a few looks say."""
    wrong = SIDES[1 - SIDES.index(side)]
    monkeypatch.setattr(footage, "side_of", lambda sightings: wrong)
    lifter = Lifter(side=side, depth=squats([0.3], down_s=0.8, up_s=0.8))
    model = StickModel(lifters=[lifter])
    with FilmReader(film) as reader, SmallFilm(reader) as small:
        taken = take_footage(small, model, scout(small, model))
    assert taken.side == side
    hip_x = taken.track.xy_px[:, 23:25, 0].mean(axis=1)
    # The point level with the hips; higher up a leaning back is in front of them.
    behind = (taken.back_px[:, 22, 0] - hip_x) * (1 if side == "left" else -1)
    assert (behind > 0).mean() > 0.9


@pytest.mark.parametrize("length_s", [0.5, 2.9, 3.1, 5.0, 15.0, 60.0, 90.0])
def test_stretches_cover_the_film_once(length_s: float) -> None:
    """Every picture in one stretch, none of them long, their number even."""
    kept_s = np.arange(0, length_s, 1 / 15)
    parts = footage.stretches(kept_s, [])
    assert [k for begin, end in parts for k in range(begin, end)] == list(range(len(kept_s)))
    assert max(end - begin for begin, end in parts) <= 6.0 * 15 + 2
    assert len(parts) % 2 == 0 or len(parts) == 1


def test_stretches_begin_where_the_lifter_stands() -> None:
    """Upright people are found most surely."""
    lifter = Lifter(depth=squats([2.8, 6.5, 10.3], down_s=0.6, up_s=0.6))
    kept_s = np.arange(0, 15.0, 1 / 15)
    parts = footage.stretches(kept_s, seen_of(lifter, 15.0).sightings)
    assert len(parts) == 4
    assert all(lifter.depth(kept_s[cut]) < 0.05 for cut, _ in parts)


def seen_of(lifter: Lifter, length_s: float) -> Person:
    """Return what three looks a second see of a lifter."""
    looks = track_of(lifter, np.arange(0, length_s, 1 / 3))
    sightings = [
        Sighting(time_s=t, xy_px=xy, visibility=np.ones(33))
        for t, xy in zip(looks.time_s, looks.xy_px, strict=True)
    ]
    return Person(sightings=tuple(sightings))


def scene_of(person: Person, *, is_pinned: bool = True) -> Scene:
    """Return a scene of one lifter."""
    return Scene(people=(person,), lifter=0, film_px=(480, 440), is_pinned=is_pinned)


def test_a_lifter_whom_a_plate_hides_is_looked_at_always() -> None:
    """Where the first look saw somebody now and then, standing is a guess."""
    scene = scene_of(seen_of(Lifter(), 9.0), is_pinned=False)
    kept_s = np.arange(0, 9, 1 / 15)
    np.testing.assert_array_equal(footage.worth_looking(kept_s, scene), np.arange(len(kept_s)))


def test_who_stands_is_looked_at_less_often() -> None:
    """All pictures of the lower half of a squat, every second one of the rest."""
    lifter = Lifter(depth=squats([3.0]))
    kept_s = np.arange(0, 9, 1 / 15)
    looked = footage.worth_looking(kept_s, scene_of(seen_of(lifter, 9.0)))
    assert looked[0] == 0
    assert looked[-1] == len(kept_s) - 1
    low = np.flatnonzero([lifter.depth(t) > 0.5 for t in kept_s])
    assert set(low) <= set(looked)
    assert set(np.diff(looked)) == {1, 2}
    assert len(looked) < 0.75 * len(kept_s)


def test_nothing_of_a_short_film_is_left_out() -> None:
    """Nor of a photo, which is a very short one."""
    looked = footage.worth_looking(np.arange(30) / 15, scene_of(seen_of(Lifter(), 2.0)))
    np.testing.assert_array_equal(looked, np.arange(30))


def test_result_does_not_depend_on_the_workers(tmp_path: Path) -> None:
    """One, two and four threads see the same."""
    clip = write_film(tmp_path / "long.mp4", duration_s=9)
    model = StickModel(lifters=[Lifter(depth=squats([1.0, 5.0]))])
    with FilmReader(clip) as reader, SmallFilm(reader) as small:
        scene = scout(small, model)
        takes = [take_footage(small, model, scene, workers=n) for n in (1, 2, 4)]
    for other in takes[1:]:
        assert_same(takes[0], other)


@pytest.mark.model
def test_nor_with_the_real_model(pose_model: Path) -> None:
    """A stretch is seen afresh, whatever its thread has seen before.

    Joints and outline in the picture are equal bit by bit. MediaPipe keeps a trace of earlier
    stretches in what it smooths beside them, the world landmarks.
    """
    model = MediaPipeModel(pose_model)
    with FilmReader(SAMPLE) as reader, SmallFilm(reader) as small:
        scene = scout(small, model)
        takes = [take_footage(small, model, scene, workers=n) for n in (1, 2, 4)]
    for other in takes[1:]:
        assert_same(takes[0], other, world_m=0.005, visibility=1e-5)


def assert_same(
    one: Footage, other: Footage, *, world_m: float = 0.0, visibility: float = 0.0
) -> None:
    """Compare all that is measured."""
    for name in ("time_s", "xy_px"):
        np.testing.assert_array_equal(getattr(one.track, name), getattr(other.track, name))
    for name, most in (("world_m", world_m), ("visibility", visibility)):
        np.testing.assert_allclose(
            getattr(one.track, name), getattr(other.track, name), rtol=0, atol=most
        )
    for name in ("ray_px", "back_px", "patch", "top_px", "brightness", "roll_deg"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
