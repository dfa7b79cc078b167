"""Clothes, shoes, hair and eyes from MakeHuman helper shapes (CC0), in the rest pose."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration import mesh
from analysis.calibration.body import (
    BODY_VERTICES,
    BONE,
    BONES,
    Joints,
    base_mesh,
    cube_centres,
)
from analysis.calibration.mesh import Part
from analysis.calibration.sample import Outfit, Rng
from analysis.calibration.skeleton import SPINE

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Waistband above the hip joint, metres.
WAIST = 0.155
_HAIR_LOW = {
    "buzz": 0.34,
    "short": 0.34,
    "medium": 0.18,
    "long": 0.18,
    "pony": 0.38,
    "bun": 0.38,
    "cap": 0.36,
}
_HAIR_THICK = {
    "buzz": 0.004,
    "short": 0.013,
    "medium": 0.024,
    "long": 0.02,
    "pony": 0.011,
    "bun": 0.011,
    "cap": 0.014,
}


@dataclass(slots=True)
class _Fit:
    """One body and what the tailor asks about its vertices."""

    v: Array
    w: Array
    j: Joints
    o: Outfit
    trunk: Array
    foot: Array
    arm: Array
    leg: Array
    head: Array
    #: Way along the arm: 0 shoulder, 1 elbow, 2 wrist.
    along: Array
    waist: float
    hem: float
    trouser_end: float


def _fit(v: Array, w: Array, j: Joints, o: Outfit) -> _Fit:
    def share(*bones: str) -> Array:
        return np.asarray(w[:, [BONE[b] for b in bones]].sum(1))

    def both(*bones: str) -> Array:
        return share(*(b + s for b in bones for s in "LR"))

    def along(side: str) -> Array:
        shoulder, elbow, wrist = (j[k + side] for k in ("shoulder", "elbow", "wrist"))
        upper, lower = elbow - shoulder, wrist - elbow
        a = ((v - shoulder) @ upper) / (upper @ upper)
        b = ((v - elbow) @ lower) / (lower @ lower)
        return np.asarray(np.where((a > 0.9) & (b > 0), 1 + b, np.minimum(a, 1.0)))

    knee, ankle, hip = j["kneeL"][2], j["ankleL"][2], j["hip"][2]
    ends = {
        "shorts": knee + 0.06,
        "tights_short": knee + 0.15,
        "leggings": ankle + 0.06,
        "joggers": ankle + 0.03,
    }
    return _Fit(
        v,
        w,
        j,
        o,
        share(*SPINE),
        both("foot", "toe"),
        both("uarm", "farm", "hand"),
        both("thigh", "shank", "foot", "toe"),
        share("head", "neck"),
        np.where(v[:, 0] > 0, along("L"), along("R")),
        hip + WAIST,
        hip + o.hem,
        ends[o.bottoms],
    )


def _mean(a: Array, faces: Ints) -> Array:
    return np.asarray(a[faces].mean(1))


def _quads(group: str | list[str]) -> Ints:
    m = base_mesh()
    f = m.faces[np.isin(m.groups, group)]
    return np.where(f >= 0, f, f[:, :1])


def _shirt(b: _Fit, rng: Rng) -> Part:
    """Return the shirt: looser means further off, hollows bridged, hem hanging out."""
    o, tights = b.o, _quads("helper-tights")
    z = _mean(b.v[:, 2], tights)
    on_arm, along = _mean(b.arm, tights), _mean(b.along, tights)
    keep = (z > b.hem) & (_mean(b.leg, tights) < 0.75) & (_mean(b.head, tights) < 0.5)
    keep &= (on_arm < 0.5) | (along < min(o.sleeve, 1.93))
    keep &= z < b.j["neck"][2] + (0.03 if o.top == "hoodie" else 0.012)
    if o.sleeve < 0.2:
        keep &= on_arm < 0.97
    v, faces, (w, arm, along_v), _ = mesh.compact(b.v, tights[keep], b.w, b.arm, b.along)
    skin = v.copy()
    average, normal = mesh.neighbours(len(v), faces), mesh.normals(v, faces)
    bridged = mesh.smooth(v, average, int(4 + 10 * o.loose + 30 * max(0.0, o.loose - 0.5)))
    lift = ((bridged - v) * normal).sum(1, keepdims=True)
    sleeve = np.clip((along_v - 0.15) / 0.4, 0, 1)[:, None] * (arm[:, None] > 0.4)
    off = np.clip(lift, 0, 0.035 * o.loose) + 0.006 + 0.009 * o.loose + 0.008 * o.loose * sleeve
    off = off + _bulge(b, v, normal, rng)
    v = v + normal * off
    trunk = w[:, [BONE[k] for k in SPINE]].sum(1)
    hanging = np.clip(1 - (v[:, 2] - b.hem) / 0.12, 0, 1)[:, None] * (trunk > 0.3)[:, None]
    v = mesh.smooth(v + normal * hanging * 0.010 * o.loose, average, 1)
    stand_off = ((v - skin) * normal).sum(1)
    w = mesh.smooth(w, average, 3 + int(4 * o.loose))
    return Part("shirt", "shirt", v, faces, w, None, {"off": stand_off[:, None]})


def _bulge(b: _Fit, v: Array, normal: Array, rng: Rng) -> Array:
    """Cloth that stands off the hollow of the back, so that the outline hides the arch."""
    level = (v[:, 2] - b.j["L5S1"][2]) / (b.j["T9"][2] - b.j["L5S1"][2])
    centre, width = rng.uniform(-0.1, 0.7), rng.uniform(0.35, 0.8)
    hill = np.exp(-(((level - centre) / width) ** 2)) * np.clip(normal[:, 1], 0, 1)
    return np.asarray(b.o.bulge * hill[:, None])


def _bottoms(b: _Fit) -> Part:
    tights = _quads("helper-tights")
    z = _mean(b.v[:, 2], tights)
    keep = (z < b.waist) & (z > b.trouser_end) & (_mean(b.arm, tights) < 0.3)
    keep &= _mean(b.foot, tights) < 0.6
    v, faces, (w,), _ = mesh.compact(b.v, tights[keep], b.w)
    average, normal = mesh.neighbours(len(v), faces), mesh.normals(v, faces)
    down = np.clip((b.j["hip"][2] - v[:, 2]) / 0.30, 0, 1)[:, None]
    wide = 0.010 if b.o.bottoms == "joggers" else 0.016
    v = v + normal * (0.0025 + b.o.bottom_loose * (0.006 + wide * down))
    if b.o.bottom_loose > 0.3:
        v = mesh.smooth(v, average, 2)
    w = mesh.smooth(w, average, 2 + int(4 * b.o.bottom_loose))
    return Part("bottoms", "bottoms", v, faces, w)


def _belt(b: _Fit) -> Part:
    """Return a lifting belt: a band over shirt and trousers around the waist."""
    tights = _quads("helper-tights")
    z = _mean(b.v[:, 2], tights)
    low = b.j["L4L5"][2] - 0.02
    keep = (z > low) & (z < low + b.o.belt + 0.02) & (_mean(b.arm, tights) < 0.3)
    v, faces, (w,), _ = mesh.compact(b.v, tights[keep], b.w)
    average, normal = mesh.neighbours(len(v), faces), mesh.normals(v, faces)
    v = v + normal * (0.016 + 0.03 * min(b.o.loose, 0.5))
    return Part("belt", "belt", v, faces, mesh.smooth(w, average, 4))


def _shoe(b: _Fit, side: str) -> Part | None:
    """Return a shoe: the tights' foot without toes, blown up, with a flat sole."""
    tights, sign = _quads("helper-tights"), 1 if side == "L" else -1
    keep = (_mean(b.foot, tights) > 0.45) & (_mean(b.v[:, 0], tights) * sign > 0)
    keep &= _mean(b.v[:, 2], tights) < b.j["ankle" + side][2] + 0.012
    if keep.sum() < 10:
        return None
    v, faces, (w,), _ = mesh.compact(b.v, tights[keep], b.w)
    average = mesh.neighbours(len(v), faces)
    v = mesh.smooth(v, average, 2)
    v = v + 0.008 * mesh.normals(v, faces)
    floor = b.v[:BODY_VERTICES, 2].min()
    low = v[:, 2] < floor + 0.016
    v[low, 2] = np.minimum(v[low, 2], floor + 0.006)
    v[low, 2] = np.where(v[low, 2] < floor + 0.012, floor - b.o.sole, v[low, 2])
    return Part("shoe" + side, "shoe", v, faces, mesh.smooth(w, average, 1))


