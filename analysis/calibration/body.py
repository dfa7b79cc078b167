"""MakeHuman (hm08) bodies from CC0 shape targets, their joints and skin weights.

Metres. x = body's left, y = backward (the body faces -y), z = up; rest pose.
"""

import functools
import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.calibration import assets
from analysis.calibration.sample import Body
from analysis.calibration.skeleton import LUMBAR, SPINE, THORACIC

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Joints = dict[str, Array]

#: Vertices of the body itself; behind them come the helper shapes and joint cubes.
BODY_VERTICES = 13380
#: MakeHuman's unit is the decimetre.
METRES_PER_UNIT = 0.1
#: Share of the way from L5/S1 to C7/T1 that is lumbar (T12/L1).
LUMBAR_SHARE_OF_TRUNK = 0.355

LIMBS = ["clav", "uarm", "farm", "hand", "thigh", "shank", "foot", "toe"]
BONES = [*SPINE, "neck", "head", *(bone + side for side in "LR" for bone in LIMBS)]
BONE = {name: i for i, name in enumerate(BONES)}

_HEAD_BONES = (
    *("neck03", "head", "jaw", "eye", "levator", "oculi", "orbicularis", "oris"),
    *("risorius", "special", "temporalis", "tongue"),
)
_TRUNK_BONES = ["root", "pelvis", "spine05", "spine04", "spine03", "spine02", "spine01", "breast"]
_LIMB_PREFIXES = {
    "clavicle": "clav",
    "shoulder01": "clav",
    "upperarm": "uarm",
    "lowerarm": "farm",
    "wrist": "hand",
    "finger": "hand",
    "metacarpal": "hand",
    "upperleg": "thigh",
    "lowerleg": "shank",
    "foot": "foot",
    "toe": "toe",
}


@dataclass(frozen=True, slots=True)
class BaseMesh:
    """The base mesh in MakeHuman's own axes and units; a missing fourth corner is -1."""

    vertices: Array
    faces: Ints
    groups: NDArray[np.str_]


@functools.cache
def base_mesh() -> BaseMesh:
    """Read base.obj once per process."""
    vertices: list[list[float]] = []
    faces: list[list[int]] = []
    groups: list[str] = []
    group = ""
    for line in (assets.data_folder() / "3dobjs" / "base.obj").read_text().splitlines():
        word, *rest = line.split() or [""]
        if word == "v":
            vertices.append([float(a) for a in rest[:3]])
        elif word == "g":
            group = rest[0]
        elif word == "f":
            corners = [int(a.split("/")[0]) - 1 for a in rest]
            faces.append([*corners, -1][:4])
            groups.append(group)
    return BaseMesh(np.array(vertices), np.array(faces), np.array(groups))


@functools.cache
def target(name: str) -> tuple[Ints, Array] | None:
    """Read one shape target: vertex numbers and their offsets. None if there is no such file."""
    path = assets.data_folder() / "targets" / f"{name}.target.gz"
    parsed = assets.data_folder().parent / "parsed" / f"{name.replace('/', '+')}.npy"
    if parsed.exists():  # reading the text takes longer than rendering a second of film
        rows = np.load(parsed)
    elif path.exists():
        rows = _read_target(path)
        parsed.parent.mkdir(exist_ok=True)
        temporary = parsed.with_suffix(f".{os.getpid()}.npy")
        np.save(temporary, rows)
        temporary.rename(parsed)
    else:
        return None
    return rows[:, 0].astype(np.int64), rows[:, 1:]


def _read_target(path: Path) -> Array:
    """Parse a target: lines of a vertex number and three offsets."""
    text = gzip.decompress(path.read_bytes()).decode()
    kept = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return np.array([line.split()[:4] for line in kept], dtype=np.float64).reshape(-1, 4)


def _stops(value: float, low: str, middle: str, high: str) -> list[tuple[str, float]]:
    """Weights of the three stops of a slider from 0 to 1 whose default is 0.5."""
    if value < 0.5:
        return [(low, 1 - 2 * value), (middle, 2 * value)]
    return [(middle, 2 - 2 * value), (high, 2 * value - 1)]


def _macro_targets(p: Body) -> Iterator[tuple[str, float]]:
    """Targets of the macro sliders (sex, age, muscle, weight, height, proportions, race)."""
    ages = [("young", 2 - 2 * max(0.5, p.age)), ("old", 2 * max(0.5, p.age) - 1)]
    for sex, w_sex in (("female", 1 - p.gender), ("male", p.gender)):
        for age, w_age in ages:
            for race, w_race in p.race.items():
                yield f"macrodetails/{race}-{sex}-{age}", w_sex * w_age * w_race
            for muscle, w_muscle in _stops(p.muscle, "minmuscle", "averagemuscle", "maxmuscle"):
                for weight, w_weight in _stops(p.weight, "minweight", "averageweight", "maxweight"):
                    build = f"{sex}-{age}-{muscle}-{weight}"
                    yield from _build_targets(p, build, w_sex * w_age * w_muscle * w_weight)


