"""What the analysis left behind, checked once and made into plain objects.

The report is read as data from another process: numbers that are missing (null)
become NaN, lists have the length they should have, and a report that does not
hold what the pages need is refused here and nowhere else.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pages.shared import jobs

Floats = npt.NDArray[np.float64]

KINDS = ("wink", "arch_to_neutral", "none", "cannot_tell")

# Value of a missing point in the overlay file.
MISSING = np.iinfo(np.int16).min

JOINTS = 13
BACK_POINTS = 24


class BrokenResultError(ValueError):
    """The files that the analysis wrote are missing or do not fit together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wink:
    """What is said about the lower back in one rep; NaN = not measured."""

    kind: str
    why: str
    onset_s: float
    onset_thigh_deg: float
    onset_thigh_sd_deg: float
    peak_deg: float
    peak_sd_deg: float
    release_s: float
    starts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """One squat, whole or cut off by the ends of the film."""

    number: int
    start_s: float
    standing_s: float
    bottom_s: float
    end_s: float
    partial: bool
    depth_deg: float
    depth_sd_deg: float
    ankle_deg: float
    ankle_sd_deg: float
    heel_rise: bool
    wink: Wink

    @property
    def flagged_s(self) -> float:
        """Moment to look at: where the tuck starts, else the bottom."""
        is_flagged = self.wink.kind in ("wink", "arch_to_neutral")
        if is_flagged and np.isfinite(self.wink.onset_s):
            return self.wink.onset_s
        return self.bottom_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The set as a whole."""

    kind: str
    starts: str
    onset_s: float
    onset_thigh_deg: float
    flagged_s: float
    stop_at_thigh_deg: float
    stop_at_hip_height_cm: float
    box_height_cm: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """The report file; ``raw`` is the file as it was written."""

    raw: Mapping[str, Any]
    reps: tuple[Rep, ...]
    summary: Summary
    warnings: tuple[tuple[str, str], ...]
    findings: tuple[Mapping[str, str], ...]

    @property
    def flagged_s(self) -> float:
        """Moment to open at: the one flagged, else the bottom of the first rep."""
        if np.isfinite(self.summary.flagged_s):
            return self.summary.flagged_s
        return self.reps[0].bottom_s if self.reps else float("nan")

    @cached_property
    def frames(self) -> Mapping[str, Floats]:
        """Columns of the frames, one value for each picture measured."""
        rows = self.raw.get("frames") or []
        names = ("t", "thigh_deg", "ankle_deg", "lumbar_deg", "lumbar_sd_deg")
        return {n: np.array([_number(row.get(n)) for row in rows], np.float64) for n in names}

    def at(self, time_s: float, name: str) -> float:
        """Value of a column in the frame nearest to a time."""
        times = self.frames["t"]
        if not times.size or not np.isfinite(time_s):
            return float("nan")
        return float(self.frames[name][int(np.argmin(np.abs(times - time_s)))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """What is drawn on the preview film, in its pixels; NaN = missing."""

    time_s: Floats
    joints_px: Floats
    back_px: Floats
    joint_names: tuple[str, ...]
    size_px: tuple[int, int]
    people_px: Floats
    people_time_s: float
    measured: int

    def __post_init__(self) -> None:
        count = len(self.time_s)
        expected = {
            "joints_px": (count, JOINTS, 2),
            "back_px": (count, BACK_POINTS, 2),
            "people_px": (len(self.people_px), 4),
        }
        for name, shape in expected.items():
            got = getattr(self, name).shape
            if got != shape:
                raise BrokenResultError(f"{name}: expected {shape}, got {got}")
        if len(self.joint_names) != JOINTS:
            raise BrokenResultError(f"expected {JOINTS} joint names, got {len(self.joint_names)}")

    def index_at(self, time_s: float) -> int:
        """Index of the frame nearest to a time."""
        return int(np.argmin(np.abs(self.time_s - time_s)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """All that a page shows of one film."""

    id: str
    report: Report
    overlay: Overlay | None
    preview: Path | None
    csv: bytes
    json: bytes


def load(job: jobs.Job) -> Result:
    """Read the files of a job that has ended with a report.

    Raises
    ------
    BrokenResultError
        If the report cannot be used. A missing picture is no error.
    """
    return load_folder(job.id, job.folder)


def load_folder(result_id: str, folder: Path) -> Result:
    """Read the files of a result that lie in a folder; see `load`."""
    try:
        text = (folder / jobs.REPORT).read_bytes()
        report = parse_report(json.loads(text))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BrokenResultError("the report cannot be read") from error
    csv = folder / jobs.FRAMES
    preview = folder / jobs.PREVIEW
    overlay = _load_overlay(folder / jobs.OVERLAY)
    has_picture = overlay is not None and preview.is_file()
    return Result(
        id=result_id,
        report=report,
        overlay=overlay if has_picture else None,
        preview=preview if has_picture else None,
        csv=csv.read_bytes() if csv.is_file() else b"",
        json=text,
    )


def parse_report(raw: Mapping[str, Any]) -> Report:
    """Make a report object from what stood in the file."""
    if raw.get("schema") != 1:
        raise BrokenResultError(f"expected schema 1, got {raw.get('schema')!r}")
    summary = raw.get("summary") or {}
    numbers = {
        name: _number(summary.get(name))
        for name in Summary.__dataclass_fields__
        if name not in ("kind", "starts")
    }
    return Report(
        raw=raw,
        reps=tuple(_rep(number, rep) for number, rep in enumerate(raw["reps"], start=1)),
        summary=Summary(kind=_kind(summary), starts=str(summary.get("starts") or ""), **numbers),
        warnings=tuple((str(w["id"]), str(w["text"])) for w in raw.get("warnings") or []),
        findings=tuple(
            {key: str(f.get(key) or "") for key in ("title", "evidence", "try")}
            for f in raw.get("findings") or []
        ),
    )


def _rep(number: int, raw: Mapping[str, Any]) -> Rep:
    return Rep(
        number=number,
        start_s=_number(raw.get("start_s")),
        standing_s=_number(raw.get("standing_s")),
        bottom_s=_number(raw.get("bottom_s")),
        end_s=_number(raw.get("end_s")),
        partial=bool(raw.get("partial")),
        depth_deg=_number(raw.get("depth_deg")),
        depth_sd_deg=_number(raw.get("depth_sd_deg")),
        ankle_deg=_number(raw.get("max_ankle_deg")),
        ankle_sd_deg=_number(raw.get("max_ankle_sd_deg")),
        heel_rise=bool(raw.get("heel_rise")),
        wink=_wink(raw.get("wink") or {}),
    )


def _wink(raw: Mapping[str, Any]) -> Wink:
    return Wink(
        kind=_kind(raw),
        why=str(raw.get("why") or ""),
        onset_s=_number(raw.get("onset_s")),
        onset_thigh_deg=_number(raw.get("onset_thigh_deg")),
        onset_thigh_sd_deg=_number(raw.get("onset_thigh_sd_deg")),
        peak_deg=_number(raw.get("peak_deg")),
        peak_sd_deg=_number(raw.get("peak_sd_deg")),
        release_s=_number(raw.get("release_s")),
        starts=str(raw.get("starts") or ""),
    )


def _kind(raw: Mapping[str, Any]) -> str:
    """Kind of a verdict; an unknown one is honestly no verdict."""
    kind = raw.get("kind")
    return str(kind) if kind in KINDS else "cannot_tell"


def _number(value: object) -> float:
    """Read a number, with null as NaN: missing is never 0."""
    return float("nan") if value is None else float(value)  # type: ignore[arg-type]


def _load_overlay(path: Path) -> Overlay | None:
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as data:
            overlay = Overlay(
                time_s=data["t_s"].astype(np.float64),
                joints_px=_points(data["joints_px"]),
                back_px=_points(data["back_px"]),
                joint_names=tuple(str(name) for name in data["joint_names"]),
                size_px=(int(data["size_px"][0]), int(data["size_px"][1])),
                people_px=data["people_px"].reshape(-1, 4).astype(np.float64),
                people_time_s=float(data["people_t_s"]),
                measured=int(data["measured"]),
            )
    except (OSError, EOFError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        raise BrokenResultError("the overlay cannot be read") from error
    return overlay if overlay.time_s.size else None


def _points(raw: npt.NDArray[np.int16]) -> Floats:
    """Pixel positions with the mark for missing turned into NaN."""
    points = raw.astype(np.float64)
    points[(raw == MISSING).any(axis=-1)] = np.nan
    return points