def _skin(b: _Fit) -> Part:
    """Return the body's own faces, without what clothes cover anyway."""
    f, o = _quads("body"), b.o
    z, arm, foot = _mean(b.v[:, 2], f), _mean(b.arm, f), _mean(b.foot, f)
    neck = b.j["neck"][2]
    clavicle = b.w[:, [BONE["clavL"], BONE["clavR"]]].sum(1)
    on_trunk = _mean(b.trunk, f) + _mean(clavicle, f) > 0.55
    hidden = (z > b.hem + 0.05) & (z < neck - 0.05) & on_trunk & (arm < 0.4)
    hidden &= _mean(b.leg, f) < 0.5
    if o.sleeve >= 0.3:
        hidden |= (arm >= 0.4) & (_mean(b.along, f) < o.sleeve - 0.28) & (z < neck - 0.05)
    margin = 0.09 if o.bottom_loose > 0.3 else 0.04
    hidden |= (z < b.waist - 0.03) & (z > b.trouser_end + margin) & (arm < 0.3) & (foot < 0.4)
    if o.sole > 0:
        hidden |= (foot > 0.5) & (z < b.j["ankleL"][2] - 0.035)
    v, faces, (w,), _ = mesh.compact(b.v, f[~hidden], b.w)
    return Part("skin", "skin", v, faces, w, _face_tint(b, v))


