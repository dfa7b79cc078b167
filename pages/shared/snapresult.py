"""What a child left of a photo, checked once: data from another process, never trusted.

The picture is handed on as bytes and looked at by nobody here.
"""

import json
import math
from dataclasses import dataclass
from typing import Any, Final

from analysis.ankle import AnkleReading, LegPoints
from pages.shared import jobs
from pages.shared.result import BrokenResultError

# A picture of 1280 pixels has about 250 kB, a report 2 kB.
_MOST_BYTES: Final = 4 << 20
_POINTS: Final = ("knee", "ankle", "heel", "toe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A photo that was measured.

    Attributes
    ----------
    id : str
        Secret name of its job.
    picture : bytes
        JPEG.
    size_px : (width, height)
        Of the upright photo, which points are given in.
    report : dict
    reading : AnkleReading or None
        Of an ankle test.
    height_px : float
        Body height in the photo; NaN for a still.
    thigh_sd_deg : float
        Of a still.
    """

    id: str
    picture: bytes
    size_px: tuple[int, int]
    report: dict[str, Any]
    reading: AnkleReading | None
    height_px: float
    thigh_sd_deg: float

    @property
    def notes(self) -> list[str]:
        """What the report warns of."""
        return [str(note["text"]) for note in self.report["warnings"]]


def load(job: jobs.Job) -> Snapshot:
    """Read what a job left.

    Raises
    ------
    BrokenResultError
        If it is missing or does not fit together.
    """
    try:
        parts = {name: _read(job, name) for name in (jobs.REPORT, jobs.PAGE, jobs.PICTURE)}
        report, page = (json.loads(parts[name]) for name in (jobs.REPORT, jobs.PAGE))
        size = (int(report["photo"]["width"]), int(report["photo"]["height"]))
        if min(size) < 1 or not isinstance(report["warnings"], list):
            raise ValueError("expected the size of a photo and a list of warnings")
        is_ankle = job.photo is not None and job.photo.kind == "ankle"
        return Snapshot(
            id=job.id,
            picture=parts[jobs.PICTURE],
            size_px=size,
            report=report,
            reading=_reading(page) if is_ankle else None,
            height_px=_number(page.get("height_px")),
            thigh_sd_deg=_number(page.get("thigh_sd_deg")),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BrokenResultError(str(error)) from error


def number(report: dict[str, Any], name: str) -> float:
    """Return a figure of a report; NaN = not measured."""
    return _number(report.get(name))


def _read(job: jobs.Job, name: str) -> bytes:
    path = job.folder / name
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"{name} is too large")
    return path.read_bytes()


def _reading(page: dict[str, Any]) -> AnkleReading:
    names = ("shank_deg", "heel_deg", "past_toe_px", "angle_sd_deg", "past_toe_sd_px")
    numbers = {name: _number(page[name]) for name in names}
    if not all(map(math.isfinite, numbers.values())) or page["side"] not in ("left", "right"):
        raise ValueError("expected the figures of an ankle test")
    points = {n: (_number(page["points"][n][0]), _number(page["points"][n][1])) for n in _POINTS}
    return AnkleReading(
        side=page["side"],
        facing=1.0 if page["facing"] > 0 else -1.0,
        points=LegPoints(**points),
        **numbers,
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
