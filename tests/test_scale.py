"""Centimetres out of the lifter's own height."""

import numpy as np
import pytest

from analysis.pose import Landmark, PoseTrack
from analysis.scale import cm_per_px, hip_height_cm
from tests.stick import ANKLE_HEIGHT, SHANK, THIGH, Lifter, mirrored, squats, track_of

TIMES_S = np.arange(0, 4, 1 / 30)
STANDING = TIMES_S < 0.9
# What the module takes heel and toe landmarks to be over the floor.
FOOT_CM = 4.0


def film(**lifter: object) -> PoseTrack:
    """Film a lifter of 300 pixels who squats once."""
    return track_of(Lifter(depth=squats([1.0]), **lifter), TIMES_S)  # type: ignore[arg-type]


@pytest.mark.parametrize("height_cm", [150.0, 180.0, 200.0])
@pytest.mark.parametrize("height_px", [200.0, 500.0])
def test_scale(height_cm: float, height_px: float) -> None:
    """A body of so many pixels and so many centimetres, to one per cent."""
    joints = film(height_px=height_px).xy_px
    scale = cm_per_px(joints, standing=STANDING, height_cm=height_cm)
    assert scale == pytest.approx(height_cm / height_px, rel=0.01)


def test_scale_is_taken_standing_only() -> None:
    """Squatting does not shorten the lifter, missing frames and mirrors change nothing."""
    track = film()
    scale = cm_per_px(track.xy_px, standing=STANDING, height_cm=180)
    joints = track.xy_px.copy()
    joints[5:10] = np.nan
    joints[~STANDING] *= 3
    before = joints.copy()
    assert cm_per_px(joints, standing=STANDING, height_cm=180) == pytest.approx(scale)
    np.testing.assert_array_equal(joints, before)
    mirror = mirrored(track, width_px=480).xy_px
    assert cm_per_px(mirror, standing=STANDING, height_cm=180) == pytest.approx(scale)


def test_no_scale() -> None:
    """Without a height, a frame of standing or a body in it, there are no centimetres."""
    joints = film().xy_px
    assert np.isnan(cm_per_px(joints, standing=STANDING, height_cm=None))
    assert np.isnan(cm_per_px(joints, standing=np.zeros(len(joints), dtype=bool), height_cm=180))
    upside_down = joints * [1, -1]
    assert np.isnan(cm_per_px(upside_down, standing=STANDING, height_cm=180))
    assert np.isnan(cm_per_px(np.full_like(joints, np.nan), standing=STANDING, height_cm=180))


def test_hip_height() -> None:
    """Standing it is the leg and the foot; at parallel the shank and the foot.

    The foot of the made-up lifter is a line on the floor, that of a real one is not.
    """
    track = film(thigh_deg=0.0, ankle_deg=0.0)
    height = hip_height_cm(track.xy_px, 0.6) - FOOT_CM
    assert height[0] == pytest.approx(180 * (ANKLE_HEIGHT + SHANK + THIGH), rel=0.01)
    assert height.min() == pytest.approx(180 * (ANKLE_HEIGHT + SHANK), rel=0.01)


def test_floor_is_in_the_middle_of_the_body() -> None:
    """A near foot that stands lower in the picture, and a far one higher, change nothing."""
    joints = film().xy_px
    seen_from_above = joints.copy()
    for landmark in (Landmark.ANKLE, Landmark.HEEL, Landmark.TOE):
        seen_from_above[:, landmark, 1] += 9
        seen_from_above[:, landmark + 1, 1] -= 9
    np.testing.assert_allclose(hip_height_cm(seen_from_above, 0.6), hip_height_cm(joints, 0.6))


def test_bent_knees_do_not_shorten_the_lifter() -> None:
    """Frames that count as standing while the knees already bend do not change the scale."""
    joints = film().xy_px
    upright = cm_per_px(joints, standing=STANDING, height_cm=180)
    assert cm_per_px(joints, standing=TIMES_S < 1.3, height_cm=180) == pytest.approx(upright)


def test_rising_heel_does_not_lift_the_floor() -> None:
    """The floor is where heel or toe is lowest."""
    flat, up = film(), film(heel_deg=20.0)
    np.testing.assert_allclose(hip_height_cm(up.xy_px, 0.6), hip_height_cm(flat.xy_px, 0.6))


@pytest.mark.parametrize("lost_until_s", [1.0, 2.6])
def test_lost_frames_do_not_move_the_floor(lost_until_s: float) -> None:
    """The height is missing where the lifter is, and right elsewhere, however long that is."""
    whole = hip_height_cm(film().xy_px, 0.6)
    track = film(is_there=lambda t: t > lost_until_s)
    height = hip_height_cm(track.xy_px, 0.6)
    np.testing.assert_array_equal(np.isfinite(height), track.found)
    np.testing.assert_allclose(height[track.found], whole[track.found])


def test_no_floor() -> None:
    """Without scale or without feet the height is missing throughout."""
    joints = film().xy_px
    assert np.isnan(hip_height_cm(joints, float("nan"))).all()
    assert np.isnan(hip_height_cm(np.full_like(joints, np.nan), 0.6)).all()
