"""Pictures of one leg with its joints, for the network of :mod:`analysis.legnet`.

Odd numbers are ankle tests, even ones squats of which a few moments are rendered: no film is
made, so a body costs half a second. Kept is the leg alone, cut out as `legnet` cuts it out,
with room around it to shift, turn and scale it while training.
"""

import json
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.calibration import lunge, truth
from analysis.calibration.sample import stream
from analysis.calibration.squat import squat
from analysis.cutout import cut_out
from analysis.legnet import LegPlace

Array = NDArray[np.float64]
Bytes = NDArray[np.uint8]

#: Index of the first clip whose body and room are borrowed; clips and ankle tests of other
#: commands count from lower numbers.
FIRST: Final = 7_000_000
#: The points of the leg, as truth files name them, without the side.
POINTS: Final = ("knee", "ankle", "heel", "toe_tip")
#: Pixels per shank length, and what is kept: left, top, right, bottom in shank lengths from
#: the ankle.
SHANK_PX: Final = 100.0
REACH: Final = (-1.3, -1.9, 1.9, 0.9)
# Moments of a squat: one standing, one on the way, two near the bottom.
_LOW, _QUALITY = 25.0, (60, 96)


def finished(folder: Path, split: str, index: int) -> bool:
    """Tell whether a body's pictures are there. The truth is written last."""
    return (folder / f"{split}_{index:05d}_legs.json").is_file()


def make(split: str, index: int, folder: Path) -> str:
    """Render the leg of one body, write a strip of pictures and its truth, say what was made."""
    rng = stream(split, FIRST + index, "legs")
    rows, pictures = (
        _of_lunge(split, FIRST + index) if index % 2 else _of_squat(split, FIRST + index, rng)
    )
    name = f"{split}_{index:05d}_legs"
    quality = int(rng.integers(*_QUALITY))
    strip = cv2.cvtColor(np.hstack(pictures), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(folder / f"{name}.jpg"), strip, [cv2.IMWRITE_JPEG_QUALITY, quality])
    part = folder / f".{name}.json.part"
    part.write_text(json.dumps(rows), encoding="utf-8")
    part.rename(folder / f"{name}.json")
    return f"{name} {len(rows)} pictures"


def _of_lunge(split: str, index: int) -> tuple[list[Any], list[Bytes]]:
    shot = lunge.photograph(split, index - lunge.FIRST)
    clip, named = shot.clip, truth.points(shot.person, shot.posed)
    drawn = {name: shot.view.project(at[None], 0)[0] for name, at in named.items()}
    facing = 1.0 if clip.view == "right" else -1.0
    row, cut = _cut(shot.rgb, drawn, shot.lunge.front, facing=facing, roll_deg=clip.camera.roll)
    return [{**row, "heel_deg": shot.lunge.heel_deg, "is_lunge": True}], [cut]


def _of_squat(split: str, index: int, rng: np.random.Generator) -> tuple[list[Any], list[Bytes]]:
    shown = squat(split, index)
    named = [shown.named(i) for i in range(len(shown.track.posed))]
    thigh = np.array([truth.thigh_angle(p["knee_L"], p["hip_L"]) for p in named])
    side = "L" if shown.clip.view == "left" else "R"
    frames, roll_deg = _moments(thigh, rng), shown.clip.camera.roll
    rows, pictures = [], []
    for i, picture in zip(frames, shown.pictures(frames), strict=True):
        row, cut = _cut(picture, shown.drawn(i), side, facing=shown.facing, roll_deg=roll_deg)
        heel = truth.angles(shown.track, i, named[i], shown.person)["heel_rise_deg"]
        rows.append({**row, "heel_deg": heel, "is_lunge": False})
        pictures.append(cut)
    return rows, pictures


def _moments(thigh_deg: Array, rng: np.random.Generator) -> list[int]:
    """Pick frames: standing, anywhere, and twice near the bottom."""
    top, low = thigh_deg.max(), thigh_deg.min()
    deep = np.flatnonzero(thigh_deg < low + _LOW * (top - low) / 90)
    high = np.flatnonzero(thigh_deg > top - 10)
    picks = [rng.choice(high), rng.integers(len(thigh_deg)), rng.choice(deep), rng.choice(deep)]
    return sorted({int(i) for i in picks})


def _cut(
    picture: Bytes, drawn: dict[str, Array], side: str, *, facing: float, roll_deg: float
) -> tuple[dict[str, Any], Bytes]:
    """Cut a leg out, turned to look right and upright; points in pixels of the cut."""
    points = np.array([drawn[f"{name}_{side}"] for name in POINTS])
    place = LegPlace(
        ankle=points[1],
        shank_px=float(np.linalg.norm(points[0] - points[1])),
        facing=facing,
        roll_deg=roll_deg,
    )
    to_leg = place.to_leg()
    cut = cut_out(picture, to_leg, unit_px=SHANK_PX, reach=REACH)
    in_cut = SHANK_PX * (points @ to_leg[:, :2].T + to_leg[:, 2] - REACH[:2])
    return {"points_px": in_cut.tolist(), "shank_px": place.shank_px}, cut
