"""One dressed lifter: body, skeleton, clothes, what is carried, and where to look on it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration import arms, body, mesh, outfit
from analysis.calibration.body import BODY_VERTICES, BONE
from analysis.calibration.mesh import Part
from analysis.calibration.sample import BAR_MODES, Clip, stream
from analysis.calibration.skeleton import Posed, Skeleton, turn_x
from analysis.calibration.skinning import skin

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

#: Height of a band of the back in which its rearmost point is looked for, metres.
BAND = 0.015
#: Bands between mid-thorax and seat.
BANDS = 20


@dataclass(frozen=True, slots=True)
class Lifter:
    """A body ready to be posed.

    Attributes
    ----------
    parts : list of Part
        Clothes and skin at rest, in the order of the joined arrays.
    v, weights, faces : ndarray
        All parts joined; triangles.
    surface : dict
        Points on the skin by name: bone and rest position.
    bands : list of ndarray
        Numbers of the vertices around the trunk at each level of the back, from above.
    """

    skeleton: Skeleton
    arms: arms.ArmPlan
    parts: list[Part]
    v: Floats
    weights: Floats
    faces: Ints
    surface: dict[str, tuple[str, Array]]
    bands: list[Ints]
    stand_off_cm: float

    def posed_vertices(self, posed: Posed) -> Floats:
        """Return all vertices in the world."""
        return skin(self.v, self.weights, posed.transforms)


def build(clip: Clip) -> Lifter:
    """Return the lifter of a clip."""
    v = body.shape(clip.body)
    j = body.joints(v)
    w = body.weights(v, j)
    own = v[:BODY_VERTICES]
    skeleton = Skeleton(j, float(own[:, 2].min()) - clip.outfit.sole, float(own[:, 2].max()))
    parts = outfit.dress(v, w, j, clip.outfit, stream(clip.split, clip.index, "cloth"))
    counts = np.cumsum([0] + [len(p.v) for p in parts])
    joined = np.vstack([p.v for p in parts])
    joined_weights = np.vstack([p.weights for p in parts])
    faces = np.vstack([mesh.triangles(p.faces) + n for p, n in zip(parts, counts, strict=False)])
    plan = arms.make(
        skeleton,
        mode=clip.arms,
        chest=_front(own, float(j["T6"][2]), 0.06) - float(j["T6"][1]),
        bar=_bar_place(clip, own, j),
        grip=clip.load.grip,
        variety=clip.arm_variety,
    )
    return Lifter(
        skeleton,
        plan,
        parts,
        joined.astype(np.float32),
        joined_weights.astype(np.float32),
        faces,
        _surface(own, w),
        _bands(parts, joined, joined_weights, j),
        outfit.back_stand_off_cm(parts, j),
    )


def _front(own: Array, z: float, half: float) -> float:
    near = (np.abs(own[:, 0]) < half) & (np.abs(own[:, 2] - z) < 0.025)
    return float(own[near, 1].min())


def _bar_place(clip: Clip, own: Array, j: body.Joints) -> Array | None:
    """Return where a bar lies relative to T3: on the upper back, or on the front shoulders."""
    if clip.arms not in BAR_MODES:
        return None
    t3 = j["T3"]
    if clip.arms == "bar":
        z = float(t3[2]) + 0.035 - clip.load.bar_drop
        near = (np.abs(own[:, 0]) < 0.09) & (np.abs(own[:, 2] - z) < 0.025)
        y = float(own[near, 1].max()) + 0.022
    else:
        z = float(j["shoulderL"][2]) + 0.045
        y = _front(own, z - 0.05, 0.16) - 0.01
    return np.array([0.0, y - t3[1], z - t3[2]])


def _surface(own: Array, w: Array) -> dict[str, tuple[str, Array]]:
    """Heel, tip of the foot (without shoe) and nose, each carried by a bone."""
    w = w[:BODY_VERTICES]
    foot = np.where((w[:, BONE["footL"]] + w[:, BONE["toeL"]] > 0.8) & (own[:, 0] > 0))[0]
    low = foot[own[foot, 2] < own[:, 2].min() + 0.045]
    heel, toe = own[low[np.argmax(own[low, 1])]], own[foot[np.argmin(own[foot, 1])]]
    found = {}
    for side, sign in (("L", 1.0), ("R", -1.0)):
        mirror = np.array([sign, 1.0, 1.0])
        found["heel" + side] = ("foot" + side, np.abs(heel * [1, 0, 0]) * sign + heel * [0, 1, 1])
        found["toe_tip" + side] = ("toe" + side, toe * mirror)
    head = np.where(w[:, BONE["head"]] > 0.6)[0]
    found["nose"] = ("head", own[head[np.argmin(own[head, 1])]].copy())
    return found


def _bands(parts: list[Part], v: Array, w: Array, j: body.Joints) -> list[Ints]:
    """Return the trunk's outer vertices at levels from mid-thorax (T6) to the seat."""
    spine = ["pelvis", "vL5", "vL4", "vL3", "vL2", "vL1", "rib", "tho9", "tho6", "tho3"]
    legs = [BONE[b] for b in ("thighL", "thighR")]
    on_trunk = w[:, [BONE[b] for b in spine]].sum(1) + w[:, legs].sum(1) > 0.7
    kinds = np.concatenate([[p.kind] * len(p.v) for p in parts])
    on_trunk &= np.isin(kinds, ["shirt", "bottoms", "skin", "belt"])
    levels = np.linspace(j["T6"][2], j["hip"][2] - 0.03, BANDS)
    on_trunk &= v[:, 1] > j["L3L4"][1] - 0.02  # the back half
    return [np.where(on_trunk & (np.abs(v[:, 2] - z) < BAND))[0] for z in levels]


def gear_transform(lifter: Lifter, posed: Posed) -> tuple[Array, Array]:
    """Return the turn and place of a bar or of what the hands hold."""
    turn = turn_x(posed.top)
    return turn, arms.load_centre(lifter.arms, posed.points, posed.top)
