"""Forward kinematics of a squat in the sagittal plane.

World: metres, x = lifter's left, y = backward (the lifter faces -y), z = up,
floor z = 0. A positive turn about +x leans forward (the top goes to -y).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Joints = dict[str, Array]
#: Bone name -> rotation and offset from rest to world.
Transforms = dict[str, tuple[Array, Array]]

LUMBAR = ["L5S1", "L4L5", "L3L4", "L2L3", "L1L2", "T12L1"]
THORACIC = ["T9", "T6", "T3"]
SPINE = ["pelvis", "vL5", "vL4", "vL3", "vL2", "vL1", "rib", "tho9", "tho6", "tho3"]
#: Share of the lumbar angle per joint, L5/S1 to T12/L1, falling upward as in published
#: flexion ranges (White and Panjabi, Clinical Biomechanics of the Spine, table 2-5).
LUMBAR_SHARES = np.array([0.20, 0.25, 0.21, 0.15, 0.11, 0.08])
SIDES = (("L", 1.0), ("R", -1.0))


def turn_x(a: float) -> Array:
    """Return the rotation by `a` radians about x: positive leans forward."""
    c, s = np.cos(a), np.sin(a)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def turn_z(a: float) -> Array:
    """Return the rotation by `a` radians about z, counter-clockwise seen from above."""
    c, s = np.cos(a), np.sin(a)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def cross(a: Array, b: Array) -> Array:
    """Return the cross product of two 3-vectors (np.cross is ten times slower on one pair)."""
    return np.array(
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    )


def unit(a: Array) -> Array:
    """Return the vector scaled to length 1."""
    return a / (np.sqrt(a @ a) + 1e-12)


def frame(axis: Array, hinge: Array) -> Array:
    """Return an orthonormal frame: first column along `axis`, second near `hinge`."""
    a = unit(axis)
    h = unit(hinge - a * (hinge @ a))
    return np.stack([a, h, cross(a, h)], 1)


def two_bones(
    root: Array, target: Array, upper: float, lower: float, pole: Array
) -> tuple[Array, Array]:
    """Return elbow and wrist of a two-bone chain that reaches for `target`."""
    away = target - root
    wanted = float(np.sqrt(away @ away)) + 1e-9
    reach = float(np.clip(wanted, abs(upper - lower) + 1e-3, (upper + lower) * 0.9985))
    t = away / wanted
    along = (upper**2 - lower**2 + reach**2) / (2 * reach)
    side = np.sqrt(max(upper**2 - along**2, 0.0))
    return root + t * along + unit(pole - t * (pole @ t)) * side, root + t * reach


class Arms(Protocol):
    """Where the hands go; see arms.py."""

    def hand(self, side: str, points: Joints, trunk: "Trunk", u: float) -> tuple[Array, Array]:
        """Return the wrist's target and the elbow's pole, world."""
        ...

    def clavicle(self, sign: float) -> Array:
        """Return the collar bone's turn relative to the upper trunk."""
        ...


@dataclass(frozen=True, slots=True)
class Trunk:
    """Turns of the trunk's ends in one pose, for the arms."""

    pelvis: Array
    top: Array
    #: Carries a rest position with the third thoracic segment into the world.
    carry: Callable[[Array], Array]


@dataclass(slots=True)
class Pose:
    """Joint angles of one instant, radians (lengths in metres)."""

    thigh: float
    shank: float
    lumbar: float
    thoracic: float
    heel_rise: float
    rib: float
    head: float
    u: float
    #: Left, right.
    stance: tuple[float, float]
    toe_out: tuple[float, float]
    track: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Posed:
    """World positions of joints and the transforms of the bones."""

    points: Joints
    transforms: Transforms
    pelvis: float
    top: float


