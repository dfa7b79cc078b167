"""Two clips against each other: what differs, and whether that is more than the error.

A difference counts as real only above two standard deviations of the difference,
which holds the errors of both clips.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from analysis.label import Label

Report = Mapping[str, Any]
Curve = NDArray[np.float64]

Name = Literal["depth_deg", "onset_thigh_deg", "peak_deg", "max_ankle_deg", "down_s"]
NAMES: Final[tuple[Name, ...]] = (
    "onset_thigh_deg",
    "peak_deg",
    "depth_deg",
    "max_ankle_deg",
    "down_s",
)
Change = Literal["appears", "goes", "stays", "none", "unknown"]
Caution = Literal["same_clip", "other_estimator", "other_side", "oblique"]
Changed = Literal["load", "stance", "tempo", "shoes", "date"]

# A difference must be larger than so many standard deviations of it.
REAL_SDS: Final = 2.0
# Standard deviation of the time from the start of the way down to the bottom: 148 reps of
# the test clips of `analysis.calibration evaluate` (its bias, the same in both, cancels).
_DOWN_SD_S: Final = 0.22
# Depths at which curves are compared, degrees of thigh angle from standing to deep.
_GRID_DEG: Final = np.arange(84.0, -42.0, -2.0)
# From so many days between them on, two clips are "then and now".
_SOME_DAYS: Final = 7
# A trend needs so many days.
LEAST_DAYS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value with one standard deviation; NaN = not measured."""

    value: float = math.nan
    sd: float = math.nan

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return math.isfinite(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One quantity in two clips."""

    name: Name
    first: Estimate
    second: Estimate

    @property
    def change(self) -> float:
        """Second less first; NaN if one is missing."""
        return self.second.value - self.first.value

    @property
    def sd(self) -> float:
        """One standard deviation of the change: the errors of both together."""
        return math.hypot(self.first.sd, self.second.sd)

    @property
    def is_real(self) -> bool | None:
        """Whether the change is larger than its error; None if nobody can tell."""
        if not math.isfinite(self.change) or not math.isfinite(self.sd):
            return None
        return abs(self.change) > REAL_SDS * self.sd


@dataclass(frozen=True, slots=True, kw_only=True)
class DescentCurve:
    """Lower back at each depth on the way down, the mean of the reps.

    Attributes
    ----------
    thigh_deg, lumbar_deg, lumbar_sd_deg : ndarray, shape (D,)
        From standing to deep; NaN where no rep was measured.
    """

    thigh_deg: Curve
    lumbar_deg: Curve
    lumbar_sd_deg: Curve


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A quantity over days.

    Attributes
    ----------
    days : tuple of date
    values : tuple of Estimate
    per_month : Estimate
        Slope of the line through them, each weighed by its error.
    """

    name: Name
    days: tuple[date, ...]
    values: tuple[Estimate, ...]
    per_month: Estimate

    @property
    def is_real(self) -> bool:
        """Whether the slope is larger than its error."""
        return abs(self.per_month.value) > REAL_SDS * self.per_month.sd


def measure(report: Report) -> dict[Name, Estimate]:
    """Take the figures of a set out of its report: the mean of its whole reps.

    Parameters
    ----------
    report : mapping
        Of schema 1.

    Returns
    -------
    dict
        ``onset_thigh_deg`` only of a set that is a wink. The standard deviation holds
        the error of the measurement, which the reps of a film share, and that of a
        mean over few reps.
    """
    reps = [rep for rep in report["reps"] if not rep["partial"]]
    judged = [rep["wink"] for rep in reps if rep["wink"]["kind"] != "cannot_tell"]
    is_wink = bool(report["summary"]) and report["summary"]["kind"] == "wink"
    winks = [wink for wink in judged if wink["kind"] == "wink"] if is_wink else []
    return {
        "onset_thigh_deg": _mean(winks, "onset_thigh"),
        "peak_deg": _mean(judged, "peak"),
        "depth_deg": _mean(reps, "depth"),
        "max_ankle_deg": _mean(reps, "max_ankle"),
        "down_s": _of([(rep["bottom_s"] - rep["start_s"], _DOWN_SD_S) for rep in reps]),
    }


def differences(first: Report, second: Report) -> tuple[Difference, ...]:
    """Compare two reports quantity by quantity.

    Parameters
    ----------
    first, second : mapping
        Of schema 1.

    Returns
    -------
    tuple of Difference
        In the order of `NAMES`.
    """
    one, two = measure(first), measure(second)
    return tuple(Difference(name=name, first=one[name], second=two[name]) for name in NAMES)


def wink_change(first: Report, second: Report) -> Change:
    """Tell whether the wink of the first clip is in the second one.

    Returns
    -------
    str
        "appears" and "goes" only if the size of the tuck differs by more than its
        error: around the least change that counts the two verdicts are chance.
    """
    kinds = [(report["summary"] or {}).get("kind", "cannot_tell") for report in (first, second)]
    if "cannot_tell" in kinds:
        return "unknown"
    was, is_now = (kind == "wink" for kind in kinds)
    if was == is_now:
        return "stays" if was else "none"
    peak = next(d for d in differences(first, second) if d.name == "peak_deg")
    if not peak.is_real:
        return "unknown"
    return "appears" if is_now else "goes"


def cautions(first: Report, second: Report) -> tuple[Caution, ...]:
    """List what makes a comparison of two reports less than it seems."""
    found: list[Caution] = []
    if first["clip"] == second["clip"] and first["frames"] == second["frames"]:
        found.append("same_clip")
    made = [
        [r["made_with"][n] for n in ("estimator_sha", "pose_model_sha")] for r in (first, second)
    ]
    if made[0] != made[1]:
        found.append("other_estimator")
    sides = {report["view"]["side"] for report in (first, second)} - {None}
    if len(sides) > 1:
        found.append("other_side")
    if any(report["view"]["use"] != "good" for report in (first, second)):
        found.append("oblique")
    return tuple(found)


def changed(
    first: Label, second: Label, *, days: tuple[str | None, str | None] = (None, None)
) -> tuple[Changed, ...]:
    """List what the labels say is different between two clips; unsaid is no difference.

    Parameters
    ----------
    first, second : Label
    days : tuple of str or None
        ISO days of the two clips; a week apart is a difference.
    """
    found: list[Changed] = []
    if math.isfinite(first.load_kg + second.load_kg) and first.load_kg != second.load_kg:
        found.append("load")
    # Whoever names only the unusual has said that the other one was usual.
    if (first.stance or "usual") != (second.stance or "usual"):
        found.append("stance")
    if (first.tempo or "usual") != (second.tempo or "usual"):
        found.append("tempo")
    if first.shoes and second.shoes and first.shoes.casefold() != second.shoes.casefold():
        found.append("shoes")
    if days[0] and days[1]:
        apart = date.fromisoformat(days[1]) - date.fromisoformat(days[0])
        if abs(apart.days) >= _SOME_DAYS:
            found.append("date")
    return tuple(found)


def descent(report: Report) -> DescentCurve:
    """Average the lower back at each depth over the ways down of the whole reps.

    Parameters
    ----------
    report : mapping
        Of schema 1.

    Returns
    -------
    DescentCurve
    """
    names = ("t", "thigh_deg", "lumbar_deg", "lumbar_sd_deg")
    table = {
        name: np.array([_number(row[name]) for row in report["frames"]], np.float64)
        for name in names
    }
    ways, sds = [], []
    for rep in report["reps"]:
        if rep["partial"]:
            continue
        inside = (table["t"] >= rep["start_s"]) & (table["t"] <= rep["bottom_s"])
        known = inside & np.isfinite(table["thigh_deg"]) & np.isfinite(table["lumbar_deg"])
        # Where the lifter is deeper than ever before: so depth only grows.
        depth = -table["thigh_deg"][known]
        falls = depth >= np.maximum.accumulate(depth) if depth.size else np.zeros(0, bool)
        if falls.sum() < 2:
            continue
        x = depth[falls]
        ways.append(_at(x, table["lumbar_deg"][known][falls]))
        sds.append(_at(x, table["lumbar_sd_deg"][known][falls]))
    if not ways:
        empty = np.full(len(_GRID_DEG), np.nan)
        return DescentCurve(thigh_deg=_GRID_DEG, lumbar_deg=empty, lumbar_sd_deg=empty)
    # As far down as all reps go: where one drops out the mean would jump.
    mean = np.mean(ways, axis=0)
    return DescentCurve(
        thigh_deg=_GRID_DEG, lumbar_deg=mean, lumbar_sd_deg=np.asarray(np.mean(sds, axis=0))
    )


def trend(name: Name, clips: Sequence[tuple[str | None, Report]]) -> Trend | None:
    """Follow a quantity over days.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    clips : sequence of (ISO day or None, report)

    Returns
    -------
    Trend or None
        None unless there are three days with a value and its error.
    """
    known = []
    for day, report in clips:
        value = measure(report)[name]
        if day and value.is_known and math.isfinite(value.sd):
            known.append((date.fromisoformat(day), value))
    known.sort(key=lambda pair: pair[0])
    if len({day for day, _ in known}) < LEAST_DAYS:
        return None
    months = np.array([(day - known[0][0]).days / 30.0 for day, _ in known])
    values = np.array([value.value for _, value in known])
    weights = 1.0 / np.maximum([value.sd for _, value in known], 1e-6) ** 2
    centre = np.average(months, weights=weights)
    spread = float(np.sum(weights * (months - centre) ** 2))
    slope = float(np.sum(weights * (months - centre) * values)) / spread
    return Trend(
        name=name,
        days=tuple(day for day, _ in known),
        values=tuple(value for _, value in known),
        per_month=Estimate(value=slope, sd=spread**-0.5),
    )


def _mean(parts: Sequence[Mapping[str, Any]], name: str) -> Estimate:
    return _of([(_number(p[f"{name}_deg"]), _number(p[f"{name}_sd_deg"])) for p in parts])


def _of(pairs: Sequence[tuple[float, float]]) -> Estimate:
    """Mean over reps; the error of measuring is shared by them and does not average out."""
    known = [(value, sd) for value, sd in pairs if math.isfinite(value)]
    if not known:
        return Estimate()
    values, sds = np.array(known).T
    scatter = float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return Estimate(value=float(values.mean()), sd=math.hypot(float(sds.mean()), scatter))


def _at(depth: Curve, values: Curve) -> Curve:
    """Read a way down at the depths of the grid; NaN beyond its ends."""
    grid = -_GRID_DEG
    out = np.interp(grid, depth, values)
    out[(grid < depth[0]) | (grid > depth[-1])] = np.nan
    return np.asarray(out, np.float64)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
