"""The ankle test: one foot in front, the knee driven over the toes, for a single photo.

Half kneeling or standing with the other leg behind, heel down or up, in shoes or barefoot.
How far the knee passes the toes is drawn evenly and the shank angle follows from it, so that
neither the body's build nor the way of kneeling tells the result.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.calibration import camera, film, lifter, scene, truth
from analysis.calibration.lifter import Lifter
from analysis.calibration.motion import Schedule, Track
from analysis.calibration.sample import Clip, Rng, as_advised, draw, pick, stream
from analysis.calibration.skeleton import (
    SIDES,
    Joints,
    Pose,
    Posed,
    Skeleton,
    Trunk,
    frame,
    turn_x,
    turn_z,
    two_bones,
)

Array = NDArray[np.float64]
Bones = dict[str, tuple[Array, Array, Array]]

#: Index of the first clip whose body and room are borrowed; squats count from 0.
FIRST = 5_000_000
#: Pixels of the photo, and how often: what is left of a phone's photo for the pose model.
SIZES: dict[tuple[int, int], float] = {(720, 960): 0.45, (960, 720): 0.25, (540, 960): 0.3}
#: Height of the middle of a knee that kneels, metres.
KNEELING_KNEE = 0.055
#: Beyond this no ankle bends, degrees.
MAX_ANKLE = 54.0
#: Diameter of the plate that a lifter may mark in the photo, metres (IWF rules).
PLATE = 0.45
#: How hands are held; on the front knee in a third.
ARMS = {"knee": 0.34, "hanging": 0.16, "hips": 0.16, "forward": 0.12, "clasped": 0.12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lunge:
    """What is drawn about one ankle test. Degrees, metres.

    Attributes
    ----------
    front : {"L", "R"}
        The leg in front, which is tested.
    is_kneeling : bool
    heel_deg : float
        Heel rise; 0 = down.
    past_toe : float
        Knee joint past the tip of the longest toe, metres; + past.
    rear : float
        Kneeling: lean of the rear thigh, + knee behind the hip. Standing: how straight the
        rear leg is, as a share of its length.
    thigh_deg : float
        Front thigh if standing.
    rear_foot_deg : float
        Turn of the rear foot, + heel up.
    """

    front: str
    is_kneeling: bool
    heel_deg: float
    past_toe: float
    rear: float
    thigh_deg: float
    rear_foot_deg: float
    lean_deg: float
    lumbar_deg: float
    thoracic_deg: float
    head_deg: float
    toe_out: float
    track: float
    stance: float
    arms: str
    is_barefoot: bool


def draw_lunge(split: str, index: int) -> tuple[Clip, Lunge]:
    """Draw one test: whose it is, where, and how the leg stands."""
    rng = stream(split, FIRST + index, "lunge")
    clip = as_advised(draw(split, FIRST + index))
    lunge = _pose(rng)
    near = clip.view == "left"
    # Seen from the side of the leg in front, as the app asks; one in eight is not.
    asked = rng.random() < 0.875
    lunge = replace(lunge, front="L" if near == asked else "R")
    width, height = pick(rng, SIZES)
    dark = rng.random() < 0.08
    photo = replace(
        clip.film,
        width=width,
        height=height,
        noise=_uniform(rng, 0.3, 3),
        blur=_uniform(rng, 0.1, 0.4),
        motion_blur=0.0,
        gain=_uniform(rng, 0.35, 0.7) if dark else clip.film.gain,
    )
    view = replace(
        clip.camera,
        yaw=float(np.clip(rng.normal(0, 6), -14, 14))
        if rng.random() < 0.85
        else _uniform(rng, -32, 32),
        roll=float(np.clip(rng.normal(0, 1.5), -5, 5)),
        height=_uniform(rng, 0.2, 1.4),
        distance=_uniform(rng, 1.8, 4.0),
        fill=_uniform(rng, 0.45, 0.85),
        crop_head=_uniform(rng, 0.12, 0.4) if rng.random() < 0.12 else 0.0,
        shake=0.0,
    )
    clip = replace(
        clip,
        arms="hanging" if lunge.arms == "knee" else lunge.arms,
        kind="lunge",
        film=photo,
        camera=view,
        outfit=replace(clip.outfit, sole=0.0) if lunge.is_barefoot else clip.outfit,
        load=replace(clip.load, mass=0.0, plates=[]),
    )
    return clip, lunge


def _uniform(rng: Rng, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _pose(rng: Rng) -> Lunge:
    kneeling = bool(rng.random() < 0.55)
    heel_up = bool(rng.random() < 0.3)
    toe = _uniform(rng, 0, 18)
    tucked = bool(rng.random() < 0.6)
    return Lunge(
        front="L",
        is_kneeling=kneeling,
        heel_deg=_uniform(rng, 7, 30) if heel_up else 0.0,
        past_toe=_uniform(rng, 0.0, 0.16) if rng.random() < 0.85 else _uniform(rng, -0.06, 0.0),
        rear=_uniform(rng, -5, 42) if kneeling else _uniform(rng, 0.88, 0.985),
        thigh_deg=_uniform(rng, 22, 66),
        rear_foot_deg=(_uniform(rng, 62, 85) if tucked else _uniform(rng, 140, 158))
        if kneeling
        else _uniform(rng, 10, 55),
        lean_deg=_uniform(rng, -4, 38),
        lumbar_deg=_uniform(rng, -6, 16),
        thoracic_deg=_uniform(rng, -4, 26),
        head_deg=_uniform(rng, -15, 45),
        toe_out=toe,
        track=toe * _uniform(rng, 0.6, 1.2),
        stance=_uniform(rng, 0.05, 0.15),
        arms=pick(rng, ARMS),
        is_barefoot=bool(rng.random() < 0.4),
    )


@dataclass(frozen=True, slots=True)
class _KneeArms:
    """Hands on the front knee; satisfies skeleton.Arms."""

    front: str
    variety: float

    def hand(self, side: str, points: Joints, trunk: Trunk, u: float) -> tuple[Array, Array]:
        sign = 1.0 if side == "L" else -1.0
        knee, hip = points["knee" + self.front], points["hip" + self.front]
        on = knee + (0.02 + 0.12 * self.variety) * (hip - knee) / np.linalg.norm(hip - knee)
        return on + np.array([0.03 * sign, 0.0, 0.085]), trunk.top @ np.array([sign, 0.1, -0.4])

    def clavicle(self, sign: float) -> Array:
        return turn_z(-0.06 * sign)


class LungingSkeleton(Skeleton):
    """A skeleton whose legs differ: the front one as in a squat, the other behind it.

    Parameters
    ----------
    of : Skeleton
    lunge : Lunge
    """

    def __init__(self, of: Skeleton, lunge: Lunge) -> None:
        super().__init__(of.rest, of.floor, of.head_top)
        self.lunge = lunge

    def _leg(self, q: Pose, i: int, side: str, sign: float, points: Joints, bones: Bones) -> None:
        """Pose the front leg when the first leg is asked for, and the rear one from its hip."""
        front = 0 if self.lunge.front == "L" else 1
        if "hip" + self.lunge.front not in points:
            self._front(q, front, points, bones)
        if side != self.lunge.front:
            hip = points["hip" + self.lunge.front] * np.array([-1.0, 1.0, 1.0])
            self._rear(side, sign, hip, points, bones)

    def _front(self, q: Pose, i: int, points: Joints, bones: Bones) -> None:
        side, sign = SIDES[i]
        if self.lunge.is_kneeling:
            super()._leg(q, i, side, sign, points, bones)  # tells where the knee is
            high = KNEELING_KNEE + self.thigh * np.cos(np.radians(self.lunge.rear))
            rise = (high - float(points["knee" + side][2])) / self.thigh
            q.thigh = float(np.arcsin(np.clip(rise, -0.7, 0.95)))
        super()._leg(q, i, side, sign, points, bones)

    def _rear(self, side: str, sign: float, hip: Array, points: Joints, bones: Bones) -> None:
        j, across = self.rest, np.array([1.0, 0.0, 0.0])
        foot_turn = turn_x(np.radians(self.lunge.rear_foot_deg))
        to_ball = foot_turn @ (j["toe2" + side] - j["ankle" + side])
        # The ball of the foot, or the instep, lies on the floor.
        ankle_z = self.ankle_height + float((j["toe2" + side] - j["ankle" + side] - to_ball)[2])
        ankle_z = max(ankle_z, 0.05)
        if self.lunge.is_kneeling:
            knee_z = KNEELING_KNEE
            back = np.sqrt(max(self.thigh**2 - (float(hip[2]) - knee_z) ** 2, 0.0))
            knee = np.array([hip[0], hip[1] + np.sign(self.lunge.rear + 1e-9) * back, knee_z])
            along = np.sqrt(max(self.shank**2 - (ankle_z - knee_z) ** 2, 0.0))
            ankle = np.array([knee[0], knee[1] + along, ankle_z])
        else:
            long = self.lunge.rear * (self.thigh + self.shank)
            back = np.sqrt(max(long**2 - (float(hip[2]) - ankle_z) ** 2, 0.05**2))
            target = np.array([hip[0], hip[1] + back, ankle_z])
            pole = np.array([0.0, -1.0, -0.3])
            knee, ankle = two_bones(hip, target, self.thigh, self.shank, pole)
        rest_shank, rest_thigh = (
            j["ankle" + side] - j["knee" + side],
            j["knee" + side] - j["hip" + side],
        )
        shank = frame(ankle - knee, across) @ frame(rest_shank, across).T
        thigh = frame(knee - hip, across) @ frame(rest_thigh, across).T
        ball = ankle + to_ball
        flat = self.lunge.is_kneeling and self.lunge.rear_foot_deg > 100
        bones["foot" + side] = (foot_turn, j["ankle" + side], ankle)
        bones["toe" + side] = (foot_turn if flat else np.eye(3), j["toe2" + side], ball)
        bones["shank" + side] = (shank, j["knee" + side], knee)
        bones["thigh" + side] = (thigh, j["hip" + side], hip)
        points.update(
            {"ankle" + side: ankle, "ball" + side: ball, "knee" + side: knee, "hip" + side: hip}
        )


def pose(person: Lifter, lunge: Lunge, variety: float) -> tuple[Posed, Lunge]:
    """Pose a lifter; where no ankle bends so far, the knee stays further back.

    Returns
    -------
    (Posed, Lunge)
        The lunge with the `past_toe` that was reached.
    """
    skeleton = LungingSkeleton(person.skeleton, lunge)
    arms = _KneeArms(lunge.front, variety) if lunge.arms == "knee" else person.arms
    low, high = -10.0, MAX_ANKLE + lunge.heel_deg
    for _ in range(24):
        shank = 0.5 * (low + high)
        posed = skeleton.pose(_angles(lunge, shank), arms)
        reached = past_toe(person, posed, lunge.front)
        low, high = (shank, high) if reached < lunge.past_toe else (low, shank)
    return posed, replace(lunge, past_toe=reached)


def past_toe(person: Lifter, posed: Posed, side: str) -> float:
    """Return how far the knee joint is in front of the tip of the longest toe, metres."""
    bone, at = person.surface["toe_tip" + side]
    turn, move = posed.transforms[bone]
    return float((turn @ at + move)[1] - posed.points["knee" + side][1])


def _angles(lunge: Lunge, shank_deg: float) -> Pose:
    turn = np.radians(lunge.toe_out)
    track = np.radians(lunge.track)
    return Pose(
        thigh=float(np.radians(lunge.thigh_deg)),
        shank=float(np.radians(shank_deg)),
        lumbar=float(np.radians(lunge.lumbar_deg)),
        thoracic=float(np.radians(lunge.thoracic_deg)),
        heel_rise=float(np.radians(lunge.heel_deg)),
        rib=float(np.radians(lunge.lean_deg)),
        head=float(np.radians(np.clip(lunge.head_deg, -18, 45))),
        u=1.0,
        stance=(lunge.stance, lunge.stance),
        toe_out=(turn, turn),
        track=(track, track),
    )


def _reach(posed: Posed, *, crop: bool) -> Array:
    """Return the points that have to be in the picture."""
    p = posed.points
    names = [n + s for n in ("hand", "shoulder", "hip", "knee", "ankle", "ball") for s in "LR"]
    rows = [p[n] for n in (*names, "top")]
    for side in "LR":
        ball, ankle = (p[n + side] * np.array([1.0, 1.0, 0.0]) for n in ("ball", "ankle"))
        rows += [ball - np.array([0.0, 0.14, 0.0]), ankle + np.array([0.0, 0.1, 0.0])]
    if not crop:
        rows.append(p["top"] + [0, 0, 0.03])
    return np.array(rows)


def finished(folder: Path, split: str, index: int) -> bool:
    """Tell whether a photo and its truth are there. The truth is written last."""
    return (folder / f"{split}_{index:05d}_lunge.json").is_file()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One rendered ankle test: whose, how posed, how seen, and its picture (RGB)."""

    clip: Clip
    lunge: Lunge
    person: Lifter
    posed: Posed
    view: camera.View
    rgb: NDArray[np.uint8]


