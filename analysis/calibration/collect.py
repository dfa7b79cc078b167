"""Run the app's own first stages over rendered clips and keep what they see.

What the estimator is trained on is exactly what it will get: the footage that
:mod:`analysis.footage` takes from a film, beside the truth of the same frames.
One npz for each clip; a clip that was collected before is passed over.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import TwoBowlsError
from analysis.footage import Footage, take_footage
from analysis.pose import PoseModel
from analysis.smallfilm import SmallFilm
from analysis.tracking import scout
from analysis.video import FilmReader

# Truth of a frame, by its name in the truth file.
TRUTHS = (
    "thigh_deg",
    "ankle_dorsiflexion_deg",
    "heel_rise_deg",
    "knee_flexion_deg",
    "trunk_line_lean_deg",
    "lumbar_flexion_deg",
    "lumbar_flexion_vs_standing_deg",
    "tuck_deg",
    "thoracic_flexion_deg",
    "knee_past_toe_cm",
    "hip_height_cm",
    "back_hidden",
)


def collect(
    found: Iterable[Path],
    out: Path,
    model: PoseModel,
    look_at: Callable[[Path, dict[str, Any], PoseModel], dict[str, Any]],
) -> int:
    """Collect what the app sees of rendered clips or photos.

    Parameters
    ----------
    found : iterable of Path
        Each with its truth (.json) beside it.
    out : Path
        Folder for the npz files.
    model : PoseModel
    look_at : callable
        Gives the arrays to keep, from path, truth and model.

    Returns
    -------
    int
        How many were collected now.
    """
    out.mkdir(parents=True, exist_ok=True)
    done = 0
    for path in found:
        target = out / f"{path.stem}.npz"
        if target.exists():
            continue
        truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        try:
            content = look_at(path, truth, model)
        except TwoBowlsError as error:
            print(f"{path.stem}: {error.text}")
            content = {"problem": np.array(error.reason)}
        part = target.with_suffix(".part")
        with part.open("wb") as file:
            np.savez_compressed(file, **content)
        part.replace(target)
        done += 1
    return done


def look_at(clip: Path, truth: dict[str, Any], model: PoseModel) -> dict[str, Any]:
    """Take the footage of a clip, with the truth at its moments."""
    with FilmReader(clip) as reader, SmallFilm(reader) as film:
        scene = scout(film, model)
        footage = take_footage(film, model, scene)
    return {**footage_arrays(footage), **truth_arrays(truth, footage.track.time_s)}


def footage_arrays(footage: Footage) -> dict[str, Any]:
    """Return footage as arrays to keep."""
    track = footage.track
    return {
        "time_s": track.time_s,
        "xy_px": track.xy_px.astype(np.float32),
        "world_m": track.world_m.astype(np.float32),
        "visibility": track.visibility.astype(np.float32),
        "side": np.array(footage.side),
        "body_px": np.array(footage.body_px),
        "ray_px": footage.ray_px.astype(np.float32),
        "back_px": footage.back_px.astype(np.float32),
        "patch": footage.patch,
        "top_px": footage.top_px,
        "brightness": np.array(footage.brightness),
        "roll_deg": np.array(footage.roll_deg),
    }


def truth_arrays(truth: dict[str, Any], time_s: NDArray[np.float64]) -> dict[str, Any]:
    """Return the truth at some moments, of shape (T,), as arrays to keep."""
    frames = truth["frames"]
    times = np.array([f["t"] for f in frames])
    nearest = np.abs(times[None] - time_s[:, None]).argmin(axis=1)
    columns = {
        f"true_{name}": np.array([f.get(name, np.nan) for f in frames], dtype=float)[nearest]
        for name in TRUTHS
    }
    meta = {k: v for k, v in truth["meta"].items() if k not in ("spec", "feasibility_log")}
    return {**columns, "meta": np.array(json.dumps(meta))}
