"""Makes up the results of photos, with the same files and exit codes as the real child."""

import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np

SIZE_PX = (900, 1200)
POINTS = {"knee": [420.0, 760.0], "ankle": [300.0, 1020.0], "heel": [250.0, 1080.0],
          "toe": [430.0, 1085.0]}  # fmt: skip
#: What the child found of a photo that begins with one of these.
SCENES = {
    b"left": ("left", 37.6, 1.0),
    b"right": ("right", 31.2, 1.0),
    b"heel": ("left", 44.0, 14.0),
}


def make(request: dict[str, Any]) -> int:
    """Play the measuring of a photo; the upload names the scene."""
    content, task = Path(request["film"]).read_bytes(), request["photo"]
    if content.startswith(b"nobody"):
        sys.stderr.write("Nobody could be found in this photo.\n")
        return 3
    side, shank, heel = next(
        (scene for start, scene in SCENES.items() if content.startswith(start)), SCENES[b"left"]
    )
    out = Path(request["out"])
    done, jpeg = cv2.imencode(".jpg", np.full((400, 300, 3), 120, np.uint8))
    assert done
    (out / "photo.jpg").write_bytes(jpeg.tobytes())
    is_still = task["kind"] == "still"
    lumbar = 14.0 if task["standing_at"] else None
    report: dict[str, Any] = {
        "schema": 1,
        "made_with": {"app": "0", "estimator_sha": "a", "pose_model_sha": "b"},
        "photo": {"width": SIZE_PX[0], "height": SIZE_PX[1]},
        "view": {"side": side, "yaw_deg": 3.0, "use": "good", "reason": ""},
        "scale": {"cm_per_px": None, "source": None},
        "side": side,
        "ankle_deg": shank,
        "ankle_sd_deg": 1.8,
        "knee_past_toe_cm": None,
        "knee_past_toe_sd_cm": None,
        "heel_up": heel > 4,
        "points_px": POINTS,
        "verdict": "The thigh is 12 degrees below parallel, give or take 6." if is_still else "",
        "warnings": [],
    }
    if is_still:
        report |= {"thigh_deg": -12.0, "trunk_deg": 41.0, "lumbar_change_deg": lumbar,
                   "lumbar_change_sd_deg": None if lumbar is None else 3.0}  # fmt: skip
    page = {
        "side": side, "facing": 1.0, "shank_deg": shank, "heel_deg": heel, "past_toe_px": 60.0,
        "angle_sd_deg": 1.8, "past_toe_sd_px": 5.0, "points": POINTS, "yaw_deg": 3.0,
        "height_px": 1000.0, "thigh_sd_deg": 3.0,
    }  # fmt: skip
    (out / "report.json").write_text(json.dumps(report))
    (out / "page.json").write_text(json.dumps(page))
    return 0
