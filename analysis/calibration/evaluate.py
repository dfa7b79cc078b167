"""The table of errors: the whole app against truth, on test clips that training never saw.

What is compared is the report, the same that a lifter gets, with the lifter's
height given. Bodies, clothes, rooms and cameras of the test clips are drawn from
a stream of their own (see :data:`analysis.calibration.sample.SPLIT_STREAM`).
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.dataset import DEEP_DEG
from analysis.pipeline import analyse, shipped_sha256
from analysis.pose import PoseModel
from analysis.wink import LEAST_CHANGE_DEG

Row = dict[str, Any]

# A frame of the report belongs to a frame of the truth within this time.
_SAME_FRAME_S = 0.05
# A bottom of the report belongs to a repetition of the truth within this time of it.
_SAME_REP_S = 0.2
_STANDS_ARCHED = ("extension_to_neutral", "arch_past_neutral")
# Tucks this near to the least change that counts may be called either way.
_EITHER_DEG = 2.0

FRAME_NAMES = {
    "lumbar": ("lumbar_deg", "lumbar_flexion_vs_standing_deg"),
    "thigh": ("thigh_deg", "thigh_deg"),
    "ankle": ("ankle_deg", "ankle_dorsiflexion_deg"),
    "trunk": ("trunk_deg", "trunk_line_lean_deg"),
}
#: Decimals of the figures that are kept.
DIGITS = 3


@dataclass(slots=True)
class Errors:
    """Errors of one quantity; `asked` counts the missing ones too."""

    asked: int = 0
    found: list[float] = field(default_factory=list)
    inside: list[bool] = field(default_factory=list)

    def add(self, error: float, *, sd: float = np.nan) -> None:
        """Add one error, with the standard deviation that was stated for it."""
        self.asked += 1
        if np.isfinite(error):
            self.found.append(error)
            if np.isfinite(sd):
                self.inside.append(abs(error) <= 2 * sd)

    def summary(self) -> Row:
        """Return mean error, bias, and the shares given and within two standard deviations."""
        values = np.array(self.found)
        return {
            "mean_error": _round(np.abs(values).mean()) if len(values) else None,
            "bias": _round(values.mean()) if len(values) else None,
            "given": _round(len(values) / self.asked) if self.asked else None,
            "within_2_sd": _round(np.mean(self.inside)) if self.inside else None,
        }


def write(reports: Path, clips: Path, out: Path) -> list[Row]:
    """Write the table of errors over the reports of a folder.

    Parameters
    ----------
    reports : Path
        Reports of :func:`report_clip`, named after their clips.
    clips : Path
        The folder with the truth files.
    out : Path
        The file that ships with the app.

    Returns
    -------
    list of dict
        The rows.
    """
    sha = shipped_sha256()
    pairs = [
        (json.loads(p.read_text()), json.loads((clips / p.name).read_text()))
        for p in sorted(reports.glob("*.json"))
    ]
    rows = table(pair for pair in pairs if pair[0]["made_with"]["estimator_sha"] == sha)
    content = {"estimator_sha": sha, "deep_below_deg": DEEP_DEG, "rows": rows}
    out.write_text(json.dumps(content, indent=1) + "\n")
    return rows


def report_clip(clip: Path, target: Path, model: PoseModel) -> None:
    """Write the report of a clip unless one by the same estimator is there.

    Parameters
    ----------
    clip : Path
        The film, with its truth (.json) beside it.
    target : Path
        Where the report goes.
    model : PoseModel
    """
    sha = shipped_sha256()
    if target.exists() and json.loads(target.read_text())["made_with"]["estimator_sha"] == sha:
        return
    truth = json.loads(clip.with_suffix(".json").read_text(encoding="utf-8"))
    height_cm = truth["meta"]["body"]["height_barefoot_cm"]
    report = analyse(clip, model=model, height_cm=height_cm).report.as_json()
    part = target.with_suffix(".part")
    part.write_text(json.dumps(report, separators=(",", ":")))
    part.replace(target)


def expected_kind(truth: Row) -> set[str]:
    """Say which verdicts on a set are right.

    Parameters
    ----------
    truth : dict
        A truth file.

    Returns
    -------
    set of str
        Two where the tuck is about as large as the least change that counts, or
        where half of the repetitions tuck by about that.
    """
    whole = [r for r in truth["meta"]["reps"] if not r.get("partial")]
    tucks = np.array([r["peak_tuck_deg"] for r in whole])
    changes = np.array([r["peak_lumbar_flexion_vs_standing_deg"] for r in whole])
    is_arched = truth["meta"]["kind"] in _STANDS_ARCHED

    def verdict(least_deg: float) -> str:
        winking = tucks >= least_deg
        if len(tucks) and 2 * winking.sum() >= len(tucks):
            return "wink"
        # Who comes back from an arched standing without going past it tucks by nothing.
        back = changes[~winking] >= least_deg
        return "arch_to_neutral" if is_arched and 2 * back.sum() >= max(len(back), 1) else "none"

    return {verdict(LEAST_CHANGE_DEG - _EITHER_DEG), verdict(LEAST_CHANGE_DEG + _EITHER_DEG)}


def groups_of(truth: Row) -> dict[str, str]:
    """Sort a clip into the groups of the table: film, view, clothes, load and depth."""
    meta = truth["meta"]
    yaw = abs(meta["camera"]["yaw_deg"])
    depth = min((r["bottom"]["thigh_deg"] for r in meta["reps"]), default=np.nan)
    return {
        "film": "as asked for" if meta["advised"] else "made hard on purpose",
        "view": "within 8° of square"
        if yaw <= 8
        else "8 to 15° off"
        if yaw <= 15
        else "more than 15° off",
        "clothes": meta["outfit"]["top"],
        "load": "barbell" if meta["barbell"] else "no barbell",
        "depth": "ends above parallel"
        if depth > 5
        else "about parallel"
        if depth > -5
        else "below parallel",
    }


def table(pairs: Iterable[tuple[Row, Row]]) -> list[Row]:
    """Work out the table of errors.

    Parameters
    ----------
    pairs : iterable of (report, truth)

    Returns
    -------
    list of dict
        One row for all clips and one for each group, in a fixed order.
    """
    sorted_in: dict[tuple[str, str], list[tuple[Row, Row]]] = {}
    for report, truth in pairs:
        groups = {"all": "all clips", **groups_of(truth)}
        for split, name in groups.items():
            sorted_in.setdefault((split, name), []).append((report, truth))
    order = {
        split: k for k, split in enumerate(["all", "film", "view", "clothes", "load", "depth"])
    }
    keys = sorted(sorted_in, key=lambda key: (order[key[0]], key[1]))
    return [{"split": split, "group": name, **_row(sorted_in[split, name])} for split, name in keys]


def _row(pairs: Sequence[tuple[Row, Row]]) -> Row:
    errors: dict[str, Errors] = {}

    def of(name: str) -> Errors:
        return errors.setdefault(name, Errors())

    kinds = [_said(report) for report, _ in pairs]
    expected = [expected_kind(truth) for _, truth in pairs]
    for report, truth in pairs:
        _frame_errors(report, truth, of)
        _rep_errors(report, truth, of)
    quiet = [kind for kind, right in zip(kinds, expected, strict=True) if "wink" not in right]
    told = [
        kind in right
        for kind, right in zip(kinds, expected, strict=True)
        if kind not in ("cannot_tell", "refused")
    ]
    return {
        "clips": len(pairs),
        "errors": {name: e.summary() for name, e in errors.items()},
        "told": _round(len(told) / len(pairs)),
        "right_of_told": _round(np.mean(told)) if told else None,
        "false_winks": _round(quiet.count("wink") / len(quiet)) if quiet else None,
    }


def _said(report: Row) -> str:
    return str(report["summary"]["kind"]) if report.get("summary") else "refused"


def _column(rows: Sequence[Row], name: str) -> NDArray[np.float64]:
    return np.array([np.nan if r.get(name) is None else r[name] for r in rows], dtype=float)


def _frame_errors(report: Row, truth: Row, of: Callable[[str], Errors]) -> None:
    rows, frames = report["frames"], truth["frames"]
    t = _column(frames, "t")
    if rows:
        nearest = np.abs(_column(rows, "t")[None] - t[:, None]).argmin(axis=1)
        far = np.abs(_column(rows, "t")[nearest] - t) > _SAME_FRAME_S
    deep = _column(frames, "thigh_deg") < DEEP_DEG
    for name, (mine, theirs) in FRAME_NAMES.items():
        said = np.full(len(t), np.nan)
        sd = np.full(len(t), np.nan)
        if rows:
            said = np.where(far, np.nan, _column(rows, mine)[nearest])
            sd = _column(rows, mine.replace("_deg", "_sd_deg"))[nearest]
        for error, band in zip((said - _column(frames, theirs))[deep], sd[deep], strict=True):
            of(f"{name}_deep_deg").add(float(error), sd=float(band))


def _rep_errors(report: Row, truth: Row, of: Callable[[str], Errors]) -> None:
    whole = [r for r in report["reps"] if not r["partial"]]
    for true in truth["meta"]["reps"]:
        if true.get("partial"):
            continue
        begin, end = true["start_s"] - _SAME_REP_S, true["end_s"] + _SAME_REP_S
        mine: Row = next((r for r in whole if begin <= r["bottom_s"] <= end), {})
        for name, field_, theirs in (
            ("depth_deg", "depth_deg", true["bottom"]["thigh_deg"]),
            ("max_ankle_deg", "max_ankle_deg", true["max_ankle_dorsiflexion_deg"]),
            ("knee_past_toe_cm", "max_knee_past_toe_cm", true["bottom"]["knee_past_toe_cm"]),
        ):
            stem, _, unit = field_.rpartition("_")
            of(name).add(_number(mine, field_) - theirs, sd=_number(mine, f"{stem}_sd_{unit}"))
        tuck5 = (true.get("wink") or {}).get("tuck5")
        wink = mine.get("wink") or {}
        if tuck5 and wink.get("kind") == "wink":
            of("onset_s").add(_number(wink, "onset_s") - tuck5["time_s"])
            of("onset_thigh_deg").add(
                _number(wink, "onset_thigh_deg") - tuck5["thigh_deg"],
                sd=_number(wink, "onset_thigh_sd_deg"),
            )
            of("peak_deg").add(
                _number(wink, "peak_deg") - true["peak_tuck_deg"],
                sd=_number(wink, "peak_sd_deg"),
            )


def _number(row: Row, name: str) -> float:
    value = row.get(name)
    return float("nan") if value is None else float(value)


def _round(value: float | np.floating[Any]) -> float:
    return round(float(value), DIGITS)
