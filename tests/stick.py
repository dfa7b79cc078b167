"""A made-up lifter with known angles, and a pose model that sees only made-up lifters.

The body is a stick figure in space: forward, up and to its own left, in pixels of
the film, turned before a camera far away. The film itself shows a ramp of colours
only. While a made-up estimator is open, the pictures cut for it remember which part
of the film they are; whether that is true it checks by the ramp.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from unittest import mock

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.estimator import OUTPUTS, Estimates, Estimator
from analysis.frame import Frame
from analysis.pose import CONFIDENCE, Detection, Landmark, PoseTrack
from analysis.tracking import Region
from analysis.view import Side, facing_of
from tests.clips import Picture, even_times, write_clip

Curve = NDArray[np.float64]
Motion = Callable[[float], float]

SIDES: tuple[Side, Side] = ("left", "right")
# Lengths as shares of the body's height (Drillis and Contini 1966).
SHANK, THIGH, TRUNK, EAR_OVER_SHOULDER = 0.246, 0.245, 0.288, 0.118
ANKLE_HEIGHT = 0.039
_UPPER_ARM, _FOREARM = 0.186, 0.146
# Shoulders apart as the view module takes them to be.
_SHOULDERS = 0.72 * TRUNK
_THIGH_UP, _SHANK_UP, _TRUNK_UP = 86.0, 4.0, 3.0
# The ramp: red along x, blue along y, from the first level over so many.
_DARKEST, _LEVELS = 60.0, 130.0


def standing_still(time_s: float) -> float:
    """Do nothing."""
    return 0.0


def squats(
    starts_s: Iterable[float],
    *,
    down_s: float = 1.0,
    pause_s: float = 0.2,
    up_s: float = 1.0,
) -> Motion:
    """Make a motion that is 0 standing and 1 at the bottom.

    Each squat is a half wave down, a pause and a half wave up; the bottom as the
    middle of the pause is at ``start + down_s + pause_s / 2``.
    """
    starts = tuple(starts_s)

    def depth(time_s: float) -> float:
        for start in starts:
            since = time_s - start
            if 0 <= since < down_s:
                return 0.5 - 0.5 * float(np.cos(np.pi * since / down_s))
            if 0 <= since - down_s < pause_s:
                return 1.0
            rising = since - down_s - pause_s
            if 0 <= rising < up_s:
                return 0.5 + 0.5 * float(np.cos(np.pi * rising / up_s))
        return 0.0

    return depth


def always(time_s: float) -> bool:
    """Be there all the time."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifter:
    """One made-up person.

    Attributes
    ----------
    ankle_px : (x, y)
        Where the middle of the ankles stands, pixels of the film.
    height_px : float
        Length of the body.
    side : {"left", "right"}
        The side of the body that the camera sees.
    depth : callable
        0 standing to 1 at the bottom, over seconds.
    thigh_deg, ankle_deg, trunk_deg : float
        Angles at the bottom.
    tuck_deg : float
        How far the outline of the back fills out at the bottom, as flexion.
    yaw_deg : float
        Turn of the camera toward the lifter's front; 90 is a front view.
    heel_deg : float
        Turn of the foot at the bottom, heel up about the toe.
    hands : {"chest", "hanging"}
    walk_px_per_s : float
        Speed across the picture, to the right.
    is_there : callable
        Whether the person is in the film at a time.
    """

    ankle_px: tuple[float, float] = (240.0, 400.0)
    height_px: float = 300.0
    side: Side = "right"
    depth: Motion = standing_still
    thigh_deg: float = -8.0
    ankle_deg: float = 28.0
    trunk_deg: float = 38.0
    tuck_deg: float = 0.0
    yaw_deg: float = 0.0
    heel_deg: float = 0.0
    hands: str = "chest"
    walk_px_per_s: float = 0.0
    is_there: Callable[[float], bool] = always

    def thigh_at(self, time_s: float) -> float:
        """Thigh angle at a time, degrees."""
        return _THIGH_UP + (self.thigh_deg - _THIGH_UP) * self.depth(time_s)

    def ankle_at(self, time_s: float) -> float:
        """Shank against the vertical at a time, degrees."""
        return _SHANK_UP + (self.ankle_deg - _SHANK_UP) * self.depth(time_s)

    def trunk_at(self, time_s: float) -> float:
        """Trunk against the vertical at a time, degrees."""
        return _TRUNK_UP + (self.trunk_deg - _TRUNK_UP) * self.depth(time_s)

    def body(self, time_s: float) -> NDArray[np.float64]:
        """Return the landmarks, shape (33, 3): forward, up and left of the ankles."""
        tall = self.height_px
        thigh, shank, trunk = (
            np.radians(angle(time_s)) for angle in (self.thigh_at, self.ankle_at, self.trunk_at)
        )
        ankle = np.zeros(2)
        knee = ankle + SHANK * tall * np.array([np.sin(shank), np.cos(shank)])
        hip = knee + THIGH * tall * np.array([-np.cos(thigh), np.sin(thigh)])
        along = np.array([np.sin(trunk), np.cos(trunk)])
        shoulder = hip + TRUNK * tall * along
        ear = shoulder + tall * np.array([0.0, EAR_OVER_SHOULDER])
        if self.hands == "hanging":
            elbow = shoulder - tall * np.array([0.0, _UPPER_ARM])
            wrist = elbow - tall * np.array([0.0, _FOREARM])
        else:
            elbow = shoulder + tall * np.array([0.02, -0.15])
            wrist = elbow + tall * np.array([0.12, 0.05])
        heel_up = np.radians(self.heel_deg * self.depth(time_s))
        toe = tall * np.array([0.11, -ANKLE_HEIGHT])
        heel = toe + 0.15 * tall * np.array([-np.cos(heel_up), np.sin(heel_up)])
        nose = ear + tall * np.array([0.06, 0.0])
        points = np.zeros((33, 3))
        points[:, :2] = nose
        points[Landmark.EAR : Landmark.EAR + 2, :2] = ear
        places = {
            Landmark.SHOULDER: (shoulder, _SHOULDERS),
            Landmark.ELBOW: (elbow, _SHOULDERS),
            Landmark.WRIST: (wrist, 0.6 * _SHOULDERS),
            Landmark.HIP: (hip, 0.10),
            Landmark.KNEE: (knee, 0.14),
            Landmark.ANKLE: (ankle, 0.14),
            Landmark.HEEL: (heel, 0.13),
            Landmark.TOE: (toe, 0.17),
        }
        for index, (place, apart) in places.items():
            points[index : index + 2, :2] = place
            points[index : index + 2, 2] = 0.5 * apart * tall * np.array([1.0, -1.0])
        points[17:23] = np.tile(points[15:17], (3, 1))  # fingers
        return points

    def xy_px(self, time_s: float) -> NDArray[np.float64]:
        """Return the landmarks in the film, shape (33, 2), y down."""
        return self._project(self.body(time_s), time_s)

    def detection(self, time_s: float) -> Detection:
        """Return what a perfect pose model would see in the whole film."""
        body = self.body(time_s)
        hips = body[Landmark.HIP : Landmark.HIP + 2].mean(axis=0)
        metres = (body - hips) * 1.75 / self.height_px
        turn, facing = np.radians(self.yaw_deg), facing_of(self.side)
        world = np.stack(
            [
                facing * metres[:, 0] * np.cos(turn) + metres[:, 2] * np.sin(turn),
                -metres[:, 1],
                metres[:, 2] * facing * np.cos(turn) - metres[:, 0] * np.sin(turn),
            ],
            axis=1,
        )
        visibility = np.full(33, 0.95)
        visibility[1 + (self.side == "right") :: 2] = 0.95
        visibility[11 + (self.side == "left") :: 2] = 0.6
        return Detection(xy_px=self.xy_px(time_s), world_m=world, visibility=visibility)

    def mask(
        self, time_s: float, *, size_px: tuple[int, int], zoom: float, offset_px: Curve
    ) -> NDArray[np.float32]:
        """Draw the silhouette into a part of the film.

        Parameters
        ----------
        time_s : float
        size_px : (width, height)
            Of the part.
        zoom : float
            Pixels of the part per pixel of the film.
        offset_px : ndarray, shape (2,)
            Where the film's corner lies in the part.
        """
        canvas = np.zeros((size_px[1], size_px[0]), np.uint8)
        body = self.body(time_s)[:, :2]
        tall = self.height_px

        def to_part(points: NDArray[np.float64]) -> NDArray[np.int32]:
            flat = np.column_stack([np.reshape(points, (-1, 2)), np.zeros(points.size // 2)])
            # OpenCV counts from the middle of the first pixel, in sixteenths here.
            part = self._project(flat, time_s) * zoom + offset_px
            if self.side == "left":
                part[:, 0] = size_px[0] - part[:, 0]
            part -= 0.5
            return np.round(part * 16).astype(np.int32)

        def limb(*joints: Landmark, width: float) -> None:
            line = [to_part(body[list(joints)])]
            thick = max(1, round(width * tall * zoom))
            cv2.polylines(canvas, line, isClosed=False, color=255, thickness=thick, shift=4)

        limb(Landmark.HIP, Landmark.KNEE, width=0.10)
        limb(Landmark.KNEE, Landmark.ANKLE, width=0.07)
        limb(Landmark.HEEL, Landmark.TOE, width=0.05)
        limb(Landmark.SHOULDER, Landmark.ELBOW, Landmark.WRIST, width=0.06)
        limb(Landmark.SHOULDER, Landmark.EAR, width=0.07)
        limb(Landmark.EAR, Landmark.NOSE, width=0.11)
        cv2.fillPoly(canvas, [to_part(self._trunk(time_s))], 255, cv2.LINE_AA, 4)
        # Drawn looking right and turned round, so that mirrored lifters have mirrored masks.
        canvas = canvas[:, ::-1] if self.side == "left" else canvas
        return (canvas / 255).astype(np.float32)

    def _trunk(self, time_s: float) -> NDArray[np.float64]:
        """Outline of the trunk from the neck down the curved back and up the front."""
        body = self.body(time_s)[:, :2]
        shoulder, hip = body[Landmark.SHOULDER], body[Landmark.HIP]
        axis = hip - shoulder
        behind = np.array([-axis[1], axis[0]])
        behind = behind if behind[0] < 0 else -behind
        down = np.linspace(-0.1, 1.33, 60)
        hollow = 0.048 - self.tuck_deg * self.depth(time_s) / 320
        dent = hollow * np.cos(np.clip((down - 0.48) / 0.32, -1, 1) * np.pi / 2) ** 2
        deep = 0.25 + 0.065 * (down - 0.16) - dent
        back = shoulder + down[:, None] * axis + deep[:, None] * behind
        front = shoulder + down[::-1, None] * axis - 0.2 * behind
        return np.concatenate([back, front])

    def _project(self, body: NDArray[np.float64], time_s: float) -> NDArray[np.float64]:
        turn, facing = np.radians(self.yaw_deg), facing_of(self.side)
        across = facing * body[:, 0] * np.cos(turn) + body[:, 2] * np.sin(turn)
        x, y = self.ankle_px
        return np.stack([x + self.walk_px_per_s * time_s + across, y - body[:, 1]], axis=1)


def track_of(lifter: Lifter, times_s: Sequence[float] | Curve) -> PoseTrack:
    """Follow one lifter over a film without any error."""
    times = [float(t) for t in times_s]
    return PoseTrack.from_detections(
        times, [lifter.detection(t) if lifter.is_there(t) else None for t in times]
    )


class NoCorrection(Estimator):
    """Networks that find nothing to correct: what remains is the first guess."""

    def __init__(self, *, sd_deg: float = 3.0) -> None:
        nothing = np.zeros(1)
        super().__init__(
            mean=nothing,
            spread=nothing,
            layers=(),
            unit=nothing,
            widen=np.array([sd_deg]),
            sha256="no correction",
        )

    def estimate(self, features: NDArray[np.float64]) -> Estimates:
        """Say 0 of everything, always as surely."""
        value = np.zeros((len(features), len(OUTPUTS)))
        return Estimates(value=value, sd=np.full(value.shape, float(self.widen[0])))


def swap_sides(per_landmark: NDArray[np.float64], *, axis: int) -> NDArray[np.float64]:
    """Give every left landmark's values to the right one and the other way round."""
    order = np.arange(33)
    for low, high in ((1, 4), (2, 5), (3, 6)):
        order[[low, high]] = high, low
    for left in range(7, 33, 2):
        order[[left, left + 1]] = left + 1, left
    return np.take(per_landmark, order, axis=axis)


def mirrored(track: PoseTrack, *, width_px: float) -> PoseTrack:
    """Look at a track in a mirror: x turned round, left and right swapped."""
    xy = swap_sides(track.xy_px, axis=1) * [-1.0, 1.0] + [width_px, 0.0]
    world = swap_sides(track.world_m, axis=1) * [-1.0, 1.0, 1.0]
    return PoseTrack(
        time_s=track.time_s,
        xy_px=xy,
        world_m=world,
        visibility=swap_sides(track.visibility, axis=1),
    )


def write_film(
    path: Path,
    *,
    duration_s: float = 0.0,
    times_s: Sequence[float] = (),
    size_px: tuple[int, int] = (480, 440),
) -> Path:
    """Encode the ramp by which a `StickModel` knows its way."""
    wide, high = size_px
    ramp = np.full((high, wide, 3), 125.0)
    ramp[..., 0] = _DARKEST + _LEVELS * (np.arange(wide) + 0.5) / wide
    ramp[..., 2] = _DARKEST + _LEVELS * (np.arange(high)[:, None] + 0.5) / high
    picture = np.round(ramp).astype(np.uint8)

    def paint(index: int, *, width_px: int, height_px: int) -> Picture:
        return picture

    return write_clip(
        path,
        times_s=times_s or even_times(round(duration_s * 30), fps=30),
        size_px=size_px,
        codec_options={"preset": "ultrafast", "crf": "6"},
        paint=paint,
    )


class Part(np.ndarray[Any, np.dtype[np.uint8]]):
    """A picture that knows which part of the film it shows."""

    region: Region
    film_px: tuple[int, int]
    in_mirror: bool

    def check(self) -> None:
        """Compare the middle of the picture with the ramp of the film."""
        assert self.flags.c_contiguous
        assert self.shape == (self.region.height_px, self.region.width_px, 3)
        middle = self.region.points_to_film(np.array(self.shape[1::-1]) / 2)
        # In the mirror the pixel before the middle is behind it: no difference to see.
        shown = np.asarray(self[self.shape[0] // 2, self.shape[1] // 2])[[0, 2]]
        expected = _DARKEST + _LEVELS * middle / self.film_px
        assert np.abs(shown - expected).max() < 5, "this is another part of the film"


_cut = Region.cut


def _cut_and_remember(
    region: Region, frame: Frame, *, film_px: tuple[int, int], in_mirror: bool = False
) -> Part:
    part = _cut(region, frame, film_px=film_px, in_mirror=in_mirror).view(Part)
    part.region, part.film_px, part.in_mirror = region, film_px, in_mirror
    return part


@dataclass(kw_only=True)
class StickModel:
    """A pose model that sees made-up lifters; a :class:`analysis.pose.PoseModel`.

    Attributes
    ----------
    lifters : sequence of Lifter
    hidden : callable
        Whether nobody can be seen at (time_s, confidence) when following.
    opened : list of StickEstimator
        All that were opened.
    """

    lifters: Sequence[Lifter]
    hidden: Callable[[float, float], bool] = lambda time_s, confidence: False
    opened: list["StickEstimator"] = field(default_factory=list)

    sha256 = "5" * 64

    def sees(self, found: Detection) -> bool:
        """Whether somebody in the picture is found at all; for worse models to override."""
        return True

    def open(
        self, *, tracking: bool, max_people: int, masks: bool, confidence: float = CONFIDENCE
    ) -> "StickEstimator":
        """Open an estimator and remember how."""
        estimator = StickEstimator(
            model=self,
            tracking=tracking,
            max_people=max_people,
            masks=masks,
            confidence=confidence,
        )
        self.opened.append(estimator)
        return estimator


class _Remembering:
    """Has pictures remember what they show while any estimator is open, in whatever thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n_open = 0
        self._patch = mock.patch.object(Region, "cut", _cut_and_remember)

    def begin(self) -> None:
        """Count one more that is open."""
        with self._lock:
            if not self._n_open:
                self._patch.start()
            self._n_open += 1

    def end(self) -> None:
        """Count one less."""
        with self._lock:
            self._n_open -= 1
            if not self._n_open:
                self._patch.stop()


_remembering = _Remembering()


@dataclass(kw_only=True)
class StickEstimator:
    """Sees the lifters of its model in whatever part of the film it is shown."""

    model: StickModel
    tracking: bool
    max_people: int
    masks: bool
    confidence: float
    n_pictures: int = 0
    is_open: bool = False

    def __enter__(self) -> Self:
        """Have pictures remember what they show."""
        _remembering.begin()
        self.is_open = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; a closed one must not be used again."""
        _remembering.end()
        self.is_open = False

    def forget(self) -> None:
        """Nothing is remembered from picture to picture."""

    def pause(self) -> None:
        """Nor is anything smoothed."""

    def detect(self, rgb: Picture, *, time_s: float) -> list[Detection]:
        """Return the lifters whose hips are in the picture, in changing order."""
        assert self.is_open
        if not isinstance(rgb, Part):
            return self.see_seed(rgb)
        rgb.check()
        self.n_pictures += 1
        if self.tracking and self.model.hidden(time_s, self.confidence):
            return []
        there = [one for one in self.model.lifters if one.is_there(time_s)]
        found = [d for one in there if self.model.sees(d := self._see(one, rgb, time_s))]
        high, wide = rgb.shape[:2]
        hips = {id(d): d.xy_px[Landmark.HIP] for d in found}
        inside = [
            d for d in found if (hips[id(d)] > 0).all() and (hips[id(d)] < (wide, high)).all()
        ]
        inside.sort(key=lambda d: abs(hips[id(d)][0] - wide / 2))
        kept = inside[: self.max_people]
        return kept[::-1] if self.n_pictures % 2 else kept

    def see_seed(self, rgb: Picture) -> list[Detection]:
        """Take no notice of a picture of another lifter, which stands on grey."""
        assert self.tracking
        assert (rgb[0, 0] == 114).all()
        return []

    def _see(self, lifter: Lifter, part: Part, time_s: float) -> Detection:
        whole, region = lifter.detection(time_s), part.region
        mask = None
        if self.masks:
            mask = lifter.mask(
                time_s,
                size_px=(region.width_px, region.height_px),
                zoom=region.scale,
                offset_px=region.points_from_film(np.zeros(2)),
            )
        seen = Detection(
            xy_px=region.points_from_film(whole.xy_px),
            world_m=whole.world_m,
            visibility=whole.visibility,
            mask=mask,
        )
        return seen.mirrored(region.width_px) if part.in_mirror else seen
