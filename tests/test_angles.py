"""Curves of joint angles of a lifter whose angles are known."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis.angles import Angles, leg_length_px, measure_angles, smooth_joints, sure_of
from analysis.pose import Landmark, PoseTrack
from analysis.view import Side, facing_of
from tests.stick import SHANK, SIDES, THIGH, Lifter, mirrored, squats, track_of

TIMES_S = np.arange(0, 5, 1 / 30)
LIFTER = Lifter(depth=squats([1.0], pause_s=0.4))
BOTTOM = 66
KNEES = [Landmark.KNEE, Landmark.KNEE + 1]


def measured(track: PoseTrack, *, side: Side = "right", **camera: float) -> Angles:
    """Measure a film seen from the side throughout."""
    usable = np.ones(len(track.time_s), dtype=bool)
    return measure_angles(
        track, smooth_joints(track), facing=facing_of(side), usable=usable, **camera
    )


def moved(track: PoseTrack, *, zoom: float = 1.0, shift: tuple[float, float] = (0, 0)) -> PoseTrack:
    """Film the same from elsewhere."""
    return replace(track, xy_px=track.xy_px * zoom + np.array(shift))


def curves(angles: Angles) -> dict[str, NDArray[np.float64]]:
    """Return the curves by name."""
    return {f.name: getattr(angles, f.name) for f in fields(angles) if f.name != "time_s"}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("depth_deg", [30, 0, -20])
def test_angles_are_those_of_the_lifter(side: Side, depth_deg: float) -> None:
    """Over the whole film, within what smoothing may round off."""
    lifter = replace(LIFTER, side=side, thigh_deg=depth_deg)
    angles = measured(track_of(lifter, TIMES_S), side=side)
    for name in ("thigh", "ankle", "trunk"):
        truth = [getattr(lifter, f"{name}_at")(t) for t in TIMES_S]
        np.testing.assert_allclose(getattr(angles, f"{name}_deg"), truth, atol=0.5)
    bend = 90 - angles.thigh_deg + angles.ankle_deg
    np.testing.assert_allclose(angles.knee_deg, bend, atol=1e-6)
    np.testing.assert_allclose(angles.confidence, 0.95)
    assert np.isfinite(list(curves(angles).values())).all()


def test_heights_are_shares_of_the_leg() -> None:
    """About 1 standing; parallel is the shank's part of the leg."""
    lifter = replace(LIFTER, thigh_deg=0.0, ankle_deg=0.0)
    track = track_of(lifter, TIMES_S)
    assert leg_length_px(track) == pytest.approx((SHANK + THIGH) * 300)
    height = measured(track).hip_height
    assert height[0] == pytest.approx(1.0, abs=0.01)
    assert height[BOTTOM] == pytest.approx(SHANK / (SHANK + THIGH), abs=0.01)


@pytest.mark.parametrize("side", SIDES)
def test_knee_past_toe_has_a_sign(side: Side) -> None:
    """Positive with the knee beyond the toe, whichever way the lifter looks."""
    far = replace(LIFTER, ankle_deg=40.0, side=side)
    near = replace(LIFTER, ankle_deg=15.0, side=side)
    past = [
        measured(track_of(one, TIMES_S), side=side).knee_past_toe_px[BOTTOM] for one in (far, near)
    ]
    expected = [300 * (SHANK * np.sin(np.radians(a)) - 0.11) for a in (40, 15)]
    np.testing.assert_allclose(past, expected, atol=0.5)
    assert past[0] > 0 > past[1]


def test_hands_below_knee() -> None:
    """Hanging arms of a tipped trunk reach under the knee, crossed arms never do."""
    low = replace(LIFTER, hands="hanging", trunk_deg=75.0, thigh_deg=40.0)
    assert measured(track_of(low, TIMES_S)).hands_below_knee[BOTTOM] > 0.1
    assert measured(track_of(LIFTER, TIMES_S)).hands_below_knee.max() < 0


@given(zoom=st.floats(0.3, 4), shift=st.tuples(st.floats(-300, 900), st.floats(-300, 900)))
@settings(max_examples=15)
def test_place_and_size_change_nothing(zoom: float, shift: tuple[float, float]) -> None:
    """All but the length in pixels is the same from wherever it is filmed."""
    track = track_of(LIFTER, TIMES_S[:90])
    one, other = curves(measured(track)), curves(measured(moved(track, zoom=zoom, shift=shift)))
    one["knee_past_toe_px"] = one["knee_past_toe_px"] * zoom
    for name, curve in one.items():
        np.testing.assert_allclose(other[name], curve, atol=1e-6, err_msg=name)


