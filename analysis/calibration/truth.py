"""The exact truth of a clip, in the fields that README.md lists.

Degrees, centimetres, pixels (x right, y DOWN), t = frame / fps.
"""

import itertools
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.camera import View
from analysis.calibration.lifter import Lifter
from analysis.calibration.motion import Track
from analysis.calibration.sample import BAR_MODES, Clip, Rep
from analysis.calibration.skeleton import LUMBAR, LUMBAR_SHARES, Posed

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Row = dict[str, Any]

WINKS = ("wink", "early_wink", "late_wink", "arch_past_neutral")
_LIMB_POINTS = ("hip", "knee", "ankle", "ball", "shoulder", "elbow", "wrist")
_MIDDLE_POINTS = {
    "hip": "hip_mid",
    **{k: k for k in (*LUMBAR, "T9", "T6", "T3")},
    "neck": "C7T1",
    "head": "head_base",
    "top": "head_top",
}
_AT_BOTTOM = (
    *("thigh_deg", "shank_deg", "ankle_dorsiflexion_deg", "knee_flexion_deg", "hip_flexion_deg"),
    *("ribcage_lean_deg", "trunk_line_lean_deg", "pelvic_tilt_deg", "lumbar_flexion_deg"),
    *("lumbar_flexion_vs_standing_deg", "tuck_deg", "knee_past_toe_cm"),
    "hip_minus_knee_height_cm",
)
#: A point is looked up this far inside the outline, as a share of the trunk's length in pixels.
INSET = 0.03


def points(lifter: Lifter, posed: Posed) -> dict[str, Array]:
    """Return the named points of one frame, world."""
    p, found = posed.points, {}
    for side in "LR":
        for name in _LIMB_POINTS:
            found[f"{name}_{side}"] = p[name + side]
        for name in ("heel", "toe_tip"):
            found[f"{name}_{side}"] = _carried(lifter, posed, name + side)
    found["nose"] = _carried(lifter, posed, "nose")
    found.update({ours: p[name] for name, ours in _MIDDLE_POINTS.items()})
    return found


def _carried(lifter: Lifter, posed: Posed, name: str) -> Array:
    bone, at = lifter.surface[name]
    turn, move = posed.transforms[bone]
    return np.asarray(turn @ at + move)


def _forward_up(a: Array, b: Array) -> tuple[float, float]:
    """Sagittal components of b - a: forward and up."""
    d = b - a
    return -float(d[1]), float(d[2])


def thigh_angle(knee: Array, hip: Array) -> float:
    """Return knee to hip against the horizontal, degrees, + hip higher than knee."""
    forward, up = _forward_up(knee, hip)
    return float(np.degrees(np.arctan2(up, -forward)))


def lean_angle(low: Array, high: Array) -> float:
    """Return the line from `low` to `high` against the vertical, degrees, + forward."""
    return float(np.degrees(np.arctan2(*_forward_up(low, high))))


def angles(track: Track, i: int, named: dict[str, Array], lifter: Lifter) -> dict[str, float]:
    """Return all angles and distances of one frame."""
    hip, knee, ankle = named["hip_L"], named["knee_L"], named["ankle_L"]
    thigh, shank = thigh_angle(knee, hip), lean_angle(ankle, knee)
    pelvis = float(np.degrees(track.posed[i].pelvis))
    toe = 0.5 * (named["toe_tip_L"] + named["toe_tip_R"])
    knees = 0.5 * (named["knee_L"] + named["knee_R"])
    a, b = hip - knee, ankle - knee
    bend = np.degrees(np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))
    shoulders = 0.5 * (named["shoulder_L"] + named["shoulder_R"])
    return {
        "thigh_deg": thigh,
        "thigh_elev3d_deg": float(np.degrees(np.arcsin(a[2] / lifter.skeleton.thigh))),
        "shank_deg": shank,
        "ankle_dorsiflexion_deg": shank - track.heel[i],
        "heel_rise_deg": track.heel[i],
        "knee_flexion_deg": 90 - thigh + shank,
        "knee_flexion3d_deg": 180 - float(bend),
        "hip_flexion_deg": 90 - thigh + pelvis,
        "ribcage_lean_deg": track.rib[i],
        "trunk_line_lean_deg": lean_angle(named["hip_mid"], shoulders),
        "pelvic_tilt_deg": pelvis,
        "lumbar_flexion_deg": track.lumbar[i],
        "tuck_deg": track.tuck[i],
        "lumbar_extension_component_deg": track.extension[i],
        "thoracic_flexion_deg": track.thoracic[i],
        "hip_height_cm": 100 * float(named["hip_mid"][2]),
        "hip_minus_knee_height_cm": 100 * float(a[2]),
        "knee_past_toe_cm": 100 * float(toe[1] - knees[1]),
        "u": float(track.schedule.u[i]),
    }


