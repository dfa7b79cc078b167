"""What the estimator looks at: numbers without pixels, the same for every camera.

All lengths are shares of the lifter's leg, all positions are relative to the
middle of the hips with the lifter looking right, and everything is given three
times over: as it is now, against standing in the same film, and standing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.filtering import lowpass, without_spikes
from analysis.footage import Footage
from analysis.geometry import lean_deg, thigh_angle_deg
from analysis.pose import Landmark
from analysis.silhouette import PATCH_SIDE, RAYS, ray_ends, rays_of
from analysis.view import facing_of

Curve = NDArray[np.float64]

# A mask that breaks for a few frames throws rays far off and back.
_SPIKE_WINDOW_S = 0.2
# Angles are given in units of this many degrees, so that all features are of
# the order of one.
_ANGLE_UNIT_DEG = 30.0
_JOINTS = tuple(i for i in Landmark if i is not Landmark.HIP)
_LEG = (Landmark.HIP, Landmark.KNEE, Landmark.ANKLE)
_FOOT = (Landmark.ANKLE, Landmark.HEEL, Landmark.TOE)
_PAIRED = (Landmark.SHOULDER, Landmark.HIP, Landmark.KNEE, Landmark.ANKLE)
# Chords of the back outline by their stations (share of the way shoulder-hip):
# upper end, point between, lower end.
_CHORDS = (
    (0.15, 0.35, 1.1), (0.15, 0.5, 1.1), (0.15, 0.65, 1.1), (0.15, 0.8, 1.1), (0.15, 0.95, 1.1),
    (0.4, 0.7, 1.0), (0.5, 0.8, 1.1), (0.6, 0.9, 1.2), (0.0, 0.3, 0.6),
)  # fmt: skip
# The first guess: the middle of several points between the ends of its chord, and its degrees
# of flexion per share of the trunk: least squares over the deep frames of 20 rendered lifters
# without a bar, with the point at 0.5. Of one point alone the outline jumps where an arm parts
# from the back, a picture earlier or later by how the film was coded: over 8 winks filmed anew
# in 6 ways 6 of 88 onsets then moved by more than a frame, with the middle of five points 1.
_GUESS_CHORDS = tuple((0.15, between, 1.1) for between in (0.4, 0.45, 0.5, 0.55, 0.6))
_GUESS_DEG, _GUESS_RANGE_DEG = -350.0, (-15.0, 35.0)
# Stretches of the back outline whose direction is taken.
_STRETCHES = ((0.0, 0.25), (0.2, 0.45), (0.4, 0.65), (0.6, 0.85), (0.8, 1.05), (1.0, 1.25))
# Limbs by the rays on both of their sides, and the rays that are used: those at the
# joints meet the neighbouring limb.
_LIMBS = (("thigh_over", "thigh_under"), ("shank_front", "shank_back"))
_INNER = slice(1, 6)
# Roughness of the outline is a hundredth of the leg or less; this makes it order one.
_ROUGHNESS = 100.0
# The picture of the mask is averaged down to this many fields a side.
_FIELDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The numbers of a film, for the estimator.

    Attributes
    ----------
    moving : ndarray, shape (T, F)
        What changes from frame to frame; NaN = missing.
    fixed : ndarray, shape (G,)
        What is one number for the film.
    raw_deg : dict of ndarray, shape (T,)
        The angles of the joints as the pose model has them: thigh, shank, trunk.
    leg_px : float
    bulge, trunk : ndarray, shape (T,)
        Distance of the middle of the back's outline from its chord (median of five points,
        positive toward the chest) and shoulder to hip, in leg lengths.
    legs : ndarray, shape (T, 3, 2)
        Hip, knee and ankle in the picture, middles of left and right.
    feet : ndarray, shape (T, 6, 2)
        Ankle, heel and toe of the near side and then of the far one. Both in
        leg lengths, x forward, y down.
    rough_back : float
        Jitter of the outline of the back, in hundredths of the leg; NaN = unknown.
    """

    moving: NDArray[np.float64]
    fixed: NDArray[np.float64]
    raw_deg: dict[str, Curve]
    leg_px: float
    bulge: Curve
    trunk: Curve
    legs: NDArray[np.float64]
    feet: NDArray[np.float64]
    rough_back: float

    def first_guess_deg(self, standing: NDArray[np.bool_]) -> Curve:
        """Guess the two-bowls angle from the middle of the back's outline.

        When the lumbar spine flexes, the outline between shoulder blade and seat
        fills out: against the chord from the upper back to the seat its middle
        moves backwards. The networks correct this guess.

        Parameters
        ----------
        standing : ndarray of bool, shape (T,)

        Returns
        -------
        ndarray, shape (T,)
            Degrees of flexion against standing; 0 where the outline is missing.
        """
        frames = standing & np.isfinite(self.bulge)
        if not frames.any():
            return np.zeros(len(self.bulge))
        change = (self.bulge - np.median(self.bulge[frames])) / np.median(self.trunk[frames])
        return np.clip(np.nan_to_num(_GUESS_DEG * change), *_GUESS_RANGE_DEG)

    def against(self, standing: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Lay the features out for the estimator.

        Parameters
        ----------
        standing : ndarray of bool, shape (T,)
            Frames of standing; all frames count where there is none.

        Returns
        -------
        ndarray, shape (T, 3 F + 17 + G)
            Now, against standing, standing, feet on the ground, fixed; NaN = missing.
        """
        frames = standing if standing.any() else np.ones(len(self.moving), dtype=bool)
        base = _median_of(self.moving[frames])
        n = len(self.moving)
        return np.hstack(
            [
                self.moving,
                self.moving - base,
                np.repeat(base[None], n, axis=0),
                self._on_the_ground(frames),
                np.repeat(self.fixed[None], n, axis=0),
            ]
        )

    def _on_the_ground(self, standing: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Use that feet stay where they are, and legs as long as they are; shape (T, 17).

        Deep in a squat the landmarks of the feet wander by up to a hand's width,
        while the feet that were seen in standing have not moved. From there and
        from the hip the law of cosines says where the knee is.
        """
        drift = self.feet - _median_of(self.feet[standing].reshape(-1, 12)).reshape(6, 2)
        hip, knee, _ = np.moveaxis(self.legs, 1, 0)
        ankle = np.broadcast_to(_median_of(self.legs[standing][:, 2]), hip.shape)
        lengths = np.linalg.norm(np.diff(self.legs, axis=1), axis=2)
        thigh_length, shank_length = usual = _median_of(lengths[standing])
        reach = np.clip(
            np.linalg.norm(hip - ankle, axis=1),
            abs(thigh_length - shank_length) + 1e-6,
            thigh_length + shank_length,
        )
        cosine = (reach**2 + shank_length**2 - thigh_length**2) / (2 * reach * shank_length)
        bend = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
        shank = lean_deg(ankle, hip, facing=1.0) + bend
        turn = np.radians(shank)
        there = ankle + shank_length * np.stack([np.sin(turn), -np.cos(turn)], axis=1)
        thigh = thigh_angle_deg(hip, there, facing=1.0)
        seen = lean_deg(ankle, knee, facing=1.0)
        angles = (shank - self.raw_deg["shank"], thigh - self.raw_deg["thigh"], seen - shank)
        return np.hstack(
            [drift.reshape(-1, 12), np.stack(angles, axis=1) / _ANGLE_UNIT_DEG, lengths / usual]
        )


def make_features(
    footage: Footage, joints_px: NDArray[np.float64], *, leg_px: float, yaw_deg: float
) -> Features:
    """Turn footage into features.

    Parameters
    ----------
    footage : Footage
    joints_px : ndarray, shape (T, 33, 2)
        Smoothed landmarks in pixels of the film, the picture's tilt set right.
    leg_px : float
        Length of the leg.
    yaw_deg : float
        Turn of the camera; NaN counts as 0.

    Returns
    -------
    Features
    """
    facing = facing_of(footage.side)
    near = 0 if footage.side == "left" else 1
    time_s = footage.track.time_s
    middles = {i: joints_px[:, i : i + 2].mean(axis=1) for i in Landmark}
    hip = middles[Landmark.HIP]
    raw = {
        "thigh": thigh_angle_deg(hip, middles[Landmark.KNEE], facing=facing),
        "shank": lean_deg(middles[Landmark.ANKLE], middles[Landmark.KNEE], facing=facing),
        "trunk": lean_deg(hip, middles[Landmark.SHOULDER], facing=facing),
    }
    mirror = np.array([facing, 1.0])
    places = [(middles[i] - hip) * mirror / leg_px for i in _JOINTS]
    apart = [
        (joints_px[:, i + 1 - near] - joints_px[:, i + near]) * mirror / leg_px for i in _PAIRED
    ]
    rays = _steady(time_s, footage.ray_px) / leg_px
    back = _steady(time_s, footage.back_px)
    trunk = np.hypot(*(middles[Landmark.SHOULDER] - hip).T) / leg_px
    rough_back = _roughness(footage, rays, leg_px, rays_of("back"))
    shape = [_bulges(back, _CHORDS, facing=facing) / leg_px, _directions(back, facing=facing)]
    moving = np.hstack(
        [
            *places,
            *apart,
            _world(footage, near=near, facing=facing),
            np.stack(list(raw.values()), axis=1) / _ANGLE_UNIT_DEG,
            trunk[:, None],
            rays,
            *shape,
            _limbs(footage, facing=facing),
            _fields(time_s, footage.patch),
            footage.track.visibility[:, [int(i) + near for i in Landmark]],
        ]
    )
    quality = _quality(footage, rays, leg_px, rough_back=rough_back)
    fixed = np.array([np.nan_to_num(yaw_deg) / _ANGLE_UNIT_DEG, *quality])
    return Features(
        moving=moving,
        fixed=fixed,
        raw_deg=raw,
        leg_px=leg_px,
        bulge=_median_of(_bulges(back, _GUESS_CHORDS, facing=facing).T) / leg_px,
        trunk=trunk,
        rough_back=rough_back,
        legs=np.stack([middles[i] for i in _LEG], axis=1) * mirror / leg_px,
        feet=joints_px[:, [int(i) + far for far in (near, 1 - near) for i in _FOOT]]
        * mirror
        / leg_px,
    )


def _median_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median over the first axis of what there is; NaN where there is nothing."""
    middle = np.full(values.shape[1], np.nan)
    known = np.isfinite(values).any(axis=0)
    middle[known] = np.nanmedian(values[:, known], axis=0)
    return middle


def _quality(
    footage: Footage, steady: NDArray[np.float64], leg_px: float, *, rough_back: float
) -> list[float]:
    """Numbers for how good film and mask are, from which the networks take their doubt."""
    back = rays_of("back")
    return [
        footage.body_px / leg_px,
        float(np.log(footage.body_px)),
        footage.brightness / 255.0,
        rough_back,
        _roughness(footage, steady, leg_px, slice(None)),
        float(np.isnan(steady[:, back]).mean()),
        float(np.isnan(steady).mean()),
        _mean(footage.track.visibility[footage.track.found]),
    ]


def _roughness(footage: Footage, steady: NDArray[np.float64], leg_px: float, rays: slice) -> float:
    """How far the rays jitter about their smoothed course, in hundredths of the leg."""
    return _mean(np.abs(footage.ray_px[:, rays] / leg_px - steady[:, rays])) * _ROUGHNESS


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _steady(time_s: Curve, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return lowpass(time_s, without_spikes(time_s, values, window_s=_SPIKE_WINDOW_S))


def _station(share: float) -> int:
    return int(np.abs(np.array(RAYS[0].stations) - share).argmin())


def _bulges(
    back_px: NDArray[np.float64], chords: Sequence[tuple[float, float, float]], *, facing: float
) -> NDArray[np.float64]:
    """Distances of the outline from N chords, positive toward the chest; shape (T, N)."""
    columns = []
    for chord in chords:
        upper, between, lower = (back_px[:, _station(share)] for share in chord)
        line, away = lower - upper, between - upper
        cross = line[:, 0] * away[:, 1] - line[:, 1] * away[:, 0]
        columns.append(-facing * cross / np.maximum(np.hypot(*line.T), 1e-6))
    return np.stack(columns, axis=1)


def _directions(back_px: NDArray[np.float64], *, facing: float) -> NDArray[np.float64]:
    """Lean of stretches of the back outline, in the unit of angles; shape (T, 6)."""
    columns = [
        lean_deg(back_px[:, _station(low)], back_px[:, _station(high)], facing=facing)
        for high, low in _STRETCHES
    ]
    return np.stack(columns, axis=1) / _ANGLE_UNIT_DEG


def _limbs(footage: Footage, *, facing: float) -> NDArray[np.float64]:
    """Lean of the outlines of thigh and shank and of their middle lines; shape (T, 6).

    The landmarks of the far leg are guesses, and those of the near one sit up to
    a hand's width off in deep squats; the outline of the shin does not.
    """
    ends = ray_ends(footage.track.xy_px, footage.ray_px, facing=facing)
    columns = []
    for limb in _LIMBS:
        inner = [ends[:, rays_of(name)][:, _INNER] for name in limb]
        sides = [_steady(footage.track.time_s, line) for line in inner]
        for line in (*sides, np.mean(sides, axis=0)):
            columns.append(_lean_of_line(line, facing=facing))
    turned = np.stack(columns, axis=1) - facing * np.nan_to_num(footage.roll_deg)
    return np.asarray(turned / _ANGLE_UNIT_DEG)


def _lean_of_line(points_px: NDArray[np.float64], *, facing: float) -> Curve:
    """Lean of the least-squares line through points in order; NaN with fewer than three."""
    known = np.isfinite(points_px).all(axis=2)
    place = np.where(known, np.arange(points_px.shape[1], dtype=float), np.nan)
    enough = known.sum(axis=1) >= 3
    slope = np.full((len(points_px), 2), np.nan)
    part = place[enough] - np.nanmean(place[enough], axis=1, keepdims=True)
    xy = points_px[enough] - np.nanmean(points_px[enough], axis=1, keepdims=True)
    slope[enough] = np.nansum(part[..., None] * xy, axis=1)
    return lean_deg(slope, np.zeros_like(slope), facing=facing)


def _world(footage: Footage, *, near: int, facing: float) -> NDArray[np.float64]:
    """World landmarks of the middles against the hips, in leg lengths; shape (T, 27)."""
    world = _steady(footage.track.time_s, footage.track.world_m)
    middles = {i: world[:, i : i + 2].mean(axis=1) for i in Landmark}
    leg = np.hypot.reduce(middles[Landmark.HIP] - middles[Landmark.KNEE], axis=1)
    leg = leg + np.hypot.reduce(middles[Landmark.KNEE] - middles[Landmark.ANKLE], axis=1)
    usual = float(np.nanmedian(leg)) if np.isfinite(leg).any() else np.nan
    mirror = np.array([facing, 1.0, 1.0])
    places = [(middles[i] - middles[Landmark.HIP]) * mirror / usual for i in _JOINTS]
    return np.hstack(places)


def _fields(time_s: Curve, patch: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Average the picture of the mask down to a coarse grid, 0 to 1; shape (T, 100)."""
    block = PATCH_SIDE // _FIELDS
    grid = patch.reshape(len(patch), _FIELDS, block, _FIELDS, block).mean(axis=(2, 4)) / 255.0
    return lowpass(time_s, grid.reshape(len(patch), -1))