def test_mirror() -> None:
    """The mirrored film of a lifter who looks the other way has the same curves."""
    track = track_of(replace(LIFTER, yaw_deg=10.0, heel_deg=15.0), TIMES_S)
    one = curves(measured(track, side="right", roll_deg=3.0))
    other = curves(measured(mirrored(track, width_px=480), side="left", roll_deg=-3.0))
    for name, curve in one.items():
        np.testing.assert_allclose(other[name], curve, atol=1e-6, err_msg=name)


def test_swapped_left_and_right_change_nothing() -> None:
    """The pose model swaps the legs now and then, which the mean does not notice."""
    track = track_of(LIFTER, TIMES_S)
    xy = track.xy_px.copy()
    xy[40:80, [25, 26]] = xy[40:80, [26, 25]]
    one, other = measured(track), measured(replace(track, xy_px=xy))
    np.testing.assert_allclose(other.thigh_deg, one.thigh_deg, atol=0.2)


def test_long_gap_stays_and_costs_nothing_else() -> None:
    """Half a second without the lifter is missing in every curve, and only that."""
    track = track_of(replace(LIFTER, is_there=lambda t: not 1.5 < t < 2.05), TIMES_S)
    gap = ~track.found
    assert gap.sum() == 16
    angles = measured(track)
    for name, curve in curves(angles).items():
        if name == "confidence":
            np.testing.assert_array_equal(curve[gap], 0)
        else:
            np.testing.assert_array_equal(np.isnan(curve), gap, err_msg=name)
    truth = np.array([LIFTER.thigh_at(t) for t in TIMES_S])
    np.testing.assert_allclose(angles.thigh_deg[~gap], truth[~gap], atol=1.5)


def test_short_loss_is_bridged() -> None:
    """A few lost frames are bridged by a straight line, and trusted less."""
    track = track_of(replace(LIFTER, is_there=lambda t: not 1.5 < t < 1.62), TIMES_S)
    gap = ~track.found
    assert gap.any()
    angles = measured(track)
    truth = [LIFTER.thigh_at(t) for t in TIMES_S]
    np.testing.assert_allclose(angles.thigh_deg, truth, atol=2)
    np.testing.assert_array_equal(angles.confidence[gap], 0)


def test_loss_at_the_ends_is_not_made_up() -> None:
    """There is nothing to bridge to before the first frame and after the last."""
    track = track_of(replace(LIFTER, is_there=lambda t: 0.09 < t < 4.88), TIMES_S)
    np.testing.assert_array_equal(np.isnan(measured(track).thigh_deg), ~track.found)


def test_jump_is_left_out() -> None:
    """A knee that is somewhere else for two frames does not bend the curve."""
    track = track_of(LIFTER, TIMES_S)
    xy = track.xy_px.copy()
    xy[50:52, KNEES] += [80, -60]
    before = xy.copy()
    angles = measured(replace(track, xy_px=xy))
    truth = [LIFTER.thigh_at(t) for t in TIMES_S]
    np.testing.assert_allclose(angles.thigh_deg, truth, atol=3)
    np.testing.assert_array_equal(xy, before)


def test_impossible_leg_is_not_measured() -> None:
    """A thigh of half its length is no thigh: leg angles missing, confidence 0."""
    track = track_of(LIFTER, TIMES_S)
    xy = track.xy_px.copy()
    wrong = slice(90, 130)
    hip = xy[wrong, Landmark.HIP : Landmark.HIP + 2]
    xy[wrong, KNEES] = hip + 0.4 * (xy[wrong, KNEES] - hip)
    angles = measured(replace(track, xy_px=xy))
    inner = slice(95, 125)
    for name in ("thigh_deg", "thigh_sd_deg", "ankle_deg", "ankle_sd_deg", "knee_deg"):
        assert np.isnan(getattr(angles, name)[inner]).all(), name
    assert (angles.confidence[inner] == 0).all()
    assert np.isfinite(angles.trunk_deg).all()
    assert np.isfinite(angles.thigh_deg[:85]).all()


