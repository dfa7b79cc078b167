"""The lunge on a photo: which leg, the mirror image, and what the regression may not depend on."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis import lunge
from analysis.errors import NothingUsableError
from analysis.legnet import POINTS, LegSight
from analysis.photo import Photo, read_photo
from analysis.pose import MediaPipeModel
from analysis.snapshot import Seen, find_lifter
from tests.photos import LUNGE, encoded, from_sample

pytestmark = pytest.mark.model

TRUTH = json.loads(LUNGE.with_suffix(".json").read_text("utf-8"))


@pytest.fixture(scope="module")
def model(pose_model: Path) -> MediaPipeModel:
    """Open the real model."""
    return MediaPipeModel(pose_model)


@pytest.fixture(scope="module")
def seen(model: MediaPipeModel) -> Seen:
    """Find who lunges."""
    return find_lifter(read_photo(LUNGE), model)


@pytest.fixture(scope="module")
def looks(model: MediaPipeModel, seen: Seen) -> list[lunge.Look]:
    """Look at the photo and at its mirror image."""
    return lunge.looks(seen, model)


def test_both_looks_agree(looks: list[lunge.Look]) -> None:
    """The mirror image shows the same leg, at the same place."""
    assert len(looks) == 2
    leg = lunge.front_leg(looks, roll_deg=0.0)
    assert 0 <= leg.doubt < 0.3
    assert leg.facing == (1.0 if TRUTH["view_side"] == "right" else -1.0)
    suffix = TRUTH["side"][0].upper()
    knee = np.array(TRUTH["points_px"][f"knee_{suffix}"])
    assert np.hypot(*(np.array(leg.points.knee) - knee)) < 0.2 * leg.points.shank_px


def test_a_mirrored_photo_gives_the_same_figures(model: MediaPipeModel, seen: Seen) -> None:
    """Left and right change places; nothing else does, since both looks are taken."""
    picture = np.ascontiguousarray(seen.photo.picture[:, ::-1])
    other = find_lifter(replace(seen.photo, picture=picture), model)
    one, two = (lunge.measure_lunge(s, model, height_cm=175.0) for s in (seen, other))
    assert two.reading.side != one.reading.side
    assert two.reading.facing == -one.reading.facing
    assert two.reading.ankle_deg == pytest.approx(one.reading.ankle_deg, abs=0.5)
    assert two.reading.past_toe_cm == pytest.approx(one.reading.past_toe_cm, abs=0.3)


def test_one_look_is_enough_and_less_sure(looks: list[lunge.Look]) -> None:
    """Where the mirror image shows nobody, the photo alone counts."""
    leg = lunge.front_leg(looks[:1], roll_deg=0.0)
    assert np.isnan(leg.doubt)
    assert leg.features.shape == lunge.load_correction().first.mean.shape


def test_looks_that_contradict_each_other_are_refused(looks: list[lunge.Look]) -> None:
    """A knee half a shank away in the mirror: the leg cannot be made out."""
    # By 0.35 to the side and as much down.
    xy = looks[1].detection.xy_px.copy()
    xy[25:27] += 0.35 * lunge.front_leg(looks, roll_deg=0.0).points.shank_px
    moved = replace(looks[1], detection=replace(looks[1].detection, xy_px=xy))
    with pytest.raises(NothingUsableError) as caught:
        lunge.front_leg([looks[0], moved], roll_deg=0.0)
    assert caught.value.reason == "unclear"


def test_size_of_the_photo_does_not_matter(model: MediaPipeModel, seen: Seen) -> None:
    """The same picture from a phone with four times the pixels: the same centimetres."""
    large = Photo(
        picture=seen.photo.picture,
        width_px=4 * seen.photo.width_px,
        height_px=4 * seen.photo.height_px,
    )
    one, two = (
        lunge.measure_lunge(replace(seen, photo=p), model, height_cm=175.0).reading
        for p in (seen.photo, large)
    )
    assert two.past_toe_cm == pytest.approx(one.past_toe_cm)
    assert two.points.knee[0] == pytest.approx(4 * one.points.knee[0])


def test_feet_side_by_side_are_no_lunge(model: MediaPipeModel, tmp_path: Path) -> None:
    """A squat is refused, and told what the test is."""
    path = tmp_path / "squat.jpg"
    path.write_bytes(encoded(from_sample(deepest=True)))
    with pytest.raises(NothingUsableError) as caught:
        lunge.measure_lunge(find_lifter(read_photo(path), model), model)
    assert caught.value.reason == "no_lunge"


def test_bands_are_wider_the_less_the_two_looks_agree(looks: list[lunge.Look]) -> None:
    """Wider with one look only than where two agree, and for the leg away from the camera."""
    leg = lunge.front_leg(looks, roll_deg=0.0)
    doubts = (0.02, 0.06, 0.12, np.nan, 0.3)
    wide = [lunge.widening(replace(leg, doubt=d), is_near=True) for d in doubts]
    assert wide[0] == wide[1] == 1.0
    assert wide == sorted(wide)
    assert len(set(wide)) == 4
    assert lunge.widening(leg, is_near=False) > lunge.widening(leg, is_near=True)


def test_a_straight_leg_in_front_is_no_lunge(looks: list[lunge.Look]) -> None:
    """Somebody who walks by has one foot in front, too."""
    xy = looks[0].detection.xy_px.copy()
    # Both thighs go on as the shanks do.
    xy[23:25] = 2 * xy[25:27] - xy[27:29]
    walks = replace(looks[0], detection=replace(looks[0].detection, xy_px=xy))
    with pytest.raises(NothingUsableError) as caught:
        lunge.front_leg([walks], roll_deg=0.0)
    assert caught.value.reason == "no_lunge"


def test_features_of_another_length_are_refused() -> None:
    """Weights and code have to belong together."""
    with pytest.raises(ValueError, match="features"):
        lunge.load_correction().first.apply(np.zeros(3))


@pytest.mark.parametrize(
    ("rise_deg", "is_up", "expected"),
    [
        pytest.param(1.0, 0.05, 1.0, id="both-say-down"),
        pytest.param(14.0, 0.9, 14.0, id="both-say-up"),
        pytest.param(8.0, 0.1, 3.45, id="rise-alone-says-up"),
        pytest.param(4.0, 0.7, 8.55, id="rise-alone-says-down"),
    ],
)
def test_rise_and_chance_that_the_heel_is_up(
    rise_deg: float, is_up: float, expected: float
) -> None:
    """Where they contradict each other their mean counts; it lies on the side of its verdict."""
    assert lunge.heel_deg(rise_deg, is_up) == pytest.approx(expected)


def test_the_tilt_of_a_mirrored_photo_is_the_opposite() -> None:
    """No constant in it, and nobody holds a phone at 30 degrees."""
    correction = lunge.load_correction()
    tilts = np.random.default_rng(5).normal(0.0, 0.05, 40)
    assert correction.roll_deg(-tilts) == pytest.approx(-correction.roll_deg(tilts))
    assert abs(correction.roll_deg(1000.0 * tilts)) <= lunge.MOST_ROLL_DEG
    assert correction.roll_deg(np.zeros(40)) == 0.0


def test_a_network_that_sees_what_is_drawn_moves_nothing(looks: list[lunge.Look]) -> None:
    """All differences between the points drawn and those seen are 0, the rest is the leg's own."""
    leg = lunge.front_leg(looks, roll_deg=2.0)
    upright = leg.upright
    drawn = np.array([getattr(upright, name) for name in POINTS]) - np.array(upright.ankle)
    sight = LegSight(
        points=drawn * [leg.facing, 1] / upright.shank_px,
        spread=np.full(4, 0.1),
        rise_deg=15.0,
        is_up=0.9,
    )
    told = lunge.described(sight, leg, np.zeros(len(lunge.OUTPUTS)))
    assert told.shape == lunge.load_correction().second.mean.shape
    np.testing.assert_allclose(told[:11], 0.0, atol=1e-9)
    assert told[11:13] == pytest.approx([1.0, 0.9])
    # Ahead of the ankle by a tenth of the shank: all points are, and no angle changes.
    ahead = lunge.described(
        replace(sight, points=sight.points + np.array([0.1, 0])), leg, np.zeros(15)
    )
    np.testing.assert_allclose(ahead[:8], np.tile([0.1, 0.0], 4), atol=1e-9)
    np.testing.assert_allclose(ahead[8:], told[8:], atol=1e-9)


def test_the_place_of_the_leg_follows_the_correction(looks: list[lunge.Look]) -> None:
    """An ankle that is moved forward is looked for further forward, by so many shank lengths."""
    leg = lunge.front_leg(looks, roll_deg=0.0)
    out = np.zeros(len(lunge.OUTPUTS))
    assert lunge.place_of(leg, out).ankle == pytest.approx(leg.points.ankle)
    out[lunge.OUTPUTS.index("ankle_x")] = out[lunge.OUTPUTS.index("knee_x")] = 0.1
    moved = lunge.place_of(leg, out)
    shank_px = leg.points.shank_px
    assert moved.shank_px == pytest.approx(shank_px)
    expected = leg.points.ankle + np.array([0.1 * leg.facing * shank_px, 0])
    assert moved.ankle == pytest.approx(expected)
