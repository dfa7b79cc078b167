"""Pictures of backs with the angle of their lumbar spine, for :mod:`analysis.backnet`.

Of each squat the lifter standing and some moments on the way are rendered: no film is made.
Kept is the trunk alone, cut out as `backnet` cuts it out, with room around it to shift, turn
and scale it while training.
"""

import json
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.backnet import BackPlace
from analysis.calibration.sample import stream
from analysis.calibration.squat import Squat, squat
from analysis.cutout import cut_out

Array = NDArray[np.float64]
Bytes = NDArray[np.uint8]

#: Index of the first clip; clips, ankle tests and legs count from lower numbers.
FIRST: Final = 9_000_000
#: Pixels per trunk length, and what is kept: left, top, right, bottom in trunk lengths from
#: the hip.
TRUNK_PX: Final = 100.0
REACH: Final = (-1.25, -1.55, 1.15, 1.0)
#: Points whose places go with a picture, as truth files name them.
POINTS: Final = (
    *("shoulder_L", "shoulder_R", "C7T1", "T6", "T9"),
    *("T12L1", "L3L4", "L5S1", "hip_L", "hip_R", "knee_L", "knee_R"),
)
#: Pictures of standing; then come those anywhere on the way, and near the bottom.
STANDING: Final = 2
_WAY, _LOW = 4, 4
_LOW_DEG, _QUALITY = 40.0, (60, 96)


def finished(folder: Path, split: str, index: int) -> bool:
    """Tell whether a body's pictures are there. The truth is written last."""
    return (folder / f"{split}_{index:05d}_backs.json").is_file()


def make(split: str, index: int, folder: Path) -> str:
    """Render the back of one body, write a strip of pictures and its truth, say what was made."""
    rng = stream(split, FIRST + index, "backs")
    shown = squat(split, FIRST + index)
    name = f"{split}_{index:05d}_backs"
    frames = _moments(shown, rng)
    if not frames:
        return f"{name} never stands"
    trunk_px = _trunk_px(shown, frames[0])
    rows, cuts = [], []
    for i, picture in zip(frames, shown.pictures(frames, smeared=True), strict=True):
        drawn = shown.drawn(i)
        place = BackPlace(
            hip=drawn["hip_mid"],
            shoulder=0.5 * (drawn["shoulder_L"] + drawn["shoulder_R"]),
            trunk_px=trunk_px,
            facing=shown.facing,
        )
        cuts.append(_cut(picture, place))
        rows.append(_row(shown, i, place))
    quality = int(rng.integers(*_QUALITY))
    strip = cv2.cvtColor(np.hstack(cuts), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(folder / f"{name}.jpg"), strip, [cv2.IMWRITE_JPEG_QUALITY, quality])
    part = folder / f".{name}.json.part"
    facts = {
        "yaw_deg": shown.clip.camera.yaw,
        "trunk_px": trunk_px,
        "kind": shown.clip.kind,
        "arms": shown.clip.arms,
        "advised": shown.clip.advised,
    }
    part.write_text(json.dumps({"rows": rows, **facts}), encoding="utf-8")
    part.rename(folder / f"{name}.json")
    return f"{name} {len(rows)} pictures"


def _moments(shown: Squat, rng: np.random.Generator) -> list[int]:
    """Pick frames: standing first, then some of the way and some near the bottom."""
    plan, thigh = shown.track.schedule, shown.track.thigh
    still = np.flatnonzero(plan.u < 0.01)
    moving = np.flatnonzero(plan.u >= 0.01)
    if not len(still) or not len(moving):
        return []
    low = moving[thigh[moving] < thigh.min() + _LOW_DEG]
    return [
        *(int(i) for i in rng.choice(still, STANDING)),
        *(int(i) for i in rng.choice(moving, _WAY)),
        *(int(i) for i in rng.choice(low, _LOW)),
    ]


def _trunk_px(shown: Squat, i: int) -> float:
    drawn = shown.drawn(i)
    shoulder = 0.5 * (drawn["shoulder_L"] + drawn["shoulder_R"])
    return float(np.linalg.norm(shoulder - drawn["hip_mid"]))


def _cut(picture: Bytes, place: BackPlace) -> Bytes:
    return cut_out(picture, place.to_back(), unit_px=TRUNK_PX, reach=REACH)


def _row(shown: Squat, i: int, place: BackPlace) -> dict[str, Any]:
    track, named = shown.track, shown.drawn(i)
    to_back = place.to_back()
    points = np.array([named[name] for name in POINTS]) @ to_back[:, :2].T + to_back[:, 2]
    return {
        "lumbar_deg": round(float(track.lumbar[i]), 3),
        "rib_deg": round(float(track.rib[i]), 3),
        "thigh_deg": round(float(track.thigh[i]), 3),
        "points": points.round(4).tolist(),
    }