def test_beside_a_gap_nothing_is_sure() -> None:
    """The lowest before a gap is not the bottom; where the lifter is lost is still told."""
    track = track_of(LIFTER, TIMES_S)
    xy = track.xy_px.copy()
    xy[BOTTOM - 6 : BOTTOM + 6] = np.nan
    angles = measured(replace(track, xy_px=xy))
    sure = sure_of(angles)
    gone = np.isnan(sure.thigh_deg)
    assert gone[BOTTOM - 11 : BOTTOM + 11].all()
    assert not gone[: BOTTOM - 13].any()
    assert not gone[BOTTOM + 13 :].any()
    np.testing.assert_array_equal(np.isnan(sure.ankle_deg), gone)
    np.testing.assert_array_equal(sure.hip_height, angles.hip_height)


def test_an_unsure_thigh_is_none() -> None:
    """At 7 degrees and more, and only there."""
    angles = measured(track_of(LIFTER, TIMES_S))
    sd = np.where(TIMES_S < 2, 6.9, 7.0)
    sure = sure_of(replace(angles, thigh_sd_deg=sd))
    np.testing.assert_array_equal(np.isnan(sure.thigh_deg), TIMES_S >= 2)


def test_unusable_frames_are_missing() -> None:
    """Frames that are not seen from the side are not measured."""
    track = track_of(LIFTER, TIMES_S)
    usable = TIMES_S < 4
    angles = measure_angles(track, smooth_joints(track), facing=1.0, usable=usable)
    np.testing.assert_array_equal(np.isfinite(angles.thigh_deg), usable)
    np.testing.assert_array_equal(np.isfinite(angles.trunk_deg), usable)


@pytest.mark.parametrize("roll_deg", [-8.0, 5.0])
def test_tilted_camera_is_set_right(roll_deg: float) -> None:
    """With verticals that lean to the right by the roll, the angles are those of the room."""
    track = track_of(LIFTER, TIMES_S)
    turn = np.radians(roll_deg)
    # Clockwise on the screen: what was up leans to the right.
    turned = track.xy_px @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    angles = measured(replace(track, xy_px=turned), roll_deg=roll_deg)
    for name, curve in curves(measured(track)).items():
        np.testing.assert_allclose(getattr(angles, name), curve, atol=1e-6, err_msg=name)


def test_unknown_roll_counts_as_none() -> None:
    """NaN for the tilt is no tilt."""
    track = track_of(LIFTER, TIMES_S)
    np.testing.assert_array_equal(
        measured(track, roll_deg=np.nan, yaw_deg=np.nan).thigh_deg, measured(track).thigh_deg
    )


def test_turned_camera_widens_the_band() -> None:
    """The further the camera is turned, either way, the less sure the angles."""
    track = track_of(LIFTER, TIMES_S)
    for name in ("thigh_sd_deg", "ankle_sd_deg"):
        sds = [getattr(measured(track, yaw_deg=y), name)[0] for y in (0.0, 15.0, 30.0, -30.0)]
        assert 0 < sds[0] < sds[1] < sds[2]
        assert sds[2] == sds[3]


@pytest.mark.parametrize(
    "track",
    [
        pytest.param(track_of(LIFTER, []), id="no-frame"),
        pytest.param(track_of(LIFTER, [0.0]), id="one-frame"),
        pytest.param(track_of(LIFTER, [0.0, 0.1]), id="two-frames"),
        pytest.param(track_of(replace(LIFTER, is_there=lambda t: False), TIMES_S), id="nobody"),
    ],
)
def test_next_to_nothing(track: PoseTrack) -> None:
    """Films of no or one frame and films without the lifter make no noise."""
    angles = measured(track)
    np.testing.assert_array_equal(np.isfinite(angles.thigh_deg), track.found)


def test_not_one_frame_from_the_side() -> None:
    """A film from the front has no angles, and measuring it makes no noise."""
    track = track_of(LIFTER, TIMES_S)
    angles = measure_angles(
        track, smooth_joints(track), facing=1.0, usable=np.zeros(len(TIMES_S), dtype=bool)
    )
    assert np.isnan(angles.thigh_deg).all()
    assert (angles.confidence == 0).all()


def test_smoothing_keeps_the_input() -> None:
    """Landmarks are copied before anything is written."""
    track = track_of(LIFTER, TIMES_S)
    before = track.xy_px.copy()
    joints = smooth_joints(track)
    assert joints.shape == before.shape
    np.testing.assert_array_equal(track.xy_px, before)
    np.testing.assert_allclose(joints, before, atol=1.0)


def test_wrong_shape_is_refused() -> None:
    """A curve of another length is named."""
    angles = measured(track_of(LIFTER, TIMES_S))
    with pytest.raises(ValueError, match=r"trunk_deg: expected shape \(150,\), got \(3,\)"):
        replace(angles, trunk_deg=np.zeros(3))
