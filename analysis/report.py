"""What crosses the border: the report as JSON, the curves as CSV, the overlay as npz.

The fields, their names and their signs are a contract with every reader of a
report. NaN never appears in JSON: null stands for what was not measured.
"""

import csv
import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from analysis.pose import Landmark
from analysis.wink import Kind, Starts, Wink

SCHEMA = 1
# Missing points in the overlay, whose pixels are whole numbers.
MISSING_PX = int(np.iinfo(np.int16).min)
JOINT_NAMES = (
    "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "toe",
    "far_hip", "far_knee", "far_ankle", "far_toe",
)  # fmt: skip
# Which of the 30 points of the back are drawn: from below the neck to the seat.
DRAWN_BACK = slice(3, 27)
# Digits after the point: enough for a scale in centimetres per pixel.
_DIGITS = 4

Curve = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeWith:
    """Versions, so that reports made by different ones are not compared silently."""

    app: str
    estimator_sha: str
    pose_model_sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipInfo:
    """The film; width and height upright."""

    duration_s: float
    frames_read: int
    fps: float
    width: int
    height: int
    rotation_deg: int
    filmed_on: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewInfo:
    """How the camera stands."""

    side: Literal["left", "right"] | None
    yaw_deg: float
    use: Literal["good", "oblique", "unusable"]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleInfo:
    """Centimetres per pixel of the upright film, in the plane of the lifter."""

    cm_per_px: float
    source: Literal["height"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingInfo:
    """The moment of standing that the two-bowls angle is relative to."""

    t_s: float
    arch_deg: float
    arch_sd_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """The curves; every array has shape (T,)."""

    t: Curve
    thigh_deg: Curve
    thigh_sd_deg: Curve
    ankle_deg: Curve
    ankle_sd_deg: Curve
    knee_deg: Curve
    trunk_deg: Curve
    lumbar_deg: Curve
    lumbar_sd_deg: Curve
    knee_past_toe_cm: Curve
    confidence: Curve

    def rows(self) -> list[dict[str, float | None]]:
        """One mapping per frame, as the report holds them."""
        names = list(self.__dataclass_fields__)
        columns = [getattr(self, name) for name in names]
        return [
            {name: _number(value) for name, value in zip(names, row, strict=True)}
            for row in zip(*columns, strict=True)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepInfo:
    """One repetition."""

    start_s: float
    standing_s: float
    bottom_s: float
    end_s: float
    partial: bool
    depth_deg: float
    depth_sd_deg: float
    max_ankle_deg: float
    max_ankle_sd_deg: float
    max_knee_past_toe_cm: float
    max_knee_past_toe_sd_cm: float
    heel_rise: bool
    wink: Wink | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The answer."""

    kind: Kind
    starts: Starts | None
    onset_s: float
    onset_thigh_deg: float
    flagged_s: float
    stop_at_thigh_deg: float
    stop_at_hip_height_cm: float
    box_height_cm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A warning: a short name and one plain sentence."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something worth testing, with what this film shows of it."""

    id: str
    title: str
    evidence: str
    try_: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that is known about a clip."""

    made_with: MadeWith
    clip: ClipInfo
    view: ViewInfo
    scale: ScaleInfo
    standing: StandingInfo
    frames: Frames
    reps: tuple[RepInfo, ...]
    summary: Summary | None
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Note, ...] = ()
    label: None = field(default=None)

    def as_json(self) -> dict[str, Any]:
        """Return the report as the contract lays it out, ready for :func:`json.dumps`."""
        content = {
            "schema": SCHEMA,
            "made_with": asdict(self.made_with),
            "clip": asdict(self.clip),
            "label": self.label,
            "view": asdict(self.view),
            "scale": asdict(self.scale),
            "standing": asdict(self.standing),
            "frames": self.frames.rows(),
            "reps": [asdict(rep) for rep in self.reps],
            "summary": None if self.summary is None else asdict(self.summary),
            "findings": [
                {"id": f.id, "title": f.title, "evidence": f.evidence, "try": f.try_}
                for f in self.findings
            ],
            "warnings": [asdict(w) for w in self.warnings],
        }
        cleaned = clean(content)
        assert isinstance(cleaned, dict)
        return cleaned


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """What is drawn over the preview film, in its pixels.

    Attributes
    ----------
    t_s : ndarray, shape (T,)
    joints_px : ndarray, shape (T, 13, 2)
        In the order of :data:`JOINT_NAMES`, NaN = missing.
    back_px : ndarray, shape (T, 24, 2)
    size_px : (width, height)
    people_px : ndarray, shape (P, 4)
        Boxes left, top, right, bottom of the people at `people_t_s`.
    people_t_s : float
    measured : int
        Index of the measured one; -1 = nobody.
    """

    t_s: Curve
    joints_px: NDArray[np.float64]
    back_px: NDArray[np.float64]
    size_px: tuple[int, int]
    people_px: NDArray[np.float64]
    people_t_s: float
    measured: int


def write_report(report: Report, path: Path) -> None:
    """Write a report as JSON.

    Parameters
    ----------
    report : Report
    path : Path
    """
    path.write_text(
        json.dumps(report.as_json(), allow_nan=False, separators=(",", ":")), encoding="utf-8"
    )


def write_csv(report: Report, path: Path) -> None:
    """Write one row per frame, with units in the header.

    Parameters
    ----------
    report : Report
    path : Path

    Notes
    -----
    Beside the curves: the number of the repetition (from 1), the phase (descent
    or ascent) and a 1 in the row nearest to an onset or a release.
    """
    frames = report.frames
    names = {name: name for name in frames.__dataclass_fields__} | {"t": "t_s"}
    header = [*names.values(), "rep", "phase", "onset", "release"]
    marks = [_mark(report, float(t)) for t in frames.t]
    onsets = _nearest_rows(frames.t, [r.wink.onset_s for r in report.reps if r.wink])
    releases = _nearest_rows(frames.t, [r.wink.release_s for r in report.reps if r.wink])
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for k, row in enumerate(frames.rows()):
            values = ["" if v is None else v for v in row.values()]
            writer.writerow([*values, *marks[k], int(k in onsets), int(k in releases)])


def write_overlay(overlay: Overlay, path: Path) -> None:
    """Write the overlay as npz with whole pixels.

    Parameters
    ----------
    overlay : Overlay
    path : Path
    """
    # Through a file object: savez would put ".npz" behind any other name.
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            t_s=overlay.t_s,
            joints_px=_whole(overlay.joints_px),
            joint_names=np.array(JOINT_NAMES),
            back_px=_whole(overlay.back_px),
            size_px=np.array(overlay.size_px, dtype=np.int16),
            people_px=_whole(overlay.people_px),
            people_t_s=np.float64(overlay.people_t_s),
            measured=np.int64(overlay.measured),
        )


def _whole(px: NDArray[np.float64]) -> NDArray[np.int16]:
    limit = np.iinfo(np.int16).max
    rounded = np.clip(np.round(np.nan_to_num(px)), -limit, limit)
    return np.where(np.isfinite(px), rounded, MISSING_PX).astype(np.int16)


def _mark(report: Report, t: float) -> tuple[int | str, str]:
    for number, rep in enumerate(report.reps, start=1):
        if rep.start_s <= t <= rep.end_s:
            return number, "descent" if t < rep.bottom_s else "ascent"
    return "", ""


def _nearest_rows(t: Curve, moments_s: list[float]) -> set[int]:
    return {int(np.abs(t - m).argmin()) for m in moments_s if not math.isnan(m)}


def _number(value: float) -> float | None:
    return round(float(value), _DIGITS) if math.isfinite(value) else None


def clean(value: object) -> object:
    """Turn NaN to None and round, all the way down, as reports hold their numbers."""
    if isinstance(value, dict):
        return {k: clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean(v) for v in value]
    if isinstance(value, float | np.floating):
        return _number(float(value))
    return value


def drawn_joints(near: int) -> list[int]:
    """Landmarks that are drawn, in the order of :data:`JOINT_NAMES`.

    Parameters
    ----------
    near : int
        0 if the lifter's left side is near the camera, 1 if the right one is.
    """
    mine = [
        Landmark.EAR, Landmark.SHOULDER, Landmark.ELBOW, Landmark.WRIST, Landmark.HIP,
        Landmark.KNEE, Landmark.ANKLE, Landmark.HEEL, Landmark.TOE,
    ]  # fmt: skip
    far = [Landmark.HIP, Landmark.KNEE, Landmark.ANKLE, Landmark.TOE]
    return [int(i) + near for i in mine] + [int(i) + 1 - near for i in far]
