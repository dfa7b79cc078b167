"""Can the tuck be guessed from depth, lean or ankle? It must not be.

A linear regression over reps of the peak tuck on the thigh angle at the bottom, the trunk's lean
there and the largest ankle angle.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.calibration import arms, motion
from analysis.calibration.sample import BAR_MODES, Clip, draw
from analysis.calibration.skeleton import Skeleton, average_skeleton
from analysis.calibration.truth import lean_angle

Array = NDArray[np.float64]

#: Largest share of the tuck's variance that the three angles together may explain.
LIMIT = 0.10
NAMES = ("thigh at the bottom", "trunk lean", "ankle")
# Where a bar lies and how deep a chest is on an average body, metres from T3 and T6.
_BACK_BAR, _FRONT_BAR, _CHEST = (0.0, 0.12, 0.0), (0.0, -0.16, 0.02), -0.13


@dataclass(frozen=True, slots=True)
class Reps:
    """Reps of many clips: angles (n, 3) as in NAMES, peak tuck (n,), kinds of the clips."""

    angles: Array
    tuck: Array
    kinds: list[str]


def average_arms(skeleton: Skeleton, clip: Clip) -> arms.ArmPlan:
    """Return the arms of a clip on an average body."""
    bar = None
    if clip.arms in BAR_MODES:
        bar = np.array(_BACK_BAR if clip.arms == "bar" else _FRONT_BAR)
    return arms.make(
        skeleton,
        mode=clip.arms,
        chest=_CHEST,
        bar=bar,
        grip=clip.load.grip,
        variety=clip.arm_variety,
    )


def from_draws(split: str, count: int) -> Reps:
    """Draw clips and pose only the bottom of each rep, on an average body; nothing is rendered."""
    skeleton, rows, tucks, kinds = average_skeleton(), [], [], []
    for index in range(count):
        clip = draw(split, index)
        mover = motion.Mover(skeleton, average_arms(skeleton, clip), clip)
        clip = motion.ease(clip, mover)
        kinds.append(clip.kind)
        for r in clip.reps:
            rows.append((r.thigh, _lean(clip, mover, r.tuck, r.thigh, r.shank), r.shank))
            tucks.append(r.tuck)
    return Reps(np.array(rows), np.array(tucks), kinds)


def _lean(clip: Clip, mover: motion.Mover, tuck: float, thigh: float, shank: float) -> float:
    m = clip.motion
    q = mover.pose(
        thigh=thigh,
        shank=shank,
        lumbar=m.lumbar_base + tuck,
        thoracic=m.thoracic_bottom,
        heel=m.heel_rise,
        u=1.0,
    )
    p = mover.balanced(q).points
    return lean_angle(p["hip"], 0.5 * (p["shoulderL"] + p["shoulderR"]))


def from_truth(folder: Path) -> Reps:
    """Take whole reps from the truth files in a folder."""
    rows, tucks, kinds = [], [], []
    for path in sorted(folder.glob("*.json")):
        meta = json.loads(path.read_text())["meta"]
        kinds.append(meta["kind"])
        for r in meta["reps"]:
            if not r["partial"]:
                low = r["bottom"]
                ankle = r["max_ankle_dorsiflexion_deg"]
                rows.append((low["thigh_deg"], low["trunk_line_lean_deg"], ankle))
                tucks.append(r["peak_tuck_deg"])
    return Reps(np.array(rows), np.array(tucks), kinds)


def r_squared(reps: Reps, columns: tuple[int, ...] = (0, 1, 2)) -> float:
    """Return the share of the tuck's variance that a straight line in the angles explains."""
    x = np.column_stack([reps.angles[:, list(columns)], np.ones(len(reps.tuck))])
    left = reps.tuck - x @ np.linalg.lstsq(x, reps.tuck, rcond=None)[0]
    return float(1 - left.var() / reps.tuck.var())


def describe(reps: Reps) -> str:
    """Return the regression and the spread of what was drawn, as lines of text."""
    lines = [
        f"{len(reps.kinds)} clips, {len(reps.tuck)} reps, "
        f"{(reps.tuck == 0).mean():.0%} without a tuck",
        f"R2 of peak tuck on all three: {r_squared(reps):.3f} (limit {LIMIT})",
    ]
    for k, name in enumerate(NAMES):
        low, middle, high = np.percentile(reps.angles[:, k], [2, 50, 98])
        lines.append(
            f"  {name:20} R2 {r_squared(reps, (k,)):.3f}, "
            f"{low:.0f} to {high:.0f}, median {middle:.0f}"
        )
    tucks = reps.tuck[reps.tuck > 0]
    counts, _ = np.histogram(tucks, bins=[0, 6, 12, 18, 24, 30, 40])
    lines.append(f"  tucks of 0-6-12-18-24-30-40 degrees: {counts.tolist()}")
    lines += [f"  {kind:22} {n}" for kind, n in Counter(reps.kinds).most_common()]
    return "\n".join(lines)
