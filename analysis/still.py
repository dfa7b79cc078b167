"""A squat still: depth, ankle, knee and trunk from one photo, by the stages of the clips.

With a standing photo of the same lifter beside it, the two become a film of two moments, and
the change of the two-bowls angle between them is given too. One still alone cannot show it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analysis import backlook, leglook
from analysis.angles import leg_length_px
from analysis.ankle import LegPoints, Scale
from analysis.backnet import BackModel, load_back_networks
from analysis.errors import NothingUsableError
from analysis.estimator import Estimator
from analysis.footage import Footage
from analysis.leglook import LegLooks
from analysis.legnet import LegModel, LegNetwork
from analysis.measure import Prepared, measure, prepare
from analysis.pose import Landmark, PoseModel, PoseTrack
from analysis.scale import SCALE_SD, cm_per_px
from analysis.snapshot import Seen
from analysis.view import View

Curve = NDArray[np.float64]

# Between the two moments lies a gap that nothing is carried over.
_GAP_S: Final = 2.0
# Thigh and shank together over body height (Drillis and Contini 1966), for a scale where
# nobody is seen standing, and how well that is known.
_LEG_OVER_HEIGHT: Final = 0.491
_LEG_SCALE_SD: Final = 0.06
# Foot and knee landmarks wander by so much, centimetres; as for clips.
_FOOT_SD_CM: Final = 2.0
# Hips this close to standing height are no squat: share of the leg's length.
_TOO_HIGH: Final = 0.93


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """What a photo of the bottom of a squat says; NaN = not measured.

    Attributes
    ----------
    view : View
    scale : Scale
    thigh_deg, thigh_sd_deg, ankle_deg, ankle_sd_deg, trunk_deg : float
    past_toe_cm, past_toe_sd_cm : float
    lumbar_change_deg, lumbar_change_sd_deg : float
        Two-bowls angle against the standing photo.
    heel_up : bool or None
        None without a standing photo to compare with.
    points : LegPoints
        Of the near leg, in pixels of the photo as it was taken.
    joints_px : ndarray, shape (33, 2)
        In pixels of the picture.
    back_px : ndarray, shape (30, 2)
    standing_unused : str
        Why a standing photo could not be used; empty otherwise.
    """

    view: View
    scale: Scale
    thigh_deg: float
    thigh_sd_deg: float
    ankle_deg: float
    ankle_sd_deg: float
    trunk_deg: float
    past_toe_cm: float
    past_toe_sd_cm: float
    lumbar_change_deg: float
    lumbar_change_sd_deg: float
    heel_up: bool | None
    points: LegPoints
    joints_px: NDArray[np.float64]
    back_px: NDArray[np.float64]
    standing_unused: str


def measure_still(
    seen: Seen,
    model: PoseModel,
    estimator: Estimator,
    *,
    standing: Seen | None = None,
    height_cm: float | None = None,
    leg: LegModel | None = None,
    backs: Sequence[BackModel] = (),
) -> Still:
    """Measure a squat still.

    Parameters
    ----------
    seen : Seen
        The photo of the squat.
    model : PoseModel
    estimator : Estimator
    standing : Seen, optional
        The same lifter standing, from the same side.
    height_cm : float, optional
    leg : LegModel, optional
        What looks at the near leg again; the one that ships by default.
    backs : sequence of BackModel, optional
        What look at the back again; those that ship by default.

    Returns
    -------
    Still

    Raises
    ------
    NothingUsableError
        ``front_view`` or ``no_squat``.
    """
    squat = seen.footage(model)
    upright = None if standing is None else standing.footage(model)
    unused = "" if upright is None else why_unused(upright, squat)
    footage = squat if upright is None or unused else join(upright, squat)
    ready = prepare(footage)
    low = np.zeros(len(footage.track.time_s), dtype=bool)
    low[-len(squat.track.time_s) :] = True
    _refuse(ready, low)
    measured = measure(ready, estimator)
    pictures = [(float(footage.track.time_s[-1]), seen.photo.picture, 1.0)]
    if standing is not None and upright is not None and not unused:
        shrink = leg_length_px(upright.track) / leg_length_px(squat.track)
        pictures.insert(0, (float(footage.track.time_s[0]), standing.photo.picture, shrink))
    looks = leglook.look_at_pictures(pictures, ready, leg or LegNetwork())
    angles = leglook.refined(measured.angles, looks, leg_px=ready.features.leg_px)
    has_standing = len(pictures) > 1
    back_looks = backlook.look_at_pictures(
        pictures[:1] if has_standing else [], pictures[1:], ready, backs or load_back_networks()
    )
    lumbar = backlook.refined(measured.lumbar, footage.track.time_s, back_looks)
    scale = _scale(ready, footage, low, height_cm=height_cm, has_standing=has_standing)
    share = SCALE_SD if has_standing else _LEG_SCALE_SD
    past_toe = _median(angles.knee_past_toe_px[low]) * scale.cm_per_px
    near, k = ready.view.near, seen.to_photo
    joints = np.nanmedian(ready.joints_px[low], axis=0)
    return Still(
        view=ready.view,
        scale=replace(scale, cm_per_px=scale.cm_per_px / k),
        thigh_deg=_median(angles.thigh_deg[low]),
        thigh_sd_deg=_median(angles.thigh_sd_deg[low]),
        ankle_deg=_median(angles.ankle_deg[low]),
        ankle_sd_deg=_median(angles.ankle_sd_deg[low]),
        trunk_deg=_median(angles.trunk_deg[low]),
        past_toe_cm=past_toe,
        past_toe_sd_cm=math.hypot(_FOOT_SD_CM, share * past_toe),
        lumbar_change_deg=_median(lumbar.angle_deg[low]) if has_standing else math.nan,
        lumbar_change_sd_deg=_median(lumbar.sd_deg[low]) if has_standing else math.nan,
        heel_up=_is_heel_up(looks, pictures[-1][0]),
        points=_points(joints * k, near),
        joints_px=joints,
        back_px=np.asarray(squat.back_px[-1]),
        standing_unused=unused,
    )


def _is_heel_up(looks: LegLooks, photo_s: float) -> bool | None:
    last = looks.heel_rise_deg[looks.time_s == photo_s]
    return looks.is_heel_up(photo_s - _GAP_S / 2, math.inf) if np.isfinite(last).any() else None


def why_unused(upright: Footage, squat: Footage) -> str:
    """Say why a standing photo cannot be compared with that of the squat; empty if it can."""
    if upright.side != squat.side:
        return "The standing photo shows the other side of the body, so it could not be compared."
    heights = [np.nanmedian(_hip_height(f)) for f in (upright, squat)]
    if not heights[0] > max(_TOO_HIGH, heights[1]):
        return "In the standing photo nobody stands upright, so it could not be compared."
    return ""


def _hip_height(footage: Footage) -> Curve:
    """Hip over ankle as a share of the leg's length: about 1 standing."""
    xy = footage.track.xy_px
    hip, ankle = (xy[:, i : i + 2, 1].mean(axis=1) for i in (Landmark.HIP, Landmark.ANKLE))
    return np.asarray((ankle - hip) / leg_length_px(footage.track))


