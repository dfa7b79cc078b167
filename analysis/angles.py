"""Curves of joint angles over a film, out of the landmarks.

Left and right joints are averaged: the squat is the same movement on both
sides, the side views hardly part them, and the pose model swaps left and right
in side views now and then, which the mean does not notice.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from analysis.estimator import Estimates
from analysis.features import Features
from analysis.filtering import bridge, lowpass, without_spikes
from analysis.geometry import flexion_deg, lean_deg, length_px, thigh_angle_deg
from analysis.pose import Landmark, PoseTrack

Curve = NDArray[np.float64]

# Hips at least this high (share of the leg's length) count as standing, if the
# highest there is in the clip is not much higher.
_STANDING_HEIGHT, _NEAR_TOP = 0.8, 0.06
# A joint this share of the leg away from its own median over half a second has
# jumped, not moved: the fastest squat moves the hip steadily through its median.
_JUMP = 0.15
_JUMP_WINDOW_S = 0.5
# Jumps and short losses up to this long are bridged; longer ones stay gaps.
_BRIDGE_S = 0.25
# Half of what a lifter stays near the bottom of a squat (within a few degrees), and more.
_BESIDE_GAP_S = 0.2
# Thigh or shank shorter than this share of its usual length in the picture: the
# joints are not where the model says (or the leg points at the camera).
_SHORTEST_SEGMENT = 0.6
# Standard deviations of the uncorrected curves, from the clips with known truth
# that this app was built on (24 rendered lifters, deep frames), degrees.
_THIGH_SD_DEG = 5.5
_ANKLE_SD_DEG = 5.5
# An oblique view widens them: the sine of the turn acts on both.
_OBLIQUE_SD_DEG = 12.0

# A depth that may be off by 16 degrees is none: half of this where the legs are seen, more
# where the pose model guesses them behind a plate (24 rendered clips: 4 at the most, and 10).
_MOST_SD_DEG = 8.0
# Stricter where nobody saw the head: from 7 on depths were off by 6 to 13 (8 films).
_MOST_SD_HIDDEN_DEG = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Angles:
    """Joint angles and heights over a film; every field has shape (T,), NaN = missing.

    Attributes
    ----------
    time_s : ndarray
    thigh_deg, ankle_deg, knee_deg, trunk_deg : ndarray
        As `measure.md` of the project's brief and README define them.
    thigh_sd_deg, ankle_sd_deg : ndarray
        Standard deviations of the two.
    hip_height : ndarray
        Hip over ankle as a share of the leg's length: about 1 standing.
    knee_past_toe_px : ndarray
        Knee forward of the toe, in pixels of the film.
    hands_below_knee : ndarray
        Wrist under the knee, as a share of the leg's length.
    confidence : ndarray
        0 to 1: visibility of the leg and trunk landmarks of the near side, 0
        where a segment has an impossible length.
    """

    time_s: Curve
    thigh_deg: Curve
    thigh_sd_deg: Curve
    ankle_deg: Curve
    ankle_sd_deg: Curve
    knee_deg: Curve
    trunk_deg: Curve
    hip_height: Curve
    knee_past_toe_px: Curve
    hands_below_knee: Curve
    confidence: Curve

    def __post_init__(self) -> None:
        for f in fields(self):
            got = getattr(self, f.name).shape
            if got != self.time_s.shape:
                raise ValueError(f"{f.name}: expected shape {self.time_s.shape}, got {got}")


def smooth_joints(track: PoseTrack) -> NDArray[np.float64]:
    """Landmarks without jumps, short losses bridged, low-passed at 6 Hz.

    Parameters
    ----------
    track : PoseTrack

    Returns
    -------
    ndarray, shape (T, 33, 2)
        Pixels of the film; NaN where the lifter was lost for longer.
    """
    time_s, xy = track.time_s, track.xy_px.copy()
    if len(time_s) < 3:
        return xy
    steady = without_spikes(time_s, xy, window_s=_JUMP_WINDOW_S)
    jumped = np.hypot(*np.moveaxis(xy - steady, -1, 0)) > _JUMP * leg_length_px(track)
    xy[jumped] = np.nan
    return lowpass(time_s, bridge(time_s, xy, longest_s=_BRIDGE_S))


def leg_length_px(track: PoseTrack) -> float:
    """Length of the leg, hip to knee to ankle, as it is in all but the worst frames.

    Parameters
    ----------
    track : PoseTrack

    Returns
    -------
    float
        Pixels; NaN without any frame.
    """
    hip, knee, ankle = (
        middle(track.xy_px, i) for i in (Landmark.HIP, Landmark.KNEE, Landmark.ANKLE)
    )
    legs = length_px(hip, knee) + length_px(knee, ankle)
    return float(np.nanpercentile(legs, 90)) if np.isfinite(legs).any() else float("nan")


def measure_angles(
    track: PoseTrack,
    joints_px: NDArray[np.float64],
    *,
    facing: float,
    usable: NDArray[np.bool_],
    yaw_deg: float = 0.0,
    roll_deg: float = 0.0,
) -> Angles:
    """Measure all curves of a film.

    Parameters
    ----------
    track : PoseTrack
    joints_px : ndarray, shape (T, 33, 2)
        Its landmarks from :func:`smooth_joints`; not changed.
    facing : float
        +1 lifter looks right, -1 left.
    usable : ndarray of bool, shape (T,)
        Frames seen from the side; the others come out as NaN.
    yaw_deg, roll_deg : float, optional
        Turn of the camera, for the standard deviations and to set the
        horizontal right. NaN counts as 0.

    Returns
    -------
    Angles
    """
    joints = np.where(usable[:, None, None], joints_px, np.nan)
    joints = unroll(joints, 0.0 if np.isnan(roll_deg) else roll_deg)
    hip, knee, ankle, shoulder, wrist, toe = (
        middle(joints, i)
        for i in (
            Landmark.HIP,
            Landmark.KNEE,
            Landmark.ANKLE,
            Landmark.SHOULDER,
            Landmark.WRIST,
            Landmark.TOE,
        )
    )
    leg_px = leg_length_px(track)
    hip_height = (ankle[:, 1] - hip[:, 1]) / leg_px
    possible = _possible(length_px(hip, knee)) & _possible(length_px(knee, ankle))
    ankle_deg = lean_deg(ankle, knee, facing=facing)

    def where_possible(curve: Curve) -> Curve:
        return np.where(possible, curve, np.nan)

    oblique = _OBLIQUE_SD_DEG * abs(np.sin(np.radians(np.nan_to_num(yaw_deg))))
    thigh = where_possible(thigh_angle_deg(hip, knee, facing=facing))
    near = 0 if facing < 0 else 1
    seen = track.visibility[:, [i + near for i in (11, 23, 25, 27)]].min(axis=1)
    return Angles(
        time_s=track.time_s,
        thigh_deg=thigh,
        thigh_sd_deg=np.where(np.isfinite(thigh), np.hypot(_THIGH_SD_DEG, oblique), np.nan),
        ankle_deg=where_possible(ankle_deg),
        ankle_sd_deg=np.where(
            possible & np.isfinite(ankle_deg), np.hypot(_ANKLE_SD_DEG, oblique), np.nan
        ),
        knee_deg=where_possible(flexion_deg(hip, knee, ankle)),
        trunk_deg=lean_deg(hip, shoulder, facing=facing),
        hip_height=hip_height,
        knee_past_toe_px=where_possible((knee[:, 0] - toe[:, 0]) * facing),
        hands_below_knee=(wrist[:, 1] - knee[:, 1]) / leg_px,
        confidence=np.where(possible, seen, 0.0),
    )


def corrected(angles: Angles, features: Features, estimates: Estimates) -> Angles:
    """Take the pose model's bias out of the angles.

    Parameters
    ----------
    angles : Angles
        As the landmarks have them.
    features : Features
    estimates : Estimates

    Returns
    -------
    Angles
        With thigh, ankle, knee, trunk and knee past toe corrected and the standard
        deviations that the networks state; NaN stays NaN, and takes the place of all
        where the networks are not sure of the thigh.
    """

    def smooth(raw: Curve, name: str) -> tuple[Curve, Curve]:
        value, sd = estimates.of(name)
        known = np.isfinite(raw)
        curve = np.where(known, raw + value, np.nan)
        return lowpass(angles.time_s, curve), np.where(known, sd, np.nan)

    _, stated_sd = estimates.of("thigh_deg")
    measured = np.isfinite(angles.thigh_deg) & (stated_sd < _MOST_SD_DEG)
    raw = features.raw_deg
    thigh, thigh_sd = smooth(np.where(measured, raw["thigh"], np.nan), "thigh_deg")
    ankle, ankle_sd = smooth(np.where(measured, raw["shank"], np.nan), "ankle_deg")
    leans = measured & np.isfinite(angles.trunk_deg)
    trunk, _ = smooth(np.where(leans, raw["trunk"], np.nan), "trunk_deg")
    ahead = np.where(measured, angles.knee_past_toe_px / features.leg_px, np.nan)
    past_toe, _ = smooth(ahead, "knee_past_toe")
    return replace(
        angles,
        thigh_deg=thigh,
        thigh_sd_deg=thigh_sd,
        ankle_deg=ankle,
        ankle_sd_deg=ankle_sd,
        # Thigh, shank and knee make a triangle with the horizontal.
        knee_deg=90.0 - thigh + ankle,
        trunk_deg=trunk,
        knee_past_toe_px=past_toe * features.leg_px,
    )


def sure_of(angles: Angles) -> Angles:
    """Leave out what is less sure, for a film whose lifter only seeds show.

    Parameters
    ----------
    angles : Angles

    Returns
    -------
    Angles
        With thigh, ankle, knee, trunk and knee past toe NaN near frames without hips, since
        the lowest before a gap is not the bottom if that is in the gap, and where the
        thigh is not sure.
    """
    lost_s = angles.time_s[np.isnan(angles.hip_height)]
    near = (np.abs(angles.time_s[:, None] - lost_s) < _BESIDE_GAP_S).any(axis=1)
    near |= angles.thigh_sd_deg >= _MOST_SD_HIDDEN_DEG

    return without(angles, near)


def without(angles: Angles, frames: NDArray[np.bool_]) -> Angles:
    """Leave out what the joints say in some frames.

    Parameters
    ----------
    angles : Angles
    frames : ndarray of bool, shape (T,)

    Returns
    -------
    Angles
        With thigh, ankle, knee, trunk and knee past toe NaN there.
    """

    def elsewhere(curve: Curve) -> Curve:
        return np.where(frames, np.nan, curve)

    return replace(
        angles,
        thigh_deg=elsewhere(angles.thigh_deg),
        thigh_sd_deg=elsewhere(angles.thigh_sd_deg),
        ankle_deg=elsewhere(angles.ankle_deg),
        ankle_sd_deg=elsewhere(angles.ankle_sd_deg),
        knee_deg=elsewhere(angles.knee_deg),
        trunk_deg=elsewhere(angles.trunk_deg),
        knee_past_toe_px=elsewhere(angles.knee_past_toe_px),
    )


def standing_frames(angles: Angles, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the frames of standing upright.

    Parameters
    ----------
    angles : Angles
    usable : ndarray of bool, shape (T,)
        Frames seen from the side.

    Returns
    -------
    ndarray of bool, shape (T,)
        Hips near the highest they get in the film, and high enough.
    """
    height = np.where(usable, angles.hip_height, np.nan)
    if not np.isfinite(height).any():
        return np.zeros(len(height), dtype=bool)
    top = float(np.nanpercentile(height, 95))
    return np.asarray(np.nan_to_num(height) > max(_STANDING_HEIGHT, top - _NEAR_TOP))