def back_hidden(
    lifter: Lifter, vertices: Floats, view: View, i: int, picture: Bytes, axis: tuple[Array, Array]
) -> float:
    """Return the share of the lower back's outline that a thing or arm hides or that is cut off.

    Parameters
    ----------
    vertices : ndarray, shape (n, 3)
        The lifter's vertices, world.
    picture : ndarray, shape (height, width, 4)
        From the renderer; alpha says what is in front.
    axis : tuple of ndarray
        Pixels of mid-hip and of T6.
    """
    hip, thorax = axis
    along = thorax - hip
    length = float(np.linalg.norm(along)) + 1e-9
    # In the picture the lifter's back is on the left of the trunk if he faces right.
    flip = 1.0 if view.location[0] > 0 else -1.0
    back = flip * np.array([-along[1], along[0]]) / length
    hidden = 0
    for band in lifter.bands:
        xy = view.project(vertices[band].astype(np.float64), i)
        x, y = xy[np.argmax(xy @ back)] - back * INSET * length
        inside = 0 <= x < view.width and 0 <= y < view.height
        hidden += not inside or _in_front(picture, int(x), int(y))
    return hidden / len(lifter.bands)


def _in_front(picture: Bytes, x: int, y: int) -> bool:
    """Tell whether an arm or a thing is in front of the trunk in a pixel."""
    return int(picture[y, x, 3]) > 108  # between TRUNK (64) and ARM (153)


def _crossing(
    frames: list[Row], order: list[int], level: float, r: Rep, onset: float, fps: int
) -> Row | None:
    """Return where tuck passes a level along an order of frames, between frames."""
    for before, after in itertools.pairwise(order):
        v0, v1 = frames[before]["tuck_deg"], frames[after]["tuck_deg"]
        if not v0 <= level < v1:
            continue
        share = (level - v0) / (v1 - v0)
        y0, y1 = frames[before]["thigh_deg"], frames[after]["thigh_deg"]
        if level == 0:  # the thigh's way to the onset is exact
            share = float(np.clip((onset - y0) / (y1 - y0 or 1e-9), 0, 1))
        at = before + share * (after - before)
        return {
            "frame": round(at, 2),
            "time_s": round(at / fps, 4),
            "thigh_deg": round(y0 + share * (y1 - y0), 2),
        }
    return None


def _wink(frames: list[Row], mine: list[int], bottom: int, r: Rep, fps: int) -> Row:
    down = [i for i in mine if i <= bottom]
    up = [i for i in reversed(mine) if i >= bottom]
    release = max(r.thigh + 6.0, r.onset + r.release_shift)
    found: Row = {}
    for name, order, level, onset in (
        ("onset", down, 0.0, r.onset),
        ("tuck5", down, 5.0, r.onset),
        ("tuck10", down, 10.0, r.onset),
        ("release10", up, 10.0, release),
        ("release5", up, 5.0, release),
        ("release0", up, 0.0, release),
    ):
        found[name] = _crossing(frames, order, level, r, onset, fps)
    return {**found, "onset_thigh_deg": round(r.onset, 3)}