def _face_tint(b: _Fit, v: Array) -> Array:
    """Brows and lips."""
    tint, cubes = np.ones((len(v), 3)), cube_centres(b.v)
    for side in "lr":
        d = v - cubes[f"joint-{side}-eye"]
        brow = (np.abs(d[:, 0]) < 0.026) & (d[:, 2] > 0.013) & (d[:, 2] < 0.024) & (d[:, 1] < 0.01)
        tint[brow] = np.array(b.o.hair_colour) * 1.5 + 0.15
    d = v - cubes["joint-mouth"]
    lips = (np.abs(d[:, 0]) < 0.024) & (np.abs(d[:, 2]) < 0.010) & (d[:, 1] < 0)
    tint[lips] = (0.92, 0.68, 0.68)
    return tint


def _eyes(b: _Fit) -> Part:
    v, faces, (w,), _ = mesh.compact(b.v, _quads(["helper-l-eye", "helper-r-eye"]), b.w)
    tint = np.full((len(v), 3), 0.8)
    for sign in (1, -1):
        one = v[:, 0] * sign > 0
        r = v[one] - v[one].mean(0)
        ahead = -r[:, 1] / np.linalg.norm(r, axis=1)
        tint[one] = np.where(ahead[:, None] > 0.86, np.array([0.06, 0.035, 0.02]), 0.8)
    return Part("eyes", "eyes", v, faces, w, tint)


def _hair(b: _Fit, rng: Rng) -> list[Part]:
    """Return the scalp pushed out, with a tail, bun, long fall or visor."""
    o, f = b.o, _quads("body")
    head = b.w[:, BONE["head"]]
    base = b.j["head"][2]
    tall = b.v[:BODY_VERTICES, 2].max() - base
    scalp = b.v[:BODY_VERTICES][head[:BODY_VERTICES] > 0.6]
    front, back = scalp[:, 1].min(), scalp[:, 1].max()

    def place(v: Array) -> tuple[Array, Array]:
        return (v[:, 1] - front) / (back - front), (v[:, 2] - base) / tall

    y, z = place(np.stack([_mean(b.v[:, k], f) for k in range(3)], 1))
    on = (_mean(head, f) > 0.6) & (z > 0.12) & ((y > 0.42) | (z > 0.55))
    v, faces, (w,), _ = mesh.compact(b.v, f[on], b.w)
    average = mesh.neighbours(len(v), faces)
    y, z = place(v)
    temple = np.clip(0.28 - y, 0, 1) / 0.28
    grown = np.maximum.reduce(
        [
            np.minimum((z - o.hairline - 0.10 * temple) / 0.10, (y - 0.08) / 0.1),
            np.minimum((y - 0.60) / 0.10, (z - _HAIR_LOW[o.hair]) / 0.10),
            np.minimum((y - 0.34) / 0.10, (z - 0.60) / 0.08),
        ]
    )
    grown = mesh.smooth(grown[:, None], average, 2)[:, 0]
    round_ = mesh.smooth(v, average, 12)
    normal = mesh.normals(round_, faces)
    thick = np.clip(grown, -0.6, 1)
    thick = np.where(thick > 0, thick * (2 - thick), thick * 0.8)
    thick = thick * (1 + 0.25 * mesh.smooth(rng.normal(size=(len(v), 1)), average, 1)[:, 0])
    mix = np.clip(grown, 0, 1)[:, None]
    inside = np.minimum(((round_ - v) * normal).sum(1, keepdims=True), 0)
    v = v * (1 - mix) + (round_ - normal * inside) * mix
    v = v + normal * (_HAIR_THICK[o.hair] * thick)[:, None]
    kind = "cap" if o.hair == "cap" else "hair"
    nape = np.array([0.0, back - 0.012, base + tall * 0.62])
    return [Part("hair", kind, v, faces, w), *_hair_extras(b, nape, float(front), base, tall)]