def trusted_share(angles: Angles, usable: NDArray[np.bool_]) -> float:
    """Share of the usable frames in which the joints make a possible body.

    Parameters
    ----------
    angles : Angles
    usable : ndarray of bool, shape (T,)

    Returns
    -------
    float
        0 without a usable frame.
    """
    return float(np.isfinite(angles.thigh_deg[usable]).mean()) if usable.any() else 0.0


def middle(xy: NDArray[np.float64], left: Landmark) -> NDArray[np.float64]:
    """Return the middle between a left landmark and its right one, shape (T, 2)."""
    return np.asarray(xy[:, left : left + 2].mean(axis=1))


def unroll(xy: NDArray[np.float64], roll_deg: float) -> NDArray[np.float64]:
    """Turn the picture back so that the room's verticals are upright."""
    turn = np.radians(roll_deg)
    cos, sin = np.cos(turn), np.sin(turn)
    return np.asarray(xy @ np.array([[cos, -sin], [sin, cos]]))


def _possible(segment_px: Curve) -> NDArray[np.bool_]:
    """Frames in which a segment is about as long as it usually is."""
    if not np.isfinite(segment_px).any():
        return np.zeros(len(segment_px), dtype=bool)
    usual = float(np.nanpercentile(segment_px, 75))
    return np.asarray(np.nan_to_num(segment_px) > _SHORTEST_SEGMENT * usual)