def _rep(clip: Clip, track: Track, frames: list[Row], k: int) -> Row | None:
    """Return the truth of one rep; None if no frame shows it."""
    fps, (a, b, c, d), r = clip.film.fps, track.schedule.events[k], clip.reps[k]
    mine = [i for i in range(len(frames)) if frames[i]["rep"] == k]
    if not mine:
        return None
    bottom = min(mine, key=lambda i: frames[i]["hip_height_cm"])
    at = frames[bottom]

    def most(name: str) -> float:
        return round(max(float(frames[i][name]) for i in mine), 3)

    found = {
        "rep": k,
        "partial": a < 0 or d > len(frames) / fps,
        "start_frame": int(np.ceil(a * fps - 1e-6)),
        "bottom_start_frame": int(np.ceil(b * fps - 1e-6)),
        "bottom_frame": bottom,
        "bottom_end_frame": int(np.floor(c * fps + 1e-6)),
        "end_frame": int(np.floor(d * fps + 1e-6)),
        "start_s": round(a, 5),
        "bottom_start_s": round(b, 5),
        "bottom_end_s": round(c, 5),
        "end_s": round(d, 5),
        "bottom": {name: at[name] for name in _AT_BOTTOM},
        "peak_tuck_deg": most("tuck_deg"),
        "peak_lumbar_flexion_vs_standing_deg": most("lumbar_flexion_vs_standing_deg"),
        "peak_lumbar_flexion_deg": most("lumbar_flexion_deg"),
        "max_ankle_dorsiflexion_deg": most("ankle_dorsiflexion_deg"),
        "descent_arch_deg": round(r.arch if clip.motion.ext == 0 else 0.0, 3),
        "back_hidden_deep": round(
            float(np.mean([frames[i]["back_hidden"] for i in mine if frames[i]["u"] > 0.7] or [1])),
            3,
        ),
    }
    if r.tuck > 0:
        found["wink"] = _wink(frames, mine, bottom, r, fps)
    return found


def _standing(clip: Clip, track: Track) -> tuple[Row, bool]:
    """Return the posture at rest and whether the film shows it."""
    still = [i for i, u in enumerate(track.schedule.u) if u < 0.01]
    m = clip.motion
    posture = {
        "lumbar_flexion_deg": float(np.mean(track.lumbar[still]))
        if still
        else m.lumbar_base - m.ext,
        "pelvic_tilt_deg": float(np.mean([np.degrees(track.posed[i].pelvis) for i in still]))
        if still
        else None,
        "ribcage_lean_deg": float(np.mean(track.rib[still])) if still else None,
    }
    return posture, bool(still)


def frame_rows(
    clip: Clip, track: Track, lifter: Lifter, view: View, hidden: list[float]
) -> list[Row]:
    """Return the truth of every frame."""
    base, rows = _standing(clip, track)[0]["lumbar_flexion_deg"], []
    for i, posed in enumerate(track.posed):
        named = points(lifter, posed)
        xy = view.project(np.array(list(named.values())), i)
        row = {name: round(float(x), 3) for name, x in angles(track, i, named, lifter).items()}
        rows.append(
            {
                "i": i,
                "t": round(i / clip.film.fps, 5),
                "rep": int(track.schedule.rep[i]),
                "phase": track.schedule.phase[i],
                **row,
                "lumbar_flexion_vs_standing_deg": round(float(track.lumbar[i]) - base, 3),
                "back_hidden": round(hidden[i], 3),
                "joints2d": {
                    k: [round(float(a), 1) for a in p] for k, p in zip(named, xy, strict=True)
                },
                "joints3d": {k: [round(float(a), 4) for a in p] for k, p in named.items()},
            }
        )
    return rows


