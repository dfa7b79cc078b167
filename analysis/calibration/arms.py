"""Where the arms are during a squat, and what they carry."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.skeleton import Joints, Skeleton, Trunk, turn_x, turn_z

Array = NDArray[np.float64]


def _at(x: float, y: float, z: float) -> Array:
    return np.array([x, y, z])


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmPlan:
    """One way of holding the arms, for one body; satisfies skeleton.Arms.

    Attributes
    ----------
    mode : str
        One of ARM_MODES in sample.py.
    length : float
        Upper arm and forearm together, metres.
    chest : float
        Front of the chest in front of the T6 joint, metres (negative: -y is forward).
    bar : ndarray or None
        Centre of the bar relative to the T3 joint at rest, metres.
    grip : float
        Half the distance between the hands on a bar, metres.
    variety : float
        0 to 1, small differences between people.
    """

    mode: str
    length: float
    chest: float
    bar: Array | None
    grip: float
    variety: float

    def clavicle(self, sign: float) -> Array:
        """Return the collar bone's turn relative to the upper trunk."""
        turns = {"bar": 0.12, "hands_at_head": 0.1, "hips": 0.05, "hanging": 0.0, "crossed": -0.1}
        return turn_z(sign * turns.get(self.mode, -0.06))

    def hand(self, side: str, points: Joints, trunk: Trunk, u: float) -> tuple[Array, Array]:
        """Return the wrist's target and the elbow's pole, world."""
        sign = 1.0 if side == "L" else -1.0
        if self.mode in ("bar", "front_rack", "crossed_front"):
            return self._on_bar(sign, points, trunk)
        if self.mode in ("goblet", "crossed", "clasped"):
            return self._at_chest(sign, points, trunk)
        if self.mode == "hips":
            target = points["hip"] + trunk.pelvis @ _at(sign * 0.17, -0.03, 0.11)
            return target, trunk.top @ _at(sign, 0.7, -0.2)
        if self.mode == "hands_at_head":
            head = points["head"] + trunk.top @ _at(sign * 0.10, 0.02 + 0.05 * self.variety, 0.07)
            return head, trunk.top @ _at(sign, 0.3 - 0.8 * self.variety, 0.1)
        return self._free(sign, points["shoulder" + side], u)

    def _on_bar(self, sign: float, points: Joints, trunk: Trunk) -> tuple[Array, Array]:
        assert self.bar is not None
        if self.mode == "bar":
            at, pole = _at(sign * self.grip, 0.015, -0.025), _at(sign * 0.35, 0.35, -1.0)
        elif self.mode == "front_rack":
            at, pole = _at(sign * 0.6 * self.grip, -0.01, 0.0), _at(sign * 0.3, -1.0, 0.1)
        else:
            at, pole = _at(-sign * 0.14, -0.02, 0.03), _at(sign * 0.5, -1.0, 0.0)
        return points["T3"] + trunk.top @ (self.bar + at), trunk.top @ pole

    def _at_chest(self, sign: float, points: Joints, trunk: Trunk) -> tuple[Array, Array]:
        if self.mode == "crossed":
            at = _at(-sign * 0.10, self.chest - 0.035, -0.02 * sign)
            return points["T3"] + trunk.top @ at, _at(sign * 0.8, -0.6, -0.45)
        reach = 0.085 if self.mode == "goblet" else 0.05 + 0.17 * self.variety
        at = _at(sign * (0.065 if self.mode == "goblet" else 0.03), self.chest - reach, 0.015)
        return points["T6"] + trunk.top @ at, _at(sign * 0.55, -0.15, -1.0)

    def _free(self, sign: float, shoulder: Array, u: float) -> tuple[Array, Array]:
        """Arms stretched forward as the lifter goes down, or hanging all the time."""
        if self.mode == "hanging":
            raised = np.radians(2 + 16 * self.variety * u)
        else:
            high = [25 + 20 * self.variety, 75, 84 + 10 * (self.variety - 0.5)]
            if self.variety > 0.6:
                high[0] = 80  # held forward from the start
            raised = np.radians(np.interp(u, [0, 0.5, 1], high))
        direction = _at(-sign * 0.10 * np.sin(raised), -np.sin(raised), -np.cos(raised))
        if self.mode == "hanging":
            direction = direction + _at(sign * 0.12, 0.0, 0.0)
        return shoulder + 0.97 * self.length * direction, _at(sign * 0.6, 0.3, -1.0)


def make(
    skeleton: Skeleton, *, mode: str, chest: float, bar: Array | None, grip: float, variety: float
) -> ArmPlan:
    """Return the arm plan for a body."""
    length = skeleton.upper_arm + skeleton.forearm
    return ArmPlan(mode=mode, length=length, chest=chest, bar=bar, grip=grip, variety=variety)


def load_centre(plan: ArmPlan, points: Joints, top: float) -> Array:
    """Return where the load's centre of mass is, world."""
    if plan.bar is not None:
        centre: Array = points["T3"] + turn_x(top) @ plan.bar
        return centre
    return 0.5 * (points["handL"] + points["handR"])
