"""The ankle test on a photo: which leg is in front, and where its joints are.

The pose model's joints of the front leg, the outline of its shank and the underside of its
foot go into a ridge regression that was fitted on rendered lunges whose joints are known
(`analysis.calibration.lungefit`). It takes out the model's bias, perspective and the camera's
turn, and gives the length of the body in the picture, from which the scale follows. A second
one, on what a network says that looks at the leg alone (`analysis.legnet`), corrects it.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analysis.angles import unroll
from analysis.ankle import HEEL_UP_DEG, NO_SCALE, AnkleReading, LegPoints, Scale, Side
from analysis.errors import NothingUsableError
from analysis.geometry import flexion_deg, lean_deg, thigh_angle_deg
from analysis.legnet import POINTS, RISE_UNIT_DEG, LegModel, LegNetwork, LegPlace, LegSight
from analysis.pose import Detection, Landmark, PoseModel
from analysis.silhouette import rays_of, sample_silhouette
from analysis.snapshot import Seen, no_person
from analysis.tracking import Region
from analysis.view import edge_tilts

Floats = NDArray[np.float64]

WEIGHTS: Final = Path(__file__).parent / "data" / "ankle.npz"
#: What the regression gives: corrections of the drawn angles, degrees; of the places of the
#: four points, in shank lengths; the camera's turn, degrees; the logarithm of the body's height
#: over the length of the shank in the picture; 1 for a leg on the camera's side, 0 for the
#: other one (the pose model confuses left and right in one lunge of ten); and 1 for a heel that
#: is up.
OUTPUTS: Final = (
    "shank_deg", "heel_deg", "past_toe", "knee_x", "knee_y", "ankle_x", "ankle_y",
    "heel_x", "heel_y", "toe_x", "toe_y", "yaw_deg", "log_height", "is_near", "is_up",
)  # fmt: skip
#: The arrays of a regression, as the file of weights names them.
REGRESSION: Final = ("mean", "spread", "weights", "bias")
#: Features beyond so many standard deviations of the training photos are drawn in.
LIMIT_SD: Final = 4.0
# Whether the heel is up says a mean of its rise and of `is_up` times a usual rise, degrees,
# with this share for the rise: on photos left out of the fit it finds 97 in 100 raised heels
# with 5 false alarms in 100, and the rise alone 96 with 6.
_USUAL_RISE_DEG, _RISE_SHARE = 15.0, 0.3
#: Nobody tilts a phone more without seeing it, degrees.
MOST_ROLL_DEG: Final = 8.0
#: From here on the camera is too oblique for a figure, degrees.
UNUSABLE_YAW_DEG: Final = 28.0
OBLIQUE_YAW_DEG: Final = 18.0

_BODY_OVER_SHANK: Final = 3.6
_RAYS: Final = ("thigh_over", "thigh_under", "shank_front", "shank_back", "toes", "heel")
_LEG: Final = (Landmark.HIP, Landmark.KNEE, Landmark.ANKLE, Landmark.HEEL, Landmark.TOE)
_UPPER: Final = (Landmark.EAR, Landmark.SHOULDER, Landmark.WRIST)
# Columns under the foot, as shares of the way from heel to toe.
_SOLE: Final = np.linspace(-0.25, 1.3, 16)
# Feet one behind the other by less than this share of the shank are no lunge, nor is a front
# knee that bends less than this: 6 in 610 rendered lunges do, and bystanders in mid-step.
_LEAST_STEP: Final = 0.5
_LEAST_BEND_DEG: Final = 20.0
_POSSIBLE_DEG: Final = (-15.0, 65.0)
# Points of photo and mirror image lie apart, in shank lengths: from where on errors are larger
# than usual and by what share for each shank length more, what counts where there is one look
# only, and from where on the leg cannot be made out. Of the leg away from the camera errors are
# larger by a third. All by 604 photos left out of the fit.
_USUAL_DOUBT: Final = 0.06
_WIDER: Final = 4.0
_ONE_SIDED: Final = 0.16
_FAR_WIDER: Final = 0.3
_UNCLEAR: Final = 0.45
_ROLL_SIDE_PX: Final = 640.0
_ANGLE_UNIT_DEG: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the pose model said of a photo once, or of its mirror image.

    Attributes
    ----------
    detection : Detection
        In pixels of the picture; its mask in those of the region.
    region : Region
    size_px : (width, height)
        Of the picture.
    """

    detection: Detection
    region: Region
    size_px: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontLeg:
    """The front leg as the pose model sees it; pixels of the picture.

    Attributes
    ----------
    facing : float
        +1 the lifter looks right.
    roll_deg : float
        Tilt of the camera; 0 = unknown.
    points : LegPoints
        As the pose model has them.
    features : ndarray, shape (D,)
        NaN = missing.
    doubt : float
        How far the points of the photo and of its mirror image lie apart, in shank lengths;
        NaN if only one of the two shows the leg.
    """

    facing: float
    roll_deg: float
    points: LegPoints
    features: Floats
    doubt: float = math.nan

    @property
    def upright(self) -> LegPoints:
        """The points with the camera's tilt taken out, about the ankle."""
        return _turned(self.points, self.roll_deg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """One step of the correction.

    Attributes
    ----------
    mean, spread : ndarray, shape (D,)
    weights : ndarray, shape (D, 15)
    bias : ndarray, shape (15,)
    """

    mean: Floats
    spread: Floats
    weights: Floats
    bias: Floats

    def apply(self, features: Floats) -> Floats:
        """Return `OUTPUTS`, shape (15,)."""
        if features.shape != self.mean.shape:
            raise ValueError(f"expected {self.mean.shape} features, got {features.shape}")
        z = np.clip(np.nan_to_num((features - self.mean) / self.spread), -LIMIT_SD, LIMIT_SD)
        return np.asarray(z @ self.weights + self.bias)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What stands between the pose model and the figures.

    Attributes
    ----------
    first : Regression
        On what the pose model says.
    second : Regression
        On what the network sees around the points of the first; its outputs are added.
    tilt : ndarray, shape (40,)
        Degrees of tilt for the numbers of `edge_tilts`.
    sd : ndarray, shape (15,)
        On photos left out of the fit, of `OUTPUTS` in their units, before `widening`.
    sha256 : str
    """

    first: Regression
    second: Regression
    tilt: Floats
    sd: Floats
    sha256: str

    def roll_deg(self, tilts: Floats) -> float:
        """Tilt of the camera by the edges in the photo, degrees; about 0 where there are few."""
        return float(np.clip(tilts @ self.tilt, -MOST_ROLL_DEG, MOST_ROLL_DEG))

    def apply(
        self, leg: FrontLeg, picture: NDArray[np.uint8], network: LegModel
    ) -> dict[str, float]:
        """Return the outputs by name.

        Parameters
        ----------
        leg : FrontLeg
        picture : ndarray of uint8, shape (H, W, 3)
            The photo.
        network : LegModel
        """
        out = self.first.apply(leg.features)
        out = out + self.second.apply(described(network(picture, place_of(leg, out)), leg, out))
        return dict(zip(OUTPUTS, out.tolist(), strict=True))

    def sd_of(self, name: str) -> float:
        """Return the standard deviation of an output."""
        return float(self.sd[OUTPUTS.index(name)])


@cache
def load_correction(path: Path = WEIGHTS) -> Correction:
    """Read the weights that ship."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name].astype(np.float64) for name in file.files}
    first, second = (
        Regression(**{name: arrays[f"{step}_{name}"] for name in REGRESSION})
        for step in ("first", "second")
    )
    return Correction(
        first=first,
        second=second,
        tilt=arrays["tilt"],
        sd=arrays["sd"],
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lunge:
    """One photo of the ankle test, measured.

    Attributes
    ----------
    reading : AnkleReading
        In pixels of the photo as it was taken.
    yaw_deg : float
    is_near : bool
    height_px : float
        Height of the body in the picture, from which a scale follows.
    """

    reading: AnkleReading
    yaw_deg: float
    is_near: bool
    height_px: float


def measure_lunge(
    seen: Seen,
    model: PoseModel,
    *,
    height_cm: float | None = None,
    side: Side | None = None,
    correction: Correction | None = None,
    network: LegModel | None = None,
) -> Lunge:
    """Measure the ankle test on a photo.

    Parameters
    ----------
    seen : Seen
    model : PoseModel
    height_cm : float, optional
        Barefoot body height, for a scale.
    side : {"left", "right"}, optional
        The leg that is tested; the one in front by default.
    correction : Correction, optional
    network : LegModel, optional

    Returns
    -------
    Lunge

    Raises
    ------
    NothingUsableError
        ``no_lunge``, ``front_view`` or ``feet_cut``.
    """
    correction = correction or load_correction()
    found = looks(seen, model)
    leg = front_leg(found, roll_deg=correction.roll_deg(tilts_of(seen)))
    out = correction.apply(leg, seen.photo.picture, network or LegNetwork())
    return _measured(leg, out, correction, seen, height_cm, side)


def _measured(
    leg: FrontLeg,
    out: dict[str, float],
    correction: Correction,
    seen: Seen,
    height_cm: float | None,
    side: Side | None,
) -> Lunge:
    yaw = out["yaw_deg"]
    if abs(yaw) > UNUSABLE_YAW_DEG:
        raise oblique()
    near: Side = "right" if leg.facing > 0 else "left"
    far: Side = "left" if near == "right" else "right"
    is_near = out["is_near"] > 0.5 if side is None else side == near
    k, upright = seen.to_photo, leg.upright
    shank_px = upright.shank_px
    widen = widening(leg, is_near=is_near)
    height_px = math.exp(out["log_height"]) * shank_px * k
    reading = AnkleReading(
        side=near if is_near else far,
        facing=leg.facing,
        shank_deg=upright.shank_deg(leg.facing) + out["shank_deg"],
        heel_deg=heel_deg(upright.foot_deg(leg.facing) + out["heel_deg"], out["is_up"]),
        past_toe_px=(upright.past_toe_px(leg.facing) + out["past_toe"] * shank_px) * k,
        angle_sd_deg=correction.sd_of("shank_deg") * widen,
        past_toe_sd_px=correction.sd_of("past_toe") * widen * shank_px * k,
        points=_corrected(leg, out, k),
        scale=NO_SCALE
        if height_cm is None
        else Scale(cm_per_px=height_cm / height_px, source="height"),
    )
    if not _is_possible(reading):
        raise unclear()
    return Lunge(reading=reading, yaw_deg=yaw, is_near=is_near, height_px=height_px)


def widening(leg: FrontLeg, *, is_near: bool) -> float:
    """Return by how much wider than usual the bands of a leg are."""
    doubt = _ONE_SIDED if math.isnan(leg.doubt) else leg.doubt
    return 1.0 + _WIDER * max(0.0, doubt - _USUAL_DOUBT) + _FAR_WIDER * (not is_near)


def heel_deg(rise_deg: float, is_up: float) -> float:
    """Return the rise of the heel, or a mean with `is_up` where the two contradict each other."""
    both = _RISE_SHARE * rise_deg + (1 - _RISE_SHARE) * _USUAL_RISE_DEG * is_up
    return rise_deg if (rise_deg > HEEL_UP_DEG) == (both > HEEL_UP_DEG) else both


def _is_possible(reading: AnkleReading) -> bool:
    """Whether a leg can stand like that; other figures come from what is no lunge."""
    low, high = _POSSIBLE_DEG
    return low < reading.ankle_deg < high and reading.heel_deg > low


def unclear() -> NothingUsableError:
    """Make the error for a leg that cannot be made out."""
    return NothingUsableError(
        "unclear",
        "The front leg cannot be made out in this photo. Take it in better light, square "
        "from the side, with nothing in front of the leg.",
    )


def oblique() -> NothingUsableError:
    """Make the error for a camera that does not stand square to the lifter's side."""
    return NothingUsableError(
        "front_view",
        "The photo is taken too far from the side. Hold the phone square to the leg in front, "
        "level with the knee.",
    )


def looks(seen: Seen, model: PoseModel) -> list[Look]:
    """Have the pose model look at a photo and at its mirror image.

    Returns
    -------
    list of Look
        One or two; the mirror image comes second, in its own pixels.

    Raises
    ------
    NothingUsableError
        If the lifter is lost at the second look.
    """
    found = []
    for one in (seen, seen.mirrored(model)):
        if one is not None:
            high, wide = one.photo.picture.shape[:2]
            found.append(
                Look(detection=one.detection(model), region=one.scene.region, size_px=(wide, high))
            )
    return found


def tilts_of(seen: Seen) -> Floats:
    """Lean of the edges in a photo, from which the camera's tilt follows; shape (40,)."""
    high, wide = seen.photo.picture.shape[:2]
    share = min(1.0, _ROLL_SIDE_PX / max(wide, high))
    return edge_tilts(seen.photo.rgb(round(wide * share), round(high * share)))


def front_leg(looks: Sequence[Look], *, roll_deg: float) -> FrontLeg:
    """Find the leg in front and lay out what the regression looks at.

    Parameters
    ----------
    looks : sequence of Look
        From :func:`looks`.
    roll_deg : float

    Returns
    -------
    FrontLeg
        The mean of both looks.

    Raises
    ------
    NothingUsableError
        ``no_lunge``, ``feet_cut`` or ``unclear``.
    """
    wide = looks[0].size_px[0]
    legs, problem = [], no_person()
    for number, look in enumerate(looks):
        try:
            leg = _leg(look, roll_deg if number == 0 else -roll_deg)
        except NothingUsableError as error:
            problem = problem if number else error
            continue
        legs.append(leg if number == 0 else _mirrored_back(leg, wide))
    if not legs:
        raise problem
    if len(legs) == 1:
        return legs[0]
    one, other = legs
    doubt = max(math.dist(getattr(one.points, n), getattr(other.points, n)) for n in POINTS) / max(
        one.points.shank_px, 1.0
    )
    if doubt > _UNCLEAR or one.facing != other.facing:
        raise unclear()
    return FrontLeg(
        facing=one.facing,
        roll_deg=roll_deg,
        points=_between(one.points, other.points),
        features=_mean(one.features, other.features),
        doubt=doubt,
    )


def place_of(leg: FrontLeg, out: Floats) -> LegPlace:
    """Say where the leg is by `OUTPUTS`, in pixels of the photo."""
    points = _corrected(leg, dict(zip(OUTPUTS, out.tolist(), strict=True)), 1.0)
    return LegPlace(
        ankle=np.array(points.ankle),
        shank_px=points.shank_px,
        facing=leg.facing,
        roll_deg=leg.roll_deg,
    )


def described(sight: LegSight, leg: FrontLeg, out: Floats) -> Floats:
    """Lay out what the second regression looks at.

    Parameters
    ----------
    sight : LegSight
        Of the place that `place_of` gave.
    leg : FrontLeg
    out : ndarray, shape (15,)
        Of the first regression.

    Returns
    -------
    ndarray, shape (D,)
        Lengths in shank lengths; last what the first regression looked at.
    """
    upright, facing = leg.upright, leg.facing
    drawn = np.array([getattr(upright, name) for name in POINTS]) - np.array(upright.ankle)
    drawn = drawn * np.array([facing, 1.0]) / upright.shank_px
    moved = out[OUTPUTS.index("ankle_x") :][:2]
    seen = sight.points * (place_of(leg, out).shank_px / upright.shank_px) + moved
    points = _named(seen)
    shape = (seen - seen[1])[[0, 2, 3]] / points.shank_px
    shank, foot = (d / _ANGLE_UNIT_DEG for d in (points.shank_deg(1.0), points.foot_deg(1.0)))
    rise = sight.rise_deg / RISE_UNIT_DEG
    return np.concatenate(
        [
            (seen - drawn).ravel(),
            [
                shank - upright.shank_deg(facing) / _ANGLE_UNIT_DEG,
                foot - upright.foot_deg(facing) / _ANGLE_UNIT_DEG,
                points.past_toe_px(1.0) - upright.past_toe_px(facing) / upright.shank_px,
            ],
            [rise, sight.is_up, rise * shape[0, 0], shank, foot, shank**2, foot**2],
            sight.spread,
            shape.ravel(),
            leg.features,
        ]
    )


def _named(points: Floats) -> LegPoints:
    rows = [(float(x), float(y)) for x, y in points]
    return LegPoints(**dict(zip(POINTS, rows, strict=True)))


def _mean(one: Floats, other: Floats) -> Floats:
    return np.where(np.isnan(one), other, np.where(np.isnan(other), one, 0.5 * (one + other)))


def _between(one: LegPoints, other: LegPoints) -> LegPoints:
    middle = {
        n: tuple(0.5 * (a + b) for a, b in zip(getattr(one, n), getattr(other, n), strict=True))
        for n in POINTS
    }
    return LegPoints(**{n: (float(p[0]), float(p[1])) for n, p in middle.items()})


def _mirrored_back(leg: FrontLeg, wide: int) -> FrontLeg:
    points = {n: (wide - getattr(leg.points, n)[0], getattr(leg.points, n)[1]) for n in POINTS}
    return replace(leg, facing=-leg.facing, roll_deg=-leg.roll_deg, points=LegPoints(**points))


def _leg(look: Look, roll_deg: float) -> FrontLeg:
    xy = look.detection.xy_px
    facing = _facing(xy)
    front = int(np.argmax(xy[Landmark.ANKLE : Landmark.ANKLE + 2, 0] * facing))
    _refuse(xy, front, facing, look.size_px)
    return FrontLeg(
        facing=facing,
        roll_deg=roll_deg,
        points=_leg_points(xy, front),
        features=_features(look, front=front, facing=facing, roll=roll_deg),
    )


def _refuse(xy: Floats, front: int, facing: float, size_px: tuple[int, int]) -> None:
    """Refuse who does not lunge, and a leg that is no leg or lies outside the picture."""
    hip, knee, ankle, heel, toe = (xy[i + front] for i in _LEG)
    shank, thigh, foot = (
        float(np.linalg.norm(a - b)) for a, b in ((knee, ankle), (hip, knee), (toe, heel))
    )
    step = float(ankle[0] - xy[Landmark.ANKLE + 1 - front, 0]) * facing
    is_leg = 0.5 * shank < thigh < 1.7 * shank and 0.25 * shank < foot < 1.0 * shank
    is_upright = knee[1] < ankle[1] - 0.4 * shank and (toe[0] - heel[0]) * facing > 0.2 * shank
    is_bent = float(flexion_deg(hip, knee, ankle)) > _LEAST_BEND_DEG
    if step < _LEAST_STEP * shank or not (is_leg and is_upright and is_bent):
        raise NothingUsableError(
            "no_lunge",
            "Nobody in this photo can be seen from the side with one foot in front. Put the foot "
            "to be tested well in front and drive its knee over the toes.",
        )
    points = np.array([knee, heel, toe])
    if (points < 0).any() or (points > np.array(size_px)).any():
        raise NothingUsableError(
            "feet_cut",
            "The front foot or knee is cut off by the edge of the photo. Take it with the whole "
            "body and both feet in the picture.",
        )


def _facing(xy: Floats) -> float:
    """+1 where the lifter looks right: by nose, shoulders over hips, and the more level foot."""
    feet = xy[Landmark.TOE : Landmark.TOE + 2] - xy[Landmark.HEEL : Landmark.HEEL + 2]
    level = feet[:, 0] * np.abs(feet[:, 0]) / np.maximum(np.linalg.norm(feet, axis=1), 1.0)
    ears = xy[Landmark.EAR : Landmark.EAR + 2, 0].mean()
    forward = float(level[np.argmax(np.abs(level))]) + 2.0 * float(xy[Landmark.NOSE, 0] - ears)
    return 1.0 if forward > 0 else -1.0


def _leg_points(xy: Floats, front: int) -> LegPoints:
    return _named(xy[[i + front for i in _LEG[1:]]])


def _turned(points: LegPoints, roll_deg: float) -> LegPoints:
    ankle = np.array(points.ankle)
    stacked = np.array([getattr(points, name) for name in POINTS]) - ankle
    return _named(unroll(stacked, roll_deg) + ankle)


def _corrected(leg: FrontLeg, out: dict[str, float], k: float) -> LegPoints:
    """Move the points to where the regression says, in pixels of the photo as it was taken."""
    upright, shank = leg.upright, leg.upright.shank_px
    ankle = np.array(upright.ankle)
    moved = np.array([[leg.facing * out[f"{n}_x"], out[f"{n}_y"]] for n in POINTS]) * shank
    drawn = np.array([getattr(upright, name) for name in POINTS])
    return _named((unroll(drawn + moved - ankle, -leg.roll_deg) + ankle) * k)


def _features(look: Look, *, front: int, facing: float, roll: float) -> Floats:
    """Lay out numbers without pixels; lengths in shank lengths from the front ankle."""
    detection, near = look.detection, 0 if facing < 0 else 1
    ankle = detection.xy_px[Landmark.ANKLE + front]
    xy = unroll(detection.xy_px - ankle, roll)
    shank_px = float(np.linalg.norm(xy[Landmark.KNEE + front]))
    mirror = np.array([facing, 1.0])
    place = xy * mirror / shank_px
    rear = 1 - front
    places = [place[i + front] for i in _LEG if i is not Landmark.ANKLE]
    places += [place[i + rear] for i in _LEG]
    places += [place[i + k] for i in _UPPER for k in (near, 1 - near)]
    places.append(place[Landmark.NOSE])
    hip, knee, heel, toe = (xy[i + front] for i in (23, 25, 29, 31))
    angles = [
        float(lean_deg(np.zeros(2), knee, facing=facing)),
        float(thigh_angle_deg(hip, knee, facing=facing)),
        math.degrees(math.atan2(toe[1] - heel[1], (toe[0] - heel[0]) * facing)),
    ]
    turned = np.array(angles) / _ANGLE_UNIT_DEG
    seen_by = [detection.visibility[i + k] for i in _LEG[1:] for k in (front, rear)]
    return np.concatenate(
        [
            np.concatenate(places),
            turned,
            turned**2,
            _world(detection, front=front, near=near, facing=facing),
            _outline(look, front=front, facing=facing, shank_px=shank_px),
            seen_by,
            [float(front == near), math.log(shank_px / look.size_px[1])],
        ]
    )


def _world(detection: Detection, *, front: int, near: int, facing: float) -> Floats:
    world = detection.world_m * np.array([facing, 1.0, 1.0])
    shank = float(np.linalg.norm(world[Landmark.KNEE + front] - world[Landmark.ANKLE + front]))
    pairs = [
        (Landmark.KNEE + front, Landmark.ANKLE + front),
        (Landmark.TOE + front, Landmark.HEEL + front),
        (Landmark.HEEL + front, Landmark.ANKLE + front),
        (Landmark.HIP + front, Landmark.KNEE + front),
        (Landmark.HIP + near, Landmark.HIP + 1 - near),
        (Landmark.SHOULDER + near, Landmark.SHOULDER + 1 - near),
    ]
    return np.concatenate([(world[a] - world[b]) / max(shank, 1e-3) for a, b in pairs])


def _outline(look: Look, *, front: int, facing: float, shank_px: float) -> Floats:
    """Rays from the front leg alone to its outline, and the underside of its foot."""
    region, mask, detection = look.region, look.detection.mask, look.detection
    n_rays = sum(rays_of(name).stop - rays_of(name).start for name in _RAYS)
    if mask is None:
        return np.full(n_rays + len(_SOLE), np.nan)
    xy = region.points_from_film(detection.xy_px)
    shank = shank_px * region.scale
    # Rays start in the middle of left and right: with both legs in one place, on the leg.
    alone = xy.copy()
    for i in _LEG:
        alone[i] = alone[i + 1] = xy[i + front]
    shape = sample_silhouette(mask, alone, facing=facing, body_px=_BODY_OVER_SHANK * shank)
    rays = np.concatenate([shape.ray_px[rays_of(name)] for name in _RAYS])
    heel, toe = xy[Landmark.HEEL + front], xy[Landmark.TOE + front]
    return np.concatenate([rays, _sole(mask, heel, toe, shank)]) / shank


def _sole(mask: NDArray[np.float32], heel: Floats, toe: Floats, shank_px: float) -> Floats:
    """Lowest row of the lifter under the foot, column by column, against the toe; pixels."""
    rows = np.full(len(_SOLE), np.nan)
    first = max(0, int(min(heel[1], toe[1]) - 0.15 * shank_px))
    last = min(mask.shape[0], int(max(heel[1], toe[1]) + 0.3 * shank_px) + 1)
    for k, share in enumerate(_SOLE):
        column = round(float(heel[0] + share * (toe[0] - heel[0])))
        if not 0 <= column < mask.shape[1] or last - first < 2:
            continue
        level = mask[first:last, column].astype(float)
        inside = np.flatnonzero(level > 0.5)
        if len(inside) and inside[-1] + 1 < len(level):
            at = int(inside[-1])
            between = (level[at] - 0.5) / max(level[at] - level[at + 1], 1e-6)
            rows[k] = first + at + between - toe[1]
    return rows