def _hair_extras(b: _Fit, nape: Array, front: float, base: float, tall: float) -> list[Part]:
    o, extras = b.o, []
    if o.hair == "bun":
        extras.append(mesh.ellipsoid(nape + np.array([0, 0.025, 0.05]), (0.038, 0.038, 0.038)))
    if o.hair == "pony":
        v, f = mesh.ellipsoid(nape + np.array([0, 0.035, -0.075]), (0.024, 0.026, 0.13))
        v[:, 1] -= 0.35 * np.clip(nape[2] - v[:, 2], 0, 0.2)
        extras.append((v, f))
    if o.hair == "long":
        v, f = mesh.ellipsoid(nape + np.array([0, -0.005, -0.14]), (0.085, 0.035, 0.22), 18, 14)
        v[:, 1] += 0.22 * np.clip(nape[2] - 0.1 - v[:, 2], 0, 0.3)
        extras.append((v, f))
    parts = [_on_head("hair2", "hair", v, f, o.hair == "long") for v, f in extras]
    if o.hair == "cap":
        a, r = np.linspace(-1.1, 1.1, 9), np.linspace(0, 1, 4)
        grid = [
            [
                np.sin(x) * 0.078,
                -0.075 * np.cos(x) - 0.075 * y * np.cos(x * 0.8),
                -0.012 * y + 0.008 * np.cos(x),
            ]
            for y in r
            for x in a
        ]
        v = np.array(grid) + np.array([0.0, front + 0.085, base + tall * 0.80])
        i = np.array([[9 * m + k for k in range(8)] for m in range(3)]).reshape(-1)
        parts.append(_on_head("visor", "cap", v, np.stack([i, i + 1, i + 10, i + 9], 1), False))
    return parts


def _on_head(name: str, kind: str, v: Array, faces: Ints, falls: bool) -> Part:
    """Hang a part on the head; long hair's lower end follows the upper trunk instead."""
    w = np.zeros((len(v), len(BONES)))
    low = np.clip((v[:, 2].max() - 0.16 - v[:, 2]) / 0.2, 0, 1) if falls else np.zeros(len(v))
    w[:, BONE["head"]], w[:, BONE["tho3"]] = 1 - low, low
    return Part(name, kind, v, faces, w)


def dress(v: Array, w: Array, j: Joints, o: Outfit, rng: Rng) -> list[Part]:
    """Return all visible parts of a dressed body at rest."""
    b = _fit(v, w, j, o)
    parts = [mesh.subdivide(_shirt(b, rng)), mesh.subdivide(_bottoms(b))]
    if o.belt:
        parts.append(mesh.subdivide(_belt(b)))
    if o.sole > 0:  # barefoot otherwise
        parts += [p for p in (_shoe(b, "L"), _shoe(b, "R")) if p is not None]
    parts += [_skin(b), _eyes(b)]
    if o.hair != "bald":
        parts += _hair(b, rng)
    return parts


def back_stand_off_cm(parts: list[Part], j: Joints) -> float:
    """Return how far the shirt stands off the lower back on average, cm."""
    shirt = parts[0]
    z, (low, high) = shirt.v[:, 2], (j["L5S1"][2], j["T12L1"][2])
    on = (z > low) & (z < high) & (np.abs(shirt.v[:, 0]) < 0.06) & (shirt.v[:, 1] > j["L3L4"][1])
    return float(100 * shirt.extra["off"][on].mean()) if on.any() else 0.0
