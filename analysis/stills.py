"""Small pictures of the moments of a clip that matter, to keep beside its figures."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analysis import draw, video
from analysis.keepfile import Still

Points = NDArray[np.float64]

# Sharp enough for half of a phone's width at twice its pixels; about 15 kB each.
_WIDTH_PX: Final = 300
# Reps of which pictures are kept, beside the flagged one.
_MOST_REPS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What is drawn over the preview film, in its pixels; NaN = missing.

    Attributes
    ----------
    time_s : ndarray, shape (T,)
    joints_px : ndarray, shape (T, J, 2)
    joint_names : tuple of str
    back_px : ndarray, shape (T, B, 2)
    box : (left, top, right, bottom)
        The part of the picture to cut out.
    """

    time_s: Points
    joints_px: Points
    joint_names: tuple[str, ...]
    back_px: Points
    box: tuple[int, int, int, int]


def take(report: Mapping[str, Any], drawing: Drawing, preview: Path) -> list[Still]:
    """Take small pictures out of the preview film, the most important first.

    Parameters
    ----------
    report : mapping
        Of schema 1.
    drawing : Drawing
    preview : Path

    Returns
    -------
    list of Still
        Each moment once, with what was measured drawn into it.
    """
    stills: list[Still] = []
    for name, rep, time_s in moments(report):
        index = int(np.argmin(np.abs(drawing.time_s - time_s)))
        rgb, _ = video.read_frame_at(preview, float(drawing.time_s[index]))
        picture, scale = draw.cut(rgb, drawing.box, width_px=_WIDTH_PX)
        corner = np.array(drawing.box[:2], np.float64)
        joints = (drawing.joints_px[index] - corner) * scale
        drawn = draw.annotate(
            picture,
            dict(zip(drawing.joint_names, joints, strict=True)),
            (drawing.back_px[index] - corner) * scale,
            flagged=name == "onset",
        )
        stills.append(Still(name=name, rep=rep, t_s=round(time_s, 3), jpeg=draw.to_jpeg(drawn)))
    return stills


def moments(report: Mapping[str, Any]) -> list[tuple[str, int, float]]:
    """List the moments worth a picture: name, number of the rep, time in seconds.

    Those of the rep with the flagged moment come first.
    """
    reps = [
        (number, rep) for number, rep in enumerate(report["reps"], start=1) if not rep["partial"]
    ]
    flagged_s = _time((report["summary"] or {}).get("flagged_s"))
    # False sorts before True: the flagged rep first, then as they come.
    reps.sort(key=lambda pair: not pair[1]["start_s"] <= flagged_s <= pair[1]["end_s"])
    return [moment for number, rep in reps[:_MOST_REPS] for moment in _of_rep(number, rep)]


def _of_rep(number: int, rep: Mapping[str, Any]) -> Iterator[tuple[str, int, float]]:
    wink = rep["wink"] or {}
    named = {
        "onset": wink.get("onset_s"),
        "bottom": rep["bottom_s"],
        "standing": rep["standing_s"],
        "release": wink.get("release_s"),
    }
    for name, raw in named.items():
        time_s = _time(raw)
        if math.isfinite(time_s):
            yield name, number, time_s


def _time(value: float | None) -> float:
    return math.nan if value is None else float(value)