class Skeleton:
    """Bone lengths of one body and the pose of its joints.

    Parameters
    ----------
    rest : dict
        Joint centres at rest (body.joints).
    floor : float
        Height of the sole's underside in rest coordinates, metres.
    head_top : float
        Height of the crown in rest coordinates, metres.
    """

    def __init__(self, rest: Joints, floor: float, head_top: float) -> None:
        def length(a: str, b: str) -> float:
            return float(np.linalg.norm(rest[a] - rest[b]))

        self.rest = rest
        self.floor = floor
        self.head_top = head_top
        self.thigh, self.shank = length("hipL", "kneeL"), length("kneeL", "ankleL")
        self.upper_arm, self.forearm = length("shoulderL", "elbowL"), length("elbowL", "wristL")
        self.hip_half_width = abs(float(rest["hipL"][0]))
        self.ankle_height = float(rest["ankleL"][2]) - floor

    def pose(self, q: Pose, arms: Arms) -> Posed:
        """Return joints and bone transforms for joint angles."""
        points: Joints = {}
        bones: dict[str, tuple[Array, Array, Array]] = {}  # turn, rest pivot, world pivot
        for i, (side, sign) in enumerate(SIDES):
            self._leg(q, i, side, sign, points, bones)
        points["hip"] = 0.5 * (points["hipL"] + points["hipR"])
        top = self._spine(q, points, bones)
        pelvis = q.rib - q.lumbar
        trunk = self._trunk(points, pelvis, top)
        for side, sign in SIDES:
            self._arm(q, arms, trunk, side, sign, points, bones)
        crown = np.array([0.0, self.rest["head"][1], self.head_top]) - self.rest["head"]
        points["top"] = points["head"] + bones["head"][0] @ crown
        moves = {name: (r, world - r @ rest) for name, (r, rest, world) in bones.items()}
        return Posed(points, moves, pelvis, top)

    def _trunk(self, points: Joints, pelvis: float, top: float) -> Trunk:
        turn, t3, rest = turn_x(top), points["T3"], self.rest["T3"]
        return Trunk(turn_x(pelvis), turn, lambda r: t3 + turn @ (r - rest))

    def _leg(
        self,
        q: Pose,
        i: int,
        side: str,
        sign: float,
        points: Joints,
        bones: dict[str, tuple[Array, Array, Array]],
    ) -> None:
        """Foot on the floor, then the knee and hip that give exact sagittal angles."""
        j = self.rest
        yaw = turn_z(sign * q.toe_out[i])
        toe, ankle = j["toe2" + side], j["ankle" + side]
        ball = np.array([sign * q.stance[i], 0.0, self.ankle_height]) + yaw @ (toe - ankle)
        heel = yaw @ turn_x(q.heel_rise)
        foot = ball + heel @ (ankle - toe)
        bones["foot" + side], bones["toe" + side] = (heel, ankle, foot), (yaw, toe, ball)
        knee = foot + self._shank_vector(q, i, sign, abs(float(foot[0])))
        inward = self.hip_half_width - abs(float(knee[0]))
        r = np.sqrt(self.thigh**2 - inward**2)
        hip = np.array(
            [
                sign * self.hip_half_width,
                knee[1] + r * np.cos(q.thigh),
                knee[2] + r * np.sin(q.thigh),
            ]
        )
        across = np.array([1.0, 0.0, 0.0])
        hinge = turn_z(sign * q.track[i] * (0.35 + 0.65 * q.u)) @ across
        rest_shank, rest_thigh = ankle - j["knee" + side], j["knee" + side] - j["hip" + side]
        shank = frame(foot - knee, hinge) @ frame(rest_shank, across).T
        thigh = frame(knee - hip, hinge) @ frame(rest_thigh, across).T
        bones["shank" + side] = (shank, j["knee" + side], knee)
        bones["thigh" + side] = (thigh, j["hip" + side], hip)
        points.update(
            {"ankle" + side: foot, "ball" + side: ball, "knee" + side: knee, "hip" + side: hip}
        )

    def _shank_vector(self, q: Pose, i: int, sign: float, ankle_x: float) -> Array:
        """Vector from ankle to knee: exact sagittal angle, knees out over the feet."""
        slope = np.tan(q.shank)
        standing = -(ankle_x - self.hip_half_width) * self.shank / (self.shank + self.thigh)
        forward, out, up = self.shank * np.sin(q.shank), 0.0, 0.0
        for _ in range(8):
            out = (1 - q.u) * standing + forward * np.tan(q.track[i])
            up = np.sqrt((self.shank**2 - out**2) / (1 + slope**2))
            forward = up * slope
        return np.array([sign * out, -forward, up])

    def _spine(
        self, q: Pose, points: Joints, bones: dict[str, tuple[Array, Array, Array]]
    ) -> float:
        """Pelvis to head; returns the lean of the upper trunk."""
        angle = q.rib - q.lumbar
        turn, rest, world = turn_x(angle), self.rest["hip"], points["hip"]
        bones["pelvis"] = (turn, rest, world)
        steps = [*(q.lumbar * LUMBAR_SHARES), *[q.thoracic / 3] * 3]
        for name, bone, step in zip(LUMBAR + THORACIC, SPINE[1:], steps, strict=True):
            world = world + turn @ (self.rest[name] - rest)
            rest, angle = self.rest[name], angle + step
            turn = turn_x(angle)
            points[name], bones[bone] = world, (turn, rest, world)
        points["neck"] = world + turn @ (self.rest["neck"] - rest)
        neck = turn_x(0.55 * angle + 0.45 * q.head)
        points["head"] = points["neck"] + neck @ (self.rest["head"] - self.rest["neck"])
        bones["neck"] = (neck, self.rest["neck"], points["neck"])
        bones["head"] = (turn_x(q.head), self.rest["head"], points["head"])
        return float(angle)

    def _arm(
        self,
        q: Pose,
        arms: Arms,
        trunk: Trunk,
        side: str,
        sign: float,
        points: Joints,
        bones: dict[str, tuple[Array, Array, Array]],
    ) -> None:
        j = self.rest
        clavicle = trunk.carry(j["clav" + side])
        turn = trunk.top @ arms.clavicle(sign)
        shoulder = clavicle + turn @ (j["shoulder" + side] - j["clav" + side])
        bones["clav" + side] = (turn, j["clav" + side], clavicle)
        points["shoulder" + side] = shoulder
        target, pole = arms.hand(side, points, trunk, q.u)
        elbow, wrist = two_bones(shoulder, target, self.upper_arm, self.forearm, pole)
        upper = j["elbow" + side] - j["shoulder" + side]
        lower = j["wrist" + side] - j["elbow" + side]
        normal = cross(elbow - shoulder, wrist - elbow)
        if np.linalg.norm(normal) < 1e-5:
            normal = cross(elbow - shoulder, pole)
        rest_normal = cross(upper, lower)
        turn_upper = frame(elbow - shoulder, normal) @ frame(upper, rest_normal).T
        turn_lower = frame(wrist - elbow, normal) @ frame(lower, rest_normal).T
        bones["uarm" + side] = (turn_upper, j["shoulder" + side], shoulder)
        bones["farm" + side] = (turn_lower, j["elbow" + side], elbow)
        bones["hand" + side] = (turn_lower, j["wrist" + side], wrist)
        points["elbow" + side], points["wrist" + side] = elbow, wrist
        points["hand" + side] = wrist + turn_lower @ (j["hand" + side] - j["wrist" + side])