def truth(
    clip: Clip, track: Track, lifter: Lifter, view: View, frames: list[Row], name: str
) -> Row:
    """Return the whole truth file."""
    standing, seen = _standing(clip, track)
    found = [_rep(clip, track, frames, k) for k in range(len(clip.reps))]
    left = clip.view == "left"
    meta = {
        "clip": name,
        "video": f"{name}.mp4",
        "split": clip.split,
        "index": clip.index,
        "version": clip.version,
        "kind": clip.kind,
        "true_wink": clip.kind in WINKS,
        "shallow": clip.shallow,
        "view_side": clip.view,
        "near_side": "L" if left else "R",
        "facing": "image_left" if left else "image_right",
        "fps": clip.film.fps,
        "width": clip.film.width,
        "height": clip.film.height,
        "n_frames": len(frames),
        "arms": clip.arms,
        "barbell": clip.arms in BAR_MODES,
        "plate_radius_m": max((r for r, _ in clip.load.plates), default=None)
        if clip.arms in BAR_MODES
        else None,
        "load_rel_body_mass": clip.load.mass,
        "reps": [r for r in found if r is not None],
        "standing_baseline": standing,
        "standing_arch_deg": round(standing["lumbar_flexion_deg"], 3),
        "has_standing": seen,
        "body": sizes(clip, lifter),
        "camera": _camera(clip, view, lifter, track),
        "outfit": {
            k: getattr(clip.outfit, k)
            for k in ("top", "bottoms", "loose", "bulge", "bottom_loose", "sleeve", "hem", "hair")
        },
        "advised": clip.advised,
        "clothing_loose": clip.outfit.loose > 0.3,
        "back_stand_off_cm": round(lifter.stand_off_cm, 2),
        "lumbar_joint_shares": dict(zip(LUMBAR, LUMBAR_SHARES.tolist(), strict=True)),
        "feasibility_log": clip.feasibility,
        "spec": {
            k: v for k, v in asdict(clip).items() if k not in ("body", "feasibility", "version")
        },
        "render": {"engine": "OpenGL"},
    }
    return {"meta": meta, "frames": frames}


def sizes(clip: Clip, lifter: Lifter) -> Row:
    """Return the lengths of a body, cm."""
    s = lifter.skeleton
    heel, toe = lifter.surface["heelL"][1], lifter.surface["toe_tipL"][1]
    spine = float(np.linalg.norm(s.rest["neck"] - s.rest["L5S1"]))
    return {
        "height_cm": 100 * (s.head_top - s.floor),
        "height_barefoot_cm": 100 * (s.head_top - s.floor - clip.outfit.sole),
        "thigh_cm": 100 * s.thigh,
        "shank_cm": 100 * s.shank,
        "ankle_height_cm": 100 * s.ankle_height,
        "hip_half_width_cm": 100 * s.hip_half_width,
        "trunk_L5S1_C7_cm": 100 * spine,
        "foot_length_cm": 100 * abs(float(heel[1] - toe[1])),
        "params": asdict(clip.body),
    }


def _camera(clip: Clip, view: View, lifter: Lifter, track: Track) -> Row:
    hip = track.posed[0].points["hip"]
    side = 1.0 if clip.view == "left" else -1.0
    near = hip + np.array([side * lifter.skeleton.hip_half_width, 0, 0])

    def px_per_cm(at: Array) -> float:
        half = np.array([0.0, 0.005, 0.0])
        pair = view.project(np.stack([at - half, at + half]), 0)
        return float(np.linalg.norm(pair[1] - pair[0]))

    return {
        "location_m": view.location.tolist(),
        "target_m": view.target.tolist(),
        "roll_deg": clip.camera.roll,
        "vfov_deg": view.vfov_deg,
        "yaw_deg": clip.camera.yaw,
        "distance_m": float(np.linalg.norm(view.location[:2] - hip[:2])),
        "focal_px": view.focal_px,
        "principal_px": [view.width / 2, view.height / 2],
        "world_to_camera": view.matrices[0].tolist(),
        "convention": "looks along -z, y up; u=W/2+f*x/-z, v=H/2-f*y/-z; matrix of frame 0",
        "px_per_cm_mid_sagittal": px_per_cm(np.array([0, hip[1], hip[2]])),
        "px_per_cm_near_hip": px_per_cm(near),
        "shake_deg": clip.camera.shake,
    }