def _refuse(ready: Prepared, low: NDArray[np.bool_]) -> None:
    if not ready.usable[low].any() or ready.view.use == "unusable":
        raise NothingUsableError(
            "front_view",
            "This photo looks taken from the front or from behind. Take it from the side, so "
            "that the whole body is seen in profile.",
        )
    if not np.isfinite(ready.angles.thigh_deg[low]).any():
        raise NothingUsableError(
            "no_joints",
            "The legs cannot be made out in this photo. Take it in better light, with nothing "
            "in front of the lifter.",
        )
    if not _median(ready.angles.hip_height[low]) < _TOO_HIGH:
        raise NothingUsableError(
            "no_squat",
            "Nobody squats in this photo. Choose one that is taken at the bottom of the squat.",
        )


def join(upright: Footage, squat: Footage) -> Footage:
    """Make one film of both moments, in the pixels of the squat.

    Between them lies a frame with nothing in it.
    """
    k = leg_length_px(squat.track) / leg_length_px(upright.track)
    gap = np.full(1, np.nan)

    def both(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
        missing = np.full((1, *first.shape[1:]), np.nan)
        return np.concatenate([first, missing, second])

    first, second = upright.track, squat.track
    end = float(first.time_s[-1])
    time_s = np.concatenate([first.time_s, [end + _GAP_S / 2], end + _GAP_S + second.time_s])
    track = PoseTrack(
        time_s=time_s,
        xy_px=both(first.xy_px * k, second.xy_px),
        world_m=both(first.world_m, second.world_m),
        visibility=np.nan_to_num(both(first.visibility, second.visibility)),
    )
    return replace(
        squat,
        track=track,
        ray_px=both(upright.ray_px * k, squat.ray_px),
        back_px=both(upright.back_px * k, squat.back_px),
        patch=np.concatenate([upright.patch, np.zeros_like(squat.patch[:1]), squat.patch]),
        top_px=np.concatenate([upright.top_px * k, gap, squat.top_px]),
    )


def _scale(
    ready: Prepared,
    footage: Footage,
    low: NDArray[np.bool_],
    *,
    height_cm: float | None,
    has_standing: bool,
) -> Scale:
    if height_cm is None:
        return Scale()
    if has_standing:
        found = cm_per_px(ready.joints_px, standing=~low & ready.upright, height_cm=height_cm)
        return Scale(cm_per_px=found, source="height") if math.isfinite(found) else Scale()
    leg_px = leg_length_px(footage.track)
    return Scale(cm_per_px=_LEG_OVER_HEIGHT * height_cm / leg_px, source="height")


def _points(joints_px: NDArray[np.float64], near: int) -> LegPoints:
    knee, ankle, heel, toe = (
        (float(joints_px[i + near, 0]), float(joints_px[i + near, 1]))
        for i in (Landmark.KNEE, Landmark.ANKLE, Landmark.HEEL, Landmark.TOE)
    )
    return LegPoints(knee=knee, ankle=ankle, heel=heel, toe=toe)


def _median(curve: Curve) -> float:
    return float(np.nanmedian(curve)) if np.isfinite(curve).any() else math.nan