def photograph(split: str, index: int) -> Shot:
    """Render one ankle test."""
    # Only here: what is drawn at random can be looked at without OpenGL.
    from analysis.calibration.render import Renderer

    clip, lunge = draw_lunge(split, index)
    person = lifter.build(clip)
    posed, lunge = pose(person, lunge, clip.arm_variety)
    one = np.zeros(1)
    track = Track(Schedule(one, one + 1, np.zeros(1, int), ["bottom"], []), [posed], *[one] * 8)
    view = camera.place(clip, track, _reach(posed, crop=clip.camera.crop_head > 0))
    degrade = film.Degrade(clip.film, stream(split, FIRST + index, "grain"))
    with Renderer(clip, person, scene.surroundings(clip), view) as renderer:
        picture = renderer.picture(0, 0.0, person.posed_vertices(posed), None)
    return Shot(
        clip=clip, lunge=lunge, person=person, posed=posed, view=view, rgb=degrade(picture, 0.0)
    )


def make(split: str, index: int, folder: Path) -> str:
    """Render one photo with its truth into a folder and return one line about it."""
    shot = photograph(split, index)
    name = f"{split}_{index:05d}_lunge"
    quality = int(stream(split, FIRST + index, "file").integers(70, 96))
    target = folder / f"{name}.jpg"
    bgr = cv2.cvtColor(shot.rgb, cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(target), bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    row = _truth(shot.clip, shot.lunge, shot.person, shot.posed, shot.view)
    part = folder / f".{name}.json.part"
    part.write_text(json.dumps(row), encoding="utf-8")
    part.rename(folder / f"{name}.json")
    return f"{name} ankle {row['ankle_deg']:.0f} knee past toe {row['knee_past_toe_cm']:.1f} cm"


def _truth(
    clip: Clip, lunge: Lunge, person: Lifter, posed: Posed, view: camera.View
) -> dict[str, Any]:
    named = truth.points(person, posed)
    side = lunge.front
    shank = truth.lean_angle(named["ankle_" + side], named["knee_" + side])
    pixels = dict(zip(named, view.project(np.array(list(named.values())), 0).tolist(), strict=True))
    sizes = truth.sizes(clip, person)
    rng = stream(clip.split, clip.index, "plate")
    # A plate on its edge beside the foot, its ends tapped in the photo.
    middle = named["ankle_" + side] * [1, 1, 0] + [
        rng.uniform(-0.15, 0.15),
        rng.uniform(-0.4, 0.4),
        PLATE / 2,
    ]
    ends = middle + np.array([[0, -PLATE / 2, 0], [0, PLATE / 2, 0]])
    taps = view.project(ends, 0) + rng.normal(size=(2, 2)) * 0.003 * max(view.width, view.height)
    return {
        "side": "left" if side == "L" else "right",
        "view_side": clip.view,
        "is_near": (side == "L") == (clip.view == "left"),
        "ankle_deg": shank - lunge.heel_deg,
        "shank_deg": shank,
        "heel_deg": lunge.heel_deg,
        "knee_past_toe_cm": 100 * lunge.past_toe,
        "height_cm": sizes["height_barefoot_cm"],
        "shank_cm": sizes["shank_cm"],
        "foot_cm": sizes["foot_length_cm"],
        "yaw_deg": clip.camera.yaw,
        "roll_deg": clip.camera.roll,
        "crops_head": clip.camera.crop_head > 0,
        "px_per_cm": _px_per_cm(view, named["ankle_" + side]),
        "plate_px": taps.tolist(),
        "points_px": pixels,
        "width": view.width,
        "height": view.height,
        "bottoms": clip.outfit.bottoms,
        "lunge": asdict(lunge),
    }


def _px_per_cm(view: camera.View, at: Array) -> float:
    half = np.array([0.0, 0.005, 0.0])
    pair = view.project(np.stack([at - half, at + half]), 0)
    return float(np.linalg.norm(pair[1] - pair[0]))