def _build_targets(p: Body, build: str, weight: float) -> Iterator[tuple[str, float]]:
    """Targets that exist once for each build such as female-young-averagemuscle-minweight."""
    yield f"macrodetails/universal-{build}", weight
    for height, w in _stops(p.height, "minheight", "", "maxheight"):
        yield f"macrodetails/height/{build}-{height}", weight * w
    for kind, w in _stops(p.proportions, "uncommonproportions", "", "idealproportions"):
        yield f"macrodetails/proportions/{build}-{kind}", weight * w
    if build.startswith("female"):
        for cup, w_cup in _stops(p.cup, "mincup", "averagecup", "maxcup"):
            for firm, w_firm in _stops(0.6, "minfirmness", "averagefirmness", "maxfirmness"):
                yield f"breast/{build}-{cup}-{firm}", weight * w_cup * w_firm


def shape(p: Body) -> Array:
    """Return the vertices, shape (n, 3), of a body of the wanted stature."""
    v = base_mesh().vertices.copy()
    for name, weight in [*_macro_targets(p), *p.detail.items()]:
        found = target(name) if abs(weight) >= 1e-4 else None
        if found is not None:
            v[found[0]] += weight * found[1]
    v = METRES_PER_UNIT * np.stack([v[:, 0], -v[:, 2], v[:, 1]], 1)
    return v * (p.stature_m / np.ptp(v[:BODY_VERTICES, 2]))


@functools.cache
def _cube_corners() -> dict[str, Ints]:
    mesh = base_mesh()
    names = [g for g in np.unique(mesh.groups) if g.startswith("joint-")]
    corners = {str(g): np.unique(mesh.faces[mesh.groups == g]) for g in names}
    return {g: i[i >= 0] for g, i in corners.items()}


def cube_centres(v: Array) -> Joints:
    """Return the centres of MakeHuman's joint cubes by name."""
    return {name: v[i].mean(0) for name, i in _cube_corners().items()}


_CUBES = {
    "hip": "upper-leg",
    "knee": "knee",
    "ankle": "ankle",
    "clav": "clavicle",
    "shoulder": "shoulder",
    "elbow": "elbow",
    "wrist": "hand",
    "hand": "hand-3",
    "toe1": "toe-1-1",
    "toe2": "toe-2-1",
}


def joints(v: Array) -> Joints:
    """Return the joint centres of a body at rest."""
    cubes = cube_centres(v)
    found = {
        name + side: cubes[f"joint-{side.lower()}-{cube}"]
        for side in "LR"
        for name, cube in _CUBES.items()
    }
    # The spine's mid-line; L5/S1 stands at the lowest cube.
    line = np.array([cubes[f"joint-{k}"] for k in ("spine-4", "spine-3", "spine-2", "spine-1")])
    line = np.vstack([line, cubes["joint-neck"]])
    low, high = line[0, 2], line[-1, 2]

    def at(share: float) -> Array:
        z = low + share * (high - low)
        return np.array([0.0, np.interp(z, line[:, 2], line[:, 1]), z])

    for i, name in enumerate(LUMBAR):
        found[name] = at(LUMBAR_SHARE_OF_TRUNK * i / 5)
    for name, share in zip(THORACIC, (0.52, 0.68, 0.84), strict=True):
        found[name] = at(share)
    found["neck"] = at(1.0)
    found["head"] = cubes["joint-head"]
    found["hip"] = 0.5 * (found["hipL"] + found["hipR"])
    return found


def _merged(bone: str) -> str:
    """Return the bone of our skeleton that a MakeHuman bone belongs to, or TRUNK."""
    side = bone[-1] if bone[-2:] in (".L", ".R") else ""
    name = bone.split(".")[0]
    if name in _TRUNK_BONES:
        return "TRUNK"
    if name in ("neck01", "neck02"):
        return "neck"
    if name.startswith(_HEAD_BONES):
        return "head"
    for prefix, ours in _LIMB_PREFIXES.items():
        if name.startswith(prefix):
            return ours + side
    raise KeyError(bone)


@functools.cache
def _makehuman_weights() -> tuple[Array, Array]:
    """Return the weights on our bones, shape (n, bones), and the trunk's share, shape (n,)."""
    path = assets.data_folder() / "rigs" / "standard" / "weights.default.json"
    table: dict[str, Any] = json.loads(path.read_text())["weights"]
    n = len(base_mesh().vertices)
    out, trunk = np.zeros((n, len(BONES))), np.zeros(n)
    for bone, pairs in table.items():
        rows = np.array(pairs, dtype=np.float64).reshape(-1, 2)
        name, i = _merged(bone), rows[:, 0].astype(np.int64)
        np.add.at(trunk if name == "TRUNK" else out[:, BONE[name]], i, rows[:, 1])
    total = trunk + out.sum(1)
    return out / total[:, None], trunk / total


def weights(v: Array, j: Joints) -> Array:
    """Return skin weights, shape (n, bones), with the trunk's share spread over our spine."""
    limbs, trunk = _makehuman_weights()
    out = limbs.copy()
    levels = np.array([j[k][2] for k in LUMBAR + THORACIC])
    width = np.maximum(1.15 * np.gradient(levels), 0.028)  # metres, soft step at each joint
    above = 1 / (1 + np.exp(-np.clip((v[:, 2, None] - levels) / (0.5 * width), -30, 30)))
    above = np.minimum.accumulate(np.hstack([np.ones((len(v), 1)), above]), axis=1)
    share = above - np.hstack([above[:, 1:], np.zeros((len(v), 1))])
    for k, name in enumerate(SPINE):
        out[:, BONE[name]] += trunk * share[:, k]
    return out
