"""All that is drawn over the film and under it, packed into a few kilobytes."""

import base64
import gzip
import json
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from pages.shared import figures
from pages.shared.result import MISSING, Floats, Rep, Report, Result

# From this band on the angle is not drawn: a tuck of 8 degrees, the least that counts, would
# be drowned in it. The band of a good film is 5 to 9 at the bottom.
WIDEST_BAND_DEG: Final = 10.0
# Half a picture of room: the moment on show is rounded to a picture.
_ROOM_S: Final = 0.02


def pack(result: Result, *, box: tuple[int, int, int, int], poster: bytes) -> bytes:
    """Pack what the scrubber needs, as gzipped JSON.

    Parameters
    ----------
    result : Result
        One with pictures.
    box : tuple of int
        Part of the preview picture to show: x0, y0, x1, y1.
    poster : bytes
        JPEG of that part at the moment the page opens at, for the time until the
        film has come.

    Notes
    -----
    Points are kept as steps from picture to picture, which pack to half the size.
    """
    overlay = result.overlay
    if overlay is None:
        raise ValueError("expected a result with pictures")
    report = result.report
    times = overlay.time_s
    nearest = np.abs(report.frames["t"][None, :] - times[:, None]).argmin(axis=1)
    lumbar = report.frames["lumbar_deg"][nearest]
    band = 2 * report.frames["lumbar_sd_deg"][nearest]
    content = {
        "id": result.id,
        "wide": overlay.size_px[0],
        "high": overlay.size_px[1],
        "box": box,
        "poster": base64.b64encode(poster).decode("ascii"),
        "start": report.flagged_s if np.isfinite(report.flagged_s) else 0.0,
        "t": [round(float(t), 4) for t in times],
        "missing": int(MISSING),
        "names": overlay.joint_names,
        "joints": _steps(overlay.joints_px),
        "outline": _steps(overlay.back_px),
        "thigh": _listed(thigh_deg(report, times)),
        "lumbar": _listed(lumbar),
        "band": _listed(band),
        "tilt": _listed(np.where(band >= WIDEST_BAND_DEG, np.nan, lumbar)),
        "tucked": [int(is_tucked(report, float(t))) for t in times],
        "reps": [_rep(rep) for rep in report.reps],
        "flags": _flags(report),
    }
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    # Without a time of its own the same scene is the same bytes in every run.
    return gzip.compress(text.encode("utf-8"), mtime=0)


def thigh_deg(report: Report, times_s: Floats) -> Floats:
    """Thigh angle at the pictures, and at the one nearest to an onset that of the onset.

    An onset lies between two pictures, of which each may be some degrees off; the
    picture that is shown for it must not speak against the verdict.
    """
    nearest = np.abs(report.frames["t"][None, :] - times_s[:, None]).argmin(axis=1)
    thigh = report.frames["thigh_deg"][nearest]
    for rep in report.reps:
        if np.isfinite([rep.wink.onset_s, rep.wink.onset_thigh_deg]).all():
            thigh[np.abs(times_s - rep.wink.onset_s).argmin()] = rep.wink.onset_thigh_deg
    return thigh


def is_tucked(report: Report, time_s: float) -> bool:
    """Tell whether a moment lies between onset and release of a wink."""
    for rep in report.reps:
        wink = rep.wink
        if wink.kind != "wink" or not np.isfinite(wink.onset_s):
            continue
        released = wink.release_s if np.isfinite(wink.release_s) else rep.end_s
        if wink.onset_s - _ROOM_S <= time_s <= released:
            return True
    return False


def _steps(points: Floats) -> list[list[int]]:
    """Columns x, y, x, y ... over time, each number as the step from the one before."""
    whole = np.where(np.isfinite(points), np.rint(np.nan_to_num(points)), MISSING)
    columns = whole.astype(np.int32).reshape(len(points), -1).T
    steps: list[list[int]] = np.diff(columns, axis=1, prepend=0).tolist()
    return steps


def _listed(values: Floats) -> list[float | None]:
    return [round(float(value), 1) if np.isfinite(value) else None for value in values]


def _rep(rep: Rep) -> dict[str, Any]:
    return {
        "number": rep.number,
        "name": f"Rep {rep.number}",
        "start": _known(rep.start_s),
        "end": _known(rep.end_s),
        "moments": [
            {
                "name": moment.name,
                "t": round(float(moment.time_s), 4),
                "flag": rep.wink.kind == "wink" and moment.time_s == rep.wink.onset_s,
                "place": place,
            }
            for place, moment in enumerate(moments(rep))
            if np.isfinite(moment.time_s)
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment of a rep that has a name; NaN where the film does not show when it was."""

    name: str
    time_s: float


def moments(rep: Rep) -> tuple[Moment, ...]:
    """List the four moments of a rep, in the order in which they come."""
    turn, back = _turns(rep)
    return (
        Moment(name="Standing", time_s=rep.standing_s),
        Moment(name=turn, time_s=rep.wink.onset_s),
        Moment(name="Bottom", time_s=rep.bottom_s),
        Moment(name=back, time_s=rep.wink.release_s),
    )


def _turns(rep: Rep) -> tuple[str, str]:
    """Name where the lower back begins to move and where it is back."""
    if rep.wink.kind == "arch_to_neutral":  # an arch that goes is no tuck
        return "Arch goes", "Arch is back"
    return "Tuck starts", "Tuck releases"


def _known(time_s: float) -> float:
    return round(float(time_s), 4) if np.isfinite(time_s) else 0.0


def _flags(report: Report) -> list[dict[str, Any]]:
    """List what the timeline marks: those that snap, and the crossings of parallel."""
    flags = []
    for rep in report.reps:
        is_told = rep.wink.kind in ("wink", "arch_to_neutral")
        moments = [("bottom", "Bottom", rep.bottom_s, report.at(rep.bottom_s, "thigh_deg"))]
        if is_told:
            onset, release = rep.wink.onset_s, rep.wink.release_s
            turn, back = _turns(rep)
            moments.insert(0, ("onset", turn, onset, rep.wink.onset_thigh_deg))
            moments.append(("release", back, release, report.at(release, "thigh_deg")))
        flags += [
            {
                "t": round(float(time_s), 4),
                "kind": kind,
                "snaps": True,
                "wink": rep.wink.kind == "wink",
                "label": f"{label}, rep {rep.number}, thigh {figures.depth(thigh)}",
            }
            for kind, label, time_s, thigh in moments
            if np.isfinite(time_s)
        ]
    crossings = [
        {"t": round(t, 4), "kind": "parallel", "snaps": False, "label": "Parallel"}
        for t in _crossings(report.frames["t"], report.frames["thigh_deg"])
    ]
    return sorted([*flags, *crossings], key=lambda flag: float(str(flag["t"])))


def _crossings(times: Floats, thigh: Floats) -> list[float]:
    """Find the times at which the thigh passes level, between two pictures."""
    before, after = thigh[:-1], thigh[1:]
    found = np.flatnonzero((before >= 0) != (after >= 0))
    found = found[np.isfinite(before[found]) & np.isfinite(after[found])]
    share = before[found] / (before[found] - after[found])
    return [float(t) for t in times[found] + share * (times[found + 1] - times[found])]
