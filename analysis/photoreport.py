"""The reports of the ankle test and of a squat still, as JSON; see `analysis.report`."""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from analysis.ankle import NO_SCALE, AnkleReading, Scale, verdict
from analysis.photo import Photo
from analysis.report import SCHEMA, MadeWith, Note, ViewInfo, clean

Points = dict[str, tuple[float, float] | None]

_NO_POINTS: Points = {"knee": None, "ankle": None, "heel": None, "toe": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoReport:
    """What was measured on a photo of an ankle test; NaN = not measured."""

    made_with: MadeWith
    width: int
    height: int
    view: ViewInfo
    scale: Scale = NO_SCALE
    side: Literal["left", "right"] | None = None
    ankle_deg: float = math.nan
    ankle_sd_deg: float = math.nan
    knee_past_toe_cm: float = math.nan
    knee_past_toe_sd_cm: float = math.nan
    heel_up: bool | None = None
    points_px: Points = field(default_factory=lambda: dict(_NO_POINTS))
    verdict: str | None = None
    warnings: tuple[Note, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the report as the contract lays it out."""
        content = {"schema": SCHEMA, **asdict(self)}
        content["photo"] = {"width": content.pop("width"), "height": content.pop("height")}
        cleaned = clean(content)
        assert isinstance(cleaned, dict)
        return cleaned


@dataclass(frozen=True, slots=True, kw_only=True)
class StillReport(PhotoReport):
    """What was measured on a photo of the bottom of a squat."""

    thigh_deg: float = math.nan
    trunk_deg: float = math.nan
    lumbar_change_deg: float = math.nan
    lumbar_change_sd_deg: float = math.nan


def empty(made_with: MadeWith, photo: Photo, note: Note, *, reason: str) -> dict[str, Any]:
    """Return the fields of a report on a photo in which nothing could be measured."""
    return {
        "made_with": made_with,
        "width": photo.width_px,
        "height": photo.height_px,
        "view": ViewInfo(side=None, yaw_deg=math.nan, use="unusable", reason=reason),
        "warnings": (note,),
    }


def ankle_report(
    reading: AnkleReading,
    *,
    made_with: MadeWith,
    photo: Photo,
    view: ViewInfo,
    warnings: tuple[Note, ...] = (),
) -> PhotoReport:
    """Return the report of one try."""
    return PhotoReport(
        made_with=made_with,
        width=photo.width_px,
        height=photo.height_px,
        view=view,
        scale=reading.scale,
        side=reading.side,
        ankle_deg=reading.ankle_deg,
        ankle_sd_deg=reading.angle_sd_deg,
        knee_past_toe_cm=reading.past_toe_cm,
        knee_past_toe_sd_cm=reading.past_toe_sd_cm,
        heel_up=reading.heel_up,
        points_px=asdict(reading.points),
        verdict=verdict(reading),
        warnings=warnings,
    )


def write_photo_report(report: PhotoReport, path: Path) -> None:
    """Write a report as JSON."""
    text = json.dumps(report.as_json(), allow_nan=False, separators=(",", ":"))
    path.write_text(text, encoding="utf-8")
