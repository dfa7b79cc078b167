"""Fit the correction of the ankle test on rendered lunges, and say how far off it is.

Ridge regression, the strength of which is chosen for each output by leaving out a fifth of
the photos in turn; the standard deviations that ship are those of the photos left out.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis import ankle, lunge
from analysis.angles import unroll
from analysis.errors import TwoBowlsError
from analysis.photo import read_photo
from analysis.pose import Detection, PoseModel
from analysis.snapshot import find_lifter
from analysis.tracking import Region

Floats = NDArray[np.float64]
Row = dict[str, Any]

_FOLDS = 5
#: A point further off than this, in shank lengths, is not one of this leg.
_OWN_LEG = 0.4
_STRENGTHS = (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
#: A band of two standard deviations is to hold so many percent of the photos left out.
_HELD = 92
#: On other photos errors are a little larger than on those left out in turn.
_WIDEN = 1.05


def look_at(photo: Path, truth: Row, model: PoseModel) -> Row:
    """Take what the app sees of a photo, beside the truth; for `collect.collect`."""
    seen = find_lifter(read_photo(photo), model)
    content = {"roll_deg": np.array(lunge.roll_of(seen)), "truth": np.array(json.dumps(truth))}
    for k, look in enumerate(lunge.looks(seen, model)):
        content |= _packed(look, k)
    return content


def _packed(look: lunge.Look, k: int) -> Row:
    d, r = look.detection, look.region
    assert d.mask is not None
    return {
        f"xy_px_{k}": d.xy_px,
        f"world_m_{k}": d.world_m,
        f"visibility_{k}": d.visibility,
        f"mask_{k}": (255 * d.mask).astype(np.uint8),
        f"region_{k}": np.array([r.left_px, r.top_px, r.width_px, r.height_px, r.scale]),
        f"size_px_{k}": np.array(look.size_px),
    }


def _unpacked(file: Mapping[str, NDArray[Any]], k: int) -> lunge.Look:
    left, top, wide, high, scale = file[f"region_{k}"].tolist()
    return lunge.Look(
        detection=Detection(
            xy_px=file[f"xy_px_{k}"],
            world_m=file[f"world_m_{k}"],
            visibility=file[f"visibility_{k}"],
            mask=(file[f"mask_{k}"] / 255).astype(np.float32),
        ),
        region=Region(
            left_px=int(left),
            top_px=int(top),
            width_px=int(wide),
            height_px=int(high),
            scale=float(scale),
        ),
        size_px=(int(file[f"size_px_{k}"][0]), int(file[f"size_px_{k}"][1])),
    )


def _target(leg: lunge.FrontLeg, truth: Row) -> Floats:
    """Return what the regression has to say of a photo, in the order of `lunge.OUTPUTS`."""
    up, shank = leg.upright, leg.upright.shank_px
    suffix = "L" if truth["side"] == "left" else "R"
    px_per_cm = truth["px_per_cm"]
    found = {
        "shank_deg": truth["shank_deg"] - up.shank_deg(leg.facing),
        "heel_deg": truth["heel_deg"] - up.foot_deg(leg.facing),
        "past_toe": (truth["knee_past_toe_cm"] * px_per_cm - up.past_toe_px(leg.facing)) / shank,
        "yaw_deg": truth["yaw_deg"],
        "log_height": math.log(truth["height_cm"] * px_per_cm / shank),
        "is_near": float(truth["is_near"]),
    }
    about = np.array(leg.points.ankle)
    for name in ("knee", "ankle", "heel", "toe"):
        pixel = truth["points_px"][f"{'toe_tip' if name == 'toe' else name}_{suffix}"]
        there = unroll(np.array(pixel) - about, leg.roll_deg) + about
        dx, dy = there - np.array(getattr(up, name))
        found[f"{name}_x"], found[f"{name}_y"] = dx * leg.facing / shank, dy / shank
    return np.array([found[name] for name in lunge.OUTPUTS])


def fit(folder: Path) -> lunge.Correction:
    """Fit the regression on collected photos.

    Parameters
    ----------
    folder : Path
        Of what `look_at` gave; photos in which another leg was found are left out.
    """
    x, y = _load(folder)
    mean = np.nanmean(x, axis=0)
    spread = np.maximum(np.nanstd(x, axis=0), 1e-3)
    z = np.clip(np.nan_to_num((x - mean) / spread), -lunge.LIMIT_SD, lunge.LIMIT_SD)
    folds = np.arange(len(z)) % _FOLDS
    weights, bias, sd = (
        np.zeros((z.shape[1], y.shape[1])),
        np.zeros(y.shape[1]),
        np.zeros(y.shape[1]),
    )
    for k in range(y.shape[1]):
        errors = [_left_out(z, y[:, k], folds, strength) for strength in _STRENGTHS]
        scores = [float(np.mean(np.abs(e))) for e in errors]
        best = int(np.argmin(scores))
        weights[:, k], bias[k] = _ridge(z, y[:, k], _STRENGTHS[best])
        sd[k] = _WIDEN * float(np.percentile(np.abs(errors[best]), _HELD)) / 2
        name = lunge.OUTPUTS[k]
        print(
            f"{name:12s} strength {_STRENGTHS[best]:6.0f}  spread {np.std(y[:, k]):.3f}"
            f"  mean error left out {scores[best]:.3f}  sd {sd[k]:.3f}"
        )
    return lunge.Correction(mean=mean, spread=spread, weights=weights, bias=bias, sd=sd, sha256="")


def _load(folder: Path) -> tuple[Floats, Floats]:
    x, y = [], []
    for path in sorted(folder.glob("*.npz")):
        with np.load(path, allow_pickle=False) as file:
            if "problem" in file:
                continue
            truth = json.loads(str(file["truth"]))
            looks = [_unpacked(file, k) for k in range(2) if f"xy_px_{k}" in file]
            try:
                leg = lunge.front_leg(looks, roll_deg=float(file["roll_deg"]))
            except TwoBowlsError:
                continue
        target = _target(leg, truth)
        # Somebody else's leg, or the other one, teaches nothing.
        if np.abs(target[3:11]).max() < _OWN_LEG:
            x.append(leg.features)
            y.append(target)
    print(f"{len(x)} photos")
    return np.array(x), np.array(y)


def _ridge(z: Floats, y: Floats, strength: float) -> tuple[Floats, float]:
    middle = z.mean(axis=0)
    a = z - middle
    w = np.linalg.solve(a.T @ a + strength * np.eye(z.shape[1]), a.T @ (y - y.mean()))
    return w, float(y.mean() - middle @ w)


def _left_out(z: Floats, y: Floats, folds: NDArray[np.int_], strength: float) -> Floats:
    errors = np.zeros(len(z))
    for fold in range(_FOLDS):
        out = folds == fold
        w, b = _ridge(z[~out], y[~out], strength)
        errors[out] = z[out] @ w + b - y[out]
    return errors


def write(correction: lunge.Correction, path: Path) -> None:
    """Write the weights that ship."""
    names = ("mean", "spread", "weights", "bias", "sd")
    arrays = {name: getattr(correction, name).astype(np.float32) for name in names}
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


def table(rows: list[Row]) -> list[str]:
    """Say line by line how far off the app is, from `measured` photos."""
    refused = [row for row in rows if "refused" in row]
    told = [row for row in rows if "refused" not in row]
    down = [row for row in told if not row["heel_truth"]]
    up = [row for row in told if row["heel_truth"]]
    lines = [
        f"{len(rows)} photos, {len(refused)} refused: "
        + (", ".join(sorted(f"{r['name']} {r['refused']}" for r in refused)) or "none")
    ]
    lines.append(f"right leg found: {sum(r['right'] for r in told)} of {len(told)}")
    groups = {
        "all": told,
        "leg in front is the near one": [r for r in told if r["near"]],
        "the far one": [r for r in told if not r["near"]],
        "within 14 degrees of square": [r for r in told if abs(r["yaw"]) <= 14],
        "joggers": [r for r in told if r["bottoms"] == "joggers"],
        "barefoot": [r for r in told if r["barefoot"]],
    }
    lines.append(
        "| photos | how many | ankle | knee past toe, height | plate | ankle in band | "
        "past toe in band |"
    )
    lines.append("|---|---:|---:|---:|---:|---:|---:|")
    for name, group in groups.items():
        if group:
            lines.append(_line(name, group))
    found, alarms = sum(r["heel_up"] for r in up), sum(r["heel_up"] for r in down)
    lines.append(f"heel up found in {found} of {len(up)}, false alarms in {alarms} of {len(down)}")
    return lines


def _line(name: str, group: list[Row]) -> str:
    def mean(key: str) -> float:
        return float(np.mean([abs(r[key]) for r in group]))

    def within(key: str, band: str) -> float:
        return 100 * float(np.mean([abs(r[key]) < 2 * r[band] for r in group]))

    return (
        f"| {name} | {len(group)} | {mean('angle'):.2f}° | {mean('cm'):.2f} cm | "
        f"{mean('plate_cm'):.2f} cm | {within('angle', 'angle_sd'):.0f} % | "
        f"{within('cm', 'cm_sd'):.0f} % |"
    )


def measured(path: Path, model: PoseModel) -> Row:
    """Measure a photo as the app does and set it against its truth."""
    truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    try:
        seen = find_lifter(read_photo(path), model)
        found = lunge.measure_lunge(seen, model, height_cm=truth["height_cm"])
    except TwoBowlsError as error:
        return {"name": path.stem, "refused": error.reason}
    reading = found.reading
    plate = replace(reading, scale=ankle.plate_scale(*map(tuple, truth["plate_px"])))
    return {
        "name": path.stem,
        "right": reading.side == truth["side"],
        "near": found.is_near,
        "yaw": truth["yaw_deg"],
        "bottoms": truth["bottoms"],
        "barefoot": truth["lunge"]["is_barefoot"],
        "heel_truth": truth["heel_deg"] > 0,
        "heel_up": reading.heel_up,
        "angle": reading.ankle_deg - truth["ankle_deg"],
        "angle_sd": reading.angle_sd_deg,
        "cm": reading.past_toe_cm - truth["knee_past_toe_cm"],
        "cm_sd": reading.past_toe_sd_cm,
        "plate_cm": plate.past_toe_cm - truth["knee_past_toe_cm"],
    }