# Joint centres of an average body 1.70 m tall (half female, half male, MakeHuman defaults), for
# what has to run without the shape data; made by body.joints.
_AVERAGE_LEFT = {
    "hip": (0.1036, -0.0050, 0.0511),
    "knee": (0.1455, -0.0383, -0.3490),
    "ankle": (0.1845, -0.0229, -0.7668),
    "clav": (0.0234, -0.0222, 0.5377),
    "shoulder": (0.1760, -0.0198, 0.5144),
    "elbow": (0.3410, -0.0206, 0.3296),
    "wrist": (0.4660, -0.1879, 0.2021),
    "hand": (0.4770, -0.2146, 0.1861),
    "toe1": (0.1594, -0.1578, -0.8081),
    "toe2": (0.1827, -0.1591, -0.8107),
}
_AVERAGE_MIDDLE = {
    "L5S1": (0.0, 0.0263, 0.1408),
    "L4L5": (0.0, 0.0185, 0.1742),
    "L3L4": (0.0, 0.0107, 0.2075),
    "L2L3": (0.0, 0.0098, 0.2409),
    "L1L2": (0.0, 0.0090, 0.2743),
    "T12L1": (0.0, 0.0104, 0.3076),
    "T9": (0.0, 0.0159, 0.3852),
    "T6": (0.0, 0.0152, 0.4604),
    "T3": (0.0, 0.0050, 0.5356),
    "neck": (0.0, -0.0053, 0.6108),
    "head": (0.0, -0.0454, 0.7143),
    "hip": (0.0, -0.0050, 0.0511),
}
_AVERAGE_FLOOR, _AVERAGE_TOP = -0.8574, 0.8626


def average_skeleton() -> Skeleton:
    """Return the skeleton of an average body in shoes with a sole of 2 cm."""
    rest = {k: np.array(x) for k, x in _AVERAGE_MIDDLE.items()}
    for name, (x, y, z) in _AVERAGE_LEFT.items():
        rest[name + "L"], rest[name + "R"] = np.array([x, y, z]), np.array([-x, y, z])
    return Skeleton(rest, _AVERAGE_FLOOR, _AVERAGE_TOP)
